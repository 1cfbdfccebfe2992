# Rows that nobody wrote in gray are deleted there page by page (pg_gray/move/home_untouched.c).
# Heap, visibility map and WAL are then as after a DELETE: for PostgreSQL's own checkers, after a
# crash, on a standby, for an older snapshot, and when it is rolled back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use PostgreSQL::Test::Cluster;
use Test::More;

my $server = Gray::Server->new('untouched', "wal_level = replica\nautovacuum = off\n", allows_streaming => 1);
my $node = $server->{node};

$server->value(q{
	CREATE EXTENSION pg_gray; CREATE EXTENSION amcheck; CREATE EXTENSION pg_visibility;
	CREATE SCHEMA shop;
	CREATE TABLE shop.users (id integer PRIMARY KEY);
	CREATE TABLE shop.orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES shop.users, note text);
	CREATE INDEX ON shop.orders (user_id);
	ALTER TABLE shop.orders ALTER note SET STORAGE EXTERNAL;
	INSERT INTO shop.users VALUES (1), (2);
	INSERT INTO shop.orders SELECT i, 1 + i / 9001, CASE WHEN i % 1000 = 0 THEN repeat('long', 1000) ELSE 'short' END
		FROM generate_series(1, 10000) i;
	SELECT gray_create_release('v2');
	SELECT gray_clone_tree('shop.users', 'id');
	SELECT gray_set_percent(100);
	SELECT gray_open();
	SELECT gray_migrate(2)});
$node->backup('first');
my $standby = PostgreSQL::Test::Cluster->new('untouched_standby');
$standby->init_from_backup($node, 'first', has_streaming => 1);
$standby->append_conf('postgresql.conf', 'hot_standby = on');
$standby->start;

my $rows = 'SELECT count(*), count(DISTINCT id), coalesce(sum(length(note)), 0) FROM v2.orders WHERE user_id = 1';
my $all = '9000|9000|80955';

# What pages, visibility map and indexes say of themselves.
sub is_sound
{
	my ($on, $name) = @_;

	is($on->safe_psql('postgres', q{
		SELECT msg FROM verify_heapam('v2.orders');
		SELECT pg_check_visible('v2.orders');
		SELECT pg_check_frozen('v2.orders');
		SELECT bt_index_check('v2.orders_pkey', true) WHERE NOT pg_is_in_recovery()}), '', "$name: sound");
	return;
}

# What statistics are told of.
sub deleted
{
	my ($session) = @_;
	return $session->value(q{SELECT pg_stat_get_xact_tuples_deleted('v2.orders'::regclass)});
}

$server->value('SELECT gray_migrate(1)');
# Rows once locked, and pages of which all rows are visible: half of them also frozen.
$server->value('SELECT count(*) FROM (SELECT FROM v2.orders WHERE id BETWEEN 50 AND 60 FOR KEY SHARE) o');
$server->value('VACUUM (FREEZE) v2.orders');
$server->value('SELECT count(*) FROM (SELECT FROM v2.orders WHERE id BETWEEN 500 AND 510 FOR KEY SHARE) o');
$server->value('CHECKPOINT');
isnt($server->value(q{SELECT all_visible FROM pg_visibility_map_summary('v2.orders')}), '0', 'there are pages that are all visible');

# --- An older snapshot goes on seeing the rows, and a rollback brings them back.

my $reader = $server->session;
$reader->value('BEGIN ISOLATION LEVEL REPEATABLE READ');
is($reader->value($rows), $all, 'rows are in gray');

my $mover = $server->session;
$mover->value('BEGIN');
$mover->value('SAVEPOINT before');
is($mover->value('SELECT gray_migrate_back(1)'), 'off', 'home, and then rolled back');
is($mover->value($rows), '0|0|0', 'the mover sees none');
is(deleted($mover), '9000', 'statistics are told');
is($reader->value($rows), $all, 'another sees them all');
$mover->value('ROLLBACK TO before');
is($mover->value($rows), $all, 'all are back');
is($mover->value('SELECT gray_migrate_back(1)'), 'off', 'home');
is($mover->value($rows), '0|0|0', 'the mover sees none');
$mover->value('COMMIT');
is($reader->value($rows), $all, 'the older snapshot still sees them');
$reader->value('COMMIT');
is($reader->value($rows), '0|0|0', 'the next one does not');
is($reader->value('SELECT count(*) FROM v2.orders'), '1000', "the other user's rows are untouched");

