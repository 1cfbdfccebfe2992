# Daemon.pm: a program that runs beside the test, and ends with it.
package Gray::Daemon;

use strict;
use warnings;

use File::Temp qw(tempdir);
use Gray::Child qw(child end_child);
use Gray::Deadline qw(until_true);
use Gray::File qw(so_far);
use POSIX qw(_exit);

# Starts a command in a process group of its own, and waits for a line that it
# prints; {found} is what the pattern caught.
sub start
{
	my ($class, $pattern, @command) = @_;
	my $self = $class->launch(@command);

	until_true("@command to say $pattern", sub { $self->said =~ $pattern and $self->{found} = $1 });
	return $self;
}

# The same without waiting.
sub launch
{
	my ($class, @command) = @_;
	my $self = bless { log => tempdir(CLEANUP => 1) . '/log' }, $class;

	$self->{pid} = child(sub {
			open STDOUT, '>', $self->{log};
			open STDERR, '>&', \*STDOUT;
			exec @command or _exit(127);
	});
	return $self;
}

sub said
{
	my ($self) = @_;
	return so_far($self->{log});
}

sub kill
{
	my ($self) = @_;

	end_child($self->{pid});
	return;
}

1;
