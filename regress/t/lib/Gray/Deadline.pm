# Deadline.pm: waiting for a condition, never for a fixed time.
package Gray::Deadline;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT_OK = qw(give_up until_true);
our $SECONDS = $ENV{PG_TEST_TIMEOUT_DEFAULT} || 60;

# Asks until the answer is true, and returns it; dies at the deadline, since no
# step after it would mean anything.
sub until_true
{
	my ($what, $question) = @_;
	my $deadline = time + $SECONDS;

	while (time < $deadline)
	{
		my $answer = $question->();
		return $answer if $answer;
		sleep 0.01;
	}
	return give_up("gave up waiting for: $what");
}

# The message of a die within a subtest is lost, so it is told before.
sub give_up
{
	my ($message) = @_;

	diag($message);
	die "$message\n";
}

1;
