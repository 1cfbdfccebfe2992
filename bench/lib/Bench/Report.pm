# Report.pm: figures of several rounds, as medians and ratios beside their targets
package Bench::Report;

use strict;
use warnings;

use Exporter qw(import);
our @EXPORT_OK = qw(median figure);

# How a ratio is made of ours and theirs, and written; whether more of it is better.
my %kinds = (
	faster => { ratio => sub { $_[1] / $_[0] }, format => '%.2f× as fast', more => 1 },
	time => { ratio => sub { $_[0] / $_[1] }, format => '%.2f× its time', more => 0 },
	loss => { ratio => sub { 100 * (1 - $_[0] / $_[1]) }, format => '%.1f %% less', more => 0 },
	of => { ratio => sub { $_[0] / $_[1] }, format => '%.2f× of it', more => 1 },
	more => { ratio => sub { $_[0] - $_[1] }, format => '%.1f more', more => 0 },
);

sub new
{
	my ($class) = @_;

	return bless { rows => [], notes => [], printed => [] }, $class;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	my $middle = int(@sorted / 2);

	return @sorted % 2 ? $sorted[$middle] : ($sorted[ $middle - 1 ] + $sorted[$middle]) / 2;
}

# Three digits that matter.
sub figure
{
	my ($value, $unit) = @_;
	my $decimals = abs($value) >= 100 ? 0 : abs($value) >= 10 ? 1 : abs($value) >= 1 ? 2 : 3;

	return sprintf "%.${decimals}f %s", $value, $unit;
}

# One line of the table.  ours and theirs have one figure for each round, measured side by
# side, or pairs of it and of the CPU time it took; the ratio is the median of the rounds'
# ratios.  Options: work, unit, ours, against, theirs, kind, target (undef: for information).
sub add
{
	my ($self, %row) = @_;
	my $kind = $kinds{ $row{kind} };
	my @ratios = ratios($kind->{ratio}, 0, @row{qw(ours theirs)});
	my @cpu = ref $row{ours}[0] ? ratios(sub { $_[0] / $_[1] }, 1, @row{qw(ours theirs)}) : ();
	my $ratio = median(@ratios);
	my $target = $row{target};

	return $self->add_row(
		$row{work}, figure(median(column(0, $row{ours})), $row{unit}), $row{against}, figure(median(column(0, $row{theirs})), $row{unit}),
		sprintf($kind->{format}, $ratio), sprintf('%.2f–%.2f', @ratios[ 0, -1 ]), @cpu ? sprintf('%.2f×', median(@cpu)) : '',
		defined $target ? ($kind->{more} ? '≥ ' : '≤ ') . $target : '',
		!defined $target ? '' : ($kind->{more} ? $ratio >= $target : $ratio <= $target) ? 'yes' : '**no**');
}

# A line as it is, in the order of the columns below.
sub add_row
{
	my ($self, @row) = @_;

	push @{ $self->{rows} }, \@row;
	return;
}

sub column
{
	my ($column, $figures) = @_;

	return map { ref ? $_->[$column] : $_ } @$figures;
}

# Of each round, sorted.
sub ratios
{
	my ($ratio, $column, $ours, $theirs) = @_;
	my @ours = column($column, $ours);
	my @theirs = column($column, $theirs);

	return sort { $a <=> $b } map { $ratio->($ours[$_], $theirs[$_]) } 0 .. $#ours;
}

# A sentence below the table.
sub note
{
	my ($self, $note) = @_;

	push @{ $self->{notes} }, $note;
	return;
}

# What was added since the last call, as Markdown.
sub print_out
{
	my ($self, $title) = @_;
	my @rows = splice @{ $self->{rows} };
	my @notes = splice @{ $self->{notes} };

	print "\n### $title\n\n";
	print_table(@rows);
	print "\n" if @rows && @notes;
	print "* $_\n" for @notes;
	push @{ $self->{printed} }, @rows;
	return;
}

# All lines once more, as one table.
sub print_all
{
	my ($self, $title) = @_;

	print "\n### $title\n\n";
	print_table(@{ $self->{printed} });
	return;
}

sub print_table
{
	my (@rows) = @_;

	print_row(@$_) for @rows
	  ? ([ 'work', 'pg_gray', 'against', 'its figure', 'ratio', 'rounds', 'CPU', 'target', 'reached' ], [ '---', '---:', '---', '---:', '---:', '---:', '---:', '---:', '---' ], @rows)
	  : ();
	return;
}

sub print_row
{
	print '| ', join(' | ', @_), " |\n";
	return;
}

1;
