# A bounded load of all kinds, at random from a printed seed, for a gateway that
# runs under valgrind (dev/soak): good requests, aborted ones, pipelining,
# readers that are slow, servers that break, tunnels, reloads.
#
#   ACTIONS=3000 GRAY_SEED=N dev/soak

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../t/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Random qw(any);
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

my $seed = $ENV{GRAY_SEED} || $$ ^ time;
my $actions = $ENV{ACTIONS} || 3000;
my $most_waiting = 16;

diag("GRAY_SEED=$seed ACTIONS=$actions");
srand $seed;

# Takes up any protocol, and sends back what comes.
sub Gateway::Backend::answer_tunnel
{
	my ($request) = @_;
	my $bytes;

	say($request, "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n$request->{buffer}");
	while (sysread $request->{socket}, $bytes, 65536)
	{
		say($request, $bytes) or last;
	}
	return 0;
}

my $servers = join ', ', map { "127.0.0.1:$_" } dead_port(), map { backend("v$_") } 1 .. 2;
my $log = tempdir(CLEANUP => 1) . '/access.log';
my $gateway = Gateway->start(
	production => $servers, gray => $servers, eject_ms => 50, idle_timeout_ms => 600000, server_timeout_ms => 5000, buffer_bytes => 16384, access_log => $log,
	max_requests => 50);
my @kept;       # connections on which a request may be sent
my @waiting;    # what is done with those in the middle of something
my (%done, @problems);

# --- helpers ------------------------------------------------------------------

