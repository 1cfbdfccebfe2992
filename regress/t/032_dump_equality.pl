# What pg_dump says of a gray table is what it says of its production table, but for
# the schema's name and the differences that are meant (Gray::Dump, docs/clone.md).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Spec;
use Gray::Dump;
use Gray::Server;
use Test::More;

my $server = Gray::Server->new('dump');
my $node = $server->{node};

# A database of this name with what is in the file.
sub database
{
	my ($name, $file) = @_;

	$server->value("CREATE DATABASE $name TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'");
	my $database = $server->in($name);
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-d', $database->conninfo, '-f', $file ],
		"$name is loaded");
	$database->value('CREATE SCHEMA extensions; CREATE EXTENSION pg_gray SCHEMA extensions');
	$database->value(qq{ALTER DATABASE $name SET search_path = "\$user", public, extensions});
	return $database;
}

# SQL that must succeed; the test goes on if it does not.
sub done
{
	my ($database, $sql) = @_;
	my $answer = $database->session->run($sql);

	is("$answer->{sqlstate} $answer->{message}", '00000 ', $sql);
	return;
}

sub literal
{
	my ($text) = @_;
	return "'" . $text =~ s/'/''/gr . "'";
}

sub regclass
{
	my ($schema, $table) = @_;
	return literal(Gray::Dump::quoted($schema) . '.' . Gray::Dump::quoted($table));
}

# The tables and views in a schema; partitions too, for they have twins as well.
sub tables_in
{
	my ($database, $schema) = @_;
	return split /\n/, $database->value(qq{SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'v')
		AND relnamespace = '$schema'::regnamespace ORDER BY 1});
}

sub same_dumps
{
	my ($dump, @tables) = @_;

	foreach my $table (@tables)
	{
		my $difference = $dump->difference($table);
		is($difference, '', "$dump->{production}: $table");
	}
	return;
}

subtest 'zoo' => sub {
	my $zoo = database('zoo', "$Gray::Server::TOP/regress/zoo.sql");
	my %uid_column = ('select' => 'user', 'typed' => 'a', q{Identity's Odd "Name"} => 'Uid');
	my @tables = grep { !/^ref[_ ]/ } tables_in($zoo, 'zoo');

	$zoo->value(q{SELECT gray_create_release('zoo', 'Gray "Zone"')});
	done($zoo, q{SELECT count(*) FROM gray_clone_tree('zoo.users', 'uid')});
	foreach my $table (split /\n/, $zoo->value(q{SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p')
		AND relnamespace = 'zoo'::regnamespace AND NOT relispartition AND relname !~ '^ref[_ ]' AND NOT EXISTS
		(SELECT FROM gray.release_table t WHERE t.production::regclass = c.oid) ORDER BY 1}))
	{
		my $column = $uid_column{$table} // 'uid';
		done($zoo, "SELECT gray_clone(@{[ regclass('zoo', $table) ]}, '$column')");
	}
	my @twins = tables_in($zoo, q{"Gray ""Zone"""});
	is_deeply(\@twins, \@tables, 'every table and view has a twin');

	my $dump = Gray::Dump->new($zoo, production => 'zoo', gray => 'Gray "Zone"', twins => \@twins);
	same_dumps($dump, @twins);
	is($zoo->value(q{SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relnamespace = '"Gray ""Zone"""'::regnamespace}),
		'0', 'and no sequence');

	# The test can fail.
	my %planted = (
		users => q{ALTER TABLE %s ALTER email SET STATISTICS 7},
		clustered => q{ALTER TABLE %s SET WITHOUT CLUSTER},
		fk_deferrable => q{ALTER TABLE %s DROP CONSTRAINT fk_deferrable_uid_fkey,
			ADD FOREIGN KEY (uid) REFERENCES zoo.users DEFERRABLE},
		comments => q{COMMENT ON COLUMN %s.a IS 'another column'},
		access_method => q{ALTER TABLE %s SET ACCESS METHOD heap},
	);
	foreach my $table (sort keys %planted)
	{
		$zoo->value(sprintf $planted{$table}, qq{"Gray ""Zone""".$table});
		isnt($dump->difference($table), '', "a difference in $table is found");
	}
};

#
# Schemas that nobody here wrote
#

# Of a known file the user's table and column; of others each table is cloned alone.
my %root = ('chinook.sql' => [ 'customer', 'customer_id' ]);
my $folder = $ENV{REALWORLD} || "$Gray::Server::TOP/../shared/realworld";
my $uid_types = q{'{smallint,integer,bigint,uuid,text,character varying}'::regtype[]};

# Schema, table, and a column that could hold a uid, of each table that has none yet.
sub tables_alone
{
	my ($database) = @_;

	return map { [ split /\t/ ] } split /\n/, $database->value(qq{
		SELECT concat_ws(E'\t', nspname, relname, attname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		CROSS JOIN LATERAL (SELECT attname FROM pg_attribute a JOIN pg_type t ON t.oid = atttypid
			WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
			AND coalesce(nullif(typbasetype, 0), t.oid) = ANY ($uid_types) ORDER BY attnum LIMIT 1) a
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname !~ '^(pg_|information_schema|gray)'
		AND NOT EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhrelid, inhparent) AND relkind = 'r')
		AND NOT EXISTS (SELECT FROM gray.release_table t WHERE t.production::regclass = c.oid) ORDER BY 1});
}

# A release with what the SQL clones into it; gone again after.
sub same_in_release
{
	my ($database, $schema, $clone) = @_;

	$database->value("SELECT gray_create_release('gray_side')");
	done($database, $clone);
	my @twins = tables_in($database, 'gray_side');
	ok(@twins > 0, 'there are twins');
	same_dumps(Gray::Dump->new($database, production => $schema, gray => 'gray_side', twins => \@twins), @twins);
	$database->value(q{SELECT gray_drop_release('gray_side'); DROP SCHEMA IF EXISTS gray_side});
	return @twins;
}

sub real_schema
{
	my ($name, $file) = @_;
	my $database = database($name, $file);
	my ($root) = map { $root{$_} } grep { $file =~ m{/\Q$_\E$} } keys %root;
	my %done;

	%done = map { $_ => 1 } same_in_release($database, 'public', "SELECT gray_clone_tree('$root->[0]', '$root->[1]')") if $root;
	foreach my $table (tables_alone($database))
	{
		my ($schema, $name_of_table, $column) = @$table;
		same_in_release($database, $schema, "SELECT gray_clone(@{[ regclass($schema, $name_of_table) ]}, @{[ literal($column) ]}, holds_uid => true)")
		  unless $schema eq 'public' && $done{$name_of_table};
	}
	return;
}

my @files = sort glob "$folder/*.sql";
my $count = 0;

foreach my $file (@files)
{
	my ($name) = $file =~ m{([^/]+)\.sql$};
	subtest "real: $name" => sub { real_schema('real_' . ++$count, $file) };
}
SKIP:
{
	skip("no *.sql in $folder: REALWORLD names the folder", 1) unless @files;
}

$node->stop;
done_testing();
