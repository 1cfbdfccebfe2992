# Servers that vanish in every state and in every manner: requests end, and nothing of them is left.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Rest qw(sockets is_idle comes_to_rest unsent);
use Gateway::Tls qw(authority certificate tls_accept end_first);
use Gray::Deadline qw(until_true);
use Test::More;

use constant MIB => 1 << 20;

authority('ca');
certificate('one', 'ca', 'IP:127.0.0.1');

my $get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
my $upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
my $switches = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
my %limits = map { ("${_}_timeout_ms" => 1500) } qw(connect server idle tunnel);
my $gateway;
my $first;

sub begin_gateway
{
	my (%settings) = @_;

	$gateway = started(retries => 0, eject_after => 0, buffer_bytes => 4096, %settings);
	return $first = until_true('a number of sockets', sub { $gateway->status('connections') eq '0' and sockets($gateway) });
}

# --- states: what the client says, and what the server does then -----------------------

sub says
{
	my ($bytes) = @_;
	return sub { head_on($_[0]); say($_[0], $bytes) };
}

# Fills the connection of a client that does not read.
sub floods
{
	my ($head) = @_;
	return sub {
		my ($server, $client) = @_;

		head_on($server);
		say($server, $head);
		fill($server, 'f' x MIB, 99 * MIB);
		return until_true('the client to be full', sub { unsent($client) > 0 });
	};
}

my $large = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n";
my %states = (
	'request unread' => [ $get, sub { } ],
	'no answer' => [ $get, sub { head_on($_[0]) } ],
	'half a head' => [ $get, says("HTTP/1.1 200 OK\r\nConte") ],
	'half a body' => [ $get, says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf") ],
	'half a large body' => [ $get, says("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nhalf") ],
	'half a chunk' => [ $get, says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf") ],
	'a body up to the end' => [ $get, says("HTTP/1.1 200 OK\r\n\r\nhalf") ],
	'with nothing to do' => [ $get, says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") ],
	'a large request' => [ $large, sub { fill($_[1], 'b' x MIB, 99 * MIB) } ],
	'an early answer' => [ $large, sub { head_on($_[0]); fill($_[1], 'b' x MIB, 99 * MIB); say($_[0], "HTTP/1.1 413 No\r\nContent-Length: 9\r\n\r\nno") } ],
	'a client that does not read' => [ $get, floods("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n") ],
	'a tunnel' => [ $upgrade, says($switches) ],
	'a tunnel that is full' => [ $upgrade, floods($switches) ],
	'a tunnel that is not read' => [ $upgrade, sub { head_on($_[0]); say($_[0], $switches); answer($_[1]); fill($_[1], 'b' x MIB, 99 * MIB) } ],
);

# One that says nothing, not even of TLS; and one in each state.  The connection that
# is kept is the last, so that no other client gets it.
sub crowd
{
	my ($tls) = @_;
	my $first_client = $gateway->connect;
	say($first_client, $get);
	my @peers = ([ accepted(), $first_client ]);

	foreach my $state (sort keys %states)
	{
		my ($request, $does) = @{ $states{$state} };
		my $client = $gateway->connect;

		say($client, $request);
		my $server = accepted();
		tls_accept($server, 'one') if $tls;
		$does->($server, $client);
		push @peers, [ $server, $client ];
	}
	return @peers;
}

# --- manners -----------------------------------------------------------------------------

my %manners = (
	'the end' => [ \&close_at_once ],
	'a reset' => [ \&reset_connection ],
	'word and end' => [ \&end_first, \&close_at_once ],
	'word and reset' => [ \&end_first, \&reset_connection ],
);

# Servers leave, and what that leaves of the gateway's connections costs nothing; then its clients do.
sub all_manners
{
	my ($tls) = @_;

	foreach my $manner (sort keys %manners)
	{
		my @peers = crowd($tls);

		foreach my $step (@{ $manners{$manner} })
		{
			$step->($_->[0]) foreach @peers;
			is_idle($gateway, "$manner: nothing is to be done") if $step == \&end_first;
		}
		close_at_once($_->[1]) foreach @peers;
		comes_to_rest($gateway, $first, "$manner: nothing is left");
	}
	my @peers = crowd($tls);
	is_idle($gateway, 'servers that stay and do nothing cost nothing');
	close_at_once($_->[1]) foreach @peers;
	comes_to_rest($gateway, $first, 'and are left when their clients leave');
	return;
}

foreach my $tls (0, 1)
{
	subtest $tls ? 'by TLS' : 'plain' => sub {
		begin_gateway(tls => $tls, tls_verify => 'off', idle_servers => 8, %limits);
		all_manners($tls);

		# Nobody leaves, but the gateway.
		my @peers = crowd($tls);
		comes_to_rest($gateway, $first, 'the gateway leaves those that stay');
		@peers = crowd($tls);
		end_first($_->[0]) foreach @peers;
		comes_to_rest($gateway, $first, 'also after the word of a server that no more comes');
		is($gateway->stop, 0, 'stops');
	};
}

done_testing();
