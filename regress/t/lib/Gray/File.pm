# File.pm: whole files.
#
#   slurp(NAME)             what is in the file; dies if it is not there
#   so_far(NAME)            the same of a file that somebody writes: '' as long as it is not there
#   write_file(NAME, TEXT)  makes or replaces it
package Gray::File;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(slurp so_far write_file);

sub slurp
{
	my ($name) = @_;

	open my $file, '<', $name or die "$name: $!\n";
	local $/;
	return <$file> // '';
}

sub so_far
{
	my ($name) = @_;
	return -e $name ? slurp($name) : '';
}

sub write_file
{
	my ($name, $text) = @_;

	open my $file, '>', $name or die "$name: $!\n";
	print $file $text;
	close $file or die "$name: $!\n";
	return;
}

1;
