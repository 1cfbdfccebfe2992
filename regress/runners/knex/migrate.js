// Runs Knex's migrations up to version UPTO, under SEARCH_PATH, in the database that PGHOST and so on name.
const knex = require('knex')({
	client: 'pg',
	connection: {},
	searchPath: process.env.SEARCH_PATH.split(/, */),
	migrations: { directory: [1, 2, 3].filter(v => v <= process.env.UPTO).map(v => `${__dirname}/migrations/${v}`) },
});

knex.migrate.latest()
	.then(([batch, names]) => console.log(`batch ${batch}: ${names.map(n => n.split('/').pop()).join(' ')}`))
	.catch(error => { console.error(String(error)); process.exitCode = 1; })
	.finally(() => knex.destroy());
