# Cheaper on a crowded host: servers behind sockets of their own, uploads that go from
# socket to socket, and small sends that are made together.  No database is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Refusal;
use Gateway::Rest qw(pipes);
use Gray::Deadline qw(until_true);
use IO::Select;
use IO::Socket::UNIX;
use Socket qw(AF_UNIX SOCK_STREAM SOL_SOCKET SO_RCVBUF);
use Test::More;

use constant MIB => 1 << 20;

my $directory = tempdir(CLEANUP => 1);
my $get = "GET /which HTTP/1.1\r\nHost: h\r\n\r\n";
my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

# More than all buffers on the way hold.
use constant TOO_MUCH => 24 * MIB;

sub post
{
	my ($path, $length, @fields) = @_;
	return "POST $path HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "Content-Length: $length\r\n\r\n";
}

# --- servers behind sockets ------------------------------------------------------

sub behind
{
	my ($paths, %settings) = @_;
	my $addresses = join ', ', map { "unix:$_" } @$paths;
	return Gateway->start(production => $addresses, gray => $addresses, %settings);
}

subtest 'unix: connections are kept, whatever goes on them' => sub {
	backend('one', "$directory/one");
	my $gateway = behind(["$directory/one"]);
	my $client = $gateway->connect;

	foreach my $served (0 .. 2)
	{
		say($client, $get);
		like(answer($client)->{body}, qr/^one pid=\d+ served=$served$/, "request $served");
	}
	say($client, post('/which', 3) . 'abc');
	like(answer($client)->{body}, qr/served=3$/, 'a POST, before which it is looked at');
	say($client, post('/echo', 3 * MIB) . numbered(3 * MIB));
	like(answer($client)->{body}, qr/^${\(3 * MIB)} ${\md5_hex(numbered(3 * MIB))}$/m, '3 MiB to the server');
	say($client, "GET /length/${\MIB} HTTP/1.1\r\nHost: h\r\n\r\n");
	is(length answer($client)->{body}, MIB, '1 MiB from it');
	say($client, $get);
	like(answer($client)->{body}, qr/served=6$/, 'all on one connection');
};

subtest 'unix: a server that is gone is ejected, and back when its path is' => sub {
	my $group = backend('two', "$directory/two");
	my $gateway = behind([ "$directory/one", "$directory/two" ], eject_after => 2, eject_ms => 100);
	my $heard = sub { (split ' ', $gateway->get('/which')->{body})[0] };
	my %heard;

	$heard{ $heard->() }++ foreach 1 .. 4;
	is_deeply(\%heard, { one => 2, two => 2 }, 'both in turn');
	kill 'KILL', $group;
	ok(until_true('two is ejected', sub { die "refused\n" if $heard->() ne 'one'; $gateway->log =~ m{server unix:\S+/two: ejected} }),
		'ejected, and nobody noticed');
	unlink "$directory/two";
	backend('two', "$directory/two");
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

	say($client, $get);
	$gateway->until_status('outstanding', '1');
	is($gateway->status('failures'), 0, 'that is no failure');
	@before = ();
	my $server;
	until_true('it comes', sub {
		$server = { socket => scalar $listener->accept, buffer => '' };
		return head_on($server) ne '';
	});
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and is answered');
	close $server->{socket};

	1 until $full->();
	$gateway->change(connect_timeout_ms => 50);
	is($gateway->get('/which', 'Connection: close')->{status}, 504, 'not for ever');
};

# --- uploads ---------------------------------------------------------------------

my $through = started(replay_bytes => 4096, buffer_bytes => 4096);

