// Runs Umzug's migrations, of Sequelize, up to version UPTO, under SEARCH_PATH, in the database that PGHOST and so on
// name.
const { Sequelize } = require('sequelize');
const { Umzug, SequelizeStorage } = require('umzug');

const sequelize = new Sequelize(process.env.PGDATABASE, process.env.PGUSER, '', {
	dialect: 'postgres',
	host: process.env.PGHOST,
	port: process.env.PGPORT,
	logging: false,
	schema: process.env.SEARCH_PATH.split(',')[0], // Sequelize writes it before the names of tables that it alters
	dialectOptions: { options: `-c search_path=${process.env.SEARCH_PATH.replace(/ /g, '')}` },
});
const umzug = new Umzug({
	migrations: require('./migrations').filter(m => m.version <= process.env.UPTO).map(m => ({
		name: m.name,
		up: () => m.up(sequelize.getQueryInterface(), Sequelize.DataTypes),
	})),
	storage: new SequelizeStorage({ sequelize }),
	logger: undefined,
});

umzug.up()
	.then(done => console.log(done.map(m => m.name).join(' ')))
	.catch(error => { console.error(String(error)); process.exitCode = 1; })
	.finally(() => sequelize.close());
