# A key to a table that both versions use names the table with its schema: under v2, v2_shared a view has its name.
class Tables < ActiveRecord::Migration[6.1]
	def change
		create_table(:badges) do |t|
			t.references :user, null: false, foreign_key: { on_delete: :cascade }
			t.text :title, null: false
		end
		create_table(:favourites) do |t|
			t.references :user, null: false, foreign_key: { on_delete: :cascade }
			t.references :product, null: false, foreign_key: { to_table: 'public.products' }
		end
	end
end
