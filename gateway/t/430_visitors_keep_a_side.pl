# Visitors without a user: a share of them goes to gray, each keeps to one side by a signed cookie, and whoever
# turns out to be a user goes where the data is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Gateway;
use Gateway::Backend;
use Gateway::Naming qw(cookie_value given gives side_of);
use Gray::Deadline qw(until_true);
use Gray::Server;
use Test::More;

my $KEY = 'one-key-of-the-cookies-of-32-bytes-or-more';
my $server = Gray::Server->new('visitors');

$server->create_shop;
$server->value(q{CREATE ROLE gateway LOGIN; SELECT gray_grant('gateway', 'gateway'),
	gray_add_user(7), gray_open(), gray_migrate(7)});

my %settings = (listen => '127.0.0.1:0', production => '127.0.0.1:' . backend('v1'), gray => '127.0.0.1:' . backend('v2'),
	database => $server->conninfo . ' user=gateway', remember => 'cookie:who', remember_key => $KEY, visitors => '50');
my $gateway = Gateway->start(%settings);
my $in = time + 1_000_000;

ok($gateway->until_loaded, 'the roster is loaded');

sub visit
{
	my ($position, $expires) = @_;
	return $gateway->get('/echo', 'Cookie: gray_side=' . cookie_value($KEY, 'side', 'v2', $expires // $in, $position));
}

# Which of some positions gray answers.
sub in_gray
{
	return join ' ', grep { side_of(visit($_)) eq 'v2' } qw(0 999 1000 1249 1250 4999 5000 9999);
}

subtest 'a page and its scripts' => sub {
	my %sides;

	foreach my $visitor (1 .. 40)
	{
		my $page = $gateway->get('/echo');
		my ($value, $attributes) = given($page, 'gray_side');
		my $script = $gateway->get('/echo', "Cookie: a=1; gray_side=$value");

		$sides{ side_of($page) }++;
		next if side_of($script) eq side_of($page) && !gives($script, 'gray_side') && $script->{body} =~ /^Cookie: a=1\r$/m
		  && $attributes eq '; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax';
		fail('come from one version, and servers see nothing of the cookie: ' . $page->{head} . $script->{head} . $script->{body});
	}
	is(join(' ', sort keys %sides), 'v1 v2', 'some visitors are in gray, others in production');
};

subtest 'the share' => sub {
	is(in_gray(), '0 999 1000 1249 1250 4999', 'those below it are in gray');
	$gateway->change(visitors => '12.50');
	is(in_gray(), '0 999 1000 1249', 'a lower one takes some out');
	$gateway->change(visitors => '100');
	is(in_gray(), '0 999 1000 1249 1250 4999 5000 9999', 'all');
	is(side_of($gateway->get('/echo')), 'v2', 'new ones as well');
	$gateway->change(visitors => '0');
	is(in_gray(), '', 'none');
	ok(!gives($gateway->get('/echo'), 'gray_side'), 'and nobody gets a cookie');
	$gateway->change(visitors => 'off');
	is(in_gray(), '', 'off: none');
	$gateway->change(%settings);
	is(in_gray(), '0 999 1000 1249 1250 4999', 'and the first ones again');
};

subtest 'what a cookie is worth' => sub {
	$gateway->change(visitors => '100');
	foreach my $value ('1', cookie_value("x$KEY", 'side', 'v2', $in, '1'), cookie_value($KEY, 'user', 'v2', $in, '1'),
		cookie_value($KEY, 'side', 'v2', time - 1, '1'), cookie_value($KEY, 'side', 'v2', $in, '10000'))
	{
		ok(gives($gateway->get('/echo', "Cookie: gray_side=$value"), 'gray_side'), "none of ours: another is given: $value");
	}
	ok(!gives(visit(1), 'gray_side'), 'a good one stays');
	my ($value) = given(visit(42, time + 100), 'gray_side');
	$gateway->change(visitors => '0.43');
	is(side_of($gateway->get('/echo', "Cookie: gray_side=$value")), 'v2', 'when half of its time is over it is renewed, of the same place');
	$gateway->change(visitors => '0.42');
	is(side_of($gateway->get('/echo', "Cookie: gray_side=$value")), 'v1', 'exactly');
	$gateway->change(visitors => '100');
};

subtest 'users' => sub {
	my $side = 'Cookie: gray_side=' . cookie_value($KEY, 'side', 'v2', $in, '1');
	my $answer = $gateway->get('/echo', $side, 'X-User-Id: 9');

	is(side_of($answer), 'v1', 'a user goes where the data is, whatever a visitor was');
	ok(!gives($gateway->get('/echo', 'X-User-Id: 9'), 'gray_side'), 'and gets no cookie of visitors');
	$answer = $gateway->get('/say/421/9/v2', $side);
	is(side_of($answer), 'v1', 'a visitor in gray logs in, and is at home');
	my ($who) = given($answer, 'who');
	is(side_of($gateway->get('/echo', "$side; who=$who")), 'v1', 'and is from then on');
};

subtest 'closed' => sub {
	my $gone = $gateway->get('/gone');
	is($gone->{status} . gives($gone, 'gray_side'), '502', 'an answer of its own gives no cookie');
	$server->value('SELECT gray_close()');
	ok($gateway->until_status('open', 'false'), 'the release is closed');
	is(in_gray(), '', 'all visitors are in production');
	is(side_of($gateway->get('/echo')) . gives($gateway->get('/echo'), 'gray_side'), 'v1', 'new ones as well, without a cookie');
	$server->value('SELECT gray_open()');
	ok(until_true('open', sub { in_gray() eq '0 999 1000 1249 1250 4999 5000 9999' }), 'and back when it is open again');
};

is($gateway->stop, 0, 'the gateway stops with exit code 0');
done_testing();
