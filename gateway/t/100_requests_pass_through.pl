# The gateway as an HTTP proxy, on raw sockets; no database is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

my $v1 = backend('v1');
my $v2 = backend('v2');
my $gateway = Gateway->start(
	production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", max_header_bytes => 4096);

# A head that goes on and on.
sub Gateway::Backend::answer_drips
{
	my ($request) = @_;

	say($request, "HTTP/1.1 200 OK\r\nX: ");
	select undef, undef, undef, 0.05 while say($request, 'x');
	return 0;
}

# So many interim answers before the one that counts.
sub Gateway::Backend::answer_interims
{
	my ($request) = @_;

	say($request, "HTTP/1.1 102 Processing\r\n\r\n" x $request->{arguments}[0]);
	return Gateway::Backend::answer_which($request);
}

subtest 'configuration' => sub {
	my $file = "$gateway->{directory}/bad.ini";
	my $good = $Gateway::GOOD;
	my @cases = (
		[ 'unknown key', "${good}lissen = x\n", qr/bad\.ini:8: lissen: unknown key/ ],
		[ 'bad address', "${good}admin = nowhere\n", qr/bad\.ini:8: admin: bad address "nowhere"/ ],
		[ 'bad port', "${good}admin = 1.2.3.4:99999\n", qr/bad\.ini:8: admin: .*port/ ],
		[ 'bad number', "${good}workers = many\n", qr/bad\.ini:8: workers: expected a number/ ],
		[ 'twice', "${good}uid = header:Y\n", qr/bad\.ini:8: uid: is given twice/ ],
		[ 'no section', "listen = 127.0.0.1:0\n", qr/bad\.ini:1: listen: is not in section/ ],
		[ 'jwt', $good =~ s/header:X/jwt:sub/r, qr/bad\.ini: jwt_algorithm: is missing/ ],
		[ 'missing', $good =~ s/^gray.*\n//mr, qr/bad\.ini: gray: is missing/ ],
		[ 'rubbish', "${good}what is this\n", qr/bad\.ini:8: / ],
	);

	foreach my $case (@cases)
	{
		write_file($file, $case->[1]);
		my ($code, $said) = Gateway::run('-c', $file);
		is($code, 1, "$case->[0]: exit code");
		like($said, $case->[2], "$case->[0]: message");
	}
	is((Gateway::check($file, $good))[0], 0, 'a good file passes -t');
	is((Gateway::run('-c', "$file.none"))[0], 1, 'a missing file');
};

subtest 'without database' => sub {
	my $answer = $gateway->get('/which');
	is($answer->{status}, 200, 'no uid');
	like($answer->{body}, qr/^v1 /, 'goes to production');
	$answer = $gateway->get('/which', 'X-User-Id: 42');
	is($answer->{status}, 503, 'a uid before the roster is loaded');
	like($answer->{head}, qr/^Retry-After: \d/m, 'may be tried again');
	is($gateway->status('roster_loaded'), 'false', '/status says so');
	$gateway->logs(qr/warning: database: .*trying again/, 'and the log');
};

subtest 'heads' => sub {
	my $head = $gateway->get('/echo?a=b', 'X-Forwarded-For: 1.2.3.4', 'X-Forwarded-For: 5.6.7.8',
		'X-Gray-Side: gray', 'x_gray_release: v9', 'Connection: X-Secret, close', 'X-Secret: 1',
		'Keep-Alive: 5', 'TE: gzip', 'Upgrade: h2c', 'Proxy-Authorization: x', 'X-Other: kept')->{body};
	like($head, qr{^GET /echo\?a=b HTTP/1\.1\r}, 'request line');
	like($head, qr/^Host: h\r/m, 'Host is kept');
	like($head, qr/^X-Forwarded-For: 1\.2\.3\.4, 5\.6\.7\.8, 127\.0\.0\.1\r/m, 'X-Forwarded-For');
	like($head, qr/^X-Forwarded-Proto: http\r/m, 'X-Forwarded-Proto');
	like($head, qr/^X-Forwarded-Host: h\r/m, 'X-Forwarded-Host');
	like($head, qr/^Via: 1\.1 gray-gateway\r/m, 'Via');
	like($head, qr/^X-Gray-Side: production\r/m, 'X-Gray-Side');
	like($head, qr/^X-Gray-Release: v2\r/m, 'X-Gray-Release');
	is(() = $head =~ /x.gray/gi, 2, 'and no other of that name');
	unlike($head, qr/^(Connection|X-Secret|Keep-Alive|TE|Upgrade|Proxy-Authorization):/mi, 'no hop-by-hop field');
	like($head, qr/^X-Other: kept\r/m, 'the rest is kept');

	$head = $gateway->get('/hop')->{head};
	unlike($head, qr/^(X-Mine|Keep-Alive):/m, 'nor in the answer');
	like($head, qr/^X-Yours: 2\r\n.*Via: 1\.1 gray-gateway/ms, 'but the rest, and Via');
};

subtest 'refused' => sub {
	my $ok = "GET / HTTP/1.1\r\nHost: h\r\n";
	my @cases = (
		[ 'rubbish', "\x16\x03\x01\x00\r\n\r\n" ],
		[ 'no version', "GET /\r\n\r\n" ],
		[ 'HTTP/2.0', "GET / HTTP/2.0\r\nHost: h\r\n\r\n" ],
		[ 'PRI', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" ],
		[ 'no Host', "GET / HTTP/1.1\r\n\r\n" ],
		[ 'two Hosts', "${ok}Host: h\r\n\r\n" ],
		[ 'a Host with space', "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" ],
		[ 'absolute target', "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n" ],
		[ 'asterisk', "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n" ],
		[ 'folded line', "${ok}X: a\r\n b\r\n\r\n" ],
		[ 'bare LF', "GET / HTTP/1.1\nHost: h\n\n" ],
		[ 'bare LF in between', "${ok}X: a\nY: b\r\n\r\n" ],
		[ 'bare CR', "${ok}X: a\rY: b\r\n\r\n" ],
		[ 'NUL', "${ok}X: a\0b\r\n\r\n" ],
		[ 'space before colon', "${ok}X : a\r\n\r\n" ],
		[ 'no colon', "${ok}X\r\n\r\n" ],
		[ 'two lengths', "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc" ],
		[ 'a list of lengths', "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc" ],
		[ 'negative length', "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -3\r\n\r\nabc" ],
		[ 'signed length', "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc" ],
		[ 'length and chunked', "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
		[ 'chunked and length', "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" ],
		[ 'other coding', "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" ],
		[ 'coding alone', "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n" ],
		[ 'coding with a tab', "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" ],
		[ 'two codings', "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
		[ 'chunked in 1.0', "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
		[ 'CONNECT', "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501 ],
		[ 'large head', $ok . 'X: ' . ('y' x 5000) . "\r\n\r\n", 431 ],
		[ 'large head, open', $ok . 'X: ' . ('y' x 5000), 431 ],
		[ 'many fields', $ok . ("X: y\r\n" x 200) . "\r\n", 431 ],
	);

	foreach my $case (@cases)
	{
		my $answer = $gateway->ask($case->[1]);
		is($answer->{status}, $case->[2] || 400, $case->[0]);
		like($answer->{head}, qr/^Connection: close\r/m, "$case->[0]: says it closes");
		ok(closes($answer->{client}), "$case->[0]: and closes");
	}
	$gateway->logs(qr/info: client 127\.0\.0\.1:\d+: 400: line feed without carriage return/, 'the log says why');
};

subtest 'chunk errors' => sub {
	foreach my $chunk ("zz\r\nabc\r\n", "3\r\nabcd\r\n", "-1\r\nabc\r\n", "ffffffffffffffffff\r\n", "3 \nabc\r\n", "3\nabc\r\n0\r\n\r\n")
	{
		my $answer = $gateway->ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n$chunk");
		is($answer->{status}, 400, 'bad chunk ' . ($chunk =~ s/([\r\n])/sprintf '\\x%02x', ord $1/ger));
		ok(closes($answer->{client}), 'and closes');
	}
};

subtest 'one byte at a time' => sub {
	my $client = $gateway->connect;
	my $body = 'hello';
	my $request = "\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n$body\r\n0\r\n\r\n";

	say($client, $_) foreach split //, $request;
	my $answer = answer($client);
	is($answer->{status}, 200, 'answered');
	like($answer->{body}, qr/\n5 @{[md5_hex($body)]}\n/, 'with the whole body');
};

subtest 'keep-alive' => sub {
	my $client = $gateway->connect;
	my %servers;

	foreach (1 .. 3)
	{
		say($client, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
		my $answer = answer($client);
		is($answer->{status}, 200, "request $_");
		$servers{ $answer->{body} =~ s/served.*//sr } = 1;
	}
	is(keys %servers, 1, 'one connection to the server, too');
	say($client, "GET /which HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	my $answer = answer($client);
	like($answer->{head}, qr/^Connection: close\r/m, 'close is answered');
	ok(closes($client), 'and done');

	$answer = $gateway->ask("GET /which HTTP/1.0\r\n\r\n");
	is($answer->{status}, 200, 'HTTP/1.0');
	ok(closes($answer->{client}), 'closes');
	$answer = $gateway->ask("GET /which HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	like($answer->{head}, qr/^Connection: keep-alive\r/m, 'HTTP/1.0 with keep-alive');
	say($answer->{client}, "GET /which HTTP/1.0\r\n\r\n");
	is(answer($answer->{client})->{status}, 200, 'is kept');
	is($gateway->get('/old')->{body}, 'old', 'a server of HTTP/1.0');
};

subtest 'pipelining' => sub {
	my $client = $gateway->connect;
	my $count = 50;

	say($client, join '', map { "POST /length/$_ HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" } 1 .. $count);
	my @lengths = map { length answer($client)->{body} } 1 .. $count;
	is_deeply(\@lengths, [ 1 .. $count ], 'answers in order');

	say($client, "GET /length/5 HTTP/1.1\r\nHost: h\r\n\r\nrubbish\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n");
	is(length answer($client)->{body}, 5, 'good before bad');
	is(answer($client)->{status}, 400, 'bad');
	ok(closes($client), 'nothing behind it');
};

subtest 'bodies of requests' => sub {
	foreach my $size (0, 1, 1000, 16384, 16385, 65536, 1_000_000, 20_000_000)
	{
		my $body = join '', map { chr(65 + $_ % 26) } 0 .. 99;
		$body = substr($body x ($size / 100 + 1), 0, $size);
		my $answer = $gateway->ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: $size\r\n\r\n$body");
		like($answer->{body}, qr/\n$size @{[md5_hex($body)]}\n/, "length $size");
		my $chunked = '';
		for (my $at = 0; $at < $size; $at += 40000)
		{
			my $piece = substr($body, $at, 40000);
			$chunked .= sprintf("%x\r\n%s\r\n", length $piece, $piece);
		}
		$answer = $gateway->ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}0\r\nX-T: 1\r\n\r\n");
		like($answer->{body}, qr/\n$size @{[md5_hex($body)]}\n/, "chunked $size");
	}
};

subtest 'bodies of answers' => sub {
	foreach my $size (0, 1, 65536, 5_000_000)
	{
		is(length $gateway->get("/length/$size")->{body}, $size, "length $size");
		my $answer = $gateway->get("/toend/$size");
		is(length $answer->{body}, $size, "to the end of the connection, $size");
		like($answer->{head}, qr/^Transfer-Encoding: chunked\r/m, 'becomes chunked');
		is(length $gateway->ask("GET /toend/$size HTTP/1.0\r\n\r\n")->{body}, $size, 'but not for HTTP/1.0');
	}
	my $answer = $gateway->get('/chunked/100/1000');
	is($answer->{body}, 'c' x 100_000, 'chunked');
	$answer = $gateway->ask("GET /chunked/100/1000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	is($answer->{body}, 'c' x 100_000, 'chunked becomes plain for HTTP/1.0');
	unlike($answer->{head}, qr/^Transfer-Encoding|keep-alive/mi, 'and closes');
};

subtest 'answers without body' => sub {
	my $client = $gateway->connect;

	foreach my $case ([ 'HEAD', '/length/100', 200 ], [ 'GET', '/status/204', 204 ],
		[ 'GET', '/status/304/1000', 304 ], [ 'GET', '/status/304', 304 ], [ 'GET', '/status/200/0', 200 ])
	{
		my ($method, $path, $status) = @$case;

		say($client, "$method $path HTTP/1.1\r\nHost: h\r\n\r\n");
		my $answer = answer($client, $method);
		is($answer->{status}, $status, "$method $path");
		say($client, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
		like(answer($client)->{body}, qr/^v1/, 'the next answer is in step');
	}
	like($gateway->ask("HEAD /length/100 HTTP/1.1\r\nHost: h\r\n\r\n", 'HEAD')->{head},
		qr/^Content-Length: 100\r/m, 'HEAD keeps the length');
};

subtest 'interim answers' => sub {
	my $client = $gateway->connect;

	say($client, "POST /continue HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	is(answer($client)->{status}, 100, '100 comes through');
	say($client, 'hello');
	my $answer = answer($client);
	is($answer->{status}, 200, 'then the answer');
	like($answer->{body}, qr/\n5 @{[md5_hex('hello')]}\n/, 'to the body');
	say($client, "GET /hints HTTP/1.1\r\nHost: h\r\n\r\n");
	$answer = answer($client);
	is($answer->{status}, 103, 'early hints');
	like($answer->{head}, qr/^Link:/m, 'with its fields');
	is(answer($client)->{status}, 200, 'then the answer');
	is($gateway->ask("GET /hints HTTP/1.0\r\n\r\n")->{status}, 200, 'HTTP/1.0 gets no 103');
};

subtest 'early answer' => sub {
	my $client = $gateway->connect;

	say($client, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nbeginning");
	my $answer = answer($client);
	is($answer->{status}, 413, 'comes while the body is not there');
	is($answer->{body}, "early\n", 'whole');
	like($answer->{head}, qr/^Connection: close\r/m, 'and the connection ends');

	$client = $gateway->connect;
	say($client, "POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n" . 'x' x 3_000_000);
	is(answer($client)->{status}, 413, 'also while the client is sending');
	ok(closes($client), 'without a reset, which would take the answer with it');
};

subtest 'bad servers' => sub {
	is($gateway->get('/garbled')->{status}, 502, 'garbled');
	is($gateway->get('/gone')->{status}, 502, 'gone without answer');
	is($gateway->get('/both')->{status}, 502, 'length and chunked');
	is($gateway->get('/hugehead')->{status}, 502, 'a head too large');
	$gateway->logs(qr/warning: client \S+: 502: the server closed .* server 127\.0\.0\.1:$v1: "GET \/gone HTTP\/1\.1"/, 'the log says who and why');
	my $answer = $gateway->get('/half');
	ok($answer->{cut}, 'an answer that breaks off is passed on broken off');
	ok($gateway->get('/halfchunk')->{cut}, 'also chunked');
	my $client = $gateway->connect;
	say($client, "GET /gone HTTP/1.1\r\nHost: h\r\n\r\nGET /which HTTP/1.1\r\nHost: h\r\n\r\n");
	is(answer($client)->{status}, 502, 'an error of the server');
	is(answer($client)->{status}, 200, 'and the connection goes on');
};

subtest 'stale connections' => sub {
	my $client = $gateway->connect;

	say($client, "GET /once HTTP/1.1\r\nHost: h\r\n\r\n");
	is(answer($client)->{status}, 200, 'first');
	say($client, "GET /once HTTP/1.1\r\nHost: h\r\n\r\n");
	like(answer($client)->{body}, qr/served=0/, 'GET is sent again on a fresh one');
	say($client, "PUT /once HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
	like(answer($client)->{body}, qr/served=0/, 'PUT with its body, too');
	say($client, "POST /once HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
	is(answer($client)->{status}, 502, 'POST is not: it may have been done');
};

subtest 'back-pressure' => sub {
	my $before = $gateway->memory;
	my $client = $gateway->connect;

	say($client, "GET /flood HTTP/1.1\r\nHost: h\r\n\r\n");
	head_on($client);
	foreach (1 .. 400)
	{
		$client->{buffer} = '';
		more($client);
	}
	$gateway->keeps_little($before, 4096, 'memory does not grow with an answer nobody reads');
	close $client->{socket};
	ok($gateway->until_status('in_flight', '0'), 'the client is gone, so is the request');

	my $sign = "$gateway->{directory}/read_now";
	$client = $gateway->connect;
	my $size = 30_000_000;
	my $pid = fork;
	if ($pid == 0)
	{
		say($client, "PUT /lazy$sign HTTP/1.1\r\nHost: h\r\nContent-Length: $size\r\n\r\n" . ('z' x $size));
		POSIX::_exit(0);
	}
	my $steady = 0;
	my $last = 0;
	until_true('the gateway to stop reading', sub {
		my $now = `cat /proc/$gateway->{pid}/io`;
		my ($read) = $now =~ /rchar: (\d+)/;
		# Meanwhile it looks for its database, too.
		$steady = $read - $last < 20_000 ? $steady + 1 : 0;
		$last = $read;
		return $steady > 20;
	});
	$gateway->keeps_little($before, 4096, 'nor with a body nobody reads');
	write_file($sign, '');
	like(answer($client)->{body}, qr/\n$size @{[md5_hex('z' x $size)]}\n/, 'that arrives whole later');
	waitpid $pid, 0;
};

subtest 'client gone' => sub {
	my $client = $gateway->connect;
	say($client, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhal");
	ok($gateway->until_status('in_flight', '1'), 'half a request');
	close $client->{socket};
	ok($gateway->until_status('in_flight', '0'), 'is given up');

	$client = $gateway->connect;
	say($client, "GET /length/10 HTTP/1.1\r\nHost: h\r\n\r\n");
	shutdown $client->{socket}, 1;
	is(length final_answer($client)->{body}, 10, 'a client that only stops sending gets its answer');
	ok(closes($client), 'and then the end');
};

subtest 'dead and slow servers' => sub {
	my $dead = dead_port();
	my $other = Gateway->start(
		production => "127.0.0.1:$dead", gray => "127.0.0.1:$v2", server_timeout_ms => 300, idle_timeout_ms => 600, header_timeout_ms => 600);
	my $answer = $other->get('/which');

	is($answer->{status}, 502, 'a server that refuses');
	like($answer->{body}, qr/no server could be reached/, 'with the reason');
	is($other->stop, 0, 'stops');

	$other = Gateway->start(
		production => "127.0.0.1:$dead, 127.0.0.1:$v1", gray => "127.0.0.1:$v2", server_timeout_ms => 300, idle_timeout_ms => 600, header_timeout_ms => 600);
	is($other->get('/which')->{status}, 200, 'the next server is taken') foreach 1 .. 4;
	is($other->ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")->{status}, 200, 'also with a body');

	my $begun = time;
	$answer = $other->get('/silent');
	is($answer->{status}, 504, 'a server that does not answer');
	cmp_ok(time - $begun, '<', 5, 'in time');

	my $client = $other->connect;
	say($client, "GET /drips HTTP/1.1\r\nHost: h\r\n\r\n");
	is(answer($client)->{status}, 504, 'a head that comes byte by byte is late, too');
	is($other->ask("GET /interims/$_->[0] HTTP/1.0\r\n\r\n")->{status}, $_->[1], "$_->[0] interim answers") foreach [ 100, 200 ], [ 101, 502 ];

	$client = $other->connect;
	say($client, "GET / HTT");
	is(answer($client)->{status}, 408, 'half a head does not stay for ever');
	$client = $other->connect;
	say($client, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
	like(answer($client)->{status}, qr/^(408|504)$/, 'nor half a body');
	$client = $other->connect;
	ok(closes($client), 'nor a silent client');
	is($other->stop, 0, 'stops');
};

subtest 'limits' => sub {
	my $other = Gateway->start(
		production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", max_connections => 2);
	my @clients = map { $other->connect } 1 .. 2;

	foreach my $client (@clients)
	{
		say($client, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
		is(answer($client)->{status}, 200, 'within the limit');
	}
	my $answer = $other->get('/which');
	is($answer->{status}, 503, 'too many connections');
	close $clients[0]{socket};
	ok(until_true('room', sub { $other->get('/which')->{status} == 200 }), 'and there is room again');
	is($other->stop, 0, 'stops');
};

subtest 'stopping' => sub {
	my $sign = "$gateway->{directory}/go_on";
	my $other = Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2");
	my $idle = $other->connect;
	my $busy = $other->connect;

	say($idle, "GET /which HTTP/1.1\r\nHost: h\r\n\r\n");
	answer($idle);
	say($busy, "GET /lazy$sign HTTP/1.1\r\nHost: h\r\n\r\n");
	ok($other->until_status('in_flight', '1'), 'a request in flight');
	kill 'TERM', $other->{pid};
	ok(closes($idle), 'idle connections are closed');
	$other->logs(qr/finishing 1 requests/, 'it says so');
	ok(!IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $other->{port}), 'no new ones');
	write_file($sign, '');
	my $answer = answer($busy);
	is($answer->{status}, 200, 'the request in flight is finished');
	like($answer->{head}, qr/^Connection: close\r/m, 'and its connection closed');
	is($other->wait_for_end, 0, 'exit code 0');

	$other = Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", stop_timeout_ms => 300);
	$busy = $other->connect;
	say($busy, "GET /silent HTTP/1.1\r\nHost: h\r\n\r\n");
	$other->until_status('in_flight', '1');
	is($other->stop, 0, 'a request that never ends is not waited for');
};

subtest 'workers' => sub {
	my $other = Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", workers => 2);
	my %pids;

	ok(until_true('both workers', sub { $pids{ $other->status('pid') } = 1; keys %pids == 2 }), 'both answer');
	is($other->get('/which')->{status}, 200, 'and serve');
	my ($one) = keys %pids;
	kill 'KILL', $one;
	$other->logs(qr/worker $one ended by signal 9/, 'one is killed');
	%pids = ();
	ok(until_true('two again', sub { $pids{ $other->status('pid') } = 1; keys %pids == 2 }), 'and started again');
	is($other->stop, 0, 'exit code 0');
};

subtest 'the log is not forged' => sub {
	$gateway->ask("GET /x%0aINFO HTTP/1.1\r\nHost: h\r\nX-User-Id: a\xc2\x85b\r\n\r\n");
	like($gateway->log, qr{"GET /x%0aINFO HTTP/1\.1"$}m, 'the request is logged');
	my @bad = grep { !/^\d{4}-\d\d-\d\dT[\d:.]+Z \[\d+\] (debug|info|warning|error): [ -~]*$/ } split /\n/, $gateway->log;
	is_deeply(\@bad, [], 'every line is one of ours, in ASCII');
};

ok($gateway->alive, 'the gateway lives');
is($gateway->stop, 0, 'and stops with exit code 0');
done_testing();
