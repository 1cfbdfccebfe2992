# OwnOracle.pm: what moves must make of the rows of own tables.
#
# For each user it knows the rows as they were at the last way home (base), and during a stay those
# that wait for a row which is not in gray (waiting).  The rows in gray are as they were looked at
# before and after a move; where a row must be, is found here, by the references between rows.
package Gray::OwnOracle;

use strict;
use warnings;

use Gray::RandomOwn qw(live_columns own_name);
use Gray::RandomSchema qw(quoted);
use Gray::Snapshot qw(ask index_of unescaped);

sub new
{
	my ($class, $schema) = @_;
	return bless { schema => $schema, base => {}, waiting => {} }, $class;
}

sub tables
{
	my ($self) = @_;
	return @{ $self->{schema}{own} };
}

sub copy_of
{
	my ($row) = @_;
	return { %$row, v => [ @{ $row->{v} } ] };
}

# What was there when a transaction began.
sub copy
{
	my ($self) = @_;
	my $copy = bless { schema => $self->{schema} }, ref $self;

	foreach my $place (qw(base waiting))
	{
		$copy->{$place}{$_} = [ map { copy_of($_) } @{ $self->{$place}{$_} } ] foreach keys %{ $self->{$place} };
	}
	return $copy;
}

#
# Looking
#

# Rows by the number of their table: table, tid, owner, values by the column's number.
sub look
{
	my ($self, $session, $twins) = @_;
	my $answers = ask($session, map {
			$_->{id} => 'COPY (SELECT tableoid::bigint, ctid, ' . join(', ', map { quoted($_->{name}) } live_columns($_)) . ' FROM ' . own_name($_) . ') TO STDOUT'
		} $self->tables);
	my %rows;

	foreach my $own ($self->tables)
	{
		my $answer = $answers->{ $own->{id} };
		die "$own->{name}: $answer->{sqlstate} $answer->{message}\n" if $answer->{sqlstate} ne '00000';
		$rows{ $own->{id} } = [ sort { shown($a) cmp shown($b) } map { parsed($own, $_) } @{ $answer->{lines} } ];
		$_->{owner} = owner_of($own, $_, \%rows, $twins) foreach @{ $rows{ $own->{id} } };
	}
	return \%rows;
}

sub parsed
{
	my ($own, $line) = @_;
	my ($relation, $ctid, @fields) = split /\t/, $line, -1;
	my @v;

	@v[ map { $_->{no} } live_columns($own) ] = @fields;
	return { own => $own, tid => "$relation $ctid", v => \@v };
}

# Tables come after those that their paths lead to.
sub owner_of
{
	my ($own, $row, $rows, $twins) = @_;

	return unescaped($row->{v}[ $own->{uid}{no} ]) if $own->{uid};
	my ($path) = grep { $_->{column} == $own->{path} } @{ $own->{references} };
	my ($owner) = grep { $_->{v}[ $path->{to_column}{no} ] eq $row->{v}[ $own->{path}{no} ] } targets($path, $rows, $twins);
	return $owner ? $owner->{owner} : undef;
}

sub targets
{
	my ($reference, $rows, $twins) = @_;
	return @{ $reference->{is_own} ? $rows->{ $reference->{to}{id} } : $twins->{gray}{ $reference->{to}{name} } };
}

sub shown
{
	my ($row) = @_;
	return join ' | ', map { $row->{v}[ $_->{no} ] } live_columns($row->{own});
}

#
# References
#

# Those of a row that are not null: [ reference, value ]
sub references_of
{
	my ($row) = @_;
	return map { [ $_, $row->{v}[ $_->{column}{no} ] ] } grep { $row->{v}[ $_->{column}{no} ] ne '\N' } @{ $row->{own}{references} };
}

# Is a row with this value among them?
sub has_row
{
	my ($reference, $value, @rows) = @_;
	return grep { $_->{v}[ $reference->{to_column}{no} ] eq $value } $reference->{is_own} ? grep { $_->{own} == $reference->{to} } @rows : @rows;
}

sub is_in_gray
{
	my ($reference, $value, $rows, $twins) = @_;
	return has_row($reference, $value, targets($reference, $rows, $twins));
}

# In no place from which it could come back.
sub is_gone
{
	my ($self, $reference, $value, $twins, @more) = @_;

	return !has_row($reference, $value, @{ $twins->{production}{ $reference->{to}{name} } }) if !$reference->{is_own};
	return !has_row($reference, $value, @more, map { @$_ } map { values %{ $self->{$_} } } qw(base waiting));
}

#
# Moves.  Rows before and after it, twins before and after it; returns the rows that must be there.
#

sub without
{
	my ($rows, @gone) = @_;
	my %gone = map { $_->{tid} => 1 } @gone;
	return { map { $_ => [ grep { !$_->{tid} || !$gone{ $_->{tid} } } @{ $rows->{$_} } ] } keys %$rows };
}

sub all_rows
{
	my ($rows) = @_;
	return map { @{ $rows->{$_} } } sort { $a <=> $b } keys %$rows;
}

