# GET /status tells the numbers of all workers, whichever answers.  No database
# is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use JSON::PP;
use List::Util qw(sum);
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $server = backend('v1');
my $dead = dead_port();

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(production => "127.0.0.1:$server, 127.0.0.1:$dead", gray => "127.0.0.1:$server", %settings);
}

sub status
{
	my ($gateway) = @_;
	return decode_json($gateway->get_status);
}

# Of one server, by side and address.
sub server
{
	my ($status, $side, $port) = @_;
	my @found = grep { $_->{side} eq $side && $_->{address} eq "127.0.0.1:$port" } @{ $status->{servers} };

	is(@found, 1, "one entry for $side $port");
	return $found[0];
}

# The same by each worker's word.
sub by_all
{
	my ($gateway, $question, $what) = @_;
	my %pids;

	return until_true($what, sub {
			my $status = status($gateway);
			$pids{ $status->{pid} } = $question->($status);
			return keys %pids == 2 && !grep { !$_ } values %pids;
	});
}

my $gateway = gateway(workers => 2, eject_after => 1, eject_ms => 600_000, eject_most_ms => 600_000);

subtest 'sums' => sub {
	my @clients = map { $gateway->connect } 1 .. 20;

	foreach my $client (@clients)
	{
		say($client, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n" x 5);
		answer($client) foreach 1 .. 5;
	}
	ok(by_all($gateway, sub { $_[0]{requests} == 100 && $_[0]{connections} == 20 }, 'both to have heard'), 'either worker tells all requests and connections');
	my $status = status($gateway);
	my @each = @{ $status->{per_worker} };
	is(@each, 2, 'there are two');
	is($status->{workers}, 2, 'as was wanted');
	is($status->{workers_running}, 2, 'both run');
	isnt($each[0]{pid}, $each[1]{pid}, 'in processes of their own');
	is((grep { $_->{pid} == $status->{pid} } @each), 1, 'of which one answers');
	is(sum(map { $_->{requests} } @each), 100, 'the requests are those of both');
	is(sum(map { $_->{connections} } @each), 20, 'and the connections');
	is($status->{answers}{'2xx'}, 100, 'answers');
	is($status->{roster_loaded}, JSON::PP::false, 'nobody has a roster');
	my $good = server($status, 'production', $server);
	my $bad = server($status, 'production', $dead);
	is($good->{requests}, 100, 'requests to a server');
	is($good->{ejected}, JSON::PP::false, 'which is there');
	is($bad->{ejected}, JSON::PP::true, 'the other one is not');
	is($bad->{failures}, $bad->{ejected_by}, 'as each worker has found out that asked it');
	is(server($status, 'gray', $server)->{requests}, 0, 'the same address on the other side is another server');
};

subtest 'a worker that ends' => sub {
	my $before = status($gateway);
	my ($victim) = map { $_->{pid} } sort { $b->{requests} <=> $a->{requests} } @{ $before->{per_worker} };

	kill 'KILL', $victim;
	my @told;
	until_true('another worker', sub {
			my $status = eval { status($gateway) } or return 0;
			push @told, $status->{requests};
			return $status->{workers_running} == 2 && !grep { $_->{pid} == $victim } @{ $status->{per_worker} };
	});
	is_deeply([ grep { $_ != 100 } @told ], [], 'what it had counted stays');
	ok(by_all($gateway, sub { $_[0]{requests} == 100 }, 'the numbers'), 'also when another one is in its place');
	is(server(status($gateway), 'production', $server)->{requests}, 100, 'that of a server, too');
	$gateway->get('/which') foreach 1 .. 20;
	ok(by_all($gateway, sub { $_[0]{requests} == 120 }, 'more'), 'which counts on');
	is($gateway->stop, 0, 'stops');
};

subtest 'text is quoted' => sub {
	my $path = "$directory/a\"b\\c\x{c3}\x{a4}.sock";
	my $one = gateway(gray => "unix:$path");
	my ($gray) = grep { $_->{side} eq 'gray' } @{ status($one)->{servers} };

	is($gray->{address}, "unix:$path", 'an address with quotes');
	is($one->stop, 0, 'stops');
};

done_testing();
