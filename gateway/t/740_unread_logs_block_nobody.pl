# Logs that nobody reads: requests go on, and what is lost is counted and told.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Fcntl qw(F_GETFL O_NONBLOCK O_RDONLY);
use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use IO::Select;
use POSIX qw(mkfifo);
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $server = backend('v1');
my $dead = dead_port();

# One whose log can't be asked for its ports.
sub gateway
{
	my (%settings) = @_;
	my ($port, $admin) = (dead_port(), dead_port());
	my $gateway = Gateway->launch(
		listen => "127.0.0.1:$port", admin => "127.0.0.1:$admin", production => "127.0.0.1:$server", gray => "127.0.0.1:$server",
		log_level => 'info', %settings);

	@$gateway{qw(port admin)} = ($port, $admin);
	until_true("the gateway to listen", sub { eval { $gateway->connect($_) foreach $port, $admin; 1 } });
	return $gateway;
}

# The status of each of so many requests on one connection.
sub ask
{
	my ($gateway, $count, $path) = @_;
	my $client = $gateway->connect;
	my %status;

	foreach (1 .. $count / 50)
	{
		say($client, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n" x 50);
		$status{ answer($client)->{status} }++ foreach 1 .. 50;
	}
	return \%status;
}

# A pipe, and what comes out of it.
sub new_pipe
{
	pipe my $reader, my $writer or die "pipe: $!";
	return { socket => $reader, writer => $writer, buffer => '' };
}

sub read_until
{
	my ($pipe, $pattern) = @_;

	until_true("$pattern in " . length($pipe->{buffer}), sub {
			sysread $pipe->{socket}, $pipe->{buffer}, 1 << 20, length $pipe->{buffer} if IO::Select->new($pipe->{socket})->can_read(0.01);
			return $pipe->{buffer} =~ $pattern;
	});
	return;
}

# A request to it makes two lines of the log, of some 600 bytes together.
my @failing = (production => "127.0.0.1:$dead", eject_after => 0);
my $costly = '/' . '\\' x 250;
my $lines_each = 2;

foreach my $workers (1, 2)
{
	subtest "a log that is not read, workers = $workers" => sub {
		my $pipe = new_pipe();
		my $flags = fcntl $pipe->{writer}, F_GETFL, 0;
		my $gateway = gateway(@failing, stderr => $pipe->{writer}, workers => $workers);
		my $asked = 0;

		until_true('lines to be lost', sub {
				$asked += 500;
				is_deeply(ask($gateway, 500, $costly), { 502 => 500 }, "requests are answered: $asked");
				return $gateway->status('log_lost') > 0;
		});
		is(fcntl($pipe->{writer}, F_GETFL, 0), $flags, 'what it shares with others is as before');
		if ($workers == 1)
		{
			my $lost = $gateway->status('log_lost');
			read_until($pipe, qr/warning: (\d+) lines of the log were lost\n/);
			my ($before, $told, $after) = $pipe->{buffer} =~ /^(.*)^\S+ \[\d+\] warning: (\d+) lines of the log were lost\n(.*)/ms;
			is($told, $lost, 'when it can be written again it says how many lines were lost');
			is((() = $before =~ /^\S+ \[\d+\] warning: (?:client|server) /mg) + $told, $lines_each * $asked, 'just as many as are missing');
			like($before, qr/\n\z/, 'the others are whole');
			ask($gateway, 50, '/again');
			until_true('lines', sub { read_until($pipe, qr/./); (() = $pipe->{buffer} =~ m{502: .* "GET /again}g) == 50 });
			is($gateway->status('log_lost'), $lost, 'and goes on without further loss');
		}
		is($gateway->stop, 0, 'it ends as asked');
	};
}

subtest 'a log whose reader is gone' => sub {
	my $pipe = new_pipe();
	my $gateway = gateway(@failing, stderr => $pipe->{writer});

	close $pipe->{socket};
	close $pipe->{writer};
	is_deeply(ask($gateway, 100, $costly), { 502 => 100 }, 'requests are answered');
	is($gateway->stop, 0, 'it ends as asked');
};

subtest 'an access log that is not read' => sub {
	my $pipe = new_pipe();
	my $gateway = gateway(access_log => '-', stdout => $pipe->{writer});
	my $asked = 0;

	until_true('lines to be lost', sub {
			$asked += 50;
			is_deeply(ask($gateway, 50, '/which?' . 'q' x 8000), { 200 => 50 }, "requests are answered: $asked");
			return $gateway->status('access_log_lost') > 0;
	});
	like($gateway->log, qr/error: access log -: lines are lost: nobody reads them\n/, 'the log says so');
	my $lost = $gateway->status('access_log_lost');
	until_true('all to be read', sub {
			sysread $pipe->{socket}, $pipe->{buffer}, 1 << 20, length $pipe->{buffer} if IO::Select->new($pipe->{socket})->can_read(0.01);
			return $gateway->log =~ /access log -: \d+ lines were lost/;
	});
	like($gateway->log, qr/warning: access log -: $lost lines were lost\n/, 'and how many, when it can be written again');
	is((() = $pipe->{buffer} =~ /^127\.0\.0\.1 - - \[[^]]+\] "GET [^"]{8000,}" 200 .* end=whole\n/mg) + $lost, $asked, 'the others are there');
	is($gateway->stop, 0, 'it ends as asked');
};

subtest 'a FIFO as access log' => sub {
	my $fifo = "$directory/fifo";
	my $open = sub { sysopen my $reader, $fifo, O_RDONLY | O_NONBLOCK or die "$fifo: $!"; return { socket => $reader, buffer => '' } };

	mkfifo($fifo, 0600) or die "mkfifo: $!";
	my $gateway = gateway(access_log => $fifo);
	is_deeply(ask($gateway, 50, '/which?one'), { 200 => 50 }, 'nobody reads');
	my $reader = $open->();
	ok(until_true('fifty lines', sub { read_until($reader, qr/one/); (() = $reader->{buffer} =~ /which\?one/g) == 50 }),
		'a reader comes, and gets what there was');
	close $reader->{socket};
	is_deeply(ask($gateway, 50, '/which?two'), { 200 => 50 }, 'it goes');
	kill 'HUP', $gateway->{pid};
	$gateway->until_logged(qr/info: reloaded/);
	is_deeply(ask($gateway, 50, '/which?three'), { 200 => 50 }, 'the FIFO is opened anew');
	$reader = $open->();
	until_true('a hundred lines', sub { read_until($reader, qr/two/); (() = $reader->{buffer} =~ /which\?(?:two|three)/g) == 100 });
	is($gateway->status('access_log_lost'), 0, 'the next reader gets the rest: nothing is lost');
	is($gateway->stop, 0, 'it ends as asked');
};

subtest 'a device that takes nothing' => sub {
	plan skip_all => 'this machine has no /dev/full' unless -c '/dev/full';
	my $gateway = gateway(access_log => '/dev/full');

	is_deeply(ask($gateway, 200, '/which'), { 200 => 200 }, 'requests are answered');
	$gateway->until_logged(qr{error: access log /dev/full: No space left on device});
	is($gateway->stop, 0, 'it ends as asked');
	is((() = $gateway->log =~ /No space left/g), 1, 'that is said once');
	like($gateway->log, qr{warning: access log /dev/full: 200 lines were lost}, 'and how much is lost');
};

# The slave of a new terminal that nobody looks at; undef where there is none.
sub terminal
{
	my $number = pack 'i', 0;

	open my $master, '+<', '/dev/ptmx' or return;
	ioctl $master, 0x40045431, $number or return;    # TIOCSPTLCK
	ioctl $master, 0x80045430, $number or return;    # TIOCGPTN
	open my $slave, '+<', '/dev/pts/' . unpack('i', $number) or return;
	return ($master, $slave);
}

subtest 'a terminal that stands still' => sub {
	my ($master, $slave) = terminal() or plan skip_all => 'this machine gives no terminal';
	my $flags = fcntl $slave, F_GETFL, 0;
	my $gateway = gateway(@failing, stderr => $slave);

	is_deeply(ask($gateway, 300, $costly), { 502 => 300 }, 'requests are answered');
	is(fcntl($slave, F_GETFL, 0), $flags, 'and the terminal is as before');
	is($gateway->stop, 0, 'it ends as asked');
};

done_testing();
