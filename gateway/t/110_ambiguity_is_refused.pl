# What could be read in two ways is refused: requests with 400 and the end of
# the connection before a server sees them, answers with 502.  The same bytes
# go to nginx and HAProxy, where they are installed, to show what the field does
# (prove -v prints the table).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Client;
use Gateway::Field;
use Gateway::Peer;
use Gateway::Recorder;
use Gray::Deadline qw(until_true);
use Test::More;

# {} is a word by which the request is known again at the server.
my $get = "GET /{} HTTP/1.1\r\nHost: h\r\n";
my $post = "POST /{} HTTP/1.1\r\nHost: h\r\n";
my $chunked = "${post}Transfer-Encoding: chunked\r\n\r\n";

my @refused_heads = (

	# The request line.
	[ 'no version', "GET /{}\r\n\r\n" ],
	[ 'rubbish', "\x16\x03\x01{}\r\n\r\n" ],
	[ 'HTTP/0.9', "GET /{} HTTP/0.9\r\nHost: h\r\n\r\n" ],
	[ 'HTTP/1.2', "GET /{} HTTP/1.2\r\nHost: h\r\n\r\n" ],
	[ 'HTTP/1.10', "GET /{} HTTP/1.10\r\nHost: h\r\n\r\n" ],
	[ 'HTTP/1', "GET /{} HTTP/1\r\nHost: h\r\n\r\n" ],
	[ 'HTTP/2.0', "GET /{} HTTP/2.0\r\nHost: h\r\n\r\n" ],
	[ 'HTTP/2 preface', "PRI * HTTP/2.0\r\nX: {}\r\n\r\nSM\r\n\r\n" ],
	[ 'http/1.1', "GET /{} http/1.1\r\nHost: h\r\n\r\n" ],
	[ 'ICE/1.0', "SOURCE /{} ICE/1.0\r\nHost: h\r\n\r\n" ],
	[ 'RTSP/1.0', "OPTIONS /{} RTSP/1.0\r\nHost: h\r\n\r\n" ],
	[ 'lower-case method', "get /{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'method with colon', "GET: /{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'space before the method', " GET /{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'two spaces before the target', "GET  /{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'tab before the target', "GET\t/{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'two spaces before the version', "GET /{}  HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'space in the target', "GET /{} x HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'space behind the version', "GET /{} HTTP/1.1 \r\nHost: h\r\n\r\n" ],
	[ 'control character in the target', "GET /{}\x01 HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'byte above 127 in the target', "GET /{}\xe4 HTTP/1.1\r\nHost: h\r\n\r\n" ],

	# The target.
	[ 'absolute form', "GET http://h/{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'absolute form, another host', "GET http://other/{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'asterisk form', "OPTIONS * HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n" ],
	[ 'asterisk form of GET', "GET * HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n" ],
	[ 'authority form of GET', "GET h:80 HTTP/1.1\r\nHost: h:80\r\nX: {}\r\n\r\n" ],
	[ 'authority form of CONNECT', "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nX: {}\r\n\r\n", 501 ],
	[ 'no slash', "GET {} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'query alone', "GET ?{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'fragment', "GET /{}#x HTTP/1.1\r\nHost: h\r\n\r\n" ],

	# Host.
	[ 'no Host', "GET /{} HTTP/1.1\r\n\r\n" ],
	[ 'two Hosts', "${get}Host: g\r\n\r\n" ],
	[ 'two equal Hosts', "${get}host: h\r\n\r\n" ],
	[ 'two Hosts in HTTP/1.0', "GET /{} HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n" ],
	(
		map { [ "Host: $_", "GET /{} HTTP/1.1\r\nHost: $_\r\n\r\n" ] } 'a b', 'a,b', 'a, a', 'u@h',
		'h/', 'h?x', 'h#x', 'h:x', 'h:99999', 'h:80:80', '::1', '[::1', '[x]', 'h]', "a\tb", "h\xe4", 'http://h'
	),

	# Lines.
	[ 'folded value', "${get}X: a\r\n b\r\n\r\n" ],
	[ 'value folded by a tab', "${get}X: a\r\n\tb\r\n\r\n" ],
	[ 'value folded from the beginning', "${get}X:\r\n b\r\n\r\n" ],
	[ 'folded line of spaces', "${get}X: a\r\n \r\n\r\n" ],
	[ 'space before the first field', "GET /{} HTTP/1.1\r\n Host: h\r\n\r\n" ],
	[ 'space before a field', "${get} X: a\r\n\r\n" ],
	[ 'bare LF everywhere', "GET /{} HTTP/1.1\nHost: h\n\n" ],
	[ 'bare LF behind the request line', "GET /{} HTTP/1.1\nHost: h\r\n\r\n" ],
	[ 'bare LF behind a field', "${get}X: a\nY: b\r\n\r\n" ],
	[ 'bare LF as empty line', "${get}\n" ],
	[ 'bare LF before the empty line', "GET /{} HTTP/1.1\r\nHost: h\n\r\n" ],
	[ 'bare LF before the request', "\n$get\r\n" ],
	[ 'bare CR in the request line', "GET /{}\rx HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'bare CR behind the request line', "GET /{} HTTP/1.1\rHost: h\r\n\r\n" ],
	[ 'bare CR in a value', "${get}X: a\rb\r\n\r\n" ],
	[ 'bare CR behind a field', "${get}X: a\rY: b\r\n\r\n" ],
	[ 'CR CR LF', "${get}X: a\r\r\n\r\n" ],
	[ 'CR alone as empty line', "${get}\r\rGET" ],
	[ 'NUL in the target', "GET /{}\0 HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'NUL in a name', "${get}X\0: a\r\n\r\n" ],
	[ 'NUL in a value', "${get}X: a\0b\r\n\r\n" ],
	[ 'control character in a value', "${get}X: a\x01b\r\n\r\n" ],
	[ 'DEL in a value', "${get}X: a\x7fb\r\n\r\n" ],
	[ 'space before the colon', "${get}X : a\r\n\r\n" ],
	[ 'tab before the colon', "${get}X\t: a\r\n\r\n" ],
	[ 'no colon', "${get}X\r\n\r\n" ],
	[ 'no name', "${get}: a\r\n\r\n" ],
	[ 'space in a name', "${get}X Y: a\r\n\r\n" ],
	[ 'bracket in a name', "${get}X(Y): a\r\n\r\n" ],
	[ 'byte above 127 in a name', "${get}X\xe4: a\r\n\r\n" ],

	# Content-Length.
	[ 'repeated Content-Length', "${post}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc" ],
	[ 'conflicting Content-Length', "${post}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd" ],
	[ 'conflicting Content-Length, one 0', "${post}Content-Length: 0\r\ncontent-length: 3\r\n\r\nabc" ],
	(
		map { [ "Content-Length: $_", "${post}Content-Length: $_\r\n\r\nabc" ] } '3, 3', '3, 4', '3,', '-3', '+3',
		'0x3', '3x', '3;', '3 3', '', '3.0', '"3"', "3\x0b", "\x0c3", '99999999999999999999', '18446744073709551619'
	),
	[ 'Content-Length with space before the colon', "${post}Content-Length : 3\r\n\r\nabc" ],
	[ 'Content-Length folded', "${post}Content-Length:\r\n 3\r\n\r\nabc" ],

	# Transfer-Encoding.
	[ 'Content-Length, chunked', "${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
	[ 'chunked, Content-Length', "${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" ],
	[ 'Content-Length, identity', "${post}Content-Length: 3\r\nTransfer-Encoding: identity\r\n\r\nabc" ],
	[ 'chunked twice', "${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
	[ 'gzip and chunked in two lines', "${post}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
	[ 'chunked and identity in two lines', "${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" ],
	(
		map { [ "Transfer-Encoding: $_", "${post}Transfer-Encoding: $_\r\n\r\n0\r\n\r\n" ] } 'gzip', 'gzip, chunked',
		'chunked, gzip', 'chunked, chunked', 'identity', 'identity, chunked', 'xchunked', 'chunkedx', 'chunk',
		'"chunked"', 'chunked;a=b', 'chunked,', ', chunked', '', "\x0bchunked", "chunked\x0c", 'c hunked'
	),
	[ 'Transfer-Encoding with space before the colon', "${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" ],
	[ 'Transfer-Encoding folded', "${post}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" ],
	[ 'chunked in HTTP/1.0', "POST /{} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],

	# Sizes.
	[ 'large head', "${get}X: " . ('y' x 5000) . "\r\n\r\n", 431 ],
	[ 'many fields', $get . ("X: y\r\n" x 200) . "\r\n", 431 ],
);

# Behind a head that says chunked.
my @refused_bodies = (
	(
		map { [ 'size ' . shown($_), "$_\r\nabc\r\n0\r\n\r\n" ] } '', 'g', '0x3', '-3', '+3', ' 3', '3 ', "3\t", '3 3', '3,3',
		'"3"', '3.0', '10000000000000003', 'fffffffffffffffff', "3\0", "3\r", '3 ;a'
	),
	[ 'size with bare LF', "3\nabc\r\n0\r\n\r\n" ],
	[ 'last size with bare LF', "3\r\nabc\r\n0\n\r\n" ],
	[ 'size with CR alone', "3\rabc\r\n0\r\n\r\n" ],
	[ 'extension with bare LF', "3;a\nabc\r\n0\r\n\r\n" ],
	[ 'extension with CR', "3;a\rb\r\nabc\r\n0\r\n\r\n" ],
	[ 'extension with NUL', "3;a\0b\r\nabc\r\n0\r\n\r\n" ],
	[ 'extension with a control character', "3;a\x01\r\nabc\r\n0\r\n\r\n" ],
	[ 'data too long', "3\r\nabcd\r\n0\r\n\r\n" ],
	[ 'data too short', "3\r\nab\r\n0\r\n\r\n" ],
	[ 'no line end behind data', "3\r\nabc0\r\n\r\n" ],
	[ 'bare LF behind data', "3\r\nabc\n0\r\n\r\n" ],
	[ 'CR CR LF behind data', "3\r\nabc\r\r\n0\r\n\r\n" ],
	[ 'empty line before a size', "\r\n3\r\nabc\r\n0\r\n\r\n" ],
	[ 'bare LF at the end', "3\r\nabc\r\n0\r\n\n" ],
	[ 'CR X at the end', "3\r\nabc\r\n0\r\n\rX" ],
	[ 'trailer with bare LF', "0\r\nA: b\n\r\n" ],
	[ 'bare LF behind trailers', "0\r\nA: b\r\n\n" ],
	[ 'folded trailer', "0\r\nA: b\r\n c\r\n\r\n" ],
	[ 'space before a trailer', "0\r\n A: b\r\n\r\n" ],
	[ 'trailer with CR', "0\r\nA: b\rc\r\n\r\n" ],
	[ 'trailer with NUL', "0\r\nA: b\0c\r\n\r\n" ],
	[ 'trailer with space before the colon', "0\r\nA : b\r\n\r\n" ],
	[ 'trailer without a name', "0\r\n: b\r\n\r\n" ],
	[ 'trailer without colon', "0\r\nA\r\n\r\n" ],
	[ 'a request as trailer', "0\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'Content-Length as trailer', "0\r\nContent-Length: 3\r\n\r\n" ],
	[ 'Transfer-Encoding as trailer', "0\r\nTransfer-Encoding: chunked\r\n\r\n" ],
	[ 'Host as trailer', "0\r\nHost: h\r\n\r\n" ],
	[ 'large trailers', "0\r\n" . "A: 0123456789\r\n" x 1000 . "\r\n" ],
);

# What is well-formed, if rare, must not be refused with the rest.
my @good = (
	[ 'plain', "$get\r\n" ],
	[ 'empty lines before', "\r\n\r\n$get\r\n" ],
	[ 'empty Host', "GET /{} HTTP/1.1\r\nHost:\r\n\r\n" ],
	[ 'IPv6 Host', "GET /{} HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n" ],
	[ 'HTTP/1.0 without Host', "GET /{} HTTP/1.0\r\n\r\n" ],
	[ 'no space behind a colon', "${get}X:a\r\n\r\n" ],
	[ 'blanks around a value', "${get}X: \t a \t \r\n\r\n" ],
	[ 'empty value', "${get}X:\r\n\r\n" ],
	[ 'bytes above 127 in a value', "${get}X: \xc3\xa4\xff\r\n\r\n" ],
	[ 'all characters of a name', "${get}!#\$%&'*+-.^_`|~09azAZ: a\r\n\r\n" ],
	[ 'a query', "GET /{}?a=/?:\@[]&b=%00%zz;~ HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'two slashes', "GET //x/{} HTTP/1.1\r\nHost: h\r\n\r\n" ],
	[ 'GET with a body', "${get}Content-Length: 3\r\n\r\nabc" ],
	[ 'leading zeros of a length', "${post}Content-Length: 003\r\n\r\nabc" ],
	[ 'Transfer-Encoding: Chunked', "${post}Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n" ],
	[ 'leading zeros of a chunk size', "${chunked}003\r\nabc\r\n000\r\n\r\n" ],
	[ 'chunk extensions', "${chunked}3;a;b=c\r\nabc\r\n0;d=e\r\n\r\n" ],
	[ 'trailers', "${chunked}3\r\nabc\r\n0\r\nA: b\r\nC:\r\n\r\n" ],
);

my $ok = "HTTP/1.1 200 OK\r\n";
my @bad_answers = (
	[ 'length and chunked', "${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
	[ 'chunked and length', "${ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" ],
	[ 'repeated length', "${ok}Content-Length: 2\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'conflicting length', "${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!" ],
	[ 'list of lengths', "${ok}Content-Length: 2, 2\r\n\r\nok" ],
	[ 'signed length', "${ok}Content-Length: +2\r\n\r\nok" ],
	[ 'negative length', "${ok}Content-Length: -2\r\n\r\nok" ],
	[ 'huge length', "${ok}Content-Length: 18446744073709551618\r\n\r\nok" ],
	[ 'gzip, chunked', "${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" ],
	[ 'identity', "${ok}Transfer-Encoding: identity\r\n\r\nok" ],
	[ 'chunked twice', "${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
	[ 'chunked in 1.0', "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" ],
	[ 'bare LF in the head', "HTTP/1.1 200 OK\nContent-Length: 2\n\nok" ],
	[ 'bare LF behind a field', "${ok}X: a\nContent-Length: 2\r\n\r\nok" ],
	[ 'bare LF as empty line', "${ok}Content-Length: 2\r\n\nok" ],
	[ 'bare CR', "${ok}X: a\rb\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'folded', "${ok}X: a\r\n b\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'NUL', "${ok}X: a\0b\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'space before the colon', "${ok}Content-Length : 2\r\n\r\nok" ],
	[ 'no colon', "${ok}X\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'no name', "${ok}: x\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'HTTP/2.0', "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'another protocol', "ICY 200 OK\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'two spaces', "HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'two digits', "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'status 099', "HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'empty line before', "\r\n${ok}Content-Length: 2\r\n\r\nok" ],
	[ '101 unasked', "HTTP/1.1 101 Switch\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello" ],
	map { [ 'chunk ' . shown($_), "${ok}Transfer-Encoding: chunked\r\n\r\n$_" ] } "x\r\nok\r\n0\r\n\r\n",
	"2\nok\r\n0\r\n\r\n", "2\r\nokay\r\n0\r\n\r\n", "2\r\nok\n0\r\n\r\n", "-2\r\nok\r\n0\r\n\r\n", "0\r\n\n",
	"fffffffffffffffff\r\nok", "2\r\nok\r\n0\r\nA: b\r\n c\r\n\r\n", "0\r\nContent-Length: 2\r\n\r\n",
);

# Good answers behind which the connection must not be used again.
my @answers_not_to_reuse = (
	[ 'more than its length', "${ok}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" ],
	[ 'more than its chunks', "${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nevil" ],
	[ 'body of 204', "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'chunks of 204', "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n" ],
	[ 'close', "${ok}Connection: close\r\nContent-Length: 2\r\n\r\nok" ],
	[ 'HTTP/1.0', "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" ],
);

sub shown
{
	my ($bytes) = @_;
	return "\"$bytes\"" =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
}

sub name_all
{
	my ($letter, $cases) = @_;
	my $number = 0;

	return map {
		my $word = $letter . sprintf('%03dz', $number++);
		{ name => $_->[0], word => $word, bytes => $_->[1] =~ s/\{\}/$word/r, status => $_->[2] || 400 };
	} @$cases;
}

my @heads = name_all('h', \@refused_heads);
my @bodies = name_all('b', [ map { [ "chunked: $_->[0]", $chunked . $_->[1] ] } @refused_bodies ]);
my @answers = name_all('a', \@bad_answers);
my @ends = name_all('e', \@answers_not_to_reuse);
my $server = Gateway::Recorder->new(map { ($_->{word} => $_->{bytes}) } @answers, @ends);
my $gateway = Gateway->start(
	production => "127.0.0.1:$server->{port}", gray => "127.0.0.1:$server->{port}",
	max_header_bytes => 4096, server_timeout_ms => 5000);

sub ends_at_server
{
	my ($word) = @_;
	return until_true("$word to end", sub { defined $server->connection_with($word, 'closed') });
}

subtest 'well-formed' => sub {
	foreach my $case (name_all('g', \@good))
	{
		is($gateway->ask($case->{bytes})->{status}, 200, $case->{name});
		ok($server->wait_for($case->{word}), "$case->{name}: reached the server");
	}
};

subtest 'refused' => sub {
	foreach my $case (@heads, @bodies)
	{
		like($case->{bytes}, qr/$case->{word}/, "$case->{name}: would be known again")
		  unless $case->{status} == 431;
		my $answer = $gateway->ask($case->{bytes});
		is($answer->{status}, $case->{status}, $case->{name});
		like($answer->{head}, qr/^Connection: close\r/m, "$case->{name}: says it closes");
		ok(closes($answer->{client}), "$case->{name}: and closes");
	}
};

# Here the head is with the server before the body turns out to be bad.
subtest 'refused in the middle' => sub {
	foreach my $case (@bodies)
	{
		my ($head, $body) = $case->{bytes} =~ /^(.*?\r\n\r\n)(.*)$/s;
		my $word = "m$case->{word}";
		my $client = $gateway->connect;

		say($client, $head =~ s{$case->{word}}{wait/$word}r);
		$server->wait_for($word);
		say($client, $body);
		is(answer($client)->{status}, 400, $case->{name});
		ok(closes($client), "$case->{name}: closes");
		ok(ends_at_server($word), "$case->{name}: so does the connection to the server");
		unlike($server->connection_with($word), qr/$word.*\r\n0\r\n/s, "$case->{name}: without an end of the body");
	}
};

subtest 'answers' => sub {
	foreach my $case (@answers, @ends)
	{
		my $client = $gateway->connect;
		my $bad = $case->{word} =~ /^a/;

		say($client, "GET /answer/$case->{word} HTTP/1.1\r\nHost: h\r\n\r\n");
		my $answer = answer($client);
		$bad ? is($answer->{status}, 502, $case->{name}) : like($answer->{status}, qr/^2/, $case->{name});
		ok(ends_at_server($case->{word}), "$case->{name}: the connection is not used again");
		say($client, "GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
		is(answer($client)->{body}, 'ok', "$case->{name}: the client goes on");
	}
};

is($gateway->stop, 0, 'the gateway stops');
$server->wait_until_closed;
my $reached = join '', $server->connections;
my @reached = grep { $reached =~ /(?<!m)$_->{word}/ } @heads, @bodies;
is_deeply([ map { $_->{name} } @reached ], [], 'nothing that is refused reached the server');

# What the field does: a status, - for the end of the connection, ? for waiting;
# * if the server saw it.
sub field_column
{
	my ($name) = @_;
	my $behind = Gateway::Recorder->new;
	my $proxy = Gateway::Field->start($name, $behind->{port});
	my %said = map { ($_->{word} => $proxy->status_of($_->{bytes}, 0.1)) } @heads, @bodies;

	$proxy->stop;
	$behind->wait_until_closed;
	my $seen = join '', $behind->connections;
	return { map { ($_->{word} => $said{ $_->{word} } . ($seen =~ /$_->{word}/ ? '*' : '')) } @heads, @bodies };
}

my @names = Gateway::Field::names();
note('neither nginx nor HAProxy is installed') unless @names;
my @columns = map { field_column($_) } @names;
note(sprintf '%-50s %-8s' . ' %-8s' x @names, 'the field', 'ours', @names) if @names;
foreach my $case (@heads, @bodies)
{
	last unless @names;
	note(sprintf '%-50s %-8s' . ' %-8s' x @names, $case->{name} =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger,
		$case->{status}, map { $_->{ $case->{word} } } @columns);
}

done_testing();
