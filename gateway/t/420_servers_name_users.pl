# Requests that do not say whose they are: a server names the user in its answer, the request goes
# where that user's data is, and the client is known from then on.  User 7 is in gray, 8 is to be
# moved, 9 and above stay at home.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Naming qw(cookie_value given gives named_to side_of);
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;

my $KEY = 'one-key-of-the-cookies-of-32-bytes-or-more';
my $OTHER = 'another-key-of-the-cookies-as-long-as-it';
my $server = $Gateway::Naming::SERVER = Gray::Server->new('named');
my @usual = (production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'),
	database => $server->conninfo . ' user=gateway');

$server->create_shop;
$server->value(q{CREATE ROLE gateway LOGIN; SELECT gray_grant('gateway', 'gateway'),
	gray_add_user(7), gray_add_user(8), gray_open(), gray_migrate(7)});

my $gateway = started(access_log => '-');

sub started
{
	my $one = Gateway->start(@usual, @_);

	ok($one->until_loaded, 'the roster is loaded');
	return $one;
}

sub post
{
	my ($path, $body, @fields) = @_;
	return $gateway->ask("POST $path HTTP/1.1\r\nHost: h\r\nContent-Length: " . length($body) . "\r\n" . join('', map { "$_\r\n" } @fields) . "\r\n$body");
}

sub orders
{
	my ($schema, $uid) = @_;
	return $server->value("SELECT count(*) FROM $schema.orders WHERE user_id = $uid AND total = 4.20");
}

subtest 'a webhook about a user in gray' => sub {
	my $answer = post('/write/7', 'paid');

	is(side_of($answer), 'v2', 'gray answers');
	is(named_to($answer), '7', 'and was told whose the request is');
	like($answer->{body}, qr/\n4 @{[md5_hex('paid')]}\n/, 'with the body');
	is(orders('v2', 7) . orders('shop', 7), '10', 'the write is in gray, once');
	is($server->value(q{SELECT count(*) FROM gray.history WHERE uid = '7'}), 1, 'nobody was moved for it');
	unlike($answer->{head}, qr/X-Gray-User/i, 'the client is told no names');
	is($gateway->status('replays'), 1, 'sent again once');
	is(side_of(post('/write/9', 'paid')), 'v1', 'about a user at home: production');
	is($gateway->status('replays'), 1, 'at once');
};

subtest "an administrator's edit" => sub {
	is(side_of(post('/write/7', '', 'X-User-Id: 9')), 'v2', 'who is at home writes for a user in gray');
	is(side_of(post('/write/9', '', 'X-User-Id: 7')), 'v1', 'who is in gray for a user at home');
	is(orders('v2', 7) . orders('shop', 9), '22', 'each is where it belongs');
};

subtest 'a move that is due' => sub {
	my $writer = $server->session;

	$server->value('SELECT gray_add_user(10), gray_migrate(10), gray_remove_user(10)');
	ok($gateway->until_status('on', 2), 'a user in gray who is to come home');
	$writer->run('BEGIN; UPDATE v2.users SET name = name WHERE id = 10');
	my $client = $gateway->connect;
	say($client, "POST /write/10 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\npaid");
	ok($gateway->until_status('held', 1), 'the request is held');
	$writer->run('COMMIT');
	is(side_of(answer($client)), 'v1', 'and goes again where it was, once the user is at home');
	is(orders('shop', 10), 1, 'written there');

	is($server->value('SELECT gray_state(8)'), 'off', 'another is to be moved');
	is(side_of($gateway->get('/say/200/8/any')), 'v1', 'and named in an answer that is good');
	ok(until_true('moved', sub { $server->value('SELECT gray_state(8)') eq 'on' }), 'so the user is moved');
	is(side_of(post('/write/8', '')), 'v2', 'the next request is written in gray');
};

subtest 'a tunnel' => sub {
	my ($named, $wrong) = map { $gateway->connect } 1 .. 2;

	say($_->[0], "GET /tunnel/$_->[1] HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n") foreach [ $named, 14 ], [ $wrong, 7 ];
	is(answer($_)->{status}, 101, 'a server opens a tunnel, and names a user') foreach $named, $wrong;
	$server->value('SELECT gray_add_user(14)');
	ok(closes($named), 'it is closed when that user is to be moved');
	is($gateway->status('tunnels'), 1, 'one that went past its user is left alone: the next would go there, too');
	close $wrong->{socket};
};

subtest 'both sides' => sub {
	my $replays = $gateway->status('replays');
	my $answer = post('/say/421/7/any', 'body');

	is(side_of($answer), '421', 'where both sides say 421 the client is told so');
	is($gateway->status('replays') - $replays, 1, 'after each was asked once');
	like($answer->{body}, qr/^X-Gray-Side: gray\r\n.*\nv2\n\z/ms, 'by the one where the data is');
	$answer = post('/say/421/9/any', 'body');
	is(side_of($answer), '421', 'a 421 about a user at home');
	is($gateway->status('replays') - $replays, 2, 'is asked about once more, and nowhere else');
};

subtest 'a roster that is behind' => sub {
	$server->value(q{SELECT gray_add_user(12), gray_migrate(12); NOTIFY pg_gray, 'v2 users'});
	ok($gateway->until_status('on', 3), 'a user in gray');
	$server->value(q{UPDATE gray.state_1 SET state = 'off', changed = DEFAULT WHERE uid = 12;
		UPDATE gray.cohort_1 SET listed = false, changed = DEFAULT WHERE uid = 12; NOTIFY pg_gray, 'v2 users'});
	ok($gateway->until_status('on', 2), 'of whom the gateway thinks otherwise');
	$server->value(q{UPDATE gray.state_1 SET state = 'on' WHERE uid = 12; UPDATE gray.cohort_1 SET listed = true WHERE uid = 12});
	is(side_of(post('/write/12', '')), 'v2', 'a write goes to gray all the same');
	is(orders('v2', 12), 1, 'where it is written');
};

