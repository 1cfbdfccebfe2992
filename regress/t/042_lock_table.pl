# One transaction moves more users than the lock table has room for, and a release of more
# tables than it has room for is dropped in steps.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use Test::More;

use constant { USERS => 3000, TABLES => 30 };

my $server = Gray::Server->new('many', "max_connections = 10\nmax_locks_per_transaction = 13\nmax_prepared_transactions = 0\n");
my $session = $server->session;
my $query = q{SELECT state, count(*) FROM shop.users, gray_%s(id) AS state GROUP BY 1};

$server->create_shop;
$server->value("INSERT INTO shop.users (id, name) SELECT i, 'new' FROM generate_series(51, " . USERS . ') i;
	SELECT gray_set_percent(100); SELECT gray_open()');

is($session->run('SELECT state, count(*) FROM shop.users, gray_route(id) GROUP BY 1')->{rows}, 'on|' . USERS, 'moved to gray');

$session->run('BEGIN');
is($session->run(sprintf $query, 'migrate_back')->{rows}, 'off|' . USERS, 'moved home');
is($server->sqlstate("SET lock_timeout = '50ms'; UPDATE v2.users SET name = 'late' WHERE id = " . USERS),
	'55P03', 'a writer waits for that transaction, though it holds no lock of the user any more');
$session->run('ROLLBACK');
is($server->sqlstate("UPDATE v2.users SET name = 'late' WHERE id = " . USERS), '00000', '... and goes on when it is rolled back');

is($session->run(sprintf $query, 'migrate_back')->{rows}, 'off|' . USERS, 'moved home again');
is($server->value('SELECT name FROM shop.users WHERE id = ' . USERS), 'late', 'with what was written');

$server->value('SELECT gray_close()');
$server->value("CREATE TABLE shop.t$_ (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES shop.users, a text UNIQUE);
	SELECT gray_clone('shop.t$_', 'user_id')") foreach 1 .. TABLES;
# one that an earlier table refers to, too
$server->value('ALTER TABLE v2.t1 ADD FOREIGN KEY (id) REFERENCES v2.t' . TABLES);
my @left;
push @left, $server->value('SELECT gray_drop_release(); SELECT count(*) FROM gray.release_table') =~ /(\d+)$/
  until @left > TABLES || (@left && $left[-1] == 0);
cmp_ok(scalar @left, '>', 1, 'not all tables were dropped at once: ' . join ', ', @left);
is($server->value(q{SELECT count(*) FROM gray.release}), '0', 'the release is gone');
is($server->value(q{SELECT to_regnamespace('v2')}), '', '... and its schema');

$session->quit;
$server->{node}->stop;
done_testing();
