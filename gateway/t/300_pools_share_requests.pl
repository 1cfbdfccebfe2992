# Pools of several servers: who gets a request, who gets it when that fails.
# No database is there: all requests are without uid.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(comes_true until_true);
use Gray::File qw(write_file);
use IO::Socket::INET;
use Test::More;

my $directory = tempdir(CLEANUP => 1);

# --- servers that behave as the path says, but only the one of a name ---------

# Takes the request and closes without a word.
sub Gateway::Backend::answer_breaks
{
	my ($request) = @_;
	my $body = request_body($request);

	return 0 if $request->{arguments}[0] eq $request->{name} || $request->{arguments}[0] eq 'any';
	return reply($request, "$request->{name} got " . length($body) . "\n");
}

# Closes in the middle of a head.
sub Gateway::Backend::answer_stutters
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\nContent-");
	return 0;
}

# Says nothing until a file appears.
sub Gateway::Backend::answer_waits
{
	my ($request) = @_;
	my ($name, @file) = @{ $request->{arguments} };
	my $file = '/' . join '/', @file;

	if ($name eq $request->{name} || $name eq 'any')
	{
		write_file("$file.here", '');
		comes_true($file, sub { -e $file });
	}
	return Gateway::Backend::answer_which($request);
}

# Answers, and closes behind it without having said so.
sub Gateway::Backend::answer_closing
{
	my ($request) = @_;
	Gateway::Backend::answer_which($request);
	return 0;
}

sub gateway
{
	my ($servers, %settings) = @_;
	my $all = join ', ', map { "127.0.0.1:$_" } @$servers;

	return Gateway->start(production => $all, gray => $all, %settings);
}

