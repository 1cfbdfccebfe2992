# Large bodies that went to the wrong side: they are kept in a file and sent again; where that
# cannot be, the client is told to come again.  No client sees a 421 that it could do without.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use File::Temp qw(tempdir);
use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;

my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
my $no = "HTTP/1.1 421 Misdirected\r\nContent-Length: 2\r\n\r\nno";
my $database = Gray::Server->new('spool');
my $directory = tempdir(CLEANUP => 1);
my $uid = 10;
my $gateway;
my $noise = join '', map { pack 'N', $_ * 2654435761 % 4294967296 } 1 .. 24_999;

$database->create_shop;
$database->value('SELECT gray_open()');

sub restarted
{
	my (%settings) = @_;

	is($gateway->stop, 0, 'stops') if $gateway;
	$gateway = started(idle_servers => 0, stop_timeout_ms => 0, database => $database->conninfo, spool_dir => $directory, %settings);
	ok($gateway->until_status('open', 'true'), 'the gateway knows the release');
	return;
}

# Nobody but this test's own servers knows which side is right.
sub move_by_hand
{
	return $database->value("SELECT gray_add_user($uid), gray_migrate($uid)");
}

sub body
{
	my ($length) = @_;
	return substr($noise x ($length / length($noise) + 1), 0, $length);
}

# The next user's upload: its client, the server it came to, and the process that sends.
sub upload
{
	my ($body, $chunked) = @_;
	my $client = $gateway->connect;

	$uid++;
	say($client, "POST /x HTTP/1.1\r\nHost: h\r\nX-User-Id: $uid\r\n"
		  . ($chunked ? "Transfer-Encoding: chunked\r\n\r\n" : 'Content-Length: ' . length($body) . "\r\n\r\n"));
	my $sender = say_aside($client, $chunked ? join('', map { chunk($_) } $body =~ /(.{1,50000})/gs) . "0\r\n\r\n" : $body);
	my $server = accepted();
	$server->{head} = head_on($server);
	return ($client, $server, $sender);
}

sub body_on
{
	my ($server) = @_;

	return chunks_on($server) if $server->{head} =~ /^Transfer-Encoding: chunked/mi;
	return bytes_on($server, $server->{head} =~ /^Content-Length: (\d+)/mi);
}

sub again
{
	my $server = accepted();

	$server->{head} = head_on($server);
	return $server;
}

subtest 'sent again' => sub {
	restarted();
	foreach my $case ([ 1000 ], [ 65536 ], [ 65537 ], [ 1_000_000 ], [ 1_000_000, 'chunked' ])
	{
		my ($length, $chunked) = @$case;
		my $name = $chunked // $length;
		my $body = body($length);
		my ($client, $server, $sender) = upload($body, $chunked);

		is(md5_hex(body_on($server)), md5_hex($body), "$name: came to production");
		waitpid $sender, 0;
		cmp_ok($gateway->status('spooled_bytes'), $length > 65536 ? '>' : '==', $length > 65536 ? 65536 : 0, "$name: kept where it should be");
		move_by_hand();
		say($server, $no);
		my $other = again();
		like($other->{head}, qr/^X-Gray-Side: gray\r/m, "$name: comes to gray");
		is(md5_hex(body_on($other)), md5_hex($body), "$name: whole");
		say($other, $ok);
		is(answer($client)->{body}, 'ok', "$name: and is answered");
		ok($gateway->until_status('spooled_bytes', '0'), "$name: then it is kept no longer");
	}
	is($gateway->status('replays'), 5, 'each was sent again once');
	is("@{[ glob qq($directory/*) ]}", '', 'and no file has been left');
};

subtest 'in the middle' => sub {
	my $body = body(3_000_000);
	my ($client, $server, $sender) = upload($body);

	bytes_on($server, 700_000);
	move_by_hand();
	say($server, $no);
	my $other = again();
	my $before = $gateway->memory;
	my $first = bytes_on($other, 100_000);
	# An answer before the body is there: the rest of what was kept still comes before what was not.
	say($other, $ok);
	is(answer($client)->{body}, 'ok', 'an answer goes on at once');
	is(md5_hex($first . bytes_on($other, 2_900_000)), md5_hex($body), 'and the body comes on behind what was kept');
	close $other->{socket};
	waitpid $sender, 0;

	$body = body(8_000_000);
	($client, $server, $sender) = upload($body);
	bytes_on($server, 5_000_000);
	move_by_hand();
	say($server, $no);
	$other = again();
	ok(until_true('the gateway to wait', sub { $gateway->status('spooled_bytes') >= 5_000_000 }), 'what came is kept');
	$gateway->keeps_little($before, 4096, 'not in memory, while the other side does not read');
	is(md5_hex(body_on($other)), md5_hex($body), 'both halves come, in order');
	say($other, $ok);
	is(answer($client)->{body}, 'ok', 'and are answered');
	waitpid $sender, 0;
};

