# Snapshot.pm: all rows of a random schema on both sides, as plain SELECTs show them.
#
# A row: tid (where it lies), xmin (who wrote it), owner (its uid), and values (v, by the
# column's number), each as COPY writes it: "\N" is null.
package Gray::Snapshot;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Deadline qw(give_up);
use Gray::RandomSchema qw(qualified quoted side_columns);

our @EXPORT_OK = qw(ask index_of key_of owned unescaped);

my $PART = '=== part';
my $END = '=== end of part';

# Several queries in one go: name => SQL of each.  Returns by name { sqlstate, message, lines }.
sub ask
{
	my ($session, @queries) = @_;
	my (%answers, $sql, @names);

	while (my ($name, $query) = splice @queries, 0, 2)
	{
		push @names, $name;
		$sql .= "$query;\n\\echo $PART :SQLSTATE :LAST_ERROR_MESSAGE\n\\echo $END\n";
	}
	return {} unless @names;
	my $rows = $session->start($sql)->finish->{rows};
	foreach my $answer (split /^$END\n?/m, $rows)
	{
		my ($lines, $sqlstate, $message) = $answer =~ /\A(.*)^$PART (\S+) ?(.*)\n\z/ms or next;
		$answers{ shift @names } = { sqlstate => $sqlstate, message => $sqlstate eq '00000' ? '' : $message, lines => [ $lines =~ /^(.*)\n/mg ] };
	}
	give_up("no answer to: @names: $rows") if @names;
	return \%answers;
}

sub unescaped
{
	my ($text) = @_;
	my %meaning = (n => "\n", t => "\t", r => "\r", b => "\b", f => "\f", v => "\x0b");

	return if !defined $text || $text eq '\N';
	return $text =~ s/\\(.)/$meaning{$1} \/\/ $1/ger;
}

#
# Taking one
#

sub take
{
	my ($class, $schema, $session) = @_;
	my $self = bless { schema => $schema }, $class;
	my @queries;

	foreach my $table (@{ $schema->{tables} })
	{
		push @queries, "$_ $table->{name}", rows_query($table, $_) foreach qw(production gray);
	}
	push @queries, "outside $_->{name}", "COPY (SELECT * FROM app.$_->{name} ORDER BY id) TO STDOUT" foreach @{ $schema->{outside} }, @{ $schema->{shared} };
	push @queries, 'outside audit', 'SELECT count(*) FROM app.audit';
	$self->read(ask($session, @queries));
	$self->find_owners;
	return $self;
}

# Before the clone there is no gray table.
sub rows_query
{
	my ($table, $side) = @_;

	return 'SELECT' if $side eq 'gray' && !$table->{is_cloned};
	return 'COPY (SELECT tableoid::bigint, ctid, xmin, ' . join(', ', map { quoted($_->{name}{$side}) } side_columns($table, $side))
	  . ' FROM ' . qualified($table, $side) . ') TO STDOUT';
}

sub read
{
	my ($self, $answers) = @_;

	foreach my $name (sort keys %$answers)
	{
		my ($side, $table_name) = split / /, $name, 2;
		my $answer = $answers->{$name};
		give_up("$name: $answer->{sqlstate} $answer->{message}") unless $answer->{sqlstate} eq '00000';
		my ($table) = grep { $_->{name} eq $table_name } @{ $self->{schema}{tables} };
		$self->{$side}{$table_name} = $side eq 'outside' ? $answer->{lines} : [ in_stable_order($table, map { parse_row($table, $side, $_) } @{ $answer->{lines} }) ];
	}
	return;
}

sub parse_row
{
	my ($table, $side, $line) = @_;
	my ($relation, $ctid, $xmin, @fields) = split /\t/, $line, -1;
	my @values;

	$values[ $_->{no} ] = shift @fields foreach side_columns($table, $side);
	return { tid => "$relation $ctid", xmin => $xmin, v => \@values };
}