# Not the pipes, of which empty ones are kept for large answers.
sub sockets_open { return grep { /^socket:/ } map { readlink // '' } glob "/proc/$gateway->{pid}/fd/*"; }

# Connections to servers that are kept.
sub idle
{
	my $client = $gateway->connect($gateway->{admin});
	my $body = ask($client, "GET /status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")->{body};
	my $count = 0;

	closes($client);    # else it is still open when files are counted
	$count += $1 while $body =~ /"idle": (\d+)/g;
	return $count;
}

sub some_body { return chr(97 + rand 26) x any(0, 1, 100, 5000, 16_384, int rand 300_000); }

sub get { return "GET $_[0] HTTP/1.1\r\nHost: h\r\n\r\n"; }

# A request that echoes its body, and the line that tells that it did.
sub echo
{
	my $body = some_body();
	my $line = length($body) . ' ' . md5_hex($body);
	my $head = any('POST', 'PUT') . " /echo HTTP/1.1\r\nHost: h\r\n";

	return ("${head}Content-Length: " . length($body) . "\r\n\r\n$body", $line) if rand() < 0.5;
	my $chunks = join '', map { sprintf("%x\r\n%s\r\n", length, $_) } unpack '(a7000)*', $body;
	return ("${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n" . any('', "X-Sum: 1\r\n") . "\r\n", $line);
}

sub client { return @kept && rand() < 0.7 ? splice @kept, rand @kept, 1 : $gateway->connect; }

sub keep
{
	my ($client, $answer) = @_;

	push @kept, $client
	  unless $answer->{head} =~ /^Connection: close/mi || $answer->{cut} || $answer->{status} < 200;
	shift @kept if @kept > 20;
	return;
}

sub expect
{
	my ($good, $what) = @_;

	push @problems, $what unless $good;
	return;
}

# Closes, at times with a reset.
sub abort
{
	my ($client) = @_;

	setsockopt($client->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) if rand() < 0.5;
	close $client->{socket};
	return;
}

sub ask
{
	my ($client, $bytes, $method) = @_;

	say($client, $bytes);
	return answer($client, $method);
}

# Those that it has open anyhow, once it runs.
expect(ask($gateway->connect, get('/which'))->{status} == 200, 'the first request');
my $sockets = (() = sockets_open()) - idle();

# --- actions --------------------------------------------------------------------

my %actions = (
	good => sub {
		my $client = client();
		my ($path, $length) = @{ any([ 'length/0', 0 ], [ 'length/70000', 70_000 ], [ 'chunked/20/3000', 60_000 ]) };
		my $answer = ask($client, get("/$path"));

		expect($answer->{status} == 200 && length $answer->{body} == $length, "GET /$path: $answer->{status}");
		keep($client, $answer);
	},
	echo => sub {
		my $client = client();
		my ($bytes, $line) = echo();
		my $answer = ask($client, $bytes);

		expect($answer->{body} =~ /^\Q$line\E$/m, "echo: $answer->{status}, not $line");
		keep($client, $answer);
	},
	pipelined => sub {
		my $client = $gateway->connect;
		my @requests = map { [ echo() ] } 1 .. 1 + rand 8;
		my $pid = fork // die "fork: $!";

		if ($pid == 0)
		{
			say($client, join '', map { $_->[0] } @requests);
			POSIX::_exit(0);
		}
		foreach my $request (@requests)
		{
			my $answer = answer($client);
			expect($answer->{body} =~ /^\Q$request->[1]\E$/m, "pipelined: $answer->{status}, not $request->[1]");
		}
		waitpid $pid, 0;
	},
	breaking => sub {
		my $path = any(qw(gone half halfchunk garbled both hugehead once toend/1000 old hints hop status/204 status/304 early));
		my $client = client();

		keep($client, ask($client, get("/$path")));
	},
	refused => sub {
		ask($gateway->connect, any(
			"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "\0\1\2\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: h\r\nX: " . 'y' x 20_000 . "\r\n\r\n", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"));
	},
	early => sub {
		my $client = $gateway->connect;
		my $answer = ask($client, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" . 'e' x 1000);

		expect($answer->{status} == 413, "early: $answer->{status}");
	},
	aborted => sub {
		my $client = client();
		my ($bytes) = echo();

		say($client, substr $bytes, 0, any(rand 80, rand length $bytes));
		rand() < 0.5 ? abort($client) : push @waiting, sub { abort($client) };
	},
	unread => sub {
		my $client = $gateway->connect;

		say($client, get(any('/flood', '/silent', '/length/5000000')));
		more($client) if rand() < 0.3;
		rand() < 0.3 ? abort($client) : push @waiting, sub { abort($client) };
	},
	slow => sub {
		my $client = $gateway->connect;

		say($client, get('/length/3000000'));
		push @waiting, sub {
			my $answer = answer($client);
			expect(length $answer->{body} == 3_000_000, "read late: $answer->{status}, " . length $answer->{body});
		};
	},
	tunnel => sub {
		my $client = $gateway->connect;
		my $answer = ask($client, "GET /tunnel HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");

		expect($answer->{status} == 101, "tunnel: $answer->{status}");
		push @waiting, sub {
			my $bytes = 't' x rand 50_000;
			say($client, $bytes);
			expect(bytes_on($client, length $bytes) eq $bytes, 'tunnel: bytes');
			abort($client);
		};
	},
	expecting => sub {
		my $client = $gateway->connect;
		my $answer = ask($client, "POST /continue HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");

		expect($answer->{status} == 100, "expecting: $answer->{status}");
		$answer = ask($client, 'abc');
		expect($answer->{status} == 200, "expecting: $answer->{status}");
	},
	reload => sub { kill 'HUP', $gateway->{pid} if rand() < 0.2; },
	status => sub { expect($gateway->status('in_flight') =~ /^\d+$/, '/status'); });

foreach my $number (1 .. $actions)
{
	my $name = any(sort(keys %actions), 'good', 'good', 'echo', 'echo');

	$actions{$name}->();
	$done{$name}++;
	(splice @waiting, rand @waiting, 1)->() while @waiting > $most_waiting;
	last unless $gateway->alive;
}
$_->() foreach splice @waiting;
diag(join ', ', map { "$_ $done{$_}" } sort keys %done);

is_deeply(\@problems, [], 'all was answered as it should be');
@kept = ();
ok($gateway->alive, 'the gateway lives');
ok($gateway->until_status('in_flight', '0'), 'no request is left over');
ok(until_true('sockets to be closed', sub { (() = sockets_open()) <= $sockets + idle() }), 'no socket')
  or diag("at first $sockets, idle ", idle(), ', now ', join ' ', sockets_open());
is($gateway->stop, 0, 'it stops, and valgrind has nothing to say');

done_testing();
