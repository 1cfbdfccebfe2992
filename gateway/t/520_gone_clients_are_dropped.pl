# Who is gone is gone: the requests of clients that have left are not held, not sent on and not
# waited for; those of clients that only send no more are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Tls qw(authority certificate tls_connect say_end);
use Gray::File qw(slurp);
use Gray::Server;
use IO::Socket::UNIX;
use Test::More;

my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
my $database = Gray::Server->new('gone');
my $path = "$Gateway::Tls::DIRECTORY/socket";
my $gateway;

authority('ca');
certificate('one', 'ca', 'IP:127.0.0.1');
$database->create_shop;
$database->value('SELECT gray_open()');

sub restarted
{
	my (%settings) = @_;

	is($gateway->stop, 0, 'stops') if $gateway;
	$gateway = started(
		idle_servers => 0, stop_timeout_ms => 0, drain_timeout_ms => 600000, listen => "127.0.0.1:0, tls:127.0.0.1:0, unix:$path",
		tls_certificate => "$Gateway::Tls::DIRECTORY/one.pem", tls_key => "$Gateway::Tls::DIRECTORY/one.key",
		database => $database->conninfo, %settings);
	$gateway->{access_log} = $settings{access_log};
	ok($gateway->until_status('open', 'true'), 'the gateway knows the release');
	return;
}

# The gateway has read that this user is to be moved.
sub due
{
	my ($uid) = @_;

	$database->value("SELECT gray_add_user($uid)");
	return $gateway->until_read($database);
}

# The same, and a writer that the move has to wait for.
sub due_later
{
	my ($uid) = @_;
	my $writer = $database->writer($uid);

	due($uid);
	return $writer;
}

sub post
{
	my ($uid, $length) = @_;
	return "POST /x HTTP/1.1\r\nHost: h\r\nX-User-Id: $uid\r\nContent-Length: $length\r\n\r\n";
}

sub say_on
{
	my ($bytes, $tls) = @_;
	my @ports = $gateway->log =~ /listening on \S+:(\d+)/g;
	my $client = $gateway->connect($ports[ $tls ? 1 : 0 ]);

	tls_connect($client) if $tls;
	say($client, $bytes);
	return $client;
}

my %leaves = (
	'closes' => \&close_at_once,
	'resets' => \&reset_connection,
	'shuts and closes' => sub { shutdown $_[0]{socket}, 1; close $_[0]{socket} },
	'ends TLS' => sub { say_end($_[0]); close_at_once($_[0]) },
	'closes under TLS' => \&close_at_once,
);

subtest 'held' => sub {
	restarted(access_log => "$Gateway::Tls::DIRECTORY/access.log");
	my $writer = due_later(7);
	my $half = say_on(post(7, 3) . 'abc');
	my @all = map { my $how = $_; map { [ $how, say_on(post(7, 3) . 'abc', $how =~ /TLS/) ] } 1 .. 2 } sort keys %leaves;
	# More than is read while a request is held, and than there is room for on the way.
	my @large = map { say_on(post(7, 90 << 20)) } 1 .. 2;

	fill($_, 'b' x 1_000_000, 80 << 20) foreach @large;
	shutdown $half->{socket}, 1;
	$gateway->shows('held', 13);
	$leaves{ $_->[0] }->($_->[1]) foreach @all;
	$gateway->shows('held', 3);
	is($gateway->status('clients_gone'), 10, 'clients that leave while they are held are gone');
	close $large[0]{socket};
	reset_connection($large[1]);
	$gateway->shows('held', 1);
	is($gateway->status('clients_gone'), 12, 'also those whose bodies are not read meanwhile');
	is(answer($half)->{status}, 100, 'who sends no more is asked');
	$writer->run('COMMIT');
	is(side_asked($half), 'gray', 'and served after the move');
	$gateway->shows('connections', 0);
	is($gateway->stop, 0, 'stops');
	my @lines = split /\n/, slurp($gateway->{access_log});
	is(scalar(grep { / 499 .* server=- / } @lines), 12, 'none of the others came to a server');
	is(scalar(grep { / 200 .* server=127/ } @lines), 1, 'but this one');
};

subtest 'waiting for an answer' => sub {
	restarted();
	foreach my $how (sort keys %leaves)
	{
		my $client = say_on("GET /x HTTP/1.1\r\nHost: h\r\nX-User-Id: 8\r\n\r\n", $how =~ /TLS/);
		my $server = accepted();
		head_on($server);
		$leaves{$how}->($client);
		is(end_of($server), 'closed', "a client $how: the server is told");
	}
	$gateway->shows('in_flight', 0);
	due(8);
	is(side_asked(say_on(post(8, 0))), 'gray', 'a move waits for none of them');

	my $client = say_on(post(8, 90 << 20));
	my $server = accepted();
	head_on($server);
	fill($client, 'b' x 1_000_000, 80 << 20);
	reset_connection($client);
	$gateway->shows('in_flight', 0);
	isnt(end_of($server), 'open', 'nor does a server that does not read wait for a client that is gone');
};

subtest 'who sends no more' => sub {
	foreach my $version ('1.0', '1.1')
	{
		my $client = say_on("GET /x HTTP/$version\r\nHost: h\r\n\r\n");
		my $server = accepted();

		head_on($server);
		shutdown $client->{socket}, 1;
		is(answer($client)->{status}, 100, "HTTP/$version: is asked whether it is there") if $version eq '1.1';
		say($server, $ok);
		is(answer($client)->{body}, 'ok', "HTTP/$version: gets its answer");
		is(end_of($client), 'closed', "HTTP/$version: and the end");
	}
	is($gateway->status('clients_gone'), 6, 'is not gone');
};

subtest 'by a path' => sub {
	foreach my $version ('1.0', '1.1')
	{
		foreach my $leaves (1, 0)
		{
			my $client = { socket => IO::Socket::UNIX->new($path), buffer => '' };
			say($client, "GET /x HTTP/$version\r\nHost: h\r\n\r\n");
			my $server = accepted();
			head_on($server);
			$leaves ? close($client->{socket}) : shutdown($client->{socket}, 1);
			is(end_of($server), 'closed', "HTTP/$version: who closes is gone, and need not be asked") if $leaves;
			next if $leaves;
			say($server, $ok);
			is(final_answer($client)->{body}, 'ok', "HTTP/$version: who sends no more is not");
		}
	}
};

subtest 'half_close = off' => sub {
	restarted(half_close => 'off');
	my ($client, $server) = begun("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
	shutdown $client->{socket}, 1;
	is(end_of($server), 'closed', 'who ends its side is gone');
	is(end_of($client), 'closed', 'and not answered');
	is($gateway->status('clients_gone'), 1, 'which is counted');

	($client, $server) = begun("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
	say($server, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
	is(head_on($client) =~ m{^HTTP/1\.1 200 }, 1, 'an answer begins');
	shutdown $client->{socket}, 1;
	is(end_of($server), 'closed', 'also in the middle of an answer');

	($client, $server) = begun("GET /x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
	say($server, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
	head_on($client);
	shutdown $client->{socket}, 1;
	is(end_of($server), 'closed', 'a tunnel passes an end on');
	say($server, 'still');
	is(bytes_on($client, 5), 'still', 'and goes on the other way');
};

is($gateway->stop, 0, 'the gateway stops');
done_testing();
