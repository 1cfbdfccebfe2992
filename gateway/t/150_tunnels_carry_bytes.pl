# Upgraded connections: how a tunnel is opened, carries bytes, ends, and what
# becomes of it when its user is moved.  A real WebSocket client, if node is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::SHA qw(sha1_base64);
use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Server;
use IO::Select;
use Test::More;
use Time::HiRes qw(time);

delete @ENV{qw(NODE_EXTRA_CA_CERTS NODE_OPTIONS)};
my $gateway = started(idle_servers => 0);
my $upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";
my $switch = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

# Both ends of a new tunnel.
sub opened
{
	my (@fields) = @_;
	my ($client, $server) = begun("GET /ws HTTP/1.1\r\nHost: h\r\n$upgrade" . join('', map { "$_\r\n" } @fields) . "\r\n");

	say($server, $switch);
	like(head_on($client), qr{^HTTP/1\.1 101 }, 'a tunnel');
	return ($client, $server);
}

sub tunnels_are
{
	my ($count, $one) = @_;
	return ($one || $gateway)->until_status('tunnels', $count);
}

subtest 'opened' => sub {
	my ($client, $server) = begun("GET /ws HTTP/1.1\r\nHost: h\r\n${upgrade}Sec-WebSocket-Key: k\r\n\r\nbehind");

	like($server->{head}, qr/^Connection: upgrade\r\nUpgrade: websocket\r/m, 'the server is asked');
	like($server->{head}, qr/^Sec-WebSocket-Key: k\r/m, 'with all that belongs to it');
	is(() = $server->{head} =~ /^(?:Connection|Upgrade):/mg, 2, 'once');
	ok(!IO::Select->new($server->{socket})->can_read(0.2), 'what the client sent behind waits');
	say($server, $switch =~ s/\r\n\r\n/\r\nSec-WebSocket-Accept: a\r\n\r\nhello/r);
	my $head = head_on($client);
	like($head, qr{^HTTP/1\.1 101 Switching Protocols\r}, 'is answered 101');
	like($head, qr/^Connection: upgrade\r\nUpgrade: websocket\r/m, 'with its fields');
	like($head, qr/^Sec-WebSocket-Accept: a\r/m, 'and the other ones');
	unlike($head, qr/^Connection: close/m, 'and no word of closing');
	is(bytes_on($client, 5), 'hello', 'what the server sent behind');
	is(bytes_on($server, 6), 'behind', 'and the client');
	is($gateway->status('tunnels'), 1, '/status counts it');
	is($gateway->status('in_flight'), 1, 'as a request in flight');
	foreach my $word ("\0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", '0', 'x' x 100_000)
	{
		say($client, $word);
		is(bytes_on($server, length $word), $word, 'any bytes pass');
		say($server, $word);
		is(bytes_on($client, length $word), $word, 'both ways');
	}
	close $client->{socket};
	is(rest_on($server), '', 'the client closes, the server gets the end');
	close $server->{socket};
	ok(tunnels_are(0), 'and the tunnel is gone');
};

