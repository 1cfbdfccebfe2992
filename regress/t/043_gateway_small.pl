# What is small and comes seldom: empty lines without end, answers with many
# fields, odd lengths, bytes that nobody asked for, the side in the answer, and
# held requests at the end.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/lib";

use Gateway;
use Gray::Deadline qw(until_true);
use Gray::Recorder;
use IO::Socket::INET;
use Test::More;

plan skip_all => 'no gateway at ' . Gateway::binary() unless -x Gateway::binary();

my $v1 = Gateway::backend('v1');
my $v2 = Gateway::backend('v2');
my $ok = "HTTP/1.1 200 OK\r\n";

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2", %settings);
}

subtest 'answers with many fields' => sub {
	my %answers = map { ("fields$_" => $ok . "Set-Cookie: a=b\r\n" x ($_ - 1) . "Content-Length: 2\r\n\r\nok") }
	  20, 21, 127, 128, 400, 1000, 1001, 1025;
	my $server = Gray::Recorder->new(%answers);
	my @usual = (production => "127.0.0.1:$server->{port}", max_header_bytes => 100_000);
	my ($gateway, $strict) = (gateway(@usual), gateway(@usual, max_answer_headers => 20));

	foreach my $count (127, 128, 400, 1000)
	{
		my $answer = $gateway->get("/answer/fields$count");

		is($answer->{status}, 200, "$count fields");
		is((() = $answer->{head} =~ /^Set-Cookie: a=b\r$/mg), $count - 1, 'all of them');
	}
	is($gateway->get("/answer/fields$_")->{status}, 502, "$_ fields are too many") foreach 1001, 1025;
	like($gateway->log, qr/: 502: the server answered with too many header fields: server /, 'the log says so');
	is($strict->get('/answer/fields20')->{status}, 200, 'max_answer_headers: 20 pass');
	is($strict->get('/answer/fields21')->{status}, 502, 'and 21 do not');
};

done_testing();
