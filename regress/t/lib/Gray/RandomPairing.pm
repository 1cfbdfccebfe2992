# RandomPairing.pm: columns of a random schema that get, lose or change their twin while users
# are in gray.
#
# Each change returns its SQL and a function that notes it in the schema once it is done, for it
# may be refused by the values that there are; nothing if it does not fit the table.  A
# column's made and altered say when, by the schema's clock, as a user's stay has it in the oracle.
package Gray::RandomPairing;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Mapping qw(is_pair is_verbatim);
use Gray::Random qw(any chance random_value);
use Gray::RandomDdl qw(column_definition);
use Gray::RandomSchema qw(literal qualified quoted side_columns);
use Gray::RandomUpgrade qw(types_from);

our @EXPORT_OK = qw(pairing_change);

my @changes = ((\&give_twin) x 4, (\&drop_in_production) x 2, \&drop_in_gray, (\&add_in_gray) x 3, (\&retype) x 2, (\&change_meaning) x 2);

sub pairing_change
{
	my ($schema) = @_;

	foreach (1 .. 9)
	{
		my $table = any(grep { $_->{key} } @{ $schema->{tables} }) or return;
		my @change = any(@changes)->($schema, $table);
		return @change if @change;
	}
	return;
}

sub tick
{
	my ($schema) = @_;
	return ++$schema->{clock};
}

sub altered
{
	my ($table, $side, $what) = @_;
	return 'ALTER TABLE ' . qualified($table, $side) . " $what";
}

#
# Columns
#

# Nothing else needs it, on either side.
sub is_free
{
	my ($table, $column) = @_;
	my @needed = ((map { $_->{column} } @{ $table->{checks} }), map { @{ $_->{columns} } } @{ $table->{uniques} });

	return $column->{role} eq 'data' && !$column->{is_base} && !$column->{made_of}{gray} && !$column->{is_fixed} && !$column->{is_unnoticed}
	  && !$column->{map}{up} && !$column->{map}{down} && !grep { $_ == $column } @needed;
}

sub free_columns
{
	my ($table) = @_;
	return grep { is_free($table, $_) } @{ $table->{columns} };
}

sub free_pairs
{
	my ($table) = @_;
	return grep { is_verbatim($_) } free_columns($table);
}

# Has no other column of that side this name?
sub is_name_free
{
	my ($table, $side, $name) = @_;
	return !grep { $_->{name}{$side} eq $name } side_columns($table, $side);
}

# A column that one side alone has becomes a pair by its name, of the same type.
sub add_twin
{
	my ($schema, $table, $column, $side) = @_;
	my ($other) = grep { $_ ne $side } qw(production gray);
	my $type = $column->{type}{$other};
	my $value = any(undef, undef, literal(random_value($type)) . "::$type", $column->{volatile} ? undef : $column->{default}{$other});
	my %twin = (
		%$column,
		name => { $side => $column->{name}{$other} }, type => { $side => $type }, default => { $side => $value },
		not_null => { $side => $side eq 'production' && defined $value && chance(0.3) });

	return (
		altered($table, $side, 'ADD COLUMN ' . column_definition(\%twin, $side)),
		sub {
			$column->{$_}{$side} = $twin{$_}{$side} foreach qw(name type default not_null);
			$column->{made}{$side} = tick($schema);
			$column->{is_unnoticed} = 1;
		});
}

sub give_twin
{
	my ($schema, $table) = @_;
	my $column = any(grep { !defined $_->{name}{production} && defined $_->{name}{gray} && is_name_free($table, 'production', $_->{name}{gray}) }
		  free_columns($table)) or return;
	return add_twin($schema, $table, $column, 'production');
}

sub add_in_gray
{
	my ($schema, $table) = @_;
	my $column = any(grep { !defined $_->{name}{gray} && defined $_->{name}{production} && is_name_free($table, 'gray', $_->{name}{production}) }
		  free_columns($table)) or return;
	return add_twin($schema, $table, $column, 'gray');
}

sub drop_on
{
	my ($schema, $table, $column, $side) = @_;
	return (
		altered($table, $side, 'DROP COLUMN ' . quoted($column->{name}{$side})),
		sub { $column->{name}{$side} = undef; tick($schema) });
}

# What stays of the pair on the other side would become one with another column of that name.
sub finds_namesake
{
	my ($table, $column, $side) = @_;
	my $name = $column->{name}{ $side eq 'gray' ? 'production' : 'gray' };
	return $name ne $column->{name}{$side} && !is_name_free($table, $side, $name);
}

sub drop_in_production
{
	my ($schema, $table) = @_;
	my $column = any(grep { (!$_->{not_null}{gray} || defined $_->{default}{gray}) && !finds_namesake($table, $_, 'production') } free_pairs($table)) or return;
	return drop_on($schema, $table, $column, 'production');
}

# What was kept of it is gone with it.
sub drop_in_gray
{
	my ($schema, $table) = @_;
	my $column = any(grep { !finds_namesake($table, $_, 'gray') } free_pairs($table)) or return;
	my ($sql, $note) = drop_on($schema, $table, $column, 'gray');

	return if $column->{not_null}{production} && !defined $column->{default}{production};
	return ($sql, $note, [ $table->{name}, $column ]);
}

#
# Types; once only, for a column
#

sub alter_type
{
	my ($schema, $table, $column, $type, $side, $using, $event) = @_;
	my $name = quoted($column->{name}{$side});

	return (
		altered($table, $side, "ALTER COLUMN $name DROP DEFAULT, ALTER COLUMN $name TYPE $type USING $using"),
		sub {
			$column->{type}{$side} = $type;
			$column->{default}{$side} = undef;
			$column->{$event} = tick($schema);
			$column->{is_fixed} = 1;
		});
}

sub retype
{
	my ($schema, $table) = @_;
	my $column = any(free_pairs($table)) or return;
	my $type = any(types_from($column->{type}{gray})) or return;
	my $side = any(qw(production gray));

	return alter_type($schema, $table, $column, $type, $side, quoted($column->{name}{$side}) . "::$type", 'altered');
}

# The values are others, by what only the ALTER TABLE says.
sub change_meaning
{
	my ($schema, $table) = @_;
	my $column = any(grep { $_->{type}{gray} =~ /^(smallint|integer|bigint|numeric.*)$/ } free_pairs($table)) or return;
	my $side = any(qw(production gray));
	my $using = quoted($column->{name}{$side}) . any(' / 100', ' * 2', ' + 1');

	return alter_type($schema, $table, $column, $column->{type}{$side}, $side, "($using)::$column->{type}{$side}", 'changed_meaning');
}

1;
