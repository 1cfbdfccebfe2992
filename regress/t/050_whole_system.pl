# The whole system: HTTP through the gateway to both versions of an application, on
# the demo's shop and on a real schema.  Each subtest is a line of what must work.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../gateway/t/lib";

use Gateway;
use Gray::Chinook;
use Gray::Deadline qw(until_true);
use Gray::Shop;
use Test::More;

my $world;    # the one that is played
my ($user, $order, $line);    # its tables

foreach my $kind (qw(Gray::Shop Gray::Chinook))
{
  SKIP:
	{
		my $missing = $kind->missing;
		# prove shows the reason of a skip only when it is verbose
		diag("$kind skipped: $missing") if $missing;
		skip $missing, 1 if $missing;
		subtest $kind => sub { play($kind) };
	}
}
done_testing();

sub play
{
	my ($kind) = @_;

	$world = $kind->new;
	($user, $order, $line) = @$world{qw(user order line)};
	subtest '1. a release is created and opened' => \&create_and_open;
	subtest '2. a uid outside the cohort' => \&outside;
	subtest '3. the first request of a uid in the cohort' => \&first_request;
	subtest '4. a move that fails' => \&failing_move;
	subtest '5. the way home' => \&way_home;
	subtest '6. a way home that fails' => \&failing_way_home;
	subtest '7. one user by many ways at once' => \&at_once;
	subtest 'a slow move' => \&slow_move;
	subtest 'a request in flight' => \&in_flight;
	subtest 'at the end' => \&at_the_end;
	is($world->{gateway}->stop, 0, 'the gateway ends as asked');
	$world->{$_}->kill foreach qw(v1 v2);
	$world->{node}->stop;
	return;
}

sub create_and_open
{
	$world->create_release;
	is($world->value(qq{SELECT (SELECT count(*) FROM v2.$user->{table}) + (SELECT count(*) FROM v2.$order->{table})
		+ (SELECT count(*) FROM v2.$line->{table})}), '0', 'the clones are structure only');
	isnt(columns('public', $order->{table}), columns('v2', $order->{table}), 'one of them is upgraded');
	is($world->value(q{SELECT * FROM gray_check() WHERE severity = 'error'}), '', 'gray_check finds no error');
	$world->start_servers;
	$world->start_gateway;
	$world->until_loaded;
	is(closed_request()->{by}, '200 v1 public', 'while the switch is closed the cohort is in production');
	$world->operate('SELECT gray_open()');
	is($world->value('SELECT is_open, users_on FROM gray.status'), 't|0', 'the switch is open, nobody is moved by that');
}

sub columns
{
	my ($schema, $table) = @_;
	return $world->value(qq{SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position)
		FROM information_schema.columns WHERE table_schema = '$schema' AND table_name = '$table'});
}

sub closed_request
{
	$world->operate("SELECT gray_add_user($_)") foreach 42, 13, 14, 21;
	return $world->ask(42, 'GET', '/profile');
}