# Its own are there when it answers.
$through->until_status('in_flight', 0);
my $pipes_at_first = pipes($through);

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
	say($server, $ok);
	answer($client);

	foreach my $length (4096, 4097, 20_480, 20_481, 100_001, 3 * MIB)
	{
		my $body = numbered($length);
		my $pid = say_aside($client, post('/', $length) . $body . $get);

		head_on($server);
		ok(bytes_on($server, $length) eq $body, "$length bytes");
		is($server->{buffer}, '', 'and nothing behind them');
		say($server, $ok);
		is(answer($client)->{body}, 'ok', 'it is answered');
		waitpid $pid, 0;
		like(head_on($server), qr/^GET /, 'the request behind it comes on the same connection');
		say($server, $ok);
		answer($client);
		is(pipes($through), $pipes_at_first, 'no pipe for so little') if $length <= 20_481;
	}
	is(pipes($through), $pipes_at_first + 2, 'through one pipe');
};

subtest 'upload: chunks are read' => sub {
	my $before = pipes($through);
	my ($client, $server) = begun("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
	my $body = numbered(MIB);
	my $pid = say_aside($client, chunk($body) . "0\r\n\r\n");

	ok(chunk_bytes_on($server, MIB) eq $body, 'they come');
	waitpid $pid, 0;
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and are answered');
	is(pipes($through), $before, 'without a pipe');
};

subtest 'upload: a server that reads late' => sub {
	my $body = numbered(TOO_MUCH);
	my ($client, $server, $sent) = uploading($body);

	cmp_ok($sent, '<', length $body, 'the client is made to wait');
	is($through->status('in_flight'), 1, 'others are served');
	my $pid = say_aside($client, substr $body, $sent);
	ok(bytes_on($server, length $body) eq $body, 'all of it arrives');
	waitpid $pid, 0;
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'it is answered');
	say($client, $get);
	like(head_on($server), qr/^GET /, 'and both connections go on');
	say($server, $ok);
	answer($client);
};

subtest 'upload: an answer before its end' => sub {
	my $body = numbered(TOO_MUCH);
	my ($client, $server) = uploading($body);

	say($server, "HTTP/1.1 413 Large\r\nContent-Length: 5\r\n\r\nlarge");
	my $answer = answer($client);
	is("$answer->{status} $answer->{body}", '413 large', 'comes at once');
	like($answer->{head}, qr/^Connection: close\r$/m, 'and ends the connection');
	$through->until_status('in_flight', 0);
	isnt(end_of($server), 'open', "the server's, too");
	is(pipes($through), $pipes_at_first, 'what was in the pipe goes with it');
};

subtest 'upload: a client that goes' => sub {
	foreach my $how ('in order', 'without a word')
	{
		my ($client, $server) = begun(post('/', MIB));

		say($client, numbered(MIB / 2));
		bytes_on($server, MIB / 2);
		$how eq 'in order' ? close $client->{socket} : reset_connection($client);
		isnt(end_of($server), 'open', "$how: the server sees an end");
	}
	$through->shows('in_flight', 0);
};

subtest 'upload: a server that goes' => sub {
	my ($client, $server) = uploading(numbered(TOO_MUCH));

	reset_connection($server);
	my $answer = answer($client);
	is($answer->{status}, 502, 'the client is told');
	$through->until_status('in_flight', 0);
	is(pipes($through), $pipes_at_first, 'what was in the pipe goes with it');
	$client = $through->connect;
	say($client, $get);
	$server = accepted();
	head_on($server);
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'the next request has nothing of it');
};

subtest 'upload: times and sizes hold' => sub {
	my $gateway = started(replay_bytes => 4096, body_timeout_ms => 200, body_min_rate => 1_000_000_000, max_body_bytes => MIB);
	my ($client, $server) = begun(post('/', MIB));

	say($client, numbered(MIB / 2));
	is(answer($client)->{status}, 408, 'too slow: 408');
	is($gateway->ask(post('/', MIB + 1) . 'x')->{status}, 413, 'too large: 413');
	$gateway->until_status('in_flight', 0);
	$gateway = started(replay_bytes => 4096, server_timeout_ms => 300);
	($client, $server) = begun(post('/', TOO_MUCH));
	my $pid = say_aside($client, numbered(TOO_MUCH));
	is(answer($client)->{status}, 504, 'a server that does not read: 504');
	close $client->{socket};
	waitpid $pid, 0;
	$gateway->until_status('in_flight', 0);
};

