# RandomUpgrade.pm: what version 2 does to the gray tables of a random schema.
#
# Each change returns its SQL, and is noted in the schema; none if it does not fit
# the table.
package Gray::RandomUpgrade;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Mapping qw(is_pair);
use Gray::Random qw(any between chance);
use Gray::RandomDdl qw(column_definition);
use Gray::RandomSchema qw(in_order literal qualified quoted side_columns);

our @EXPORT_OK = qw(alter alter_column free_data retype_to types_from);

# Types that values have a cast to, and home again; some lose digits, some do not take
# every value.
my %retype = (
	smallint => [qw(integer text numeric)],
	integer => [ 'bigint', 'bigint', 'numeric', 'text', 'smallint', 'boolean' ],
	bigint => [qw(numeric text integer)],
	'numeric(10,2)' => [ 'numeric(12,4)', 'numeric', 'text', 'integer' ],
	numeric => [ 'text', 'numeric(12,4)' ],
	real => [ 'double precision', 'text' ],
	'double precision' => [qw(real numeric)],
	boolean => [qw(integer text)],
	'character varying(12)' => [ 'text', 'character varying(40)', 'bytea' ],
	text => [ 'character varying(12)', 'character varying(40)', 'integer', 'character(6)' ],
	'character(6)' => [ 'text', 'character varying(12)' ],
	date => [ 'timestamp without time zone', 'text' ],
	'timestamp without time zone' => [ 'timestamp with time zone', 'date', 'text' ],
	'timestamp with time zone' => [ 'timestamp without time zone', 'date' ],
	'time without time zone' => ['interval'],
	interval => ['text'],
	uuid => ['text'],
	bytea => ['text'],
	json => [qw(jsonb text)],
	jsonb => [qw(json text)],
	'integer[]' => [ 'bigint[]', 'text[]' ],
	inet => ['text'],
	int4range => ['text'],
	'bit varying' => ['text'],
	point => ['text'],
	xml => ['text'],
	'app.mood' => ['text'],
	'app.short' => ['text'],
	'app."Pair"' => ['text'],
);

my @changes = (
	(\&add_column) x 3, (\&drop_column) x 2, (\&rename_column) x 2, (\&retype_column) x 4,
	\&retype_key, \&retype_uid, \&recreate_column, \&swap_names, \&take_name, \&require_column, \&free_column,
	\&add_unique, (\&drop_unique) x 2, \&add_check, \&drop_check, (\&drop_foreign_key) x 2, \&change_default,
);

# Those that rows may be there for, on either side.
my @later_changes = (\&rename_column, \&rename_production_column, \&add_column, \&add_to_production, \&add_to_both, \&change_default, \&swap_names, \&free_column);

sub types_from
{
	my ($type) = @_;
	return @{ $retype{$type} || [] };
}

sub statements
{
	my ($schema, $count) = @_;
	my @strangers = $schema->{features}{strangers} ? grep { chance(0.7) } @{ $schema->{tables} } : ();

	return ((map { change($schema, @changes) } 1 .. $count), map { drop_foreign_key($schema, $_) } @strangers);
}

sub later_statements
{
	my ($schema) = @_;
	return change($schema, @later_changes);
}

sub change
{
	my ($schema, @choices) = @_;

	foreach (1 .. 5)
	{
		my @sql = any(@choices)->($schema, any(@{ $schema->{tables} }));
		return @sql if @sql;
	}
	return;
}

sub alter
{
	my ($table, $what) = @_;
	return 'ALTER TABLE ' . qualified($table, 'gray') . " $what";
}

sub alter_column
{
	my ($table, $column, $what) = @_;
	return alter($table, 'ALTER COLUMN ' . quoted($column->{name}{gray}) . " $what");
}

# A column of both sides that nothing depends on.
sub free_data
{
	my ($table) = @_;
	return any(grep { $_->{role} eq 'data' && !$_->{is_base} && !$_->{made_of}{gray} && !$_->{is_fixed} && !$_->{is_unnoticed} && !is_constrained($table, $_) && defined $_->{name}{production} }
		  side_columns($table, 'gray'));
}

sub is_constrained
{
	my ($table, $column) = @_;
	return grep { $_->{sides}{gray} } (grep { $_->{column} == $column } @{ $table->{checks} }),
	  grep { in_list($column, @{ $_->{columns} }) } @{ $table->{uniques} };
}

sub in_list
{
	my ($column, @columns) = @_;
	return grep { $_ == $column } @columns;
}

#
# Columns come and go
#

my %volatile = (
	uuid => 'gen_random_uuid()', 'timestamp with time zone' => 'clock_timestamp()', 'double precision' => 'random()',
	text => q{md5(random()::text)},
);

