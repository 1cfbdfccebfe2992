# RandomMapping.pm: upgrades that a cast will not do: what gray_map is told.
#
# Like RandomUpgrade's, each returns its SQL, and is noted in the schema; none if it does not
# fit the table.  Columns that an expression names keep their names.
package Gray::RandomMapping;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(any chance random_value);
use Gray::RandomSchema qw(literal qualified quoted side_columns);
use Gray::RandomUpgrade qw(alter free_data retype_to);

our @EXPORT_OK = qw(mapping_statements);

my @kinds = (\&split_column, \&change_unit, \&derive_column, \&fill_nulls, \&recode, \&compose_column);

sub mapping_statements
{
	my ($schema, $count) = @_;
	return map { any(@kinds)->($schema, any(@{ $schema->{tables} })) } 1 .. $count;
}

sub map_statement
{
	my ($table, $name, $column, %map) = @_;

	$column->{map}{$_} = $map{$_} foreach keys %map;
	$_->{is_fixed} = 1 foreach $column, @{ $map{reads} || [] };
	return 'SELECT gray_map(' . join(', ', literal(qualified($table, 'gray')), literal($name),
		map { "$_ => " . literal($map{$_}) } grep { defined $map{$_} } qw(up down)) . ')';
}

# A column that nothing else needs, of one of these types in production.
sub candidate
{
	my ($table, $types) = @_;
	my $column = free_data($table) or return;

	return if $column->{type}{production} !~ /^($types)$/ || $column->{type}{gray} ne $column->{type}{production};
	return $column;
}

sub new_column
{
	my ($schema, $table, $name, $type) = @_;
	my $column = $schema->add_column($table, "$name" . @{ $table->{columns} }, $type);

	$column->{name}{production} = undef;
	return $column;
}

sub added
{
	my ($table, $column) = @_;
	return alter($table, 'ADD COLUMN ' . quoted($column->{name}{gray}) . " $column->{type}{gray}");
}

# Gray's column goes; it can't be taken for the twin of another any more.
sub dropped
{
	my ($table, $column) = @_;
	my $name = $column->{name}{gray};

	$column->{name}{gray} = undef;
	$column->{is_fixed} = 1;
	return alter($table, 'DROP COLUMN ' . quoted($name));
}

# Two columns take the place of one.
sub split_column
{
	my ($schema, $table) = @_;
	my $column = candidate($table, 'text|character varying\(40\)') or return;
	my ($first, $second) = map { new_column($schema, $table, $_, 'text') } 'first', 'second';
	my ($whole, @parts) = map { quoted($_) } $column->{name}{production}, map { $_->{name}{gray} } $first, $second;

	return (
		dropped($table, $column), added($table, $first), added($table, $second),
		map_statement($table, $first->{name}{gray}, $first, up => "split_part($whole, ' ', 1)"),
		map_statement($table, $second->{name}{gray}, $second, up => "nullif(substr($whole, length(split_part($whole, ' ', 1)) + 2), '')"),
		map_statement($table, $column->{name}{production}, $column, down => "concat_ws(' ', $parts[0], $parts[1])", reads => [ $first, $second ]));
}

sub change_unit
{
	my ($schema, $table) = @_;
	my $column = candidate($table, 'smallint|integer|bigint') or return;
	my ($production, $gray) = map { quoted($column->{name}{$_}) } qw(production gray);

	return (
		retype_to($table, $column, any('numeric', 'numeric(12,4)')),
		map_statement($table, $column->{name}{gray}, $column, up => "$production / 100.0", down => "$gray * 100", reads => [$column]));
}

sub derive_column
{
	my ($schema, $table) = @_;
	my $base = candidate($table, 'text') or return;
	my $column = new_column($schema, $table, 'derived', 'integer');
	my $name = quoted($base->{name}{production});

	$base->{is_fixed} = 1;
	return (added($table, $column), map_statement($table, $column->{name}{gray}, $column, up => "length($name)"));
}

sub fill_nulls
{
	my ($schema, $table) = @_;
	my $column = free_data($table) or return;

	return if $column->{not_null}{gray} || $column->{type}{gray} ne $column->{type}{production};
	$column->{not_null}{gray} = 1;
	return (
		alter($table, 'ALTER COLUMN ' . quoted($column->{name}{gray}) . ' SET NOT NULL'),
		map_statement($table, $column->{name}{gray}, $column,
			up => 'coalesce(' . quoted($column->{name}{production}) . ', ' . literal(random_value($column->{type}{gray})) . "::$column->{type}{gray})"));
}

# More than one value of production is the same in gray.
sub recode
{
	my ($schema, $table) = @_;
	my $column = candidate($table, 'text|character varying\(12\)') or return;
	my ($production, $gray) = map { quoted($column->{name}{$_}) } qw(production gray);

	return map_statement($table, $column->{name}{gray}, $column,
		up => "CASE $production WHEN '' THEN 'NONE' ELSE upper($production) END", down => "lower($gray)", reads => [$column]);
}

# What production alone has is made of another column of gray.
sub compose_column
{
	my ($schema, $table) = @_;
	my ($column, $base) = (candidate($table, 'text|character varying\(12\)'), candidate($table, 'text|boolean|integer|date'));

	return if !$column || !$base || $column == $base;
	return (
		dropped($table, $column),
		map_statement($table, $column->{name}{production}, $column, down => "'was ' || " . quoted($base->{name}{gray}) . '::text', reads => [$base]));
}

1;
