# All or nothing: a move is killed at each of its steps, by two of three kinds of
# death, and then everything is as before it, or as after it; never in between.
#
# A move is stopped at a step by a lock that another session holds on what the step
# wants.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;

my $UID = 7;
my $server = Gray::Server->new('crash', "restart_after_crash = on\nwal_level = replica\nmax_wal_senders = 2\n");
my $node = $server->{node};

$server->create_shop;
# A writer whose row has an id of gray is to be in the way home's way, not to be refused.
$server->value("SELECT gray_add_user($UID), gray_set_unique('shop.items_pkey', false), gray_open()");

# What a user has on one side, in the columns that both sides have.
sub rows_on
{
	my ($schema) = @_;
	return $server->value(qq{
		SELECT 'user', id, name, email FROM $schema.users WHERE id = $UID;
		SELECT 'order', id, user_id, total, updated FROM $schema.orders WHERE user_id = $UID ORDER BY id;
		SELECT 'item', i.* FROM $schema.items i
			WHERE order_id IN (SELECT id FROM shop.orders WHERE user_id = $UID
				UNION SELECT id FROM v2.orders WHERE user_id = $UID) ORDER BY id});
}

sub state_and_history
{
	return $server->value(qq{SELECT gray_state($UID)}) . ' after ' . $server->value(
		qq{SELECT count(*) FROM gray.history});
}

sub everything
{
	return join "\n", state_and_history(), 'production:', rows_on('shop'), 'gray:', rows_on('v2');
}

# --- Steps: what another session locks, and where the move then stands, as
# gray.progress has it.

my @ways = (
	{
		move => 'gray_migrate',
		prepare => q{},
		steps => [
			[ 'lock', "UPDATE shop.users SET name = name WHERE id = $UID", '' ],
			[ 'first copy', 'LOCK TABLE v2.users IN SHARE MODE', 'copy shop.users' ],
			[ 'last copy', 'LOCK TABLE v2.items IN SHARE MODE', 'copy shop.items' ],
			[ 'record', 'LOCK TABLE gray.attempt_1 IN SHARE MODE', 'check shop.items' ],
		],
	},
	{
		move => 'gray_migrate_back',
		# In gray the user adds an order and an item, changes one of each, deletes one of each.
		prepare => qq{
			INSERT INTO v2.orders (id, user_id, total, gift_note) VALUES (9001, $UID, 90, 'new');
			INSERT INTO v2.items VALUES (9001, 9001, 1, 9), (9002, 9001, 2, 9);
			UPDATE v2.users SET name = 'changed' WHERE id = $UID;
			UPDATE v2.orders SET total = -1
				WHERE id = (SELECT min(id) FROM v2.orders WHERE user_id = $UID);
			UPDATE v2.items SET quantity = 77
				WHERE id = (SELECT min(id) FROM v2.items WHERE order_id <> 9001);
			DELETE FROM v2.orders
				WHERE id = (SELECT max(id) FROM v2.orders WHERE user_id = $UID AND id <> 9001)},
		steps => [
			[ 'lock', "UPDATE v2.users SET name = name WHERE id = $UID", '' ],
			[ 'compare', 'LOCK TABLE v2.items IN ACCESS EXCLUSIVE MODE', 'compare shop.items' ],
			[ 'first delete', 'LOCK TABLE shop.items IN SHARE MODE', 'delete shop.items' ],
			[ 'last delete', 'LOCK TABLE shop.orders IN SHARE MODE', 'delete shop.orders' ],
			[ 'write', 'INSERT INTO shop.items SELECT 9001, min(id), 1, 1 FROM shop.orders WHERE user_id = 8',
				'write shop.items' ],
			[ 'check', 'LOCK TABLE shop.products IN EXCLUSIVE MODE', 'check shop.items' ],
			[ 'first clear', 'LOCK TABLE v2.items IN SHARE MODE', 'clear shop.items' ],
			[ 'last clear', 'LOCK TABLE v2.users IN SHARE MODE', 'clear shop.users' ],
			[ 'record', 'LOCK TABLE gray.attempt_1 IN SHARE MODE', 'clear shop.users' ],
		],
	},
);

# --- Killing

sub until_restarted
{
	$node->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die "no restart\n";
}

# One backend dies: the postmaster ends all others, and recovers.
sub kill_backend
{
	my ($mover) = @_;
	my $started = $server->value('SELECT pg_postmaster_start_time()');

	kill 'KILL', $mover->{pid};
	is($mover->last_answer->{sqlstate}, 'lost', 'the mover is killed');
	until_restarted();
	is($server->value('SELECT pg_postmaster_start_time()'), $started, 'the postmaster has lived on');
}

