# Pooler.pm: what stands between a client and its server, and loses notifications, as a pooler in
# transaction mode does.
package Gateway::Pooler;

use strict;
use warnings;

use Gray::Child qw(child end_child);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(_exit);

# In front of the server's socket; has it lose them while that file is there.
sub start
{
	my ($class, $server, $deaf) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16) or die "listen: $!";
	my $self = bless { port => $listener->sockport, server => $server, deaf => $deaf }, $class;

	$self->{pid} = child(sub { $self->accept_all($listener) });
	return $self;
}

sub accept_all
{
	my ($self, $listener) = @_;

	$SIG{CHLD} = 'IGNORE';
	while (1)
	{
		my $client = $listener->accept or next;
		my $child = fork;

		$self->pass($client), _exit(0) if defined $child && $child == 0;
		close $client;
	}
}

sub end
{
	my ($self) = @_;

	end_child($self->{pid});
	return;
}

# Messages of a server are a byte, a length of four bytes, and the rest.
sub heard
{
	my ($self, $buffer) = @_;
	my $out = '';

	while (length $$buffer >= 5)
	{
		my $length = 1 + unpack 'N', substr $$buffer, 1, 4;

		last if length $$buffer < $length;
		my $message = substr $$buffer, 0, $length, '';
		$out .= $message unless $message =~ /^A/ && -e $self->{deaf};
	}
	return $out;
}

sub pass
{
	my ($self, $client) = @_;
	my $server = IO::Socket::UNIX->new(Peer => $self->{server}) or _exit(1);
	my $both = IO::Select->new($client, $server);
	my $buffer = '';

	while (1)
	{
		foreach my $from ($both->can_read)
		{
			my $bytes;

			sysread $from, $bytes, 65536 or _exit(0);
			if ($from == $server)
			{
				$buffer .= $bytes;
				$bytes = $self->heard(\$buffer);
			}
			my $to = $from == $server ? $client : $server;
			my $at = 0;
			$at += syswrite($to, $bytes, length($bytes) - $at, $at) // _exit(0) while $at < length $bytes;
		}
	}
	return;
}

1;
