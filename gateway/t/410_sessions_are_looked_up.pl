# Sessions: whose request it is, the gateway finds by a query.  User 7 is in gray, nobody else is:
# an answer from v2 means that 7 was found.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::SHA qw(sha256_hex);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Server;
use IO::Socket::INET;
use Test::More;

my %servers = (production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'));
my $server = Gray::Server->new('lookups');
my $query = 'SELECT user_id FROM public.sessions WHERE id = $1';

$server->create_shop;
$server->value(q{CREATE ROLE gateway LOGIN; CREATE ROLE nobody LOGIN; SELECT gray_grant('gateway', 'gateway');
	CREATE TABLE public.sessions (id text PRIMARY KEY, user_id text);
	GRANT SELECT ON public.sessions TO gateway;
	INSERT INTO public.sessions VALUES ('seven', 7), ('eight', '008'), ('visitor', NULL), ('s:a+b/c.d', 7);
	SELECT gray_add_user(7), gray_open(), gray_migrate(7)});

# A gateway that has loaded its roster.
sub gateway
{
	my (%settings) = @_;
	my $one = Gateway->start(%servers, database => $server->conninfo . ' user=gateway', uid => 'cookie:sid',
		uid_query => $query, %settings);

	$one->until_loaded;
	return $one;
}

sub session
{
	my ($gateway, $sid) = @_;
	return $gateway->who_gets('/which', "Cookie: sid=$sid");
}

# Sends requests on connections of their own, whose answers are read later.
sub send_all
{
	my ($gateway, @sids) = @_;
	return map { $gateway->begin("GET /which HTTP/1.1\r\nHost: h\r\nCookie: sid=$_\r\n\r\n") } @sids;
}

sub statuses
{
	my %count;
	$count{ answer($_)->{status} }++ foreach @_;
	return join ', ', map { "$_: $count{$_}" } sort keys %count;
}

my $gateway = gateway(uid_query_s => 3600, uid_query_none_s => 3600, access_log => '-');

subtest 'found' => sub {
	is(session($gateway, 'seven'), 'v2', 'by the session of a user in gray');
	is(session($gateway, 'eight'), 'v1', 'and of another one');
	is(session($gateway, 'visitor'), 'v1', 'of nobody yet');
	is(session($gateway, 'none'), 'v1', 'a session that is not there');
	is(session($gateway, q{seven' OR 'a'='a}), 'v1', 'a value is a value');
	is(session($gateway, "\xff"), 'v1', 'and what is no text is nobody\'s');
	is($gateway->who_gets('/which'), 'v1', 'no session');
	my $asked = $gateway->status('asked');
	is($asked, 5, 'five were asked for');
	is(join(' ', map { session($gateway, $_) } qw(seven eight visitor none)), 'v2 v1 v1 v1', 'again');
	is($gateway->status('asked'), $asked, 'and known');
	is($gateway->status('without'), 1, 'one request was without a value');
	is($gateway->status('with'), 4, 'four with a uid');
	is($gateway->status('bad'), 6, 'six with one that is none');
};

subtest 'other places' => sub {
	my $other = gateway(uid => 'header:X-User-Id, lookup:cookie:sid:decoded, lookup:path:/~{uid}/, lookup:query:sid');

	is($other->who_gets('/which', 'X-User-Id: 7', 'Cookie: sid=eight'), 'v2', 'a place that is not marked has the uid itself');
	is($other->who_gets('/which', 'X-User-Id: 8', 'Cookie: sid=seven'), 'v1', 'and wins where it is the first');
	is($other->who_gets('/which', 'Cookie: sid=s%3Aa%2Bb%2Fc.d'), 'v2', 'a cookie that is percent-encoded');
	is($other->who_gets('/~seven/'), 'v2', 'a name in the path');
	is($other->who_gets('/~eight/'), 'v1', 'another one');
	is($other->who_gets('/x/../~seven/'), 400, 'a path that servers tidy up');
	is($other->who_gets('/which?sid=seven'), 'v2', 'a parameter');
	is($other->who_gets('/which?sid=seven', 'Cookie: sid=none'), 'v1', 'behind a value of nobody no other place is looked at');
	unlike($other->log, qr/seven|a\+b/, 'the log has no values');
	is($other->stop, 0, 'stops');
};

subtest 'asked once' => sub {
	my $lock = $server->session;

	my $slow = gateway(uid_query_timeout_ms => 60000);

	is(session($slow, 'none'), 'v1', 'ready');
	$lock->value('BEGIN; LOCK TABLE public.sessions');
	my @clients = send_all($slow, ('seven') x 100);
	$slow->until_status('waiting_for_them', 100);
	ok($slow->until_status('asked', 2), 'a hundred requests at once are one query');
	$clients[0]{socket}->close;
	shift @clients;
	$lock->value('COMMIT');
	is(statuses(@clients), '200: 99', 'and all of them are answered');
	is($slow->status('waiting_for_them'), 0, 'none waits any more');
	is($slow->status('asked'), 2, 'it was asked once');
	is($slow->stop, 0, 'stops');
};

subtest 'forgotten' => sub {
	my $nobody = Gray::Session->new($server->conninfo . ' user=nobody');
	my $key = substr sha256_hex('eight'), 0, 3;
	my $asked = $gateway->status('asked');

	is(session($gateway, 'eight'), 'v1', 'known');
	$server->value(q{UPDATE public.sessions SET user_id = 7 WHERE id = 'eight'});
	is(session($gateway, 'eight'), 'v1', 'and remembered');
	$nobody->run("NOTIFY pg_gray, 'v2 session $key'");
	ok(until_true('the change', sub { session($gateway, 'eight') eq 'v2' }), 'until a notification names it, by its hash');
	session($gateway, 'seven');
	is($gateway->status('asked'), $asked + 1, 'the others are remembered');
	$server->value(q{UPDATE public.sessions SET user_id = 8 WHERE id = 'eight'; NOTIFY pg_gray, 'v3 sessions'; NOTIFY pg_gray, 'v2 sessions'});
	ok(until_true('the change', sub { session($gateway, 'eight') eq 'v1' }), 'or all are forgotten');

	# a flood of hints, each for another group
	$asked = $gateway->status('asked');
	my $cached = $gateway->status('cached');
	$nobody->run(q{SELECT pg_notify('pg_gray', 'v2 session ' || lpad(to_hex(i), 3, '0')), pg_notify('pg_gray', 'v2 sessions')
		FROM generate_series(0, 4095) i});
	my $end = time + 3;
	session($gateway, 'seven') while time < $end;
	cmp_ok($gateway->status('asked') - $asked, '<=', 8, 'hints by the thousand are a few look-ups a second');
	cmp_ok($gateway->status('cached') - $cached, '>', 20, 'and most requests are answered without');
};

subtest 'for so long' => sub {
	my $short = gateway(uid_query_s => 1, uid_query_none_s => 0);

	is(session($short, 'seven'), 'v2', 'found');
	$server->value(q{UPDATE public.sessions SET user_id = 8 WHERE id = 'seven'});
	ok(until_true('the second to pass', sub { session($short, 'seven') eq 'v1' }), 'after uid_query_s it is asked again');
	is(session($short, 'later'), 'v1', 'nobody yet');
	$server->value(q{UPDATE public.sessions SET user_id = 7 WHERE id = 'seven'; INSERT INTO public.sessions VALUES ('later', 7)});
	is(session($short, 'later'), 'v2', 'a value of nobody only for uid_query_none_s');
	is($short->stop, 0, 'stops');
};

subtest 'bounded' => sub {
	my $lock = $server->session;
	my $small = gateway(uid_query_cache => 8, uid_query_waiting => 20, uid_query_timeout_ms => 60000);

	is(session($small, 'seven'), 'v2', 'a user');
	session($small, "made-up-$_") foreach 1 .. 50;
	cmp_ok($small->status('known'), '<=', 10, 'values of nobody are kept within a bound');
	my $asked = $small->status('asked');
	is(session($small, 'seven'), 'v2', 'and the user');
	is($small->status('asked'), $asked, 'is remembered beside them');
	$lock->value('BEGIN; LOCK TABLE public.sessions');
	my @flood = send_all($small, map { "flood-$_" } 1 .. 60);
	$small->until_status('unanswered', 40);
	is($small->status('waiting_for_them'), 20, 'no more than uid_query_waiting wait');
	is(session($small, 'seven'), 'v2', 'who is known is served meanwhile');

	# another address has its turn
	my $other = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $small->{port}, LocalAddr => '127.0.0.2');
	say({ socket => $other }, "GET /which HTTP/1.1\r\nHost: h\r\nCookie: sid=eight\r\n\r\n");
	$small->until_status('unanswered', 41);
	is($small->status('waiting_for_them'), 20, 'a place was made');
	$lock->value('COMMIT');
	is(answer({ socket => $other, buffer => '' })->{status}, 200, 'for the client of another address');
	is(statuses(@flood), '200: 19, 503: 41', 'in place of one of the many');
	is($small->stop, 0, 'stops');
};

