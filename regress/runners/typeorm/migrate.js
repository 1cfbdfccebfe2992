// Runs TypeORM's migrations up to version UPTO, under SEARCH_PATH, in the database that PGHOST and so on name.
require('reflect-metadata');
const { DataSource } = require('typeorm');

const source = new DataSource({
	type: 'postgres',
	host: process.env.PGHOST,
	port: Number(process.env.PGPORT),
	username: process.env.PGUSER,
	password: 'none',
	database: process.env.PGDATABASE,
	extra: { options: `-c search_path=${process.env.SEARCH_PATH.replace(/ /g, '')}` },
	migrations: Object.values(require('./migrations')).filter(m => m.version <= process.env.UPTO),
});

source.initialize()
	.then(() => source.runMigrations({ transaction: 'each' }))
	.then(done => console.log(done.map(m => m.name).join(' ')))
	.catch(error => { console.error(String(error)); process.exitCode = 1; })
	.finally(() => source.isInitialized && source.destroy());
