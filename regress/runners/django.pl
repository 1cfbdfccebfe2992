# Django: an upgrade of the gray schema by its own migrations; Gray::Runner has the story.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Runner qw(play);

play(
	needs => [ '/usr/bin/python3', '-c', 'import django, psycopg2' ],
	package => 'python3-django',
	command => [ '/usr/bin/python3', "$FindBin::RealBin/django/manage.py" ],
	migrations => 'SELECT name FROM %s.django_migrations ORDER BY id',
	before => '0001_start',
	after => '0001_start 0002_columns 0003_tables');
