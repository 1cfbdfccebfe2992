# Real clients and a real server: node on both sides, curl, wrk; node and wrk as far as they are installed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5 qw(md5_hex);
use Gateway;
use Gateway::Backend;
use Gray::Daemon;
use Gray::File qw(write_file);
use Gray::Needed qw(installed optional);
use Test::More;

# What a machine sets for its own programs: node says so on standard error.
delete @ENV{qw(NODE_EXTRA_CA_CERTS NODE_OPTIONS)};

my $node = "$FindBin::RealBin/lib/node";
my $v1 = backend('v1');
my $gateway = Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v1");
my $base = "http://127.0.0.1:$gateway->{port}";

SKIP:
{
	skip 'no node here, which is optional', 1 unless optional('node');

	subtest 'node' => sub {
		my $server = Gray::Daemon->start(qr/listening on (\d+)/, 'node', "$node/server.js");
		my $one = Gateway->start(production => "127.0.0.1:$server->{found}", gray => "127.0.0.1:$server->{found}");
		my $said = `node $node/client.js $one->{port} 2>&1`;

		like($said, qr/^sockets (\d+)\ndone\n\z/, '400 requests in all framings, and a tunnel');
		my ($sockets) = $said =~ /^sockets (\d+)/;
		cmp_ok($sockets // 400, '<=', 16, 'on connections that were kept');
		is($one->status('requests'), 401, 'each came once');
		is($one->stop, 0, 'stops');
	};
}

sub curl
{
	my (@arguments) = @_;
	my $command = join ' ', 'curl -sS -m 20', map { "'$_'" } @arguments;

	return `$command 2>&1`;
}

installed('curl');
subtest 'curl' => sub {
	my $file = "$gateway->{directory}/body";
	my $body = join '', map { chr(32 + $_ % 90) } 1 .. 3_000_000;
	my $whole = length($body) . ' ' . md5_hex($body);

	write_file($file, $body);
	like(curl("$base/which"), qr/^v1 /, 'GET');
	is(curl('-w', '%{num_connects} ', map { ('-o', '/dev/null', "$base/which") } 1 .. 3), '1 0 0 ', 'three on one connection');
	like(curl('-0', "$base/which"), qr/^v1 /, 'HTTP/1.0');
	like(curl('-I', "$base/length/12345"), qr/^Content-Length: 12345\r/m, 'HEAD');
	like(curl('--data-binary', "\@$file", "$base/continue"), qr/\n$whole\n/, 'POST, which expects to be told to go on');
	like(curl('-T', $file, "$base/echo"), qr/\n$whole\n/, 'PUT with a length');
	like(`curl -sS -m 20 -T - '$base/echo' < /dev/null 2>&1`, qr/\n0 /, 'PUT of nothing in chunks');
	like(`curl -sS -m 20 -T - '$base/echo' < '$file' 2>&1`, qr/\n$whole\n/, 'PUT in chunks');
	is(length curl("$base/chunked/100/30000"), 3_000_000, 'an answer in chunks');
	is(length curl("$base/toend/3000000"), 3_000_000, 'an answer up to the end');
	is(curl('-o', '/dev/null', '-w', '%{http_code}', "$base/status/204"), '204', 'no content');
	like(curl("$base/half"), qr/transfer closed|partial/i, 'an answer that breaks off is an error');
	like(curl("$base/halfchunk"), qr/transfer closed|partial/i, 'in chunks, too');
	is(curl('-o', '/dev/null', '-w', '%{http_code}', '--request-target', "$base/x", "$base/"), '400', 'absolute form');
};

SKIP:
{
	skip 'no wrk here, which is optional', 1 unless optional('wrk');

	subtest 'wrk' => sub {
		my $said = `wrk -t1 -c32 -d1s '$base/which' 2>&1`;

		like($said, qr/Requests\/sec/, 'a second of it');
		unlike($said, qr/Socket errors|Non-2xx/, 'without an error');
	};
}

ok($gateway->alive, 'the gateway lives');
is($gateway->stop, 0, 'and stops');
done_testing();
