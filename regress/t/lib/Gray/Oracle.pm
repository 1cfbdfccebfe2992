# Oracle.pm: what a move must make of a random schema's rows.
#
# It knows the schema and the upgrade as the test made them, and the rows as they were
# before the move; from the database it has nothing but casts and defaults,
# as plain expressions.  It calls none of the engine's functions.
package Gray::Oracle;

use strict;
use warnings;

use Gray::RandomSchema qw(qualified quoted side_columns);
use Gray::Rules qw(broken_rules order_matters);
use Gray::Snapshot qw(ask index_of key_of owned unescaped);

sub new
{
	my ($class, $schema, $session) = @_;
	return bless { schema => $schema, features => $schema->{features}, session => $session, defaults => {}, kept => {} }, $class;
}

# A prediction: the rows after the move; reasons to refuse it (SQLSTATE => what), and
# such as may, but need not, be one.
sub prediction
{
	my ($now) = @_;
	my %after = (outside => { map { $_ => [ @{ $now->{outside}{$_} } ] } keys %{ $now->{outside} } });

	foreach my $side (qw(production gray))
	{
		$after{$side}{$_} = [ @{ $now->{$side}{$_} } ] foreach keys %{ $now->{$side} };
	}
	return { after => \%after, reasons => {}, doubts => {} };
}

sub refuse
{
	my ($prediction, $sqlstate, $what) = @_;
	$prediction->{reasons}{$sqlstate} //= $what;
	return;
}

sub check_rules
{
	my ($self, $prediction) = @_;

	foreach my $side (qw(production gray))
	{
		refuse($prediction, @$_) foreach broken_rules($self->{schema}, $prediction->{after}, $side);
	}
	$prediction->{doubts}{42501} = 'a unique constraint may be deferred' if $prediction->{reasons}{23505} && !$self->{features}{deferred};
	return $prediction;
}

sub tables
{
	my ($self) = @_;
	return @{ $self->{schema}{tables} };
}

#
# Expressions
#

