# A prepared transaction keeps its users where they are, through a restart of the
# server too, until it is committed or rolled back, by whomever.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use Test::More;

my $server = Gray::Server->new('prepared', "max_prepared_transactions = 5\n");
my $node = $server->{node};

$server->create_shop;
$server->value('SELECT gray_add_user(42), gray_open()');

# User 42 has the orders 41, 91, 141; 7 has 6.
my $production = q{UPDATE shop.orders SET total = total + 1000 WHERE id = 41};
my $gray = q{UPDATE v2.orders SET total = total + 1000 WHERE id = 41};
my $item = q{INSERT INTO shop.items VALUES (1001, 41, 1, 1)};
my $many = q{UPDATE shop.users SET name = name WHERE id <= 40};
my $given = q{UPDATE shop.orders SET user_id = 42 WHERE id = 6};

sub prepare
{
	my ($sql, $settings) = @_;
	return $server->value(($settings // '') . "BEGIN; $sql; PREPARE TRANSACTION 'gray'");
}

sub live_total
{
	my ($schema) = @_;
	return $server->value("SELECT sum(total)::int FROM $schema.orders WHERE user_id = 42");
}

# The call waits while the transaction is prepared, and answers when it has ended.
sub waits
{
	my ($call, $end, $answer, $what) = @_;
	my $session = $server->session;

	$session->start("SELECT $call");
	$server->until_value("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $session->{pid}", 1);
	$server->value("$end 'gray'");
	is($session->finish->{rows}, $answer, $what);
	return;
}

sub restart
{
	$node->stop('immediate');
	$node->start;
	return;
}

# --- a writer

my $before = live_total('shop');
prepare($production);
waits('gray_migrate(42)', 'COMMIT PREPARED', 'on', 'a move waits for a prepared writer');
is(live_total('v2'), $before + 1000, '  whose write goes along');
prepare($gray);
restart();
waits('gray_migrate_back(42)', 'COMMIT PREPARED', 'off', 'the way home waits for one after a crash');
is(live_total('shop'), $before + 2000, '  whose write comes home');
prepare($production);
restart();
waits('gray_migrate(42)', 'ROLLBACK PREPARED', 'on', 'a move waits for one that is rolled back');
is(live_total('v2'), $before + 2000, '  whose write is nowhere');
is($server->sqlstate($production), 'GR001', 'a writer in production is refused then');
$server->value('SELECT gray_discard(42)');

# --- all that locks

foreach my $case ([ $item, 'a writer by owner path' ], [ 'SELECT gray_enter(42)', 'one that only entered' ],
	[ $many, 'one of many users', 'SET pg_gray.max_user_locks = 5;' ], [ $given, 'one that gave a row away' ])
{
	my ($sql, $who, $settings) = @$case;

	prepare($sql, $settings);
	restart();
	waits('gray_migrate(42)', 'ROLLBACK PREPARED', 'on', "a move waits for $who");
	$server->value('SELECT gray_discard(42)');
}

# --- the session that prepared it

my $session = $server->session;
$session->value($production);
$session->value("BEGIN; UPDATE shop.orders SET total = 1 WHERE id IN (41, 6); PREPARE TRANSACTION 'gray'");
is($session->value('BEGIN; UPDATE shop.orders SET total = 1 WHERE id = 56;'
		. q{ SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND objsubid = 7001}),
	1, 'the next transaction of the session checks its users anew');
$session->value("COMMIT; ROLLBACK PREPARED 'gray'");

# --- a move

is($server->sqlstate("BEGIN; SELECT gray_migrate(42); PREPARE TRANSACTION 'gray'"), '0A000',
	'a move can not be prepared, since it notifies');
is($server->value('SELECT gray_state(42)'), 'off', '  and leaves nothing');

$node->stop;
done_testing();
