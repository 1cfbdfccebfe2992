# Oracle.pm: what a move must make of a random schema's rows.
#
# It knows the schema and the upgrade as the test made them, and the rows as they were
# before the move; from the database it has nothing but casts, defaults and gray_map's
# expressions, each in a plain SELECT.  It calls none of the engine's functions.
package Gray::Oracle;

use strict;
use warnings;

use Gray::Kept;
use Gray::Mapping qw(is_pair is_unforeseen seen_in_gray up_of);
use Gray::RandomSchema qw(qualified side_columns);
use Gray::Rules qw(broken_rules);
use Gray::Snapshot qw(ask index_of key_of owned);
use Gray::WayHome;

our @ISA = ('Gray::WayHome');

sub new
{
	my ($class, $schema, $session) = @_;
	return bless { schema => $schema, features => $schema->{features}, session => $session, defaults => {}, stays => {}, kept => Gray::Kept->new }, $class;
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

# An index takes 2,704 bytes, when they can't be compressed.
sub has_long_value
{
	my ($after) = @_;
	my @rows = map { @$_ } map { values %{ $after->{$_} } } qw(production gray);

	return grep { my $row = $_; grep { defined && length > 2000 } @{ $row->{v} } } @rows;
}

sub check_rules
{
	my ($self, $prediction) = @_;

	foreach my $side (qw(production gray))
	{
		refuse($prediction, @$_) foreach broken_rules($self->{schema}, $prediction->{after}, $side);
	}
	$prediction->{doubts}{54000} = 'a value may be too long for an index' if has_long_value($prediction->{after});
	$prediction->{doubts}{42501} = 'a unique constraint may be deferred' if $prediction->{reasons}{23505} && !$self->{features}{deferred};
	return $prediction;
}

sub tables
{
	my ($self) = @_;
	return @{ $self->{schema}{tables} };
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

# Rows as they would be in gray, by tid; '*' is a value that can't be foreseen.
sub rows_in_gray
{
	my ($self, $prediction, %rows) = @_;
	my @tables = grep { @{ $rows{ $_->{name} } } } $self->tables;
	my $answers = $self->ask_rows($prediction, map {
			$_->{name} => rows_query($_, 'production', $rows{ $_->{name} }, map { is_unforeseen($_) ? q{'*'} : $self->{was_moved} ? seen_in_gray($_) : up_of($_) } side_columns($_, 'gray'))
		} @tables);

	foreach my $table (@tables)
	{
		my @columns = side_columns($table, 'gray');
		my $values = $answers->{ $table->{name} };
		$values->{$_} = new_row($values->{$_}, @columns) foreach keys %$values;
	}
	return $answers;
}

sub new_row
{
	my ($values, @columns) = @_;
	my @v;

	@v[ map { $_->{no} } @columns ] = @$values;
	return { v => \@v, is_written => 1 };
}

sub migrate
{
	my ($self, $now, $uid) = @_;
	my $prediction = prediction($now);
	my %rows = map { $_->{name} => [ owned($now, 'production', $_, $uid) ] } $self->tables;
	my $in_gray = $self->rows_in_gray($prediction, %rows);

	foreach my $table ($self->tables)
	{
		foreach my $frozen (@{ $rows{ $table->{name} } })
		{
			my $row = $in_gray->{ $table->{name} }{ $frozen->{tid} } or next;
			push @{ $prediction->{after}{gray}{ $table->{name} } }, $row;
			next unless $table->{key};
			$self->settle($prediction, $uid, $table, $frozen, $row);
			my $fits = $self->{kept}->restore($uid, $table, $frozen, $row);
			$prediction->{kept}{ $table->{name} }{ key_of($frozen, @{ $table->{key} }) } = $fits;
		}
	}
	$prediction->{kept} ||= {};
	$prediction->{is_nobody} = 1 unless map { @$_ } values %rows;
	$prediction->{row_count} = $prediction->{is_settled} ? undef : map { @$_ } values %rows;
	return $self->check_rules($prediction);
}

# What was kept of a column that gray alone had goes to production, where the column is a pair now
# and says nothing of its own.
sub settle
{
	my ($self, $prediction, $uid, $table, $frozen, $row) = @_;
	my $kept = $self->{kept}->row($uid, $table, key_of($frozen, @{ $table->{key} }));
	my @v = @{ $frozen->{v} };
	my $is_given;

	foreach my $column (grep { is_pair($_) && !$_->{map}{up} && $kept->{ $_->{no} } && !defined $kept->{ $_->{no} }{home} } @{ $table->{columns} })
	{
		my $no = $column->{no};
		next if $v[$no] ne '\N' && $v[$no] ne ($self->production_default($column) // '\N');
		$v[$no] = $row->{v}[$no] = $kept->{$no}{value};
		$is_given = $prediction->{is_settled} = 1;
	}
	return unless $is_given;
	my $rows = $prediction->{after}{production}{ $table->{name} };
	@$rows = map { $_ == $frozen ? { v => \@v, owner => $frozen->{owner}, is_written => 1 } : $_ } @$rows;
	return;
}

# When it began, and by which transactions its rows were written.
sub remember_stay
{
	my ($self, $uid, $now) = @_;
	my %written = map { $_->{xmin} => 1 } map { owned($now, 'gray', $_, $uid) } $self->tables;

	$self->{stays}{$uid} = { began => $self->{schema}{clock} // 0, written => \%written };
	return;
}

# A move was done, and this is what it left.
sub remember
{
	my ($self, $uid, $prediction, $now) = @_;

	my $kept = $prediction->{stay} ? $self->kept_of_stay($prediction, $now, $uid) : $prediction->{kept};
	$self->{kept}->replace($uid, $kept) if $kept;
	return;
}

# By what production holds since the rows came home.
sub kept_of_stay
{
	my ($self, $prediction, $now, $uid) = @_;
	my %rows = map { $_->{name} => [ $_->{key} ? owned($now, 'production', $_, $uid) : () ] } $self->tables;
	local $self->{was_moved} = 1;
	my $in_gray = $self->rows_in_gray($prediction, %rows);
	my %kept;

	foreach my $table (grep { $_->{key} } $self->tables)
	{
		my $by_key = index_of($prediction->{stay}{ $table->{name} }, @{ $table->{key} });
		foreach my $row (@{ $rows{ $table->{name} } })
		{
			my $key = key_of($row, @{ $table->{key} });
			my $gray = $by_key->{$key}[0] or next;
			$kept{ $table->{name} }{$key} = Gray::Kept::of_row($table, $gray, $row, $in_gray->{ $table->{name} }{ $row->{tid} });
		}
	}
	return \%kept;
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
		$prediction->{after}{gray}{ $table->{name} } = [ grep { !$_->{tid} || !$gone{ $_->{tid} } } @{ $prediction->{after}{gray}{ $table->{name} } } ];
	}
	return;
}

1;