# As an assignment does it: too long a text is refused, not cut.
sub cast
{
	my ($value, $from, $to) = @_;

	return $value if $from eq $to;
	return qq{pg_catalog."varchar"(CAST($value AS character varying), } . ($1 + 4) . ', false)' if $to =~ /^character varying\((\d+)\)/;
	return "pg_catalog.bpchar(CAST($value AS character varying)::bpchar, " . ($1 + 4) . ', false)' if $to =~ /^character\((\d+)\)/;
	return "CAST($value AS $to)";
}

sub is_pair
{
	my ($column) = @_;
	return defined $column->{name}{production} && defined $column->{name}{gray};
}

sub is_same_type
{
	my ($column) = @_;
	return $column->{type}{production} eq $column->{type}{gray};
}

sub up
{
	my ($column) = @_;
	return cast('p.' . quoted($column->{name}{production}), $column->{type}{production}, $column->{type}{gray});
}

sub down
{
	my ($column) = @_;
	return cast('g.' . quoted($column->{name}{gray}), $column->{type}{gray}, $column->{type}{production});
}

# What the column gets in a row that came from the other side.
sub default_of
{
	my ($column, $side) = @_;
	return defined $column->{default}{$side} ? "CAST($column->{default}{$side} AS $column->{type}{$side})" : 'NULL';
}

sub gray_value
{
	my ($column) = @_;

	return q{'*'} if $column->{role} eq 'generated' || (!is_pair($column) && $column->{volatile});
	return is_pair($column) ? up($column) : default_of($column, 'gray');
}

# A query of some rows, each after its tid.
sub rows_query
{
	my ($table, $side, $rows, @expressions) = @_;
	my $alias = $side eq 'production' ? 'p' : 'g';
	my $tids = join ', ', map { '(' . join(', ', map { "'$_'" } split / /, $_->{tid}) . '::tid)' } @$rows;

	return "SELECT $alias.tableoid::bigint || ' ' || $alias.ctid AS tid, " . join(', ', map { "$expressions[$_] AS v$_" } 0 .. $#expressions)
	  . ' FROM ' . qualified($table, $side) . " $alias WHERE ($alias.tableoid::bigint, $alias.ctid) IN ($tids)";
}

# The answers to such queries: by name, then by tid, the values.  An error is a reason
# to refuse the move, and no harm to a transaction; psql does not tell one that comes
# while it copies out, so all is computed once before.
sub ask_rows
{
	my ($self, $prediction, %queries) = @_;
	my @names = sort keys %queries;
	my $answers = ask($self->{session}, @names ? ('on' => "\\set ON_ERROR_ROLLBACK on\nSELECT") : (),
		(map { ("try $_" => "SELECT count(x::text) FROM ($queries{$_}) x", $_ => "COPY ($queries{$_}) TO STDOUT") } @names),
		@names ? (off => "\\set ON_ERROR_ROLLBACK off\nSELECT") : ());

	refuse($prediction, $_->{sqlstate}, $_->{message}) foreach grep { $_->{sqlstate} ne '00000' } map { $answers->{"try $_"} } @names;
	return { map { $_ => rows_by_tid(@{ $answers->{$_}{lines} }) } @names };
}

sub rows_by_tid
{
	return { map { my ($tid, @values) = split /\t/, $_, -1; $tid => \@values } @_ };
}

#
# To gray
#

sub migrate
{
	my ($self, $now, $uid) = @_;
	my $prediction = prediction($now);
	my %rows = map { $_->{name} => [ owned($now, 'production', $_, $uid) ] } $self->tables;
	my $answers = $self->ask_rows($prediction,
		map { $_->{name} => rows_query($_, 'production', $rows{ $_->{name} }, map { gray_value($_) } side_columns($_, 'gray')) }
		grep { @{ $rows{ $_->{name} } } } $self->tables);

	foreach my $table (grep { $answers->{ $_->{name} } } $self->tables)
	{
		my @columns = side_columns($table, 'gray');
		my $values = $answers->{ $table->{name} };
		my %frozen = map { $_->{tid} => $_ } @{ $rows{ $table->{name} } };
		push @{ $prediction->{after}{gray}{ $table->{name} } },
		  map { $self->restored($prediction, $uid, $table, $frozen{$_}, new_row($values->{$_}, @columns)) } sort keys %$values;
	}
	$prediction->{kept} ||= {};
	return $self->check_rules($prediction);
}

#
# What only gray can hold, as the user left it: by table and key, the gray row and the
# production row that stood beside it
#

# A move was done.
sub remember
{
	my ($self, $uid, $prediction) = @_;
	$self->{kept}{$uid} = $prediction->{kept} if $prediction->{kept};
	return;
}

sub is_kept
{
	my ($column) = @_;
	return defined $column->{name}{gray} && $column->{role} ne 'generated' && (!is_pair($column) || !is_same_type($column));
}

sub restored
{
	my ($self, $prediction, $uid, $table, $frozen, $row) = @_;
	my $key = key_of($row, @{ $table->{key} }) // return $row;
	my $kept = $self->{kept}{$uid}{ $table->{name} }{$key} or return $row;
	my %left;

	foreach my $no (map { $_->{no} } grep { is_kept($_) && defined $kept->{gray}{ $_->{no} } } @{ $table->{columns} })
	{
		my $home = $kept->{home}{$no};
		next if defined $home && $home ne ($frozen->{v}[$no] // '');
		$row->{v}[$no] = $left{gray}{$no} = $kept->{gray}{$no};
		$left{home}{$no} = $home;
	}
	$prediction->{kept}{ $table->{name} }{$key} = \%left;
	return $row;
}

# Not what a migration would give now anyway: that may give something else later.
sub keep
{
	my ($self, $prediction, $table, $gray, $home) = @_;
	my @columns = grep { is_kept($_) && (is_pair($_) || $_->{volatile} || $gray->{v}[ $_->{no} ] ne $self->default_value($_, 'gray')) } @{ $table->{columns} };
	my $key = key_of($gray, @{ $table->{key} });

	$prediction->{kept}{ $table->{name} }{$key} = {
		gray => { map { $_->{no} => $gray->{v}[ $_->{no} ] } @columns },
		home => { map { $_->{no} => $home->{v}[ $_->{no} ] } grep { is_pair($_) } @columns },
	} if @columns;
	return;
}

sub new_row
{
	my ($values, @columns) = @_;
	my @v;

	@v[ map { $_->{no} } @columns ] = @$values;
	return { v => \@v, is_written => 1 };
}

#
# Discard
#

sub discard
{
	my ($self, $now, $uid) = @_;
	my $prediction = prediction($now);

	$self->clear_gray($prediction, $now, $uid);
	return $self->check_rules($prediction);
}

sub clear_gray
{
	my ($self, $prediction, $now, $uid) = @_;

	foreach my $table ($self->tables)
	{
		my %gone = map { $_->{tid} => 1 } owned($now, 'gray', $table, $uid);
		$prediction->{after}{gray}{ $table->{name} } = [ grep { !$gone{ $_->{tid} } } @{ $now->{gray}{ $table->{name} } } ];
	}
	return;
}

#
# The way home
#

sub migrate_back
{
	my ($self, $now, $uid) = @_;
	my $prediction = prediction($now);
	local @$self{qw(home uid)} = ({}, $uid);
	my %work = map { $_->{name} => { table => $_, frozen => [ owned($now, 'production', $_, $uid) ], gray => [ owned($now, 'gray', $_, $uid) ] } }
	  $self->tables;
	my @work = map { $work{ $_->{name} } } $self->tables;

	$self->find_bases($prediction, @work);
	find_twins($prediction, $now, $_) foreach @work;
	$self->find_values($prediction, @work);
	$self->bring_home($prediction, $now, $_) foreach @work;
	$self->clear_gray($prediction, $now, $uid);
	$prediction->{kept} ||= {};
	return $self->check_rules($prediction);
}

# Frozen rows as the migration turns them into gray ones; only of the columns of both.
sub find_bases
{
	my ($self, $prediction, @work) = @_;
	my %retyped = map { $_->{table}{name} => [ grep { is_pair($_) && !is_same_type($_) } @{ $_->{table}{columns} } ] } @work;
	my $answers = $self->ask_rows($prediction,
		map { $_->{table}{name} => rows_query($_->{table}, 'production', $_->{frozen}, map { up($_) } @{ $retyped{ $_->{table}{name} } }) }
		grep { @{ $retyped{ $_->{table}{name} } } && @{ $_->{frozen} } } @work);

	foreach my $item (@work)
	{
		my $name = $item->{table}{name};
		my $values = $answers->{$name} || {};
		foreach my $row (@{ $item->{frozen} })
		{
			my @base = @{ $row->{v} };
			@base[ map { $_->{no} } @{ $retyped{$name} } ] = @{ $values->{ $row->{tid} } || [] };
			$row->{base} = $self->with_kept($item->{table}, $row, { v => \@base });
		}
	}
	return;
}

# The base is what the migration made of the frozen row, with what it restored.
sub with_kept
{
	my ($self, $table, $frozen, $base) = @_;
	my $kept = $self->{kept}{ $self->{uid} }{ $table->{name} }{ key_of($base, @{ $table->{key} }) // '' } or return $base;

	foreach my $no (grep { defined $kept->{gray}{$_} } keys %{ $kept->{home} })
	{
		$base->{v}[$no] = $kept->{gray}{$no} if ($kept->{home}{$no} // '') eq ($frozen->{v}[$no] // '');
	}
	return $base;
}

# A gray row, the frozen row that has its key, and the columns in which it was changed.
sub find_twins
{
	my ($prediction, $now, $item) = @_;
	my $table = $item->{table};
	my @key = @{ $table->{key} };
	my %frozen = map { key_of($_->{base}, @key) // "unknown $_->{tid}" => $_ } @{ $item->{frozen} };
	my %is_own = map { $_->{tid} => 1 } @{ $item->{frozen} };
	my $others = index_of([ grep { !$is_own{ $_->{tid} } } @{ $now->{production}{ $table->{name} } } ], @key);

	foreach my $gray (@{ $item->{gray} })
	{
		my $key = key_of($gray, @key);
		my $twin = $frozen{$key};
		refuse($prediction, '23505', "$table->{name}: $key is another's") if $others->{$key};
		push @{ $item->{pairs} }, { gray => $gray, frozen => $twin,
			changed => [ grep { comes_home($table, $_) && (!$twin || ($twin->{base}{v}[ $_->{no} ] // '') ne $gray->{v}[ $_->{no} ]) } @{ $table->{columns} } ] };
		delete $frozen{$key};
	}
	$item->{deleted} = [ map { $frozen{$_} } sort keys %frozen ];
	return;
}

sub comes_home
{
	my ($table, $column) = @_;
	return is_pair($column) && $column->{role} ne 'generated' && !($table->{uid} && $column == $table->{uid});
}

# Changed values of another type, mapped down.
sub find_values
{
	my ($self, $prediction, @work) = @_;
	my @queries;

	foreach my $item (@work)
	{
		foreach my $column (grep { is_pair($_) && !is_same_type($_) } @{ $item->{table}{columns} })
		{
			my @rows = map { $_->{gray} } grep { !$_->{frozen} || grep { $_ == $column } @{ $_->{changed} } } @{ $item->{pairs} };
			push @queries, "$item->{table}{name} $column->{no}" => rows_query($item->{table}, 'gray', \@rows, down($column)) if @rows;
		}
	}
	$self->{home} = $self->ask_rows($prediction, @queries);
	return;
}

sub bring_home
{
	my ($self, $prediction, $now, $item) = @_;
	my $table = $item->{table};
	my %kept = map { $_->{tid} => $_ } @{ $now->{production}{ $table->{name} } };
	my (@written, @updates);

	delete $kept{ $_->{tid} } foreach @{ $item->{deleted} };
	foreach my $pair (@{ $item->{pairs} })
	{
		my ($frozen, @changed) = ($pair->{frozen}, @{ $pair->{changed} });
		$self->keep($prediction, $table, $pair->{gray}, $frozen) if $frozen && !@changed;
		next if $frozen && !@changed;
		refuse($prediction, '428C9', "$table->{name}: an identity was changed")
		  if $frozen && grep { ($_->{identity} || '') eq 'ALWAYS' } @changed;
		my $row = { v => [ map { $self->home_value($table, $pair, $_) } @{ $table->{columns} } ], is_written => 1 };
		$self->keep($prediction, $table, $pair->{gray}, $row);
		push @written, $row;
		push @updates, [ $frozen, $row ] if $frozen;
		delete $kept{ $frozen->{tid} } if $frozen;
	}
	$self->doubt($prediction, $table, \@updates, @{ $item->{deleted} } > 0);
	push @{ $prediction->{verified} }, join '|', "app.$table->{name}", scalar @{ $item->{frozen} }, scalar @{ $item->{gray} },
	  @{ $item->{deleted} } + grep { !$_->{frozen} || @{ $_->{changed} } } @{ $item->{pairs} };
	$prediction->{after}{production}{ $table->{name} } = [ (map { $kept{$_} } sort keys %kept), @written ];
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

sub home_value
{
	my ($self, $table, $pair, $column) = @_;
	my ($gray, $frozen) = @$pair{qw(gray frozen)};

	return undef unless defined $column->{name}{production};
	return '*' if $column->{role} eq 'generated';
	return $frozen->{v}[ $column->{no} ] if $frozen && !grep { $_ == $column } @{ $pair->{changed} };
	return $self->default_value($column, 'production') unless is_pair($column);
	return $gray->{v}[ $column->{no} ] if is_same_type($column);
	return ($self->{home}{"$table->{name} $column->{no}"}{ $gray->{tid} } || ['\N'])->[0];
}

sub default_value
{
	my ($self, $column, $side) = @_;
	my $expression = default_of($column, $side);

	return $self->{defaults}{$expression} //= ask($self->{session}, default => "COPY (SELECT $expression) TO STDOUT")->{default}{lines}[0];
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
	refuse($prediction, '23503', "$referrer->{name} refers to $key");
	return $line;
}

1;
