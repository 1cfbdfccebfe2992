# New settings for a running gateway, its end, and another one in its place:
# all without a request that fails.  No database is there.

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
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket;
use Test::More;
use Time::HiRes qw(time);

my $directory = tempdir(CLEANUP => 1);
my $a = backend('a');
my $b = backend('b');

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(production => "127.0.0.1:$a", gray => "127.0.0.1:$a", %settings);
}

sub request
{
	my ($path) = @_;
	return "GET $path HTTP/1.1\r\nHost: h\r\n\r\n";
}

subtest 'reload' => sub {
	my $gateway = gateway(max_body_bytes => 10);
	my $kept = $gateway->connect;
	my $waiting = $gateway->connect;
	my $post = "POST /which HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n" . 'x' x 20;

	say($kept, request('/which'));
	is(by(answer($kept)), 'a', 'before');
	is($gateway->ask($post)->{status}, 413, 'a limit');
	say($waiting, request("/lazy$directory/go"));
	$gateway->until_status('in_flight', 1);

	$gateway->change(production => "127.0.0.1:$b", max_body_bytes => 100);
	is(by($gateway->get('/which')), 'b', 'other servers');
	is($gateway->ask($post)->{status}, 200, 'another limit');
	say($kept, request('/which'));
	is(by(answer($kept)), 'b', 'a connection kept alive stays, and goes to the new servers');
	write_file("$directory/go", '');
	like(answer($waiting)->{body}, qr/^a$/m, 'a request in flight is answered by the old one');
	say($waiting, request('/which'));
	is(by(answer($waiting)), 'b', 'and its connection goes on');
	is($gateway->stop, 0, 'stops');
};

subtest 'a bad file' => sub {
	my $gateway = gateway();

	$gateway->change(workers => 'many');
	like($gateway->log, qr/error: not reloaded: .*workers: expected a number/, 'is refused, with the reason');
	is(by($gateway->get('/which')), 'a', 'and the old settings stay');
	$gateway->change(workers => 1, access_log => "$directory/none/log", production => "127.0.0.1:$b");
	like($gateway->log, qr/error: not reloaded: access log .*No such file/, 'so is one whose files cannot be opened');
	is(by($gateway->get('/which')), 'a', 'of which nothing is taken');
	unlink $gateway->{file};
	$gateway->reload;
	like($gateway->log, qr/error: not reloaded: .*No such file/, 'and one that is not there');
	is(by($gateway->get('/which')), 'a', 'the gateway goes on');
};

subtest 'what needs a new process' => sub {
	my $gateway = gateway();

	$gateway->change(release => 'v9', movers => 9, listen => '127.0.0.1:1', production => "127.0.0.1:$b");
	foreach my $key (qw(release movers listen))
	{
		like($gateway->log, qr/warning: .*: $key: stays as it is until the gateway is started anew/, "$key: a warning");
	}
	unlike($gateway->log, qr/: (database|admin|workers): stays/, 'only for what has changed');
	like($gateway->get('/echo')->{body}, qr/^X-Gray-Release: v2\r/m, 'the release is the old one');
	is(by($gateway->get('/which')), 'b', 'the rest is taken');
	$gateway->change(max_requests => 9);
	is($gateway->status('release'), 'v2', 'also when it is read once more');
};

subtest 'several workers' => sub {
	my $gateway = gateway(workers => 2);

	$gateway->change(workers => 'many');
	is(() = $gateway->log =~ /not reloaded/g, 1, 'a bad file: the parent refuses it for all');
	$gateway->change(workers => 2, production => "127.0.0.1:$b");
	until_true('parent and workers', sub { (() = $gateway->log =~ /info: reloaded/g) == 3 });
	is(by($gateway->get('/which')), 'b', 'every worker has the new settings') foreach 1 .. 10;
	is($gateway->stop, 0, 'stops');
};

