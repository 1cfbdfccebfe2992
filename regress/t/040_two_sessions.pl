# Writers and moves of the same users at the same time, at random, against an
# oracle: what the database acknowledged is there, once, on the live side; what it
# refused is nowhere.
#
# GRAY_SEED repeats the choices of a run, though not its timing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Crowd;
use Gray::Random qw(any chance);
use Gray::Server;
use Test::More;

use constant {
	USERS => 8,
	WRITERS => 6,
	MOVERS => 3,
	SECONDS => $ENV{GRAY_SECONDS} || 12,
	FIRST_TOKEN => 100_000,
};

my $seed = $ENV{GRAY_SEED} // time ^ $$;
srand $seed;
diag("GRAY_SEED=$seed");

my $server = Gray::Server->new('crowd', "max_connections = 30\n");
my %sides = (production => 'shop', gray => 'v2');
my %other = (production => 'gray', gray => 'production');

# The oracle, of each user: orders and items that must be live, and visits.
my (%orders, %items, %visits, %believed);
my $token = FIRST_TOKEN;
my %taken;     # tokens that somebody is about to delete
my ($is_closed, $switched) = (0, 0);
my $resting;   # writers begin nothing
my %count;     # of what was answered

$server->create_shop_with(q{ALTER TABLE shop.users ADD COLUMN visits integer NOT NULL DEFAULT 0});
$server->value('SELECT gray_add_user(u) FROM generate_series(1, ' . USERS . ') u; SELECT gray_open()');

# --- Writers.  A transaction is of one user.  What it wrote becomes true when its
# COMMIT is acknowledged.  Rows that two writers both update come last, so that
# writers have no deadlock among themselves: any that they get is a mover's doing.

sub transaction
{
	my ($player) = @_;
	return [ 'SELECT pg_sleep(0.01)' ] if $resting;
	my $user = 1 + int rand USERS;
	my $tx = {
		player => $player, user => $user, facts => [], promises => [],
		side => chance(0.8) ? $believed{$user} || 'production' : any(keys %sides),
		switched => $switched, strict => chance(0.2), isolation => any(('READ COMMITTED') x 3, 'REPEATABLE READ'),
	};
	my @writes = map { any(\&add_order, \&add_order, \&add_item, \&add_item, \&delete_item, \&delete_order) } 1 .. int rand 3;

	push @writes, \&visit if !@writes || chance(0.5);
	return (
		step($tx, "BEGIN ISOLATION LEVEL $tx->{isolation}"),
		$tx->{strict} ? enter_steps($tx) : (),
		map({ ($_->($tx), chance(0.3) ? step($tx, 'SELECT pg_sleep(' . rand(0.02) . ')') : ()) } @writes),
		chance(0.1) ? rollback_step($tx) : commit_step($tx));
}

sub step
{
	my ($tx, $sql, $then) = @_;

	return [
		$sql,
		sub {
			my ($answer) = @_;
			return refused($tx, $answer, $sql) unless $answer->{sqlstate} eq '00000';
			$then->($answer) if $then;
		}
	];
}

sub enter_steps
{
	my ($tx) = @_;
	return (
		step($tx, "SET LOCAL search_path = $sides{$tx->{side}}, public"),
		step($tx, "SELECT gray_enter($tx->{user})"));
}

# 40001: the user was moved after the statement had begun, or after the snapshot.
# 23503: an item's order may be on the other side alone; then there is no owner path
# for the fence, but the foreign key refuses.  So it does when the rows came after
# the snapshot of REPEATABLE READ; and while the release is closed, and its fence down.
my %may_fail = (GR001 => 1, 40001 => 1, 23503 => 1);

sub refused
{
	my ($tx, $answer, $sql) = @_;
	my $sqlstate = $answer->{sqlstate};

	$count{"writer, $tx->{side}: $sqlstate"}++;
	$believed{ $tx->{user} } = $other{ $tx->{side} } if $sqlstate eq 'GR001';
	unexpected("$sqlstate $answer->{message}: $sql")
	  unless $may_fail{$sqlstate}
	  && ($sqlstate ne '23503'
		|| $tx->{isolation} eq 'REPEATABLE READ'
		|| $sql =~ /INTO \w+\.items/
		|| $is_closed
		|| $tx->{switched} != $switched);
	$tx->{player}{steps} = [ rollback_step($tx) ];
}

sub unexpected
{
	my ($what) = @_;
	$count{unexpected}++ < 20 and diag("unexpected: $what");
}

sub rollback_step
{
	my ($tx) = @_;
	return [ 'ROLLBACK', sub { $_->(0) foreach @{ $tx->{promises} } } ];
}

