exports.up = async knex => {
	await knex.schema.createTable('products', t => { t.increments('id'); t.text('title').notNullable(); });
	await knex.schema.createTable('users', t => {
		t.increments('id');
		t.text('name').notNullable().index();
		t.text('email').unique();
	});
	await knex.schema.createTable('orders', t => {
		t.increments('id');
		t.integer('user_id').notNullable().references('users.id');
		t.decimal('total').notNullable().defaultTo(0);
	});
};
exports.down = () => { throw new Error('not here'); };
