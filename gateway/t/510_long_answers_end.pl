# Event streams, downloads and long polls whose user is moved: what is waited for and how long,
# what is ended, and what is sent again to the other side.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;
use Time::HiRes qw(time);

my $database = Gray::Server->new('streams');
$database->create_shop;
$database->value('SELECT gray_open()');

my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
my %begins = (
	events => "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" . chunk('event'),
	chunks => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" . chunk('event'),
	length => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nevent",
	spliced => "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nevent",
	toend => "HTTP/1.1 200 OK\r\n\r\nevent",
);
my $gateway;
my @servers;    # which would close otherwise

sub restarted
{
	my (%settings) = @_;

	@servers = ();
	is($gateway->stop, 0, 'stops') if $gateway;
	$gateway = started(idle_servers => 0, stop_timeout_ms => 0, database => $database->conninfo, %settings);
	ok($gateway->until_status('open', 'true'), 'the gateway knows the release');
	return;
}

sub request
{
	my ($method, $uid, $version) = @_;
	return "$method /x HTTP/" . ($version // '1.1') . "\r\nHost: h\r\nX-User-Id: $uid\r\n" . ($method eq 'POST' ? "Content-Length: 0\r\n" : '') . "\r\n";
}

# Both ends of an answer that has begun, to a user.
sub begun_answer
{
	my ($uid, $kind, $method) = @_;
	my ($client, $server) = begun(request($method // 'GET', $uid, $kind eq 'toend' ? '1.0' : '1.1'));

	push @servers, $server;
	say($server, $begins{$kind});
	like(head_on($client), qr{^HTTP/1\.1 200 }, "user $uid: an answer begins ($kind)");
	$kind =~ /events|chunks/ ? chunk_bytes_on($client, 5) : bytes_on($client, 5);
	return ($client, $server);
}

sub say_request
{
	my ($method, $uid) = @_;
	return $gateway->begin(request($method, $uid));
}

# The gateway has read what this changed.
sub known
{
	my ($sql) = @_;

	$database->value($sql);
	return $gateway->until_read($database);
}

sub moved
{
	my ($uid) = @_;
	return $database->value("SELECT gray_state($uid)");
}

subtest 'events are not waited for' => sub {
	restarted(drain_timeout_ms => 600000);
	my ($client, $server) = begun_answer(7, 'events');
	my ($stays) = begun_answer(8, 'events');
	my ($posted, $posted_server) = begun_answer(9, 'events', 'POST');

	$gateway->shows('streams', 2);
	known('SELECT gray_add_user(7)');
	is(end_of($client), 'closed', 'a move is due: the stream ends');
	isnt(end_of($server), 'open', 'on both sides');
	is(moved(7), 'off', 'the move waits for the client');
	is(side_asked(say_request('GET', 7)), 'gray', 'which comes again, and is moved first');
	$gateway->shows(@$_) foreach [ streams => 1 ], [ streams_ended => 1 ], [ in_flight => 2 ];

	# A POST that answers with events is an answer like others: its client would not ask again.
	known('SELECT gray_add_user(9)');
	my $held = say_request('GET', 9);
	$gateway->shows('held', 1);
	is($gateway->status('streams_ended'), 1, 'events that come of a POST are waited for');
	say($posted_server, "0\r\n\r\n");
	is(bytes_on($posted, 5), "0\r\n\r\n", 'to their end');
	is(side_asked($held), 'gray', 'and then the next request goes on');
	close $stays->{socket};
};

subtest 'answers that last' => sub {
	restarted(drain_timeout_ms => 300);
	my %ends = (chunks => 'closed', length => 'closed', spliced => 'closed', toend => 'reset');
	my $uid = 10;
	my (%client, %server);

	foreach my $kind (sort keys %ends)
	{
		($client{$kind}, $server{$kind}) = begun_answer($uid++, $kind);
	}
	$gateway->shows('streams', 4);
	known('SELECT count(gray_add_user(u)) FROM generate_series(10, 13) u');
	foreach my $kind (sort keys %ends)
	{
		is(end_of($client{$kind}), $ends{$kind}, "$kind: nobody can take it for whole");
		isnt(end_of($server{$kind}), 'open', "$kind: the server is left alone");
	}
	$gateway->shows('streams', 0);
	is($gateway->status('streams_ended'), 4, 'all are counted');
	is(moved(10), 'off', 'nobody has come, nobody was moved');
	is(side_asked(say_request('POST', 10)), 'gray', 'who comes is');
};

subtest 'answers that began a moment ago' => sub {
	restarted(drain_timeout_ms => 600000);
	my ($client, $server) = begun_answer(20, 'length');

	known('SELECT gray_add_user(20)');
	my $held = say_request('GET', 20);
	$gateway->shows('held', 1);
	is(moved(20), 'off', 'are waited for by the move');
	say($server, 'event');
	is(bytes_on($client, 5), 'event', 'to their end');
	is(side_asked($held), 'gray', 'and then it goes on');

	restarted(drain_timeout_ms => 700);
	($client, $server) = begun_answer(21, 'length');
	known('SELECT gray_add_user(21)');
	is(side_asked(say_request('GET', 21)), 'gray', 'but not for longer than drain_timeout_ms');
	is(end_of($client), 'closed', 'and are cut off then');
};

subtest 'requests without an answer' => sub {
	restarted(drain_timeout_ms => 500);
	my ($poll, $poll_server) = begun(request('GET', 30));
	my ($write, $write_server) = begun(request('POST', 30));

	known('SELECT gray_add_user(30)');
	my $held = say_request('POST', 30);
	isnt(end_of($poll_server), 'open', 'a long poll is taken from the wrong side');
	my @heads;
	foreach (1 .. 2)
	{
		my $server = accepted();
		push @heads, head_on($server);
		say($server, $ok);
	}
	is(join(' ', sort map { /^(\w+) / } @heads), 'GET POST', 'it and the one that was held');
	is(scalar(grep { /^X-Gray-Side: gray\r/m } @heads), 2, 'are both sent to gray');
	is(answer($_)->{body}, 'ok', 'and answered') foreach $poll, $held;
	is($gateway->status($_->[0]), $_->[1], "$_->[0]: $_->[1]") foreach [ polls_again => 1 ], [ streams_ended => 0 ], [ in_flight => 1 ];
	say($write_server, $ok);
	is(answer($write)->{body}, 'ok', 'a write is done once, and says itself what came of it');
};

subtest 'polls that have waited long' => sub {
	my ($poll, $poll_server) = begun(request('GET', 31));
	my ($body, $body_server) = begun("GET /x HTTP/1.1\r\nHost: h\r\nX-User-Id: 31\r\nContent-Length: 5\r\n\r\nhello");
	my $begun = time;

	is(bytes_on($body_server, 5), 'hello', 'one has a body');
	until_true('time to pass', sub { time > $begun + 1 });
	known('SELECT gray_add_user(31)');
	my $server = accepted();
	my $again = accepted();
	my @bodies = map { head_on($_) =~ /^Content-Length: (\d)/mi ? bytes_on($_, $1) : '' } $server, $again;
	is(join('', sort @bodies), 'hello', 'they come again, body and all');
	is(moved(31), 'on', 'after the move, which waited for no other request');
	say($_, $ok) foreach $server, $again;
	is(answer($_)->{body}, 'ok', 'and are answered') foreach $poll, $body;
};

subtest 'moved by someone else' => sub {
	restarted(drain_timeout_ms => 500);
	my ($events, $events_server) = begun_answer(40, 'events');
	my ($download) = begun_answer(40, 'length');
	my ($poll, $poll_server) = begun(request('GET', 40));
	my ($write, $write_server) = begun(request('POST', 40));
	my ($other, $other_server) = begun_answer(41, 'events');

	known('SELECT gray_add_user(40), gray_migrate(40)');
	is(end_of($events), 'closed', 'a stream from the wrong side ends');
	is(end_of($download), 'closed', 'so does a download, when it has lasted');
	is(side_asked($poll), 'gray', 'a poll goes to the right side');
	is(moved(40) . $database->value(q{SELECT count(*) FROM gray.history WHERE uid = '40'}), 'on1', 'nobody is moved for that');
	say($write_server, $ok);
	is(answer($write)->{body}, 'ok', 'a write is left alone');

	($events, $events_server) = begun_answer(40, 'events');
	like($events_server->{head}, qr/^X-Gray-Side: gray\r/m, 'the stream that comes again is on the right side');
	$gateway->shows('streams', 2);
	foreach my $pair ([ $events, $events_server ], [ $other, $other_server ])
	{
		say($pair->[1], chunk('more'));
		is(chunk_bytes_on($pair->[0], 4), 'more', 'and goes on, as that of another user does');
	}
	known('SELECT gray_remove_user(40), gray_migrate_back(40)');
	is(end_of($events), 'closed', 'also on the way home');
};

is($gateway->stop, 0, 'the gateway stops');
done_testing();
