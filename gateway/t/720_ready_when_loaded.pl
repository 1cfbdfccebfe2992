# A gateway is ready when its roster is loaded, and not before: at its start, when it takes over
# from another, and while its database is away or lacks something.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Clients;
use Gateway::Peer;
use Gateway::Pooler;
use Gray::Deadline qw(until_true);
use Gray::File qw(slurp write_file);
use Gray::Server;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $server = Gray::Server->new('ready');
my $node = $server->{node};
my %servers = (production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'));
my %usual = (%servers, database => $server->conninfo . ' user=gateway');

$server->create_shop;
$server->value(q{CREATE ROLE gateway LOGIN; SELECT gray_grant('gateway', 'gateway');
	INSERT INTO shop.users (id, name) SELECT g, 'user ' || g FROM generate_series(1001, 1010) g ON CONFLICT DO NOTHING;
	SELECT gray_open(), gray_add_user(1001), gray_migrate(1001)});

# All of its workers have a roster.
sub starts
{
	my (%settings) = @_;
	my $gateway = Gateway->start(%usual, %settings);
	my $workers = $settings{workers} || 1;

	until_true("$workers workers to load", sub { (() = $gateway->log =~ /release v2 loaded/g) >= $workers });
	return $gateway;
}

# One that may not get ready: its admin port is known all the same.
sub waits
{
	my (%settings) = @_;
	my $admin = dead_port();
	my $gateway = Gateway->launch(%usual, admin => "127.0.0.1:$admin", %settings);

	$gateway->{admin} = $admin;
	until_true('the admin port to answer', sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $admin) });
	return $gateway;
}

sub until_listens
{
	my ($gateway) = @_;

	return until_true('the gateway to listen',
		sub { $gateway->log =~ /listening on \S+:(\d+)/ and $gateway->{port} = $1 });
}

# What a path of the admin address answers.
sub admin
{
	my ($gateway, $path) = @_;
	my $answer = $gateway->admin($path);

	return "$answer->{status} $answer->{body}" =~ s/\s+\z//r;
}

# Nobody can load a roster; those who have one go on.
sub deny
{
	$server->value('REVOKE EXECUTE ON FUNCTION gray_roster(name) FROM gateway');
	return;
}

sub allow
{
	$server->value(q{SELECT gray_grant('gateway', 'gateway')});
	return;
}

# So many of its workers have tried.
sub until_denied
{
	my ($gateway, $workers) = @_;

	return until_true('it to be denied', sub { (() = $gateway->log =~ /no right to use gray_roster/g) >= $workers });
}

sub is_waiting
{
	my ($gateway, $name) = @_;

	is(admin($gateway, '/livez'), '200 ok', "$name: alive");
	is(admin($gateway, $_), '503 the roster is not loaded', "$name: $_") foreach qw(/readyz /health);
	return unlike($gateway->log, qr/listening on/, "$name: does not listen");
}

sub check
{
	my ($database, %settings) = @_;
	my $ini = "$directory/check.ini";
	my %all = (%usual, listen => '127.0.0.1:0', release => 'v2', uid => 'header:X', database => $database, %settings);

	write_file($ini, '');
	chmod 0600, $ini;
	return Gateway::check($ini, \%all, '--connect');
}

subtest 'a takeover refuses nobody' => sub {
	my $path = "$directory/listen.sock";
	my $port = dead_port();

	$server->value(q{SELECT count(gray_add_user(g)) FROM generate_series(100001, 100001) g;
		INSERT INTO gray.cohort_1 SELECT generate_series(100002, 200000)});
	foreach my $case ([ 1, "127.0.0.1:$port" ], [ 2, "127.0.0.1:$port" ], [ 2, "unix:$path" ])
	{
		my ($workers, $where) = @$case;
		my $name = "workers = $workers, $where" =~ s/:\d+|\Q$directory\E//r;
		my $connect = sub {
			return $where =~ /^unix/ ? IO::Socket::UNIX->new(Peer => $path)
			  : IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
		};
		my $old = starts(listen => $where, workers => $workers);
		deny();
		my $clients = Gateway::Clients->start($connect, 2, 1001, 1 .. 9);
		my $new = waits(listen => $where, workers => $workers);

		until_denied($new, $workers);
		is_waiting($new, $name);
		my $before = $old->status('requests');
		ok(until_true('requests', sub { $old->status('requests') > $before + 20 }), "$name: the old one serves meanwhile");
		allow();
		$new->logs(qr/listening on/, "$name: it listens when the roster is there");
		ok(until_true('it to be ready', sub { admin($new, '/readyz') eq '200 ok' }), "$name: and is ready");
		is($old->stop, 0, "$name: the old one stops");
		ok(until_true('requests', sub { $new->status('requests') > 20 }), "$name: the new one serves");
		my $got = $clients->end;
		is_deeply([ sort keys %$got ], ['200'], "$name: all $got->{200} requests were answered");
		is($new->stop, 0, "$name: stops");
	}
	$server->value('DELETE FROM gray.cohort_1 WHERE uid > 100000');
};

