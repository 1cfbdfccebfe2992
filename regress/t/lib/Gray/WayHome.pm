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
use Gray::Stay qw(home_columns is_touched name_of);

our @ISA = ('Gray::Stay');

# Of one user, or of several at once, as if they were one.
sub migrate_back
{
	my ($self, $now, @uids) = @_;
	my $prediction = Gray::Oracle::prediction($now);
	my @work = map { { table => $_, is_shared => @uids > 1 } } $self->tables;

	foreach my $item (@work)
	{
		$item->{frozen} = [ map { owned($now, 'production', $item->{table}, $_) } @uids ];
		$item->{gray} = [ map { owned($now, 'gray', $item->{table}, $_) } @uids ];
	}
	local @$self{qw(led_back said values)};
	local $self->{stay} = $self->stay_of(@uids);
	local $self->{was_moved} = 1;
	$self->doubt_pairs($prediction);
	$prediction->{is_vague} = @uids > 1 && $self->is_since($self->{schema}{paired});
	my $in_gray = $self->rows_in_gray($prediction, map { $_->{table}{name} => $_->{frozen} } @work);
	foreach my $item (@work)
	{
		$_->{base} = $in_gray->{ $item->{table}{name} }{ $_->{tid} } || { v => [] } foreach @{ $item->{frozen} };
		$item->{table}{key} ? $self->find_twins($prediction, $now, $item) : $self->find_equals($prediction, $item);
	}
	$self->find_changes($prediction, @work);
	$self->find_values($prediction, @work);
	foreach my $item (@work)
	{
		$self->bring_home($prediction, $now, $item);
		$prediction->{stay}{ $item->{table}{name} } = $item->{gray};
	}
	$self->clear_gray($prediction, $now, $_) foreach @uids;
	return $self->check_rules($prediction);
}

# Those in gray who have, in production, the twins of a user's gray rows, and of theirs.
sub twins_owners
{
	my ($self, $now, $states, $uid) = @_;
	my %together = ($uid => 1);

	for (my $count = 0; $count < keys %together;)
	{
		$count = keys %together;
		foreach my $table (grep { $_->{key} } $self->tables)
		{
			my $twins = index_of($now->{production}{ $table->{name} }, @{ $table->{key} });
			my @twins = map { @{ $twins->{ key_of($_, @{ $table->{key} }) } || [] } } map { owned($now, 'gray', $table, $_) } sort keys %together;
			$together{ $_->{owner} } = 1 foreach grep { defined $_->{owner} && $states->{ $_->{owner} } =~ /on|stuck/ } @twins;
		}
	}
	return ($uid, grep { $_ ne $uid } sort keys %together);
}

# Who was given rows of the user in gray, and whether they have to come along: where production alone has a part of these.
sub receivers
{
	my ($self, $now, $states, $uid) = @_;
	my %receivers;

	foreach my $table (grep { $_->{key} } $self->tables)
	{
		my $twins = index_of($now->{gray}{ $table->{name} }, @{ $table->{key} });
		my @twins = map { @{ $twins->{ key_of($_, @{ $table->{key} }) } || [] } } owned($now, 'production', $table, $uid);
		$receivers{ $_->{owner} } ||= has_more_at_home($table) foreach grep { defined $_->{owner} && $_->{owner} ne $uid && $states->{ $_->{owner} } =~ /on|stuck/ } @twins;
	}
	return \%receivers;
}

sub has_more_at_home
{
	my ($table) = @_;
	return grep { defined $_->{name}{production} && !defined $_->{name}{gray} && !$_->{from} } @{ $table->{columns} };
}

# All of the user's rows are deleted, and gray's put in their place.
sub replace_back
{
	my ($self, $now, @uids) = @_;
	my $prediction = Gray::Oracle::prediction($now);
	my @work = map { { table => $_, frozen => [] } } $self->tables;

	foreach my $item (@work)
	{
		$item->{deleted} = [ map { owned($now, 'production', $item->{table}, $_) } @uids ];
		$item->{gray} = [ map { owned($now, 'gray', $item->{table}, $_) } @uids ];
	}

	local @$self{qw(led_back said values)};
	local $self->{stay} = $self->stay_of(@uids);
	$self->doubt_pairs($prediction);
	foreach my $item (@work)
	{
		$item->{pairs} = [ map { { gray => $_, changed => [ home_columns($item) ] } } @{ $item->{gray} } ];
	}
	$self->find_values($prediction, @work);
	foreach my $item (@work)
	{
		$self->bring_home($prediction, $now, $item);
		$prediction->{stay}{ $item->{table}{name} } = $item->{gray};
	}
	delete $prediction->{verified};
	$self->clear_gray($prediction, $now, $_) foreach @uids;
	return $self->check_rules($prediction);
}