sub stop_immediately
{
	my ($mover) = @_;

	$node->stop('immediate');
	is($mover->last_answer->{sqlstate}, 'lost', 'the mover is gone');
	$node->start;
}

# Every process of the server at once, as when the machine loses power.
sub kill_server
{
	my ($mover) = @_;
	my $postmaster = $node->{_pid};
	my @backends = split /\s+/, $server->value('SELECT pid FROM pg_stat_activity');

	kill 'STOP', $postmaster;
	kill 'KILL', @backends, $postmaster;
	is($mover->last_answer->{sqlstate}, 'lost', 'the mover is gone');
	until_true('the server to be gone', sub { !grep { kill 0, $_ } @backends, $postmaster });
	$node->{_pid} = undef;
	unlink $node->data_dir . '/postmaster.pid';
	$node->start;
}

my @kills = (
	[ 'kill -9 of the backend', \&kill_backend ],
	[ 'immediate stop', \&stop_immediately ],
	[ 'kill -9 of all processes', \&kill_server ],
);
my $next_kill = 0;

# Each step meets two of the three kinds of death; they take turns.
sub two_kills
{
	return map { $kills[ $next_kill++ % @kills ] } 1 .. 2;
}

sub stand_at
{
	my ($way, $blocker, $mover, $lock, $doing) = @_;

	is($blocker->run("BEGIN; $lock")->{sqlstate}, '00000', "another session holds: $lock");
	$mover->run(q{SET pg_gray.yield_after = '10min'});
	$mover->start("SELECT $way->{move}($UID)");
	return $server->until_value(
		qq{SELECT coalesce((SELECT doing FROM gray.progress WHERE pid = $mover->{pid}), '')
			FROM pg_locks WHERE pid = $mover->{pid} AND NOT granted}, $doing);
}

sub die_at_step
{
	my ($way, $step, $kill) = @_;
	my ($name, $lock, $doing) = @$step;
	my $blocker = $server->session;
	my $mover = $server->session;

	# What the session has to learn of the tables, it knows then.
	$mover->run("BEGIN; SELECT $way->{move}($UID); ROLLBACK");
	my $before = everything();

	ok(stand_at($way, $blocker, $mover, $lock, $doing), "$way->{move} stands at: $name");
	$kill->[1]->($mover);
	is(everything(), $before, "$way->{move}, $name, $kill->[0]: all is as before");
}

# The transaction has done all, but not committed.
sub die_before_commit
{
	my ($way, $kill) = @_;
	my $mover = $server->session;
	my $before = everything();

	is($mover->run("BEGIN; SELECT $way->{move}($UID)")->{sqlstate}, '00000', 'moved, not committed');
	$kill->[1]->($mover);
	is(everything(), $before, "$way->{move}, before commit, $kill->[0]: all is as before");
}

# The commit is in the log, but nobody has been told: it waits for a standby that
# does not exist.
sub die_after_commit
{
	my ($way, $kill, $expected) = @_;
	my $mover = $server->session;

	$server->value(q{ALTER SYSTEM SET synchronous_standby_names = 'nobody'});
	$node->reload;
	$server->until_value('SHOW synchronous_standby_names', 'nobody');
	$mover->start("SELECT $way->{move}($UID)");
	$server->until_value(qq{SELECT wait_event FROM pg_stat_activity WHERE pid = $mover->{pid}}, 'SyncRep');
	$kill->[1]->($mover);
	$server->value(q{SET synchronous_commit = local; ALTER SYSTEM RESET synchronous_standby_names});
	$node->reload;
	$server->until_value('SHOW synchronous_standby_names', '');
	is(everything(), $expected, "$way->{move}, after commit, $kill->[0]: all is as after");
}

# What the retry must come to: rows as they are on the side where the data is.
sub expected_after
{
	my ($way) = @_;
	my ($count) = state_and_history() =~ /after (\d+)/;
	my $home = $way->{move} eq 'gray_migrate_back';
	my $rows = rows_on($home ? 'v2' : 'shop');

	return join "\n", ($home ? 'off' : 'on') . ' after ' . ($count + 1), 'production:', $rows,
	  'gray:', $home ? '' : $rows;
}

