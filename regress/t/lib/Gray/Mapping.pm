# Mapping.pm: how a column's value is made from a row of the other side, as SQL.
#
# The production row is p, the gray row is g.  A column's map holds what gray_map was told:
# up, down, and the columns that its down reads.
package Gray::Mapping;

use strict;
use warnings;

use Exporter qw(import);
use Gray::RandomSchema qw(quoted);

our @EXPORT_OK = qw(comes_home computed_of default_of down_of is_computed is_kept is_pair is_unforeseen is_verbatim read_by_down seen_in_gray up_of);

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

# Does a side compute it?  Of another column of that side (made_of), or on both sides (from),
# unless it is plain on one.
sub is_computed
{
	my ($column, $side) = @_;
	return $column->{made_of}{$side} || ($column->{from} && !$column->{plain}{$side});
}

# Another value each time.
sub is_unforeseen
{
	my ($column) = @_;
	return ($column->{from} && !$column->{plain}{gray}) || (!is_pair($column) && $column->{volatile} && !$column->{map}{up});
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

# What is computed of another column's value.
sub computed_of
{
	my ($value) = @_;
	return "(coalesce(CAST($value AS text), 'none') || '!')";
}

# What a gray column gets in a row that comes from production.
sub up_of
{
	my ($column) = @_;

	return assigned("($column->{map}{up})", $column->{type}{gray}) if $column->{map}{up};
	return computed_of(up_of($column->{made_of}{gray})) if $column->{made_of}{gray};
	return is_pair($column) ? value_of($column, 'p', 'production', 'gray') : default_of($column, 'gray');
}

# What a row that is in gray already is compared with: nothing is too long for an explicit cast.
sub seen_in_gray
{
	my ($column) = @_;

	return up_of($column) if $column->{map}{up} || $column->{made_of}{gray} || !is_pair($column);
	return 'CAST(p.' . quoted($column->{name}{production}) . " AS $column->{type}{gray})";
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
	return defined $column->{name}{gray} && !is_computed($column, 'gray') && (!is_verbatim($column) || is_computed($column, 'production'))
	  && !grep { $_ == $column } @{ $table->{key} || [] }, $table->{uid} || ();
}

1;