# The choices of a seed must not hang on where rows lie, nor on volatile defaults.
sub in_stable_order
{
	my ($table, @rows) = @_;
	my @columns = map { $_->{no} } $table->{key} && !$table->{gray_key} ? @{ $table->{key} } : grep { !$_->{volatile} } @{ $table->{columns} };
	my %place = map { $_->{tid} => join "\t", map { $_ // '' } @{ $_->{v} }[@columns] } @rows;

	return sort { $place{ $a->{tid} } cmp $place{ $b->{tid} } } @rows;
}

#
# Reading it
#

# The values of columns as one text; undef when one is null.
sub key_of
{
	my ($row, @columns) = @_;
	my @values = @{ $row->{v} }[ map { $_->{no} } @columns ];

	return undef if grep { !defined $_ || $_ eq '\N' } @values;
	return join "\t", @values;
}

# Rows by the value of columns.
sub index_of
{
	my ($rows, @columns) = @_;
	my %rows;

	foreach my $row (@$rows)
	{
		my $key = key_of($row, @columns);
		push @{ $rows{$key} }, $row if defined $key;
	}
	return \%rows;
}

# Parents come before what they own.
sub find_owners
{
	my ($self) = @_;

	foreach my $side (qw(production gray))
	{
		foreach my $table (@{ $self->{schema}{tables} })
		{
			$_->{owner} = unescaped(key_of($_, $table->{uid})) foreach $table->{uid} ? @{ $self->{$side}{ $table->{name} } } : ();
			$self->find_owners_by_path($table, $side) if $table->{parent};
		}
	}
	return;
}

sub find_owners_by_path
{
	my ($self, $table, $side) = @_;
	my $parents = index_of($self->{$side}{ $table->{parent}{name} }, map { $_->[1] } @{ $table->{path} });

	foreach my $row (@{ $self->{$side}{ $table->{name} } })
	{
		my $key = key_of($row, map { $_->[0] } @{ $table->{path} });
		$row->{owner} = defined $key && $parents->{$key} ? $parents->{$key}[0]{owner} : undef;
	}
	return;
}

sub owned
{
	my ($self, $side, $table, $uid) = @_;
	return grep { defined $_->{owner} && $_->{owner} eq $uid } @{ $self->{$side}{ $table->{name} } };
}

#
# Comparing
#

# What is expected: a snapshot in which rows that are to be written are marked with
# is_written; the others must not even have moved.  A value "*" may be any.
# Returns lines that say how they differ.
sub differences
{
	my ($self, $expected) = @_;
	my @differences;

	foreach my $table (@{ $self->{schema}{tables} })
	{
		foreach my $side (qw(production gray))
		{
			push @differences, map { "$side $table->{name}: $_" }
			  differing_rows($expected->{$side}{ $table->{name} }, $self->{$side}{ $table->{name} });
		}
	}
	foreach my $name (sort keys %{ $self->{outside} })
	{
		my ($want, $found) = map { join "\n  ", @{ $_->{outside}{$name} } } $expected, $self;
		push @differences, "outside $name: expected\n  $want\nfound\n  $found" if $want ne $found;
	}
	return @differences;
}

sub differing_rows
{
	my ($expected, $found) = @_;
	my %found = map { $_->{tid} => $_ } @$found;
	my @differences;

	foreach my $row (grep { !$_->{is_written} } @$expected)
	{
		my $now = delete $found{ $row->{tid} };
		push @differences, "gone or moved: " . shown($row) if !$now;
		push @differences, "written: " . shown($row) . "\n    now: " . shown($now) if $now && shown($now) ne shown($row);
	}
	my @left = map { $found{$_} } sort keys %found;
	foreach my $row (grep { $_->{is_written} } @$expected)
	{
		my ($match) = grep { is_match($row, $left[$_]) } 0 .. $#left;
		defined $match ? splice @left, $match, 1 : push @differences, "expected: " . shown($row);
	}
	return (@differences, map { "found: " . shown($_) } @left);
}

sub is_match
{
	my ($expected, $found) = @_;
	my ($want, $have) = map { $_->{v} } $expected, $found;

	return !grep {
		defined $want->[$_] ? $want->[$_] ne '*' && (!defined $have->[$_] || $want->[$_] ne $have->[$_]) : defined $have->[$_]
	} 0 .. (@$want > @$have ? $#$want : $#$have);
}

sub shown
{
	my ($row) = @_;
	return ($row->{is_written} ? 'anywhere' : "$row->{tid} $row->{xmin}") . ': ' . join ' | ', map { $_ // '(none)' } @{ $row->{v} };
}

1;