# The rows of those who leave, and others' rows that refer to them, to these, and so on.
sub leaving
{
	my ($rows, $twins, @users) = @_;
	my %leaves = map { $_ => 1 } @users;
	my (@leaving, @aside) = grep { defined $_->{owner} && $leaves{ $_->{owner} } } all_rows($rows);
	my %left = map { $_->{tid} => 1 } @leaving;
	my %users_twins = map { $_ => [ grep { defined $_->{owner} && $leaves{ $_->{owner} } } @{ $twins->{gray}{$_} } ] } keys %{ $twins->{gray} };

	for (my $found = 1; $found;)
	{
		$found = 0;
		foreach my $row (grep { !$left{ $_->{tid} } } all_rows($rows))
		{
			next unless grep { has_row(@$_, $_->[0]{is_own} ? (@leaving, @aside) : @{ $users_twins{ $_->[0]{to}{name} } }) } references_of($row);
			push @aside, $row;
			$found = $left{ $row->{tid} } = 1;
		}
	}
	return (\@leaving, \@aside);
}

sub migrate_back
{
	my ($self, $rows, $twins, @users) = @_;
	my ($leaving, $aside) = leaving($rows, $twins->{before}, @users);

	foreach my $user (@users)
	{
		$self->{base}{$user} = [ (map { copy_of($_) } grep { $_->{owner} eq $user } @$leaving), @{ $self->{waiting}{$user} || [] } ];
		$self->{waiting}{$user} = [];
	}
	push @{ $self->{waiting}{ $_->{owner} // '' } }, copy_of($_) foreach @$aside;
	$self->{row_count} = @$leaving + @$aside;
	return without($rows, @$leaving, @$aside);
}

sub discard
{
	my ($self, $rows, $twins, $user) = @_;
	my ($leaving, $aside) = leaving($rows, $twins->{before}, $user);

	$self->{waiting}{$user} = [];
	push @{ $self->{waiting}{ $_->{owner} // '' } }, copy_of($_) foreach @$aside;
	return without($rows, @$leaving, @$aside);
}

sub migrate
{
	my ($self, $rows, $twins, $user, $states) = @_;
	my @comes = map { copy_of($_) } grep { is_of_table($self, $_) } @{ $self->{base}{$user} || [] };
	my (@in, @waits);

	do { @in = $self->those_that_hold($rows, $twins->{after}, @comes) } while $self->act($rows, $twins->{after}, \@comes, @in);
	my %in = map { $_ => 1 } @in;
	$self->{base}{$user} = \@comes;
	$self->{waiting}{$user} = [ grep { !$in{$_} } @comes ];
	my $after = with($rows, @in);
	$self->{row_count} = @in;
	$after = $self->let_in($after, $twins->{after}, $_) foreach 1 .. 1 + $self->tables;
	return $after;
}

sub is_of_table
{
	my ($self, $row) = @_;
	return grep { $_ == $row->{own} } $self->tables;
}

sub with
{
	my ($rows, @more) = @_;
	my %with = map { $_ => [ @{ $rows->{$_} } ] } keys %$rows;

	push @{ $with{ $_->{own}{id} } }, { %$_, tid => undef } foreach @more;
	return \%with;
}

# Of rows that come back, those whose references lead to rows in gray, or to one another.
sub those_that_hold
{
	my ($self, $rows, $twins, @rows) = @_;
	my $count;

	do
	{
		$count = @rows;
		@rows = grep {
			!grep { !is_in_gray(@$_, $rows, $twins) && !($_->[0]{is_own} && has_row(@$_, @rows)) } references_of($_)
		} @rows;
	} while $count != @rows;
	return @rows;
}

# What refers to a row that is gone for good does as the key's ON DELETE says.
sub act
{
	my ($self, $rows, $twins, $comes, @in) = @_;
	my %gone;
	my $acted = 0;

	foreach my $row (@$comes)
	{
		foreach my $item (references_of($row))
		{
			my ($reference, $value) = @$item;
			next if $reference->{action} eq '' || is_in_gray(@$item, $rows, $twins) || !$self->is_gone(@$item, $twins, @$comes);
			$acted = 1;
			$reference->{action} =~ /CASCADE/ ? $gone{$row} = 1 : ($row->{v}[ $reference->{column}{no} ] = '\N');
		}
	}
	@$comes = grep { !$gone{$_} } @$comes;
	$self->{base}{$_} = [ grep { !$gone{$_} } @{ $self->{base}{$_} } ] foreach keys %{ $self->{base} };
	return $acted;
}

# Waiting rows of those in gray whose references hold now.
sub let_in
{
	my ($self, $rows, $twins) = @_;

	foreach my $user (sort keys %{ $self->{waiting} })
	{
		my @in = $self->those_that_hold($rows, $twins, grep { is_of_table($self, $_) } @{ $self->{waiting}{$user} });
		my %in = map { $_ => 1 } @in;
		$self->{waiting}{$user} = [ grep { !$in{$_} } @{ $self->{waiting}{$user} } ];
		$rows = with($rows, @in);
		$self->{row_count} += @in;
	}
	return $rows;
}

# A new column has its default in parked rows.
sub note
{
	my ($self, $own, $column) = @_;

	foreach my $row (grep { $own && $_->{own} == $own } map { @$_ } map { values %{ $self->{$_} } } qw(base waiting))
	{
		$row->{v}[ $column->{no} ] = $column->{default} // '\N';
	}
	return;
}

#
# Comparing
#

sub differences
{
	my ($self, $expected, $found) = @_;
	my @differences;

	foreach my $own ($self->tables)
	{
		my ($want, $have) = map { join "\n  ", sort map { shown($_) } @{ $_->{ $own->{id} } || [] } } $expected, $found;
		push @differences, "own $own->{name}: expected\n  $want\nfound\n  $have" if $want ne $have;
	}
	return @differences;
}

1;
