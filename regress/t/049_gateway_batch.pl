# Cheaper on a crowded host: servers behind sockets of their own, and uploads that go from
# socket to socket.  No database is there.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/lib";

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Gateway;
use Gray::Between;
use Gray::Deadline qw(until_true);
use IO::Socket::UNIX;
use Socket qw(AF_UNIX SOCK_STREAM SOL_SOCKET SO_RCVBUF);
use Test::More;

use constant MIB => 1 << 20;

plan skip_all => 'no gateway at ' . Gateway::binary() unless -x Gateway::binary();

my $directory = tempdir(CLEANUP => 1);
my $get = "GET /which HTTP/1.1\r\nHost: h\r\n\r\n";
my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

# More than all buffers on the way hold.
use constant TOO_MUCH => 24 * MIB;
my $numbered = join '', map { sprintf '%099d,', $_ } 0 .. TOO_MUCH / 100;

# Bytes that would be missed if some were lost, doubled or swapped.
sub numbered
{
	my ($length) = @_;
	return substr $numbered, 0, $length;
}

sub post
{
	my ($path, $length, @fields) = @_;
	return "POST $path HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "Content-Length: $length\r\n\r\n";
}

sub idle
{
	my ($gateway) = @_;
	return until_true('no request in flight', sub { $gateway->status('in_flight') eq '0' });
}

# --- servers behind sockets ------------------------------------------------------

sub behind
{
	my ($paths, %settings) = @_;
	my $addresses = join ', ', map { "unix:$_" } @$paths;
	return Gateway->start(production => $addresses, gray => $addresses, %settings);
}

subtest 'unix: connections are kept, whatever goes on them' => sub {
	Gateway::backend('one', "$directory/one");
	my $gateway = behind(["$directory/one"]);
	my $client = $gateway->connect;

	foreach my $served (0 .. 2)
	{
		Gateway::say($client, $get);
		like(Gateway::answer($client)->{body}, qr/^one pid=\d+ served=$served$/, "request $served");
	}
	Gateway::say($client, post('/which', 3) . 'abc');
	like(Gateway::answer($client)->{body}, qr/served=3$/, 'a POST, before which it is looked at');
	Gateway::say($client, post('/echo', 3 * MIB) . numbered(3 * MIB));
	like(Gateway::answer($client)->{body}, qr/^${\(3 * MIB)} ${\md5_hex(numbered(3 * MIB))}$/m, '3 MiB to the server');
	Gateway::say($client, "GET /length/${\MIB} HTTP/1.1\r\nHost: h\r\n\r\n");
	is(length Gateway::answer($client)->{body}, MIB, '1 MiB from it');
	Gateway::say($client, $get);
	like(Gateway::answer($client)->{body}, qr/served=6$/, 'all on one connection');
};

subtest 'unix: a server that is gone is ejected, and back when its path is' => sub {
	my $group = Gateway::backend('two', "$directory/two");
	my $gateway = behind([ "$directory/one", "$directory/two" ], eject_after => 2, eject_ms => 100);
	my $heard = sub { (split ' ', $gateway->get('/which')->{body})[0] };
	my %heard;

	$heard{ $heard->() }++ foreach 1 .. 4;
	is_deeply(\%heard, { one => 2, two => 2 }, 'both in turn');
	kill 'KILL', $group;
	until_true('two is ejected', sub { die "refused\n" if $heard->() ne 'one'; $gateway->log =~ m{server unix:\S+/two: ejected} });
	pass('ejected, and nobody noticed');
	unlink "$directory/two";
	Gateway::backend('two', "$directory/two");
	until_true('two is back', sub { $heard->() eq 'two' });
	like($gateway->log, qr{server unix:\S+/two: is back}, 'back');
};

subtest 'unix: a full queue is waited for, as that of a port' => sub {
	my $path = "$directory/full";
	my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die "cannot listen: $!";
	my @before;
	my $full = sub {
		socket my $socket, AF_UNIX, SOCK_STREAM | Socket::SOCK_NONBLOCK(), 0 or die $!;
		my $good = connect $socket, Socket::pack_sockaddr_un($path);
		push @before, $socket;
		return !$good && $!{EAGAIN};
	};
	1 until $full->();
	my $gateway = behind([$path], connect_timeout_ms => 300_000);
	my $client = $gateway->connect;

	Gateway::say($client, $get);
	until_true('the request waits', sub { $gateway->status('outstanding') eq '1' });
	is($gateway->status('failures'), 0, 'that is no failure');
	@before = ();
	my $server;
	until_true('it comes', sub {
		$server = { socket => scalar $listener->accept, buffer => '' };
		return head_on($server) ne '';
	});
	Gateway::say($server, $ok);
	is(Gateway::answer($client)->{body}, 'ok', 'and is answered');
	close $server->{socket};

	1 until $full->();
	Gateway::write_file($gateway->{file}, join '', map { s/^connect_timeout_ms.*/connect_timeout_ms = 50/mr } do { local @ARGV = $gateway->{file}; <> });
	kill 'HUP', $gateway->{pid};
	until_true('the new settings', sub { $gateway->log =~ /reloaded/ });
	is($gateway->get('/which', 'Connection: close')->{status}, 504, 'not for ever');
};

# --- uploads ---------------------------------------------------------------------

my $through = started(replay_bytes => 4096, buffer_bytes => 4096);

