# WayHome.pm: what the way home must make of a user's rows: the oracle's three-way merge.
#
# Base is the frozen row as the migration turned it into a gray row, with what was kept of
# an earlier stay; a production column is changed when its part of the gray row is not
# the base's any more.
package Gray::WayHome;

use strict;
use warnings;

use Gray::Mapping qw(comes_home default_of down_of is_pair is_unforeseen is_verbatim read_by_down);
use Gray::RandomSchema qw(literal quoted side_columns);
use Gray::Rules qw(order_matters);
use Gray::Snapshot qw(ask index_of key_of owned unescaped);

sub migrate_back
{
	my ($self, $now, $uid) = @_;
	my $prediction = Gray::Oracle::prediction($now);
	my @work = map { { table => $_, frozen => [ owned($now, 'production', $_, $uid) ], gray => [ owned($now, 'gray', $_, $uid) ] } } $self->tables;

	local @$self{qw(said values)};
	my $in_gray = $self->rows_in_gray($prediction, map { $_->{table}{name} => $_->{frozen} } @work);
	foreach my $item (@work)
	{
		$_->{base} = $in_gray->{ $item->{table}{name} }{ $_->{tid} } || { v => [] } foreach @{ $item->{frozen} };
		$item->{table}{key} ? $self->find_twins($prediction, $now, $uid, $item) : find_equals($item);
	}
	$self->find_changes($prediction, @work);
	$self->find_values($prediction, @work);
	foreach my $item (@work)
	{
		$self->bring_home($prediction, $now, $item);
		$prediction->{stay}{ $item->{table}{name} } = $item->{gray};
	}
	$self->clear_gray($prediction, $now, $uid);
	return $self->check_rules($prediction);
}

#
# Which row is whose
#

# A gray row, the frozen row that has its key, and that one's base.
sub find_twins
{
	my ($self, $prediction, $now, $uid, $item) = @_;
	my $table = $item->{table};
	my @key = @{ $table->{key} };
	my %frozen = map { key_of($_, @key) => $_ } @{ $item->{frozen} };
	my %is_own = map { $_->{tid} => 1 } @{ $item->{frozen} };
	my $others = index_of([ grep { !$is_own{ $_->{tid} } } @{ $now->{production}{ $table->{name} } } ], @key);

	foreach my $gray (@{ $item->{gray} })
	{
		my $key = key_of($gray, @key);
		my $twin = delete $frozen{$key};
		Gray::Oracle::refuse($prediction, '23505', "$table->{name}: $key is another's") if $others->{$key};
		push @{ $item->{pairs} }, { gray => $gray, frozen => $twin, base => $twin && $self->base_of($uid, $table, $key, $gray, $twin) };
	}
	$item->{deleted} = [ map { $frozen{$_} } sort keys %frozen ];
	return;
}

# What was kept of it and put back is as good as what the migration makes; what can't be
# foreseen counts as it is.
sub base_of
{
	my ($self, $uid, $table, $key, $gray, $twin) = @_;
	my @base = @{ $twin->{base}{v} };

	foreach my $column (side_columns($table, 'gray'))
	{
		my ($no, $value) = ($column->{no}, $gray->{v}[ $column->{no} ]);
		my $kept = $self->{kept}->value($uid, $table, $key, $column);
		$base[$no] = $value if is_unforeseen($column) || (defined $kept && $kept eq $value);
	}
	return { v => \@base };
}

