# Bodies and answers on their way through the gateway, step by step: this test
# is client and server at once, so that each side can be made to wait.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Between;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(until_true);
use IO::Select;
use Test::More;

# Without idle connections each request comes on a new one, which is accepted here.
my $gateway = started(idle_servers => 0);
my $most_kib = 4096;    # what the gateway may grow by, whatever is sent

my $ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
my $post = "POST / HTTP/1.1\r\nHost: h\r\n";
my $get = "GET / HTTP/1.1\r\nHost: h\r\n";

subtest 'a body goes on as it comes' => sub {
	my ($client, $server) = begun("${post}Content-Length: 9\r\n\r\n");
	foreach my $piece (qw(abc def ghi))
	{
		say($client, $piece);
		is(bytes_on($server, 3), $piece, "length: $piece");
	}
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and is answered');

	($client, $server) = begun("${post}Transfer-Encoding: chunked\r\n\r\n");
	foreach my $piece (qw(abc def ghi))
	{
		say($client, chunk($piece));
		is(chunk_bytes_on($server, 3), $piece, "chunked: $piece");
	}
	say($client, "0\r\n\r\n");
	is(bytes_on($server, 5), "0\r\n\r\n", 'and its end');
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and is answered');
};

subtest 'an answer goes on as it comes' => sub {
	foreach my $case (
		[ 'length', 'HTTP/1.1', "Content-Length: 9\r\n", sub { $_[0] }, '', \&bytes_on ],
		[ 'chunked', 'HTTP/1.1', "Transfer-Encoding: chunked\r\n", \&chunk, "0\r\n\r\n", \&chunk_bytes_on ],
		[ 'to the end', 'HTTP/1.1', '', sub { $_[0] }, undef, \&chunk_bytes_on ],
		[ 'length, 1.0', 'HTTP/1.0', "Content-Length: 9\r\n", sub { $_[0] }, '', \&bytes_on ],
		[ 'chunked, 1.0', 'HTTP/1.0', "Transfer-Encoding: chunked\r\n", \&chunk, "0\r\n\r\n", \&bytes_on ],
		[ 'to the end, 1.0', 'HTTP/1.0', '', sub { $_[0] }, undef, \&bytes_on ])
	{
		my ($name, $version, $field, $frame, $last, $read) = @$case;
		my ($client, $server) = begun("GET / $version\r\nHost: h\r\n\r\n");

		say($server, "HTTP/1.1 200 OK\r\n$field\r\n");
		my $head = head_on($client);
		like($head, qr{^HTTP/1\.1 200}, "$name: the head, before there is a body");
		unlike($head, qr/^Transfer-Encoding/m, "$name: no chunks") if $version eq 'HTTP/1.0';
		foreach my $piece (qw(abc def ghi))
		{
			say($server, $frame->($piece));
			is($read->($client, 3), $piece, "$name: $piece");
		}
		defined $last ? say($server, $last) : close $server->{socket};
		is(bytes_on($client, 5), "0\r\n\r\n", "$name: the end") if $read == \&chunk_bytes_on;
		is(end_of($client), 'closed', "$name: closed") if $version eq 'HTTP/1.0';
	}
};