subtest 'what cannot be sent again' => sub {
	my $answer = post('/say/421/7/v1', 'x' x 200_000);

	is(side_of($answer), '503', 'a body that was not kept');
	like($answer->{head}, qr/^Retry-After: \d+\r$/m, 'may be tried again');
};

subtest 'who may name users' => sub {
	like($gateway->get('/echo', 'X-Gray-User: 7')->{body}, qr/^X-Gray-Side: production\r\n(?!.*X-Gray-User)/ms, 'no client may');
	unlike($gateway->get('/say/200/7/any')->{head}, qr/X-Gray/i, 'what a server says stays here');
	foreach my $bad ('seven', '99999999999', '7%', '7,7')
	{
		is(side_of(post("/say/421/$bad/v1", '')), '421', "no uid of the release: $bad");
	}
	is((() = $gateway->log =~ /warning: server \S+: X-Gray-User of an answer is no uid/g), 1, 'that is warned of once');
	is(side_of(post('/say/421/%37/v1', '')), 'v2', 'percent-encoded: a user');
	is(side_of(post('/say/421/-/v1', '')), '421', 'nobody');
};

subtest 'the access log' => sub {
	my $file = "$gateway->{directory}/access.log";
	my $one = started(access_log => $file);

	$one->get('/say/421/7/v1');
	$one->get('/which', 'X-User-Id: 7');
	$one->get('/say/200/9/any', 'X-User-Id: 7');
	is($one->stop, 0, 'stops');
	open my $log, '<', $file or die "$file: $!";
	my @of = map { (split ' ')[2] } <$log>;
	like($of[0], qr/^[0-9a-f]{16}$/, 'whom a server named');
	is($of[1], $of[0], 'is the user whom a request names');
	isnt($of[2], $of[0], 'and the one that a server names is who the request is of');
};

subtest 'remembered' => sub {
	my @remember = (remember => 'cookie:who', remember_key => $KEY);
	my $one = started(@remember);
	my $other = started(@remember, remember_key => "$OTHER $KEY", remember_s => 3600, cookie_secure => 'on');
	my $login = $one->ask("POST /say/421/7/v1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
	my ($value, $attributes) = given($login, 'who');

	is($attributes, '; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax', 'a login gives a cookie');
	my $cookie = "Cookie: a=1; who=$value; b=2";
	my $next = $one->get('/echo', $cookie);
	like($next->{body}, qr/^X-Gray-Side: gray\r$/m, 'the next request goes to gray');
	is($one->status('replays'), 1, 'at once');
	like($next->{body}, qr/^Cookie: a=1; b=2\r$/m, 'and the server does not see the cookie');
	ok(!gives($next, 'who'), 'which is not given again');
	is(side_of($other->get('/echo', $cookie)), 'v2', 'another gateway with that key knows the user as well');
	ok(!gives($one->get('/say/200/7/any', $cookie), 'who'), 'nor when the user is named again');
	is((given($other->get('/say/200/7/any'), 'who'))[1], '; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure', 'Secure where it is to be');
	my $signed = sub { 'Cookie: who=' . cookie_value(@_) };
	my $in = time + 1000;

	is(side_of($one->get('/echo', $signed->($KEY, 'user', 'v2', $in, '7'))), 'v2', 'its form is known');
	foreach my $case (
		[ 'of another key', $signed->($OTHER, 'user', 'v2', $in, '7') ], [ 'of another release', $signed->($KEY, 'user', 'v3', $in, '7') ],
		[ 'over', $signed->($KEY, 'user', 'v2', time - 1, '7') ], [ 'for another purpose', $signed->($KEY, 'side', 'v2', $in, '7') ],
		[ 'cut', substr $signed->($KEY, 'user', 'v2', $in, '7'), 0, -1 ], [ 'in clear', 'Cookie: who=7' ], [ 'empty', 'Cookie: who=' ])
	{
		is(side_of($one->get('/echo', $case->[1])), 'v1', "worth nothing: $case->[0]");
	}
	is(side_of($one->get('/echo', 'Cookie: who=7', $cookie)), 'v2', 'beside one that is worth something');
	is(side_of($one->get('/echo', $cookie, 'X-User-Id: 9')), 'v1', 'who is in a place of uid is heard first');
	ok(gives($one->get('/say/200/7/any', $signed->($KEY, 'user', 'v2', time + 10, '7')), 'who'), 'given anew when half of its time is over');
	ok(gives($one->get('/say/200/9/any', $cookie), 'who'), 'given when another logs in');
	ok(!gives($one->get('/say/421/9/v2', $cookie), 'who'), 'not for one whom only a 421 is about');
	ok(!gives($one->get('/say/421/7/v1', 'X-User-Id: 9'), 'who'), 'nor is an administrator that user');
	ok(!gives($one->get('/say/200/7/any?public'), 'who'), 'nor in an answer that caches keep for everybody');
	ok(gives($one->get('/say/502/7/any'), 'who'), 'but in any other');
	is(join('', given($one->get('/say/200/-/any', $cookie), 'who')), '; Path=/; Max-Age=0; HttpOnly; SameSite=Lax', 'and forgotten');
	is(join('', given($gateway->get('/say/200/7/any'), 'who')), '', 'without remember there is none');
	unlike($one->log . $other->log, qr/\Q$value\E|\Q$KEY\E/, 'neither cookie nor key are in the log');
	is($_->stop, 0, 'stops') foreach $one, $other;
};

is($gateway->stop, 0, 'the gateway stops with exit code 0');
done_testing();