sub pipes
{
	return scalar grep { (readlink($_) // '') =~ /^pipe:/ } glob "/proc/$through->{pid}/fd/*";
}

# Its own are there when it answers.
idle($through);
my $pipes_at_first = pipes();

# A client whose upload is on its way, and the server that has its head; how much the gateway took.
sub uploading
{
	my ($body) = @_;
	my ($client, $server) = begun(post('/', length $body));
	my ($sent) = fill($client, $body, length $body);

	return ($client, $server, $sent);
}

subtest 'upload: whole and in order, however long' => sub {
	my ($client, $server) = begun($get);
	Gateway::say($server, $ok);
	Gateway::answer($client);

	foreach my $length (4096, 4097, 20_480, 20_481, 100_001, 3 * MIB)
	{
		my $body = numbered($length);
		my $pid = say_aside($client, post('/', $length) . $body . $get);

		head_on($server);
		ok(bytes_on($server, $length) eq $body, "$length bytes");
		is($server->{buffer}, '', 'and nothing behind them');
		Gateway::say($server, $ok);
		is(Gateway::answer($client)->{body}, 'ok', 'it is answered');
		waitpid $pid, 0;
		like(head_on($server), qr/^GET /, 'the request behind it comes on the same connection');
		Gateway::say($server, $ok);
		Gateway::answer($client);
		is(pipes(), $pipes_at_first, 'no pipe for so little') if $length <= 20_481;
	}
	is(pipes(), $pipes_at_first + 2, 'through one pipe');
};

subtest 'upload: chunks are read' => sub {
	my $before = pipes();
	my ($client, $server) = begun("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
	my $body = numbered(MIB);
	my $pid = say_aside($client, chunk($body) . "0\r\n\r\n");

	ok(chunk_bytes_on($server, MIB) eq $body, 'they come');
	waitpid $pid, 0;
	Gateway::say($server, $ok);
	is(Gateway::answer($client)->{body}, 'ok', 'and are answered');
	is(pipes(), $before, 'without a pipe');
};

subtest 'upload: a server that reads late' => sub {
	my $body = numbered(TOO_MUCH);
	my ($client, $server, $sent) = uploading($body);

	cmp_ok($sent, '<', length $body, 'the client is made to wait');
	is($through->status('in_flight'), 1, 'others are served');
	my $pid = say_aside($client, substr $body, $sent);
	ok(bytes_on($server, length $body) eq $body, 'all of it arrives');
	waitpid $pid, 0;
	Gateway::say($server, $ok);
	is(Gateway::answer($client)->{body}, 'ok', 'it is answered');
	Gateway::say($client, $get);
	like(head_on($server), qr/^GET /, 'and both connections go on');
	Gateway::say($server, $ok);
	Gateway::answer($client);
};

subtest 'upload: an answer before its end' => sub {
	my $body = numbered(TOO_MUCH);
	my ($client, $server) = uploading($body);

	Gateway::say($server, "HTTP/1.1 413 Large\r\nContent-Length: 5\r\n\r\nlarge");
	my $answer = Gateway::answer($client);
	is("$answer->{status} $answer->{body}", '413 large', 'comes at once');
	like($answer->{head}, qr/^Connection: close\r$/m, 'and ends the connection');
	idle($through);
	isnt(end_of($server), 'open', "the server's, too");
	is(pipes(), $pipes_at_first, 'what was in the pipe goes with it');
};

subtest 'upload: a client that goes' => sub {
	foreach my $how ('in order', 'without a word')
	{
		my ($client, $server) = begun(post('/', MIB));

		Gateway::say($client, numbered(MIB / 2));
		bytes_on($server, MIB / 2);
		$how eq 'in order' ? close $client->{socket} : reset_connection($client);
		isnt(end_of($server), 'open', "$how: the server sees an end");
	}
	idle($through);
	pass('nothing of them is left');
};

subtest 'upload: a server that goes' => sub {
	my ($client, $server) = uploading(numbered(TOO_MUCH));

	reset_connection($server);
	my $answer = Gateway::answer($client);
	is($answer->{status}, 502, 'the client is told');
	idle($through);
	is(pipes(), $pipes_at_first, 'what was in the pipe goes with it');
	$client = $through->connect;
	Gateway::say($client, $get);
	$server = accepted();
	head_on($server);
	Gateway::say($server, $ok);
	is(Gateway::answer($client)->{body}, 'ok', 'the next request has nothing of it');
};

subtest 'upload: times and sizes hold' => sub {
	my $gateway = started(replay_bytes => 4096, body_timeout_ms => 200, body_min_rate => 1_000_000_000, max_body_bytes => MIB);
	my ($client, $server) = begun(post('/', MIB));

	Gateway::say($client, numbered(MIB / 2));
	is(Gateway::answer($client)->{status}, 408, 'too slow: 408');
	is($gateway->ask(post('/', MIB + 1) . 'x')->{status}, 413, 'too large: 413');
	idle($gateway);
	$gateway = started(replay_bytes => 4096, server_timeout_ms => 300);
	($client, $server) = begun(post('/', TOO_MUCH));
	my $pid = say_aside($client, numbered(TOO_MUCH));
	is(Gateway::answer($client)->{status}, 504, 'a server that does not read: 504');
	close $client->{socket};
	waitpid $pid, 0;
	idle($gateway);
};

$through->stop;
done_testing();
