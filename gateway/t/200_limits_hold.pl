# Every limit: what is just within it passes, what is just beyond is refused,
# and the server hears nothing of it.  No database is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use IO::Select;
use Test::More;
use Time::HiRes qw(time);

my $directory = tempdir(CLEANUP => 1);
my $server = backend('v1');

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(production => "127.0.0.1:$server", gray => "127.0.0.1:$server", %settings);
}

# The request passes.
sub passes
{
	my ($gateway, $request, $what) = @_;
	is($gateway->ask($request)->{status}, 200, "$what: passes");
}

# The request is refused, the connection closed, and the server hears nothing.
sub refused
{
	my ($gateway, $request, $status, $what) = @_;
	my $before = $gateway->status('requests');
	my $answer = $gateway->ask($request);

	is($answer->{status}, $status, "$what: refused");
	like($answer->{head}, qr/^Connection: close\r/m, "$what: says it closes");
	ok(closes($answer->{client}), "$what: and closes");
	is($gateway->status('requests'), $before, "$what: no request was begun");
}

sub post
{
	my ($length, @fields) = @_;
	return "POST /echo HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "Content-Length: $length\r\n\r\n" . 'b' x $length;
}

sub chunked
{
	my ($length) = @_;
	return "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	  . join('', map { "64\r\n" . 'c' x 100 . "\r\n" } 1 .. $length / 100) . "0\r\n\r\n";
}

# A request of just so many bytes, all in fields of the head.
sub sized
{
	my ($bytes) = @_;
	my $begin = "GET /which HTTP/1.1\r\nHost: h\r\nX: ";

	return $begin . 'y' x ($bytes - length($begin) - 4) . "\r\n\r\n";
}

subtest 'the head' => sub {
	my $gateway = gateway(max_request_line_bytes => 100, max_header_bytes => 2000, max_headers => 10);
	my $line = sub { "GET /which?" . 'q' x ($_[0] - 20) . " HTTP/1.1" };

	passes($gateway, $line->(100) . "\r\nHost: h\r\n\r\n", 'a line of 100');
	refused($gateway, $line->(101) . "\r\nHost: h\r\n\r\n", 414, 'a line of 101');
	refused($gateway, 'GET /' . 'q' x 200, 414, 'a line without end');
	passes($gateway, sized(2000), '2000 bytes');
	refused($gateway, sized(2001), 431, '2001 bytes');
	refused($gateway, substr(sized(3000), 0, 2001), 431, '2001 bytes without end');
	passes($gateway, "GET /which HTTP/1.1\r\nHost: h\r\n" . "X: y\r\n" x 9 . "\r\n", '10 fields');
	refused($gateway, "GET /which HTTP/1.1\r\nHost: h\r\n" . "X: y\r\n" x 10 . "\r\n", 431, '11 fields');
	passes($gateway, "GET /which HTTP/1.1\r\nHost: h\r\nConnection: " . 'a, ' x 9 . "b\r\n\r\n", '10 options in Connection');
	refused($gateway, "GET /which HTTP/1.1\r\nHost: h\r\nConnection: " . 'a, ' x 10 . "b\r\n\r\n", 431, '11 options');
	like($gateway->log, qr/info: client \S+: 414: request line too long/, 'the log says why');
};

subtest 'a large head' => sub {
	my $gateway = gateway(max_header_bytes => 300_000);

	foreach my $bytes (16_384, 70_000, 300_000)
	{
		my $client = $gateway->connect;
		my $head = sized($bytes);

		# In two pieces, so that what came first has to be kept.
		say($client, substr($head, 0, $bytes - 10));
		say($client, substr($head, $bytes - 10));
		is(answer($client)->{status}, 200, "$bytes bytes, if allowed");
	}
};

subtest 'the body' => sub {
	my $gateway = gateway(max_body_bytes => 1000);

	passes($gateway, post(1000), '1000 bytes');
	refused($gateway, post(1001), 413, '1001 bytes');
	refused($gateway, "POST /continue HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n",
		413, '1001 bytes announced, before they are sent');
	passes($gateway, chunked(1000), 'chunks of 1000 bytes');
	my $answer = $gateway->ask(chunked(1100));
	is($answer->{status}, 413, 'chunks of 1100 bytes: refused');
	ok(closes($answer->{client}), 'and closed');
	is(gateway()->ask(post(3_000_000))->{status}, 200, 'any size without a limit');
};