subtest 'a side that does not read' => sub {
	my $most = 64 << 20;
	my $piece = chunk('z' x 65536);
	my $before = $gateway->memory;

	foreach my $chunked (0, 1)
	{
		my $name = $chunked ? 'chunked' : 'length';
		my $field = $chunked ? 'Transfer-Encoding: chunked' : "Content-Length: $most";

		my ($client, $server) = begun("$get\r\n");
		say($server, "HTTP/1.1 200 OK\r\n$field\r\n\r\n");
		my ($sent, $at) = fill($server, $piece, $most);
		cmp_ok($sent, '<', $most, "answer, $name: the server is made to wait");
		$gateway->keeps_little($before, $most_kib, "answer, $name: the gateway keeps little");
		is($gateway->status('in_flight'), 1, "answer, $name: and serves others");
		my $pid = say_aside($server, ($chunked ? substr($piece, $at) . "0\r\n\r\n" : "\0" x ($most - $sent)));
		my $answer = answer($client);
		is(length $answer->{body}, ($chunked ? 65536 * (1 + int($sent / length $piece)) : $most),
			"answer, $name: all of it arrives when the client reads");
		waitpid $pid, 0;
		$gateway->keeps_little($before, $most_kib, "answer, $name: the gateway kept little");

		($client, $server) = begun("$post$field\r\n\r\n");
		($sent, $at) = fill($client, $piece, $most);
		cmp_ok($sent, '<', $most, "request, $name: the client is made to wait");
		$gateway->keeps_little($before, $most_kib, "request, $name: the gateway keeps little");
		$pid = say_aside($client, ($chunked ? substr($piece, $at) . "0\r\n\r\n" : "\0" x ($most - $sent)));
		my $body = $chunked ? chunks_on($server) : bytes_on($server, $most);
		is(length $body, ($chunked ? 65536 * (1 + int($sent / length $piece)) : $most),
			"request, $name: all of it arrives when the server reads");
		waitpid $pid, 0;
		say($server, $ok);
		is(answer($client)->{body}, 'ok', "request, $name: and is answered");
		$gateway->keeps_little($before, $most_kib, "request, $name: the gateway kept little");
	}
};

subtest 'pipelining' => sub {
	my $client = $gateway->connect;
	my @bodies = map { join '', map { chr(97 + $_ % 26) } 0 .. $_ * 7 } 1 .. 12;
	my @requests = map {
		$_ % 3 == 0 ? "GET /$_ HTTP/1.1\r\nHost: h\r\n\r\n"
		: $_ % 3 == 1 ? "POST /$_ HTTP/1.1\r\nHost: h\r\nContent-Length: " . length($bodies[ $_ - 1 ]) . "\r\n\r\n$bodies[$_ - 1]"
		: "POST /$_ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" . chunk($bodies[ $_ - 1 ]) . "0\r\n\r\n"
	} 1 .. 12;

	say($client, join '', @requests);
	shutdown $client->{socket}, 1;
	foreach my $number (1 .. 12)
	{
		my $server = accepted();
		my $head = head_on($server);
		my $body = $number % 3 == 0 ? ''
		  : $number % 3 == 1 ? bytes_on($server, length $bodies[ $number - 1 ])
		  : chunks_on($server);

		like($head, qr{ /$number HTTP}, "request $number comes in its turn");
		is($body, $number % 3 == 0 ? '' : $bodies[ $number - 1 ], "with its body");
		say($server, $number % 2 ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" . chunk($number) . "0\r\n\r\n"
			: "HTTP/1.1 200 OK\r\nContent-Length: " . length($number) . "\r\n\r\n$number");
	}
	is(final_answer($client)->{body}, $_, "answer $_") foreach 1 .. 12;
	is(end_of($client), 'closed', 'the client had said that it sends no more');
};

subtest 'answers without body' => sub {
	my $client = $gateway->connect;

	foreach my $case (
		[ 'HEAD', "200 OK\r\nContent-Length: 100\r\n\r\n", 'Content-Length: 100' ],
		[ 'HEAD', "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" ],
		[ 'HEAD', "200 OK\r\n\r\n" ],
		[ 'GET', "204 No Content\r\n\r\n" ],
		[ 'GET', "304 Not Modified\r\n\r\n" ],
		[ 'GET', "304 Not Modified\r\nContent-Length: 100\r\n\r\n", 'Content-Length: 100' ],
		[ 'GET', "200 OK\r\nContent-Length: 0\r\n\r\n", 'Content-Length: 0' ])
	{
		my ($method, $answer, $field) = @$case;
		my $name = "$method " . ($answer =~ s/\r\n/ /gr);

		say($client, "$method / HTTP/1.1\r\nHost: h\r\n\r\n");
		my $server = accepted();
		head_on($server);
		say($server, "HTTP/1.1 $answer");
		my $head = head_on($client);
		like($head, qr{^HTTP/1\.1 \d}, $name);
		defined $field ? like($head, qr/^$field\r/m, "$name: $field") : unlike($head, qr/^Content-Length/m, "$name: no length");
		unlike($head, qr/^Connection: close/m, "$name: the connection goes on");
	}
	say($client, "$get\r\n");
	my $server = accepted();
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'and is in step');
};

