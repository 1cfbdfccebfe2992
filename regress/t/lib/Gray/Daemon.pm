# Daemon.pm: a program that runs beside the test, and ends with it.
package Gray::Daemon;

use strict;
use warnings;

use File::Temp qw(tempdir);
use Gray::Deadline qw(until_true);
use POSIX qw(_exit);

my %running;
my $owner = $$;

END
{
	if ($$ == $owner)
	{
		my $code = $?;
		$_->kill foreach values %running;
		$? = $code;
	}
}

# Starts a command in a process group of its own, and waits for a line that it
# prints; {found} is what the pattern caught.
sub start
{
	my ($class, $pattern, @command) = @_;
	my $self = bless { log => tempdir(CLEANUP => 1) . '/log' }, $class;

	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0)
	{
		setpgrp(0, 0);
		open STDOUT, '>', $self->{log};
		open STDERR, '>&', \*STDOUT;
		exec @command or _exit(127);
	}
	$running{ $self->{pid} } = $self;
	until_true("@command to say $pattern", sub { $self->said =~ $pattern and $self->{found} = $1 });
	return $self;
}

sub said
{
	my ($self) = @_;
	open my $file, '<', $self->{log} or return '';
	local $/;
	return <$file> // '';
}

sub kill
{
	my ($self) = @_;

	delete $running{ $self->{pid} } or return;
	kill 'KILL', -$self->{pid};
	waitpid $self->{pid}, 0;
	return;
}

1;
