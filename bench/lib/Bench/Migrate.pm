# Migrate.pm: how long the way to gray takes
package Bench::Migrate;

use strict;
use warnings;

use Bench::Data;
use Bench::Report qw(median figure);

my $ours = 'SELECT gray_migrate($1::bigint)';
my $theirs = 'SELECT base.migrate($1::bigint)';
my $replica = 'SET session_replication_role = replica';

my $by_function = '(a) PL/pgSQL';
my $over_wire = '(b) over the wire';
my $over_wire_prepared = '(b) with its INSERTs prepared';
my $floor = '(c) no foreign keys';

# Warm sessions, one for each contender.
sub sessions
{
	my ($cluster, @names) = @_;
	my %make = (
		ours => sub { $cluster->session->prepare($ours) },
		a => sub { $cluster->session->prepare($theirs) },
		b => sub { $cluster->session },
		b_prepared => sub { $cluster->session },
		c => sub { $cluster->session($replica)->prepare($theirs) },
	);

	return map { $_ => $make{$_}->() } @names;
}

sub command_for
{
	my ($contender, $first, $count) = @_;

	return "wire $first $count base base_v2" if $contender eq 'b';
	return "wire_prepared $first $count base base_v2" if $contender eq 'b_prepared';
	return "call $first $count on";
}

