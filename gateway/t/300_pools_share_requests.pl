# Pools of several servers: who gets a request, who gets it when that fails.
# No database is there: all requests are without uid.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Test::More;

plan skip_all => 'no gateway at ' . Gateway::binary() unless -x Gateway::binary();

my $directory = tempdir(CLEANUP => 1);

# --- servers that behave as the path says, but only the one of a name ---------

# Takes the request and closes without a word.
sub Gateway::answer_breaks
{
	my ($request) = @_;
	my $body = Gateway::request_body($request);

	return 0 if $request->{arguments}[0] eq $request->{name} || $request->{arguments}[0] eq 'any';
	return Gateway::reply($request, "$request->{name} got " . length($body) . "\n");
}

# Closes in the middle of a head.
sub Gateway::answer_stutters
{
	my ($request) = @_;
	Gateway::put($request, "HTTP/1.1 200 OK\r\nContent-");
	return 0;
}

# Says nothing until a file appears.
sub Gateway::answer_waits
{
	my ($request) = @_;
	my ($name, @file) = @{ $request->{arguments} };
	my $file = '/' . join '/', @file;

	if ($name eq $request->{name} || $name eq 'any')
	{
		Gateway::write_file("$file.here", '');
		Gateway::poll_until(sub { -e $file }, $file);
	}
	return Gateway::answer_which($request);
}

