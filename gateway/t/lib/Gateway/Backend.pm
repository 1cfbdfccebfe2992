# Backend.pm: servers behind the gateway, in processes of their own, that answer as the path says.
#
#   backend(NAME)             starts a server; returns its port
#   backend(NAME, PATH)       the same behind a socket of that path; returns the process group to end it by
#   backend(NAME, LISTENER)   the same behind a socket that listens; returns its port
#   backend(…, come => CODE)  CODE makes of a socket that was accepted the one to speak on, for TLS
#   dead_port()               a port on which nobody listens
#
# A request for /KIND/ARGUMENT… is answered by the function answer_KIND below, any other by
# answer_which.  A test adds kinds of its own: sub Gateway::Backend::answer_KIND.  Such a function gets
# the request, which is the connection's peer (Gateway::Peer) with
#
#   {head}, {method}   of the request; its body is still to be read
#   {arguments}        an array
#   {name}             that of the server
#   {served}           how many requests were served before on this connection
#
# and says whether the connection stays open.  For these functions:
#
#   request_body(REQUEST)         reads it
#   reply(REQUEST, BODY, STATUS)  answers; STATUS may be missing
package Gateway::Backend;

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Exporter qw(import);
use Gateway::Peer;
use Gray::Child qw(child);
use Gray::Deadline qw(comes_true);
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(_exit);

our @EXPORT = qw(backend dead_port request_body reply);

sub backend
{
	my ($name, $where, %options) = @_;
	my $path = ref $where ? undef : $where;
	my $listener =
	    ref $where ? $where
	  : defined $path ? IO::Socket::UNIX->new(Local => $path, Listen => 128)
	  : IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128, ReuseAddr => 1);
	die "cannot listen: $!" unless $listener;
	my $pid = child(sub { accept_all($listener, $name, $options{come}) });
	my $port = defined $path ? -$pid : $listener->sockport;

	close $listener;
	return $port;
}

sub accept_all
{
	my ($listener, $name, $come) = @_;

	$SIG{CHLD} = 'IGNORE';
	while (1)
	{
		my $socket = $listener->accept or next;
		my $pid = fork;

		if (defined $pid && $pid == 0)
		{
			close $listener;
			my $connection = $come ? $come->($socket) : $socket;
			serve($connection, $name) if $connection;
			_exit(0);
		}
		close $socket;
	}
}

sub dead_port
{
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1);
	my $port = $socket->sockport;

	close $socket;
	return $port;
}

sub serve
{
	my ($socket, $name) = @_;
	my $request = { %{ peer($socket) }, name => $name, served => 0 };

	while (($request->{head} = head_on($request)) ne '')
	{
		($request->{method}, my $target) = $request->{head} =~ /^(\S+) (\S+)/;
		my ($kind, @arguments) = split m{/}, substr($target =~ s/\?.*//r, 1);
		my $answer = defined $kind ? Gateway::Backend->can("answer_$kind") : undef;

		$request->{arguments} = \@arguments;
		$answer ||= \&answer_which;
		last unless $answer->($request);
		$request->{served}++;
	}
	close $socket;
	return;
}

sub reply
{
	my ($request, $body, $status) = @_;

	$status ||= 200;
	say($request, "HTTP/1.1 $status OK\r\nContent-Length: " . length($body) . "\r\n\r\n"
		  . ($request->{method} eq 'HEAD' ? '' : $body));
	return 1;
}

sub request_body
{
	my ($request) = @_;

	return chunks_on($request) if $request->{head} =~ /^Transfer-Encoding: chunked/mi;
	return bytes_on($request, $1) if $request->{head} =~ /^Content-Length: (\d+)/mi;
	return '';
}

# Each answer_ writes an answer and says whether the connection stays open.

sub answer_which
{
	my ($request) = @_;
	my $body = request_body($request);

	return reply($request, "$request->{name} pid=$$ served=$request->{served}\n");
}

# Everything that came, to look at.
sub answer_echo
{
	my ($request) = @_;
	my $body = request_body($request);

	return reply($request, sprintf("%s\n%d %s\n%s\n", $request->{head}, length $body, md5_hex($body), $request->{name}));
}

sub answer_length
{
	my ($request) = @_;
	request_body($request);
	return reply($request, 'x' x $request->{arguments}[0]);
}

sub answer_chunked
{
	my ($request) = @_;
	my ($count, $size) = @{ $request->{arguments} };

	request_body($request);
	say($request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n");
	say($request, sprintf("%x;ext=1\r\n%s\r\n", $size, 'c' x $size)) foreach 1 .. $count;
	say($request, "0\r\nX-T: 1\r\n\r\n");
	return 1;
}

# No length, no chunks: the end of the connection is the end.
sub answer_toend
{
	my ($request) = @_;
	request_body($request);
	say($request, "HTTP/1.1 200 OK\r\n\r\n" . 'e' x $request->{arguments}[0]);
	return 0;
}

sub answer_old
{
	my ($request) = @_;
	request_body($request);
	say($request, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold");
	return 0;
}

sub answer_silent
{
	my ($request) = @_;
	my $byte;

	sysread($request->{socket}, $byte, 1);    # until the gateway gives up
	return 0;
}

sub answer_garbled
{
	my ($request) = @_;
	say($request, "HTPP/9 what?\r\n\r\n");
	return 0;
}

sub answer_both
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	return 1;
}

sub answer_hugehead
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\nX-Large: " . ('y' x 100_000) . "\r\nContent-Length: 0\r\n\r\n");
	return 0;
}

sub answer_gone { return 0; }

# Answers once on each connection; the second request finds it stale.
sub answer_once
{
	my ($request) = @_;
	return 0 if $request->{served} > 0;
	return answer_which($request);
}

sub answer_half
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
	return 0;
}

sub answer_halfchunk
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
	return 0;
}

sub answer_status
{
	my ($request) = @_;
	my ($status, $length) = @{ $request->{arguments} };

	request_body($request);
	say($request, "HTTP/1.1 $status Status\r\n" . (defined $length ? "Content-Length: $length\r\n" : '') . "\r\n");
	return 1;
}

# Answers without reading the body, and goes on keeping the connection.
sub answer_early
{
	my ($request) = @_;
	reply($request, "early\n", 413);
	my $byte;
	1 while sysread($request->{socket}, $byte, 65536);
	return 0;
}

sub answer_continue
{
	my ($request) = @_;
	say($request, "HTTP/1.1 100 Continue\r\n\r\n") if $request->{head} =~ /^Expect: 100-continue/mi;
	return answer_echo($request);
}

sub answer_hints
{
	my ($request) = @_;
	say($request, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
	return answer_which($request);
}

# Sends for ever, as fast as it may.
sub answer_flood
{
	my ($request) = @_;
	my $piece = 'f' x 65536;

	say($request, "HTTP/1.1 200 OK\r\n\r\n");
	1 while say($request, $piece);
	return 0;
}

# What an application says when the fence refuses a write: on a side by that name only.
sub answer_fenced
{
	my ($request) = @_;
	my ($side) = @{ $request->{arguments} };

	return answer_echo($request) unless $side eq 'any' || $side eq $request->{name};
	request_body($request);
	return reply($request, "421 from $request->{name}\n", 421);
}

# Reads the body only when asked to by a file that appears.
sub answer_lazy
{
	my ($request) = @_;
	my $file = '/' . join('/', @{ $request->{arguments} });

	comes_true($file, sub { -e $file });
	return answer_echo($request);
}

sub answer_hop
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
		  . "X-Yours: 2\r\nContent-Length: 2\r\n\r\nok");
	return 1;
}

1;
