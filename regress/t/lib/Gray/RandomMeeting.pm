# RandomMeeting.pm: what two users of a random schema do to each other: gifts, swaps, and
# references between strangers.
#
# Each meeting moves its users as far as it needs, and leaves the rest to their next turns.
package Gray::RandomMeeting;

use strict;
use warnings;

use Gray::Random qw(any between chance some);
use Gray::RandomSchema qw(qualified);
use Gray::RandomWork;
use Gray::Snapshot qw(key_of owned);

# Of so many rows of one user, a page holds enough to be looked at as a whole.
use constant MANY_ROWS => 45;

my @meetings = qw(gifts strangers swaps);

sub meet
{
	my ($self) = @_;
	my $kind = any(grep { $self->{features}{$_} } @meetings) or return 0;
	my ($one, $other) = sort { chance(0.5) ? 1 : -1 } some(2, $self->users);
	my $meeting = "meet_for_$kind";

	return $self->$meeting($one, $other);
}

# Those that others lead to by owner path.
sub parents
{
	my ($self) = @_;
	return grep { my $table = $_; grep { $_->{parent} && $_->{parent} == $table } $self->tables } $self->tables;
}

sub bring_to_gray
{
	my ($self, @users) = @_;

	foreach my $user (@users)
	{
		$self->reset($user, 'off') if $self->{states}{$user} eq 'failed';
		$self->move('migrate', $user) if $self->{states}{$user} eq 'off' && $self->is_well;
	}
	return $self->is_well && !grep { $self->{states}{$_} ne 'on' } @users;
}

sub bring_home
{
	my ($self, @users) = @_;

	foreach my $user (@users)
	{
		$self->move('migrate_back', $user) if $self->{states}{$user} eq 'on' && $self->is_well;
	}
	return 1;
}

# The user with many rows is moved after the one who gives: what comes along was written
# by an earlier move than all rows of the new owner.
sub meet_for_gifts
{
	my ($self, $giver) = @_;
	my $big = ($self->users)[0];
	my $table = any($self->parents);

	return 0 if !$table || $giver eq $big;
	$self->bring_home($big);
	$self->bring_to_gray($giver, $big) or return 1;
	my %job = (%{ $self->job($giver, 'gray') }, neighbours => [$big]);
	$self->work_on(map { Gray::RandomWork::give_away(\%job, $table) } 1 .. between(1, 2));
	$self->look;
	return $self->bring_home(chance(0.7) ? ($giver, $big) : ($big, $giver));
}

sub meet_for_swaps
{
	my ($self, $one, $other) = @_;
	my $table = any(grep { $_->{uid} && $_ != ($self->tables)[0] } $self->tables) or return 0;

	$self->bring_to_gray($one, $other) or return 1;
	$self->work_on(map { Gray::RandomWork::give_away({ %{ $self->job($_->[0], 'gray') }, neighbours => [ $_->[1] ] }, $table) }
		  [ $one, $other ], [ $other, $one ]);
	$self->look;
	return $self->bring_home($one, $other);
}

# In production a user deletes a row to which one who is in gray refers, with a frozen row that
# the foreign key's action comes to; gray has dropped that key.
sub meet_for_strangers
{
	my ($self, $here, $moved) = @_;
	my $key = any(grep { $_->{columns}[0]{role} eq 'reference' && !$_->{sides}{gray} && $_->{action} } map { @{ $_->{references} } } $self->tables) or return 0;
	my ($from) = grep { grep { $_ == $key } @{ $_->{references} } } $self->tables;

	return 0 if grep { $self->{states}{$_} ne 'off' } $here, $moved;
	$self->work_on(Gray::RandomWork::insert_row({ %{ $self->job($moved, 'production') }, stranger => $here }, $from));
	$self->look;
	$self->bring_to_gray($moved) or return 1;
	my %referred = map { (key_of($_, @{ $key->{columns} }) // '') => 1 } owned($self->{rows}, 'production', $from, $moved);
	my $row = any(grep { $referred{ key_of($_, @{ $key->{to_columns} }) } } owned($self->{rows}, 'production', $key->{to}, $here)) or return 1;
	$self->work_on('DELETE FROM ' . qualified($key->{to}, 'production') . ' WHERE '
		  . Gray::RandomWork::is_at($self->job($here, 'production'), $key->{to}, $row));
	$self->look;
	return 1;
}

1;
