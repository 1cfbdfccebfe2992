# Clients that leave in every state and in every manner: what the gateway had for
# them is given back, and none of them keeps it busy.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Rest qw(sockets is_idle comes_to_rest unsent unread);
use Gateway::Tls qw(authority certificate tls_connect end_first);
use Gray::Deadline qw(until_true);
use Test::More;

use constant MIB => 1 << 20;

# Never answers, never reads.
sub Gateway::Backend::answer_never { sleep 1 while 1; }

# More than anybody reads, with a length.
sub Gateway::Backend::answer_large
{
	my ($request) = @_;

	say($request, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
	1 while say($request, 'f' x 65536);
	return 0;
}

# A tunnel whose server says nothing, or more than anybody reads.
sub Gateway::Backend::answer_tunnel
{
	my ($request) = @_;

	say($request, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
	return Gateway::Backend::answer_silent($request) if $request->{arguments}[0] eq 'silent';
	1 while say($request, 'f' x 65536);
	return 0;
}

authority('ca');
certificate('one', 'ca', 'IP:127.0.0.1');
my $server = backend('v1');
my $gateway = Gateway->start(
	listen => 'tls:127.0.0.1:0, 127.0.0.1:0',
	tls_certificate => "$Gateway::Tls::DIRECTORY/one.pem",
	tls_key => "$Gateway::Tls::DIRECTORY/one.key",
	production => "127.0.0.1:$server", gray => "127.0.0.1:$server",
	idle_servers => 0, server_timeout_ms => 2000, replay_bytes => 4096);
my ($tls_port, $plain_port) = $gateway->log =~ /listening on \S+:(\d+)/g;
my $first = until_true('a number of sockets', sub { $gateway->status('connections') eq '0' and sockets($gateway) });

# --- kinds of connections -----------------------------------------------------------

my %kinds = (
	'plain' => sub { $gateway->connect($plain_port) },
	map { my $version = $_; ($version => sub { tls_connect($gateway->connect($tls_port), SSL_version => $version, @_) }) } qw(TLSv1_2 TLSv1_3));

# --- states -------------------------------------------------------------------------

sub request
{
	my ($peer, $line, @fields) = @_;
	return say($peer, "$line HTTP/1.1\r\n" . join('', map { "$_\r\n" } 'Host: h', @fields) . "\r\n");
}

sub does_not_read
{
	my ($peer, @request) = @_;

	request($peer, @request);
	return until_true('an answer that is too much', sub { unsent($peer) > 0 });
}

my @upgrade = ('Connection: Upgrade', 'Upgrade: x');
my %states = (
	'nothing said' => sub { },
	'half a head' => sub { say($_[0], "GET / HTTP/1.1\r\nHo") },
	'between requests' => sub { request($_[0], 'GET /which'); answer($_[0]) },
	'waiting for an answer' => sub { request($_[0], 'GET /silent') },
	'reading a large answer' => sub { does_not_read($_[0], 'GET /large') },
	'reading without end' => sub { does_not_read($_[0], 'GET /flood') },
	'writing a body' => sub { request($_[0], 'POST /never', 'Content-Length: 100000'); say($_[0], 'b') },
	'writing a large body' => sub { request($_[0], 'POST /never', 'Content-Length: 1000000000'); fill($_[0], 'b' x MIB, 99 * MIB) },
	'half a chunk' => sub { request($_[0], 'POST /never', 'Transfer-Encoding: chunked'); say($_[0], "5\r\nhe") },
	'refused, and writing on' => sub { request($_[0], 'POST /early', 'Content-Length: 9000000'); say($_[0], 'b' x 70000) },
	'in a tunnel' => sub { request($_[0], 'GET /tunnel/silent', @upgrade); answer($_[0]) },
	'in a tunnel, not reading' => sub { does_not_read($_[0], 'GET /tunnel/loud', @upgrade) },
);

# Those that do not get as far as a connection by TLS.
sub beginners
{
	my $silent = $gateway->connect($tls_port);
	my $hello = $gateway->connect($tls_port);

	say($hello, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
	return ($silent, $hello, map { tls_connect($gateway->connect($tls_port), half => 1, SSL_version => $_) } qw(TLSv1_2 TLSv1_3));
}

# --- manners of leaving ---------------------------------------------------------------

my %manners = (
	'the end' => [ \&close_at_once ],
	'a reset' => [ \&reset_connection ],
	'word and end' => [ \&end_first, \&close_at_once ],
	'word and reset' => [ \&end_first, \&reset_connection ],
);

sub leave
{
	my ($manner, @peers) = @_;

	foreach my $step (@{ $manners{$manner} })
	{
		$step->($_) foreach @peers;
		next if $step != \&end_first;
		my @read = grep { !$_->{stuck} } @peers;
		until_true('all of it to be read', sub { !grep { unread($_) > 0 } @read });
	}
	return;
}

# --- all with all ---------------------------------------------------------------------

# One in each state.
sub crowd
{
	my ($kind) = @_;
	my @peers;

	foreach my $state (sort keys %states)
	{
		my $peer = $kinds{$kind}->();
		$states{$state}->($peer);
		$peer->{stuck} = $state =~ /large body/;
		push @peers, $peer;
	}
	return @peers;
}

foreach my $kind (sort keys %kinds)
{
	subtest $kind => sub {
		foreach my $manner (sort keys %manners)
		{
			leave($manner, crowd($kind));
			comes_to_rest($gateway, $first, "clients that leave by $manner are gone");
		}
		my @peers = crowd($kind);
		is_idle($gateway, 'clients that stay and do nothing cost nothing');
		end_first($_) foreach @peers;
		is_idle($gateway, 'nor those that said that no more comes');
		close_at_once($_) foreach @peers;
		comes_to_rest($gateway, $first, 'and then they leave');
	};
}

subtest 'before TLS is there' => sub {
	foreach my $manner ('the end', 'a reset')
	{
		leave($manner, beginners());
		comes_to_rest($gateway, $first, "clients that leave by $manner are gone");
	}
	my @peers = beginners();
	is_idle($gateway, 'clients that stay and do nothing cost nothing');
	close_at_once($_) foreach @peers;
	comes_to_rest($gateway, $first, 'and then they leave');
};

subtest 'who never leaves' => sub {
	my $one = Gateway->start(
		listen => 'tls:127.0.0.1:0, 127.0.0.1:0',
		tls_certificate => "$Gateway::Tls::DIRECTORY/one.pem",
		tls_key => "$Gateway::Tls::DIRECTORY/one.key",
		production => "127.0.0.1:$server", gray => "127.0.0.1:$server", idle_servers => 0,
		map { ("${_}_timeout_ms" => 2000) } qw(server idle header body tunnel));
	my $few = until_true('a number of sockets', sub { $one->status('connections') eq '0' and sockets($one) });

	my @first = ($gateway, $tls_port, $plain_port);
	($gateway, $tls_port, $plain_port) = ($one, $one->log =~ /listening on \S+:(\d+)/g);
	my @peers = (beginners(), map { crowd($_) } sort keys %kinds);
	comes_to_rest($one, $few, 'is left by the gateway');
	@peers = map { crowd($_) } sort keys %kinds;
	end_first($_) foreach @peers;
	comes_to_rest($one, $few, 'also after saying that no more comes');
	is($one->stop, 0, 'stops');
	($gateway, $tls_port, $plain_port) = @first;
};

is_idle($gateway, 'at the end there is nothing to do');
is($gateway->stop, 0, 'the gateway stops');
done_testing();
