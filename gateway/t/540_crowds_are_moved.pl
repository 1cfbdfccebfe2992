# Many users are due to be moved at once, moves are slow, and one user sends more than
# all others: nobody is refused for what others do, and all are moved in the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;

my $v1 = backend('v1');
my $v2 = backend('v2');
my $server = Gray::Server->new('crowds');

$server->create_shop;
$server->value(q{CREATE ROLE gateway LOGIN;
	SELECT gray_grant('gateway', 'gateway');
	INSERT INTO shop.users SELECT i, 'user ' || i FROM generate_series(101, 400) i});

# A gateway that has loaded its roster.
sub started
{
	my $gateway = Gateway->start(
		production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2",
		database => $server->conninfo . ' user=gateway', log_level => 'info', @_);
	ok($gateway->until_loaded, 'the roster is loaded');
	return $gateway;
}

sub due
{
	my ($gateway, $percent) = @_;

	$server->value("SELECT gray_set_percent($percent), gray_open()");
	$gateway->shows('percent', "$percent.00");
	return $gateway->shows('open', 'true');
}

sub begin
{
	my ($gateway, $uid) = @_;
	return $gateway->begin("GET /which HTTP/1.1\r\nHost: h\r\nX-User-Id: $uid\r\n\r\n");
}

# What so many users get who all come at once, as text: "v1 v2".
sub crowd
{
	my ($gateway, @uids) = @_;
	my %sides = map { by(answer($_)) => 1 } map { begin($gateway, $_) } @uids;

	return join ' ', sort keys %sides;
}

# A request of a user who can't be moved, of whom the database has been asked.
sub stuck
{
	my ($gateway, $uid) = @_;
	my $client = begin($gateway, $uid);

	$server->until_value(
		q{SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'gateway' AND wait_event_type = 'Lock'}, 't');
	return $client;
}

sub everybody_home
{
	$server->value('SELECT gray_set_percent(0), gray_close()');
	$server->value(q{SELECT gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on'});
}

subtest 'one user with many requests' => sub {
	my $gateway = started(hold_limit => 40, hold_limit_user => 10);

	due($gateway, 100);
	my $writer = $server->writer(1);
	my $first = stuck($gateway, 1);
	my @more = map { begin($gateway, 1) } 1 .. 30;
	my @refused = grep { $_->{status} == 503 } map { answer($_) } @more[ 9 .. 29 ];

	is(scalar @refused, 21, 'those above ten are refused');
	is(scalar(grep { $_->{head} =~ /^Retry-After: \d/m } @refused), 21, 'for a while');
	is($gateway->status('held'), 10, 'ten are held');
	is($gateway->who(2), 'v2', 'another user is moved');
	like(crowd($gateway, 101 .. 120), qr/^(v1|v2|v1 v2)$/, 'and of twenty at once none is refused');
	$writer->run('COMMIT');
	is(by(answer($_)), 'v2', 'who waited is answered') foreach $first, @more[ 0 .. 8 ];
	everybody_home();
	is($gateway->stop, 0, 'stops');
};

subtest 'everybody at once' => sub {
	my $gateway = started(movers => 2, hold_limit => 20, move_wait_ms => 200);
	my @clients = map { $gateway->connect } 1 .. 120;
	my $ask = sub {
		my %sides;

		foreach my $at (0 .. $#clients)
		{
			say($clients[$at], "GET /which HTTP/1.1\r\nHost: h\r\nX-User-Id: " . (101 + $at) . "\r\n\r\n");
		}
		$sides{ by(answer($_)) }++ foreach @clients;
		return \%sides;
	};

	is_deeply($ask->(), { v1 => 120 }, 'before: production');
	due($gateway, 100);
	my $first = $ask->();
	is(($first->{v1} // 0) + ($first->{v2} // 0), 120, 'all are due: nobody is refused');
	cmp_ok($first->{v1} // 0, '>', 0, 'some are not moved at once');
	cmp_ok($gateway->status('put_off'), '>', 0, 'which is counted');
	is(scalar(() = $gateway->log =~ /info: more users are due than can be moved at once/g), 1, 'and logged once');
	ok(until_true('all to be moved', sub { ($ask->()->{v2} // 0) == 120 }), 'all are moved in the end');
	is($server->value(q{SELECT count(*) FROM gray.history WHERE uid::int BETWEEN 121 AND 220}), 100, 'each of them once');

	$server->value('SELECT gray_close()');
	$gateway->shows('open', 'false');
	my $home = $ask->();
	is(($home->{v1} // 0) + ($home->{v2} // 0), 120, 'closed: nobody is refused');
	ok(until_true('all to be home', sub { ($ask->()->{v1} // 0) == 120 }), 'and all come home');
	is($gateway->status('5xx'), 0, 'no answer was 5xx');
	everybody_home();
	is($gateway->stop, 0, 'stops');
};

subtest 'moves that hang' => sub {
	my $gateway = started(movers => 1, move_wait_ms => 300, log_level => 'debug');

	due($gateway, 100);
	my $writer = $server->writer(1);
	my $first = stuck($gateway, 1);

	is(crowd($gateway, 201 .. 230), 'v1', 'users whose turn does not come are served at home');
	is(crowd($gateway, 201 .. 230), 'v1', 'again');
	cmp_ok($gateway->status('waiting'), '<=', 1, 'and the line does not grow');
	$writer->run('COMMIT');
	is(by(answer($first)), 'v2', 'the one of whom the database was asked is moved');
	ok(until_true('user 201', sub { $gateway->who(201) eq 'v2' }), 'and then others are');

	ok(until_true('users 201 to 205', sub { crowd($gateway, 1, 201 .. 205) eq 'v2' }), 'all of them');
	$writer = $server->writer(1, 'v2');
	$server->value('SELECT gray_close()');
	$gateway->shows('open', 'false');
	$first = stuck($gateway, 1);
	is(crowd($gateway, 201 .. 205), 'v2', 'the way home: they are served in gray');
	$writer->run('COMMIT');
	is(by(answer($first)), 'v1', 'until their turn comes');
	ok(until_true('users 201 to 205', sub { crowd($gateway, 201 .. 205) eq 'v1' }), 'then they are home');
	is($gateway->status('5xx'), 0, 'no answer was 5xx');
	everybody_home();
	is($gateway->stop, 0, 'stops');
};

subtest 'a request that was held for too long' => sub {
	my $gateway = started(movers => 1, move_wait_ms => 600_000, hold_timeout_ms => 700);

	due($gateway, 100);
	my $writer = $server->writer(1);
	my $asked = stuck($gateway, 1);
	my $waits = begin($gateway, 2);

	$gateway->shows('waiting', 1);
	is(by(answer($waits)), 'v1', 'its turn did not come: it goes where the data is');
	$gateway->shows('waiting', 0);
	is(by(answer($asked)), '503', 'the database was asked: it is refused');
	$writer->run('COMMIT');
	ok(until_true('user 2', sub { $gateway->who(2) eq 'v2' }), 'both are moved later');
	is($gateway->who(1), 'v2', 'one as the other');
	everybody_home();
	is($gateway->stop, 0, 'stops');
};

done_testing();
