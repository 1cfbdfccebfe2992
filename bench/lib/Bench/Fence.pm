# Fence.pm: what the fence costs those who write in production
package Bench::Fence;

use strict;
use warnings;

use Bench::Migrate;
use Bench::Report;

# Single rows of users outside the cohort, for pgbench.  The bounds are of those users' ids,
# and of their orders' and items'.
my %scripts = (
	'UPDATE of users' => '\set id random(:first_user, :last_user)' . "\nUPDATE :schema.users SET changed = now() WHERE id = :id;\n",
	'INSERT into users' => "INSERT INTO :schema.users (name, email) VALUES ('somebody', 'somebody\@example.com');\n",
	'UPDATE of items' => '\set id random(:first_item, :last_item)' . "\nUPDATE :schema.items SET quantity = quantity + 1 WHERE id = :id;\n",
	'INSERT into items' => '\set id random(:first_order, :last_order)'
	  . "\nINSERT INTO :schema.items (order_id, product, quantity, price) VALUES (:id, 'product', 1, 2.50);\n",
);

my @writes = (
	{ script => 'UPDATE of users', durable => 1, target => 3 },
	{ script => 'INSERT into users', durable => 1, target => 3 },
	{ script => 'UPDATE of users', durable => 0, target => 6 },
	{ script => 'INSERT into users', durable => 0, target => 6 },
	{ script => 'UPDATE of items', durable => 0, target => 10 },
	{ script => 'INSERT into items', durable => 0, target => 10 },
);

# Part fence_writes: pgbench with two clients; each transaction is by chance on tables of the
# open release or on those never fenced, so that whatever else happens happens to both.
sub writes
{
	my ($bench) = @_;
	my ($cluster, $data) = @$bench{qw(cluster data)};

	$data->begin($data->ready, 0);
	for my $write (@writes)
	{
		$cluster->set_durable($write->{durable});
		writes_of($bench, $write);
		$bench->progress("fence_writes: $write->{script}");
	}
	$cluster->set_durable(0);
	$bench->{report}->note('pgbench, 2 clients, prepared statements; each transaction is by chance on fenced tables or on others, and the throughput '
		. 'of each is that of its mean latency, without the slowest 1 %; rounds of ' . seconds($bench) . ' s. Users are outside the cohort. Rows of items have '
		. 'an owner by path.');
	return;
}

sub writes_of
{
	my ($bench, $write) = @_;
	my %rates;
	my $durability = $write->{durable} ? 'default durability' : 'synchronous_commit off';

	write_script($bench, $write->{script}, $_) for qw(shop base);
	pgbench($bench, 1);
	for my $round (1 .. $bench->{rounds} // 8)
	{
		my ($ours, $theirs) = pgbench($bench, seconds($bench));

		push @{ $rates{shop} }, $ours;
		push @{ $rates{base} }, $theirs;
	}
	$bench->{report}->add(work => "fence, $write->{script}, $durability", unit => '/s', ours => $rates{shop}, against => 'never fenced',
		theirs => $rates{base}, kind => 'loss', target => $write->{target});
	return;
}

sub seconds
{
	my ($bench) = @_;

	return $ENV{SECONDS} || ($bench->{is_quick} ? 1 : 5);
}

sub write_script
{
	my ($bench, $script, $schema) = @_;
	my %sizes = %{ $bench->{cluster}{sizes} };
	my %variables = (
		schema => $schema,
		first_user => $sizes{gray_users} + 1, last_user => $sizes{users},
		first_order => 5 * $sizes{gray_users} + 1, last_order => 5 * $sizes{users},
		first_item => 45 * $sizes{gray_users} + 1, last_item => 45 * $sizes{users},
	);

	$bench->{cluster}->write_file("$schema.pgbench", $scripts{$script} =~ s/:(\w+)\b/$variables{$1} \/\/ ":$1"/ger);
	return;
}

# Transactions per second, fenced and not.
sub pgbench
{
	my ($bench, $seconds) = @_;
	my ($bindir, $dir) = @{ $bench->{cluster} }{qw(bindir dir)};
	my $clients = 2;

	system("$bindir/pgbench -n -M prepared -c $clients -j $clients -T $seconds -f $dir/shop.pgbench -f $dir/base.pgbench"
		. " -l --log-prefix=$dir/pgbench_log run >$dir/pgbench.out 2>&1") == 0
	  or die "bench/engine: pgbench failed, see $dir/pgbench.out\n";
	my @logs = glob "$dir/pgbench_log.*";
	my @counts = latency_counts(@logs);
	unlink @logs;
	return map { $clients / trimmed_mean($_) * 1e6 } @counts;
}

# Of each script, how often a transaction took so many microseconds.
sub latency_counts
{
	my @counts;

	local @ARGV = @_;
	while (<>)
	{
		my (undef, undef, $microseconds, $script) = split / /;
		$counts[$script]{$microseconds}++;
	}
	return @counts;
}

sub trimmed_mean
{
	my ($counts) = @_;
	my ($left, $taken, $sum) = (0, 0, 0);

	$left += $_ for values %$counts;
	$left = int($left * 0.99);
	for my $microseconds (sort { $a <=> $b } keys %$counts)
	{
		my $count = $counts->{$microseconds} < $left ? $counts->{$microseconds} : $left;

		$taken += $count;
		$sum += $count * $microseconds;
		last if ($left -= $count) == 0;
	}
	return $sum / $taken;
}

my @bulk = (
	{ table => 'orders', column => 'total', target => 1.4 },
	{ table => 'items', column => 'quantity' },
);

# Part fence_rows: one UPDATE of 1,000,000 rows of 20,000 users.
sub rows
{
	my ($bench) = @_;
	my ($data, $report) = @$bench{qw(data report)};

	$data->begin($data->bulk, 0);
	for my $bulk (@bulk)
	{
		my $seconds = rows_of($bench, $bulk);
		my %rest = (work => 'fence, ' . Bench::Migrate::thousands(50 * $data->{sizes}{users}) . " rows of $bulk->{table} updated", unit => 's',
			ours => $seconds->{shop}, kind => 'time');

		$report->add(%rest, against => 'never fenced', theirs => $seconds->{base}, target => $bulk->{target});
		$report->add(%rest, against => 'empty C trigger', theirs => $seconds->{hooked});
		$report->add(work => "the empty C trigger, $bulk->{table}", unit => 's', ours => $seconds->{hooked}, kind => 'time',
			against => 'no trigger', theirs => $seconds->{base});
		$bench->progress("fence_rows: $bulk->{table}");
	}
	$report->note('One statement, time without its ROLLBACK; VACUUM after each. Neighbouring rows are of different users, none of them moved, '
		. "while $data->{sizes}{gray_users} others are. Rows of items have an owner by path.");
	return;
}

sub rows_of
{
	my ($bench, $bulk) = @_;
	my $session = $bench->{cluster}->session;
	my $count = 50 * $bench->{data}{sizes}{users};
	my %seconds;

	for my $round (0 .. $bench->{rounds} // 5)
	{
		for my $schema (Bench::Migrate::turns($round, qw(shop base hooked)))
		{
			$session->run('BEGIN');
			my $seconds = $session->seconds("UPDATE $schema.$bulk->{table} SET $bulk->{column} = $bulk->{column} + 1 WHERE id <= $count; "
				. 'SET CONSTRAINTS ALL IMMEDIATE');
			$session->run('ROLLBACK');
			$session->run("VACUUM $schema.$bulk->{table}");
			push @{ $seconds{$schema} }, $seconds if $round > 0;
		}
	}
	return \%seconds;
}

1;
