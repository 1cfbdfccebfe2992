# The gateway and its database: not there, lost, back again, slow; and a gateway
# that dies.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Shop;
use Test::More;
use Time::HiRes qw(time);

my $world = Gray::Shop->new;
my $node = $world->{node};
# Servers that need no database, and say who they are.
my %bare = (
	production => '127.0.0.1:' . backend('v1'),
	gray => '127.0.0.1:' . backend('v2'));

$world->create_release;
$world->value('SELECT gray_add_user(u) FROM generate_series(1, 3) u; SELECT gray_open()');
$world->start_servers;

# While the gateway's role may not log in, the database is there for all but it.
sub cut_off
{
	$world->cut_off('gateway');
	$world->until_value(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'gateway'}, '0');
	$world->{gateway}->until_status('database_connected', 'false');
	return;
}

sub let_in
{
	my $connected = () = $world->{gateway}->log =~ /connected again/g;

	$world->let_in('gateway');
	until_true('the gateway to be back', sub { (() = $world->{gateway}->log =~ /connected again/g) > $connected });
	return;
}

subtest 'not there at start' => sub {
	$node->stop;
	# What happens when a lease is over is in 630_leases_keep_answers_true.pl.
	$world->start_gateway(%bare, stale_after_ms => 60000, without_roster => 'refuse');
	is($world->{gateway}->who(1), '503', 'a uid, and nobody knows where its data is: 503');
	like($world->{gateway}->get('/which', 'X-User-Id: 1')->{head}, qr/^Retry-After: \d+\r$/m, 'which may be tried again');
	is($world->{gateway}->who(undef), 'v1', 'no uid: production');
	$world->{gateway}->logs(qr/warning: database: .*; trying again/, 'the log says it');
	$node->start;
	$world->until_loaded;
	is($world->{gateway}->who(1), 'v2', 'when it is there, users are moved');
	is($world->{gateway}->who(9), 'v1', 'and others are not');
};

subtest 'lost and back' => sub {
	is($world->{gateway}->who(2), 'v2', 'a user is in gray');
	is($world->state_of(3), 'off', 'another is due to move');
	$node->stop('immediate');
	$world->{gateway}->until_status('database_connected', 'false');
	$world->{gateway}->logs(qr/warning: database: .*nobody is moved meanwhile/, 'the log says it');
	is($world->{gateway}->who(2), 'v2', 'who is in gray keeps going there');
	is($world->{gateway}->who(9), 'v1', 'who is in production, too');
	is($world->{gateway}->who(3), 'v1', 'who is due to move stays where the data is');
	is($world->{gateway}->who(undef), 'v1', 'no uid: production');
	$node->start;
	$world->{gateway}->until_status('database_connected', 'true');
	is($world->moves_of(3), 'none', 'nobody was moved meanwhile');
	is(until_true('user 3 to be moved', sub { $world->{gateway}->who(3) eq 'v2' && 'v2' }), 'v2', 'now the user is moved');
};

