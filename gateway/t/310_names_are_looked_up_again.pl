# Names of servers and of the database's hosts: every address is used, of both families; they are
# looked up again, and nobody waits for that.  No database is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use Gray::Needed qw(built);
use IO::Select;
use IO::Socket::IP;
use Test::More;

my $preload = built(Gateway::binary() =~ s{[^/]*$}{test/names.so}r, 'make -C gateway tests');
my $directory = tempdir(CLEANUP => 1);

# As the user who runs the tests can't change /etc/hosts.
$ENV{GRAY_NAMES} = "$directory/names";

# The names from now on; a name that is not here is made up nowhere else either.
sub names
{
	my (%addresses) = @_;
	my $text = join '', map { "$_ $addresses{$_}\n" } sort keys %addresses;

	write_file("$directory/names.new", $text);
	rename "$directory/names.new", "$directory/names" or die "rename: $!";
	return;
}

sub gateway
{
	my (%settings) = @_;
	local $ENV{LD_PRELOAD} = $preload;
	local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '') . ':verify_asan_link_order=0';

	return Gateway->start(gray => '127.0.0.1:1', resolve_s => 0, connect_timeout_ms => 20000, %settings);
}

# Servers that say who they are, on one port of several addresses; returns the port.
sub servers
{
	my (%names) = @_;    # by address
	my ($first, @others) = sort keys %names;

	foreach my $attempt (1 .. 20)
	{
		my %listeners = ($first => listener($first, 0));
		my $port = $listeners{$first}->sockport;

		$listeners{$_} = listener($_, $port) foreach @others;
		next if grep { !$_ } values %listeners;
		backend($names{$_}, $listeners{$_}) foreach keys %names;
		return $port;
	}
	die "no port is free on @{[ keys %names ]}";
}

sub listener
{
	my ($address, $port) = @_;
	return IO::Socket::IP->new(LocalHost => $address, LocalPort => $port, Listen => 128, ReuseAddr => 1);
}

# Who answers so many requests.
sub all_who
{
	my ($gateway, $count) = @_;
	my %seen = map { $gateway->who => 1 } 1 .. $count;

	return join ' ', sort keys %seen;
}

sub until_who
{
	my ($gateway, $expected, $what) = @_;
	return is(until_true($what, sub { my $who = $gateway->who; $who eq $expected && $who }), $expected, $what);
}

subtest 'every address' => sub {
	my $port = servers('127.0.0.1' => 'one', '127.0.0.2' => 'two', '127.0.0.3' => 'three');

	names('app.test' => '127.0.0.1 127.0.0.2', 'other.test' => '127.0.0.3 127.0.0.3');
	my $gateway = gateway(production => "app.test:$port, other.test:$port");
	is(all_who($gateway, 6), 'one three two', 'all addresses of all names are used, in turn');
	is(join(' ', $gateway->get_status =~ /"side": "production", "address": "([^"]*)"/g),
		"app.test/127.0.0.1:$port app.test/127.0.0.2:$port other.test/127.0.0.3:$port", 'each of them once, as the status says');
	is($gateway->stop, 0, 'stops');
};

subtest 'both families' => sub {
	plan skip_all => 'this machine has no ::1' unless listener('::1', 0);
	my ($four, $six) = (servers('127.0.0.1' => 'four'), servers('::1' => 'six'));

	names('localhost' => '::1 127.0.0.1', 'tsohlacol' => '127.0.0.1 ::1');
	my $gateway = gateway(production => "localhost:$four");
	foreach my $case ([ localhost => $four, 'four' ], [ localhost => $six, 'six' ], [ tsohlacol => $six, 'six' ], [ tsohlacol => $four, 'four' ])
	{
		my ($name, $port, $by) = @$case;

		$gateway->change(production => "$name:$port");
		ok(until_true($by, sub { $gateway->who eq $by }), "$name, and only $by is there: it answers");
		is(all_who($gateway, 4), $by, 'each time');
		is($gateway->ask("POST /which HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")->{status}, 200, 'a POST, too');
	}
	is($gateway->stop, 0, 'stops');
};

