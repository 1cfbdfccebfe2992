# Random schemas with random upgrades, random work on both sides of random moves, and
# an oracle that says after each move what every row must be, to the letter, and
# which rows must not even have been written.
#
# The seed of a schema that fails is printed with all that was done to it.
# GRAY_SEED=… ROUNDS=25 plays that schema alone; make random plays many.
#
# Each schema has a few kinds of trouble besides, or all of those that KINDS names
# (KINDS="rules gifts"); KINDS=none is none:
#
#   generated   a column that one side generates and the other does not
#   gifts       rows that others lead to are given to a user with many rows, in gray
#   gone        tables that version 2 has dropped
#   keyless     tables without a key
#   own         tables that only version 2 has, and what becomes of them later
#   pairings    columns that get, lose or change their twin while users are in gray
#   renamed     gray tables that get other names
#   replace     ways home with pg_gray.back_strategy = 'replace'
#   rules       CREATE RULE on either side
#   shared      tables outside the release whose rows take rows of the release along
#   strangers   rows that refer to rows of other users
#   swaps       users who give each other rows in gray
#   uids        uid columns of several widths
#   wider       a key that gray widens or drops

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::RandomPlay;
use Gray::Server;
use Test::More;

# What the engine can do; what is not here is not asked of it yet.
#
#   deferrable_keys    primary keys that are DEFERRABLE
#   deferred           constraints that are INITIALLY DEFERRED
#   exchange           values of a unique constraint that change places
#   later_renames      of columns that lead to the owner, when sessions have written
#   maps               gray_map
#   second_references  further foreign keys to the table that the owner path leads to
#   settings           TimeZone and the like, others in each session that moves
#   together           users who need each other come home in one move
my @features = split / /, $ENV{GRAY_FEATURES} // 'deferrable_keys deferred exchange later_renames maps second_references settings together';

use constant { ROUNDS_OF_SCHEMA => 25, FAILURES => 3 };

my @kinds = grep { $_ ne 'none' } split / /, $ENV{KINDS} // '';
my $rounds = $ENV{ROUNDS} || 500;
my $seed = $ENV{GRAY_SEED} // (time ^ $$) % 1_000_000;
my %count = (rounds => 0, failures => 0);

diag("GRAY_SEED=$seed");
my $server = Gray::Server->new('random', "autovacuum = off\n");
$server->value(q{CREATE DATABASE random TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'});
$server->{database} = 'random';

# Its log can be given to psql.
sub told
{
	my ($play) = @_;
	my $only = defined $ENV{KINDS} ? " KINDS='$ENV{KINDS}'" : '';

	return join "\n", '', "-- GRAY_SEED=$play->{seed} ROUNDS=" . ROUNDS_OF_SCHEMA . "$only: @{ $play->{kinds} }", @{ $play->{log} },
	  map { "-- $_" =~ s/\n/\n-- /gr } @{ $play->{problems} };
}

while ($count{rounds} < $rounds && $count{failures} < FAILURES)
{
	my $play = Gray::RandomPlay->new($server, $seed++, defined $ENV{KINDS} ? [@kinds] : undef, map { $_ => 1 } @features);

	eval { $play->play(ROUNDS_OF_SCHEMA); 1 } or $play->problem("died: $@");
	ok($play->is_well, "schema of seed $play->{seed}") or $count{failures}++, diag(told($play));
	$count{$_} += $play->{count}{$_} foreach keys %{ $play->{count} };
	$play->{session}->quit;
}
diag(join ', ', map { "$_: $count{$_}" } sort keys %count);

# The test has tested something.
SKIP:
{
	skip('a short run', 1) if $rounds < 300 || $count{failures};
	my @rare = grep { ($count{$_} // 0) < 3 } qw(discard failed stuck verified);
	push @rare, grep { ($count{$_} // 0) < $rounds / 10 } qw(migrate migrate_back writes);
	is("@rare", '', 'of everything there was some');
}
$server->{node}->stop;
done_testing();
