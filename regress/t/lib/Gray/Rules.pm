# Rules.pm: which constraints rows would break, told without a database.
package Gray::Rules;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(any);
use Gray::RandomSchema qw(side_columns);
use Gray::Snapshot qw(index_of key_of);

our @EXPORT_OK = qw(broken_rules order_matters);

# Returns [ SQLSTATE, what ] for each rule that the rows of a side break.
sub broken_rules
{
	my ($schema, $rows, $side) = @_;
	return map { broken_in_table($rows, $side, $_) } @{ $schema->{tables} };
}

sub broken_in_table
{
	my ($rows, $side, $table) = @_;
	my @rows = @{ $rows->{$side}{ $table->{name} } };

	return (
		broken_not_null($side, $table, @rows),
		broken_checks($side, $table, @rows),
		(map { broken_unique($side, $_, @rows) } unique_rules($table, $side)),
		(map { broken_reference($rows, $side, $_, @rows) } grep { $_->{sides}{$side} } @{ $table->{references} }));
}

sub broken_not_null
{
	my ($side, $table, @rows) = @_;
	my @columns = grep { $_->{not_null}{$side} } side_columns($table, $side);

	return map { my $column = $_; map { $_->{v}[ $column->{no} ] eq '\N' ? [ '23502', "$table->{name}: null in $column->{name}{$side}" ] : () } @rows }
	  @columns;
}

sub broken_checks
{
	my ($side, $table, @rows) = @_;

	return map {
		my $check = $_;
		map { is_below($_->{v}[ $check->{column}{no} ], $check->{least}) ? [ '23514', "$table->{name}: $check->{name}" ] : () } @rows
	} grep { $_->{sides}{$side} && defined $_->{column}{name}{$side} } @{ $table->{checks} };
}

sub is_below
{
	my ($value, $least) = @_;
	return $value =~ /^-?\d+$/ && $value < $least;
}

sub unique_rules
{
	my ($table, $side) = @_;
	my $columns = $side eq 'gray' && $table->{gray_key} || $table->{key} || [];
	my @key = @$columns ? { columns => $columns, name => 'primary key', deferrable => $table->{key_deferrable} // '' } : ();
	return (@key, grep { $_->{sides}{$side} } @{ $table->{uniques} });
}

sub broken_unique
{
	my ($side, $unique, @rows) = @_;
	my $by_value = index_of(\@rows, @{ $unique->{columns} });

	return map { @{ $by_value->{$_} } > 1 && !/(^|\t)\*(\t|$)/ ? [ '23505', "$unique->{name} of $side: $_" ] : () } sort keys %$by_value;
}

sub broken_reference
{
	my ($rows, $side, $key, @rows) = @_;
	my @shared = $key->{shared} ? @{ $rows->{outside}{ $key->{shared}{name} } } : 1 .. 5;
	my $targets = $key->{to} ? index_of($rows->{$side}{ $key->{to}{name} }, @{ $key->{to_columns} }) : { map { $_ => 1 } @shared };

	return map {
		my $value = key_of($_, @{ $key->{columns} });
		defined $value && !$targets->{$value} ? [ '23503', "$key->{name} of $side: $value" ] : ()
	} @rows;
}

# Do updates of these rows [ old, new ] break a unique rule that is deferrable in this way,
# though not in the end?  A value that one row gives up is another's new one.
sub order_matters
{
	my ($table, $deferrable, @updates) = @_;

	foreach my $unique (grep { $_->{deferrable} =~ $deferrable } unique_rules($table, 'production'))
	{
		my %given_up;
		my @changes = grep { ($_->[0] // '') ne ($_->[1] // '') }
		  map { [ map { key_of($_, @{ $unique->{columns} }) } @$_ ] } @updates;
		$given_up{ $_->[0] } = 1 foreach grep { defined $_->[0] } @changes;
		return 1 if grep { defined $_->[1] && $given_up{ $_->[1] } } @changes;
	}
	return 0;
}

1;
