# Session.pm: a warm session of the database, in a process of its own; see session.c.
package Bench::Session;

use strict;
use warnings;

use IO::Handle;
use IPC::Open2;

use Bench::Report qw(median);

use constant SAMPLE_SECONDS => 0.01;

# The program that session.c becomes.
our $PROGRAM;

# $settings: SQL to begin with, or undef
sub new
{
	my ($class, $conninfo, $settings) = @_;
	my $self = bless {}, $class;

	$self->{process} = open2($self->{from}, $self->{to}, $PROGRAM, $conninfo);
	$self->{to}->autoflush(1);
	$self->{cpu} = 0;
	$self->{backend} = $self->answer->{rest};
	$self->run($settings) if defined $settings;
	return $self;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);

	close $self->{to};
	close $self->{from};
	waitpid $self->{process}, 0;
	return;
}

# Sends a command of session.c; answer() waits for what comes of it.
sub ask
{
	my ($self, $command) = @_;

	$command =~ s/\s*\n\s*/ /g;
	$self->{cpu} = $self->cpu_seconds;
	print { $self->{to} } "$command\n";
	return $self;
}

# begin, end, and the backend's CPU time, in seconds; and the rest
sub answer
{
	my ($self) = @_;
	my $line = readline($self->{from}) // die "bench/engine: the session is gone\n";

	chomp $line;
	my ($begin, $end, $rest) = $line =~ /^ok (\S+) (\S+) ?(.*)$/ or die "bench/engine: $line\n";
	return { begin => $begin, end => $end, seconds => $end - $begin, cpu => $self->cpu_seconds - $self->{cpu}, rest => $rest };
}

# The first value of the result.
sub run
{
	my ($self, $sql) = @_;

	return $self->ask("run $sql")->answer->{rest};
}

# Seconds, and those on a CPU.
sub seconds
{
	my ($self, $sql) = @_;
	my $answer = $self->ask("run $sql")->answer;

	return [ @$answer{qw(seconds cpu)} ];
}

sub prepare
{
	my ($self, $sql) = @_;

	$self->ask("prepare $sql")->answer;
	return $self;
}

# The median of many calls, and the backend's CPU time for each of them, in milliseconds.
sub median_call
{
	my ($self, $command) = @_;
	my $answer = $self->ask($command)->answer;
	my @microseconds = split / /, $answer->{rest};

	return [ median(@microseconds) / 1000, 1000 * $answer->{cpu} / @microseconds ];
}

# Runs it, and looks meanwhile how much memory of its own the backend has: the
# answer, and the most that it had more than before, in MB.
sub run_and_watch
{
	my ($self, $sql) = @_;
	my $before = $self->private_kb;
	my $most = $before;
	my $readable = '';

	vec($readable, fileno $self->{from}, 1) = 1;
	$self->ask("run $sql");
	until (select(my $ready = $readable, undef, undef, SAMPLE_SECONDS))
	{
		my $now = $self->private_kb;
		$most = $now if $now > $most;
	}
	return { %{ $self->answer }, memory => ($most - $before) / 1024 };
}

# How long the backend has been on a CPU: says more than the clock while others work.
sub cpu_seconds
{
	my ($self) = @_;

	open my $schedstat, '<', '/proc/' . ($self->{backend} // 'self') . '/schedstat' or return 0;
	my ($nanoseconds) = split / /, <$schedstat>;
	close $schedstat;
	return $nanoseconds / 1e9;
}

# RssAnon: without shared buffers.
sub private_kb
{
	my ($self) = @_;

	open my $status, '<', "/proc/$self->{backend}/status" or return 0;
	my ($kb) = join('', <$status>) =~ /^RssAnon:\s*(\d+)/m;
	close $status;
	return $kb // 0;
}

1;
