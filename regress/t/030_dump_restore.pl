# A dump taken while users are moved, restored elsewhere; and a physical standby.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = Gray::Server->new('primary', "wal_level = replica\nmax_wal_senders = 3\n", allows_streaming => 1);
my $node = $server->{node};

$server->create_shop_with(q{CREATE TABLE shop.labels AS SELECT generate_series(1, 9) AS id; ALTER TABLE shop.labels ADD PRIMARY KEY (id);
	ALTER TABLE shop.users ADD label integer REFERENCES shop.labels ON DELETE SET NULL, ADD badge integer REFERENCES shop.labels ON DELETE SET NULL;
	UPDATE shop.users SET label = 1, badge = 2 WHERE id = 8; UPDATE shop.users SET label = 3 WHERE id = 1;
	CREATE TABLE shop.knex_migrations (id serial PRIMARY KEY, name text, batch integer);
	INSERT INTO shop.knex_migrations (name, batch) VALUES ('a', 1), ('b', 1)});

# Users: 1 to 3 on, 4 failed, 5 stuck, 6 due to move; 7 has been there and is home.
$server->value(q{
	SELECT gray_add_user(u) FROM generate_series(1, 7) u;
	INSERT INTO v2.knex_migrations (name) VALUES ('c');
	INSERT INTO shop.knex_migrations (name) VALUES ('d');
	SELECT gray_shared_views(true);
	SELECT gray_set_percent(0.01), gray_set_stuck_side('production'), gray_open();
	SELECT gray_set_unique('shop.users_email_key', false), gray_set_unique('shop.orders_pkey', true);
	SELECT gray_set_reference('shop.users', 'users_badge_fkey', 'either side'), gray_set_reference('shop.users', 'users_label_fkey', 'session side');
	ALTER TABLE v2.users ADD CONSTRAINT no_four CHECK (id <> 4);
	SELECT gray_migrate(u) FROM unnest('{1,2,3,4,5,7}'::int[]) u;
	UPDATE v2.orders SET total = 1000, gift_note = 'changed in gray'
		WHERE id = (SELECT min(id) FROM v2.orders WHERE user_id = 1);
	INSERT INTO v2.orders (user_id, total, gift_note) VALUES (1, 5, 'new in gray');
	DELETE FROM v2.orders WHERE user_id = 2;
	UPDATE v2.orders SET gift_note = 'kept' WHERE user_id = 7;
	SELECT gray_remove_user(7), gray_migrate_back(7);
	ALTER TABLE shop.users ADD CONSTRAINT no_five CHECK (name <> 'five');
	UPDATE v2.users SET name = 'five' WHERE id = 5;
	SELECT gray_migrate_back(5)});

# All that the extension knows, and all rows.
my @questions = (
	q{SELECT * FROM gray.status},
	q{SELECT * FROM gray_roster() ORDER BY uid::int},
	q{SELECT * FROM gray.history ORDER BY started, uid},
	q{SELECT * FROM gray.incidents ORDER BY uid},
	q{SELECT * FROM gray.stay_1 ORDER BY uid},
	q{SELECT u, gray_state(u) FROM generate_series(1, 10) u},
	q{SELECT extname, extversion, nspname, extowner::regrole FROM pg_extension e
		JOIN pg_namespace n ON n.oid = extnamespace ORDER BY 1},
	q{SELECT release_id, position, production, gray, parent_position FROM gray.release_table ORDER BY 1, 2},
	q{SELECT release_id, position, side, name, expression FROM gray.column_map ORDER BY 1, 2, 3, 4},
	q{SELECT position, key, name, value, home FROM gray.kept_1 k JOIN gray.kept_column c USING (position)
		WHERE c.id = k.column_id ORDER BY 1, 2, 3},
	q{SELECT production, gray, key_columns, known FROM gray.copied_table},
	q{SELECT id, name FROM v2.knex_migrations ORDER BY id},
	q{SELECT production, view FROM gray.shared_view ORDER BY 1},
	q{SELECT severity, object, problem FROM gray_check() ORDER BY 1, 2, 3},
	q{SELECT * FROM gray_unique() ORDER BY 1},
	q{SELECT * FROM gray.reference_choice ORDER BY 1, 2, 3},
	q{SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger
		WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text COLLATE "C", 2},
	q{SELECT conrelid::regclass::text COLLATE "C", conname COLLATE "C", pg_get_constraintdef(oid) FROM pg_constraint
		WHERE connamespace IN ('shop'::regnamespace, 'v2'::regnamespace) ORDER BY 1, 2},
	q{SELECT has_function_privilege('public', 'gray_route(text, name)', 'EXECUTE'),
		has_function_privilege('public', 'gray_enter(text, name)', 'EXECUTE')},
	q{SELECT u, v.* FROM generate_series(1, 8) u, gray_verify(u) v ORDER BY u, table_name},
	map({ ("SELECT * FROM shop.$_ ORDER BY id", "SELECT * FROM v2.$_ ORDER BY id") } qw(users orders items)),
);

