# The access log: a line for each request, whatever became of it.  No database
# is there.

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
use Gray::File qw(so_far write_file);
use JSON::PP;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $server = backend('v1');
my $dead = dead_port();
my $file = "$directory/access.log";

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(
		production => "127.0.0.1:$server", gray => "127.0.0.1:$server", access_log => $file, %settings);
}

# The one line that matches; waits for it.
sub line_like
{
	my ($pattern, $what, $name) = @_;
	my @lines;

	until_true("a line like $pattern", sub { @lines = grep { /$pattern/ } split /\n/, so_far($name // $file); @lines });
	is(scalar @lines, 1, $what) or diag(so_far($name // $file));
	return $lines[0] // '';
}

my $time = qr{\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]};
my $ms = qr{\d+\.\d{3}};

subtest 'combined' => sub {
	my $gateway = gateway();

	$gateway->get('/length/1000?a=b', 'Referer: http://from/', 'User-Agent: Test/1');
	line_like(qr{^127\.0\.0\.1 - - $time "GET /length/1000\?a=b HTTP/1\.1" 200 1000 "http://from/" "Test/1" release=v2 side=production server=127\.0\.0\.1:$server total_ms=$ms first_byte_ms=$ms retries=0 end=whole$},
		'a request');
	$gateway->get('/chunked/3/100');
	line_like(qr{"GET /chunked/3/100 HTTP/1\.1" 200 300 "-" "-" .* end=whole$}, 'bytes are counted without framing');
	$gateway->ask("HEAD /length/77 HTTP/1.1\r\nHost: h\r\n\r\n", 'HEAD');
	line_like(qr{"HEAD /length/77 HTTP/1\.1" 200 0 }, 'HEAD has none');
	$gateway->get('/status/404/0');
	line_like(qr{"GET /status/404/0 HTTP/1\.1" 404 0 }, 'the status is the server\'s');

	$gateway->ask("GET / HTTP/1.1\r\n\r\n");
	line_like(qr{^127\.0\.0\.1 - - $time "-" 400 0 "-" "-" release=v2 side=- server=- .*first_byte_ms=- retries=0 end=whole$},
		'refused before it was a request');
	$gateway->get('/gone');
	line_like(qr{"GET /gone HTTP/1\.1" 502 0 .* first_byte_ms=- }, 'a server without answer');
	$gateway->get('/half');
	line_like(qr{"GET /half HTTP/1\.1" 200 4 .* end=cut$}, 'an answer that broke off');

	my $client = $gateway->connect;
	say($client, "GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
	$gateway->until_status('in_flight', 1);
	reset_connection($client);
	line_like(qr{"GET /silent HTTP/1\.1" 499 0 .* end=cut$}, 'a client that went away');

	my $many = $gateway->connect;
	say($many, "GET /length/$_ HTTP/1.1\r\nHost: h\r\n\r\n") foreach 11 .. 15;
	answer($many) foreach 11 .. 15;
	line_like(qr{"GET /length/$_ HTTP/1\.1" 200 $_ }, "pipelined: $_") foreach 11 .. 15;
};

subtest 'hostile bytes' => sub {
	my $gateway = gateway();

	$gateway->get('/hostile', 'User-Agent: "\\ é' . "\t[x]");
	line_like(qr{"GET /hostile HTTP/1\.1" 200 \d+ "-" "\\x22\\x5c \\xc3\\xa9\\x09\[x\]" }, 'are escaped');
};

subtest 'json' => sub {
	my $gateway = gateway(access_log_format => 'json', production => "127.0.0.1:$dead, 127.0.0.1:$server");
	my $line;

	$gateway->get('/length/5', 'User-Agent: "\\é');
	$line = decode_json(line_like(qr/"GET \/length\/5 /, 'one line'));
	is($line->{status}, 200, 'status');
	is($line->{bytes}, 5, 'bytes');
	is($line->{user_agent}, "\"\\\x{c3}\x{a9}", 'bytes beyond ASCII by number');
	is($line->{referer}, undef, 'what is not there is null');
	is($line->{uid_hash}, undef, 'also the user');
	is($line->{side}, 'production', 'side');
	is($line->{server}, "127.0.0.1:$server", 'the server that answered, not the first one tried');
	like($line->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'time');
	cmp_ok($line->{total_ms}, '>=', $line->{first_byte_ms}, 'times');
	ok($line->{whole}, 'whole');
};

subtest 'reopened' => sub {
	foreach my $workers (1, 2)
	{
		my $path = "$directory/rotated$workers.log";
		my $gateway = gateway(access_log => $path, workers => $workers);

		$gateway->get('/length/1');
		line_like(qr{/length/1 }, 'written', $path);
		rename $path, "$path.1";
		kill 'HUP', $gateway->{pid};
		ok(until_true($path, sub { -e $path }), "SIGHUP opens it anew, workers = $workers");
		until_true('all processes', sub { (() = $gateway->log =~ /info: reloaded/g) == ($workers == 1 ? 1 : $workers + 1) });
		$gateway->get('/length/2') foreach 1 .. 4;
		until_true('four lines', sub { (() = so_far($path) =~ m{/length/2 }g) == 4 });
		is(() = so_far($path) =~ m{/length/2 }g, 4, 'and goes on there');
		is(() = so_far("$path.1") =~ m{/length/1 }g, 1, 'nothing of the old one is lost');
		is($gateway->stop, 0, 'stops');
	}
};

subtest 'at the end' => sub {
	my $path = "$directory/last.log";
	my $gateway = gateway(access_log => $path);

	$gateway->get('/length/9');
	is($gateway->stop, 0, 'stops');
	like(so_far($path), qr{/length/9 }, 'the last lines are written');
};

subtest 'configuration' => sub {
	my $ini = "$directory/bad.ini";
	my $good = $Gateway::GOOD;

	my ($code, $said) = Gateway::check($ini, "${good}access_log_format = common\n");
	is($code, 1, 'a bad format');
	like($said, qr/access_log_format: expected combined or json/, 'is said');
	write_file($ini, "${good}access_log = $directory/none/access.log\n");
	($code, $said) = Gateway::run('-c', $ini);
	is($code, 1, 'a file that cannot be opened');
	like($said, qr{error: access log \S+/none/access\.log: No such file}, 'is said at the start');
};

done_testing();