# --- sends made together ---------------------------------------------------------

my $sends = started(batch_sends => 'auto');

subtest 'batch: refused, it is said once and all goes on' => sub {
	my $refuser = Gateway::Refusal::of_system_call($directory, 425); # io_uring_setup, on each processor
	plan skip_all => 'no way is known to refuse a system call on this processor' unless defined $refuser;
	local $ENV{GRAY_GATEWAY} = $refuser;
	my $gateway = behind(["$directory/one"], batch_sends => 'auto');

	is($gateway->get('/which')->{status}, 200, 'served') foreach 1 .. 2;
	$gateway->reload;
	is($gateway->get('/which')->{status}, 200, 'after a reload, too');
	is(scalar(() = $gateway->log =~ /batch_sends: io_uring can't be used: Operation not permitted/g), 1, 'one line');
	is($gateway->status('batched_sends'), 0, 'none was batched');
};

my $refused = $sends->log =~ /(batch_sends: io_uring can't be used.*)/ ? $1 : undef;
ok(!defined $refused || !Gateway::Refusal::has_io_uring(), 'io_uring is used where the kernel has it');

sub batched
{
	my ($name, $test) = @_;
	return subtest "batch: $name" => sub {
		plan skip_all => $refused if defined $refused;
		$test->();
	};
}

batched 'off unless asked for, and by a reload' => sub {
	my $gateway = behind(["$directory/one"], batch_sends => 'off');
	my @clients = map { $gateway->connect } 1 .. 8;
	my $round = sub {
		$gateway->at_once(sub { say($_, $get) foreach @clients });
		is(scalar(grep { answer($_)->{status} == 200 } @clients), 8, 'all are answered');
		return $gateway->status('batched_sends');
	};

	$round->();
	is($round->(), 0, 'off: each is made alone');
	$gateway->change(batch_sends => 'auto');
	cmp_ok($round->(), '>=', 8, 'auto: the requests were sent together');
};

batched '300 requests in one turn' => sub {
	my $path = "$directory/many";
	my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 512) or die "cannot listen: $!";
	my $gateway = behind([$path], batch_sends => 'auto', idle_servers => 300);
	my @clients = map { $gateway->connect } 1 .. 300;
	my @servers;
	# Each server says what it was asked for; how many clients hear what they asked for.
	my $right = sub {
		my ($from) = @_;
		$gateway->at_once(sub { say($clients[$_], "GET /${\($from + $_)} HTTP/1.1\r\nHost: h\r\n\r\n") foreach 0 .. 299 });
		push @servers, { socket => scalar $listener->accept, buffer => '' } while @servers < 300;
		my @asked = map { head_on($_) =~ m{^GET /(\d+)}; $1 } @servers;
		$gateway->at_once(sub { say($servers[$_], "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n$asked[$_]") foreach 0 .. 299 });
		return scalar grep { answer($clients[$_])->{body} eq $from + $_ } 0 .. 299;
	};

	is($right->(1000), 300, 'each has its own answer');
	my $before = $gateway->status('batched_sends');
	cmp_ok($before, '>=', 290, 'the answers were sent together');
	is($right->(2000), 300, 'and again, on connections that are kept');
	cmp_ok($gateway->status('batched_sends') - $before, '>=', 580, 'requests, too');
	is($gateway->status('retries'), 0, 'none of them twice');
};

batched 'a client that ends its direction, and reads late' => sub {
	my $gateway = behind(["$directory/one"], listen => "127.0.0.1:0, unix:$directory/in", batch_sends => 'auto');
	my $late = sub {
		my ($count) = @_;
		my $client = { socket => IO::Socket::UNIX->new(Peer => "$directory/in"), buffer => '' };

		say($client, "GET /length/3000 HTTP/1.1\r\nHost: h\r\n\r\n" x $count);
		shutdown $client->{socket}, 1;
		return $client;
	};
	my $reads = sub {
		my ($client, $count) = @_;
		my $whole = 0;

		$whole++ while length(answer($client)->{body}) == 3000;
		is($whole, $count, "all $count answers come, whole");
		is(end_of($client), 'closed', 'and then the end');
	};
	my $client = $late->(200);
	my ($seen, $same) = (0, 0);

	until_true('answers wait for the client', sub {
		my $before = $seen;
		$seen = $gateway->status('requests');
		$same = $seen > 20 && $seen == $before ? $same + 1 : 0;
		return $same > 20;
	});
	cmp_ok($seen, '<', 200, 'its requests wait, too');
	$reads->($client, 200);
	# So many that the last answer is the first one for which there is no room; above, one more
	# request was taken before that was known.
	my $before = $gateway->status('requests');
	$client = $late->($seen - 1);
	until_true('all are taken', sub { $gateway->status('requests') == $before + $seen - 1 });
	$gateway->until_status('in_flight', 0);
	$reads->($client, $seen - 1);
};

batched 'an answer that ends its connection' => sub {
	my @clients = map { $sends->connect } 1 .. 4;
	my $bye = $get =~ s/\r\n\r\n/\r\nConnection: close\r\n\r\n/r;

	$sends->at_once(sub { say($_, $bye) foreach @clients });
	my @servers = map { my $server = accepted(); head_on($server); $server } @clients;
	$sends->at_once(sub { say($_, $ok) foreach @servers });
	foreach my $client (@clients)
	{
		is(answer($client)->{body}, 'ok', 'comes');
		ok(closes($client), 'and then the end');
	}
};

batched 'clients that vanish' => sub {
	foreach my $round (1 .. 4)
	{
		my @clients = map { $sends->connect } 1 .. 64;

		$sends->at_once(sub {
			say($_, $get) foreach @clients;
			reset_connection($_) foreach @clients[ 0 .. 31 ];
		});
		my @servers;
		while (@servers < 64 && IO::Select->new(listening())->can_read($round == 1 ? 2 : 0.3))
		{
			my $server = accepted();
			push @servers, $server if head_on($server) ne '';
		}
		# The others go when their answers are there, and not yet sent.
		$sends->at_once(sub {
			say($_, $ok) foreach @servers;
			reset_connection($_) foreach @clients[ 32 .. 63 ];
		});
		$sends->until_status('in_flight', 0);
		close $_->{socket} foreach @servers;
	}
	is($sends->status('connections'), 0, 'nothing of them is left');
};

batched 'a server that closes between two requests' => sub {
	foreach my $method ('GET', 'POST')
	{
		my $request = $get =~ s/^GET/$method/r;
		my ($client, $server) = begun($request);
		my ($other, $elsewhere) = begun($request);

		say($_, $ok) foreach $server, $elsewhere;
		answer($_) foreach $client, $other;
		$sends->at_once(sub {
			say($_, $request) foreach $client, $other;
			shutdown $_->{socket}, 1 foreach $server, $elsewhere;
		});
		my @again = map { my $again = accepted(); like(head_on($again), qr/^$method /, "$method: sent once more"); $again } 1 .. 2;
		close $_->{socket} foreach @again;
		is(answer($_)->{status}, 502, "$method: and never again") foreach $client, $other;
		is(rest_on($_), '', "$method: what was posted to the old one never came there") foreach $server, $elsewhere;
		ok(!IO::Select->new(listening())->can_read(0.2), "$method: no other connection came");
		$sends->until_status('in_flight', 0);
	}
};

is($_->stop, 0, 'stops') foreach $through, $sends;
done_testing();
