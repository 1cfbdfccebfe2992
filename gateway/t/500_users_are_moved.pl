# The gateway and the extension together: hold, drain, move, go; what happens
# when moves fail, servers disagree and the database goes away.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Rest qw(sockets is_idle comes_to_rest);
use Gateway::Tls qw(authority certificate tls_connect say_end);
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use Gray::Server;
use Test::More;
use Time::HiRes qw(time);

my $v1 = backend('v1');
my $v2 = backend('v2');
my $server = Gray::Server->new('gateway');

$server->create_shop;
$server->value(q{CREATE ROLE gateway LOGIN;
	SELECT gray_grant('gateway', 'gateway')});

my @usual = (production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", database => $server->conninfo . ' user=gateway');
my $gateway = started(@usual);

# A gateway that has loaded its roster.
sub started
{
	my $one = Gateway->start(@_);
	ok($one->until_loaded, 'the roster is loaded');
	return $one;
}

sub moves
{
	my ($uid) = @_;
	return $server->value("SELECT count(*) FROM gray.history WHERE uid = '$uid'");
}

# A request that is not waited for.
sub begin
{
	my ($uid, $path, $one) = @_;
	return ($one || $gateway)->begin("POST $path HTTP/1.1\r\nHost: h\r\nX-User-Id: $uid\r\nContent-Length: 5\r\n\r\nhello");
}

subtest 'there and back' => sub {
	is($gateway->who(7), 'v1', 'closed: production');
	$server->value('SELECT gray_add_user(7), gray_add_user(8)');
	$server->value('SELECT gray_open()');
	$gateway->shows('open', 'true');
	$gateway->shows('listed', 2);
	is($gateway->who(9), 'v1', 'not in the cohort: production');
	is($gateway->who(7), 'v2', 'in the cohort: moved, and answered by gray');
	is($server->value('SELECT gray_state(7)'), 'on', 'state on');
	is($server->value('SELECT count(*) FROM v2.orders WHERE user_id = 7'), 3, 'the rows are there');
	is($gateway->who($_), 'v2', "the same user: '$_'") foreach '7', '007', '+7';
	is(moves(7), 1, 'one move');
	is($gateway->who($_), 'v1', "not of the type: '$_'") foreach 'seven', '99999999999', '7.0';
	$gateway->logs(qr/info: client \S+ uid [0-9a-f]{16} is not of the release's type: production/);

	$server->value('SELECT gray_close()');
	$gateway->shows('open', 'false');
	is($gateway->who(7), 'v1', 'closed: back, and answered by production');
	is($server->value('SELECT gray_state(7)'), 'off', 'state off');
	is($gateway->who(8), 'v1', 'who never came is not moved');
	is(moves(8), 0, 'not at all');
	$server->value('SELECT gray_open(), gray_set_percent(100)');
	$gateway->shows('open', 'true');
	$gateway->shows('percent', '100.00');
	is($gateway->who(10), 'v2', 'all users');
	is($gateway->who($_), 'v1', "nobody has this uid: $_") foreach 1000001, 1000001, 1000002;
	is($server->value("SELECT count(*) FROM gray_roster() WHERE uid ~ '^100000'") . moves(1000001), '00', 'it leaves nothing behind');
	$server->value('SELECT gray_set_percent(0)');
	$gateway->shows('percent', '0.00');
	is($gateway->who(10), 'v1', 'and no more');
};

subtest 'a move that fails' => sub {
	$server->value('SELECT gray_add_user(11)');
	$server->value('UPDATE shop.orders SET total = 12345 WHERE id = (SELECT min(id) FROM shop.orders WHERE user_id = 11)');
	$server->value('ALTER TABLE v2.orders ADD CONSTRAINT small CHECK (total < 10000)');
	$gateway->shows('listed', 3);
	is($gateway->who(11), 'v1', 'answered by production');
	is($server->value('SELECT gray_state(11)'), 'failed', 'state failed');
	$gateway->logs(qr/error: user [0-9a-f]{16}, release v2: state failed/);
	unlike($gateway->log, qr/12345|constraint/, 'the gateway is not told of the row');
	$gateway->logs(qr/info: user [0-9a-f]{16}: attempt 1: database: warning: user "[0-9a-f]{16}" of release "v2" is failed: incident \d+/);
	unlike($gateway->log, qr/"11"/, 'and names nobody in its log');
	is($server->value('SELECT sqlstate, constraint_name FROM gray.incidents'), '23514|small', 'who may read incidents is');
	is($gateway->who(11), 'v1', 'again');
	is(moves(11), 1, 'without a second attempt');
	is($gateway->who(8), 'v2', 'others are not affected');
	$server->value('ALTER TABLE v2.orders DROP CONSTRAINT small');
	$server->value('SELECT gray_reset(11)');
	ok(until_true('another attempt', sub { $gateway->who(11) eq 'v2' }), 'after gray_reset it is tried again');
};

subtest 'a way home that fails' => sub {
	$server->value('ALTER TABLE shop.orders ADD CONSTRAINT positive CHECK (total >= 0)');
	$server->value('SELECT gray_add_user(12)');
	ok(until_true('moved', sub { $gateway->who(12) eq 'v2' }), 'moved');
	$server->value('UPDATE v2.orders SET total = -1 WHERE user_id = 12');
	$server->value('SELECT gray_remove_user(12)');
	ok(until_true('stuck', sub { $gateway->who(12); $server->value('SELECT gray_state(12)') eq 'stuck' }), 'state stuck');
	is($gateway->who(12), 'v2', 'stays in gray');
	$gateway->logs(qr/error: user [0-9a-f]{16}, release v2: state stuck/);
	$gateway->shows('stuck', 1);
	$server->value(q{SELECT gray_set_stuck_side('production')});
	ok(until_true('the policy', sub { $gateway->who(12) eq 'v1' }), 'or goes to production, by policy');
	$server->value(q{SELECT gray_set_stuck_side('gray')});
	$server->value('UPDATE v2.orders SET total = 1 WHERE user_id = 12');
	$server->value('SELECT gray_reset(12)');
	ok(until_true('home', sub { $gateway->who(12) eq 'v1' }), 'mended, it comes home');
};

subtest 'errors that time cures' => sub {
	my %user = ('40001' => 31, '53100' => 32, '72000' => 33, '57014' => 34);

	$server->value("SELECT gray_add_user($_)") foreach 31 .. 35;
	ok(until_true('user 35', sub { $gateway->who(35) eq 'v2' }), 'the cohort is known');
	$server->value(q{CREATE SEQUENCE public.checks;
		CREATE TABLE public.code AS SELECT ''::text AS code;
		CREATE FUNCTION public.fails_once() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
			BEGIN
				IF nextval('public.checks') = 1 THEN RAISE 'once' USING ERRCODE = (SELECT code FROM public.code); END IF;
				RETURN true;
			END $$;
		ALTER TABLE v2.orders ADD CONSTRAINT once CHECK (public.fails_once()) NOT VALID});
	foreach my $code ('40001', '53100', '72000')
	{
		$server->value("UPDATE public.code SET code = '$code'; SELECT setval('public.checks', 1, false)");
		is($gateway->who($user{$code}), 'v2', "$code: the move is tried again, and the request waits for that");
		cmp_ok($server->value('SELECT last_value FROM public.checks'), '>', 1, 'it has failed once');
	}
	$server->value("UPDATE public.code SET code = '57014'; SELECT setval('public.checks', 1, false)");
	is($gateway->who($user{57014}), 'v1', '57014: not at once');
	is($server->value("SELECT last_value, is_called, gray_state($user{57014}) FROM public.checks"), '1|t|off', 'it was tried once');
	$server->value('ALTER TABLE v2.orders DROP CONSTRAINT once');
};

subtest 'a slow move' => sub {
	my $writer = $server->writer(13);

	$server->value('SELECT gray_add_user(13), gray_add_user(14)');
	ok(until_true('user 14', sub { $gateway->who(14) eq 'v2' }), 'the cohort is known');
	my @held = map { begin(13, '/echo') } 1 .. 5;
	$gateway->shows('held', 5);
	$server->value('SELECT gray_add_user(15)');
	ok(until_true('user 15', sub { $gateway->who(15) eq 'v2' }), 'another user is moved meanwhile');
	is($gateway->who(9), 'v1', 'and others are served');
	is($gateway->status('held'), 5, 'all that time the five are held');
	$writer->run('COMMIT');
	like(answer($_)->{body}, qr/\n5 @{[md5_hex('hello')]}\nv2\n/, 'then gray answers, body and all') foreach @held;
	is(moves(13), 1, 'after one move');
	like($server->value('SELECT name FROM v2.users WHERE id = 13'), qr/\.$/, 'that has what was written before');
};

subtest 'draining' => sub {
	my $sign = "$gateway->{directory}/drain";
	my $busy = begin(16, "/lazy$sign");

	$gateway->shows('in_flight', 1);
	$server->value('SELECT gray_add_user(16), gray_add_user(17)');
	ok(until_true('user 17', sub { $gateway->who(17) eq 'v2' }), 'the cohort is known');
	my $held = begin(16, '/which');
	$gateway->shows('held', 1);
	is($server->value('SELECT gray_state(16)'), 'off', 'not moved while a request is in flight');
	write_file($sign, '');
	like(answer($busy)->{body}, qr/\nv1\n$/, 'that one ends where it began');
	like(answer($held)->{body}, qr/^v2 /, 'the held one goes to gray');
};

subtest 'misdirected' => sub {
	# A roster that is wrong: it saw the user at home, and is not told that this was taken back.
	my $mislead = sub {
		$server->value(q{UPDATE gray.state_1 SET state = 'off', changed = DEFAULT WHERE uid = 7;
			UPDATE gray.cohort_1 SET listed = false, changed = DEFAULT WHERE uid = 7; NOTIFY pg_gray, 'v2 users'});
		ok(until_true('misled', sub { $gateway->who(7) eq 'v1' }), 'the gateway is misled');
		$server->value(q{UPDATE gray.state_1 SET state = 'on' WHERE uid = 7; UPDATE gray.cohort_1 SET listed = true WHERE uid = 7});
	};
	ok(until_true('user 7', sub { $gateway->who(7) eq 'v2' }), 'a user in gray');
	$mislead->();
	my $answer = answer(begin(7, '/fenced/v1'));
	is($answer->{status}, 200, 'a 421 from production is answered by gray');
	like($answer->{body}, qr/^X-Gray-Side: gray\r$/m, 'which is told so');
	like($answer->{body}, qr/\n5 @{[md5_hex('hello')]}\nv2\n/, 'with the body');
	is($gateway->status('replays'), 1, 'sent again once');

	$server->value(q{SELECT pg_notify('pg_gray', 'v2 reload')});
	ok(until_true('reloaded', sub { $gateway->status('listed') >= 8 }), 'reload');
	$answer = answer(begin(7, '/fenced/any'));
	is($answer->{status}, 421, 'a 421 without another side is passed on');
	is($answer->{body}, "421 from v2\n", 'whole');

	$mislead->();
	$answer = $gateway->ask("POST /fenced/v1 HTTP/1.1\r\nHost: h\r\nX-User-Id: 7\r\nContent-Length: 200000\r\n\r\n" . 'x' x 200_000);
	like($answer->{body}, qr/\n200000 @{[md5_hex('x' x 200_000)]}\nv2\n/, 'a large body is sent again, too');
	$server->value(q{SELECT pg_notify('pg_gray', 'v2 reload')});
};

subtest 'limits of waiting' => sub {
	my $writer = $server->writer(20);
	my $one = started(@usual, move_timeout_ms => 300);
	my $begun = time;

	$server->value('SELECT gray_add_user(20)');
	ok(until_true('canceled', sub { $one->who(20); $one->log =~ /57014/ }), 'a move is canceled in time');
	my $canceled = time;
	is($one->who(20), 'v1', 'and the request goes where the data is');
	ok((() = $one->log =~ /not moved for now/g) == 1 || time > $canceled + 0.5, 'without another attempt at once');
	$one->logs(qr/warning: user [0-9a-f]{16}, release v2: not moved for now: .*; requests go to production/);
	is($one->stop, 0, 'stops');

	$one = started(@usual, hold_timeout_ms => 300, hold_limit => 1);
	my $held = begin(20, '/which', $one);
	$one->shows('held', 1);
	is($one->who(20), 503, 'no more than so many are held');
	is(answer($held)->{status}, 503, 'nor for ever');
	$held = begin(20, '/which', $one);
	close $held->{socket};
	$one->shows('in_flight', 0);
	$held = begin(20, '/which', $one);
	is($one->stop, 0, 'stops in the middle of a move');
	$writer->run('ROLLBACK');
};

subtest 'clients that leave while they are held' => sub {
	authority('ca');
	certificate('one', 'ca', 'IP:127.0.0.1');
	$server->value('SELECT gray_add_user(21)');
	my $writer = $server->writer(21);
	my $one = started(@usual, listen => '127.0.0.1:0, tls:127.0.0.1:0', idle_servers => 0, movers => 1,
		tls_certificate => "$Gateway::Tls::DIRECTORY/one.pem", tls_key => "$Gateway::Tls::DIRECTORY/one.key");
	my ($plain, $tls) = $one->log =~ /listening on \S+:(\d+)/g;
	my $first = sockets($one) + 1;    # with that of the mover
	my @peers = map { my $port = $_; map { my $peer = $one->connect($port); $port == $tls ? tls_connect($peer) : $peer } 1 .. 3 } $plain, $tls;

	foreach my $peer (@peers)
	{
		say($peer, "GET /length/3000000 HTTP/1.1\r\nHost: h\r\nX-User-Id: 21\r\n\r\n");
	}
	$one->shows('held', 6);
	foreach my $at (0 .. $#peers)
	{
		say_end($peers[$at]) if $at % 3 == 1;
		$at % 3 == 2 ? reset_connection($peers[$at]) : close_at_once($peers[$at]);
	}
	is_idle($one, 'that costs nothing');
	$writer->run('COMMIT');
	comes_to_rest($one, $first, 'and nothing of them is left after the move');
	is($one->who(21), 'v2', 'which was made');
	is($one->stop, 0, 'stops');
};

subtest 'the database goes away' => sub {
	$server->value('SELECT gray_add_user(30)');
	$gateway->shows('listed', $server->value('SELECT count(*) FROM gray_roster() WHERE listed'));
	$server->{node}->stop('immediate');
	$gateway->shows('database_connected', 'false');
	is($gateway->who(7), 'v2', 'a user in gray stays there');
	is($gateway->who(9), 'v1', 'one in production, too');
	is($gateway->who(30), 'v1', 'nobody is moved');
	$gateway->logs(qr/warning: database: .*trying again, nobody is moved meanwhile/);
	is(scalar(() = $gateway->log =~ /trying again/g), 1, 'said once');
	$server->{node}->start;
	$gateway->shows('database_connected', 'true');
	$gateway->logs(qr/info: database: connected again/);
	ok(until_true('user 30', sub { $gateway->who(30) eq 'v2' }), 'and moves go on');
};

subtest 'users in the access log' => sub {
	my $file = "$gateway->{directory}/access.log";
	my $one = started(@usual, access_log => $file, uid_hash_key => 'any text');
	my %hashes;

	$one->who($_) foreach '7', '007', '9', 'seven';
	is($one->stop, 0, 'stops');
	open my $log, '<', $file or die "$file: $!";
	my @lines = <$log>;
	my @of = map { /^127\.0\.0\.1 - (\S+) \[/ ? $1 : $_ } @lines;
	is(scalar @of, 4, 'a line for each request');
	like($of[0], qr/^[0-9a-f]{16}$/, 'a user is known by a hash');
	is($of[1], $of[0], 'which is that of the user, not of the spelling');
	isnt($of[2], $of[0], 'another user, another hash');
	is($of[3], '-', 'what is no uid has none');
	like($lines[0], qr/ side=gray server=127\.0\.0\.1:$v2 /, 'with the side');
	like($lines[2], qr/ side=production server=127\.0\.0\.1:$v1 /, 'of each');
};

subtest 'no log has a user in clear' => sub {
	my $file = "$gateway->{directory}/hidden.log";
	my %hash;

	foreach my $format (qw(combined json))
	{
		my $one = started(
			@usual, access_log => $file, access_log_format => $format, uid_hash_key => 'any text', retries => 1,
			uid => 'path:/users/{uid}/, query:user', gray => '127.0.0.1:' . dead_port(), production => '127.0.0.1:' . dead_port() . ", 127.0.0.1:$v1");
		$one->get($_, 'Referer: http://h/users/707070/?user=0707070') foreach map { $_, $_ } (
			'/users/707070/', '/users/%370%37070', '/users/0707070?user=707070', '/x?user=707070', '/x?us%65r=%37%30%37%30%37%30',
			'//users/707070/', '/USERS/707070', '/x?User=707070', '/x?user=707070&user=707070', '/x?a=b;user=707070', '/gone/?user=707070');
		is($one->stop, 0, "$format: stops");
		my $said = $one->log . PostgreSQL::Test::Utils::slurp_file($file);
		my @clear = grep { /707070|%37/ && !/database: notified/ } split /\n/, $said;
		is("@clear", '', "$format: nothing of it in either log");
		$hash{$_}++ foreach $said =~ m{/users/([0-9a-f]{16})/ HTTP}g, $said =~ /user=([0-9a-f]{16})/g;
	}
	is(scalar keys %hash, 1, 'one hash for all spellings');
	my ($of) = PostgreSQL::Test::Utils::slurp_file($file) =~ /"uid_hash": "(\w+)"/;
	is((keys %hash)[0], $of, 'which is that of the user');
};

subtest 'a release that is not there' => sub {
	my $one = Gateway->start(@usual, release => 'v3', without_roster => 'production');

	$one->logs(qr/release v3 does not exist/);
	is($one->who(7), 'v1', 'everyone goes to production, since that was asked for');
	$server->value(q{SELECT gray_create_release('v3')});
	$one->shows('release_known', 'true');
	is($one->stop, 0, 'stops');
};

is($gateway->stop, 0, 'the gateway stops with exit code 0');
done_testing();
