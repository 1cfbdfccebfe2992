# Recorder.pm: a server that writes down every byte it gets.
#
# Each connection has a file of its own; the file's name says whether the
# connection is still open.  A request for /answer/NAME gets those bytes, one for
# /wait/… gets none, any other a plain 200.  Nothing of it but its first line is
# looked at.
package Gateway::Recorder;

use strict;
use warnings;

use File::Temp qw(tempdir);
use Gray::Child qw(child);
use Gray::Deadline qw(until_true);
use Gray::File qw(slurp);
use IO::Socket::INET;
use POSIX qw(_exit);

# answers: name => bytes.
sub new
{
	my ($class, %answers) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128)
	  or die "cannot listen: $!";
	my $self = bless {
		directory => tempdir(CLEANUP => 1), port => $listener->sockport, answers => \%answers }, $class;

	child(sub { $self->accept_all($listener) });
	return $self;
}

sub accept_all
{
	my ($self, $listener) = @_;

	$SIG{CHLD} = 'IGNORE';
	for (my $number = 1;; $number++)
	{
		my $connection = $listener->accept or next;
		my $name = sprintf '%s/%06d', $self->{directory}, $number;

		open my $file, '>', "$name.open" or die "$name: $!";
		my $child = fork;
		if (defined $child && $child == 0)
		{
			close $listener;
			$self->record($connection, $file);
			rename "$name.open", "$name.closed";
			_exit(0);
		}
	}
}

sub record
{
	my ($self, $connection, $file) = @_;
	my $head = '';

	while (sysread $connection, my $bytes, 65536)
	{
		syswrite $file, $bytes;
		$head .= $bytes;
		next unless $head =~ /\r\n\r\n/;
		syswrite $connection, $self->answer_to($1) if $head =~ m{^[A-Z]+ (\S+) HTTP/};
		$head = '';
	}
	return;
}

sub answer_to
{
	my ($self, $target) = @_;

	return '' if $target =~ m{^/wait/};
	return $self->{answers}{$1} if $target =~ m{^/answer/(\w+)};
	return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
}

# All connections so far: what came on each, in order.
sub connections
{
	my ($self, $state) = @_;
	my @all;

	foreach my $name (sort glob "$self->{directory}/*." . ($state // '*'))
	{
		open my $file, '<', $name or next;    # renamed just now
		local $/;
		push @all, <$file> // '';
	}
	return @all;
}

# The one connection on which the text came; undef if there is none.
sub connection_with
{
	my ($self, $text, $state) = @_;
	my ($found) = grep { index($_, $text) >= 0 } $self->connections($state);

	return $found;
}

sub wait_for
{
	my ($self, $text) = @_;
	return until_true("$text to reach the server", sub { defined $self->connection_with($text) });
}

sub wait_until_closed
{
	my ($self) = @_;
	return until_true('all connections to be closed', sub { !glob "$self->{directory}/*.open" });
}

1;