sub post
{
	my ($gateway, $path, $body, $method) = @_;
	return $gateway->ask(($method // 'POST') . " $path HTTP/1.1\r\nHost: h\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
}

# Sends a GET and does not wait.
sub begin
{
	my ($gateway, $path) = @_;
	return $gateway->begin("GET $path HTTP/1.1\r\nHost: h\r\n\r\n");
}

# A field of a server in GET /status, found by its port, on the production side.
sub server
{
	my ($gateway, $port, $field) = @_;
	my $body = $gateway->get_status;

	return $body =~ /\{"side": "production", "address": "127\.0\.0\.1:$port",[^}]*"$field": (\w+)/ ? $1 : $body;
}

my $a = backend('a');
my $b = backend('b');

subtest 'who gets a request' => sub {
	my $gateway = gateway([ $a, $b ]);
	my %count;

	$count{ by($gateway->get('/which')) }++ foreach 1 .. 8;
	is_deeply(\%count, { a => 4, b => 4 }, 'in turn among equals');

	my $file = "$directory/least";
	my $waiting = begin($gateway, "/waits/any$file");
	until_true('the request to be there', sub { -e "$file.here" });
	my $busy = server($gateway, $a, 'outstanding') ? 'a' : 'b';
	%count = ();
	$count{ by($gateway->get('/which')) }++ foreach 1 .. 6;
	is_deeply(\%count, { ($busy eq 'a' ? 'b' : 'a') => 6 }, 'the one with fewer outstanding');
	write_file($file, '');
	is(by(answer($waiting)), $busy, 'the other was busy meanwhile');
	is(server($gateway, $a, 'requests') + server($gateway, $b, 'requests'), 15, '/status counts requests');
	is(server($gateway, $a, 'failures'), 0, 'and no failures');
};

subtest 'connections are used again' => sub {
	my $gateway = gateway([$a]);
	my ($pid) = $gateway->get('/which')->{body} =~ /pid=(\d+) served=0/;

	foreach my $served (1 .. 3)
	{
		like($gateway->get('/which')->{body}, qr/pid=$pid served=$served/, "request $served on the same one");
	}
	$pid = $gateway->get('/closing')->{body} =~ /pid=$pid/ ? $pid : 0;
	isnt($pid, 0, 'one after which the server closes, unannounced');
	until_true('the gateway to see it closed', sub { server($gateway, $a, 'idle') eq '0' });
	like(post($gateway, '/which', 'abc')->{body}, qr/^a pid=(?!$pid)\d+ served=0/, 'a POST goes on a new one');
	is(server($gateway, $a, 'failures'), 0, 'which is no failure of the server');
};

subtest 'a server that cannot be connected' => sub {
	my $dead = dead_port();
	my $gateway = gateway([ $dead, $a ], eject_ms => 600000, eject_most_ms => 600000);

	is(by($gateway->get('/which')), 'a', "request $_ goes to the other") foreach 1 .. 10;
	is(by(post($gateway, '/which', 'abc')), 'a', 'a POST as well') foreach 1 .. 2;
	is(server($gateway, $dead, 'failures'), 3, 'it is ejected after three failures');
	is(server($gateway, $dead, 'ejected'), 'true', 'as /status says');
	$gateway->logs(qr/warning: server 127\.0\.0\.1:$dead: ejected for 600000 ms/, 'and the log');
	is($gateway->status('retries'), 0, 'going on to the next server is no retry');
};

subtest 'POST when nothing could be sent' => sub {
	my $dead = dead_port();
	my $gateway = gateway([ $dead, $a ], eject_after => 0);

	is(by(post($gateway, '/which', 'x' x 100_000)), 'a', "body and all") foreach 1 .. 4;
	is(server($gateway, $dead, 'ejected'), 'false', 'eject_after = 0: never ejected');
};

subtest 'ejection and return' => sub {
	my $gateway = gateway([ $a, $b ], eject_ms => 200, eject_after => 2);
	my $file = "$directory/trial";

	$gateway->get('/breaks/b') foreach 1 .. 4;
	is(server($gateway, $b, 'ejected'), 'true', 'ejected');
	$gateway->logs(qr/server 127\.0\.0\.1:$b: ejected for 200 ms/, 'for the first time');
	until_true('a second', sub { by($gateway->get('/breaks/b')) eq 'a' && $gateway->log =~ /ejected for 400 ms/ });
	$gateway->logs(qr/server 127\.0\.0\.1:$b: ejected for 400 ms/, 'a failed trial doubles the time');

	my @waiting;
	until_true('a trial', sub { push @waiting, begin($gateway, "/waits/b$file"); -e "$file.here" });
	is(server($gateway, $b, 'ejected'), 'true', 'while it is tried it is not back');
	is(by($gateway->get('/which')), 'a', 'one request tries it, the others do not') foreach 1 .. 4;
};

subtest 'a trial that goes well' => sub {
	my $gateway = gateway([ $a, $b ], eject_ms => 100, eject_after => 1);

	is(by($gateway->get('/breaks/b')), 'a', 'nobody sees the failure') foreach 1 .. 2;
	$gateway->logs(qr/server 127\.0\.0\.1:$b: ejected for 100 ms/, 'ejected');
	ok(until_true('b', sub { by($gateway->get('/which')) eq 'b' }), 'it gets requests again');
	$gateway->logs(qr/info: server 127\.0\.0\.1:$b: is back/, 'and the log says so');
	is(server($gateway, $b, 'ejected'), 'false', 'and /status');
};

subtest 'another server is asked' => sub {
	my $gateway = gateway([ $a, $b ], eject_after => 0, replay_bytes => 1000);
	my %count;

	is(by($gateway->get('/breaks/b')), 'a', 'GET') foreach 1 .. 4;
	cmp_ok($gateway->status('retries'), '>', 0, 'some were sent twice');
	is($gateway->status('retries'), server($gateway, $b, 'failures'), 'those which had gone to the other');
	$gateway->logs(qr/warning: client \S+: server 127\.0\.0\.1:$b closed the connection without an answer: another one is tried: "GET/, 'the log says so');
	like(post($gateway, '/breaks/b', 'y' x 900, 'PUT')->{body}, qr/^a got 900$/m, 'PUT with its body') foreach 1 .. 2;

	$count{ post($gateway, '/breaks/b', 'y')->{status} }++ foreach 1 .. 2;
	is_deeply(\%count, { 200 => 1, 502 => 1 }, 'never a POST');
	%count = ();
	$count{ post($gateway, '/breaks/b', 'y' x 1100, 'PUT')->{status} }++ foreach 1 .. 2;
	is_deeply(\%count, { 200 => 1, 502 => 1 }, 'nor what is not kept whole');
	my $before = $gateway->status('retries');
	is($gateway->get('/stutters')->{status}, 502, 'nor when an answer has begun');
	is($gateway->status('retries'), $before, 'which was not tried again');

	is($gateway->get('/breaks/any')->{status}, 502, 'no server left: 502');
};

subtest 'retries' => sub {
	my $c = backend('c');
	my $none = gateway([ $a, $b, $c ], eject_after => 0, retries => 0);
	my $most = gateway([ $a, $b, $c ], eject_after => 0, retries => 2);

	is($none->get('/breaks/any')->{status}, 502, 'retries = 0');
	is($none->status('retries'), 0, 'sends nothing twice');
	is($most->get('/breaks/any')->{status}, 502, 'retries = 2');
	is($most->status('retries'), 2, 'sends it three times');
	is(server($most, $_, 'requests'), 1, 'once to each') foreach $a, $b, $c;
};

subtest 'in time' => sub {
	my $gateway = gateway([ $a, $b ], server_timeout_ms => 300, eject_after => 0);

	is($gateway->get("/waits/any$directory/never1")->{status}, 504, 'GET: no first byte from any: 504');
	is($gateway->status('retries'), 1, 'after both were asked');
	is(post($gateway, "/waits/any$directory/never2", 'abc')->{status}, 504, 'POST: 504');
	is($gateway->status('retries'), 1, 'after one was asked');
	is(by($gateway->get("/waits/a$directory/never3")), 'b', 'GET: the other one answers') foreach 1 .. 2;
	cmp_ok(server($gateway, $a, 'failures'), '>=', 2, 'they count as failures');
};

subtest 'all are down' => sub {
	my @dead = map { dead_port() } 1 .. 2;
	my $gateway = gateway(\@dead, eject_ms => 600000, eject_most_ms => 600000);

	is($gateway->get('/which')->{status}, 502, 'no server could be reached') foreach 1 .. 4;
	is(server($gateway, $_, 'ejected'), 'true', 'both are ejected') foreach @dead;

	# One of them comes back long before its time.
	my $listener = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1', LocalPort => $dead[1], Listen => 8, ReuseAddr => 1) or die $!;
	my $client = begin($gateway, '/which');
	my $server = accepted($listener);
	like(head_on($server), qr{^GET /which}, 'but asked, for want of a better one');
	say($server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	is(answer($client)->{body}, 'ok', 'and back by its answer');
	is(server($gateway, $dead[1], 'ejected'), 'false', 'at once');
};

done_testing();
