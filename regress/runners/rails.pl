# Rails: an upgrade of the gray schema by its own migrations; Gray::Runner has the story.
#
# Active Record finds the indexes of a table in each schema of the search_path, so that it would find two for one.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Runner qw(play);

play(
	needs => [ 'ruby', '-e', 'require "active_record"; require "pg"' ],
	package => 'ruby-activerecord',
	command => [ 'ruby', "$FindBin::RealBin/rails/migrate.rb" ],
	path => 'v2, v2_shared',
	shared_views => 1,
	migrations => 'SELECT version FROM %s.schema_migrations ORDER BY version',
	before => '20240101000000',
	after => '20240101000000 20240201000000 20240202000000');
