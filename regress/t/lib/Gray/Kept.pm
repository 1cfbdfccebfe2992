# Kept.pm: what only gray can hold, from a user's stay there to the next.
#
# By uid, table, key and column: the value, and home, what production said beside it; it
# comes back for as long as production says the same.
package Gray::Kept;

use strict;
use warnings;

use Gray::Mapping qw(is_kept is_pair is_unforeseen up_of);
use Gray::RandomSchema qw(side_columns);
use Gray::Snapshot qw(index_of key_of);

sub new
{
	my ($class) = @_;
	return bless { users => {} }, $class;
}

# What was there when a transaction began.
sub copy
{
	my ($self) = @_;
	return bless { users => { %{ $self->{users} } } }, ref $self;
}

# A column is gone.
sub forget
{
	my ($self, $table, $column) = @_;

	foreach my $tables (values %{ $self->{users} })
	{
		delete $_->{ $column->{no} } foreach values %{ $tables->{$table} || {} };
	}
	return;
}

sub value
{
	my ($self, $uid, $table, $key, $column) = @_;
	my $kept = $self->{users}{$uid}{ $table->{name} }{$key}{ $column->{no} } or return undef;
	return $kept->{value};
}

sub row
{
	my ($self, $uid, $table, $key) = @_;
	return $self->{users}{$uid}{ $table->{name} }{$key} || {};
}

# Puts them into a row that goes to gray; returns those that still fit.
sub restore
{
	my ($self, $uid, $table, $frozen, $row) = @_;
	my $key = key_of($frozen, @{ $table->{key} });
	my %kept = %{ $self->{users}{$uid}{ $table->{name} }{$key} || {} };
	my %fits;

	foreach my $column (grep { $kept{ $_->{no} } && is_kept($table, $_) } @{ $table->{columns} })
	{
		my $no = $column->{no};
		my $home = home_of($column, $frozen, $row);
		next if defined $kept{$no}{home} && $kept{$no}{home} ne $home;
		$fits{$no} = $kept{$no};
	}
	$row->{v}[$_] = $fits{$_}{value} foreach keys %fits;
	return \%fits;
}

# What production says beside it; `up` is the gray row that production's would become.
sub home_of
{
	my ($column, $production, $up) = @_;

	return $production->{v}[ $column->{no} ] if is_pair($column);
	return $column->{map}{up} ? $up->{v}[ $column->{no} ] : undef;
}

# What is kept of a gray row that came home.
sub of_row
{
	my ($table, $gray, $production, $up) = @_;
	my %kept;

	foreach my $column (grep { is_kept($table, $_) } side_columns($table, 'gray'))
	{
		my ($no, $value) = ($column->{no}, $gray->{v}[ $column->{no} ]);
		next if !is_unforeseen($column) && $value eq $up->{v}[$no];
		$kept{$no} = { value => $value, home => home_of($column, $production, $up) };
	}
	return \%kept;
}

# Values are replaced when the move is done.
sub replace
{
	my ($self, $uid, $kept) = @_;
	$self->{users}{$uid} = $kept;
	return;
}

1;