# --- After a crash, on a standby, after VACUUM.

is_sound($node, 'primary');
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', "$rows; SELECT count(*) FROM v2.orders"), "0|0|0\n1000", 'standby: gone');
is_sound($standby, 'standby');
$node->stop('immediate');
$node->start;
is($server->value("$rows; SELECT count(*) FROM v2.orders"), "0|0|0\n1000", 'after a crash: gone');
is_sound($node, 'after a crash');
$server->value('VACUUM v2.orders');
is($server->value("$rows; SELECT count(*) FROM v2.orders"), "0|0|0\n1000", 'after VACUUM: gone');
is_sound($node, 'after VACUUM');

# --- A crash before COMMIT brings them back; one transaction there and back leaves nothing.

$server->value('SELECT gray_migrate(1)');
$mover = $server->session;
$mover->value('BEGIN');
$mover->value('SELECT gray_migrate_back(1)');
$server->value('CHECKPOINT');
$node->stop('immediate');
$node->start;
is($server->value($rows), $all, 'after a crash before COMMIT: there');
is_sound($node, 'after a crash before COMMIT');
is($server->value('BEGIN; SELECT gray_migrate_back(1), gray_migrate(1), gray_migrate_back(1); COMMIT; ' . $rows),
	"off|on|off\n0|0|0", 'there and back in one transaction');
is_sound($node, 'there and back');

# --- Of a row that is locked meanwhile the move waits, as DELETE does, and yields.

$server->value('SELECT gray_migrate(1)');
my $locker = $server->session;
$locker->value('BEGIN');
$locker->value('SELECT FROM v2.orders WHERE id = 77 FOR KEY SHARE');
is($server->sqlstate(q{SET pg_gray.yield_timeout = 100; SELECT gray_migrate_back(1)}), '55P03', 'a locked row is waited for');
is($server->value($rows), $all, 'nothing is gone');
$locker->value('ROLLBACK');
is($server->value("SELECT gray_migrate_back(1); $rows"), "off\n0|0|0", 'then it comes home');

# --- What a transaction older than the move writes after it comes home, too.

my $old = $server->session;
$old->value('BEGIN');
$old->value('CREATE TEMP TABLE has_an_id ()');
my $older = $server->session;
$older->value('BEGIN');
$older->value('SAVEPOINT a');
$older->value('CREATE TEMP TABLE has_an_id ()');
$server->value('SELECT gray_migrate(1)');
$old->value(q{UPDATE v2.orders SET note = 'changed' WHERE id = 5});
$older->value(q{DELETE FROM v2.orders WHERE id = 6});
$older->value(q{INSERT INTO v2.orders VALUES (20001, 1, 'new')});
$_->value('COMMIT') for $old, $older;
is($server->value(q{SELECT gray_migrate_back(1); SELECT id, note FROM shop.orders WHERE id IN (5, 6, 20001) ORDER BY id}),
	"off\n5|changed\n20001|new", 'written after the move by older transactions');
is_sound($node, 'older transactions');

# --- Updates that were rolled back, and those of the very transaction that moves.

$server->value('SELECT gray_migrate(1)');
$server->value(q{UPDATE v2.orders SET note = 'again' WHERE id BETWEEN 100 AND 110});
$server->value(q{BEGIN; UPDATE v2.orders SET note = 'never' WHERE id BETWEEN 105 AND 115; ROLLBACK});
is($server->value(q{BEGIN; UPDATE v2.orders SET note = 'mine' WHERE id = 120; DELETE FROM v2.orders WHERE id = 121;
		SELECT gray_migrate_back(1); COMMIT; SELECT note, count(*) FROM shop.orders WHERE id BETWEEN 100 AND 121 GROUP BY 1 ORDER BY 1}),
	"off\nagain|11\nmine|1\nshort|9", 'updated, rolled back, and written by the moving transaction');
is_sound($node, 'updates');

$standby->stop;
done_testing();
