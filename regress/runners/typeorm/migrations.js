const { Table, TableColumn, TableForeignKey, TableIndex } = require('typeorm');

const key = { name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'increment' };
const column = (name, type, more = {}) => ({ name, type, ...more });
const reference = (name, table, onDelete) => new TableForeignKey({
	columnNames: [name], referencedTableName: table, referencedColumnNames: ['id'], onDelete,
});

exports.Start1704067200000 = class Start1704067200000 {
	static version = 1;
	name = 'Start1704067200000';
	async up(q) {
		await q.createTable(new Table({ name: 'products', columns: [key, column('title', 'text')] }));
		await q.createTable(new Table({ name: 'users', columns: [key, column('name', 'text'),
			column('email', 'text', { isNullable: true, isUnique: true })] }));
		await q.createIndex('users', new TableIndex({ name: 'users_by_name', columnNames: ['name'] }));
		await q.createTable(new Table({ name: 'orders', columns: [key, column('user_id', 'int'),
			column('total', 'numeric(10,2)', { default: 0 })] }));
		await q.createForeignKey('orders', reference('user_id', 'users'));
	}
};
exports.Columns1706745600000 = class Columns1706745600000 {
	static version = 2;
	name = 'Columns1706745600000';
	async up(q) {
		await q.addColumn('users', new TableColumn(column('nickname', 'text', { isNullable: true })));
		await q.dropIndex('users', 'users_by_name');
		await q.addColumn('orders', new TableColumn(column('note', 'text', { default: "'none'" })));
	}
};
exports.Tables1706832000000 = class Tables1706832000000 {
	static version = 2;
	name = 'Tables1706832000000';
	async up(q) {
		await q.createTable(new Table({ name: 'badges', columns: [key, column('user_id', 'int'), column('title', 'text')] }));
		await q.createForeignKey('badges', reference('user_id', 'users', 'CASCADE'));
		await q.createTable(new Table({ name: 'favourites',
			columns: [key, column('user_id', 'int'), column('product_id', 'int')] }));
		await q.createForeignKey('favourites', reference('user_id', 'users', 'CASCADE'));
		await q.createForeignKey('favourites', reference('product_id', 'products'));
	}
};
exports.Shared1709251200000 = class Shared1709251200000 {
	static version = 3;
	name = 'Shared1709251200000';
	async up(q) {
		await q.query('ALTER TABLE products ADD price numeric');
	}
};
