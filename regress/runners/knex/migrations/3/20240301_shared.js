exports.up = async knex => {
	await knex.schema.alterTable('products', t => { t.decimal('price'); });
};
exports.down = () => { throw new Error('not here'); };
