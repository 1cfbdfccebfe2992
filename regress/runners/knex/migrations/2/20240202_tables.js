exports.up = async knex => {
	await knex.schema.createTable('badges', t => {
		t.increments('id');
		t.integer('user_id').notNullable().references('users.id').onDelete('CASCADE');
		t.text('title').notNullable();
	});
	await knex.schema.createTable('favourites', t => {
		t.increments('id');
		t.integer('user_id').notNullable().references('users.id').onDelete('CASCADE');
		t.integer('product_id').notNullable().references('products.id');
	});
};
exports.down = () => { throw new Error('not here'); };