foreach my $way (@ways)
{
	subtest $way->{move} => sub {
		$server->value($way->{prepare}) if $way->{prepare};
		isnt(rows_on($way->{prepare} ? 'v2' : 'shop'), '', 'there are rows to move');
		foreach my $step (@{ $way->{steps} })
		{
			die_at_step($way, $step, $_) foreach two_kills();
		}
		die_before_commit($way, $_) foreach two_kills();
		die_after_commit($way, (two_kills())[0], expected_after($way));
		is($server->value("SELECT $way->{move}($UID)"), $way->{prepare} ? 'off' : 'on', 'asked again: nothing left to do');
	};
}

# A move that was killed may simply be asked for again.
subtest 'retry' => sub {
	foreach my $way (@ways)
	{
		my $expected;

		$server->value($way->{prepare} =~ s/\b900(\d)\b/910$1/gr) if $way->{prepare};
		$expected = expected_after($way);
		die_at_step($way, $way->{steps}[-1], (two_kills())[0]);
		$server->value("SELECT $way->{move}($UID)");
		is(everything(), $expected, "$way->{move} succeeds");
	}
};

is($server->value('SELECT count(*) FROM gray.incidents'), '0', 'no incident');

# Rows of a table that only version 2 has are in gray, or put aside; never in both places or in none.
subtest 'rows of own tables' => sub {
	my $badges = q{SELECT 'gray', id, user_id, label FROM v2.badges UNION ALL
		SELECT 'aside', id, user_id, label FROM gray.parked_1_4 ORDER BY 1, 2};
	my @moves = (
		{
			move => 'gray_migrate_back',
			steps => [
				[ 'park', 'LOCK TABLE gray.parked_1_4 IN SHARE MODE', 'park v2.badges' ],
				[ 'clear', 'LOCK TABLE v2.users IN SHARE MODE', 'clear shop.users' ],
				[ 'record', 'LOCK TABLE gray.attempt_1 IN SHARE MODE', 'clear shop.users' ],
			],
		},
		{
			move => 'gray_migrate',
			steps => [
				[ 'put back', 'LOCK TABLE v2.badges IN SHARE MODE', 'put back v2.badges' ],
				[ 'record', 'LOCK TABLE gray.attempt_1 IN SHARE MODE', 'check shop.items' ],
			],
		},
	);

	$server->value('CREATE TABLE v2.badges (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES v2.users, label text)');
	$server->value("SELECT gray_migrate($UID)");
	$server->value("INSERT INTO v2.badges SELECT i, $UID, 'badge ' || i FROM generate_series(1, 5) i");
	foreach my $way (@moves)
	{
		my $before = $server->value($badges);

		foreach my $step (@{ $way->{steps} })
		{
			die_at_step($way, $step, (two_kills())[0]);
			is($server->value($badges), $before, 'the rows are where they were');
		}
		die_before_commit($way, (two_kills())[0]);
		is($server->value($badges), $before, 'the rows are where they were');
		$server->value("SELECT $way->{move}($UID)");
	}
	is($server->value('SELECT count(*) FROM v2.badges'), 5, 'all are in gray again');
	is($server->value("SELECT gray_migrate_back($UID)"), 'off', 'and go home');
	$server->value('SET pg_gray.guard = off; DROP TABLE v2.badges');
};

# A crash empties it: what is missing there was not deleted by the user.
subtest 'unlogged gray table' => sub {
	$server->value("SELECT gray_migrate($UID); SET pg_gray.guard = off; ALTER TABLE v2.items SET UNLOGGED");

	my $rows = rows_on('shop');
	$server->value("INSERT INTO v2.items SELECT 9301, min(id), 1, 1 FROM v2.orders WHERE user_id = $UID");
	$node->stop('immediate');
	$node->start;
	$server->value("INSERT INTO v2.items SELECT 9302, min(id), 1, 1 FROM v2.orders WHERE user_id = $UID");
	is($server->value("SELECT gray_migrate_back($UID)"), 'stuck', 'no way home without the rows');
	like($server->value('SELECT message FROM gray.incidents'), qr/lacks rows of the user/, 'and it says why');
	is(rows_on('shop'), $rows, 'production has all rows');
	$server->value(qq{INSERT INTO v2.items SELECT i.* FROM shop.items i JOIN shop.orders o ON o.id = order_id WHERE user_id = $UID;
		SELECT gray_reset($UID)});
	is($server->value("SELECT gray_migrate_back($UID)"), 'off', 'with them there is');
};

is($server->value(q{SELECT string_agg(DISTINCT state::text, ',') FROM gray.state_1}), 'off', 'nobody is left anywhere else');
$node->stop;
done_testing();