subtest 'the admin address is taken over, too' => sub {
	my %same = (listen => '127.0.0.1:' . dead_port(), admin => '127.0.0.1:' . dead_port());

	foreach my $workers (1, 2)
	{
		my $old = starts(%same, workers => $workers);
		deny();
		my $new = Gateway->launch(%usual, %same, workers => $workers);

		until_denied($new, $workers);
		is(join(' ', map { admin($old, '/readyz') } 1 .. 10), join(' ', ('200 ok') x 10), "workers = $workers: the one that serves answers");
		allow();
		until_listens($new);
		$new->{admin} = $old->{admin};
		my $held = $old->connect;
		say($held, "GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
		until_true('the request', sub { $old->status('requests') + $new->status('requests') });
		kill 'TERM', $old->{pid};
		$old->until_logged(qr/finishing/);
		ok(until_true('it to step aside', sub { join(' ', map { admin($new, '/readyz') } 1 .. 10) eq join ' ', ('200 ok') x 10 }),
			"workers = $workers: one that stops leaves it to the other");
		kill 'KILL', $old->{pid};
		$old->wait_for_end;
		is($new->stop, 0, "workers = $workers: stops");
	}
};

subtest 'a worker that is started again' => sub {
	my $gateway = starts(workers => 2);
	deny();
	my ($worker) = $gateway->log =~ /\[(\d+)\] info: release v2 loaded/;

	is(admin($gateway, '/readyz'), '200 ok', 'ready');
	kill 'KILL', $worker;
	$gateway->logs(qr/worker $worker ended/, 'it ended');
	until_denied($gateway, 1);
	is(join(' ', map { $gateway->who(1001) } 1 .. 20), join(' ', ('v2') x 20), 'while the next one loads, the other one answers');
	is(admin($gateway, '/readyz'), '200 ok', 'and is ready');
	allow();
	ok(until_true('it to load', sub { (() = $gateway->log =~ /release v2 loaded/g) == 3 }), 'it has loaded');
	is($gateway->who(1001), 'v2', 'and all is well');
	is($gateway->stop, 0, 'stops');
};

# The log says what to type; typed, it helps.
subtest 'what is missing is said' => sub {
	foreach my $case (
		[ 'gray_roster(name)', qr/no right to use gray_roster:/, 1 ],
		[ 'gray_route(text, name)', qr/no right to use gray_route: nobody is moved/, 0 ])
	{
		my ($function, $pattern, $heavy) = @$case;

		$server->value("REVOKE EXECUTE ON FUNCTION $function FROM gateway");
		my $gateway = waits();
		$gateway->logs(qr/error: database: role gateway has $pattern.*; type: (.*)/, "$function: in the log");
		is_waiting($gateway, $function) if $heavy;
		my ($code, $said) = check($usual{database});
		is($code, 2, "$function: -t --connect refuses");
		like($said, qr/^gray-gateway: database: role gateway has $pattern/m, "$function: and says it");
		my ($type) = $said =~ /; type: (.*)/;
		is($type, q{SELECT public.gray_grant('gateway', 'gateway');}, "$function: with what to type");
		$server->value($type);
		($code, $said) = check($usual{database});
		is("$code $said", "0 $directory/check.ini: ok\n", "$function: which helps");
		ok(until_listens($gateway), "$function: the gateway, too");
		is($gateway->stop, 0, "$function: stops");
	}
	foreach my $case (
		[ 'no release', { release => 'v9' }, qr/release v9 does not exist, but there is v2; .*gray_create_release\('v9'\)/ ],
		[ 'no extension', { database => $usual{database} =~ s/dbname=\S+/dbname=template1/r },
			qr/database template1 has no extension pg_gray; .*CREATE EXTENSION pg_gray/ ],
		[ 'no such role', { database => $server->conninfo . ' user=nobody' }, qr/cannot connect: .*role "nobody" does not exist/ ])
	{
		my ($name, $settings, $pattern) = @$case;
		my ($code, $said) = check($settings->{database} || $usual{database}, %$settings);

		is($code, 2, "$name: -t --connect refuses");
		like($said, $pattern, "$name: and says it");
		my $gateway = waits(%$settings);
		$gateway->logs($name eq 'no release' ? qr/release v9 does not exist/ : $pattern =~ s/cannot connect: //r, "$name: in the log");
		is_waiting($gateway, $name);
		is($gateway->stop, 0, "$name: stops");
	}
};

subtest 'defaults of the role' => sub {
	$server->value(q{ALTER ROLE gateway SET default_transaction_isolation = 'serializable';
		ALTER ROLE gateway SET default_transaction_read_only = on});
	my $gateway = starts();

	$server->value('SELECT gray_add_user(1002)');
	is(until_true('the move', sub { $gateway->who(1002) eq 'v2' && 'v2' }), 'v2', 'do not matter: a user is moved');
	is($server->value('SELECT gray_state(1002)'), 'on', 'indeed');
	is($gateway->stop, 0, 'stops');
	is((check($usual{database}))[0], 0, '-t --connect finds no fault');
	$server->value('ALTER ROLE gateway RESET ALL');
};

subtest 'behind a pooler in transaction mode' => sub {
	my $deaf = "$directory/deaf";
	my $pooler = Gateway::Pooler->start($node->host . '/.s.PGSQL.' . $node->port, $deaf);
	my $database = "host=127.0.0.1 port=$pooler->{port} dbname=postgres user=gateway sslmode=disable gssencmode=disable";
	my $gateway = starts(database => $database);

	is(admin($gateway, '/readyz'), '200 ok', 'as long as notifications arrive, all is well');
	is($gateway->stop, 0, 'stops');
	write_file($deaf, '');
	$gateway = waits(database => $database);
	my ($code, $said) = check($database);
	is($code, 2, '-t --connect refuses');
	like($said, qr/notifications do not arrive, as behind a pooler in transaction .* session mode/, 'and says why');
	$gateway->logs(qr/database: notifications do not arrive, as behind a pooler in transaction .* session mode/, 'as the log does');
	is_waiting($gateway, 'pooler');
	unlink $deaf;
	ok(until_listens($gateway), 'when they arrive, it listens');
	is($gateway->stop, 0, 'stops');
	$pooler->end;
};

# Users: one in gray, one due to move, one that nobody wants there, and none.
sub all_users
{
	my ($gateway) = @_;
	return join ' ', map { $gateway->who($_) } 1001, 1003, 9, undef;
}

subtest 'the database is away at the start' => sub {
	my $file = "$directory/roster";
	my $gateway = starts(roster_file => $file, roster_file_s => 1);

	$server->value(q{SELECT gray_add_user(1003)});
	until_true('it to hear', sub { $gateway->status('listed') >= 3 });
	kill 'KILL', $gateway->{pid} if until_true('the file', sub { -e $file });
	$gateway->wait_for_end;
	$gateway = starts(roster_file => $file);
	is($gateway->stop, 0, 'one has ended');
	is(sprintf('%o', (stat $file)[2] & 07777), '600', 'and left a file that nobody else reads');
	ok(!-e "$file.new", 'whole');

	$node->stop;
	my $refuses = waits(without_roster => 'refuse');
	my $produces = waits(without_roster => 'production');
	my $knows = waits(roster_file => $file);
	until_listens($_) foreach $refuses, $produces, $knows;
	is(all_users($refuses), '503 503 503 v1', 'refuse: requests with a uid');
	like($refuses->get('/which', 'X-User-Id: 1')->{head}, qr/^Retry-After: \d+\r$/m, 'which may be tried again');
	is(all_users($produces), 'v1 v1 v1 v1', 'production: all go there');
	$produces->logs(qr/warning: release v2: serving without a roster/, 'the log says so');
	is(all_users($knows), 'v2 503 v1 v1', 'a roster file: who may have been moved is not sent anywhere');
	like($knows->get('/which', 'X-User-Id: 1003')->{head}, qr/^Retry-After: \d+\r$/m, 'which may be tried again');
	$knows->logs(qr/warning: release v2: routing by \Q$file\E of \S+Z, 3 users listed, 2 on/, 'the log says whose word it is');
	is(admin($_, '/readyz') =~ s/ .*//r, '503', 'not ready') foreach $refuses, $produces, $knows;

	my $waits = waits();
	$waits->logs(qr/warning: database: .*; trying again, nothing is known of users/, 'wait: the log says what for');
	is_waiting($waits, 'wait');
	my $bytes = slurp($file);
	my @bad = (
		[ 'damaged', $bytes =~ s/(.{100}.)/$1 ^ ("\0" x 100 . "\1")/ser, 0600, qr/it is (?:damaged|of another|cut off)/ ],
		[ 'half', substr($bytes, 0, length($bytes) / 2), 0600, qr/it is cut off/ ],
		[ 'others may write it', $bytes, 0622, qr/others may write it/ ]);
	foreach my $case (@bad)
	{
		my ($name, $text, $mode, $pattern) = @$case;

		write_file("$directory/bad", $text);
		chmod $mode, "$directory/bad";
		my $other = waits(roster_file => "$directory/bad");
		$other->logs(qr{warning: roster_file $directory/bad is not used: $pattern}, "$name: it is not used");
		is_waiting($other, $name);
		is($other->stop, 0, "$name: stops");
	}

	$node->start;
	until_listens($waits);
	foreach my $one ($refuses, $produces, $knows, $waits)
	{
		ok(until_true('it to be ready', sub { admin($one, '/readyz') eq '200 ok' }), 'ready when it is back');
		is(until_true('a move', sub { all_users($one) eq 'v2 v2 v1 v1' && 'moved' }), 'moved', 'and everything is as usual');
		is($one->stop, 0, 'stops');
	}
};

$node->stop;
done_testing();