sub add_column
{
	my ($schema, $table) = @_;
	my $number = @{ $table->{columns} };
	my $is_volatile = chance(0.2);
	my $type = $is_volatile ? any(sort keys %volatile) : any(Gray::Random::types());
	my $column = $schema->add_column($table, "new$number", $type);

	$column->{name}{production} = undef;
	$column->{volatile} = $is_volatile;
	$column->{default}{gray} = $is_volatile ? $volatile{$type} : chance(0.6) ? literal(Gray::Random::random_value($type)) . "::$type" : undef;
	$column->{not_null}{gray} = defined $column->{default}{gray} && chance(0.5);
	return alter($table, 'ADD COLUMN ' . column_definition($column, 'gray'));
}

sub add_to_production
{
	my ($schema, $table) = @_;
	my $type = any(Gray::Random::types());
	my $column = $schema->add_column($table, 'late' . @{ $table->{columns} }, $type);

	$column->{name}{gray} = undef;
	$column->{made}{production} = ++$schema->{clock};
	$column->{default}{production} = literal(Gray::Random::random_value($type)) if chance(0.5);
	return 'ALTER TABLE ' . qualified($table, 'production') . ' ADD COLUMN ' . column_definition($column, 'production');
}

# A pair by its name.
sub add_to_both
{
	my ($schema, $table) = @_;
	my $column = $schema->add_column($table, 'both' . @{ $table->{columns} }, any(Gray::Random::types()));

	$column->{made}{$_} = ++$schema->{clock} foreach qw(production gray);
	return map { 'ALTER TABLE ' . qualified($table, $_) . ' ADD COLUMN ' . column_definition($column, $_) } qw(production gray);
}

sub drop_column
{
	my ($schema, $table) = @_;
	my $column = free_data($table) or return;
	my $name = $column->{name}{gray};

	return if $column->{not_null}{production} && !defined $column->{default}{production};
	$column->{name}{gray} = undef;
	return alter($table, 'DROP COLUMN ' . quoted($name));
}

# Dropped and added again under the same name: the columns are paired by it, when that
# is noticed (at gray_open at the latest); until then it must not be renamed.
sub recreate_column
{
	my ($schema, $table) = @_;
	my $column = free_data($table) or return;

	return if $column->{name}{gray} ne $column->{name}{production};
	$column->{is_unnoticed} = 1;
	$column->{not_null}{gray} = 0;
	$column->{default}{gray} = undef;
	$column->{type}{gray} = any(@{ $retype{ $column->{type}{production} } }) if chance(0.3) && $retype{ $column->{type}{production} };
	return (
		alter($table, 'DROP COLUMN ' . quoted($column->{name}{gray})),
		alter($table, 'ADD COLUMN ' . column_definition($column, 'gray')));
}

#
# Names
#

sub rename_to
{
	my ($table, $column, $side, $name) = @_;
	my $old = $column->{name}{$side};

	$column->{name}{$side} = $name;
	return 'ALTER TABLE ' . qualified($table, $side) . ' RENAME COLUMN ' . quoted($old) . ' TO ' . quoted($name);
}

# Once the release is open, the fence may not notice that a column that leads to the
# owner has another name.
sub rename_column
{
	my ($schema, $table, $side) = @_;
	$side //= 'gray';
	my $fixed = $schema->{is_open} && !$schema->{features}{later_renames} ? qr/touched|uid|path|key|number/ : qr/touched/;
	my $column = any(grep { $_->{role} !~ $fixed && !$_->{is_fixed} && !$_->{is_unnoticed} } side_columns($table, $side)) or return;
	return rename_to($table, $column, $side, "renamed " . ++$schema->{counter});
}

sub rename_production_column
{
	my ($schema, $table) = @_;
	return rename_column($schema, $table, 'production');
}

sub swap_names
{
	my ($schema, $table) = @_;
	my ($one, $other) = map { free_data($table) } 1, 2;
	return if !$one || $one == $other;
	my ($name, $other_name) = map { $_->{name}{gray} } $one, $other;

	return (
		rename_to($table, $one, 'gray', 'between'),
		rename_to($table, $other, 'gray', $name),
		rename_to($table, $one, 'gray', $other_name));
}

# A column takes the name of one that is dropped.
sub take_name
{
	my ($schema, $table) = @_;
	my ($heir, $gone) = map { free_data($table) } 1, 2;
	return if !$heir || $heir == $gone;
	my $name = $gone->{name}{gray};

	return if $gone->{not_null}{production} && !defined $gone->{default}{production};
	$gone->{name}{gray} = undef;
	return (alter($table, 'DROP COLUMN ' . quoted($name)), rename_to($table, $heir, 'gray', $name));
}

