# Several gateways: none answers from where a user's data is no more, whether it hears of the move at
# once, is cut off from the database, or stands still; and none refuses while it is in touch.
#
# GRAY_SEED plays a random round again, GRAY_ROUNDS says how many there are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gray::Deadline qw(until_true);
use Gray::File qw(so_far);
use Gray::Server;
use List::Util qw(shuffle);
use POSIX qw(_exit);
use Test::More;
use Time::HiRes qw(sleep time);

my %servers = (production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'));
my $server = Gray::Server->new('leases');
my $dir = tempdir(CLEANUP => 1);

$server->create_shop;
$server->value(q{CREATE ROLE gateway_a LOGIN; CREATE ROLE gateway_b LOGIN; CREATE ROLE gateway_c LOGIN;
	SELECT gray_grant(r, 'gateway') FROM unnest('{gateway_a,gateway_b,gateway_c}'::name[]) r; SELECT gray_open()});

my $a = started('gateway_a', stale_after_ms => 1000);
my $b = started('gateway_b', stale_after_ms => 1000);

sub started
{
	my ($role, %settings) = @_;
	my $one = Gateway->start(%servers, database => $server->conninfo . " user=$role", %settings);

	ok($one->until_status('has_lease', 'true'), "$role has a lease");
	return $one;
}

# Somebody who asks a gateway for the user again and again, until told to stop.
sub reader
{
	my ($one, $uid) = @_;
	my $path = "$dir/reader." . ++our $readers;
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		open my $out, '>', $path or _exit(1);
		$out->autoflush;
		until (-e "$path.stop")
		{
			my $began = time;
			printf $out "%.6f %s\n", $began, $one->who($uid);
			sleep 0.005;    # others want to run, too
		}
		_exit(0);
	}
	until_true('the first answer', sub { -s $path });
	return { pid => $pid, path => $path };
}

# What was answered: [when it was asked, by whom].
sub answers
{
	my ($reader) = @_;

	open my $stop, '>', "$reader->{path}.stop" or die $!;
	close $stop;
	waitpid $reader->{pid}, 0;
	open my $in, '<', $reader->{path} or die $!;
	return map { [split] } <$in>;
}

# How long it takes until a gateway is answered by a side, and when that was.
sub until_by
{
	my ($one, $uid, $side) = @_;
	my $begun = time;

	ok(until_true("user $uid by $side", sub { $one->who($uid) eq $side }), "user $uid by $side");
	return ($begun, time);
}

# Has a user moved by one gateway while somebody reads by others; $harm is done before, $mend after.
# Returns how many readers were refused.
sub turn
{
	my ($uid, $verb, $mover, $others, $what, $harm, $mend) = @_;
	my ($new, $old) = $verb eq 'add' ? qw(v2 v1) : qw(v1 v2);
	my @readers = map { reader($_, $uid) } @$others;

	$harm->();
	$server->value("SELECT gray_${verb}_user($uid)");
	my ($begun, $moved) = until_by($mover, $uid, $new);
	my $most = $moved + 0.3;
	until_true('some more answers', sub { time > $most });
	$mend->();
	foreach my $one (@$others)
	{
		until_true('another one to know', sub { $one->who($uid) eq $new });
	}
	foreach my $reader (@readers)
	{
		until_true('its reader to know', sub { so_far($reader->{path}) =~ / $new\n\z/ });
	}
	my @answers = map { answers($_) } @readers;
	my @late = grep { $_->[0] > $moved && $_->[1] eq $old } @answers;
	is(scalar @late, 0, "$what, $verb: nobody has read what had moved");
	diag(sprintf 'asked %.3f s after the move', $_->[0] - $moved) foreach @late;
	is((grep { $_->[1] eq $new } @answers) > 0, 1, "$what, $verb: at last all answer from there");
	note(sprintf '%s, %s: %.3f s, %d answers', $what, $verb, $moved - $begun, scalar @answers);
	return scalar grep { $_->[1] !~ /^v/ } @answers;
}

sub moves
{
	my ($uid, @how) = @_;
	my $refused = 0;

	$refused += turn($uid, $_, $a, [$b], @how) foreach qw(add remove);
	return $refused;
}

subtest 'in touch' => sub {
	is(moves($_, 'in touch', sub { }, sub { }), 0, 'nobody was refused') foreach 1 .. 4;
	is($a->status('gateways'), 2, 'each knows how many there are');
	is($server->value('SELECT count(*) FROM gray.gateways WHERE has_lease'), 2, 'and so does the database');
	is($server->value('SELECT count(*) FROM gray.announcement'), 0, 'nothing is announced any more');
};

subtest 'cut off' => sub {
	moves(5, 'cut off', sub { $server->cut_off('gateway_b') }, sub { $server->let_in('gateway_b') });
	$b->logs(qr/warning: database: .*trying again/, 'it was');
};

subtest 'standing still' => sub {
	moves(6, 'standing still', sub { kill 'STOP', $b->{pid} }, sub { kill 'CONT', $b->{pid} });
};

