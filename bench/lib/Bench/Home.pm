# Home.pm: how long the way home takes
package Bench::Home;

use strict;
use warnings;

use Bench::Data;
use Bench::Migrate;
use Bench::Report qw(figure);

my $replace = 'delete and copy';
my $clear = 'delete and copy, gray cleared';
my $wal_sql = "SELECT pg_current_wal_insert_lsn() - '0/0'";
my %functions = (ours => 'gray_migrate_back', replace => 'base.migrate_back', clear => 'base.migrate_back_and_clear');

# Part home_small: users of 51 rows, 5 of them changed, who had been moved long ago.
sub small
{
	my ($bench) = @_;
	my ($cluster, $data, $report) = @$bench{qw(cluster data report)};
	my @names = qw(ours replace clear);
	my $count = $bench->{is_quick} ? 10 : 100;
	my $first = 1;
	my (%session, %times);

	$data->begin($data->ready, 0);
	$session{$_} = $cluster->session->prepare("SELECT $functions{$_}(\$1::bigint)") for @names;
	for my $round (0 .. $bench->{rounds} // 9)
	{
		my $now = $round == 0 ? Bench::Data::WARM_UP : $count;

		die "bench/engine: not enough users for so many rounds\n" if $first + 2 * $now > $data->{sizes}{gray_users};
		change_small($cluster, $_, $first, $first + 2 * $now - 1) for qw(v2 base_v2);
		for my $name (Bench::Migrate::turns($round, @names))
		{
			# The same users for both sides; those of the second baseline are others.
			my $begin = $name eq 'clear' ? $first + $now : $first;
			my $median = $session{$name}->median_call("call $begin $now off");

			push @{ $times{$name} }, $median if $round > 0;
		}
		check_small($cluster, $first, $now);
		$first += 2 * $now;
	}
	my %rest = (work => 'home, 51 rows, 5 changed', unit => 'ms', ours => $times{ours}, kind => 'faster');
	$report->add(%rest, against => $clear, theirs => $times{clear}, target => 2);
	$report->add(%rest, against => $replace, theirs => $times{replace});
	return;
}

# Changes an order and four of its items of each user.
sub change_small
{
	my ($cluster, $schema, $first, $last) = @_;
	my $session = $cluster->session;

	$session->run("UPDATE $schema.orders SET status = 'sent' WHERE user_id BETWEEN $first AND $last AND id % 5 = 0");
	$session->run("UPDATE $schema.items SET quantity = quantity + 10 FROM $schema.orders o WHERE o.id = order_id"
		. " AND o.user_id BETWEEN $first AND $last AND o.id % 5 = 0 AND items.id % 9 < 4");
	return;
}

# A way home that brings nothing would be fast.
sub check_small
{
	my ($cluster, $first, $count) = @_;
	my $changed = $cluster->session->run('SELECT count(*) FROM shop.items i JOIN shop.orders o ON o.id = i.order_id'
		. " WHERE o.user_id BETWEEN $first AND $first + $count - 1 AND o.status = 'sent' AND i.quantity >= 10");

	die "bench/engine: $changed changed items came home with $count users\n" if $changed != 4 * $count;
	return;
}

# Part home_large: a user of 1,000,001 rows, each time in a fresh copy of the database.
my @cases = (
	{ name => 'nothing changed', written => 0, rows => 0, target => 40 },
	{ name => '10 rows changed', written => 10, rows => 0, target => 40, changed => 10 },
	{ name => '10 changed, 10 deleted', written => 20, rows => -10, target => 10, changed => 10, deleted => 10 },
);

sub large
{
	my ($bench) = @_;
	my ($data, $report) = @$bench{qw(data report)};
	my %seconds;

	for my $round (1 .. $bench->{rounds} // 3)
	{
		for my $turn (Bench::Migrate::turns($round, @cases, qw(replace clear)))
		{
			my $name = ref $turn ? $turn->{name} : $turn;
			my $result = ref $turn ? large_once($bench, 'ours', $turn) : large_once($bench, $turn, $cases[0]);

			push @{ $seconds{$name} }, [ @$result{qw(seconds cpu)} ];
			$report->note("$name: " . described($result)) if $round == 1;
		}
		$bench->progress("home_large: round $round");
	}
	for my $case (@cases)
	{
		my %rest = (work => 'home, ' . Bench::Migrate::thousands($data->rows_of('large')) . " rows, $case->{name}", unit => 's',
			ours => $seconds{ $case->{name} }, kind => 'faster');

		$report->add(%rest, against => $replace, theirs => $seconds{replace}, target => $case->{target});
		$report->add(%rest, against => $clear, theirs => $seconds{clear});
	}
	return;
}

sub described
{
	my ($result) = @_;

	return "$result->{written} production rows written, $result->{left} rows left in gray, memory "
	  . figure($result->{memory}, 'MB') . ', WAL ' . figure($result->{wal}, 'MB');
}

sub large_once
{
	my ($bench, $name, $case) = @_;
	my $data = $bench->{data};
	my ($home, $gray) = $name eq 'ours' ? qw(shop v2) : qw(base base_v2);
	my $user = $data->large_user;

	$data->begin($data->moved, 0);
	my $session = $bench->{cluster}->session;
	change_large($session, $gray, $user, $case);
	my @before = (rows_written($session, $home), $session->run($wal_sql));
	my %result = %{ $session->run_and_watch("SELECT $functions{$name}($user)") };
	$result{wal} = ($session->run($wal_sql) - $before[1]) / 1024 / 1024;
	$result{written} = rows_written($session, $home) - $before[0];
	$result{left} = $session->run(rows_sql($gray, $user));
	$result{rows} = $session->run(rows_sql($home, $user));
	$result{changed} = $session->run("SELECT count(*) FROM $home.items WHERE quantity >= 10");
	die "bench/engine: $name: $result{rest}, $result{rows} rows, $result{changed} changed\n"
	  if $result{rest} ne 'off' || $result{rows} != $data->rows_of('large') + $case->{rows} || $result{changed} != ($case->{changed} // 0);
	return \%result;
}

# As version 2 would: single rows here and there.
sub change_large
{
	my ($session, $schema, $user, $case) = @_;
	my $some = "SELECT i.id FROM $schema.items i JOIN $schema.orders o ON o.id = i.order_id WHERE o.user_id = $user AND i.id %";

	$session->run("UPDATE $schema.items SET quantity = quantity + 10 WHERE id IN ($some 997 = 0 LIMIT $case->{changed})") if $case->{changed};
	$session->run("DELETE FROM $schema.items WHERE id IN ($some 991 = 0 LIMIT $case->{deleted})") if $case->{deleted};
	return;
}

# Rows of the schema's tables inserted, updated or deleted so far.
sub rows_written
{
	my ($session, $schema) = @_;

	# The session's own counts are there for others when it is idle.
	$session->run('SELECT pg_stat_force_next_flush()');
	return $session->run("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE schemaname = '$schema'");
}

sub rows_sql
{
	my ($schema, $user) = @_;

	return "SELECT (SELECT count(*) FROM $schema.users WHERE id = $user) + (SELECT count(*) FROM $schema.orders WHERE user_id = $user)"
	  . " + (SELECT count(*) FROM $schema.items i JOIN $schema.orders o ON o.id = i.order_id WHERE o.user_id = $user)";
}

1;
