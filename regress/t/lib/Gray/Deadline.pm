# Deadline.pm: waiting for a condition, never for a fixed time.
#
#   until_true(WHAT, QUESTION)  asks until the answer is true, and returns it; dies at the deadline,
#                               since no step after it would mean anything
#   comes_true(WHAT, QUESTION)  the same for a process beside the test: nothing at the deadline
#   give_up(MESSAGE)            dies, and is heard
#   $SECONDS                    the deadline
package Gray::Deadline;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT_OK = qw(comes_true give_up until_true);
our $SECONDS = $ENV{PG_TEST_TIMEOUT_DEFAULT} || 60;

sub until_true
{
	my ($what, $question) = @_;
	return comes_true($what, $question) || give_up("gave up waiting for: $what");
}

sub comes_true
{
	my ($what, $question) = @_;
	my $deadline = time + $SECONDS;

	while (time < $deadline)
	{
		my $answer = $question->();
		return $answer if $answer;
		sleep 0.01;
	}
	return;
}

# The message of a die within a subtest is lost, so it is told before.
sub give_up
{
	my ($message) = @_;

	diag($message);
	die "$message\n";
}

1;
