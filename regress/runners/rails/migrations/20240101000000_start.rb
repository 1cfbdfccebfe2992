class Start < ActiveRecord::Migration[6.1]
	def change
		create_table(:products) { |t| t.text :title, null: false }
		create_table(:users) do |t|
			t.text :name, null: false, index: true
			t.text :email, index: { unique: true }
		end
		create_table(:orders) do |t|
			t.references :user, null: false, foreign_key: true
			t.decimal :total, precision: 10, scale: 2, null: false, default: 0
		end
	end
end
