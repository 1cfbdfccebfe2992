class Columns < ActiveRecord::Migration[6.1]
	def change
		add_column :users, :nickname, :text
		remove_index :users, :name
		add_column :orders, :note, :text, null: false, default: 'none'
	end
end
