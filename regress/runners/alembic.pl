# Alembic: an upgrade of the gray schema by its own migrations; Gray::Runner has the story.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Runner qw(play);

play(
	needs => [ '/usr/bin/python3', '-c', 'import alembic, psycopg2' ],
	package => 'python3-alembic',
	command => [ '/usr/bin/python3', "$FindBin::RealBin/alembic/migrate.py" ],
	migrations => 'SELECT version_num FROM %s.alembic_version',
	before => 'a1',
	after => 'b2');
