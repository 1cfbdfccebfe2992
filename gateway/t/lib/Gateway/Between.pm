# Between.pm: a test that is client and server at once, with the gateway between.
#
# A peer is {socket, buffer}, as Gateway::connect has it; the functions of
# Gateway.pm that take a client take a server, too.
package Gateway::Between;

use strict;
use warnings;

use Exporter qw(import);
use Gateway;
use IO::Select;
use IO::Socket::INET;
use POSIX qw(_exit);
use Socket qw(SOL_SOCKET SO_LINGER);

our @EXPORT = qw(started listening accepted begun head_on bytes_on chunk_bytes_on chunk rest_on end_of reset_connection fill say_aside);

my $listener;
my $gateway;

# A gateway, both sides of which are here, with tls reached by TLS; begun goes through the one started last.
sub started
{
	my (%settings) = @_;

	$listener ||= IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64)
	  or die "cannot listen: $!";
	my $address = (delete $settings{tls} ? 'tls:' : '') . '127.0.0.1:' . $listener->sockport;
	$gateway = Gateway->start(production => $address, gray => $address, %settings);
	return $gateway;
}

# Where a connection of the gateway comes.
sub listening { return $listener }

sub accepted
{
	IO::Select->new($listener)->can_read($Gateway::TIMEOUT) or die "no connection came\n";
	return { socket => scalar $listener->accept, buffer => '' };
}

# A client that has said this, the server that it came to, and the head there.
sub begun
{
	my ($bytes) = @_;
	my $client = $gateway->connect;

	Gateway::say($client, $bytes);
	my $server = accepted();
	$server->{head} = Gateway::read_head($server->{socket}, \$server->{buffer});
	return ($client, $server);
}

sub head_on
{
	my ($peer) = @_;
	return Gateway::read_head($peer->{socket}, \$peer->{buffer}) // '';
}

sub bytes_on
{
	my ($peer, $count) = @_;
	return Gateway::read_bytes($peer->{socket}, \$peer->{buffer}, $count);
}

# So many bytes of data out of chunks that may be cut anywhere.
sub chunk_bytes_on
{
	my ($peer, $count) = @_;
	my $data = '';

	while (length $data < $count)
	{
		while ($peer->{buffer} !~ /\r\n/)
		{
			return $data unless Gateway::more($peer->{socket}, \$peer->{buffer});
		}
		$peer->{buffer} =~ s/^([0-9a-f]+)\r\n// or return "$data(bad chunk)";
		$data .= bytes_on($peer, hex $1);
		bytes_on($peer, 2);
	}
	return $data;
}

sub chunk
{
	my ($data) = @_;
	return sprintf "%x\r\n%s\r\n", length $data, $data;
}

# The other side has ended the connection; what came before that.
sub rest_on
{
	my ($peer) = @_;

	1 while Gateway::more($peer->{socket}, \$peer->{buffer});
	my $rest = $peer->{buffer};
	$peer->{buffer} = '';
	return $rest;
}

# How the connection ends: closed or reset.
sub end_of
{
	my ($peer) = @_;
	my $bytes;

	while (IO::Select->new($peer->{socket})->can_read($Gateway::TIMEOUT))
	{
		my $got = sysread $peer->{socket}, $bytes, 65536;
		return 'reset' unless defined $got;
		return 'closed' if $got == 0;
	}
	return 'open';
}

sub reset_connection
{
	my ($peer) = @_;

	setsockopt $peer->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
	close $peer->{socket};
	return;
}

# Writes until the other side takes no more; returns how much it took.
sub fill
{
	my ($peer, $piece, $most) = @_;
	my $sent = 0;
	my $at = 0;

	$peer->{socket}->blocking(0);
	while ($sent < $most && IO::Select->new($peer->{socket})->can_write(0.5))
	{
		my $put = syswrite $peer->{socket}, $piece, length($piece) - $at, $at;
		next unless $put;
		$at = ($at + $put) % length $piece;
		$sent += $put;
	}
	$peer->{socket}->blocking(1);
	return ($sent, $at);
}

# Says something in a process of its own, since the other side is this test, too.
sub say_aside
{
	my ($from, $rest) = @_;
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		Gateway::say($from, $rest);
		_exit(0);
	}
	return $pid;
}

1;
