# Hooks and made rows of tables that belong to a role which is no superuser, also in a restored dump.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = Gray::Server->new('made');
my $node = $server->{node};

$server->value(q{
	CREATE ROLE shop; CREATE ROLE gray_owner IN ROLE shop;
	CREATE SCHEMA shop AUTHORIZATION shop;
	SET ROLE shop;
	CREATE TABLE shop.users (id integer PRIMARY KEY, name text, bio text);
	INSERT INTO shop.users SELECT i, 'user ' || i, 'bio ' || i FROM generate_series(1, 5) i;
	RESET ROLE;
	CREATE EXTENSION pg_gray;
	SELECT gray_set_owner('gray_owner');
	GRANT CREATE ON DATABASE postgres TO gray_owner;
	SET ROLE gray_owner;
	SELECT gray_create_release('v2');
	SELECT gray_clone('shop.users', 'id');
	GRANT ALL ON SCHEMA v2 TO shop;
	SET ROLE shop;
	CREATE TABLE v2.profiles (user_id integer PRIMARY KEY REFERENCES v2.users ON DELETE CASCADE, bio text,
		theme text DEFAULT 'light');
	ALTER TABLE v2.users DROP bio;
	CREATE FUNCTION v2.join_user(uid integer) RETURNS void LANGUAGE sql AS $$
		UPDATE shop.users u SET bio = p.bio FROM v2.profiles p
			WHERE p.user_id = u.id AND u.id = uid AND u.bio IS DISTINCT FROM p.bio $$;
	RESET ROLE; SET ROLE gray_owner;
	SELECT gray_rows('v2.profiles', 'SELECT id AS user_id, bio FROM shop.users WHERE id = $1');
	SELECT gray_hook('after_home', 'v2.join_user(integer)');
	SELECT gray_open();
	SELECT gray_add_user(i) FROM generate_series(1, 3) i;
	SELECT gray_migrate(i) FROM generate_series(1, 3) i;
	UPDATE v2.profiles SET bio = 'gray ' || user_id, theme = 'dark' WHERE user_id < 3;
	SELECT gray_migrate_back(1)});

my @questions = (
	q{TABLE gray.hook}, q{TABLE gray.made_rows}, q{TABLE gray.made_base},
	q{SELECT * FROM shop.users ORDER BY id}, q{SELECT * FROM v2.profiles ORDER BY user_id},
	q{SELECT severity, object, problem FROM gray_check() WHERE severity = 'error'});

is($server->value($questions[3]), join("\n", '1|user 1|gray 1', map { "$_|user $_|bio $_" } 2 .. 5),
	'the hook has brought the row home');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, 'postgres' ], 'dumped');
$server->value('CREATE DATABASE copy');
$node->command_ok([ 'pg_restore', '-e', '-d', 'copy', $dump ], 'restored');
my $copy = $server->in('copy');
is($copy->value($_), $server->value($_), $_) for @questions;

for my $database ($server, $copy)
{
	$database->value(q{UPDATE shop.users SET bio = 'version 1' WHERE id = 1;
		SET ROLE gray_owner;
		SELECT gray_migrate(1);
		SELECT gray_migrate_back(2)});
	is($database->value(q{SELECT * FROM v2.profiles ORDER BY user_id}), "1|version 1|dark\n3|bio 3|light",
		'the next stay shows what version 1 wrote');
	is($database->value(q{SELECT bio FROM shop.users WHERE id = 2}), 'gray 2', 'the hook is called');
}

done_testing();