subtest 'the database is slow, or away' => sub {
	my $lock = $server->session;
	my $patient = gateway(uid_query_timeout_ms => 500, uid_query_s => 3600, stale_after_ms => 60000);
	my $answer;

	is(session($patient, 'seven'), 'v2', 'a user');
	$lock->value('BEGIN; LOCK TABLE public.sessions');
	$answer = $patient->get('/which', 'Cookie: sid=eight');
	is($answer->{status}, 503, 'no answer in time: no guess');
	like($answer->{head}, qr/^Retry-After: \d+\r$/m, 'but to come again');
	is(session($patient, 'seven'), 'v2', 'who is known goes on');
	$lock->value('COMMIT');
	ok(until_true('the answer', sub { session($patient, 'eight') eq 'v1' }), 'then it is found out');

	$server->cut_off('gateway');
	$patient->until_status('database_connected', 'false');
	is(session($patient, 'seven'), 'v2', 'without the database who is known goes on');
	is(session($patient, 'none'), 503, 'and nobody else');
	$server->let_in('gateway');
	ok(until_true('the database', sub { session($patient, 'none') eq 'v1' }), 'when it is back all do');
	unlike($patient->log, qr/seven|eight/, 'the log has no values');

	# at rest
	$server->value('SELECT gray_close()');
	$server->value('SELECT gray_migrate_back(7)');
	until_true('the roster', sub { $patient->status('on') == 0 && $patient->status('open') eq 'false' });
	$lock->value('BEGIN; LOCK TABLE public.sessions');
	is(session($patient, 'who'), 'v1', 'while nobody is in gray or could be, no answer is needed');
	$lock->value('COMMIT');
	$server->value('SELECT gray_open()');
	$server->value('SELECT gray_migrate(7)');
	is($patient->stop, 0, 'stops');
};

