# Cheaper on a crowded host: servers behind sockets of their own.  No database is there.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/lib";

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Gateway;
use Gray::Between;
use Gray::Deadline qw(until_true);
use IO::Socket::UNIX;
use Socket qw(AF_UNIX SOCK_STREAM SOL_SOCKET SO_RCVBUF);
use Test::More;

use constant MIB => 1 << 20;

plan skip_all => 'no gateway at ' . Gateway::binary() unless -x Gateway::binary();

my $directory = tempdir(CLEANUP => 1);
my $get = "GET /which HTTP/1.1\r\nHost: h\r\n\r\n";
my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

# More than all buffers on the way hold.
use constant TOO_MUCH => 24 * MIB;
my $numbered = join '', map { sprintf '%099d,', $_ } 0 .. TOO_MUCH / 100;

# Bytes that would be missed if some were lost, doubled or swapped.
sub numbered
{
	my ($length) = @_;
	return substr $numbered, 0, $length;
}

sub post
{
	my ($path, $length, @fields) = @_;
	return "POST $path HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "Content-Length: $length\r\n\r\n";
}

sub idle
{
	my ($gateway) = @_;
	return until_true('no request in flight', sub { $gateway->status('in_flight') eq '0' });
}

# --- servers behind sockets ------------------------------------------------------

sub behind
{
	my ($paths, %settings) = @_;
	my $addresses = join ', ', map { "unix:$_" } @$paths;
	return Gateway->start(production => $addresses, gray => $addresses, %settings);
}

subtest 'unix: connections are kept, whatever goes on them' => sub {
	Gateway::backend('one', "$directory/one");
	my $gateway = behind(["$directory/one"]);
	my $client = $gateway->connect;

	foreach my $served (0 .. 2)
	{
		Gateway::say($client, $get);
		like(Gateway::answer($client)->{body}, qr/^one pid=\d+ served=$served$/, "request $served");
	}
	Gateway::say($client, post('/which', 3) . 'abc');
	like(Gateway::answer($client)->{body}, qr/served=3$/, 'a POST, before which it is looked at');
	Gateway::say($client, post('/echo', 3 * MIB) . numbered(3 * MIB));
	like(Gateway::answer($client)->{body}, qr/^${\(3 * MIB)} ${\md5_hex(numbered(3 * MIB))}$/m, '3 MiB to the server');
	Gateway::say($client, "GET /length/${\MIB} HTTP/1.1\r\nHost: h\r\n\r\n");
	is(length Gateway::answer($client)->{body}, MIB, '1 MiB from it');
	Gateway::say($client, $get);
	like(Gateway::answer($client)->{body}, qr/served=6$/, 'all on one connection');
};

subtest 'unix: a server that is gone is ejected, and back when its path is' => sub {
	my $group = Gateway::backend('two', "$directory/two");
	my $gateway = behind([ "$directory/one", "$directory/two" ], eject_after => 2, eject_ms => 100);
	my $heard = sub { (split ' ', $gateway->get('/which')->{body})[0] };
	my %heard;

	$heard{ $heard->() }++ foreach 1 .. 4;
	is_deeply(\%heard, { one => 2, two => 2 }, 'both in turn');
	kill 'KILL', $group;
	until_true('two is ejected', sub { die "refused\n" if $heard->() ne 'one'; $gateway->log =~ m{server unix:\S+/two: ejected} });
	pass('ejected, and nobody noticed');
	unlink "$directory/two";
	Gateway::backend('two', "$directory/two");
	until_true('two is back', sub { $heard->() eq 'two' });
	like($gateway->log, qr{server unix:\S+/two: is back}, 'back');
};

subtest 'unix: a full queue is waited for, as that of a port' => sub {
	my $path = "$directory/full";
	my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 1) or die "cannot listen: $!";
	my @before;
	my $full = sub {
		socket my $socket, AF_UNIX, SOCK_STREAM | Socket::SOCK_NONBLOCK(), 0 or die $!;
		my $good = connect $socket, Socket::pack_sockaddr_un($path);
		push @before, $socket;
		return !$good && $!{EAGAIN};
	};
	1 until $full->();
	my $gateway = behind([$path], connect_timeout_ms => 300_000);
	my $client = $gateway->connect;

	Gateway::say($client, $get);
	until_true('the request waits', sub { $gateway->status('outstanding') eq '1' });
	is($gateway->status('failures'), 0, 'that is no failure');
	@before = ();
	my $server;
	until_true('it comes', sub {
		$server = { socket => scalar $listener->accept, buffer => '' };
		return head_on($server) ne '';
	});
	Gateway::say($server, $ok);
	is(Gateway::answer($client)->{body}, 'ok', 'and is answered');
	close $server->{socket};

	1 until $full->();
	Gateway::write_file($gateway->{file}, join '', map { s/^connect_timeout_ms.*/connect_timeout_ms = 50/mr } do { local @ARGV = $gateway->{file}; <> });
	kill 'HUP', $gateway->{pid};
	until_true('the new settings', sub { $gateway->log =~ /reloaded/ });
	is($gateway->get('/which', 'Connection: close')->{status}, 504, 'not for ever');
};

done_testing();
