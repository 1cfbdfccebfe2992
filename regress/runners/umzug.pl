# Umzug with Sequelize: an upgrade of the gray schema by its own migrations; Gray::Runner has the story.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Runner qw(play);

play(
	needs => [ 'node', '-e', 'require("umzug"); require("sequelize"); require("pg")' ],
	package => 'umzug of npm',
	command => [ 'node', "$FindBin::RealBin/umzug/migrate.js" ],
	migrations => 'SELECT name FROM %s."SequelizeMeta" ORDER BY name',
	before => '20240101-start',
	after => '20240101-start 20240201-columns 20240202-tables');