subtest 'changes that could not be heard' => sub {
	cut_off();
	$world->value('SELECT gray_add_user(4), gray_add_user(5), gray_migrate(4), gray_remove_user(2), gray_migrate_back(3), gray_remove_user(3),
		gray_add_user(6), gray_migrate(6), gray_discard(6), gray_remove_user(6)');
	is($world->{gateway}->who($_->[0]), $_->[1], "unheard of: user $_->[0] as before") foreach [ 2, 'v2' ], [ 3, 'v2' ], [ 4, 'v1' ], [ 5, 'v1' ], [ 6, 'v1' ];
	let_in();
	is($world->{gateway}->who($_->[0]), $_->[1], "back again: user $_->[0], $_->[2]")
	  foreach [ 2, 'v1', 'taken off the list' ], [ 3, 'v1', 'brought home' ], [ 4, 'v2', 'moved' ], [ 5, 'v2', 'added' ], [ 6, 'v1', 'discarded' ];
	is($world->moves_of($_->[0]), $_->[1], "user $_->[0]: $_->[1]")
	  foreach [ 2, 'migrate on, migrate_back off' ], [ 4, 'migrate on' ], [ 5, 'migrate on' ];
};

# Extension and gateway decide alike, also by percentage.
subtest 'percentage' => sub {
	foreach my $percent (0.5, 12.34, 60, 0)
	{
		$world->operate("SELECT gray_set_percent($percent)");
		my $answered = join ' ', map { $world->{gateway}->who($_) eq 'v2' ? $_ : () } 1 .. 200;
		is($answered, $world->value(q{SELECT string_agg(uid::text, ' ' ORDER BY uid::int) FROM gray_roster() WHERE state = 'on'}),
			"$percent %: gray answers who is in gray: " . (() = $answered =~ /\d+/g));
		is($world->value(q{SELECT string_agg(u::text, ' ') FROM generate_series(1, 200) u, gray_route(u) r WHERE r.side = 'gray'}),
			$answered, 'and gray_route says the same');
	}
	is($world->value(q{SELECT count(*) FROM gray.status WHERE users_on = listed}), '1', 'at last only the list is left');
};

subtest 'a slow move' => sub {
	my $writer = $world->session;

	is($world->{gateway}->stop, 0, 'stops');
	$world->start_gateway(%bare, move_timeout_ms => 300);
	$world->until_loaded;
	$world->operate('SELECT gray_add_user(220)');
	$writer->value('BEGIN; UPDATE users SET city = city WHERE id = 220');
	is($world->{gateway}->who(220), 'v1', 'a move that takes too long: the request goes where the data is');
	$world->{gateway}->logs(qr/warning: user [0-9a-f]{16}.*not moved for now.*statement timeout.*requests go to production/, 'the log says why');
	is($world->state_of(220) . ' ' . $world->moves_of(220), 'off none', 'nothing is changed');
	$writer->value('COMMIT');
	is(until_true('another try', sub { $world->{gateway}->who(220) eq 'v2' && 'v2' }), 'v2', 'later the user is moved');

	$world->operate('SELECT gray_remove_user(220)');
	$writer->value('BEGIN; UPDATE v2.users SET city = city WHERE id = 220');
	is($world->{gateway}->who(220), 'v2', 'the same on the way home');
	$writer->value('COMMIT');
	is(until_true('another try', sub { $world->{gateway}->who(220) eq 'v1' && 'v1' }), 'v1', 'later the user comes home');

	is($world->{gateway}->stop, 0, 'stops');
	$world->start_gateway(%bare, hold_timeout_ms => 300);
	$world->until_loaded;
	$world->operate('SELECT gray_add_user(221)');
	$writer->value('BEGIN; UPDATE users SET city = city WHERE id = 221');
	is($world->{gateway}->who(221), '503', 'a request is not held for ever: 503');
	$writer->value('COMMIT');
	is(until_true('the move', sub { $world->{gateway}->who(221) eq 'v2' && 'v2' }), 'v2', 'the move goes on');
	is($world->moves_of(221), 'migrate on', 'and is made once');
};

# A write is in version 1, and waits there for a row, while an operator moves the user.
subtest '421 and replay' => sub {
	is($world->{gateway}->stop, 0, 'stops');
	$world->start_gateway(replay_bytes => 200);
	$world->until_loaded;
	foreach my $case ([ 230, 40, '200 v2 v2', 'replayed' ], [ 231, 400, '200 v2 v2', 'replayed from a file' ])
	{
		my ($uid, $size, $by, $what) = @$case;
		my $locker = $world->session;
		my $city = 'x' x $size;

		is($world->ask($uid, 'GET', '/profile')->{by}, '200 v1 public', "user $uid is in production");
		$locker->value("BEGIN; SELECT FROM users WHERE id = $uid FOR UPDATE");
		my $write = $world->send($uid, 'PUT', '/profile', $world->city_body($city));
		$world->until_value(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'}, '1');
		is($world->value("SELECT gray_add_user($uid), gray_migrate($uid)"), '|on', 'the user is moved, under the write');
		$locker->value('COMMIT');
		is($world->await($write)->{by} =~ s/ public//r, $by, "the write is refused in production, and $what");
		is($world->ask($uid, 'GET', '/profile')->{by}, '200 v2 v2', 'the next request goes to gray at once');
		is($world->value("SELECT p.city = '$city', g.city = '$city' FROM public.users p, v2.users g WHERE p.id = $uid AND g.id = $uid"),
			'f|t', 'the write is in gray only');
	}
	is($world->{gateway}->status('replays'), 2, 'two replays');
};

subtest 'the gateway is killed in the middle of a move' => sub {
	foreach my $case ([ 240, 'public', 'on', 'v2', 'SELECT gray_add_user(240)' ], [ 240, 'v2', 'off', 'v1', 'SELECT gray_remove_user(240)' ])
	{
		my ($uid, $schema, $state, $version, $sql) = @$case;
		my $writer = $world->session;

		$world->operate($sql);
		$writer->value("BEGIN; UPDATE $schema.users SET city = 'before the move to $version' WHERE id = $uid");
		my $rows = $writer->value("SELECT id, total FROM $schema.orders WHERE user_id = $uid ORDER BY id");
		my $client = $world->send($uid, 'GET', '/profile');
		$world->until_value(q{SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE usename = 'gateway' AND NOT granted}, '1');
		kill 'KILL', $world->{gateway}{pid};
		$world->{gateway}->wait_for_end;
		ok(closes($client), 'the client hears that the gateway is gone');
		$world->start_gateway;
		$world->until_loaded;
		my $again = $world->send($uid, 'GET', '/profile');
		$world->{gateway}->until_status('held', 1);
		$writer->value('COMMIT');
		my $answer = $world->await($again);
		like($answer->{by}, qr/^200 $version /, 'a new gateway, the same request: it is answered where it should be');
		like($answer->{body}, qr/before the move to $version/, 'with what was written last');
		is($world->state_of($uid), $state, "the state is $state");
		my $live = $version eq 'v2' ? 'v2' : 'public';
		is($world->value("SELECT id, total FROM $live.orders WHERE user_id = $uid ORDER BY id"), $rows, 'no row is lost or doubled');
		is((() = $world->moves_of($uid) =~ /$state/g), 1, 'the user was moved once');
	}
	is($world->gray_rows(240), '0', 'nothing is left in gray');
	is($world->value('SELECT count(*) FROM gray.incidents'), '0', 'no incident');
};

# Correctness does not hang on there being one gateway, or one process of it.
subtest 'several gateways' => sub {
	is($world->{gateway}->stop, 0, 'stops');
	$world->start_gateway(workers => 2);
	my @gateways = ($world->{gateway}, $world->start_gateway(workers => 2));
	my @users = (250 .. 259);
	my $rows = join "\n", map { $world->rows_of('public', $_) } @users;

	foreach my $gateway (@gateways)
	{
		until_true('both workers to have loaded', sub { (() = $gateway->log =~ /release v2 loaded/g) == 2 });
	}
	foreach my $turn ([ 'gray_add_user', 'v2', 'v2', 'migrate on' ], [ 'gray_remove_user', 'v1', 'public', 'migrate on, migrate_back off' ])
	{
		my ($function, $version, $schema, $moves) = @$turn;

		$world->value("SELECT $function(u) FROM generate_series($users[0], $users[-1]) u");
		$world->until_heard($function, $_, 2) foreach @gateways;
		my @clients = map { my $uid = $_; map { $world->{gateway} = $_; $world->send($uid, 'GET', '/orders') } (@gateways) x 3 } @users;
		my %by;
		$by{ $world->await($_)->{by} }++ foreach @clients;
		is_deeply(\%by, { "200 $version $schema" => 6 * @users }, "sixty requests of ten users through both: $version");
		is(join("\n", map { $world->moves_of($_) } @users), join("\n", ($moves) x @users), 'each user is moved once');
		is(join("\n", map { $world->rows_of($schema, $_) } @users), $rows, 'no row is lost or doubled');
	}
	is($gateways[0]->stop, 0, 'a gateway with workers ends as asked');
};

subtest 'another release' => sub {
	is($world->{gateway}->stop, 0, 'stops');
	$world->start_gateway(%bare, release => 'v3', without_roster => 'production');
	$world->{gateway}->logs(qr/error: release v3 does not exist: there is nothing to load; .* type: SELECT gray_create_release\('v3'\);/,
		'a release that is not there: the log says so');
	is($world->{gateway}->who(230), 'v1', 'all go to production');
	$world->value(q{CREATE TABLE notes (id int PRIMARY KEY, user_id int); INSERT INTO notes VALUES (1, 230);
		SELECT gray_create_release('v3'), gray_clone('notes', 'user_id', 'v3'), gray_add_user(230, 'v3'), gray_open('v3')});
	is(until_true('the gateway to hear of it', sub { $world->{gateway}->who(230) eq 'v2' && 'v2' }), 'v2', 'once it is there, it counts');
	is($world->value(q{SELECT gray_state(230, 'v3'), gray_state(240, 'v2')}), 'on|off', 'and only it');
	$world->value(q{SELECT gray_close('v3'), gray_migrate_back(230, 'v3'), gray_drop_release('v3')});
	is(until_true('the gateway to hear of it', sub { $world->{gateway}->who(230) eq 'v1' && 'v1' }), 'v1', 'dropped: production');
};

is($world->{gateway}->stop, 0, 'the gateway ends as asked');
$world->{$_}->kill foreach qw(v1 v2);
$node->stop;
done_testing();
