# Refusal.pm: a gateway to which the kernel refuses a system call, as containers do.
package Gateway::Refusal;

use strict;
use warnings;

use Config;
use Gateway;
use Gray::File qw(write_file);
use POSIX ();

# Makes a program that refuses itself a call (EPERM), and then is the gateway; its name.  undef: it
# can't be done here.
sub of_system_call
{
	my ($directory, $number) = @_;
	my %prctl = ('x86_64' => 157, 'aarch64' => 167);
	my ($processor) = $Config{archname} =~ /^(\w+?)-/;
	my $prctl = $prctl{ $processor // '' } or return;
	my $name = "$directory/refusing_gateway";
	my $binary = Gateway::binary();

	write_file($name, <<"END");
#!$^X
# The call's number is loaded; equal: skip nothing and say EPERM; else allow.
my \$filter = join '', map { pack 'S C C L', \@\$_ } [ 0x20, 0, 0, 0 ], [ 0x15, 0, 1, $number ], [ 0x06, 0, 0, 0x00050001 ], [ 0x06, 0, 0, 0x7fff0000 ];
my \$program = pack 'S x6 P', 4, \$filter;
syscall($prctl, 38, 1, 0, 0, 0) == 0 or die "no_new_privs: \$!";
syscall($prctl, 22, 2, \$program) == 0 or die "seccomp: \$!";
exec '$binary', \@ARGV;
END
	chmod 0755, $name;
	return $name;
}

# Does the kernel set up an io_uring for this process?
sub has_io_uring
{
	my $parameters = "\0" x 120;
	my $descriptor = syscall(425, 1, $parameters);

	return 0 if $descriptor < 0;
	POSIX::close($descriptor);
	return 1;
}

1;