sub told_to_come_again
{
	my ($client, $name) = @_;
	my $answer = answer($client);

	is($answer->{status}, 503, "$name: 503");
	return like($answer->{head}, qr/^Retry-After: \d+\r/m, "$name: to be tried again");
}

subtest 'too large' => sub {
	restarted(replay_spool_bytes => 200_000, hold_timeout_ms => 1500);
	foreach my $chunked (undef, 'chunked')
	{
		my $body = body(400_000);
		my ($client, $server, $sender) = upload($body, $chunked);
		my $name = $chunked // 'of known length';

		is(length body_on($server), 400_000, "$name: came to production");
		is($gateway->status('spooled_bytes'), 0, "$name: not kept");
		move_by_hand();
		say($server, $no);
		told_to_come_again($client, $name);
		waitpid $sender, 0;
		$client = $gateway->connect;
		say($client, "GET /x HTTP/1.1\r\nHost: h\r\nX-User-Id: $uid\r\n\r\n");
		my $other = again();
		like($other->{head}, qr/^X-Gray-Side: gray\r/m, "$name: the next request goes the right way");
		say($other, $ok);
		is(answer($client)->{body}, 'ok', "$name: at once");
	}

	my ($client, $server, $sender) = upload(body(1000));
	my $writer = $database->writer($uid);
	body_on($server);
	$database->value("SELECT gray_add_user($uid)");
	say($server, $no);
	told_to_come_again($client, 'a move that takes too long');
	$writer->run('ROLLBACK');
};

subtest 'a 421 of the application' => sub {
	restarted(replay_spool_bytes => 200_000);
	foreach my $case ([ 1000, 2 ], [ 400_000, 1 ])
	{
		my ($length, $times) = @$case;
		my ($client, $server, $sender) = upload(body($length));

		body_on($server);
		say($server, $no);
		foreach (2 .. $times)
		{
			$server = again();
			is(length body_on($server), $length, "$length: asked again, whether that was for the move of a moment");
			say($server, $no);
		}
		is(answer($client)->{body}, 'no', "$length: is passed on, where the gateway has no better answer");
		waitpid $sender, 0;
	}
};

subtest 'there and home again meanwhile' => sub {
	my ($client, $server, $sender) = upload(body(100_000));

	body_on($server);
	move_by_hand();
	$database->value("SELECT gray_remove_user($uid), gray_migrate_back($uid)");
	$gateway->until_read($database);
	say($server, $no);
	$server = again();
	like($server->{head}, qr/^X-Gray-Side: production\r/m, 'it is sent again where it came from');
	is(length body_on($server), 100_000, 'whole');
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and answered');
	waitpid $sender, 0;
};

subtest 'who cannot be moved' => sub {
	$database->value('SELECT gray_close()');
	ok($gateway->until_status('open', 'false'), 'closed');
	my ($client, $server, $sender) = upload(body(150_000));
	is(length body_on($server), 150_000, 'an upload');
	is($gateway->status('spooled_bytes'), 0, 'is not kept');
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and answered');
	waitpid $sender, 0;
	$database->value('SELECT gray_open()');
};

subtest 'nowhere to keep it' => sub {
	restarted(spool_dir => '/nonexistent');
	like($gateway->log, qr{warning: \S+ spool_dir: no file can be made there: No such file}, 'is told at the start');
	foreach (1 .. 2)
	{
		my ($client, $server, $sender) = upload(body(100_000));

		is(length body_on($server), 100_000, 'an upload goes on all the same');
		move_by_hand();
		say($server, $no);
		told_to_come_again($client, 'but cannot go again');
		waitpid $sender, 0;
	}
	is(scalar(() = $gateway->log =~ /are not kept in/g), 1, 'the log says that once');
};

subtest 'nobody to ask' => sub {
	my ($client, $server, $sender) = upload(body(1000));

	body_on($server);
	$database->{node}->stop('immediate');
	ok($gateway->until_status('database_connected', 'false'), 'the database is away');
	say($server, $no);
	told_to_come_again($client, 'a 421');
};

is($gateway->stop, 0, 'the gateway stops');
done_testing();