# Each contender in turn, and in another order each round.
sub turns
{
	my ($round, @names) = @_;
	my $shift = $round % @names;

	return @names[ $shift .. $#names, 0 .. $shift - 1 ];
}

# Part migrate_small: users of 51 rows, each in a transaction of its own.
sub small
{
	my ($bench) = @_;
	my ($cluster, $data) = @$bench{qw(cluster data)};
	my $rounds = $bench->{rounds} // 9;

	$data->begin($data->ready, 1);
	small_rounds($bench, 'migrate, 51 rows', $rounds, $bench->{is_quick} ? 10 : 100, { a => 1.6, b => 4, c => 1.05 });
	$cluster->set_durable(1);
	small_rounds($bench, 'migrate, 51 rows, durable', $rounds, $bench->{is_quick} ? 5 : 40, {});
	$cluster->set_durable(0);
	$bench->{report}->note('Latency of a prepared call in a warm session, median of each round; synchronous_commit = off, but '
		. 'on (and fsync) where it says durable. The baselines record no state, hold no lock and tell nobody. (b) has a Unix socket '
		. 'instead of a network, and two round trips.');
	return;
}

sub small_rounds
{
	my ($bench, $work, $rounds, $count, $targets) = @_;
	my ($cluster, $data, $report) = @$bench{qw(cluster data report)};
	my @names = qw(ours a b b_prepared c);
	my %session = sessions($cluster, @names);
	my %times = map { $_ => [] } @names;

	$session{$_}->median_call(command_for($_, $data->next_users(Bench::Data::WARM_UP))) for @names;
	for my $round (1 .. $rounds)
	{
		for my $name (turns($round, @names))
		{
			push @{ $times{$name} }, $session{$name}->median_call(command_for($name, $data->next_users($count)));
		}
	}
	my %rest = (work => $work, unit => 'ms', ours => $times{ours});
	$report->add(%rest, against => $by_function, theirs => $times{a}, kind => 'faster', target => $targets->{a});
	$report->add(%rest, against => $over_wire, theirs => $times{b}, kind => 'faster', target => $targets->{b});
	$report->add(%rest, against => $over_wire_prepared, theirs => $times{b_prepared}, kind => 'faster');
	$report->add(%rest, against => $floor, theirs => $times{c}, kind => 'time', target => $targets->{c});
	return;
}

# Part migrate_large: a user of 1,000,001 rows, each time in a fresh copy of the database.
sub large
{
	my ($bench) = @_;
	my ($data, $report) = @$bench{qw(data report)};
	my @names = qw(ours a c copy);
	my %seconds = map { $_ => [] } @names;
	my (%memory, @medium);

	for my $round (1 .. $bench->{rounds} // 3)
	{
		for my $name (turns($round, @names))
		{
			my $answer = large_once($bench, $name, $data->large_user, 'large');

			push @{ $seconds{$name} }, [ @$answer{qw(seconds cpu)} ];
			push @{ $memory{$name} }, $answer->{memory};
		}
		push @medium, large_once($bench, 'ours', $data->medium_user, 'medium')->{memory};
		$bench->progress("migrate_large: round $round");
	}
	my %rest = (work => 'migrate, ' . thousands($data->rows_of('large')) . ' rows', unit => 's', ours => $seconds{ours});
	$report->add(%rest, against => $by_function, theirs => $seconds{a}, kind => 'faster', target => 3);
	$report->add(%rest, against => $floor, theirs => $seconds{c}, kind => 'time', target => 1);
	$report->add(%rest, against => 'COPY from files, no foreign keys', theirs => $seconds{copy}, kind => 'time');
	$report->add(work => 'its memory in the backend', unit => 'MB', ours => $memory{ours}, kind => 'more', theirs => \@medium,
		against => 'for ' . thousands($data->rows_of('medium')) . ' rows', target => 4);
	$report->note('Memory of the backend is the peak of RssAnon (without shared buffers) above that before the call, and may grow by work_mem; '
		. join ', ', map { "$_->[1] " . figure(median(@{ $memory{ $_->[0] } }), 'MB') } [ a => $by_function ], [ c => $floor ], [ copy => 'COPY' ]);
	return;
}

sub large_once
{
	my ($bench, $name, $user, $size) = @_;
	my $data = $bench->{data};
	my $schema = $name eq 'ours' ? 'v2' : 'base_v2';
	my $session;
	my $sql;

	$data->begin($data->ready, 1);
	$session = $bench->{cluster}->session($name eq 'c' || $name eq 'copy' ? $replica : undef);
	if ($name eq 'copy')
	{
		$sql = copy_from_files($bench, $user);
	}
	else
	{
		$sql = $name eq 'ours' ? "SELECT gray_migrate($user)" : "SELECT base.migrate($user)";
	}
	my $answer = $session->run_and_watch($sql);
	my $rows = $session->run("SELECT (SELECT count(*) FROM $schema.users WHERE id = $user) + (SELECT count(*) FROM $schema.orders WHERE user_id = $user)"
		. " + (SELECT count(*) FROM $schema.items i JOIN $schema.orders o ON o.id = i.order_id WHERE o.user_id = $user)");
	die "bench/engine: $name moved $rows rows\n" if $rows != $data->rows_of($size);
	return $answer;
}

# Writes the files, and returns the statements that read them.
sub copy_from_files
{
	my ($bench, $user) = @_;
	my $dir = $bench->{cluster}{dir};
	my %rows = (
		users => "SELECT * FROM base.users WHERE id = $user", orders => "SELECT * FROM base.orders WHERE user_id = $user",
		items => "SELECT i.* FROM base.items i JOIN base.orders o ON o.id = i.order_id WHERE o.user_id = $user",
	);
	my $session = $bench->{cluster}->session;

	$session->run("COPY ($rows{$_}) TO '$dir/$_.copy'") for keys %rows;
	return join '; ', map { "COPY base_v2.$_ FROM '$dir/$_.copy'" } qw(users orders items);
}

# Part migrate_rate: moves per second with one client and with two.
sub rate
{
	my ($bench) = @_;
	my ($data, $report) = @$bench{qw(data report)};
	my $count = $bench->{is_quick} ? 20 : 200;
	my (%pair, %rates, %scaling);

	$data->begin($data->ready, 1);
	for my $name (qw(ours c))
	{
		$pair{$name} = [ map { (sessions($bench->{cluster}, $name))[1] } 1 .. 2 ];
		rate_once($data, $name, Bench::Data::WARM_UP, @{ $pair{$name} });
	}
	for my $round (1 .. $bench->{rounds} // 7)
	{
		for my $turn (turns($round, [ ours => 1 ], [ c => 2 ], [ ours => 2 ], [ c => 1 ]))
		{
			my ($name, $clients) = @$turn;
			push @{ $rates{$name}[$clients] }, rate_once($data, $name, $count, @{ $pair{$name} }[ 0 .. $clients - 1 ]);
		}
	}
	for my $name (qw(ours c))
	{
		$scaling{$name} = [ map { $rates{$name}[2][$_] / $rates{$name}[1][$_] } 0 .. $#{ $rates{$name}[1] } ];
	}
	$report->add(work => 'moves per second, 1 client', unit => '/s', ours => $rates{ours}[1], kind => 'of', against => $floor, theirs => $rates{c}[1]);
	$report->add(work => 'moves per second, 2 clients', unit => '/s', ours => $rates{ours}[2], kind => 'of', against => $floor, theirs => $rates{c}[2]);
	$report->add(work => '2 clients over 1 client', unit => '×', ours => $scaling{ours}, kind => 'of', against => $floor, theirs => $scaling{c}, target => 0.95);
	return;
}

# Each session moves that many users, all at the same time.
sub rate_once
{
	my ($data, $name, $count, @sessions) = @_;

	$_->ask(command_for($name, $data->next_users($count))) for @sessions;
	my @answers = map { $_->answer } @sessions;
	my ($begin) = sort { $a <=> $b } map { $_->{begin} } @answers;
	my ($end) = sort { $b <=> $a } map { $_->{end} } @answers;
	return @sessions * $count / ($end - $begin);
}

sub thousands
{
	my ($number) = @_;

	1 while $number =~ s/^(\d+)(\d{3})/$1,$2/;
	return $number;
}

1;