sub same_answers
{
	my ($one, $other, $what) = @_;

	is($other->value($_), $one->value($_), "$what: " . s/\s+/ /gr) foreach @questions;
}

# What must work after all of this, tried on a copy.
sub lives_on
{
	my ($copy) = @_;
	my $gray = $copy->value('SELECT id, user_id, total, updated FROM v2.orders WHERE user_id IN (1, 2, 3) ORDER BY id');

	is($copy->sqlstate('UPDATE shop.users SET name = name WHERE id = 1'), 'GR001', 'the fence stands in production');
	is($copy->sqlstate('UPDATE shop.items SET quantity = 0 WHERE order_id = (SELECT min(id) FROM shop.orders WHERE user_id = 3)'),
		'GR001', 'also by owner path');
	is($copy->sqlstate(q{INSERT INTO v2.users (id, name) VALUES (9, 'x')}), 'GR001', 'the fence stands in gray');
	is($copy->sqlstate('INSERT INTO shop.orders (id, user_id) SELECT max(id), 8 FROM v2.orders'), '23505', 'a value of gray stays taken');
	is($copy->sqlstate('TRUNCATE shop.orders CASCADE'), 'GR001', 'and against TRUNCATE');
	is($copy->sqlstate('DELETE FROM shop.labels WHERE id = 3'), '23503', 'what only gray refers to stays');
	is($copy->sqlstate(q{BEGIN; SET LOCAL pg_gray.side = 'gray'; DELETE FROM shop.labels WHERE id = 1}), '23503', 'so does what production refers to');
	is($copy->value(q{SET pg_gray.side = 'gray'; DELETE FROM shop.labels WHERE id = 2; SELECT badge IS NULL FROM shop.users WHERE id = 8}),
		't', 'unless another policy was chosen');
	is($copy->sqlstate('SET search_path = v2, shop; ALTER TABLE labels ADD x integer'), '42501', 'the guard stands');
	is($copy->sqlstate('DROP TABLE v2.items'), '55006', 'also where users have rows in gray');
	is($copy->value('SELECT gray_route(6)'), '(gray,on)', 'a user who is due is moved');
	is($copy->value('SELECT gray_route(5), gray_route(4), gray_route(8)'),
		'(production,stuck)|(production,failed)|(production,off)', 'stuck, failed and others stay');
	is($copy->value('SELECT gray_migrate_back(u) FROM generate_series(1, 3) u'), "off\noff\noff", 'moved users come home');
	is($copy->value('SELECT id, user_id, total, updated FROM shop.orders WHERE user_id IN (1, 2, 3) ORDER BY id'),
		$gray, 'with what they had in gray');
	is($copy->value('SELECT count(*) FROM v2.orders WHERE user_id IN (1, 2, 3)'), '0', 'and nothing stays there');
	$copy->value(q{ALTER TABLE shop.users DROP CONSTRAINT no_five; SELECT gray_reset(5), gray_reset(4)});
	is($copy->value('SELECT gray_migrate_back(5); SELECT name FROM shop.users WHERE id = 5'), "off\nfive", 'a stuck user is mended');
	is($copy->value(q{SELECT gray_add_user(7), gray_migrate(7); SELECT DISTINCT gift_note FROM v2.orders WHERE user_id = 7}),
		"|on\nkept", 'what was kept is there again');
	is($copy->value(q{INSERT INTO v2.orders (user_id) VALUES (6) RETURNING id > (SELECT max(id) FROM shop.orders)}),
		't', 'sequences go on');
	$copy->value(q{SELECT gray_close(); SELECT gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on'; SELECT gray_drop_release(force => true)});
	is($copy->value('SELECT count(*) FROM gray.status'), '0', 'the release can be closed and dropped');
	is($copy->value(q{SELECT count(*) FROM pg_namespace WHERE nspname IN ('v2', 'v2_shared')}), '0', 'with all that it had copied');
	return;
}

sub restored
{
	my ($database, @command) = @_;

	$node->command_ok([@command], "$command[0] into $database");
	return $server->in($database);
}

subtest 'dump and restore' => sub {
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';

	$server->value('CREATE DATABASE custom; CREATE DATABASE plain');
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $server->conninfo ], 'pg_dump');
	my $copy = restored('custom', 'pg_restore', '-e', '-d', $node->connstr('custom'), $file);
	same_answers($server, $copy, 'restored');
	lives_on($copy);

	$node->command_ok([ 'pg_dump', '-f', "$file.sql", '-d', $server->conninfo ], 'pg_dump as SQL');
	$copy = restored('plain', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull,
		'-d', $node->connstr('plain'), '-f', "$file.sql");
	same_answers($server, $copy, 'restored from SQL');

	$copy = restored('plain', 'pg_restore', '-e', '--clean', '--if-exists', '-d', $node->connstr('plain'), $file);
	same_answers($server, $copy, 'restored in place of what was there');
};

