# Notifications are hints: forged ones steer nothing, a flood of them costs little, and true ones
# have every gateway know, whatever the order in which transactions end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;
use Time::HiRes qw(time);

my %servers = (production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'));
my $server = Gray::Server->new('hints');

$server->create_shop;
$server->value(q{CREATE ROLE nobody LOGIN; CREATE ROLE gateway LOGIN;
	GRANT EXECUTE ON FUNCTION gray_route(text, name), gray_roster(name), gray_changes(pg_snapshot, name) TO gateway;
	SELECT gray_add_user(7), gray_add_user(8), gray_open(), gray_migrate(7)});

my $gateway = started();
my $nobody = Gray::Session->new($server->conninfo . ' user=nobody');

sub started
{
	my $one = Gateway->start(%servers, database => $server->conninfo . ' user=gateway');

	ok($one->until_loaded, 'the roster is loaded');
	return $one;
}

sub facts
{
	my ($one) = @_;
	return join ' ', map { ($one || $gateway)->status($_) } qw(open percent stuck_side listed on failed stuck);
}

subtest 'forged' => sub {
	my $facts = facts();

	foreach my $payload ('v2 state off 7', 'v2 state failed 7', 'v2 state stuck 7', 'v2 stuck_side production', 'v2 cohort remove 7',
		'v2 switch closed', 'v2 percent 100.00', 'v2 cohort add 9', 'v2 state on 9', 'v2', 'v2 reload', 'v2 users 7', "v2 \t",
		'v3 reload', 'x' x 7990, 'v2 ' . 'x' x 7990, '')
	{
		$nobody->run("SELECT pg_notify('pg_gray', :'payload')", payload => $payload);
		my $answered = join '', map { $gateway->who(7) . $gateway->who(9) } 1 .. 5;
		ok($gateway->until_read($server), 'read: ' . substr $payload, 0, 30);
		is($answered . $gateway->who(7) . $gateway->who(9), 'v2v1' x 6, 'who is in gray is answered by gray, and who is not is not');
		is(facts(), $facts, 'nothing is otherwise');
	}
	is($server->value('SELECT count(*) FROM gray.history'), 1, 'nobody was moved');
};

subtest 'a flood' => sub {
	my $before = $gateway->settled_memory;
	my $looks = $gateway->status('looks');
	my $begun = time;
	my $answers = 0;

	# 120 MB, and everything is to be loaded again meanwhile
	$nobody->start(q{SELECT pg_notify('pg_gray', 'v2 reload')
		UNION ALL SELECT pg_notify('pg_gray', 'v2 ' || i || repeat('y', 7900)) FROM generate_series(1, 15000) i});
	while (!defined $nobody->answer)
	{
		$answers += $gateway->who(7) eq 'v2';
	}
	ok($gateway->until_read($server), 'what comes behind is read');
	ok($answers > 0 && $gateway->who(7) eq 'v2', "requests were answered: $answers");
	$gateway->keeps_little($before, 8192, 'nothing is kept of it');
	my $most = (time - $begun) * 100 + 5;
	cmp_ok($gateway->status('looks') - $looks, '<=', $most, "it has not looked more than a hundred times a second: $most");
};

subtest 'reloads' => sub {
	my ($loads, $looks) = map { $gateway->status($_) } qw(loads looks);
	my $begun = time;
	my $sent = 0;

	while (time < $begun + 2.5)
	{
		$nobody->run(q{NOTIFY pg_gray, 'v2 reload'});
		$sent++;
	}
	my $most = int((time - $begun) + 2);
	cmp_ok($gateway->status('loads') - $loads, '<=', $most, "of $sent times that everything was asked for, no more than $most came");
	$most *= 100;
	cmp_ok($gateway->status('looks') - $looks, '<=', $most, "and it has not looked more than $most times");
};

subtest 'told to everybody' => sub {
	my $listener = Gray::Session->new($server->conninfo . ' user=nobody', 'LISTEN pg_gray');
	my $heard;

	$server->value($_)
	  foreach 'SELECT gray_add_user(20), gray_add_user(20), gray_add_user(21)', 'SELECT gray_migrate(20)', 'SELECT gray_migrate_back(20)',
	  'SELECT gray_remove_user(20)', 'SELECT gray_set_percent(50)', 'SELECT gray_set_percent(0)', q{SELECT gray_set_stuck_side('gray')},
	  'SELECT gray_close(), gray_open()', q{SELECT gray_remove_user(21); NOTIFY pg_gray, 'last'};
	until_true('the last notification', sub { $heard .= $listener->value('SELECT 1'); $heard =~ /"last"/ });
	is(join(', ', $heard =~ /with payload "(.*?)"/g),
		'v2 users, v2 users, v2 users, v2 users, v2 release, v2 release, v2 release, v2 release, v2 users, last',
		'users are told of, but not which; one hint a transaction');
	ok($gateway->until_read($server), 'read');
};

subtest 'two gateways' => sub {
	my $other = started();

	$server->value('SELECT gray_add_user(30)');
	$_->until_read($server) foreach $gateway, $other;
	is($gateway->who(30), 'v2', 'one moves a user');
	$other->until_read($server);
	is(facts($other), facts($gateway), 'the other knows');
	is($other->who(30), 'v2', 'and answers by gray');
	$server->value('SELECT gray_remove_user(30)');
	$_->until_read($server) foreach $gateway, $other;
	is($other->who(30), 'v1', 'who is off the list is brought home by the other');
	$gateway->until_read($server);
	is(facts($gateway), facts($other), 'and the first knows');
	is($gateway->who(30), 'v1', 'and answers by production');
	is($server->value(q{SELECT string_agg(kind, ' ' ORDER BY started) FROM gray.history WHERE uid = '30'}), 'migrate migrate_back', 'after one move each');
	is($other->stop, 0, 'the other ends');
};

subtest 'a transaction that ends late' => sub {
	my $late = $server->session;
	my $listed = $gateway->status('listed');

	$late->value('BEGIN');
	$late->value('SELECT gray_add_user(40), gray_remove_user(8)');
	$server->value('SELECT gray_add_user(41)');
	$gateway->until_read($server);
	is($gateway->who(40) . $gateway->who(41), 'v1v2', 'what is committed is known');
	$server->value("SELECT gray_add_user($_)") foreach 42 .. 45;
	$gateway->until_read($server);
	$late->value('COMMIT');
	$gateway->until_read($server);
	is($gateway->status('listed'), $listed + 5, 'what was under way for long is not missed');
	is($gateway->who(40) . $gateway->who(8), 'v2v1', 'neither one nor the other');
};

subtest 'without the right to read changes' => sub {
	$server->value('REVOKE EXECUTE ON FUNCTION gray_changes(pg_snapshot, name) FROM gateway; SELECT gray_add_user(50)');
	ok(until_true('user 50', sub { $gateway->who(50) eq 'v2' }), 'everything is loaded instead');
	like($gateway->log, qr/error: database: cannot read what has changed in release v2: permission denied for function gray_changes/, 'the log says why');
	$server->value('GRANT EXECUTE ON FUNCTION gray_changes(pg_snapshot, name) TO gateway');
	ok($gateway->until_read($server), 'granted again, changes are read again');
};

subtest 'dropped, and made again by that name' => sub {
	$server->value(q{SELECT gray_close()});
	$server->value(q{SELECT gray_migrate_back(uid) FROM gray_roster() WHERE state = 'on'});
	$server->value(q{SELECT gray_drop_release(); SELECT gray_create_release('v2');
		SELECT gray_clone_tree('shop.users', 'id'); SELECT gray_add_user(30); SELECT gray_open()});
	ok(until_true('user 30', sub { $gateway->status('listed') eq '1' && $gateway->who(30) eq 'v2' }), 'the new one counts');
	is($gateway->who(41), 'v1', 'and who was on the list of the old one is not');
};

is($gateway->stop, 0, 'the gateway ends as asked');
done_testing();