# What is done to a gateway, and undone: by its role, and itself.
my @harms = (
	[ 'nothing', sub { }, sub { } ],
	[ 'cut off', sub { $server->cut_off($_[0]) }, sub { $server->let_in($_[0]) } ],
	[ 'interrupted', sub { $server->interrupt($_[0]) }, sub { } ],
	[ 'standing still', sub { kill 'STOP', $_[1]{pid} }, sub { kill 'CONT', $_[1]{pid} } ]);

subtest 'at random' => sub {
	my $seed = srand($ENV{GRAY_SEED} // time);
	my @gateways = ([ gateway_a => $a ], [ gateway_b => $b ], [ gateway_c => started('gateway_c', stale_after_ms => 1000, workers => 2) ]);
	my %in_gray;

	diag("GRAY_SEED=$seed");
	foreach my $round (1 .. ($ENV{GRAY_ROUNDS} // 3))
	{
		my $uid = 20 + int rand 5;
		my ($mover, @others) = shuffle(@gateways);
		my ($what, $harm, $mend) = @{ $harms[ rand @harms ] };

		turn($uid, $in_gray{$uid} ? 'remove' : 'add', $mover->[1], [ map { $_->[1] } @others ],
			"$round: $others[0][0] $what", sub { $harm->(@{ $others[0] }) }, sub { $mend->(@{ $others[0] }) });
		$in_gray{$uid} = !$in_gray{$uid};
	}
	$server->value('SELECT gray_remove_user(u) FROM generate_series(20, 24) u');
	foreach my $uid (20 .. 24)
	{
		until_by($a, $uid, 'v1');
	}
	ok(until_true('it to be ready', sub { $gateways[2][1]->admin('/readyz')->{status} == 200 }), 'all are in touch again');
	is($gateways[2][1]->stop, 0, 'one stops');
};

# Whoever is cut off says so; users may have been moved, all but those of a release at rest.
subtest 'refused' => sub {
	$server->cut_off('gateway_b');
	ok($b->until_status('has_lease', 'false'), 'the lease is over');
	my $begun = time;
	my $answer = $b->get('/which', 'X-User-Id: 7');
	my $held = time - $begun;
	is($answer->{status}, 503, 'held, and then refused');
	like($answer->{head}, qr/^Retry-After: 1\r$/m, 'with Retry-After');
	$begun = time;
	is($b->who(8), 503, 'others are refused');
	cmp_ok(time - $begun, '<', $held, 'without that');
	is($b->get('/which')->{status}, 200, 'a request without a user goes on');
	is($b->status('held'), 0, 'nobody is held');
	like($b->log, qr/503: the database is out of reach, and the user may have been moved/, 'the log says why');
	$server->let_in('gateway_b');
	is(until_true('user 7', sub { $b->who(7) eq 'v1' && 'v1' }), 'v1', 'back in touch');

	$server->value('SELECT gray_close()');
	ok($b->until_status('open', 'false'), 'a release at rest');
	$server->cut_off('gateway_b');
	ok($b->until_status('has_lease', 'false'), 'again without a lease');
	is($b->who(7), 'v1', 'nobody is moved: production');
	$server->value(q{UPDATE gray.gateway SET lease_until = now() - interval '1 s' WHERE label LIKE '%pid ' || } . $b->{pid});
	$server->{node}->psql('postgres', 'SELECT gray_open()', stderr => \my $warning);
	like($warning, qr/WARNING:  gateway ".* pid $b->{pid}" of release "v2" has not been heard of since/, 'who opens it is warned');
	$server->let_in('gateway_b');
	ok($b->until_status('has_lease', 'true'), 'and back');
};

subtest 'no announcements' => sub {
	my $c = started('gateway_c', move_after => 'at once');

	$server->value('SELECT gray_add_user(9)');
	is(until_true('user 9', sub { $c->who(9) eq 'v2' && 'v2' }), 'v2', 'at once: moved without waiting');
	# One that is just asking the database leaves it there, until it is over.
	my $leaves = sub {
		is($c->stop, 0, 'stops');
		return $server->value("SELECT count(*) FROM gray.gateway WHERE label LIKE '%pid $c->{pid}'");
	};
	ok(until_true('one to stop that asks nothing', sub { $leaves->() eq '0' || !($c = started('gateway_c')) }), 'a gateway that stops takes its lease along');

	$server->value(q{REVOKE EXECUTE ON FUNCTION gray_renew(uuid, pg_snapshot, integer, text, name) FROM gateway_c});
	$c = started('gateway_c');
	like($c->log, qr/no leases and no announcements: permission denied for function gray_renew; .*SELECT gray_grant\('gateway_c', 'gateway'\);/,
		'without the right to: the log says what to type');
	$server->value('SELECT gray_add_user(10)');
	is(until_true('user 10', sub { $c->who(10) eq 'v2' && 'v2' }), 'v2', 'users are moved all the same');
	$server->cut_off('gateway_c');
	ok($c->until_status('has_lease', 'false'), 'and the end of the connection is that of the lease');
	is($c->stop, 0, 'stops');
};

is($a->stop, 0, 'stops');
is($b->stop, 0, 'stops');
done_testing();
