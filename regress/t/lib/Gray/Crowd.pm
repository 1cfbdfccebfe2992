# Crowd.pm: sessions that work at the same time, each through its own list of steps.
#
# A player has a session, and a plan: a function that returns its next steps.  A
# step is [ SQL, function of the answer and the player ]; the function may put other steps in
# place of those that were to follow.
package Gray::Crowd;

use strict;
use warnings;

use Gray::Deadline qw(give_up);
use IO::Select;
use Time::HiRes qw(time);

sub new
{
	my ($class) = @_;
	return bless { players => [] }, $class;
}

sub add
{
	my ($self, $session, $plan) = @_;
	my $player = { session => $session, plan => $plan, steps => [] };

	push @{ $self->{players} }, $player;
	return $player;
}

# All play for so many seconds; who is in the middle of a plan then, ends it.
sub play
{
	my ($self, $seconds) = @_;
	my $end = time + $seconds;
	my %busy;

	while (1)
	{
		foreach my $player (grep { !$_->{current} } @{ $self->{players} })
		{
			start($player, time < $end) and $busy{ fileno $player->{session}{from} } = $player;
		}
		last unless %busy;
		foreach my $from (ready(values %busy))
		{
			take_answer($busy{$from}) and delete $busy{$from};
		}
		give_up('players hang: ' . join '; ', map { $_->{current}[0] } values %busy)
		  if time > $end + $Gray::Deadline::SECONDS;
	}
	return;
}

# Returns the file numbers on which there is something to read.
sub ready
{
	return map { fileno $_ } IO::Select->new(map { $_->{session}{from} } @_)->can_read(1);
}

sub start
{
	my ($player, $may_plan) = @_;

	$player->{steps} = [ $player->{plan}->($player) ] if !@{ $player->{steps} } && $may_plan;
	$player->{current} = shift @{ $player->{steps} } or return 0;
	$player->{session}->start($player->{current}[0]);
	return 1;
}

sub take_answer
{
	my ($player) = @_;
	my $answer = $player->{session}->answer or return 0;
	my $step = delete $player->{current};

	give_up("a session was lost: $step->[0]") if $answer->{sqlstate} eq 'lost';
	$step->[1]->($answer, $player) if $step->[1];
	return 1;
}

1;
