const key = T => ({ type: T.INTEGER, primaryKey: true, autoIncrement: true });
const reference = (T, model) => ({
	type: T.INTEGER, allowNull: false, references: { model, key: 'id' },
	onDelete: model === 'users' ? 'CASCADE' : 'NO ACTION',
});

module.exports = [
	{ version: 1, name: '20240101-start', up: async (q, T) => {
		await q.createTable('products', { id: key(T), title: { type: T.TEXT, allowNull: false } });
		await q.createTable('users', {
			id: key(T), name: { type: T.TEXT, allowNull: false }, email: { type: T.TEXT, unique: true },
		});
		await q.addIndex('users', ['name']);
		await q.createTable('orders', {
			id: key(T), user_id: reference(T, 'users'),
			total: { type: T.DECIMAL(10, 2), allowNull: false, defaultValue: 0 },
		});
	} },
	{ version: 2, name: '20240201-columns', up: async (q, T) => {
		await q.addColumn('users', 'nickname', { type: T.TEXT });
		await q.removeIndex('users', ['name']);
		await q.addColumn('orders', 'note', { type: T.TEXT, allowNull: false, defaultValue: 'none' });
	} },
	{ version: 2, name: '20240202-tables', up: async (q, T) => {
		await q.createTable('badges', {
			id: key(T), user_id: reference(T, 'users'), title: { type: T.TEXT, allowNull: false },
		});
		await q.createTable('favourites', {
			id: key(T), user_id: reference(T, 'users'), product_id: reference(T, 'products'),
		});
	} },
	{ version: 3, name: '20240301-shared', up: async q => {
		await q.sequelize.query('ALTER TABLE products ADD price numeric');
	} },
];