subtest 'a reload' => sub {
	my $port = servers('127.0.0.1' => 'one', '127.0.0.2' => 'two', '127.0.0.3' => 'three');

	names('app.test' => '127.0.0.1 127.0.0.2');
	my $gateway = gateway(production => "app.test:$port");
	is(all_who($gateway, 4), 'one two', 'before');
	my @waiting = map { $gateway->connect } 1 .. 2;
	say($_, "GET /lazy$directory/go HTTP/1.1\r\nHost: h\r\n\r\n") foreach @waiting;
	$gateway->until_status('in_flight', 2);

	names('app.test' => '127.0.0.2 127.0.0.3');
	$gateway->reload;
	$gateway->logs(qr/info: name app\.test: 127\.0\.0\.2, 127\.0\.0\.3$/m, 'the log says where the name leads now');
	is(all_who($gateway, 4), 'three', 'one has gone, one has come, which is the least busy');
	write_file("$directory/go", '');
	is(join(' ', sort map { (split /\n/, answer($_)->{body})[-1] } @waiting), 'one two', 'what was in flight ends in peace');
	is(all_who($gateway, 4), 'three two', 'and the one that stayed goes on');

	names('app.test' => '127.0.0.3 127.0.0.2');
	my $said = () = $gateway->log =~ /info: name app/g;
	$gateway->change(production => "app.test:$port, other.test:$port");
	is(all_who($gateway, 4), 'three two', 'a name more, that nobody knows: the others go on');
	$gateway->logs(qr/warning: name other\.test: .*it has no address, and is looked up again/, 'the log says it');
	is(() = $gateway->log =~ /info: name app/g, $said, 'the same addresses in another order are nothing new');
	names('app.test' => '127.0.0.2', 'other.test' => '127.0.0.1');
	until_true('the other name', sub { all_who($gateway, 4) =~ /one/ });
	like(all_who($gateway, 6), qr/one/, 'when it is known, it is used, without a reload');
	is($gateway->stop, 0, 'stops');
	unlink "$directory/go";
};

# A server that stays keeps its connections.
subtest 'what stays is left alone' => sub {
	my $port = servers('127.0.0.1' => 'one', '127.0.0.2' => 'two');

	names('app.test' => '127.0.0.1');
	my $gateway = gateway(production => "app.test:$port");
	my $before = $gateway->get('/which')->{body};
	names('app.test' => '127.0.0.1 127.0.0.2');
	$gateway->reload;
	until_true('the second one', sub { all_who($gateway, 2) eq 'one two' });
	my ($pid) = $before =~ /(pid=\d+)/;
	like(join('', map { $gateway->get('/which')->{body} } 1 .. 2), qr/one $pid served=\d+/, 'a kept-alive connection goes on');
};

subtest 'by itself' => sub {
	my $port = servers('127.0.0.1' => 'one', '127.0.0.2' => 'two');

	names('app.test' => '127.0.0.1');
	my $gateway = gateway(production => "app.test:$port", resolve_s => 1, workers => 2);
	is(all_who($gateway, 4), 'one', 'before');
	names('app.test' => '127.0.0.2');
	ok(until_true('the other address', sub { all_who($gateway, 8) eq 'two' }), 'resolve_s later, in every worker');
	names('app.test' => '');
	$gateway->logs(qr/warning: name app\.test: .*; the addresses that it had stay in use/, 'a name that is gone: the log says it');
	is(all_who($gateway, 4), 'two', 'its addresses stay');
	$gateway->logs(qr/(\[\d+\] )(?=warning: name.*stay in use).*\g1debug: name[^\n]*stay in use/s, 'it is looked up once more');
	my %workers;
	$workers{$_}++ foreach $gateway->log =~ /\[(\d+)\] warning: name.*stay in use/g;
	is(join(' ', values %workers), join(' ', map { 1 } keys %workers), 'each worker has warned once');
	names('app.test' => '127.0.0.1');
	until_who($gateway, 'one', 'back again');
	is($gateway->stop, 0, 'stops');
};

