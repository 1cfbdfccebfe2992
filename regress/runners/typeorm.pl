# TypeORM: an upgrade of the gray schema by its own migrations; Gray::Runner has the story.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Runner qw(play);

play(
	needs => [ 'node', '-e', 'require("typeorm"); require("pg")' ],
	package => 'typeorm of npm',
	command => [ 'node', "$FindBin::RealBin/typeorm/migrate.js" ],
	migrations => 'SELECT name FROM %s.migrations ORDER BY id',
	before => 'Start1704067200000',
	after => 'Start1704067200000 Columns1706745600000 Tables1706832000000');