# Without a key: gray rows that are as a frozen row became; of equal frozen rows, those
# stored first.
sub find_equals
{
	my ($item) = @_;
	my @columns = grep { is_pair($_) && $_->{role} ne 'generated' } @{ $item->{table}{columns} };
	my $text = sub { join "\t", map { $_ // '' } @{ $_[0]{v} }[ map { $_->{no} } @columns ] };
	my %frozen;

	push @{ $frozen{ $text->($_->{base}) } }, $_ foreach sort { place_of($a) <=> place_of($b) } @{ $item->{frozen} };
	foreach my $gray (@{ $item->{gray} })
	{
		my $equal = shift @{ $frozen{ $text->($gray) } || [] };
		push @{ $item->{pairs} }, { gray => $gray, frozen => $equal, base => $equal && $gray };
	}
	$item->{deleted} = [ map { @{ $frozen{$_} } } sort keys %frozen ];
	return;
}

sub place_of
{
	my ($row) = @_;
	my ($page, $line) = $row->{tid} =~ /\((\d+),(\d+)\)/;
	return $page * 1000 + $line;
}

#
# Values and changes
#

# Does the gray row say something else than the base in what the column is made of?
sub is_touched
{
	my ($pair, $column) = @_;
	return !$pair->{frozen} || grep { ($pair->{base}{v}[ $_->{no} ] // '') ne $pair->{gray}{v}[ $_->{no} ] } read_by_down($column);
}

sub name_of
{
	my ($item, $column) = @_;
	return "$item->{table}{name} $column->{no}";
}

sub home_columns
{
	my ($item) = @_;
	return grep { comes_home($item->{table}, $_) } @{ $item->{table}{columns} };
}

# The production columns that get another value.
sub find_changes
{
	my ($self, $prediction, @work) = @_;

	$self->find_said($prediction, @work);
	foreach my $item (@work)
	{
		foreach my $pair (@{ $item->{pairs} })
		{
			$pair->{changed} = [ grep { is_touched($pair, $_) && $self->says_other($item, $pair, $_) } home_columns($item) ];
		}
	}
	return;
}

# What the expressions for the way home say of gray rows, and of their bases.
sub find_said
{
	my ($self, $prediction, @work) = @_;
	my %queries;

	foreach my $item (@work)
	{
		foreach my $column (grep { $_->{map}{down} } home_columns($item))
		{
			my @pairs = grep { $_->{frozen} && is_touched($_, $column) } @{ $item->{pairs} } or next;
			$queries{ name_of($item, $column) } = Gray::Oracle::rows_query($item->{table}, 'gray', [ map { $_->{gray} } @pairs ], $column->{map}{down});
			$queries{ 'base ' . name_of($item, $column) } = join ' UNION ALL ', map { base_query($_, $column) } @pairs;
		}
	}
	$self->{said} = $self->ask_rows($prediction, %queries);
	return;
}

# The base is nowhere in the database: its values are given.
sub base_query
{
	my ($pair, $column) = @_;
	my @values = map { 'CAST(' . literal(unescaped($pair->{base}{v}[ $_->{no} ])) . " AS $_->{type}{gray}) AS " . quoted($_->{name}{gray}) }
	  read_by_down($column);

	return "SELECT '$pair->{gray}{tid}' AS tid, $column->{map}{down} AS v0 FROM (SELECT " . join(', ', @values) . ') g';
}

sub says_other
{
	my ($self, $item, $pair, $column) = @_;
	my ($of_gray, $of_base) = map { $self->{said}{ $_ . name_of($item, $column) }{ $pair->{gray}{tid} } || ['\N'] } '', 'base ';

	return !$column->{map}{down} || !$pair->{frozen} || $of_gray->[0] ne $of_base->[0];
}

# Values of another type or by an expression, of changed and new rows.
sub find_values
{
	my ($self, $prediction, @work) = @_;
	my %queries;

	foreach my $item (@work)
	{
		foreach my $column (grep { !is_verbatim($_) } home_columns($item))
		{
			my @rows = map { $_->{gray} } grep { is_changed($_, $column) } @{ $item->{pairs} };
			$queries{ name_of($item, $column) } = Gray::Oracle::rows_query($item->{table}, 'gray', \@rows, down_of($column)) if @rows;
		}
	}
	$self->{values} = $self->ask_rows($prediction, %queries);
	return;
}

sub is_changed
{
	my ($pair, $column) = @_;
	return grep { $_ == $column } @{ $pair->{changed} };
}

sub home_value
{
	my ($self, $item, $pair, $column) = @_;
	my ($gray, $uid) = ($pair->{gray}, $item->{table}{uid});

	return undef unless defined $column->{name}{production};
	return '*' if $column->{role} eq 'generated';
	return $pair->{frozen}{v}[ $column->{no} ] if $pair->{frozen} && !is_changed($pair, $column);
	return $gray->{v}[ $column->{no} ] if is_verbatim($column) || ($uid && $column == $uid);
	return $self->production_default($column) unless defined down_of($column);
	return ($self->{values}{ name_of($item, $column) }{ $gray->{tid} } || ['\N'])->[0];
}

sub production_default
{
	my ($self, $column) = @_;
	my $expression = default_of($column, 'production');

	return $self->{defaults}{$expression} //= ask($self->{session}, default => "COPY (SELECT $expression) TO STDOUT")->{default}{lines}[0];
}

#
# Writing
#

sub bring_home
{
	my ($self, $prediction, $now, $item) = @_;
	my $table = $item->{table};
	my %left = map { $_->{tid} => $_ } @{ $now->{production}{ $table->{name} } };
	my (@written, @updates);

	delete $left{ $_->{tid} } foreach @{ $item->{deleted} };
	foreach my $pair (grep { !$_->{frozen} || @{ $_->{changed} } } @{ $item->{pairs} })
	{
		my $frozen = $pair->{frozen};
		Gray::Oracle::refuse($prediction, '428C9', "$table->{name}: an identity was changed")
		  if $frozen && grep { ($_->{identity} || '') eq 'ALWAYS' } @{ $pair->{changed} };
		push @written, { v => [ map { $self->home_value($item, $pair, $_) } @{ $table->{columns} } ], is_written => 1 };
		push @updates, [ $frozen, $written[-1] ] if $frozen;
		delete $left{ $frozen->{tid} } if $frozen;
	}
	$prediction->{row_count} += @written + @{ $item->{deleted} };
	push @{ $prediction->{verified} }, join '|', "app.$table->{name}", scalar @{ $item->{frozen} }, scalar @{ $item->{gray} }, @{ $item->{deleted} } + @written;
	$prediction->{after}{production}{ $table->{name} } = [ (map { $left{$_} } sort keys %left), @written ];
	$self->doubt($prediction, $table, \@updates, @{ $item->{deleted} } > 0);
	act_outside($prediction, $self->{schema}, $table, @{ $item->{deleted} });
	return;
}

# What the engine may refuse until it can do better: values that change places, and
# constraints that are deferred.
sub doubt
{
	my ($self, $prediction, $table, $updates, $is_deleted) = @_;
	my %features = %{ $self->{features} };
	my $is_deferred = $is_deleted && grep { $_->{to} == $table && $_->{deferrable} =~ /DEFERRED/ } @{ $self->{schema}{outside} };

	$prediction->{doubts}{23505} = "$table->{name}: values change places" if !$features{exchange} && order_matters($table, qr/^$/, @$updates);
	$prediction->{doubts}{42501} = "$table->{name}: a constraint is deferred"
	  if !$features{deferred} && ($is_deferred || order_matters($table, qr/DEFERRED/, @$updates));
	return;
}

#
# References from outside to rows that go
#

sub act_outside
{
	my ($prediction, $schema, $table, @deleted) = @_;

	foreach my $referrer (grep { $_->{to} == $table } @{ $schema->{outside} })
	{
		my %gone = map { key_of($_, @{ $table->{key} }) => 1 } @deleted;
		my $lines = $prediction->{after}{outside}{ $referrer->{name} };
		@$lines = map { act_on_line($prediction, $referrer, $_, \%gone) } @$lines;
	}
	return;
}

sub act_on_line
{
	my ($prediction, $referrer, $line, $gone) = @_;
	my ($id, $key) = split /\t/, $line, 2;

	return $line unless $gone->{$key};
	return if $referrer->{action} =~ /CASCADE/;
	return join "\t", $id, map { '\N' } split /\t/, $key if $referrer->{action} =~ /SET/;
	Gray::Oracle::refuse($prediction, '23503', "$referrer->{name} refers to $key");
	return $line;
}

1;
