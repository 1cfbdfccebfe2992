# Child.pm: processes that run beside the test, and end with it.
#
#   child(CODE)                  CODE in a process of its own, which leads a process group; its pid
#   child(CODE, group => 0)      the same in the test's own group, so that Ctrl-C reaches it
#   child(CODE, end => CODE2)    at the end of the test CODE2 is called, after all others were killed
#   end_child(PID)               kills it and its group now
#   forget_child(PID)            it has ended, and somebody has waited for it
package Gray::Child;

use strict;
use warnings;

use Exporter qw(import);
use POSIX qw(_exit);

our @EXPORT_OK = qw(child end_child forget_child);

my %children;    # by pid: the options
my $owner = $$;

END
{
	if ($$ == $owner)
	{
		my $code = $?;
		end_child($_) foreach grep { !$children{$_}{end} } keys %children;
		foreach my $pid (keys %children)
		{
			$children{$pid}{end}->();
			end_child($pid);
		}
		$? = $code;
	}
}

sub child
{
	my ($code, %options) = @_;
	my $group = $options{group} // 1;
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		setpgrp(0, 0) if $group;
		eval { $code->(); 1 } or warn $@;
		_exit(1);
	}
	setpgrp($pid, $pid) if $group;
	$children{$pid} = { %options, group => $group };
	return $pid;
}

sub end_child
{
	my ($pid) = @_;
	my $options = delete $children{$pid} or return;

	kill 'KILL', $options->{group} ? -$pid : (), $pid;
	waitpid $pid, 0;
	return;
}

sub forget_child
{
	my ($pid) = @_;

	delete $children{$pid};
	return;
}

1;