subtest 'connections' => sub {
	my $gateway = gateway(max_connections => 3);
	my @clients = map { $gateway->connect } 1 .. 3;

	foreach my $client (@clients)
	{
		say($client, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
		is(answer($client)->{status}, 200, 'up to three');
	}
	my $answer = answer(my $fourth = $gateway->connect);
	is($answer->{status}, 503, 'the fourth is told');
	like($answer->{head}, qr/^Retry-After: /m, 'and may come again');
	ok(closes($fourth), 'and closed');
	close $clients[0]{socket};
	until_true('the first to be gone', sub { $gateway->status('connections') < 3 });
	is($gateway->get('/which')->{status}, 200, 'when one is gone there is room');
};

subtest 'descriptors' => sub {
	my $gateway = gateway();
	my $first = $gateway->connect;
	my @idle;

	is(answer(say($first, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n") && $first)->{status}, 200, 'a request');
	is(system('prlimit', '--pid', $gateway->{pid}, '--nofile=80:80'), 0, 'a limit of 80');
	push @idle, $gateway->connect foreach 1 .. 100;
	my $other = $idle[0];
	say($other, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
	is(answer($other)->{status}, 200, 'the first ones of many connections reach a server');
	my $last = pop @idle;
	@idle = ();
	say($last, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
	is(answer($last)->{status}, 200, 'and the last one when others have left');
};

subtest 'requests of a connection' => sub {
	my $gateway = gateway(max_requests => 3);
	my $client = $gateway->connect;

	say($client, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n" x 4);
	foreach my $number (1 .. 3)
	{
		my $head = answer($client)->{head};
		my $says = $head =~ /^Connection: close\r/m ? 1 : 0;

		like($head, qr{^HTTP/1.1 200}, "request $number is answered");
		is($says, $number == 3 ? 1 : 0, $number == 3 ? 'the last of them says it closes' : 'and the connection stays');
	}
	ok(closes($client), 'then it closes; the fourth is not served');
};

# Sends a byte every while until an answer comes; time is what is tested here.
sub trickle
{
	my ($client, $begin) = @_;
	my $answered = IO::Select->new($client->{socket});

	say($client, $begin);
	foreach (1 .. 1000)
	{
		last if $answered->can_read(0.02);
		say($client, 'x');
	}
	return answer($client);
}

subtest 'slow clients' => sub {
	my $gateway = gateway(
		header_timeout_ms => 500, body_timeout_ms => 500, body_min_rate => 100_000, idle_timeout_ms => 60_000);
	my $client = $gateway->connect;
	my $answer = trickle($client, "GET /which HTTP/1.1\r\nHost: h\r\nX: ");

	is($answer->{status}, 408, 'a head that never stands still, but never ends');
	ok(closes($client), 'and closes');
	$client = $gateway->connect;
	$answer = trickle($client, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
	is($answer->{status}, 408, 'such a body');
	ok(closes($client), 'and closes');
	like($gateway->log, qr/408: the request body did not arrive in time/, 'the log says why');

	my $patient = gateway(body_timeout_ms => 500, body_min_rate => 0);
	$client = $patient->connect;
	say($client, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
	my $begun = time;
	until_true('time to pass', sub { time - $begun > 2.5 });
	say($client, 'cd');
	is(answer($client)->{status}, 200, 'body_min_rate = 0: however slow');
};

subtest 'clients that sip' => sub {
	my $gateway = gateway(body_timeout_ms => 500, body_min_rate => 100_000_000, idle_timeout_ms => 60_000);

	foreach my $target ('/flood', '/chunked/1000000/1000')
	{
		my $client = $gateway->connect;
		my ($peer) = $client->{socket}->sockport;

		say($client, "GET $target HTTP/1.1\r\nHost: h\r\n\r\n");
		my $closed = qr/client 127\.0\.0\.1:$peer: closed: it reads too slowly/;
		ok(until_true('the end', sub { sysread $client->{socket}, my $sip, 100; $gateway->log =~ $closed }),
			"$target: such an answer ends");
	}
	is($gateway->status('in_flight'), 0, 'and nothing is left of it');
};

subtest 'a slow server is not the fault of the client' => sub {
	my $gateway = gateway(body_timeout_ms => 500, body_min_rate => 1_000_000_000);
	my $client = $gateway->connect;
	my $file = "$directory/read-on";
	my $body = 'z' x 20_000_000;
	my $begun = time;

	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		say($client, "POST /lazy$file HTTP/1.1\r\nHost: h\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
		POSIX::_exit(0);
	}
	until_true('time to pass', sub { time - $begun > 4.2 });
	write_file($file, '');
	is(answer($client)->{status}, 200, 'time in which the server does not read is not counted');
	waitpid $pid, 0;
};

# Grows the gateway by less than that, for each client that does not read?
sub memory_of
{
	my ($gateway, $count) = @_;
	my @clients;

	$gateway->get('/which');
	my $before = $gateway->memory;
	foreach (1 .. $count)
	{
		my $client = $gateway->connect;

		say($client, "GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
		push @clients, $client;
	}
	until_true('all answers to begin', sub { $gateway->status('2xx') > $count });
	return ($gateway->settled_memory - $before) / $count;
}

subtest 'memory' => sub {
	plan skip_all => 'a sanitizer keeps what is freed' if Gateway::sanitized();
	my $small = memory_of(gateway(buffer_bytes => 4096), 60);
	my $large = memory_of(gateway(buffer_bytes => 65_536), 60);

	diag(sprintf 'a client that does not read costs %.1f KiB with buffer_bytes = 4096, %.1f with 65536', $small, $large);
	cmp_ok($small, '<', 2 * 4 + 4, 'little with a small buffer');
	cmp_ok($large, '<', 2 * 64 + 16, 'and never more than buffer_bytes twice');
};

done_testing();