#
# Which row is whose
#

# A gray row, the frozen row that has its key, and that one's base.
sub find_twins
{
	my ($self, $prediction, $now, $item) = @_;
	my $table = $item->{table};
	my @key = @{ $table->{key} };
	my %frozen = map { key_of($_, @key) => $_ } @{ $item->{frozen} };
	my %is_own = map { $_->{tid} => 1 } @{ $item->{frozen} };
	my %seen;
	my $others = index_of([ grep { !$is_own{ $_->{tid} } } @{ $now->{production}{ $table->{name} } } ], @key);

	foreach my $gray (@{ $item->{gray} })
	{
		my $key = key_of($gray, @key);
		my $twin = delete $frozen{$key};
		refuse_double($prediction, "$table->{name}: two gray rows of $key") if $seen{$key}++;
		Gray::Oracle::refuse($prediction, '23505', "$table->{name}: $key is another's") if $others->{$key};
		push @{ $item->{pairs} }, { gray => $gray, frozen => $twin, base => $twin && $self->base_of($table, $key, $gray, $twin) };
	}
	$item->{deleted} = [ map { $frozen{$_} } sort keys %frozen ];
	return;
}

# There is no telling how gray_verify counts them.
sub refuse_double
{
	my ($prediction, $what) = @_;

	Gray::Oracle::refuse($prediction, '23505', $what);
	$prediction->{is_unverified} = 1;
	return;
}

# What was kept of it and put back is as good as what the migration makes; what can't be
# foreseen counts as it is.
sub base_of
{
	my ($self, $table, $key, $gray, $twin) = @_;
	my @base = @{ $twin->{base}{v} };

	foreach my $column (side_columns($table, 'gray'))
	{
		my ($no, $value) = ($column->{no}, $gray->{v}[ $column->{no} ]);
		my $kept = $self->is_since($column->{made}{production}) ? undef : $self->{kept}->value($twin->{owner}, $table, $key, $column);
		$base[$no] = $value if is_unforeseen($column) || (defined $kept && $kept eq $value);
	}
	return { v => \@base };
}