sub outside
{
	my $answer = $world->ask(7, 'POST', '/orders', $world->order_body('outside', 2));

	is($answer->{by}, '200 v1 public', 'a write is answered by production');
	is($world->value(qq{SELECT $order->{user}, $order->{note} FROM public.$order->{table} WHERE $order->{id} = $answer->{id}}),
		'7|outside', 'it is in the production table');
	is($world->gray_rows(7), '0', 'nothing is in the gray tables');
	is($world->moves_of(7) . ' ' . $world->state_of(7), 'none off', 'nobody was moved');

	is($world->ask($_->[1], 'GET', '/products')->{by}, '200 v1 public', "production: $_->[0]")
	  foreach [ 'no uid' ], [ 'empty uid', '' ], [ 'a word', 'nobody' ], [ 'a fraction', '42.0' ], [ 'too large', '42000000000000000000' ],
	  [ 'two numbers', '42 42' ], [ 'NULL', 'NULL' ], [ 'injection', "42'; DROP TABLE x --" ];
	is($world->ask('nobody', 'GET', '/profile')->{by} =~ s/ public//r, '400 v1', 'and it is production that says what is wrong with it');
	is($world->state_of(42), 'off', 'user 42 was not moved by any of them');
	is($world->value('SELECT count(*) FROM gray.history'), '0', 'nor anybody');
}

sub first_request
{
	my $before = $world->rows_of('public', 42);
	my $answer = $world->ask(42, 'POST', '/orders', $world->order_body('first', 1));

	is($answer->{by}, '200 v2 v2', 'the same request is answered by gray');
	is($world->state_of(42), 'on', 'the state is on');
	is($world->rows_of('public', 42), $before, 'the frozen rows are as they were, without the new order');
	is($world->value(qq{SELECT $order->{user}, $order->{gray_note} FROM v2.$order->{table} WHERE $order->{id} = $answer->{id}}),
		'42|first', 'which is in the gray table');
	$world->ask(42, 'DELETE', "/orders/$answer->{id}");
	is($world->rows_of('v2', 42), $before, 'without it, the gray rows are the production rows, value for value');
	is($world->ask(42, 'GET', '/orders')->{by}, '200 v2 v2', 'later requests go to gray') foreach 1 .. 3;
	is($world->moves_of(42), 'migrate on', 'one move');
	is($world->ask_directly('v1', 42, 'PUT', '/profile', $world->city_body('x'))->{status}, 421, 'the production server, asked past the gateway: 421');
	is($world->ask(7, 'GET', '/orders')->{by}, '200 v1 public', 'others are where they were');
}

sub failing_move
{
	my $before = $world->rows_of('public', 13);
	my $bad = $world->value(qq{SELECT max($line->{id}) FROM $line->{table} JOIN $order->{table} o ON $line->{table}.$line->{order} = o.$order->{id}
		WHERE o.$order->{user} = 13});
	my ($key) = $line->{id} =~ /(\w+)$/;

	$world->value(qq{ALTER TABLE v2.$line->{table} ADD CONSTRAINT picky CHECK ($key <> $bad)});
	is($world->ask(13, 'GET', '/profile')->{by}, '200 v1 public', 'the request is answered by production');
	is($world->state_of(13), 'failed', 'the state is failed');
	is($world->gray_rows(13), '0', 'nothing is left in gray');
	is($world->rows_of('public', 13), $before, 'nothing is changed in production');
	is($world->value(q{SELECT state, sqlstate, table_name, constraint_name, message <> '', position($$} . $bad . q{$$ in detail) > 0, row_key
		FROM gray.incidents WHERE uid = '13'}), "failed|23514|$line->{table}|picky|t|t|($key)=($bad)", 'the reason is stored, with the row');
	is($world->ask(13, 'PUT', '/profile', $world->city_body('Graz'))->{by}, '200 v1 public', 'the user works on in production');
	is($world->moves_of(13), 'migrate failed', 'and is not tried again');
	is($world->ask(14, 'GET', '/orders')->{by}, '200 v2 v2', 'another user of the cohort is moved');
	is($world->ask(42, 'GET', '/orders')->{by}, '200 v2 v2', 'who was in gray is in gray');
	is($world->ask(7, 'GET', '/orders')->{by}, '200 v1 public', 'who was in production is in production');
	$world->value(qq{ALTER TABLE v2.$line->{table} DROP CONSTRAINT picky});
	is($world->ask(13, 'GET', '/profile')->{by}, '200 v1 public', 'mended, but not reset: production');
	$world->operate('SELECT gray_reset(13)');
	is($world->ask('013', 'GET', '/profile')->{by}, '200 v2 v2', 'reset: gray');
	is($world->rows_of('v2', 13), $world->rows_of('public', 13), 'with all rows');
}

sub way_home
{
	my @ids = split /\n/, $world->value(qq{SELECT $order->{id} FROM v2.$order->{table} WHERE $order->{user} = 42 ORDER BY 1});
	my ($changed, $deleted) = @ids[0, 1];
	my $untouched = $world->row_versions(14);

	is($world->ask(42, 'PUT', "/orders/$changed", $world->note_body('changed'))->{status}, 200, 'in gray an order is changed');
	is($world->ask(42, 'DELETE', "/orders/$deleted")->{status}, 200, 'one is deleted, with its lines');
	my $added = $world->ask(42, 'POST', '/orders', $world->order_body('added', 5))->{id};
	my $gray = $world->rows_of('v2', 42);

	$world->operate('SELECT gray_close()');
	is($world->state_of(42), 'on', 'closing moves nobody');
	is($world->ask(42, 'GET', '/orders')->{by}, '200 v1 public', 'the next request is answered by production');
	is($world->state_of(42), 'off', 'the state is off');
	is($world->rows_of('public', 42), $gray, 'production has what gray had, value for value');
	is($world->value(qq{SELECT $order->{id}, $order->{note} FROM $order->{table} WHERE $order->{id} IN ($changed, $deleted, $added) ORDER BY 1}),
		"$changed|changed\n$added|added", 'changed, deleted and added');
	is($world->value(qq{SELECT count(*) FROM $line->{table} WHERE $line->{order} = $deleted}), '0', 'no line of the deleted order is left');
	is($world->gray_rows(42), '0', 'nothing is left in gray');
	is($world->ask(14, 'GET', '/orders')->{by}, '200 v1 public', 'a user who only looked comes home');
	is($world->row_versions(14), $untouched, 'without one production row written');
	is($world->ask(13, 'GET', '/orders')->{by}, '200 v1 public', 'and so do all');
	is($world->value('SELECT users_on, users_failed, users_stuck FROM gray.status'), '0|0|0', 'nobody is in gray');
}

sub failing_way_home
{
	my $listener = $world->session('LISTEN pg_gray_incident');
	my ($id, $heard, $gray);

	$world->operate('SELECT gray_open()');
	my $before = $world->rows_of('public', 21);
	$id = $world->ask(21, 'POST', '/orders', $world->order_body('bulk', 500))->{id};
	is($world->state_of(21), 'on', 'a user is in gray, with what production does not allow');
	$gray = $world->rows_of('v2', 21);
	$world->operate('SELECT gray_close()');
	is($world->ask(21, 'GET', '/orders')->{by}, '200 v2 v2', 'after closing, the request is answered by the policy: gray');
	is($world->state_of(21), 'stuck', 'the state is stuck');
	is($world->rows_of('public', 21) . $world->rows_of('v2', 21), $before . $gray, 'nothing is changed on either side');
	is($world->value(q{SELECT state, sqlstate, schema_name, table_name, constraint_name FROM gray.incidents}),
		"stuck|23514|public|$line->{table}|$line->{check}", 'the incident has the error, the table');
	like($world->value('SELECT detail FROM gray.incidents'), qr/Failing row contains \(.*\b$id\b.*\b500\b/, 'and the row');

	until_true('the notification', sub { $heard = $listener->value('SELECT 1'); $heard =~ /pg_gray_incident/ });
	my ($incident) = $heard =~ /"pg_gray_incident" with payload "v2 (\d+)"/;
	is($world->value("SELECT uid FROM gray.incidents WHERE release = 'v2' AND incident = $incident"), '21', 'the operators are notified');
	like(PostgreSQL::Test::Utils::slurp_file($world->{node}->logfile), qr/WARNING: .*user "21" of release "v2" is stuck/, "the database's log says it");
	like($world->{gateway}->log, qr/error: user [0-9a-f]{16}, release v2: state stuck/, "the gateway's log, too");

	is($world->ask(21, 'PUT', '/profile', $world->city_body('Brno'))->{by}, '200 v2 v2', 'the user works on in gray');
	is($world->moves_of(21), 'migrate on, migrate_back stuck', 'and is not tried again');
	$world->operate(q{SELECT gray_set_stuck_side('production')});
	is($world->ask(21, 'GET', '/profile')->{by}, '200 v1 public', 'with the other policy, production answers');
	is($world->ask(21, 'PUT', '/profile', $world->city_body('lost'))->{status}, 421, 'but its writes are refused');
	$world->operate(q{SELECT gray_set_stuck_side('gray')});
	is($world->ask(21, 'GET', '/orders')->{by}, '200 v2 v2', 'and back');

	$world->value(qq{UPDATE v2.$line->{table} SET $line->{quantity} = 99 WHERE $line->{order} = $id});
	$gray = $world->rows_of('v2', 21);
	$world->operate('SELECT gray_reset(21)');
	is($world->ask(21, 'GET', '/orders')->{by}, '200 v1 public', 'mended and reset, the next request is answered by production');
	is($world->rows_of('public', 21), $gray, 'with all that was done meanwhile');
	is($world->gray_rows(21) . $world->value('SELECT count(*) FROM gray.incidents'), '00', 'nothing is left in gray, no incident open');
}

sub at_once
{
	my $before = $world->rows_of('public', 42);
	my $before9 = $world->rows_of('public', 9);

	$world->operate(q{SELECT gray_add_user('009'), gray_open()});
	my @clients = map { $world->send($_, 'GET', '/orders') } qw(42 042 +42 42 0042 42 042 42);
	is(join(',', map { $world->await($_)->{by} } @clients), join(',', ('200 v2 v2') x 8), 'eight first requests of one user, in four spellings: gray');
	is($world->moves_of(42), 'migrate on, migrate_back off, migrate on', 'one move');
	is($world->rows_of('v2', 42), $before, 'no row lost or doubled, also by owner path');

	my @sessions = map { $world->session } 1 .. 4;
	my @spellings = (q{9}, q{'09'}, q{'9'::text}, q{9::smallint});
	$sessions[$_]->start("SELECT gray_migrate($spellings[$_])") foreach 0 .. 3;
	is(join(',', map { $_->finish->{rows} } @sessions), 'on,on,on,on', 'four sessions move one user at once, as ' . join ', ', @spellings);
	is($world->moves_of(9), 'migrate on', 'one move');
	is($world->rows_of('v2', 9), $before9, 'no row lost or doubled');

	$world->operate('SELECT gray_close()');
	@clients = map { $world->send($_, 'GET', '/orders') } qw(42 042 9 +9 42 9);
	is(join(',', map { $world->await($_)->{by} } @clients), join(',', ('200 v1 public') x 6), 'both come home, asked for at once');
	is($world->moves_of(9), 'migrate on, migrate_back off', 'one way home');
	is($world->rows_of('public', 42) . $world->rows_of('public', 9), $before . $before9, 'no row lost or doubled');
}

# A writer in flight holds up the move of user 42; nobody else is to feel it.
sub slow_move
{
	$world->operate('SELECT gray_add_user(10), gray_open()');
	is($world->ask(14, 'GET', '/orders')->{by}, '200 v2 v2', 'a user is in gray');
	my $writer = $world->session;
	$writer->value("BEGIN; UPDATE public.$user->{table} SET city = city WHERE $user->{id} = 42");

	my @held = map { $world->send($_, 'GET', '/orders') } qw(42 042 42 42);
	until_true('the requests to be held', sub { $world->{gateway}->status('held') == @held });
	$world->until_value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", '1');
	is($world->ask(7, 'GET', '/orders')->{by}, '200 v1 public', 'meanwhile: who is in production');
	is($world->ask(14, 'PUT', '/profile', $world->city_body('Linz'))->{by}, '200 v2 v2', 'who is in gray');
	is($world->ask(10, 'GET', '/orders')->{by}, '200 v2 v2', 'who is due to move');
	is($world->ask(undef, 'GET', '/products')->{by}, '200 v1 public', 'who has no uid');
	is($world->{gateway}->status('held'), 4, 'the user is still held');
	is($world->state_of(42), 'off', 'and not moved');

	$writer->value("UPDATE public.$user->{table} SET city = 'last minute' WHERE $user->{id} = 42; COMMIT");
	my @answers = map { $world->await($_) } @held;
	is(join(',', map { $_->{by} } @answers), join(',', ('200 v2 v2') x 4), 'when the writer is done, all that were held are answered by gray');
	is($world->value("SELECT city FROM v2.$user->{table} WHERE $user->{id} = 42"), 'last minute', 'and what was written last is there');
	is($world->{gateway}->status('held'), 0, 'nobody is held');
}

# A request is in flight at version 1 when its user becomes due: it is waited for.
sub in_flight
{
	my $locker = $world->session;
	my $before = $world->ask(8, 'GET', '/profile');

	is($before->{by}, '200 v1 public', 'a user is in production');
	$locker->value("BEGIN; SELECT FROM public.$user->{table} WHERE $user->{id} = 8 FOR UPDATE");
	my $slow = $world->send(8, 'PUT', '/profile', $world->city_body('slow'));
	$world->until_value(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'}, '1');
	$world->operate('SELECT gray_add_user(8)');
	my $next = $world->send(8, 'GET', '/profile');
	$world->{gateway}->until_status('held', 1);
	is($world->value("SELECT count(*) FROM gray.progress"), '0', 'the move has not begun');
	$locker->value('COMMIT');
	is($world->await($slow)->{by}, '200 v1 public', 'the request in flight is answered by production');
	my $answer = $world->await($next);
	is($answer->{by}, '200 v2 v2', 'the next by gray');
	like($answer->{body}, qr/slow/, 'which has what the former wrote');
}

sub at_the_end
{
	$world->operate('SELECT gray_close()');
	is($world->ask($_, 'GET', '/profile')->{by}, '200 v1 public', "user $_ comes home") foreach 8, 10, 14, 42;
	is($world->value(qq{SELECT (SELECT count(*) FROM v2.$user->{table}) + (SELECT count(*) FROM v2.$order->{table})
		+ (SELECT count(*) FROM v2.$line->{table})}), '0', 'the gray tables are empty');
	is($world->value(q{SELECT users_on, users_failed, users_stuck FROM gray.status}), '0|0|0', 'nobody is in gray');
	is($world->value(qq{SELECT count(*) FROM $line->{table} l WHERE NOT EXISTS (SELECT 1 FROM $order->{table} o WHERE o.$order->{id} = l.$line->{order})}),
		'0', 'no line without its order');
	$world->operate('SELECT gray_drop_release()');
	is($world->ask(42, 'GET', '/orders')->{by}, '200 v1 public', 'without the release, production answers');
}
