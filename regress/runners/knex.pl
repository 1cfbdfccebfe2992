# Knex: an upgrade of the gray schema by its own migrations; Gray::Runner has the story.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Runner qw(play);

play(
	needs => [ 'node', '-e', 'require("knex"); require("pg")' ],
	package => 'knex of npm',
	command => [ 'node', "$FindBin::RealBin/knex/migrate.js" ],
	migrations => 'SELECT name FROM %s.knex_migrations ORDER BY id',
	before => '20240101_start.js',
	after => '20240101_start.js 20240201_columns.js 20240202_tables.js');
