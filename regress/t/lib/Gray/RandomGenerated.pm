# RandomGenerated.pm: columns that one side of a random schema generates, and the other does not.
#
# Each change returns its SQL, and is noted in the schema; none if it does not fit the table.
package Gray::RandomGenerated;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(any chance);
use Gray::RandomDdl qw(column_definition);
use Gray::RandomSchema qw(quoted side_columns);
use Gray::RandomUpgrade qw(alter alter_column free_data);

our @EXPORT_OK = qw(generated_statements);

sub generated_statements
{
	my ($schema) = @_;
	return map { (chance(0.7) ? compute_in_gray($_) : (), chance(0.5) ? write_in_gray($_) : ()) } @{ $schema->{tables} };
}

# A plain column of production is made anew in gray, of another one.
sub compute_in_gray
{
	my ($table) = @_;
	my @plain = grep { $_->{role} eq 'data' && !%{ $_->{map} || {} } && !$_->{made_of}{gray} && defined $_->{name}{production} } side_columns($table, 'gray');
	my $base = any(grep { $_->{type}{gray} =~ /^(smallint|integer|bigint|text)$/ } @plain) or return;
	my $column = any(grep { $_ && $_ != $base && $_->{type}{production} eq 'text' && $_->{name}{gray} eq $_->{name}{production} }
		  map { free_data($table) } 1 .. 9) or return;

	$base->{is_base} = $column->{is_unnoticed} = 1;
	$column->{made_of}{gray} = $base;
	$column->{type}{gray} = 'text';
	$column->{not_null}{gray} = 0;
	$column->{default}{gray} = undef;
	return (
		alter($table, 'DROP COLUMN ' . quoted($column->{name}{gray})),
		alter($table, 'ADD COLUMN ' . column_definition($column, 'gray')));
}

# What production generates is a plain column in gray.
sub write_in_gray
{
	my ($table) = @_;
	my $column = any(grep { $_->{from} && !$_->{plain}{gray} } side_columns($table, 'gray')) or return;

	$column->{plain}{gray} = 1;
	return alter_column($table, $column, 'DROP EXPRESSION');
}

1;