subtest 'the end' => sub {
	my $gateway = gateway(stop_idle_ms => 1500);
	my ($idle, $silent, $busy) = map { $gateway->connect } 1 .. 3;

	foreach my $client ($idle, $silent)
	{
		say($client, request('/which'));
		like(answer($client)->{head}, qr/^HTTP/, 'a connection kept alive');
	}
	say($busy, request("/lazy$directory/last"));
	$gateway->until_status('in_flight', 1);
	kill 'TERM', $gateway->{pid};
	$gateway->until_logged(qr/signal 15: finishing 1 requests/);
	ok(!eval { $gateway->connect; 1 }, 'no new connections');
	say($idle, request('/which'));
	my $answer = answer($idle);
	is($answer->{status}, 200, 'a request that was on its way is answered');
	like($answer->{head}, qr/^Connection: close\r/m, 'and the client told to come no more');
	ok(closes($idle), 'then it is closed');
	ok(closes($silent), 'so is a silent one');
	ok($gateway->alive, 'the request in flight is waited for');
	write_file("$directory/last", '');
	$answer = answer($busy);
	is($answer->{status}, 200, 'it is answered');
	like($answer->{head}, qr/^Connection: close\r/m, 'and told as well');
	is($gateway->wait_for_end, 0, 'exit code 0');

	$gateway = gateway(stop_timeout_ms => 300);
	my $client = $gateway->connect;
	say($client, request('/silent'));
	$gateway->until_status('in_flight', 1);
	is($gateway->stop, 0, 'after stop_timeout_ms it ends anyway');
	like($gateway->log, qr/warning: stopping with 1 requests unfinished/, 'and says what it left');
};

# Clients that ask until a file appears; each writes what went wrong.
sub load
{
	my ($connect, $name, $count) = @_;
	my @clients;

	foreach my $number (1 .. $count)
	{
		my $pid = fork // die "fork: $!";
		if ($pid == 0)
		{
			my ($asked, @wrong) = (0);
			my $client;

			while (!-e "$directory/$name.end")
			{
				# Every client keeps its connection for a while, by its number.
				$client = undef if $asked % ($number * 3) == 0;
				$client //= $connect->();
				if (!$client) { push @wrong, "connect: $!"; next; }
				$client = { socket => $client, buffer => '' } unless ref $client eq 'HASH';
				say($client, request('/which'));
				my $answer = answer($client);
				push @wrong, "request $asked: $answer->{status}" if $answer->{status} != 200;
				$asked++;
				$client = undef if $answer->{head} =~ /^Connection: close/m || $answer->{status} != 200;
			}
			write_file("$directory/$name.$number", join "\n", "asked $asked", @wrong);
			POSIX::_exit(0);
		}
		push @clients, $pid;
	}
	return @clients;
}

sub end_load
{
	my ($name, @clients) = @_;
	my ($asked, @wrong) = (0);

	write_file("$directory/$name.end", '');
	foreach my $number (1 .. @clients)
	{
		waitpid $clients[ $number - 1 ], 0;
		open my $in, '<', "$directory/$name.$number" or die "$name.$number: $!";
		while (<$in>) { /^asked (\d+)/ ? ($asked += $1) : push @wrong, $_; }
	}
	is_deeply(\@wrong, [], "$name: none of $asked requests failed");
	cmp_ok($asked, '>', 100, "$name: and there were some");
	return;
}

# How often a gateway served since.
sub served
{
	my ($gateway, $count) = @_;
	return until_true("$count requests", sub { $gateway->status('requests') >= $count });
}

subtest 'reload while requests come' => sub {
	foreach my $workers (1, 2)
	{
		my $gateway = gateway(workers => $workers);
		my @clients = load(sub { return $gateway->connect->{socket} }, "reload$workers", 4);

		foreach my $server ($b, $a, $b, $a, $b)
		{
			until_true('requests', sub { $gateway->status('requests') > 20 });
			$gateway->change(production => "127.0.0.1:$server");
		}
		end_load("reload$workers", @clients);
		is($gateway->stop, 0, 'stops');
	}
};

subtest 'a new process takes the path of a socket over' => sub {
	my $path = "$directory/listen.sock";
	my @admin = map { "127.0.0.1:" . dead_port() } 1 .. 4;
	my $connect = sub { return IO::Socket::UNIX->new(Peer => $path) };
	my $old = gateway(listen => "unix:$path", admin => $admin[0]);
	my @clients = load($connect, 'path', 4);

	foreach my $round (1 .. 3)
	{
		served($old, 100);
		my $new = gateway(listen => "unix:$path", admin => $admin[$round]);
		is($old->stop, 0, "round $round: the old one stops");
		ok(-S $path, 'and leaves the path to the new one');
		$old = $new;
	}
	served($old, 100);
	end_load('path', @clients);
	is($old->stop, 0, 'the last one stops');
	ok(!-e $path, 'and removes it');
	write_file($path, 'mine');
	my $ini = "$directory/path.ini";
	write_file($ini, $Gateway::GOOD =~ s/^listen = .*/listen = unix:$path/mr);
	is((Gateway::run('-c', $ini))[0], 1, 'a file that is no socket is not replaced');
	is(-s $path, 4, 'nor removed');
};

