# The database fails over: a host that never answers, connections that are not answered any more,
# and a standby that is promoted, without the last moves.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use Gray::Server;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use Test::More;
use Time::HiRes qw(time);

my $directory = tempdir(CLEANUP => 1);
my %servers = (production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'));
my $primary = Gray::Server->new('primary', 'max_connections = 40', allows_streaming => 1);

$primary->create_shop;
$primary->value(q{CREATE ROLE gateway LOGIN;
	SELECT gray_grant('gateway', 'gateway');
	SELECT gray_add_user(u) FROM generate_series(1, 3) u; SELECT gray_open(), gray_migrate(1)});

my $gateway;

# hosts: [host, port]
sub start
{
	my (@hosts) = @_;

	$gateway = Gateway->start(%servers, database_timeout_ms => 1000,
		database => 'host=' . join(',', map { $_->[0] } @hosts) . ' port=' . join(',', map { $_->[1] } @hosts)
		  . ' dbname=postgres user=gateway connect_timeout=1');
	return ok($gateway->until_loaded, 'the roster is loaded');
}

sub at
{
	my ($server) = @_;
	return [ $server->{node}->host, $server->{node}->port ];
}

# How long it takes until gray answers.
sub until_gray
{
	my ($uid, $what) = @_;
	my $begun = time;

	ok(until_true("user $uid in gray", sub { $gateway->who($uid) eq 'v2' }), $what);
	note(sprintf "%s: %.2f s", $what, time - $begun);
	return;
}

sub moves_of
{
	my ($server, $uid) = @_;
	return $server->value("SELECT count(*) FROM gray.history WHERE uid = '$uid' AND kind = 'migrate' AND state = 'on'");
}

subtest 'a host that never answers' => sub {
	my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 20);

	start([ '127.0.0.1', $silent->sockport ], at($primary));
	until_gray(2, 'the next one is asked, and moves are made');
	is($gateway->stop, 0, 'stops');
};

# The kernel goes on taking what is sent to a process that is stopped.
subtest 'connections that are not answered any more' => sub {
	start(at($primary));
	$primary->value('SELECT gray_add_user(7)');
	until_gray(7, 'before, moves are made');
	my @backends = split /\n/, $primary->value(q{SELECT pid FROM pg_stat_activity WHERE usename = 'gateway'});
	kill 'STOP', @backends;
	ok(@backends > 0, 'they are stopped: ' . @backends);
	$primary->value('SELECT gray_add_user(4)');
	until_gray(4, 'others are made in their place');
	like($gateway->log, qr/warning: database: the database did not answer in time; trying again/, 'the log says so');
	kill 'CONT', @backends;
	is($gateway->stop, 0, 'stops');
};

# Asks for two users until a file appears; writes what was not as it should be.
sub start_clients
{
	my $pid = fork // die "fork: $!";
	my ($asked, @wrong) = (0);

	return $pid if $pid != 0;
	while (!-e "$directory/end")
	{
		foreach my $case ([ 1, 'v2' ], [ 9, 'v1' ])
		{
			my $by = $gateway->who($case->[0]);
			push @wrong, "user $case->[0]: $by" if $by ne $case->[1];
			$asked++;
		}
	}
	write_file("$directory/wrong", "$asked\n" . join '', map { "$_\n" } @wrong);
	POSIX::_exit(0);
}

sub end_clients
{
	my ($pid) = @_;

	write_file("$directory/end", '');
	waitpid $pid, 0;
	open my $in, '<', "$directory/wrong" or die "wrong: $!";
	my ($asked, @wrong) = <$in>;
	is_deeply(\@wrong, [], 'of ' . int($asked) . ' requests of known users none failed or went astray');
	cmp_ok($asked, '>', 20, 'and there were some');
	return;
}

subtest 'a standby is promoted' => sub {
	my $standby = $primary->at(PostgreSQL::Test::Cluster->new('standby'));

	$primary->{node}->backup('base');
	$standby->{node}->init_from_backup($primary->{node}, 'base', has_streaming => 1);
	$standby->{node}->start;
	start(at($standby), at($primary));
	is($gateway->who(1), 'v2', 'a standby is passed over');
	$primary->value('SELECT gray_add_user(5)');
	$primary->{node}->wait_for_catchup('standby');

	# It hears no more, and so lacks the next move.
	$standby->{node}->append_conf('postgresql.conf', "primary_conninfo = ''");
	$standby->{node}->reload;
	$primary->until_value('SELECT count(*) FROM pg_stat_replication', 0);
	until_gray(3, 'a user is moved');

	my $clients = start_clients();
	$primary->{node}->stop('immediate');
	ok($gateway->until_status('database_connected', 'false'), 'the primary is gone');
	is($gateway->who(5), 'v1', 'nobody is moved meanwhile');
	$standby->{node}->promote;
	until_gray(5, 'promoted: moves go on');
	is(moves_of($standby, 5), 1, 'the move was made there');
	ok(until_true('the lost move', sub { $gateway->who(3); moves_of($standby, 3) == 1 }), 'a move that was lost is made anew');
	is($gateway->who(3), 'v2', 'and gray answers');
	end_clients($clients);
	is(() = $gateway->log =~ /warning: database: .*trying again/g, 1, 'one warning for all of it');
	like($gateway->log, qr/info: database: connected again: \S+:@{[ $standby->{node}->port ]}$/m, 'the log says where it is now');
	is($gateway->status('failed'), 0, 'no move has failed');

	# Nobody has told the old one.
	$primary->{node}->start;
	$standby->value('SELECT gray_add_user(6)');
	until_gray(6, 'the old primary is back: moves go on');
	is(moves_of($standby, 6), 1, 'at the new one');
	is($gateway->stop, 0, 'stops');
	$standby->{node}->stop;
};

$primary->{node}->stop;
done_testing();