subtest 'not opened' => sub {
	my ($client, $server) = begun("GET /ws HTTP/1.1\r\nHost: h\r\n$upgrade\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'another answer is an answer');
	$server = accepted();
	like(head_on($server), qr{^GET /next }, 'and what is behind the next request');
	say($server, "HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: a/1\r\nContent-Length: 0\r\n\r\n");
	like(answer($client)->{head}, qr/^Connection: upgrade\r\nUpgrade: a\/1\r/m, '426 says which');

	foreach my $case (
		[ 'without the option', "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n" ],
		[ 'in HTTP/1.0', "GET / HTTP/1.0\r\nHost: h\r\n$upgrade\r\n" ],
		[ 'with a body', "POST / HTTP/1.1\r\nHost: h\r\n${upgrade}Content-Length: 2\r\n\r\nhi" ],
		[ 'to h2c', "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n" ],
		[ 'also to h2c', "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket, h2c\r\n\r\n" ],
		[ 'to HTTP/2.0', "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: HTTP/2.0\r\n\r\n" ],
		[ 'twice', "GET / HTTP/1.1\r\nHost: h\r\n${upgrade}Upgrade: other\r\n\r\n" ],
		[ 'not at all', "GET / HTTP/1.1\r\nHost: h\r\n\r\n" ])
	{
		($client, $server) = begun($case->[1]);
		unlike($server->{head}, qr/^(Upgrade|Connection|HTTP2-Settings):/m, "$case->[0]: the server is not asked");
		say($server, $switch . 'evil');
		is(answer($client)->{status}, 502, "$case->[0]: so 101 is an error");
		ok(end_of($server) ne 'open', "$case->[0]: and its connection is closed");
	}
	($client, $server) = begun("GET / HTTP/1.1\r\nHost: h\r\n$upgrade\r\n");
	say($server, "HTTP/1.1 101 Switch\r\n\r\n");
	is(answer($client)->{status}, 502, '101 to nothing is an error');
};

subtest 'half-close' => sub {
	my ($client, $server) = opened();
	shutdown $client->{socket}, 1;
	is(end_of($server), 'closed', 'the client sends no more, the server sees it');
	say($server, 'x' x 1_000_000);
	is(length bytes_on($client, 1_000_000), 1_000_000, 'and may go on');
	close $server->{socket};
	is(end_of($client), 'closed', 'up to its end');
	ok(tunnels_are(0), 'then the tunnel is gone');

	($client, $server) = opened();
	shutdown $server->{socket}, 1;
	is(end_of($client), 'closed', 'the server sends no more, the client sees it');
	say($client, 'x' x 1_000_000);
	is(length bytes_on($server, 1_000_000), 1_000_000, 'and may go on');
	close $client->{socket};
	is(end_of($server), 'closed', 'up to its end');
	ok(tunnels_are(0), 'then the tunnel is gone');

	# All at once: the request, bytes behind it, and the end.
	$client = $gateway->connect;
	say($client, "GET /ws HTTP/1.1\r\nHost: h\r\n$upgrade\r\nall of it");
	shutdown $client->{socket}, 1;
	$server = accepted();
	head_on($server);
	say($server, $switch);
	head_on($client);
	is(rest_on($server), 'all of it', 'an end before the tunnel was open');
	close $server->{socket};
	is(end_of($client), 'closed', 'is one, too');

	($client, $server) = opened();
	reset_connection($server);
	is(end_of($client), 'reset', 'a server that breaks it');
	($client, $server) = opened();
	reset_connection($client);
	isnt(end_of($server), 'open', 'a client that breaks it');
	($client, $server) = opened();
	close $server->{socket};
	is(end_of($client), 'closed', 'a server that is gone altogether');
	until_true('the client to learn of it', sub { !say($client, 'x') });
	ok(tunnels_are(0), 'is found out by the next bytes');
};

subtest 'a side that does not read' => sub {
	my $before = $gateway->memory;
	my ($client, $server) = opened();

	foreach my $ends ([ $client, $server, 'client' ], [ $server, $client, 'server' ])
	{
		my ($from, $to, $name) = @$ends;
		my ($sent) = fill($from, 'x' x 65536, 64 << 20);
		cmp_ok($sent, '<', 64 << 20, "the $name is made to wait");
		$gateway->keeps_little($before, 4096, 'the gateway keeps little');
		say($to, 'still');
		is(bytes_on($from, 5), 'still', 'the other way is open');
		my $pid = say_aside($from, 'end');
		is(substr(bytes_on($to, $sent + 3), -3), 'end', 'all of it arrives');
		waitpid $pid, 0;
	}
	close $_->{socket} foreach $client, $server;
	ok(tunnels_are(0), 'gone');
};

subtest 'time' => sub {
	my $hasty = started(idle_servers => 0, tunnel_timeout_ms => 1500, idle_timeout_ms => 300);
	my ($client, $server) = opened();
	my $begun = time;

	while (time < $begun + 2)
	{
		say($client, 'x');
		bytes_on($server, 1);
		select undef, undef, undef, 0.2;
	}
	is($hasty->status('tunnels'), 1, 'one that is used stays');
	is(end_of($client), 'closed', 'a silent one is closed');
	cmp_ok(time - $begun, '>', 3, 'after its own time');
	is(end_of($server), 'closed', 'on both sides');

	($client, $server) = opened();
	$begun = time;
	shutdown $client->{socket}, 1;
	is(end_of($client), 'closed', 'half of one');
	cmp_ok(time - $begun, '<', 1.5, 'does not wait for so long');
	is($hasty->stop, 0, 'stops');
};

subtest 'stopping' => sub {
	my $other = started(idle_servers => 0);
	my ($client, $server) = opened();

	kill 'TERM', $other->{pid};
	$other->logs(qr/finishing 1 requests/, 'a tunnel is in flight');
	say($client, 'still');
	is(bytes_on($server, 5), 'still', 'and goes on');
	close $client->{socket};
	is(end_of($server), 'closed', 'to its end');
	close $server->{socket};
	is($other->wait_for_end, 0, 'then the gateway ends');

	$other = started(idle_servers => 0, stop_timeout_ms => 300);
	($client, $server) = opened();
	is($other->stop, 0, 'one that does not end is not waited for');
	is(end_of($client), 'closed', 'but closed');
};

subtest 'a user who is moved' => sub {
	my $database = Gray::Server->new('tunnels');

	$database->create_shop;
	$database->value('SELECT gray_add_user(7), gray_open()');
	my $mover = started(idle_servers => 0, database => $database->conninfo);
	ok($mover->until_status('open', 'true'), 'the gateway knows the release');

	my ($client, $server) = opened('X-User-Id: 7');
	is(side_told($server), 'gray', 'of the cohort: in gray');
	my ($other, $other_server) = opened('X-User-Id: 8');
	is(side_told($other_server), 'production', 'another: in production');
	my ($third, $third_server) = opened('X-User-Id: 9');

	$database->value('SELECT gray_add_user(8)');
	is(end_of($other), 'closed', 'a move is due: the tunnel is closed');
	is(end_of($other_server), 'closed', 'on both sides');
	is($database->value('SELECT gray_state(8)'), 'off', 'the move waits for the client');
	($other, $other_server) = opened('X-User-Id: 8');
	is(side_told($other_server), 'gray', 'which comes again and is moved first');

	$database->value('SELECT gray_remove_user(7), gray_migrate_back(7)');
	is(end_of($client), 'closed', 'moved by someone else: closed');
	($client, $server) = opened('X-User-Id: 7');
	is(side_told($server), 'production', 'and there again');

	# A request in flight is waited for, a tunnel is not.
	my $busy = $mover->connect;
	say($busy, "GET /slow HTTP/1.1\r\nHost: h\r\nX-User-Id: 9\r\n\r\n");
	my $busy_server = accepted();
	head_on($busy_server);
	$database->value('SELECT gray_add_user(9)');
	is(end_of($third), 'closed', 'the tunnel of a user with a request in flight is closed');
	my $held = $mover->connect;
	say($held, "GET /held HTTP/1.1\r\nHost: h\r\nX-User-Id: 9\r\n\r\n");
	ok($mover->until_status('held', '1'), 'the next request is held');
	say($busy_server, $ok);
	is(answer($busy)->{body}, 'ok', 'the one in flight is answered');
	my $held_server = accepted();
	$held_server->{head} = head_on($held_server);
	is(side_told($held_server), 'gray', 'then the user is moved');
	say($held_server, $ok);
	is(answer($held)->{body}, 'ok', 'and the one held is answered');
	is($mover->status('tunnels'), 2, 'tunnels of the others stay');
	say($client, 'still');
	is(bytes_on($server, 5), 'still', 'and work');
	close $_->{socket} foreach $client, $server, $other, $other_server;
	is($mover->stop, 0, 'stops');
};

# --- a real client ---------------------------------------------------------------

# A frame of text up to 125 bytes, without mask, as a server sends it.
sub frame
{
	my ($text) = @_;
	return pack('CC', 0x81, length $text) . $text;
}

# The opcode and payload of a short frame from a client.
sub frame_on
{
	my ($peer) = @_;
	my ($first, $second) = unpack 'CC', bytes_on($peer, 2);
	my $length = $second & 0x7f;
	my $mask = bytes_on($peer, 4);

	return ($first & 0x0f, bytes_on($peer, $length) ^ substr($mask x ($length / 4 + 1), 0, $length));
}

my $has_websocket = `node --experimental-websocket -p 'typeof WebSocket' 2>&1` =~ /^function/;

SKIP:
{
	skip 'no node with WebSocket here, which is optional', 1 unless $has_websocket;

	subtest 'WebSocket of node' => sub {
		my $real = started(idle_servers => 0);
		my $script = <<"END";
const socket = new WebSocket('ws://127.0.0.1:$real->{port}/chat');
socket.onmessage = event => {
	console.log('message ' + event.data);
	if (event.data === 'bye') socket.close(1000); else socket.send('you said ' + event.data);
};
socket.onclose = event => console.log('closed ' + event.code + ' ' + event.wasClean);
socket.onerror = event => console.log('error');
END
		my $pid = open my $said, '-|', 'node', '--no-warnings', '--experimental-websocket', '-e', $script
		  or die "node: $!";
		my $server = accepted();
		my ($key) = head_on($server) =~ /^Sec-WebSocket-Key: (\S+)/mi;
		my $accept = sha1_base64($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') . '=';

		say($server, $switch =~ s/\r\n\r\n/\r\nSec-WebSocket-Accept: $accept\r\n\r\n/r . frame('one'));
		is_deeply([ frame_on($server) ], [ 1, 'you said one' ], 'a message there and back');
		say($server, frame('two'));
		is_deeply([ frame_on($server) ], [ 1, 'you said two' ], 'and another');
		say($server, frame('bye'));
		is_deeply([ frame_on($server) ], [ 8, pack('n', 1000) ], 'the client closes');
		say($server, pack('CCn', 0x88, 2, 1000));
		close $server->{socket};
		is(join('', <$said>), "message one\nmessage two\nmessage bye\nclosed 1000 true\n", 'and is content');
		close $said;
		is($real->stop, 0, 'stops');
	};
}

is($gateway->stop, 0, 'the gateway stops');
done_testing();