# Columns are remembered by number, and a restore closes the gaps that dropped
# columns leave.
subtest 'dropped columns' => sub {
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';

	$server->value('CREATE DATABASE gaps; CREATE DATABASE gaps_restored');
	my $gaps = $server->in('gaps');
	$gaps->value(q{
		CREATE EXTENSION pg_gray;
		CREATE TABLE users (gone_1 int, gone_2 int, id int PRIMARY KEY, a text, b text);
		ALTER TABLE users DROP COLUMN gone_1, DROP COLUMN gone_2;
		CREATE TABLE notes (gone int, id int PRIMARY KEY, user_id int REFERENCES users, c text, d text);
		ALTER TABLE notes DROP COLUMN gone;
		CREATE TABLE lines (gone int, gone_too int, note_id int REFERENCES notes, id int PRIMARY KEY, e text);
		ALTER TABLE lines DROP COLUMN gone, DROP COLUMN gone_too;
		INSERT INTO users VALUES (1, 'a1', 'b1'), (2, 'a2', 'b2');
		INSERT INTO notes VALUES (1, 1, 'c1', 'd1'), (2, 2, 'c2', 'd2');
		INSERT INTO lines VALUES (1, 1, 'e1'), (2, 2, 'e2');
		SELECT gray_create_release('v2');
		SELECT gray_clone_tree('users', 'id');
		ALTER TABLE v2.users RENAME COLUMN a TO renamed;
		ALTER TABLE v2.notes DROP COLUMN c;
		ALTER TABLE v2.lines ADD COLUMN gone_again int, ADD COLUMN f text, ADD COLUMN mood text, ADD COLUMN number numeric(4,1) DEFAULT 0;
		ALTER TABLE v2.lines DROP COLUMN gone_again;
		SELECT gray_map('v2.users', 'renamed', up => 'a', down => 'renamed'), gray_map('v2.lines', 'f', up => 'e'),
			gray_map('v2.notes', 'c', down => 'concat(''c'', id)');
		SELECT gray_add_user(1), gray_add_user(2), gray_open(), gray_migrate(1), gray_migrate(2);
		UPDATE v2.lines SET mood = 'kept', number = 2.5, f = 'kept f' WHERE id = 2;
		SELECT gray_migrate_back(2);
		ALTER TABLE v2.lines RENAME COLUMN mood TO temper;
		SELECT gray_open()});
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $gaps->conninfo ], 'pg_dump');
	my $copy = restored('gaps_restored', 'pg_restore', '-e', '-d', $node->connstr('gaps_restored'), $file);
	my $mappings = q{SELECT m.position, m.side, m.name, m.expression FROM gray.column_map m JOIN gray.release_table t USING (position)
		JOIN pg_attribute a ON a.attrelid = CASE m.side WHEN 'gray' THEN t.gray ELSE t.production END::regclass
		AND a.attnum = m.attnum AND a.attname = m.name ORDER BY 1, 2, 3};
	is($copy->value($mappings), '1|gray|renamed|a', 'all other numbers mean nothing in the copy');
	foreach my $database ($gaps, $copy)
	{
		my $name = $database->{database};

		is($database->value(q{SELECT object, problem FROM gray_check() WHERE severity = 'error'}), '', "$name: mappings can be read");
		is($database->sqlstate(q{UPDATE lines SET e = 'x' WHERE id = 1}), 'GR001', "$name: the fence by owner path");
		is($database->sqlstate(q{UPDATE lines SET e = 'f2' WHERE id = 2}), '00000', "$name: and only for the moved user");
		is($database->value(q{UPDATE v2.users SET renamed = 'A1', b = 'B1'; UPDATE v2.notes SET d = 'D1';
			UPDATE v2.lines SET e = 'E1'; SELECT gray_migrate_back(1), gray_migrate(2)}), 'off|on', "$name: there and back");
		is($database->value(q{SELECT * FROM users u JOIN notes n ON n.user_id = u.id JOIN lines l ON l.note_id = n.id ORDER BY u.id}),
			"1|A1|B1|1|1|c1|D1|1|1|E1\n2|a2|b2|2|2|c2|d2|2|2|f2", "$name: each value is in its column");
		is($database->value(q{SELECT u.id, renamed, b, n.id, user_id, d, note_id, l.id, e
			FROM v2.users u JOIN v2.notes n ON n.user_id = u.id JOIN v2.lines l ON l.note_id = n.id}),
			'2|a2|b2|2|2|d2|2|2|f2', "$name: in gray, too");
		is($database->value('SELECT temper, number, f FROM v2.lines'), 'kept|2.5|f2', "$name: and what was kept, unless it is another at home now");
		$database->value(q{SELECT gray_migrate_back(2); UPDATE lines SET e = 'f3' WHERE id = 2; SELECT gray_migrate(2)});
		is($database->value('SELECT temper, number, f FROM v2.lines'), 'kept|2.5|f3', "$name: once more");
		is($database->value($mappings), "1|production|a|renamed\n1|gray|renamed|a\n"
			. "2|production|c|concat('c', id)\n3|gray|f|e", "$name: each mapping is that of its column");
	}
};

