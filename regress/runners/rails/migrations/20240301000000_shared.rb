class Shared < ActiveRecord::Migration[6.1]
	def change
		add_column :products, :price, :decimal
	end
end
