# A catalog that belongs to a role which is no superuser still does in a restored dump, with all grants.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use PostgreSQL::Test::Utils;
use Test::More;

my $server = Gray::Server->new('owner');
my $node = $server->{node};

$server->value(q{
	CREATE ROLE shop; CREATE ROLE gray_owner IN ROLE shop; CREATE ROLE gateway; CREATE ROLE monitor;
	CREATE SCHEMA shop AUTHORIZATION shop;
	SET ROLE shop;
	CREATE TABLE shop.users (id integer PRIMARY KEY, email text UNIQUE);
	CREATE TABLE shop.orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES shop.users, note text);
	INSERT INTO shop.users SELECT i, 'u' || i FROM generate_series(1, 9) i;
	INSERT INTO shop.orders SELECT i, i, 'note' FROM generate_series(1, 9) i;
	RESET ROLE;
	CREATE EXTENSION pg_gray;
	SELECT gray_set_owner('gray_owner');
	GRANT CREATE ON DATABASE postgres TO gray_owner;
	SET ROLE gray_owner;
	SELECT gray_grant('gateway', 'gateway'), gray_grant('monitor', 'monitor');
	SELECT gray_create_release('v2');
	SELECT count(*) FROM gray_clone_tree('shop.users', 'id');
	ALTER TABLE v2.orders ADD COLUMN gift text;
	SELECT gray_add_user(u) FROM generate_series(1, 3) u;
	SELECT gray_open(), gray_migrate(1), gray_migrate(2);
	UPDATE v2.orders SET note = 'gray', gift = 'kept'});

# Whose everything is, and who may do what with it.
my @questions = (
	q{SELECT c.oid::regclass::text, relowner::regrole FROM pg_class c WHERE relnamespace = 'gray'::regnamespace
		AND relkind IN ('r', 'v', 'S') ORDER BY 1},
	q{SELECT p.oid::regprocedure::text, proowner::regrole FROM pg_proc p WHERE pronamespace = 'gray'::regnamespace ORDER BY 1},
	q{SELECT typname, typowner::regrole FROM pg_type WHERE typnamespace = 'gray'::regnamespace AND typtype = 'e' ORDER BY 1},
	q{SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname IN ('gray', 'v2') ORDER BY 1},
	q{SELECT r, c.oid::regclass::text, p FROM unnest('{shop,gray_owner,gateway,monitor}'::regrole[]) r, pg_class c,
		unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) p WHERE relnamespace = 'gray'::regnamespace
		AND relkind IN ('r', 'v') AND has_table_privilege(r, c.oid, p) ORDER BY 1, 2, 3},
	q{SELECT r, p.oid::regprocedure::text FROM unnest('{shop,gray_owner,gateway,monitor}'::regrole[]) r, pg_proc p
		WHERE (pronamespace = 'gray'::regnamespace OR proname LIKE 'gray\_%') AND has_function_privilege(r, p.oid, 'EXECUTE') ORDER BY 1, 2},
	q{SELECT * FROM gray.status},
	q{SELECT severity, object, problem FROM gray_check() ORDER BY 1, 2, 3},
);

sub lives_on
{
	my ($copy, $what) = @_;

	is($copy->value($_), $server->value($_), "$what: " . s/\s+/ /gr) foreach @questions;
	is($copy->value(q{SET ROLE gateway; SELECT gray_route('3')}), '(gray,on)', "$what: the gateway has a user moved");
	$copy->value('SET ROLE gray_owner; SELECT gray_remove_user(1)');
	is($copy->value(q{SET ROLE gateway; SELECT gray_route('1')}), '(production,off)', "$what: and brought home");
	is($copy->value('SELECT note FROM shop.orders WHERE id = 1'), 'gray', "$what: with what they did");
	is($copy->value('SET ROLE monitor; SELECT users_on FROM gray.status'), '2', "$what: the monitor sees it");
	$copy->value(q{SET ROLE gray_owner; SELECT gray_close(); SELECT gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on';
		SELECT gray_drop_release(force => true)});
	is($copy->value('SELECT count(*) FROM gray.status'), '0', "$what: the owner drops the release");
	return;
}

sub copy_into
{
	my ($database) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	return $server->in($database);
}

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, 'postgres' ], 'dumped');
{
	my $copy = copy_into('custom');
	$node->command_ok([ 'pg_restore', '-e', '-d', 'custom', $dump ], 'restored');
	lives_on($copy, 'custom');
}
{
	my $copy = copy_into('plain');
	$node->command_ok([ 'sh', '-c', "pg_restore -f - $dump | psql -Xq -v ON_ERROR_STOP=1 -o /dev/null plain" ], 'restored as text');
	lives_on($copy, 'plain');
}

$node->stop;
done_testing();
