# Out of file descriptors: requests and new clients wait, servers are not blamed, the
# database and the admin listener have theirs, and nothing spins.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Rest qw(is_idle);
use Gray::Deadline qw(until_true);
use IO::Select;
use IO::Socket::INET;
use Test::More;

my @servers = map { backend("v1") } 1 .. 2;
# Below that all are open.
use constant NONE => 3;

my @get = ("GET /which HTTP/1.1\r\nHost: h\r\n\r\n");

sub gateway
{
	return Gateway->start(
		production => join(', ', map { "127.0.0.1:$_" } @servers), gray => "127.0.0.1:$servers[0]",
		movers => 1, log_level => 'info', @_);
}

# The lowest descriptor that is free: below that limit nothing can be opened.
sub first_free
{
	my ($gateway) = @_;
	my $free = 0;

	$free++ while -l "/proc/$gateway->{pid}/fd/$free";
	return $free;
}

# Sets the limit, which the gateway may raise no more.
sub limit
{
	my ($gateway, $count) = @_;
	return is(system('prlimit', '--pid', $gateway->{pid}, "--nofile=$count:"), 0, "a limit of $count");
}

sub clients
{
	my ($gateway, $count) = @_;
	my @clients = map { $gateway->connect } 1 .. $count;

	foreach my $client (@clients)
	{
		say($client, @get);
		answer($client);
	}
	return @clients;
}

# Of its servers.
sub nobody_is_blamed
{
	my ($gateway) = @_;

	is($gateway->status('failures'), 0, 'no failure of a server is counted');
	return unlike($gateway->log, qr/ejected|warning: server/, 'and none is ejected');
}

subtest 'a connection to a server' => sub {
	my $gateway = gateway(idle_servers => 0, eject_after => 1, connect_timeout_ms => 10_000);
	my ($one, $two) = clients($gateway, 2);

	limit($gateway, NONE);
	say($one, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
	ok(!IO::Select->new($one->{socket})->can_read(0.5), 'a request waits');
	limit($gateway, 200);
	like(answer($one)->{body}, qr/\n5 5d41402abc4b2a76b9719d911017c592\n/, 'and goes on, body and all, when there is one');
	nobody_is_blamed($gateway);
	like($gateway->log, qr/warning: requests wait for connections to servers: out of file descriptors \(the limit is \d+\)/, 'the log says why');

	my $impatient = gateway(idle_servers => 0, eject_after => 1, connect_timeout_ms => 300);
	($one) = clients($impatient, 1);
	limit($impatient, NONE);
	foreach (1 .. 5)
	{
		say($one, @get);
		my $answer = answer($one);
		is($answer->{status}, 503, 'not for ever');
		like($answer->{head}, qr/^Retry-After: \d/m, 'but it may come again');
	}
	limit($impatient, 200);
	say($one, @get);
	is(answer($one)->{status}, 200, 'then it is served');
	nobody_is_blamed($impatient);
	is(scalar(() = $impatient->log =~ /out of file descriptors/g), 1, 'said once');
};

subtest 'new clients' => sub {
	my $gateway = gateway();

	limit($gateway, 64);
	until_true('it is served', sub { $gateway->get('/which')->{status} == 200 });
	my @clients = map { $gateway->connect } 1 .. 40;
	say($_, @get) foreach @clients;
	is(answer($clients[0])->{status}, 200, 'the first of many is served');
	ok(!IO::Select->new($clients[39]{socket})->can_read(0.5), 'the last one waits');
	is_idle($gateway, 'which costs nothing');
	my $served = 1;
	while (my $client = shift @clients)
	{
		close $client->{socket};
		last unless @clients;
		$served++ if answer($clients[0])->{status} == 200;
	}
	is($served, 40, 'and all are served, as others leave');
	is($gateway->status('refused'), 0, 'nobody was refused');
	nobody_is_blamed($gateway);
};

subtest 'idle connections to servers' => sub {
	# With many listeners a quarter of what is open is more than there are clients.
	my $gateway = gateway(listen => join ', ', ('127.0.0.1:0') x 30);
	my @clients = map { $gateway->connect } 1 .. 8;

	say($_, "GET /length/1000000 HTTP/1.1\r\nHost: h\r\n\r\n") foreach @clients;
	answer($_) foreach @clients;
	$gateway->until_status('in_flight', '0');
	limit($gateway, first_free($gateway));
	my @more = map { $gateway->connect } 1 .. 2;
	say($_, @get) foreach @more;
	is(answer($_)->{status}, 200, 'one gives way to a new client') foreach @more;
	nobody_is_blamed($gateway);
};

subtest 'the database' => sub {
	my $port = dead_port();
	my $gateway = gateway(idle_servers => 0, connect_timeout_ms => 300, without_roster => 'refuse',
		database => "dbname=x sslmode=disable connect_timeout=30 host=127.0.0.1 port=$port");
	my $database = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 5, ReuseAddr => 1) or die "listen: $!";
	my $attempt = sub {
		ok(IO::Select->new($database)->can_read($Gray::Deadline::SECONDS), $_[0]);
		return $database->accept;
	};
	my $first = $attempt->('it connects to the database');
	my @clients = clients($gateway, 24);

	# Just those are left that are kept: 8, and one for each mover.
	limit($gateway, first_free($gateway) + 9);
	my @late;
	ok(until_true('shortage', sub { push @late, $gateway->connect; $gateway->log =~ /warning: further clients wait/ }), 'no client gets any');
	say($clients[0], @get);
	is(answer($clients[0])->{status}, 503, 'nor a connection to a server');
	close $first;
	close $attempt->('but the database does');
};

subtest 'the admin listener' => sub {
	my $gateway = gateway();

	limit($gateway, NONE);
	my $client = $gateway->connect($gateway->{admin});
	say($client, "GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	is_idle($gateway, 'a client that waits there costs nothing');
	limit($gateway, 200);
	is(answer($client)->{status}, 200, 'it is served when there are some');
};

subtest 'what is said before' => sub {
	my $gateway = gateway(max_connections => 400);
	my $check = sub {
		my ($limit) = @_;
		return scalar `prlimit --nofile=$limit:$limit '@{[ Gateway::binary() ]}' -t -c '$gateway->{file}' 2>&1`;
	};

	is($check->(800), "$gateway->{file}: ok\n", 'enough');
	my $said = $check->(600);
	like($said, qr/^gray-gateway: warning: \S+ max_connections: 400 clients of a worker need 800 file descriptors/, 'not enough: -t warns');
	like($said, qr/it may have 600: beyond 300 clients others wait; set LimitNOFILE=800 .*, or max_connections = 300$/m, 'with figures');
	like($said, qr/^\S+: ok$/m, 'and lets it through');
	unlike($gateway->log, qr/max_connections/, 'a start has nothing to say');
	my $log = "$gateway->{directory}/second";
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>', $log;
		exec 'prlimit', '--nofile=600:600', Gateway::binary(), '-c', $gateway->{file} or POSIX::_exit(127);
	}
	ok(until_true('a start', sub { -s $log && `cat $log` =~ /admin on/ }), 'a start with less');
	kill 'TERM', $pid;
	waitpid $pid, 0;
	like(scalar `cat $log`, qr/warning: \S+ max_connections: 400 clients of a worker need 800/, 'warns, too');
};

done_testing();