# Without a key: gray rows that are as a frozen row became; of equal frozen rows, those
# stored first.  Where production's value is made by an expression, that is compared.
sub find_equals
{
	my ($self, $prediction, $item) = @_;
	my @columns = home_columns($item);
	my @said = grep { $_->{map}{down} } @columns;
	my @plain = map { $_->{no} } $item->{is_shared} ? $item->{table}{uid} || () : (), grep { !$_->{map}{down} } @columns;
	my (%queries, %frozen);

	foreach my $column (@said)
	{
		$queries{"gray $column->{no}"} = Gray::Oracle::rows_query($item->{table}, 'gray', $item->{gray}, $column->{map}{down}) if @{ $item->{gray} };
		$queries{"frozen $column->{no}"} = join ' UNION ALL ', map { base_query($_->{tid}, $_->{base}, $column) } @{ $item->{frozen} } if @{ $item->{frozen} };
	}
	my $said = $self->ask_rows($prediction, %queries);
	my $content = sub {
		my ($side, $row, $values) = @_;
		return join "\t", (map { $_ // '' } @$values[@plain]), map { ($said->{"$side $_->{no}"}{ $row->{tid} } || [''])->[0] } @said;
	};
	push @{ $frozen{ $content->('frozen', $_, $_->{base}{v}) } }, $_ foreach sort { place_of($a) <=> place_of($b) } @{ $item->{frozen} };
	foreach my $gray (@{ $item->{gray} })
	{
		my $equal = shift @{ $frozen{ $content->('gray', $gray, $gray->{v}) } || [] };
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

# The production columns that get another value.
sub find_changes
{
	my ($self, $prediction, @work) = @_;

	$self->find_said($prediction, @work);
	$self->find_led_back($prediction, @work);
	foreach my $item (@work)
	{
		foreach my $pair (@{ $item->{pairs} })
		{
			$pair->{changed} = [ grep { is_touched($pair, $_) && $self->says_other($item, $pair, $_) && !$self->stays_at_home($item, $pair, $_) } home_columns($item) ];
			push @{ $pair->{changed} }, grep { $pair->{frozen} && $pair->{frozen}{v}[ $_->{no} ] ne $pair->{gray}{v}[ $_->{no} ] } $item->{table}{uid} || ();
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
			$queries{ 'base ' . name_of($item, $column) } = join ' UNION ALL ', map { base_query($_->{gray}{tid}, $_->{base}, $column) } @pairs;
		}
	}
	$self->{said} = $self->ask_rows($prediction, %queries);
	return;
}

# The base is nowhere in the database: its values are given; null is what can't be foreseen.
sub base_query
{
	my ($tid, $base, $column) = @_;
	my @values = map {
		my $value = $base->{v}[ $_->{no} ];
		'CAST(' . literal(defined $value && $value eq '*' ? undef : unescaped($value)) . " AS $_->{type}{gray}) AS " . quoted($_->{name}{gray})
	} read_by_down($column);

	return "SELECT '$tid' AS tid, $column->{map}{down} AS v0 FROM (SELECT " . join(', ', @values) . ') g';
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
	return '*' if $self->is_since($column->{changed_meaning}) && is_changed($pair, $column);
	return $pair->{frozen}{v}[ $column->{no} ] if $pair->{frozen} && !is_changed($pair, $column);
	return $gray->{v}[ $column->{no} ] if is_verbatim($column) || ($uid && $column == $uid);
	return $self->production_default($column) unless defined down_of($column);
	return ($self->{values}{ name_of($item, $column) }{ $gray->{tid} } || ['\N'])->[0];
}

sub production_default
{
	my ($self, $column) = @_;
	return $self->default_on($column, 'production');
}

sub default_on
{
	my ($self, $column, $side) = @_;
	my $expression = default_of($column, $side);

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
		$written[-1]{may_stay} = $frozen if $frozen && $self->is_as_it_was($item, $frozen, $written[-1]);
		push @updates, [ $frozen, $written[-1] ] if $frozen;
		delete $left{ $frozen->{tid} } if $frozen;
	}
	foreach my $pair (grep { $_->{frozen} && !@{ $_->{changed} } && $self->may_be_written($item, $_) } @{ $item->{pairs} })
	{
		my $frozen = delete $left{ $pair->{frozen}{tid} };
		push @written, { %$frozen, is_written => 1, may_stay => $frozen };
	}
	$prediction->{row_count} += @written + @{ $item->{deleted} };
	$prediction->{is_uncounted} = 1 if grep { $_->{may_stay} } @written;
	push @{ $prediction->{verified} }, join '|', "app.$table->{name}", scalar @{ $item->{frozen} }, scalar @{ $item->{gray} }, @{ $item->{deleted} } + @written;
	$prediction->{after}{production}{ $table->{name} } = [ (map { $left{$_} } sort keys %left), @written ];
	$self->doubt($prediction, $table, \@updates, @{ $item->{deleted} } > 0);
	act_outside($prediction, $self->{schema}, $table, $item->{deleted}, \@written);
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
# References from outside to rows that go; those to rows that come back must not act
#

sub act_outside
{
	my ($prediction, $schema, $table, $deleted, $written) = @_;

	foreach my $referrer (grep { $_->{to} == $table } @{ $schema->{outside} })
	{
		my %gone = map { key_of($_, @{ $table->{key} }) => 1 } @$deleted;
		foreach my $key (map { key_of($_, @{ $table->{key} }) } @$written)
		{
			$gone{$key} = 'comes back' if $gone{$key};
		}
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
	Gray::Oracle::refuse($prediction, '23503', "$referrer->{name} refers to $key, which comes back") if $gone->{$key} eq 'comes back';
	return if $referrer->{action} =~ /CASCADE/;
	return join "\t", $id, map { '\N' } split /\t/, $key if $referrer->{action} =~ /SET/;
	Gray::Oracle::refuse($prediction, '23503', "$referrer->{name} refers to $key");
	return $line;
}

1;