sub commit_step
{
	my ($tx) = @_;
	return step($tx, 'COMMIT', sub {
			$_->() foreach @{ $tx->{facts} };
			$_->(1) foreach @{ $tx->{promises} };
			$believed{ $tx->{user} } = $tx->{side} if @{ $tx->{facts} };
			$count{"writer, $tx->{side}: committed"}++;
			$count{writes} += @{ $tx->{facts} };
		});
}

# A write that is sometimes rolled back to a savepoint, or tried on the other side
# when it is refused.
sub write_steps
{
	my ($tx, $sql_of, $fact) = @_;
	my $happened = sub {
		my ($answer) = @_;
		push @{ $tx->{facts} }, $fact if $answer->{rows} ne '';
	};
	my $write = step($tx, $sql_of->($sides{ $tx->{side} }) . ' RETURNING 1', $happened);

	return $write unless chance(0.3);
	return (step($tx, 'SAVEPOINT s'), [ $write->[0], sub { } ], step($tx, 'ROLLBACK TO s'), $write) if chance(0.3);
	return (
		step($tx, 'SAVEPOINT s'),
		[
			$write->[0],
			sub {
				my ($answer) = @_;
				return $write->[1]->($answer) unless $answer->{sqlstate} eq 'GR001';
				$count{'writer: refused, and tried on the other side'}++;
				my $other = $other{ $tx->{side} };
				unshift @{ $tx->{player}{steps} }, step($tx, 'ROLLBACK TO s'),
				  step($tx, $sql_of->($sides{$other}) . ' RETURNING 1', $happened);
			}
		]);
}

sub add_order
{
	my ($tx) = @_;
	my ($id, $user) = (++$token, $tx->{user});
	return write_steps($tx, sub { "INSERT INTO $_[0].orders (id, user_id, total) VALUES ($id, $user, 1)" },
		sub { $orders{$user}{$id} = 1 });
}

# Items go into orders that nobody deletes: those with an even number.
sub add_item
{
	my ($tx) = @_;
	my ($id, $user) = (++$token, $tx->{user});
	my $order = any(grep { $_ % 2 == 0 } keys %{ $orders{$user} }) or return;
	return write_steps($tx, sub { "INSERT INTO $_[0].items VALUES ($id, $order, $id % 5 + 1, 1)" },
		sub { $items{$user}{$id} = 1 });
}

# Nobody else may delete it meanwhile; if this is rolled back, somebody may later.
sub take
{
	my ($tx, @candidates) = @_;
	my $id = any(grep { !$taken{$_} } @candidates) or return;

	$taken{$id} = 1;
	push @{ $tx->{promises} }, sub { delete $taken{$id} };
	return $id;
}

sub delete_item
{
	my ($tx) = @_;
	my $user = $tx->{user};
	my $id = take($tx, keys %{ $items{$user} }) or return;
	return write_steps($tx, sub { "DELETE FROM $_[0].items WHERE id = $id" }, sub { delete $items{$user}{$id} });
}

sub delete_order
{
	my ($tx) = @_;
	my $user = $tx->{user};
	my $id = take($tx, grep { $_ % 2 } keys %{ $orders{$user} }) or return;
	return write_steps($tx, sub { "DELETE FROM $_[0].orders WHERE id = $id" }, sub { delete $orders{$user}{$id} });
}

sub visit
{
	my ($tx) = @_;
	my $user = $tx->{user};
	return write_steps($tx, sub { "UPDATE $_[0].users SET visits = visits + 1 WHERE id = $user" }, sub { $visits{$user}++ });
}

# --- Movers and the operator.  What a move may answer besides success: not wanted
# just now (55000), and what time cures.

my %move_may_fail = map { $_ => 1 } qw(00000 55000 40P01 55P03);

