# RandomKey.pm: keys that version 2 of a random schema widens or drops, so that gray takes two
# rows for one of production.
package Gray::RandomKey;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(chance);
use Gray::RandomDdl qw(column_definition);
use Gray::RandomSchema qw(in_order quoted);
use Gray::RandomUpgrade qw(alter);

our @EXPORT_OK = qw(wider_statements);

sub wider_statements
{
	my ($schema) = @_;
	return map { chance(0.7) ? widen($schema, $_) : () } grep { $_->{key} && !is_referred($schema, $_) } @{ $schema->{tables} };
}

# PostgreSQL keeps a key that a foreign key of gray needs.
sub is_referred
{
	my ($schema, $table) = @_;
	return grep { $_->{sides}{gray} && $_->{to} && $_->{to} == $table } map { @{ $_->{references} } } @{ $schema->{tables} };
}

# A table's gray_key: the columns of its key in gray, if it is not production's.
sub widen
{
	my ($schema, $table) = @_;
	my $drop = alter($table, 'DROP CONSTRAINT ' . quoted("$table->{name}_pkey"));

	$table->{gray_key} = [];
	return $drop if chance(0.3);
	my $column = $schema->add_column($table, 'lang', 'text', role => 'lang', not_null => 1, default => "'en'::text");
	$column->{name}{production} = undef;
	$table->{gray_key} = [ @{ $table->{key} }, $column ];
	return (
		$drop,
		alter($table, 'ADD COLUMN ' . column_definition($column, 'gray')),
		alter($table, 'ADD PRIMARY KEY (' . in_order('gray', @{ $table->{gray_key} }) . ')'));
}

1;
