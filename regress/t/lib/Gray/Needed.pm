# Needed.pm: what tests cannot do without.  What is missing fails them, and they say what to type.
#
#   built(FILE, COMMAND)  a file that the command builds; its name
#   installed(PROGRAM)    a program that "make deps" installs; its path
#   module(NAME)          a Perl module that "make deps" installs
#   optional(PROGRAM)     the path of a program that nobody has to have, or undef
package Gray::Needed;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Deadline qw(give_up);

our @EXPORT_OK = qw(built installed module optional);

sub built
{
	my ($file, $command) = @_;

	-r $file or give_up("$file is missing: type $command");
	return $file;
}

sub installed
{
	my ($program) = @_;
	return optional($program) // give_up("the program $program is missing: type make deps");
}

sub module
{
	my ($name) = @_;

	eval "require $name; 1" or give_up("the Perl module $name is missing: type make deps\n$@");
	return;
}

sub optional
{
	my ($program) = @_;
	my ($path) = grep { -x } map { "$_/$program" } split(/:/, $ENV{PATH}), '/usr/sbin';

	return $path;
}

1;