# Rows of own tables: parked, waiting, and in gray.  Tables lost columns before, so that all numbers change.
subtest 'own tables' => sub {
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump';

	$server->value('CREATE DATABASE own; CREATE DATABASE own_restored; CREATE DATABASE own_again');
	my $own = $server->in('own');
	$own->value(q{
		CREATE EXTENSION pg_gray;
		CREATE TABLE users (gone int, id int PRIMARY KEY, name text);
		ALTER TABLE users DROP COLUMN gone;
		INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 5) i;
		SELECT gray_create_release('v2');
		SELECT gray_clone_tree('users', 'id');
		CREATE TABLE v2.badges (gone int, id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, gone_too text,
			user_id int NOT NULL REFERENCES v2.users, price float8, label varchar(20), parked_uid text, length int GENERATED ALWAYS AS (length(label)) STORED);
		CREATE TABLE v2.likes (gone int, user_id int NOT NULL REFERENCES v2.users, badge bigint REFERENCES v2.badges, late int);
		CREATE TABLE v2.events (gone int, owner int, what json);
		ALTER TABLE v2.badges DROP COLUMN gone, DROP COLUMN gone_too;
		ALTER TABLE v2.likes DROP COLUMN gone;
		ALTER TABLE v2.events DROP COLUMN gone;
		SELECT gray_add_table('v2.events', 'owner');
		SELECT gray_add_user(u) FROM generate_series(1, 4) u;
		SELECT gray_open();
		SELECT gray_migrate(u) FROM generate_series(1, 4) u;
		INSERT INTO v2.badges (user_id, price, label, parked_uid) VALUES (1, '-0', 'one', 'x'), (2, 0.1, NULL, NULL), (3, 1, 'three', 'z'), (1, 2, 'more', NULL);
		INSERT INTO v2.likes VALUES (2, 1, 7), (3, 1, 8), (2, 2, 9), (1, NULL, 10);
		INSERT INTO v2.events VALUES (1, '{"a":  1}'), (1, '{"a":  1}'), (2, 'null'), (4, '[ ]');
		SELECT gray_migrate_back(1);
		SELECT gray_migrate_back(2);
		ALTER TABLE v2.badges DROP COLUMN price;
		ALTER TABLE v2.badges RENAME COLUMN label TO title;
		ALTER TABLE v2.badges ADD COLUMN later text NOT NULL DEFAULT 'later';
		ALTER TABLE v2.likes DROP COLUMN late, ADD COLUMN times int DEFAULT 1;
		ALTER TABLE v2.events RENAME TO happenings;
		SELECT gray_migrate_back(4)});
	my $parked = q{SELECT gray_table, owner, parked_users, parked_rows FROM gray.own_tables ORDER BY 1};
	my $waiting = q{SELECT user_id, badge, parked_uid, parked_waits, parked_late FROM gray.parked_1_3 ORDER BY 1, 2};
	my $rows = q{SELECT 'badge', to_jsonb(b)::text FROM v2.badges b UNION ALL SELECT 'like', to_jsonb(l)::text FROM v2.likes l
		UNION ALL SELECT 'event', owner || ' ' || what::text FROM v2.happenings ORDER BY 1, 2};
	my @same = ($parked, $waiting, $rows, q{SELECT severity, object, problem FROM gray_check() ORDER BY 1, 2, 3}, 'SELECT * FROM gray_diff() ORDER BY 1, 2',
		q{SELECT relname, relowner::regrole, has_table_privilege('public', oid, 'SELECT') FROM pg_class WHERE relname ~ '^parked_' ORDER BY 1});

	like($own->value($waiting), qr/^3\|1\|3\|t\|t$/m, 'a row waits for a badge that went home');
	$node->command_ok([ 'pg_dump', '-Fc', '-f', $file, '-d', $own->conninfo ], 'pg_dump');
	my $copy = restored('own_restored', 'pg_restore', '-e', '-d', $node->connstr('own_restored'), $file);
	is($copy->value($_), $own->value($_), 'restored: ' . s/\s+/ /gr) foreach @same;
	$node->command_ok([ 'pg_dump', '-Fc', '-f', "$file.2", '-d', $copy->conninfo ], 'a dump of the restored one');
	my $again = restored('own_again', 'pg_restore', '-e', '-d', $node->connstr('own_again'), "$file.2");
	is($again->value($_), $own->value($_), 'restored again: ' . s/\s+/ /gr) foreach @same;
	foreach my $database ($own, $copy, $again)
	{
		my $name = $database->{database};

		is($database->sqlstate(q{INSERT INTO v2.happenings VALUES (1, '1')}), 'GR001', "$name: the fence of an own table");
		is($database->sqlstate(q{INSERT INTO v2.happenings VALUES (3, '3')}), '00000', "$name: and only for users at home");
		is($database->value('SELECT gray_migrate(2), gray_migrate(4), gray_migrate(1)'), 'on|on|on', "$name: all go to gray again");
		is($database->value($rows), join("\n",
				'badge|{"id": 1, "later": "later", "title": "one", "length": 3, "user_id": 1, "parked_uid": "x"}',
				'badge|{"id": 2, "later": "later", "title": null, "length": null, "user_id": 2, "parked_uid": null}',
				'badge|{"id": 3, "later": "later", "title": "three", "length": 5, "user_id": 3, "parked_uid": "z"}',
				'badge|{"id": 4, "later": "later", "title": "more", "length": 4, "user_id": 1, "parked_uid": null}',
				'event|1 {"a":  1}', 'event|1 {"a":  1}', 'event|2 null', 'event|3 3', 'event|4 [ ]',
				map { qq(like|{"badge": $_->[0], "times": 1, "user_id": $_->[1]}) } [ 1, 2 ], [ 1, 3 ], [ 2, 2 ], [ 'null', 1 ]),
			"$name: with all of their rows, and those that waited");
		is($database->value(q{INSERT INTO v2.badges (user_id) VALUES (1) RETURNING id}), '5', "$name: identities go on");
		my $stay = $database->value($rows);
		is($database->value('SELECT gray_migrate_back(u) FROM generate_series(1, 4) u; SELECT gray_migrate(u) FROM generate_series(1, 4) u'),
			"off\noff\noff\noff\non\non\non\non", "$name: home and there again");
		is($database->value($rows), $stay, "$name: nothing is lost");
		$database->value('SELECT gray_migrate_back(u) FROM generate_series(1, 4) u; SELECT gray_close()');
		is($database->sqlstate('SELECT gray_drop_release()'), '55006', "$name: the release is not dropped by accident");
		is($database->sqlstate('SELECT gray_drop_release(force => true)'), '00000', "$name: but on purpose");
		is($database->value(q{SELECT count(*) FROM pg_class WHERE relname ~ '^parked_'}), '0', "$name: with what was parked");
	}
};