subtest 'the start' => sub {
	my $port = servers('127.0.0.1' => 'one');

	names('app.test' => '');
	my $gateway = gateway(production => "app.test:$port, 127.0.0.1:$port", gray => "app.test:$port");
	$gateway->logs(qr/warning: name app\.test: .*; it has no address, and is looked up again/, 'a name that is not found: the log says it');
	is($gateway->who, 'one', 'other servers serve');
	is(() = $gateway->log =~ /no address/g, 1, 'once');
	{
		local $ENV{LD_PRELOAD} = $preload;
		local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '') . ':verify_asan_link_order=0';
		my ($code, $said) = Gateway::run('-t', '-c', $gateway->{file});
		is($code, 0, '-t takes the file');
		like($said, qr/warning: name app\.test: .*no address/, 'and says so, too');
	}
	is($gateway->stop, 0, 'stops');
	names('app.test' => '');
	$gateway = gateway(production => "app.test:$port");
	is($gateway->who, 502, 'no server at all: 502');
	names('app.test' => '127.0.0.1');
	until_who($gateway, 'one', 'until there is one');
	is($gateway->stop, 0, 'stops');

	foreach my $case ([ "10.0.0.300:$port", 'neither an address nor a name' ], [ "a b:$port", 'neither' ], [ "[app.test:1]:$port", 'neither' ])
	{
		my ($address, $problem) = @$case;
		my ($code, $said) = Gateway::check("$directory/bad.ini", $Gateway::GOOD =~ s/^production = .*/production = $address/mr);
		is($code, 1, "$address is refused");
		like($said, qr/:6: production: bad address .*$problem/, 'with file, line and key');
	}
};

# No answer comes from the name server, for as long as the test wants it.
subtest 'nobody waits for a name' => sub {
	my $port = servers('127.0.0.1' => 'one', '127.0.0.2' => 'two');

	names('app.test' => '127.0.0.1', 'slow.test' => "until=$directory/slow 127.0.0.2");
	my $gateway = gateway(production => "app.test:$port", workers => 1);
	$gateway->change(production => "slow.test:$port");
	is(all_who($gateway, 4), 'one', 'requests go to the server of before');
	my $busy = $gateway->connect;
	say($busy, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
	is(answer($busy)->{status}, 200, 'on a connection kept alive');
	$gateway->change(production => "slow.test:$port, app.test:$port");
	is(all_who($gateway, 4), 'one', 'also after another reload');
	write_file("$directory/slow", '');
	ok(until_true('the name', sub { all_who($gateway, 4) eq 'one two' }), 'when it is found, its server is used');
	unlink "$directory/slow";
	$gateway->reload;
	is(all_who($gateway, 4), 'one two', 'it is looked up again, and nobody waits');
	is($gateway->stop, 0, 'the gateway ends meanwhile');
	write_file("$directory/slow", '');
};

# Does somebody come to a port?  Nobody is ever answered, nor sent away.
my @callers;

sub called
{
	my ($listener) = @_;
	return unless IO::Select->new($listener)->can_read($Gray::Deadline::SECONDS);
	return push @callers, scalar $listener->accept;
}

subtest 'the database' => sub {
	my $one = listener('127.0.0.1', 0);
	my $two = listener('127.0.0.2', $one->sockport);
	my $port = $one->sockport;

	names('db.test' => '127.0.0.1', 'slow.test' => "until=$directory/never");
	my $gateway = gateway(production => '127.0.0.1:' . backend('one'), database => "host=db.test port=$port dbname=x connect_timeout=1",
		without_roster => 'refuse');
	ok(called($one), 'its name leads to it');
	$gateway->logs(qr{warning: database: db\.test/127\.0\.0\.1:$port did not answer in time; trying again}, 'it never answers, and is not waited for');
	names('db.test' => '127.0.0.2');
	ok(called($two), 'it has moved: that is found out without a reload');
	is($gateway->who, 'one', 'requests are answered meanwhile');

	is($gateway->stop, 0, 'stops');
	names('db.test' => "127.0.0.2 127.0.0.1", 'gone.test' => '');
	$gateway = gateway(production => '127.0.0.1:' . backend('one'),
		database => "host=gone.test,db.test port=$port dbname=x connect_timeout=1", without_roster => 'refuse');
	ok(called($two), 'of two hosts the first is not found: the second one is asked');
	called($one) while IO::Select->new($one)->can_read(0);
	ok(called($one), 'and every address of it, though the first never answers');
	$gateway->logs(qr/warning: database: name gone\.test has no address; .*did not answer in time/, 'the log names them all');
	is($gateway->stop, 0, 'stops');
};

done_testing();
