# One transaction moves more users than the lock table has room for.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use Test::More;

use constant USERS => 3000;

my $server = Gray::Server->new('many', "max_connections = 10\nmax_locks_per_transaction = 10\nmax_prepared_transactions = 0\n");
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

$session->quit;
$server->{node}->stop;
done_testing();
