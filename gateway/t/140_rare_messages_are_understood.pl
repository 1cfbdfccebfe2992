# What is small and comes seldom: empty lines without end, answers with many
# fields, odd lengths, bytes that nobody asked for, the side in the answer, and
# held requests at the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Recorder;
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use Gray::Server;
use IO::Select;
use Test::More;

my $v1 = backend('v1');
my $v2 = backend('v2');
my $ok = "HTTP/1.1 200 OK\r\n";

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", %settings);
}

subtest 'empty lines before a request' => sub {
	my $gateway = gateway(header_timeout_ms => 300, idle_timeout_ms => 600_000);
	my $post = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
	my ($old, $blank, $begun) = map { $gateway->connect } 1 .. 3;

	say($old, "$post\r\n");
	is(answer($old)->{status}, 200, 'a body with an empty line behind it, as old clients send it');
	say($begun, "\r\n\r\nGET /which HTTP/1.1\r\n");
	say($blank, "\r\n");
	is(answer($begun)->{status}, 408, 'a head that does not end');
	until_true('an answer to nothing but empty lines', sub {
			say($blank, "\r\n");
			return IO::Select->new($blank->{socket})->can_read(0.01);
	});
	is(answer($blank)->{status}, 408, 'nothing but empty lines');
	is((() = $gateway->log =~ / 408: the request head did not arrive in time/g), 2, 'the log says so of both');
	say($old, $post);
	is(answer($old)->{status}, 200, 'the one line behind a body has no time');
	say($old, "\r\n\r\n\r\n$post");
	is(answer($old)->{status}, 200, 'and a few lines are no fault');
};

subtest 'answers with many fields' => sub {
	my %answers = map { ("fields$_" => $ok . "Set-Cookie: a=b\r\n" x ($_ - 1) . "Content-Length: 2\r\n\r\nok") }
	  20, 21, 127, 128, 400, 1000, 1001, 1025;
	my $server = Gateway::Recorder->new(%answers);
	my @usual = (production => "127.0.0.1:$server->{port}", max_header_bytes => 100_000);
	my ($gateway, $strict) = (gateway(@usual), gateway(@usual, max_answer_headers => 20));

	foreach my $count (127, 128, 400, 1000)
	{
		my $answer = $gateway->get("/answer/fields$count");

		is($answer->{status}, 200, "$count fields");
		is((() = $answer->{head} =~ /^Set-Cookie: a=b\r$/mg), $count - 1, 'all of them');
	}
	is($gateway->get("/answer/fields$_")->{status}, 502, "$_ fields are too many") foreach 1001, 1025;
	like($gateway->log, qr/: 502: the server answered with too many header fields: server /, 'the log says so');
	is($strict->get('/answer/fields20')->{status}, 200, 'max_answer_headers: 20 pass');
	is($strict->get('/answer/fields21')->{status}, 502, 'and 21 do not');
};

