# Stay.pm: what the oracle knows of a user's stay in gray, and what follows for columns that got, lost
# or changed their twin since it began.
#
# A stay has the schema's clock when it began, and the transactions that wrote its rows.
package Gray::Stay;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Mapping qw(comes_home read_by_down);
use Gray::RandomSchema qw(quoted side_columns);

our @EXPORT_OK = qw(home_columns is_touched name_of);

sub home_columns
{
	my ($item) = @_;
	return grep { comes_home($item->{table}, $_) } @{ $item->{table}{columns} };
}

sub name_of
{
	my ($item, $column) = @_;
	return "$item->{table}{name} $column->{no}";
}

# Does the gray row say something else than the base in what the column is made of?
sub is_touched
{
	my ($pair, $column) = @_;
	return !$pair->{frozen} || grep { ($pair->{base}{v}[ $_->{no} ] // '') ne $pair->{gray}{v}[ $_->{no} ] } read_by_down($column);
}

# The earliest beginning, and all that wrote their rows then.
sub stay_of
{
	my ($self, @uids) = @_;
	my @stays = @{ $self->{stays} }{@uids};
	my ($began) = sort { $a <=> $b } map { $_->{began} } @stays;

	return { began => $began, written => { map { %{ $_->{written} } } @stays } };
}

sub is_since
{
	my ($self, $time) = @_;
	return defined $time && $time > $self->{stay}{began};
}

# An honest refusal loses nothing: the engine can't always tell a change of meaning from another ALTER TABLE.
sub doubt_pairs
{
	my ($self, $prediction) = @_;

	$prediction->{doubts}{55000} = 'columns were altered' if $self->is_since($self->{schema}{clock});
	$prediction->{is_unverified} = 1 if $self->is_since($self->{schema}{paired});
	return;
}

# What an explicit cast makes of gray's values, where the types were the same before.
sub find_led_back
{
	my ($self, $prediction, @work) = @_;
	my %queries;

	foreach my $item (@work)
	{
		foreach my $column (grep { $self->is_since($_->{altered}) } home_columns($item))
		{
			my @rows = map { $_->{gray} } grep { $_->{frozen} && is_touched($_, $column) } @{ $item->{pairs} } or next;
			$queries{ name_of($item, $column) } =
			  Gray::Oracle::rows_query($item->{table}, 'gray', \@rows, 'CAST(g.' . quoted($column->{name}{gray}) . " AS $column->{type}{production})");
		}
	}
	$self->{led_back} = $self->ask_rows($prediction, %queries);
	return;
}

# A value of gray that says nothing does not take away what production has, nor does one that
# nobody wrote and whose meaning is another.
sub stays_at_home
{
	my ($self, $item, $pair, $column) = @_;
	my $value = $pair->{gray}{v}[ $column->{no} ];
	my $led_back = $self->{led_back}{ name_of($item, $column) }{ $pair->{gray}{tid} };
	my %is_new = map { $_ => $self->is_since($column->{made}{$_}) } qw(production gray);

	return 0 if !$pair->{frozen};
	return 1 if $led_back && $led_back->[0] eq $pair->{frozen}{v}[ $column->{no} ];
	return 1 if $self->is_since($column->{changed_meaning}) && $self->{stay}{written}{ $pair->{gray}{xmin} };
	return $column->{not_null}{production} && $value eq '\N' if $is_new{production};
	return $is_new{gray} && ($value eq '\N' || $value eq ($self->default_on($column, 'gray') // '\N'));
}

# It may be written with the values that it has, for what a column that changed says in gray.
sub may_be_written
{
	my ($self, $item, $pair) = @_;
	my %by_itself = (frozen => $pair->{frozen}, base => $pair->{frozen}{base}, gray => $pair->{gray});

	return grep { is_touched(\%by_itself, $_) && $self->has_changed($_) } home_columns($item);
}

sub has_changed
{
	my ($self, $column) = @_;
	return grep { $self->is_since($_) } values %{ $column->{made} || {} }, @$column{qw(altered changed_meaning)};
}

# Is the row to be written with the values that it has, as far as they are foreseen?
sub is_as_it_was
{
	my ($self, $item, $frozen, $row) = @_;
	my @other = grep { ($row->{v}[$_] // '') !~ /^\*$/ && ($row->{v}[$_] // '') ne ($frozen->{v}[$_] // '') }
	  map { $_->{no} } side_columns($item->{table}, 'production');

	return !@other && $self->is_since($self->{schema}{paired});
}

1;
