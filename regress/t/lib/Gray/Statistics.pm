# Statistics.pm: what PostgreSQL believes of tables, at random: nothing, what was true once, or
# what never was.
package Gray::Statistics;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(any chance);

our @EXPORT_OK = qw(believe_anything);

# Those of both sides and the release's own; PostgreSQL's checks of what refers to them have plans
# of their own, which are not in question.
my $all_tables = q{SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
	AND (n.nspname IN ('app', 'v2') AND c.relname !~ '^ref_' OR n.nspname = 'gray' AND c.relname ~ '^(state|cohort|stay|attempt|kept)_[0-9]')};

sub some_tables
{
	return $all_tables . any('', ' AND random() < 0.5', q{ AND n.nspname = 'v2'}, q{ AND n.nspname = 'app'});
}

# The tables and their indexes.
sub sizes
{
	my $pages = any('0', '1', '10', 'relpages', '1000000', '2147483647', '(random() * 10)::int', '(10 ^ (random() * 9))::int');
	my $rows = any('-1', '0', '1', 'reltuples', '1e9', '1e30', '(random() * 1000)::int', '10 ^ (random() * 12)');
	my $visible = any('0', 'relpages', 'relallvisible');

	return "UPDATE pg_class SET relpages = $pages, reltuples = $rows, relallvisible = $visible"
	  . ' WHERE oid IN (SELECT t FROM some_tables UNION SELECT indexrelid FROM pg_index, some_tables WHERE indrelid = t)';
}

sub distributions
{
	my $distinct = any('1', '2', '-1', '0', '100000', '-0.0001', 'random() * 10', '-random()');
	my $nulls = any('0', '0.5', '1', 'random()');
	my $width = any(1, 10, 5000);

	return any(
		'DELETE FROM pg_statistic USING some_tables WHERE starelid = t',
		"UPDATE pg_statistic SET stadistinct = $distinct, stanullfrac = $nulls, stawidth = $width FROM some_tables WHERE starelid = t");
}

# What happens to a table in use. Without TRUNCATE: as when somebody reads it meanwhile.
sub housekeeping
{
	my ($table) = @_;

	return any("VACUUM (TRUNCATE false) $table", "VACUUM (TRUNCATE false, ANALYZE) $table", "VACUUM $table", "ANALYZE $table",
		"BEGIN; INSERT INTO $table SELECT * FROM $table; ROLLBACK");
}

# Returns what it did; the tables are those that anything happens to.
sub believe_anything
{
	my ($session, @tables) = @_;
	my @did = map { housekeeping($_) } grep { chance(0.3) } @tables;

	push @did, 'SET allow_system_table_mods = on', 'CREATE TEMP TABLE some_tables AS SELECT oid AS t FROM (' . some_tables() . ') AS s';
	push @did, sizes() if chance(0.8);
	push @did, distributions() if chance(0.6);
	push @did, 'DROP TABLE some_tables';
	$session->run($_) foreach @did;
	return @did;
}

1;
