# Large answers, which go from socket to socket through a pipe: whole and in
# order, and nothing of them is left behind when something breaks.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Rest qw(pipes);
use Test::More;

use constant MIB => 1 << 20;

my $gateway = started(buffer_bytes => 4096);
my $get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

sub head
{
	my ($field) = @_;
	return "HTTP/1.1 200 OK\r\n$field\r\n\r\n";
}

# What came of an answer that was sent while nobody read it, and what that left.
sub sent_to_nobody
{
	my ($request, $head, $body) = @_;
	my ($client, $server) = begun($request);

	say($server, $head);
	my ($sent) = fill($server, $body, length $body);
	return ($client, $server, $sent);
}

my $pipes_at_first = pipes($gateway);

subtest 'which answers' => sub {
	my ($client, $server) = begun($get);
	my $small = numbered(65535);

	foreach my $case ([ 'small', 'Content-Length: 65535', $small ], [ 'chunked', 'Transfer-Encoding: chunked', chunk(numbered(MIB)) . "0\r\n\r\n" ])
	{
		my ($name, $field, $bytes) = @$case;
		my $pid = say_aside($server, head($field) . $bytes);
		my $body = answer($client)->{body};

		is(length $body, $name eq 'small' ? 65535 : MIB, "$name: comes");
		waitpid $pid, 0;
		is(pipes($gateway), $pipes_at_first, "$name: without a pipe");
		say($client, $get);
		head_on($server);
	}
	my $pid = say_aside($server, head('Content-Length: 65536') . "${small}x");
	is(answer($client)->{body}, "${small}x", '64 KiB: comes');
	waitpid $pid, 0;
	is(pipes($gateway), $pipes_at_first + 2, '64 KiB: with one');
};

subtest 'whole and in order, one after the other' => sub {
	my ($client, $server) = begun($get);

	foreach my $length (65536, 100_001, 3 * MIB)
	{
		my $body = numbered($length);
		my $pid = say_aside($server, head("Content-Length: $length") . $body);

		ok(answer($client)->{body} eq $body, "$length bytes");
		waitpid $pid, 0;
		say($client, $get);
		head_on($server);
		say($server, $ok);
		is(answer($client)->{body}, 'ok', 'and a small one behind it on the same connections');
		say($client, $get);
		head_on($server);
	}
	say($server, $ok);
	answer($client);
	is(pipes($gateway), $pipes_at_first + 2, 'through one pipe');
};

subtest 'a client that reads late' => sub {
	my $body = numbered(32 * MIB);
	my ($client, $server, $sent) = sent_to_nobody($get, head('Content-Length: ' . length $body), $body);

	cmp_ok($sent, '<', length $body, 'the server is made to wait');
	is($gateway->status('in_flight'), 1, 'others are served');
	my $pid = say_aside($server, substr $body, $sent);
	ok(answer($client)->{body} eq $body, 'all of it arrives');
	waitpid $pid, 0;
	say($client, $get);
	head_on($server);
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and both connections go on');
};

subtest 'up to the end of the connection' => sub {
	my $body = numbered(2 * MIB);
	my ($client, $server) = begun("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
	my $pid = say_aside($server, "HTTP/1.1 200 OK\r\n\r\n$body");

	close $server->{socket};
	ok(answer($client)->{body} eq $body, 'all of it');
	waitpid $pid, 0;
	is(end_of($client), 'closed', 'and an end in order');
	$gateway->until_status('in_flight', 0);

	($client, $server) = begun("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
	say($server, "HTTP/1.1 200 OK\r\n\r\n" . numbered(65536));
	head_on($client);
	bytes_on($client, 65536);
	reset_connection($server);
	is(end_of($client), 'reset', 'a server that breaks off: a reset');
};

subtest 'a server that goes' => sub {
	my ($client, $server) = begun($get);
	my $body = numbered(MIB);

	say($server, head('Content-Length: ' . (MIB + 1)) . $body);
	close $server->{socket};
	my $answer = answer($client);
	is(length $answer->{body}, MIB, 'what it sent comes');
	ok($answer->{cut}, 'and then the connection ends');
	$gateway->until_status('in_flight', 0);
};

subtest 'a client that goes' => sub {
	my $body = numbered(32 * MIB);
	my ($client, $server) = sent_to_nobody($get, head('Content-Length: ' . length $body), $body);

	reset_connection($client);
	$gateway->until_status('in_flight', 0);
	isnt(end_of($server), 'open', 'the server is told');
	cmp_ok(pipes($gateway), '<=', $pipes_at_first + 2, 'what was in the pipe goes with it');
	($client, $server) = begun($get);
	$body = numbered(MIB);
	my $pid = say_aside($server, head('Content-Length: ' . MIB) . $body);
	ok(answer($client)->{body} eq $body, 'the next answer has nothing of it');
	waitpid $pid, 0;
};

subtest 'bytes behind the answer' => sub {
	my ($client, $server) = begun($get);
	my $body = numbered(MIB);
	my $pid = say_aside($server, head('Content-Length: ' . MIB) . $body . "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");

	say($client, $get); # waits behind the first
	ok(answer($client)->{body} eq $body, 'it ends where it said');
	waitpid $pid, 0;
	my $other = accepted();
	head_on($other);
	say($other, $ok);
	is(answer($client)->{body}, 'ok', 'the next request goes on another connection');
};

is($gateway->stop, 0, 'the gateway stops');
done_testing();