subtest 'what is wrong with a query' => sub {
	$server->value(q{CREATE TABLE public.secret (id text, user_id int); CREATE SCHEMA closed; CREATE TABLE closed.t (id text);
		CREATE TABLE public.by_number (id int, user_id int); INSERT INTO public.by_number VALUES (1, 7);
		GRANT SELECT ON public.by_number TO gateway;
		CREATE FUNCTION public.whose(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
		CREATE FUNCTION public.fails(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE ''no % here'', $1; END';
		REVOKE EXECUTE ON FUNCTION public.whose FROM PUBLIC});
	my $bad = gateway();
	foreach my $case (
		[ 'SELECT user_id FROM public.secret WHERE id = $1', qr/permission denied for table secret; type: GRANT SELECT ON secret TO gateway/ ],
		[ 'SELECT id FROM closed.t WHERE id = $1', qr/permission denied for schema closed; type: GRANT USAGE ON SCHEMA closed TO gateway/ ],
		[ 'SELECT public.whose($1)', qr/permission denied for function whose; type: GRANT EXECUTE ON FUNCTION whose TO gateway/ ],
		[ 'SELECT user_id FROM nowhere WHERE id = $1', qr/relation "nowhere" does not exist; write its schema/ ],
		[ 'SELECT id, user_id FROM public.sessions WHERE id = $1', qr/it gives 2 columns, and should give one/ ],
		[ 'SELECT user_id FROM public.sessions WHERE id <> $1', qr/it gives more than one row/ ],
		[ 'WITH d AS (DELETE FROM public.sessions WHERE id = $1 RETURNING user_id) SELECT user_id FROM d', qr/permission denied for table sessions|read-only/ ],
		[ q{SELECT nextval(pg_get_serial_sequence('shop.users', 'id'))::text || $1}, qr/type: GRANT|read-only/ ],
		[ 'SELECT public.fails($1)', qr/no [0-9a-f]{16} here/ ])
	{
		my ($sql, $pattern) = @$case;
		my $before = () = $bad->log =~ /error: uid_query/g;

		$bad->change(uid_query => $sql);
		is(session($bad, 'seven'), 503, "no guess: $sql");
		$bad->logs(qr/error: uid_query: .*$pattern/, 'the log says why');
		session($bad, 'seven') foreach 1 .. 2;
		is(scalar(() = $bad->log =~ /error: uid_query/g), $before + 1, 'once');
	}
	unlike($bad->log, qr/seven/, 'and not by which value');
	$bad->change(uid_query => 'SELECT user_id FROM public.by_number WHERE id = $1');
	is(join(' ', map { session($bad, $_) } 1, 'seven', 99999999999), 'v2 v1 v1', 'what is no value of the column is nobody\'s');
	$bad->change(uid_query => q{SELECT 'guest' || $1});
	is(session($bad, 'seven'), 'v1', 'what is no uid of the release goes to production');
	$bad->logs(qr/error: uid_query: it has found what is not of the release's uid type/, 'the log says so');
	$bad->change(uid_query => $query);
	is(session($bad, 'seven'), 'v2', 'mended');
	is($bad->stop, 0, 'stops');
};

is($gateway->stop, 0, 'the gateway ends as asked');
done_testing();
