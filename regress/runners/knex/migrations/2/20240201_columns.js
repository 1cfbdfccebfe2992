exports.up = async knex => {
	await knex.schema.alterTable('users', t => { t.text('nickname'); t.dropIndex('name'); });
	await knex.schema.alterTable('orders', t => { t.text('note').notNullable().defaultTo('none'); });
};
exports.down = () => { throw new Error('not here'); };