# Answers, and closes behind it without having said so.
sub Gateway::answer_closing
{
	my ($request) = @_;
	Gateway::answer_which($request);
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

# Who answered, by name.
sub who
{
	my ($answer) = @_;
	return $answer->{body} =~ /^(\w+) / ? $1 : "status $answer->{status}";
}

# Sends a GET and does not wait.
sub begin
{
	my ($gateway, $path) = @_;
	my $client = $gateway->connect;

	Gateway::say($client, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n");
	return $client;
}

# A field of a server in GET /status, found by its port, on the production side.
sub server
{
	my ($gateway, $port, $field) = @_;
	my $client = $gateway->connect($gateway->{admin});

	Gateway::say($client, "GET /status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	my $body = Gateway::answer($client)->{body};
	return $body =~ /\{"side": "production", "address": "127\.0\.0\.1:$port",[^}]*"$field": (\w+)/ ? $1 : $body;
}

sub log_like
{
	my ($gateway, $pattern, $what) = @_;
	ok(Gateway::poll_until(sub { $gateway->log =~ $pattern }, "log line $pattern"), $what);
}

my $a = Gateway::backend('a');
my $b = Gateway::backend('b');

subtest 'who gets a request' => sub {
	my $gateway = gateway([ $a, $b ]);
	my %count;

	$count{ who($gateway->get('/which')) }++ foreach 1 .. 8;
	is_deeply(\%count, { a => 4, b => 4 }, 'in turn among equals');

	my $file = "$directory/least";
	my $waiting = begin($gateway, "/waits/any$file");
	Gateway::poll_until(sub { -e "$file.here" }, 'the request to be there');
	my $busy = server($gateway, $a, 'outstanding') ? 'a' : 'b';
	%count = ();
	$count{ who($gateway->get('/which')) }++ foreach 1 .. 6;
	is_deeply(\%count, { ($busy eq 'a' ? 'b' : 'a') => 6 }, 'the one with fewer outstanding');
	Gateway::write_file($file, '');
	is(who(Gateway::answer($waiting)), $busy, 'the other was busy meanwhile');
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
	Gateway::poll_until(sub { server($gateway, $a, 'idle') eq '0' }, 'the gateway to see it closed');
	like(post($gateway, '/which', 'abc')->{body}, qr/^a pid=(?!$pid)\d+ served=0/, 'a POST goes on a new one');
	is(server($gateway, $a, 'failures'), 0, 'which is no failure of the server');
};

subtest 'a server that cannot be connected' => sub {
	my $dead = Gateway::dead_port();
	my $gateway = gateway([ $dead, $a ], eject_ms => 600000, eject_most_ms => 600000);

	is(who($gateway->get('/which')), 'a', "request $_ goes to the other") foreach 1 .. 10;
	is(who(post($gateway, '/which', 'abc')), 'a', 'a POST as well') foreach 1 .. 2;
	is(server($gateway, $dead, 'failures'), 3, 'it is ejected after three failures');
	is(server($gateway, $dead, 'ejected'), 'true', 'as /status says');
	log_like($gateway, qr/warning: server 127\.0\.0\.1:$dead: ejected for 600000 ms/, 'and the log');
	is($gateway->status('retries'), 0, 'going on to the next server is no retry');
};

subtest 'POST when nothing could be sent' => sub {
	my $dead = Gateway::dead_port();
	my $gateway = gateway([ $dead, $a ], eject_after => 0);

	is(who(post($gateway, '/which', 'x' x 100_000)), 'a', "body and all") foreach 1 .. 4;
	is(server($gateway, $dead, 'ejected'), 'false', 'eject_after = 0: never ejected');
};

subtest 'ejection and return' => sub {
	my $gateway = gateway([ $a, $b ], eject_ms => 200, eject_after => 2);
	my $file = "$directory/trial";

	$gateway->get('/breaks/b') foreach 1 .. 4;
	is(server($gateway, $b, 'ejected'), 'true', 'ejected');
	log_like($gateway, qr/server 127\.0\.0\.1:$b: ejected for 200 ms/, 'for the first time');
	Gateway::poll_until(sub { who($gateway->get('/breaks/b')) eq 'a' && $gateway->log =~ /ejected for 400 ms/ }, 'a second');
	log_like($gateway, qr/server 127\.0\.0\.1:$b: ejected for 400 ms/, 'a failed trial doubles the time');

	my @waiting;
	Gateway::poll_until(sub { push @waiting, begin($gateway, "/waits/b$file"); -e "$file.here" }, 'a trial');
	is(server($gateway, $b, 'ejected'), 'true', 'while it is tried it is not back');
	is(who($gateway->get('/which')), 'a', 'one request tries it, the others do not') foreach 1 .. 4;
};

subtest 'a trial that goes well' => sub {
	my $gateway = gateway([ $a, $b ], eject_ms => 100, eject_after => 1);

	is(who($gateway->get('/breaks/b')), 'a', 'nobody sees the failure') foreach 1 .. 2;
	log_like($gateway, qr/server 127\.0\.0\.1:$b: ejected for 100 ms/, 'ejected');
	ok(Gateway::poll_until(sub { who($gateway->get('/which')) eq 'b' }, 'b'), 'it gets requests again');
	log_like($gateway, qr/info: server 127\.0\.0\.1:$b: is back/, 'and the log says so');
	is(server($gateway, $b, 'ejected'), 'false', 'and /status');
};

subtest 'another server is asked' => sub {
	my $gateway = gateway([ $a, $b ], eject_after => 0, replay_bytes => 1000);
	my %count;

	is(who($gateway->get('/breaks/b')), 'a', 'GET') foreach 1 .. 4;
	cmp_ok($gateway->status('retries'), '>', 0, 'some were sent twice');
	is($gateway->status('retries'), server($gateway, $b, 'failures'), 'those which had gone to the other');
	log_like($gateway, qr/warning: client \S+: server 127\.0\.0\.1:$b closed the connection without an answer: another one is tried: "GET/, 'the log says so');
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
	my $c = Gateway::backend('c');
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
	is(who($gateway->get("/waits/a$directory/never3")), 'b', 'GET: the other one answers') foreach 1 .. 2;
	cmp_ok(server($gateway, $a, 'failures'), '>=', 2, 'they count as failures');
};

subtest 'all are down' => sub {
	my @dead = map { Gateway::dead_port() } 1 .. 2;
	my $gateway = gateway(\@dead, eject_ms => 600000, eject_most_ms => 600000);

	is($gateway->get('/which')->{status}, 502, 'no server could be reached') foreach 1 .. 4;
	is(server($gateway, $_, 'ejected'), 'true', 'both are ejected') foreach @dead;

	# One of them comes back long before its time.
	my $listener = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1', LocalPort => $dead[1], Listen => 8, ReuseAddr => 1) or die $!;
	my $client = begin($gateway, '/which');
	my $buffer = '';
	my $server = $listener->accept;
	like(Gateway::read_head($server, \$buffer), qr{^GET /which}, 'but asked, for want of a better one');
	syswrite $server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	is(Gateway::answer($client)->{body}, 'ok', 'and back by its answer');
	is(server($gateway, $dead[1], 'ejected'), 'false', 'at once');
};

done_testing();
