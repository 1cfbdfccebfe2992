# Twenty users on both sides want the same few values, at random, while they are
# moved there and back: no value is ever held on both sides by two users, and so
# every one of them comes home.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Spec;
use Gray::Server;
use PostgreSQL::Test::Utils;
use Test::More;

use constant { CLIENTS => 6, ROUNDS => 1500 };

my $server = Gray::Server->new('values');
my $held_twice = 'SELECT count(*) FROM users p JOIN v2.users g ON g.email = p.email AND g.id <> p.id';

$server->value(q{
	CREATE EXTENSION pg_gray;
	CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE);
	INSERT INTO users SELECT i, 'user' || i FROM generate_series(1, 20) i;
	SELECT gray_create_release('v2'), gray_clone('users', 'id'), gray_set_percent(100), gray_open();
	SELECT gray_migrate(i) FROM generate_series(1, 10) i});

# A statement of a writer, who is refused now and then.
sub writer
{
	my ($table) = @_;

	return qq{\\set id random(1, 20)
		\\set email random(1, 40)
		DO \$\$ BEGIN UPDATE $table SET email = 'value' || :email WHERE id = :id;
		EXCEPTION WHEN unique_violation OR deadlock_detected OR SQLSTATE 'GR001' THEN NULL; END \$\$;
	};
}

sub script
{
	my ($name, $text) = @_;
	my $file = File::Spec->catfile(PostgreSQL::Test::Utils::tempdir(), $name);

	PostgreSQL::Test::Utils::append_to_file($file, $text);
	return $file;
}

my $production = script('production', writer('users'));
my $gray = script('gray', writer('v2.users'));
# A mover, who looks whether a value is held twice, and fails if so.
my $mover = script('mover', qq{\\set id random(1, 20)
	\\set way random(1, 3)
	DO \$\$ BEGIN PERFORM CASE WHEN gray_state(:id) = 'off' THEN gray_migrate(:id)
		WHEN :way = 1 THEN gray_discard(:id) ELSE gray_migrate_back(:id) END;
	EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL; /* another mover was first */ END \$\$;
	SELECT 1 / (1 - least(count, 1)) FROM ($held_twice) AS twice;
});

# All of them; returns what pgbench said.
sub crowd
{
	my ($stdout, $stderr);

	PostgreSQL::Test::Utils::run_log(
		[ 'pgbench', '-n', '-c', CLIENTS, '-t', ROUNDS, '--max-tries=100', '-f', "$production\@4", '-f', "$gray\@4",
			'-f', "$mover\@1", $server->conninfo ], '>', \$stdout, '2>', \$stderr);
	return "$stdout$stderr";
}

like(crowd(), qr{processed: (\d+)/\1}, 'nobody saw a value held twice');
is($server->value($held_twice), '0', 'nor is one now');
is($server->value(q{SELECT count(*) FROM gray.history WHERE state IN ('failed', 'stuck')}), '0', 'every move came through');
cmp_ok($server->value(q{SELECT count(*) FROM gray.history}), '>', 100, 'there were many');
cmp_ok($server->value(q{SELECT count(*) FROM users WHERE email LIKE 'value%'}), '>', 5, 'and values were taken');

# The test would notice: without the check it does not take long.
$server->value(q{SELECT gray_set_unique('users_email_key', false)});
like(crowd(), qr/division by zero/, 'unchecked, values are held twice');

done_testing();
