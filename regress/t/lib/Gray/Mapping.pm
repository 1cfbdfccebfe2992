# Mapping.pm: how a column's value is made from a row of the other side, as SQL.
#
# The production row is p, the gray row is g.  A column's map holds what gray_map was told:
# up, down, and the columns that its down reads.
package Gray::Mapping;

use strict;
use warnings;

use Exporter qw(import);
use Gray::RandomSchema qw(quoted);

our @EXPORT_OK = qw(comes_home default_of down_of is_kept is_pair is_unforeseen is_verbatim read_by_down up_of);

sub is_pair
{
	my ($column) = @_;
	return defined $column->{name}{production} && defined $column->{name}{gray};
}

# Do both sides have the very same value?
sub is_verbatim
{
	my ($column) = @_;
	return is_pair($column) && $column->{type}{production} eq $column->{type}{gray} && !$column->{map}{up} && !$column->{map}{down};
}

# Another value each time.
sub is_unforeseen
{
	my ($column) = @_;
	return $column->{role} eq 'generated' || (!is_pair($column) && $column->{volatile} && !$column->{map}{up});
}

# As an assignment does it: too long a text is refused, not cut.
sub assigned
{
	my ($value, $to) = @_;

	return qq{pg_catalog."varchar"(CAST($value AS character varying), } . ($1 + 4) . ', false)' if $to =~ /^character varying\((\d+)\)/;
	return "pg_catalog.bpchar(CAST($value AS character varying)::bpchar, " . ($1 + 4) . ', false)' if $to =~ /^character\((\d+)\)/;
	return 'CAST(' . assigned($value, 'character varying(9)') . " AS $to)" if $to eq 'app.short';
	return "CAST($value AS $to)";
}

sub value_of
{
	my ($column, $alias, $from, $to) = @_;
	my $value = "$alias." . quoted($column->{name}{$from});
	return $column->{type}{$from} eq $column->{type}{$to} ? $value : assigned($value, $column->{type}{$to});
}

sub default_of
{
	my ($column, $side) = @_;
	return defined $column->{default}{$side} ? "CAST($column->{default}{$side} AS $column->{type}{$side})" : 'NULL';
}

# What a gray column gets in a row that comes from production.
sub up_of
{
	my ($column) = @_;

	return assigned("($column->{map}{up})", $column->{type}{gray}) if $column->{map}{up};
	return is_pair($column) ? value_of($column, 'p', 'production', 'gray') : default_of($column, 'gray');
}

# What a production column gets from a gray row; nothing: that row has no say in it.
sub down_of
{
	my ($column) = @_;

	return assigned("($column->{map}{down})", $column->{type}{production}) if $column->{map}{down};
	return is_pair($column) ? value_of($column, 'g', 'gray', 'production') : undef;
}

sub comes_home
{
	my ($table, $column) = @_;
	return defined $column->{name}{production} && defined down_of($column) && $column->{role} ne 'generated'
	  && !($table->{uid} && $column == $table->{uid});
}

# The gray columns by which it is told whether a production column was changed.
sub read_by_down
{
	my ($column) = @_;
	return $column->{map}{down} ? @{ $column->{map}{reads} } : $column;
}

# Can gray hold a value that production can't give back?
sub is_kept
{
	my ($table, $column) = @_;
	return defined $column->{name}{gray} && $column->{role} ne 'generated' && !is_verbatim($column)
	  && !grep { $_ == $column } @{ $table->{key} || [] }, $table->{uid} || ();
}

1;
