# Peer.pm: one end of a connection, client or server: a hash with {socket}, and {buffer} for what has
# come and was not read yet.
#
#   peer(SOCKET)                 makes one
#   say(PEER, BYTES)             sends; false where the other side takes no more
#   more(PEER)                   waits for more bytes; 0 at the end, and at the deadline
#   head_on(PEER)                the next head, with its line ends; '' if none comes
#   bytes_on(PEER, COUNT)        so many bytes; fewer if no more come
#   chunks_on(PEER)              a chunked body without its framing; marked with ( where that is wrong
#   chunk_bytes_on(PEER, COUNT)  so many bytes of data out of chunks that may be cut anywhere
#   chunk(DATA)                  DATA as a chunk
#   rest_on(PEER)                all that comes until the other side ends the connection
#   end_of(PEER)                 'closed', 'reset' or 'open' (at the deadline); what came before is in {buffer}
#   closes(PEER)                 does the other side close, without saying more and without a reset?
#   fill(PEER, PIECE, MOST)      writes PIECE again and again until nobody takes more, or MOST bytes are
#                                on their way; returns how many were taken, and how many of the last piece
#   say_aside(PEER, BYTES)       says them in a process of its own; returns its pid
#   numbered(LENGTH)             bytes that would be missed if some were lost, doubled or swapped
#   close_at_once(PEER)          closes, by TLS without its last word
#   reset_connection(PEER)       the same by a reset
package Gateway::Peer;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Deadline;
use IO::Select;
use POSIX qw(_exit);
use Socket qw(IPPROTO_TCP SOL_SOCKET SO_LINGER TCP_NODELAY);

our @EXPORT = qw(peer say more head_on bytes_on chunks_on chunk_bytes_on chunk rest_on end_of closes fill say_aside numbered
  close_at_once reset_connection);

# Who writes to a connection that is gone is told by the call.
$SIG{PIPE} = 'IGNORE';

sub peer
{
	my ($socket) = @_;

	setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 if $socket->can('sockport');
	return { socket => $socket, buffer => '' };
}

sub say
{
	my ($peer, $bytes) = @_;
	my $at = 0;

	while ($at < length $bytes)
	{
		my $sent = syswrite($peer->{socket}, $bytes, length($bytes) - $at, $at);
		return 0 unless $sent;
		$at += $sent;
	}
	return 1;
}

sub more
{
	my ($peer) = @_;

	return 0 unless IO::Select->new($peer->{socket})->can_read($Gray::Deadline::SECONDS);
	return sysread($peer->{socket}, $peer->{buffer}, 65536, length $peer->{buffer}) || 0;
}

sub head_on
{
	my ($peer) = @_;

	while ($peer->{buffer} !~ /\r\n\r\n/)
	{
		return '' unless more($peer);
	}
	$peer->{buffer} =~ s/^(.*?)\r\n\r\n//s;
	return "$1\r\n";
}

sub bytes_on
{
	my ($peer, $count) = @_;

	while (length $peer->{buffer} < $count)
	{
		last unless more($peer);
	}
	return substr($peer->{buffer}, 0, $count, '');
}

# A line is in the buffer, or will never be.
sub has_line
{
	my ($peer) = @_;

	while ($peer->{buffer} !~ /\r\n/)
	{
		return 0 unless more($peer);
	}
	return 1;
}

sub chunks_on
{
	my ($peer) = @_;
	my $body = '';

	while (1)
	{
		return "$body(cut)" unless has_line($peer);
		$peer->{buffer} =~ s/^([0-9a-fA-F]+)[^\r]*\r\n// or return "$body(bad chunk)";
		my $size = hex $1;

		last if $size == 0;
		$body .= bytes_on($peer, $size);
		bytes_on($peer, 2) eq "\r\n" or return "$body(bad end)";
	}
	return "$body(cut)" unless has_line($peer);
	while ($peer->{buffer} !~ s/^\r\n//)
	{
		$peer->{buffer} =~ s/^[^\r]*\r\n//;
		return "$body(cut)" unless has_line($peer);
	}
	return $body;
}

sub chunk_bytes_on
{
	my ($peer, $count) = @_;
	my $data = '';

	while (length $data < $count)
	{
		return $data unless has_line($peer);
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

sub rest_on
{
	my ($peer) = @_;

	1 while more($peer);
	my $rest = $peer->{buffer};
	$peer->{buffer} = '';
	return $rest;
}

sub end_of
{
	my ($peer) = @_;

	while (IO::Select->new($peer->{socket})->can_read($Gray::Deadline::SECONDS))
	{
		my $got = sysread $peer->{socket}, $peer->{buffer}, 65536, length $peer->{buffer};
		return 'reset' unless defined $got;
		return 'closed' if $got == 0;
	}
	return 'open';
}

sub closes
{
	my ($peer) = @_;
	return end_of($peer) eq 'closed' && $peer->{buffer} eq '';
}

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

sub say_aside
{
	my ($peer, $bytes) = @_;
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		say($peer, $bytes);
		_exit(0);
	}
	return $pid;
}

my $numbers = '';    # as many as anybody wanted

sub numbered
{
	my ($length) = @_;

	$numbers = join '', map { sprintf '%09d,', $_ } 0 .. $length / 10 if length $numbers < $length;
	return substr $numbers, 0, $length;
}

sub close_at_once
{
	my ($peer) = @_;
	return ref $peer->{socket} eq 'IO::Socket::SSL' ? $peer->{socket}->close(SSL_no_shutdown => 1) : close $peer->{socket};
}

sub reset_connection
{
	my ($peer) = @_;

	setsockopt $peer->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
	return close_at_once($peer);
}

1;
