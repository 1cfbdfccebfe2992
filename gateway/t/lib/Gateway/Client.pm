# Client.pm: what a client hears: answers, read from a peer (Gateway::Peer) that has asked.
#
# An answer is {status, head, body}, and {cut} where the connection ended before it did; the status
# is 0 where none came.
#
#   answer(PEER, METHOD)   the next one; METHOD has only to be told where it is HEAD
#   final_answer(PEER)     the same to a client that has ended its direction: it may be asked before
#                          whether it is there
#   by(ANSWER)             who answered: the first word of the body; the status, where that is not 200
package Gateway::Client;

use strict;
use warnings;

use Exporter qw(import);
use Gateway::Peer;

our @EXPORT = qw(answer final_answer by);

sub answer
{
	my ($peer, $method) = @_;
	my $answer = { status => 0, head => head_on($peer), body => '' };

	$answer->{status} = $1 if $answer->{head} =~ m{^HTTP/1\.1 (\d+)};
	return $answer
	  if $answer->{status} < 200 || $answer->{status} =~ /^(204|304)$/ || ($method // '') eq 'HEAD';
	if ($answer->{head} =~ /^Transfer-Encoding: chunked/mi)
	{
		$answer->{body} = chunks_on($peer);
		$answer->{cut} = 1 if $answer->{body} =~ /\(/;
	}
	elsif ($answer->{head} =~ /^Content-Length: (\d+)/mi)
	{
		my $length = $1;
		$answer->{body} = bytes_on($peer, $length);
		$answer->{cut} = 1 if length $answer->{body} < $length;
	}
	else
	{
		$answer->{body} = rest_on($peer);
	}
	return $answer;
}

sub final_answer
{
	my ($peer) = @_;
	my $answer = answer($peer);

	$answer = answer($peer) while $answer->{status} == 100;
	return $answer;
}

sub by
{
	my ($answer) = @_;
	return $answer->{status} == 200 ? (split ' ', $answer->{body})[0] : $answer->{status};
}

1;