sub move
{
	my $user = 1 + int rand USERS;
	my $function = any(qw(gray_migrate gray_migrate gray_migrate_back gray_route));

	return ([ 'SELECT pg_sleep(' . rand(0.01) . ')' ], [
		"SELECT $function($user)",
		sub {
			my ($answer) = @_;
			$count{"$function: $answer->{sqlstate}"}++;
			unexpected("$function: $answer->{sqlstate} $answer->{message}") unless $move_may_fail{ $answer->{sqlstate} };
			$believed{$user} = $1 if $answer->{rows} =~ /\((gray|production),/;
		}
	]);
}

sub operate
{
	my $user = 1 + int rand USERS;
	my $percent = any(0, 10, 50);

	return ([ 'SELECT pg_sleep(' . rand(0.2) . ')' ],
		any(
			sub { (operation("gray_remove_user($user)"), operation("gray_set_percent($percent)")) },
			sub { map { operation("gray_add_user($_)") } 1 .. USERS },
			sub { $is_closed = 1; (operation('gray_close()'), operation('gray_open()')) })->());
}

# As docs/sql.md says: gray_open and gray_close with a lock_timeout, again if it
# strikes, or a deadlock.  Under this load it would strike for ever, so writers rest meanwhile.
sub operation
{
	my ($call) = @_;
	my ($name) = $call =~ /^(\w+)/;
	my $step = [ "SELECT $call" ];

	$step->[1] = sub {
		my ($answer, $player) = @_;
		$count{"$name: $answer->{sqlstate}"}++;
		$resting = $answer->{sqlstate} =~ /55P03|40P01/;
		($is_closed, $switched) = ($name ne 'gray_open', $switched + 1) if $name =~ /open|close/ && !$resting;
		return unshift @{ $player->{steps} }, $step if $resting;
		unexpected("$name: $answer->{sqlstate} $answer->{message}") unless $answer->{sqlstate} eq '00000';
	};
	return $step;
}

# --- The oracle's questions

sub live_rows
{
	my ($schema, $user) = @_;
	return $server->value(qq{
		SELECT 'orders', string_agg(id::text, ' ' ORDER BY id) FROM $schema.orders WHERE user_id = $user AND id > } . FIRST_TOKEN . qq{;
		SELECT 'items', string_agg(i.id::text, ' ' ORDER BY i.id) FROM $schema.items i JOIN $schema.orders o ON o.id = i.order_id
			WHERE user_id = $user AND i.id > } . FIRST_TOKEN . qq{;
		SELECT 'visits', sum(visits) FROM $schema.users WHERE id = $user});
}

sub expected_rows
{
	my ($user) = @_;
	return join "\n", 'orders|' . join(' ', sort { $a <=> $b } keys %{ $orders{$user} }),
	  'items|' . join(' ', sort { $a <=> $b } keys %{ $items{$user} }),
	  'visits|' . ($visits{$user} || 0);
}

# Rows that refer to one that is not there, on either side.
sub orphans
{
	return $server->value(join ' UNION ALL ', map { qq{
		SELECT '$_.orders', id FROM $_.orders o WHERE NOT EXISTS (SELECT 1 FROM $_.users WHERE id = o.user_id)
		UNION ALL SELECT '$_.items', id FROM $_.items i WHERE NOT EXISTS (SELECT 1 FROM $_.orders WHERE id = i.order_id)} } values %sides);
}

sub count_like
{
	my ($pattern) = @_;
	my $sum = 0;

	$sum += $count{$_} foreach grep { /$pattern/ } keys %count;
	return $sum;
}

# --- The test

my $crowd = Gray::Crowd->new;
$crowd->add($server->session, \&transaction) foreach 1 .. WRITERS;
$crowd->add($server->session, \&move) foreach 1 .. MOVERS;
$crowd->add($server->session(q{SET lock_timeout = '100ms'}), \&operate);
$crowd->play(SECONDS);
note("$_: $count{$_}") foreach sort keys %count;

is($count{unexpected}, undef, 'no answer but those that are allowed');
is(count_like('^writer.*40P01'), 0, 'no writer was the victim of a deadlock');
diag('deadlocks: writers ' . count_like('^writer.*40P01') . ', moves ' . count_like('^gray.*40P01')
	. "; committed $count{writes} writes, moved $count{'gray_migrate: 00000'} times or so");
cmp_ok(count_like("^writer, $_: committed"), '>', 50, "transactions were committed in $_") foreach keys %sides;
cmp_ok(count_like('^writer.*GR001'), '>', 10, 'writes were refused');
cmp_ok($server->value("SELECT count(*) FROM gray.history WHERE kind = '$_'"), '>', 20, "users were moved: $_")
  foreach 'migrate', 'migrate_back';
is($server->value(q{SELECT * FROM gray.incidents}), '', 'no incident');
is($server->value(q{SELECT uid, state FROM gray_roster() WHERE state IN ('failed', 'stuck')}), '', 'nobody is failed or stuck');
is(orphans(), '', 'foreign keys hold on both sides');

foreach my $user (1 .. USERS)
{
	my $side = $server->value("SELECT gray_state($user)") eq 'on' ? 'gray' : 'production';

	is(live_rows($sides{$side}, $user), expected_rows($user), "user $user, live in $side: all that was acknowledged, and no more");
	is(live_rows('v2', $user) =~ s/[^0-9]//gr, '', "user $user: nothing in gray") if $side eq 'production';
}

$server->value('SELECT gray_close(); SELECT gray_migrate_back(u) FROM generate_series(1, ' . USERS . ') u; SELECT gray_close()');
is(live_rows('shop', $_), expected_rows($_), "user $_, home") foreach 1 .. USERS;
is($server->value('SELECT (SELECT count(*) FROM v2.users) + (SELECT count(*) FROM v2.orders) + (SELECT count(*) FROM v2.items)'),
	'0', 'the gray tables are empty');
is(orphans(), '', 'foreign keys hold at home');

$server->{node}->stop;
done_testing();