subtest 'standby' => sub {
	my $standby_node = PostgreSQL::Test::Cluster->new('standby');

	$node->backup('base');
	$standby_node->init_from_backup($node, 'base', has_streaming => 1);
	$standby_node->start;
	my $standby = $server->at($standby_node);
	same_answers($server, $standby, 'standby');

	$server->value('SELECT gray_add_user(20), gray_migrate(20)');
	$node->wait_for_catchup($standby_node);
	is($standby->value('SELECT gray_route(20), gray_route(1), gray_route(5), gray_route(30)'),
		'(gray,on)|(gray,on)|(production,stuck)|(production,off)', 'gray_route answers for users who stay where they are');
	is($standby->sqlstate($_), '25006', "25006: $_")
	  foreach 'SELECT gray_route(6)', 'SELECT gray_migrate(6)', 'SELECT gray_migrate_back(1)', 'SELECT gray_discard(1)',
	  'SELECT gray_reset(4)', 'SELECT gray_add_user(21)', 'SELECT gray_close()';
	like($standby->session->run('SELECT gray_route(6)')->{message}, qr/read-only transaction|during recovery/, 'and it says why');
	is($standby->value('SELECT gray_state(6)'), 'off', 'nothing is changed');

	$standby_node->promote;
	is($standby->value('SELECT gray_route(6)'), '(gray,on)', 'after promotion the user is moved');
	lives_on($standby);
};

$node->stop;
done_testing();