subtest 'odd lengths' => sub {
	my %lengths = (
		'010' => 10, '0000000000000000000000010' => 10, "\t010 " => 10, '000' => 0, '+10' => undef, '10 ' => 10, '1 0' => undef,
		'0x10' => undef, '-0' => undef, '' => undef, '9223372036854775808' => undef, '18446744073709551616' => undef);
	my %names;
	my $number = 0;

	$names{$_} = 'length' . $number++ foreach sort keys %lengths;
	my $server = Gateway::Recorder->new(map { ($names{$_} => "${ok}Content-Length: $_\r\n\r\n" . 'x' x ($lengths{$_} // 10)) } keys %lengths);
	my $gateway = gateway(gray => "127.0.0.1:$server->{port}");
	my $other = gateway(production => "127.0.0.1:$server->{port}", eject_after => 0);

	foreach my $length (sort keys %lengths)
	{
		my $expected = $lengths{$length};
		my $asked = $gateway->ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: $length\r\n\r\n" . 'x' x ($expected // 10));
		my $answered = $other->get("/answer/$names{$length}");

		is($asked->{status}, defined $expected ? 200 : 400, "a request with '$length'");
		is($answered->{status}, defined $expected ? 200 : 502, "an answer with '$length'");
		next unless defined $expected;
		like($asked->{body}, qr/^Content-Length: $expected *\r$/m, "goes on as $expected");
		like($asked->{body}, qr/^$expected [0-9a-f]{32}$/m, 'with its body');
		is_deeply([ $answered->{head} =~ /^Content-Length: *(.*?) *\r$/mg ], [$expected], "comes on as $expected");
		is(length $answered->{body}, $expected, 'with its body');
	}
};

sub put_answer
{
	my ($connection, $body) = @_;

	say($connection, "${ok}Content-Length: " . length($body) . "\r\n\r\n$body");
}

subtest 'bytes that nobody asked for' => sub {
	my $gateway = started();

	foreach my $method (qw(GET PUT POST))
	{
		foreach my $first ('the request', 'they')
		{
			my $client = $gateway->connect;
			my $ask = sub { say($client, "$method / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n") };

			$ask->();
			my $server = accepted();
			head_on($server);
			put_answer($server, 'one');
			is(answer($client)->{body}, 'one', "$method: an answer");
			$gateway->until_status('production', '1');
			$gateway->at_once(sub {
					$ask->() if $first eq 'the request';
					put_answer($server, 'unasked');
					$ask->() if $first eq 'they';
			});
			my $next = accepted();
			head_on($next);
			put_answer($next, 'two');
			is(answer($client)->{body}, 'two', "$first came first: the client gets its own answer");
			is(more($server), 0, 'the connection with the bytes is closed');
			close $_->{socket} foreach $client, $next;
			$gateway->until_status('production', '0');
		}
	}
};

subtest 'the side in the answer' => sub {
	my %heads = (says => "${ok}X-Gray-Side: gray\r\nx-gray-release: v9\r\nX-Gray-Sides: 2\r\nContent-Length: 2\r\n\r\nok");
	my $server = Gateway::Recorder->new(%heads);
	my @usual = (production => "127.0.0.1:$server->{port}");
	my ($silent, $telling) = (gateway(@usual), gateway(@usual, tell_side => 'on'));
	my $sides = sub { return [ $_[0]->{head} =~ /^x-gray-(?:side|release): *(.*?)\r$/mig ] };

	is_deeply($sides->($silent->get('/answer/says')), [], 'it is not told, and not for a server to say');
	is_deeply($sides->($telling->get('/answer/says')), ['production'], 'tell_side = on: by the gateway alone');
	my $dead = gateway(production => '127.0.0.1:' . dead_port(), tell_side => 'on');
	is_deeply($sides->($dead->get('/')), [], 'there is none where no side has answered');
};

subtest 'held requests at the end' => sub {
	my $server = Gray::Server->new('small');

	$server->create_shop;
	$server->value(q{CREATE ROLE gateway LOGIN;
		SELECT gray_grant('gateway', 'gateway'), gray_add_user(7), gray_add_user(9), gray_open()});
	my $gateway = gateway(
		database => $server->conninfo . ' user=gateway', tell_side => 'on', stop_idle_ms => 1500, drain_timeout_ms => 600_000,
		stop_timeout_ms => 600_000);
	my $begin = sub {
		my ($uid, $path) = @_;
		my $client = $gateway->connect;
		say($client, "GET $path HTTP/1.1\r\nHost: h\r\nX-User-Id: $uid\r\n\r\n");
		return $client;
	};
	my $seen = sub {
		my ($name, $value) = @_;
		$gateway->until_status($name, $value);
	};

	$seen->('roster_loaded', 'true');
	$seen->('open', 'true');
	my $writer = $server->session;
	$writer->run('BEGIN');
	$writer->run('UPDATE shop.users SET name = name WHERE id IN (7, 9)');
	my ($moving, $stuck) = map { $begin->($_, '/which') } 7, 9;
	$seen->('held', 2);
	my $kept = $gateway->connect;
	say($kept, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
	like(answer($kept)->{head}, qr/^X-Gray-Side: production\r$/m, 'a connection kept alive');
	my $busy = $begin->(8, "/lazy$gateway->{directory}/go");
	$seen->('in_flight', 3);
	$server->value('SELECT gray_add_user(8)');
	$seen->('listed', '3');
	my $held = $begin->(8, '/which');
	$seen->('held', 3);

	kill 'TERM', $gateway->{pid};
	my $answer = answer($held);
	is($answer->{status}, 503, 'a request whose move has not begun');
	like($answer->{head}, qr/^Retry-After: 1\r$/m, 'it may come again');
	like($answer->{head}, qr/^Connection: close\r$/m, 'but not here');
	say($kept, "GET /which HTTP/1.1\r\nHost: h\r\nX-User-Id: 8\r\n\r\n");
	like(answer($kept)->{head}, qr/^X-Gray-Side: production\r$/m, 'nothing new begins: a request goes where its data is');
	is($server->value('SELECT gray_state(8)'), 'off', 'and stays');
	is(answer($stuck)->{status}, 503, 'one whose move has begun waits for stop_idle_ms, and not for ever');
	is(answer($moving)->{status}, 503, 'so do all');
	$writer->run('COMMIT');
	ok($server->until_value('SELECT gray_state(9)', 'on'), 'and the move is made all the same');
	write_file("$gateway->{directory}/go", '');
	is(answer($busy)->{status}, 200, 'a request in flight is finished');
	is($gateway->wait_for_end, 0, 'exit code 0');
	is((() = $gateway->log =~ / 503: the gateway is stopping: /g), 3, 'the log has each');
};

done_testing();
