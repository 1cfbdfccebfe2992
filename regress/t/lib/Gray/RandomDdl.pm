# RandomDdl.pm: the SQL that creates a random schema in production.
package Gray::RandomDdl;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Mapping qw(computed_of is_computed);
use Gray::Random qw(any chance);
use Gray::RandomSchema qw(in_order literal qualified quoted side_columns);

our @EXPORT_OK = qw(column_definition create_statements generated_expression);

# What trigger functions do is seen in a column or a row, each time they run.
my @before = (
	'CREATE SCHEMA app',
	q{CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy')},
	q{CREATE TYPE app."Pair" AS (a integer, b text)},
	q{CREATE DOMAIN app.short AS varchar(9) CHECK (value <> 'never')},
	q{CREATE DOMAIN app.login AS text CHECK (value <> '')},
	'CREATE TABLE app.kinds (id integer PRIMARY KEY)',
	'INSERT INTO app.kinds SELECT generate_series(1, 5)',
	'CREATE TABLE app.audit (what text)',
	q{CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN NEW.touched := coalesce(NEW.touched, 0) + 1; RETURN NEW; END'},
	q{CREATE FUNCTION app.write_down() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN INSERT INTO app.audit VALUES (TG_TABLE_NAME || TG_OP); RETURN NULL; END'},
);

sub create_statements
{
	my ($schema) = @_;

	return (@before, (map { shared_statements($_) } @{ $schema->{shared} }), (map { table_statements($_) } @{ $schema->{tables} }),
		(map { foreign_key_statements($_) } @{ $schema->{tables} }), map { referrer_statement($_) } @{ $schema->{outside} });
}

sub table_statements
{
	my ($table) = @_;
	my $name = qualified($table, 'production');
	my @dropped = @{ $table->{dropped} || [] };
	my @parts = map { column_definition($_, 'production') } @{ $table->{columns} };

	splice @parts, any(0 .. @parts), 0, quoted($_->[0]) . " $_->[1]" foreach @dropped;
	push @parts, 'PRIMARY KEY (' . in_order('production', @{ $table->{key} }) . ')' . ($table->{key_deferrable} // '') if $table->{key};
	push @parts, map { unique_definition($_, 'production') } @{ $table->{uniques} };
	push @parts, map { check_definition($_, 'production') } @{ $table->{checks} };
	return (
		"CREATE TABLE $name (\n\t" . join(",\n\t", @parts) . "\n)" . partition_clause($table),
		partition_statements($table),
		(map { "ALTER TABLE $name DROP COLUMN " . quoted($_->[0]) } @dropped),
		trigger_statements($table, $name),
		chance(0.5) ? "CREATE INDEX ON $name (" . in_order('production', $table->{uid} || $table->{path}[0][0]) . ')' : ());
}

sub column_definition
{
	my ($column, $side) = @_;
	my $type = $column->{serial} ? { integer => 'serial', bigint => 'bigserial' }->{ $column->{type}{production} } : $column->{type}{$side};

	return quoted($column->{name}{$side}) . " $type"
	  . (is_computed($column, $side) ? ' GENERATED ALWAYS AS (' . generated_expression($column, $side) . ') STORED' : '')
	  . ($column->{identity} ? " GENERATED $column->{identity} AS IDENTITY" : '')
	  . (defined $column->{default}{$side} ? " DEFAULT $column->{default}{$side}" : '')
	  . ($column->{not_null}{$side} ? ' NOT NULL' : '');
}

sub generated_expression
{
	my ($column, $side) = @_;
	my $base = $column->{from} || $column->{made_of}{$side};

	return computed_of(quoted($base->{name}{$side}));
}

sub unique_definition
{
	my ($unique, $side) = @_;
	return 'CONSTRAINT ' . quoted($unique->{name}) . ' UNIQUE (' . in_order($side, @{ $unique->{columns} }) . ")$unique->{deferrable}";
}

sub check_definition
{
	my ($check, $side) = @_;
	return 'CONSTRAINT ' . quoted($check->{name}) . ' CHECK (' . in_order($side, $check->{column}) . " >= $check->{least})";
}

#
# Partitions: by the owner or the number within the owner
#

sub partition_clause
{
	my ($table) = @_;
	my $how = $table->{partitioned} or return '';
	return " PARTITION BY $how (" . in_order('production', $how eq 'HASH' ? $table->{uid} : $table->{number}) . ')';
}

sub partition_statements
{
	my ($table) = @_;
	my $how = $table->{partitioned} or return;
	my %bounds = (
		HASH => [ 'FOR VALUES WITH (MODULUS 2, REMAINDER 0)', 'FOR VALUES WITH (MODULUS 2, REMAINDER 1)' ],
		LIST => [ q{FOR VALUES IN ('1', '2', '3', '4', '5')}, 'DEFAULT' ],
		RANGE => [ q{FOR VALUES FROM ('10') TO ('20')}, 'DEFAULT' ],
	);
	my $number = 0;

	return map { sprintf 'CREATE TABLE %s PARTITION OF %s %s', qualified({ name => "$table->{name}_" . ++$number }, 'production'),
		qualified($table, 'production'), $_ } @{ $bounds{$how} };
}

sub trigger_statements
{
	my ($table, $name) = @_;
	my $is_touched = grep { $_->{role} eq 'touched' } @{ $table->{columns} };

	return (
		$is_touched ? "CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON $name FOR EACH ROW EXECUTE FUNCTION app.touch()" : (),
		$table->{audited}
		? ("CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON $name FOR EACH ROW EXECUTE FUNCTION app.write_down()",
			"CREATE TRIGGER audit_all AFTER INSERT OR UPDATE OR DELETE ON $name FOR EACH STATEMENT EXECUTE FUNCTION app.write_down()")
		: ());
}

#
# References
#

sub foreign_key_statements
{
	my ($table) = @_;

	return map {
		sprintf 'ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s%s%s', qualified($table, 'production'),
		  quoted($_->{name}), in_order('production', @{ $_->{columns} }),
		  $_->{to} ? qualified($_->{to}, 'production') . ' (' . in_order('production', @{ $_->{to_columns} }) . ')' : $_->{shared} ? "app.$_->{shared}{name}" : 'app.kinds',
		  $_->{action}, $_->{deferrable}
	} @{ $table->{references} };
}

sub shared_statements
{
	my ($shared) = @_;
	return ("CREATE TABLE app.$shared->{name} (id integer PRIMARY KEY)", "INSERT INTO app.$shared->{name} SELECT generate_series(1, 9)");
}

sub referrer_statement
{
	my ($referrer) = @_;
	my $number = 0;
	my @columns = map { 'ref' . ++$number } @{ $referrer->{to}{key} };
	my @definitions = map { "$columns[$_] $referrer->{to}{key}[$_]{type}{production}" . ($referrer->{required} ? ' NOT NULL' : '') } 0 .. $#columns;

	return sprintf 'CREATE TABLE app.%s (id serial PRIMARY KEY, %s, FOREIGN KEY (%s) REFERENCES %s (%s)%s%s)', $referrer->{name},
	  join(', ', @definitions), join(', ', @columns), qualified($referrer->{to}, 'production'),
	  in_order('production', @{ $referrer->{to}{key} }), $referrer->{action}, $referrer->{deferrable};
}

1;
