# Writers, owner changes, row locks of the application, moves, and moves of two users
# in one transaction, at random, all in each other's way: every wait ends, and no
# writer is the victim of a deadlock for the sake of a move.
#
# GRAY_SEED repeats the choices of a run, though not its timing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Crowd;
use Gray::Random qw(any);
use Gray::Server;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;

use constant {
	USERS => 6,
	SECONDS => $ENV{GRAY_SECONDS} || 12,
	# A wait that takes this long is a hang: deadlocks are looked for after PostgreSQL's own second.
	BOUND => '10s',
};

my $seed = $ENV{GRAY_SEED} // time ^ $$;
srand $seed;
diag("GRAY_SEED=$seed");

my $server = Gray::Server->new('waits', "max_connections = 40\n");
my @schemas = ('shop', 'v2');
my $id = 100_000;
my %count;

$server->create_shop_with('CREATE TABLE shop.stock AS SELECT i AS id, 0 AS amount FROM generate_series(1, 4) i');
$server->value('SELECT gray_add_user(u) FROM generate_series(1, ' . USERS . ') u; SELECT gray_open()');

sub user
{
	return 1 + int rand USERS;
}

# A step whose failure ends the plan it is of.
sub step
{
	my ($who, $sql) = @_;

	return [
		$sql,
		sub {
			my ($answer, $player) = @_;
			$count{"$who: $answer->{sqlstate}"}++;
			$player->{steps} = [ ['ROLLBACK'] ] unless $answer->{sqlstate} eq '00000';
		}
	];
}

sub pause
{
	my ($who) = @_;
	return step($who, 'SELECT pg_sleep(' . rand(0.1) . ')');
}

sub transaction
{
	my ($who, @sql) = @_;
	return (step($who, 'BEGIN'), map({ (step($who, $_), rand() < 0.5 ? pause($who) : ()) } @sql),
		[ any('COMMIT', 'COMMIT', 'ROLLBACK') ]);
}

sub lock_stock
{
	return any('UPDATE shop.stock SET amount = amount + 1 WHERE id = ', 'SELECT FROM shop.stock WHERE id = ')
	  . (1 + int rand 4) . ' ';
}

sub write_user
{
	my ($schema) = @_;
	my $user = user();

	return any('INSERT INTO ' . $schema . '.orders (id, user_id) VALUES (' . $id++ . ", $user)",
		"UPDATE $schema.users SET name = name || '.' WHERE id = $user",
		"SELECT FROM $schema.users WHERE id = $user FOR UPDATE");
}

sub writer
{
	my $schema = any(@schemas);
	my @sql = map { any(sub { write_user($schema) }, sub { write_user($schema) }, \&lock_stock)->() } 0 .. rand 4;

	return transaction('writer', @sql);
}

sub giver
{
	my $schema = any(@schemas);

	return transaction('giver', map { "UPDATE $schema.orders SET user_id = " . user() . ' WHERE user_id = ' . user() . ' AND id % 3 = 0' }
		  0 .. rand 2);
}

sub mover
{
	return (pause('mover'),
		[ any('SELECT gray_route(' . user() . ')', 'SELECT gray_migrate_back(' . user() . ')',
				'SELECT gray_reset(uid) FROM gray.incidents LIMIT 1'), \&moved ]);
}

sub mover_of_two
{
	return (step('mover of two', 'BEGIN'),
		map({ ([ "SELECT gray_route($_)", \&moved ], pause('mover of two')) } user(), user()),
		['COMMIT']);
}

# 55P03 and 40P01 are what time cures, 25P02 what follows; users are stuck whose rows were given
# away (55000).
sub moved
{
	my ($answer) = @_;
	$count{"move: $answer->{sqlstate}"}++;
	return;
}

sub pids
{
	return map { $_->{session}{pid} } @_;
}

# Deadlocks of writers that had a mover in them, as the server tells.
sub harmed
{
	my ($writers, $movers) = @_;
	my %is_writer = map { $_ => 1 } @$writers;
	my %is_mover = map { $_ => 1 } @$movers;
	my @harmed;

	foreach (split /^(?=\d{4}-)/m, slurp_file($server->{node}->logfile))
	{
		my ($pid) = /\[(\d+)\].* DETAIL:  Process \d+ waits for/ or next;
		push @harmed, $_ if $is_writer{$pid} && grep { $is_mover{$_} } /^\s*(?:.*DETAIL:  )?Process (\d+) waits/mg;
	}
	return @harmed;
}

my $crowd = Gray::Crowd->new;
my @set = ("SET statement_timeout = '" . BOUND . "'");
my @writers = map { $crowd->add($server->session(@set), $_) } (\&writer) x 5, (\&giver) x 2;
my @movers = map { $crowd->add($server->session(@set, q{SET pg_gray.yield_timeout = '1s'}), $_) } (\&mover) x 2, (\&mover_of_two) x 2;

$crowd->play(SECONDS);
note("$_: $count{$_}") foreach sort keys %count;

is_deeply([ grep { /: 57014/ } keys %count ], [], 'every wait ended');
is_deeply([ harmed([ pids(@writers) ], [ pids(@movers) ]) ], [], 'no writer was the victim of a deadlock with a move');
is_deeply([ grep { !/: (00000|25P02|40P01|55P03|40001|GR001)$|^move: 55000/ } keys %count ], [], 'no answer but those that are allowed');
cmp_ok($count{'writer: 00000'}, '>', 200, 'writers wrote');
cmp_ok($count{'giver: 00000'}, '>', 50, 'rows were given to other users');
cmp_ok($server->value("SELECT count(*) FROM gray.history WHERE kind = '$_'"), '>', 5, "users were moved: $_")
  foreach 'migrate', 'migrate_back';
diag('deadlocks: ' . join ', ', map { "$_ " . ($count{"$_: 40P01"} || 0) } qw(writer giver move));

$server->{node}->stop;
done_testing();