#
# Types
#

sub retype_to
{
	my ($table, $column, $type) = @_;
	my $name = quoted($column->{name}{gray});

	$column->{type}{gray} = $type;
	$column->{default}{gray} = undef;
	return (alter_column($table, $column, 'DROP DEFAULT'), alter_column($table, $column, "TYPE $type USING $name\::$type"));
}

sub retype_column
{
	my ($schema, $table) = @_;
	my $column = free_data($table) or return;

	return if $column->{type}{gray} ne $column->{type}{production} || !$retype{ $column->{type}{gray} };
	return retype_to($table, $column, any(@{ $retype{ $column->{type}{gray} } }));
}

# Foreign keys go over two integer types.
sub retype_key
{
	my ($schema, $table) = @_;
	my ($column) = grep { $_->{role} =~ /key|number/ && $_->{type}{gray} eq 'integer' && !$_->{identity} } @{ $table->{key} || [] };

	return if !$column || $column->{serial} || $table->{partitioned};
	return retype_to($table, $column, 'bigint');
}

my %wider = (smallint => 'integer', integer => 'bigint', 'character varying(12)' => 'text', 'app.login' => 'text');

# Of one table; the others' foreign keys go over two types, too.
sub retype_uid
{
	my ($schema, $table) = @_;
	my $column = $table->{uid} or return;
	my $type = $wider{ $column->{type}{gray} };

	return if !$type || $table->{partitioned};
	return retype_to($table, $column, $type);
}

#
# Constraints
#

sub require_column
{
	my ($schema, $table) = @_;
	my $column = free_data($table) or return;

	return if $column->{not_null}{gray};
	$column->{not_null}{gray} = 1;
	return alter_column($table, $column, 'SET NOT NULL');
}

sub free_column
{
	my ($schema, $table) = @_;
	my $column = free_data($table) or return;

	return if !$column->{not_null}{gray};
	$column->{not_null}{gray} = 0;
	return alter_column($table, $column, 'DROP NOT NULL');
}

# Later not of a column that only gray has: whether a row that nobody wrote since keeps the
# value of the old default depends on whether it had to be compared.
sub change_default
{
	my ($schema, $table) = @_;
	my $column = any(grep { $_->{role} eq 'data' && !$_->{made_of}{gray} && (!$schema->{is_open} || is_pair($_)) } side_columns($table, 'gray')) or return;

	$column->{volatile} = 0;
	$column->{default}{gray} = literal(Gray::Random::random_value($column->{type}{gray})) . "::$column->{type}{gray}";
	return alter_column($table, $column, "SET DEFAULT $column->{default}{gray}");
}

my $comparable = qr/^(smallint|integer|bigint|uuid|date|character varying.*|text)$/;

sub add_unique
{
	my ($schema, $table) = @_;
	my $column = any(grep { $_->{role} =~ /data|place/ && $_->{type}{gray} =~ $comparable && !defined $_->{default}{gray} }
		  side_columns($table, 'gray'));

	return if !$column || $table->{partitioned};
	my $unique = $schema->add_unique($table, [ $table->{uid} || $table->{path}[0][0], $column ],
		any('', ' DEFERRABLE'), gray => 1);
	return alter($table, 'ADD ' . Gray::RandomDdl::unique_definition($unique, 'gray'));
}

sub drop_constraint
{
	my ($table, $constraint) = @_;

	$constraint->{sides}{gray} = 0;
	return alter($table, 'DROP CONSTRAINT ' . quoted($constraint->{name}));
}

sub drop_unique
{
	my ($schema, $table) = @_;
	my $unique = any(grep { $_->{sides}{gray} && !$_->{whole} } @{ $table->{uniques} }) or return;
	return drop_constraint($table, $unique);
}

sub add_check
{
	my ($schema, $table) = @_;
	my $column = any(grep { $_->{role} eq 'data' && $_->{type}{gray} =~ /^(smallint|integer|bigint)$/ } side_columns($table, 'gray')) or return;
	my $check = $schema->add_check($table, $column, gray => 1);

	$check->{least} = any(-9, 0);
	return alter($table, 'ADD ' . Gray::RandomDdl::check_definition($check, 'gray'));
}

sub drop_check
{
	my ($schema, $table) = @_;
	my $check = any(grep { $_->{sides}{gray} } @{ $table->{checks} }) or return;
	return drop_constraint($table, $check);
}

# Not one that leads to the owner.
sub drop_foreign_key
{
	my ($schema, $table) = @_;
	my $key = any(grep { $_->{sides}{gray} && $_->{columns}[0]{role} =~ /reference|kind|shared/ } @{ $table->{references} }) or return;
	return drop_constraint($table, $key);
}

1;