subtest 'HTTP/1.0' => sub {
	my ($client, $server) = begun("POST / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");

	unlike($server->{head}, qr/^Expect:/m, 'expects nothing');
	like($server->{head}, qr{^POST / HTTP/1\.1\r\n.*^Host:}ms, 'is HTTP/1.1 to the server');
	is(bytes_on($server, 3), 'abc', 'its body');
	say($server, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n$ok");
	my $answer = answer($client);
	is($answer->{status}, 200, 'gets no interim answer');
	like($answer->{head}, qr/^Connection: keep-alive\r/m, 'is kept when the length is known');
	say($client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	$server = accepted();
	say($server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" . chunk('abc') . "0\r\n\r\n");
	$answer = answer($client);
	is($answer->{body}, 'abc', 'gets no chunks');
	like($answer->{head}, qr/^Connection: close\r/m, 'and closes for that');
};

subtest 'Expect: 100-continue' => sub {
	my ($client, $server) = begun("${post}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");

	like($server->{head}, qr/^Expect: 100-continue\r/m, 'reaches the server');
	say($server, "HTTP/1.1 100 Continue\r\n\r\n");
	is(answer($client)->{status}, 100, 'its 100 reaches the client');
	say($client, 'abc');
	is(bytes_on($server, 3), 'abc', 'then the body the server');
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'then the answer the client');

	($client, $server) = begun("${post}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	say($server, "HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
	my $answer = answer($client);
	is($answer->{status}, 417, 'a refusal comes without the body');
	like($answer->{head}, qr/^Connection: close\r/m, 'and ends the connection, for who knows whether it is sent');
	is(end_of($server), 'closed', 'also to the server');
};

subtest 'interim answers' => sub {
	my ($client, $server) = begun("$get\r\n");

	say($server, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: b\r\n\r\n");
	is(answer($client)->{status}, 102, 'one');
	like(answer($client)->{head}, qr{^HTTP/1\.1 103.*^Link: a\r}ms, 'a second');
	like(answer($client)->{head}, qr{^HTTP/1\.1 103.*^Link: b\r}ms, 'a third');
	say($server, $ok);
	is(answer($client)->{body}, 'ok', 'then the answer');
};

subtest 'trailers' => sub {
	my $chunked = "Transfer-Encoding: chunked\r\n";
	my $trailers = "X-Sum: 1\r\nX-Gray-Side: gray\r\nSet-Cookie: a\r\nX-Time: 2\r\nConnection: close\r\n";
	my $kept = "X-Sum: 1\r\nX-Time: 2\r\n";
	my ($client, $server) = begun("${post}TE: gzip, trailers\r\nTrailer: X-Sum\r\n$chunked\r\n" . chunk('abc') . "0\r\n$trailers\r\n");

	like($server->{head}, qr/^Trailer: X-Sum\r/m, 'a request says which');
	like($server->{head}, qr/^TE: trailers\r\nConnection: TE\r/m, 'and that it takes them, and no codings');
	is(chunk_bytes_on($server, 3), 'abc', 'its body');
	is(bytes_on($server, 5 + length $kept), "0\r\n$kept\r\n", 'its trailers, without what belongs in a head');
	say($server, "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n$chunked\r\n" . chunk('def') . "0\r\n$trailers\r\n");
	like(head_on($client), qr/^Trailer: X-Sum\r/m, 'so does an answer');
	is(chunk_bytes_on($client, 3), 'def', 'its body');
	is(bytes_on($client, 5 + length $kept), "0\r\n$kept\r\n", 'its trailers');

	say($client, "$get\r\n");
	$server = accepted();
	say($server, "HTTP/1.1 200 OK\r\n$chunked\r\n");
	head_on($client);
	say($server, $_) foreach split //, "3\r\nabc\r\n0\r\n$trailers\r\n";
	is(chunk_bytes_on($client, 3), 'abc', 'byte by byte');
	is(bytes_on($client, 5 + length $kept), "0\r\n$kept\r\n", 'the same');

	($client, $server) = begun("GET / HTTP/1.0\r\nTE: trailers\r\n\r\n");
	unlike($server->{head}, qr/^TE:/m, 'HTTP/1.0 does not know them');
	say($server, "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n$chunked\r\n" . chunk('def') . "0\r\n$trailers\r\n");
	unlike(head_on($client), qr/^Trailer:/m, 'and is not told of any');
	is(rest_on($client), 'def', 'nor gets them');
};

subtest 'a client that sends no more' => sub {
	my ($client, $server) = begun("$get\r\n");
	my $size = 8 << 20;

	shutdown $client->{socket}, 1;
	say($server, "HTTP/1.1 200 OK\r\nContent-Length: $size\r\n\r\n");
	my $pid = say_aside($server, 'x' x $size);
	is(length final_answer($client)->{body}, $size, 'gets all of its answer');
	is(end_of($client), 'closed', 'and the end');
	waitpid $pid, 0;

	($client, $server) = begun("${post}Content-Length: 10\r\n\r\nabc");
	shutdown $client->{socket}, 1;
	is(rest_on($server), 'abc', 'in the middle of a body: the server is not told that it is whole');
	is(end_of($client), 'closed', 'and the client is closed');

	($client, $server) = begun("${post}Transfer-Encoding: chunked\r\n\r\n" . chunk('abc'));
	shutdown $client->{socket}, 1;
	is(rest_on($server), chunk('abc'), 'the same in chunks');
};

subtest 'an answer before the body is there' => sub {
	my $early = "HTTP/1.1 413 Large\r\nContent-Length: 5\r\n\r\nlarge";
	my ($client, $server) = begun("${post}Content-Length: 100\r\n\r\nabc");

	say($server, $early);
	my $answer = answer($client);
	is($answer->{body}, 'large', 'reaches the client');
	like($answer->{head}, qr/^Connection: close\r/m, 'which is told that this was all');
	is(end_of($server), 'closed', 'the server gets the end, not the rest');

	# The server does not read, so it resets the connection when it closes it.
	foreach my $end (\&reset_connection, sub { close $_[0]{socket} })
	{
		my $size = 4 << 20;
		($client, $server) = begun("${post}Content-Length: $size\r\n\r\nabc");
		my $pid = say_aside($client, 'x' x ($size - 3));
		IO::Select->new($server->{socket})->can_read($Gray::Deadline::SECONDS);
		say($server, $early);
		is(head_on($client) =~ m{^HTTP/1\.1 (\d+)} ? $1 : 'none', 413, 'also while the client sends');
		$end->($server);
		is(rest_on($client), 'large', 'whole');
		waitpid $pid, 0;
	}

	($client, $server) = begun("${post}Transfer-Encoding: chunked\r\n\r\n");
	say($server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	head_on($client);
	foreach my $word (qw(one two three))
	{
		say($client, chunk($word));
		is(chunk_bytes_on($server, length $word), $word, "to the server: $word");
		say($server, chunk(uc $word));
		is(chunk_bytes_on($client, length $word), uc $word, 'and back, both bodies being open');
	}
	say($client, "0\r\n\r\n");
	is(bytes_on($server, 5), "0\r\n\r\n", 'the end of one');
	say($server, "0\r\n\r\n");
	is(bytes_on($client, 5), "0\r\n\r\n", 'and of the other');
};

subtest 'a client that goes' => sub {
	my ($client, $server) = begun("${post}Content-Length: 100\r\n\r\nabc");
	close $client->{socket};
	is(rest_on($server), 'abc', 'in its body: the server gets the end');
	ok($gateway->until_status('in_flight', 0), 'nothing is left');

	($client, $server) = begun("$get\r\n");
	reset_connection($client);
	isnt(end_of($server), 'open', 'by a reset, while it waits: the server gets the end');
	ok($gateway->until_status('in_flight', 0), 'nothing is left');

	foreach my $end (\&reset_connection, sub { close $_[0]{socket} })
	{
		($client, $server) = begun("$get\r\n");
		say($server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" . chunk('abc'));
		head_on($client);
		$end->($client);
		# The gateway learns of it by sending; a client may close its sending side alone.
		until_true('the server to be closed',
			sub { !say($server, chunk('x' x 1000)) || IO::Select->new($server->{socket})->can_read(0) });
		ok($gateway->until_status('in_flight', 0), 'in its answer: the server gets the end, nothing is left');
	}
};

subtest 'a server that goes' => sub {
	my @ends = ([ 'closes', sub { close $_[0]{socket} } ], [ 'resets', \&reset_connection ]);
	my @cases = (
		[ 'before its answer', '', qr/^$/ ],
		[ 'in the head', "HTTP/1.1 200 OK\r\nContent-", qr/^$/ ],
		[ 'after an interim answer', "HTTP/1.1 103 Early Hints\r\n\r\n", qr/^HTTP\S+ 103/ ],
	);
	my @halves = (
		[ 'in a length', "Content-Length: 10\r\n", 'abc', '1.1' ],
		[ 'in a chunk', "Transfer-Encoding: chunked\r\n", "a\r\nabc", '1.1' ],
		[ 'between chunks', "Transfer-Encoding: chunked\r\n", chunk('abc'), '1.1' ],
		[ 'before the end of the chunks', "Transfer-Encoding: chunked\r\n", chunk('abc') . "0\r\n", '1.1' ],
		[ 'in a length, 1.0', "Content-Length: 10\r\n", 'abc', '1.0' ],
		[ 'in chunks, 1.0', "Transfer-Encoding: chunked\r\n", chunk('abc'), '1.0' ],
	);

	foreach my $end (@ends)
	{
		foreach my $case (@cases)
		{
			my ($client, $server) = begun("$post\r\n");
			say($server, $case->[1]);
			answer($client) if $case->[1] =~ / 103/;
			$end->[1]->($server);
			is(answer($client)->{status}, 502, "$end->[0] $case->[0]: 502");
		}
		foreach my $case (@halves)
		{
			my ($name, $field, $bytes, $version) = @$case;
			my ($client, $server) = begun("GET / HTTP/$version\r\nHost: h\r\n\r\n");
			say($server, "HTTP/1.1 200 OK\r\n$field\r\n$bytes");
			like(head_on($client), qr/ 200 /, "$end->[0] $name: the head is sent");
			bytes_on($client, 1);
			$end->[1]->($server);
			my $how = end_of($client);
			$name =~ /chunks, 1.0/ ? is($how, 'reset', "$end->[0] $name: reset, since an end would mean: whole")
			  : isnt($how, 'open', "$end->[0] $name: the client gets the end");
			unlike($client->{buffer}, qr/0\r\n\r\n$/, "$end->[0] $name: and no last chunk");
		}
	}
	my ($client, $server) = begun("$get\r\n");
	say($server, "HTTP/1.1 200 OK\r\n\r\nabc");
	head_on($client);
	is(chunk_bytes_on($client, 3), 'abc', 'an answer up to the end');
	reset_connection($server);
	is(rest_on($client), '', 'is not whole after a reset');
	ok($gateway->until_status('in_flight', 0), 'nothing is left');
};

is($gateway->stop, 0, 'the gateway stops');
done_testing();
