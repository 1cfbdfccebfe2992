# Clients.pm: processes that ask one gateway address again and again, each time on a connection of
# its own, and count what they get.
package Gateway::Clients;

use strict;
use warnings;

use Gateway::Client;
use Gateway::Peer;
use IO::Select;
use POSIX qw(_exit);

# count processes that ask as one of the users each; connect gives a socket.
sub start
{
	my ($class, $connect, $count, @users) = @_;
	my $self = bless { clients => [] }, $class;

	foreach my $number (1 .. $count)
	{
		pipe my $from, my $to or die "pipe: $!";
		pipe my $until, my $end or die "pipe: $!";
		my $pid = fork // die "fork: $!";

		if ($pid == 0)
		{
			close $end;
			close $_->{end} foreach @{ $self->{clients} };
			print $to run($connect, $until, @users);
			close $to;
			_exit(0);
		}
		push @{ $self->{clients} }, { pid => $pid, from => $from, end => $end };
	}
	return $self;
}

sub run
{
	my ($connect, $until, @users) = @_;
	my $ended = IO::Select->new($until);
	my %got;

	while (!$ended->can_read(0))
	{
		my $user = $users[ rand @users ];
		my $socket = $connect->();
		my $answer;

		if ($socket)
		{
			my $client = peer($socket);
			say($client, "GET /which HTTP/1.1\r\nHost: h\r\nX-User-Id: $user\r\nConnection: close\r\n\r\n");
			$answer = answer($client);
		}
		$got{ $answer ? $answer->{status} : 'refused' }++;
	}
	return map { "$_ $got{$_}\n" } sort keys %got;
}

# What all of them got: how many by status; "0" is an answer that never came.
sub end
{
	my ($self) = @_;
	my %got;

	close $_->{end} foreach @{ $self->{clients} };
	foreach my $client (@{ $self->{clients} })
	{
		my $from = $client->{from};

		while (my $line = <$from>)
		{
			my ($what, $count) = split ' ', $line;
			$got{$what} += $count;
		}
		waitpid $client->{pid}, 0;
	}
	return \%got;
}

1;