subtest 'a new process takes a port over' => sub {
	foreach my $workers (1, 2)
	{
		my $port = dead_port();
		my @same = (listen => "127.0.0.1:$port", workers => $workers);
		my $connect = sub { return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) };
		my $old = gateway(@same);
		my @clients = load($connect, "port$workers", 4);
		served($old, 20);
		my $new = gateway(@same);
		is($old->stop, 0, "workers = $workers: the old one stops");
		served($new, 20);
		end_load("port$workers", @clients);
		is($new->stop, 0, "workers = $workers: the new one, too");
	}
};

subtest 'a socket is handed over from one process to the next' => sub {
	my $path = "$directory/handed.sock";

	foreach my $kind (qw(port path))
	{
		my $socket = $kind eq 'path'
		  ? IO::Socket::UNIX->new(Local => $path, Listen => 128)
		  : IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 128);
		my $where = $kind eq 'path' ? "unix:$path" : '127.0.0.1:' . $socket->sockport;
		my $connect = sub {
			return IO::Socket::UNIX->new(Peer => $path) if $kind eq 'path';
			return IO::Socket::INET->new(PeerAddr => $where);
		};
		my $gateway = gateway(listen => $where, handover => $socket);
		my @clients = load($connect, "handed $kind", 4);

		foreach my $workers (2, 1, 2)
		{
			until_true('requests', sub { $gateway->status('requests') > 20 });
			is($gateway->stop, 0, "$kind: one process ends, before the next begins with workers = $workers");
			$gateway = gateway(listen => $where, handover => $socket, workers => $workers);
		}
		until_true('requests', sub { $gateway->status('requests') > 20 });
		end_load("handed $kind", @clients);
		is($gateway->stop, 0, 'stops');
	}
	ok(-S $path, 'the path is left to its owner');

	my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1);
	my $gateway = gateway(handover => $other);
	like($gateway->log, qr/warning: a socket was handed over that no setting names/, 'one that no setting names');
	is(by($gateway->get('/which')), 'a', 'is not used');
};

subtest 'systemd' => sub {
	my $path = "$directory/notify";
	my $notify = IO::Socket::UNIX->new(Local => $path, Type => SOCK_DGRAM) or die "$path: $!";
	my $next = sub {
		my $said = '';
		return 'nothing' unless IO::Select->new($notify)->can_read($Gray::Deadline::SECONDS);
		recv $notify, $said, 1000, 0;
		return $said;
	};

	foreach my $workers (1, 2)
	{
		local $ENV{NOTIFY_SOCKET} = $path;
		my $gateway = gateway(workers => $workers);

		is($next->(), 'READY=1', "workers = $workers: ready when it listens");
		is(by($gateway->get('/which')), 'a', 'which it does');
		kill 'HUP', $gateway->{pid};
		like($next->(), qr/\ARELOADING=1\nMONOTONIC_USEC=\d+\z/, 'reloading');
		is($next->(), 'READY=1', 'reloaded');
		kill 'TERM', $gateway->{pid};
		is($next->(), 'STOPPING=1', 'stopping');
		is($gateway->wait_for_end, 0, 'stopped');
		ok(!IO::Select->new($notify)->can_read(0), 'and only the parent speaks');
	}

	foreach my $signal (qw(HUP TERM))
	{
		local $ENV{NOTIFY_SOCKET} = $path;
		my @wrong;

		foreach my $round (1 .. 5)
		{
			my $gateway = Gateway->launch(production => "127.0.0.1:$a", gray => "127.0.0.1:$a");
			my @said = ($next->());

			kill $signal, $gateway->{pid};
			push @said, $next->(), $next->() if $signal eq 'HUP';
			my $status = $gateway->stop;
			push @said, $next->();
			push @wrong, "status $status, @said" if $status != 0 || $said[-1] ne 'STOPPING=1';
		}
		is_deeply(\@wrong, [], "SIG$signal may follow READY=1 at once");
	}
};

subtest 'checking a file' => sub {
	my $gateway = gateway();
	my ($code, $said) = Gateway::run('-t', '-c', $gateway->{file});

	is($code, 0, 'a good one');
	like($said, qr/: ok$/, 'is ok');
	($code, $said) = Gateway::check("$directory/bad.ini", "[gateway]\nlisten = here\n");
	is($code, 1, 'a bad one');
	like($said, qr/bad\.ini:2: listen: bad address "here"/, 'is not, with file, line and key');
};

done_testing();
