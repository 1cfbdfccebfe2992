# Where the gateway finds a request's user: header, cookie, query parameter,
# path, and the claim of a token that is verified.  User 7 is in gray, nobody
# else is: an answer from v2 means that 7 was found.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Backend;
use Gateway::Token;
use Gray::File qw(write_file);
use Gray::Needed qw(built);
use Gray::Random qw(any);
use Gray::Server;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $v1 = backend('v1');
my $v2 = backend('v2');
my $server = Gray::Server->new('uid');

$server->create_shop;
$server->value('SELECT gray_add_user(7), gray_open(), gray_migrate(7)');
Gateway::Token::make_keys($directory);

my %private = (HS256 => "$directory/secret", RS256 => "$directory/rsa.key", ES256 => "$directory/ec.key");
my %public = (HS256 => "$directory/secret", RS256 => "$directory/rsa.pub", ES256 => "$directory/ec.pub");

# A gateway that has loaded its roster.
sub gateway
{
	my (%settings) = @_;
	my $one = Gateway->start(production => "127.0.0.1:$v1", gray => "127.0.0.1:$v2",
		database => $server->conninfo, %settings);

	$one->until_loaded;
	return $one;
}

sub token_gateway
{
	my ($algorithm, %settings) = @_;
	return gateway(uid => 'jwt:sub', jwt_algorithm => $algorithm, jwt_key_file => $public{$algorithm}, %settings);
}

sub bearer
{
	my ($algorithm, %claims) = @_;
	return 'Authorization: Bearer ' . token($algorithm, %claims);
}

sub token
{
	my ($algorithm, %claims) = @_;
	return Gateway::Token::make($algorithm, $private{$algorithm}, sub => '7', exp => time + 600, %claims);
}

subtest 'each place' => sub {
	my $gateway = gateway(uid => 'header:X-User-Id, cookie:uid, query:user, path:/users/{uid}/');

	is($gateway->who_gets('/which'), 'v1', 'nobody: production');
	is($gateway->who_gets('/which', 'X-User-Id: 7'), 'v2', 'header');
	is($gateway->who_gets('/which', 'x-user-id: 007'), 'v2', 'in any case, in any spelling of the number');
	is($gateway->who_gets('/which', 'Cookie: a=b; uid=7'), 'v2', 'cookie');
	is($gateway->who_gets('/which?user=7'), 'v2', 'query');
	is($gateway->who_gets('/which?a=b&user=%2B%37'), 'v2', 'percent-decoded');
	is($gateway->who_gets('/users/7/orders'), 'v2', 'path');
	is($gateway->who_gets('/users/%37'), 'v2', 'percent-decoded');
	is($gateway->who_gets('/users/7?user=8', 'Cookie: uid=9', 'X-User-Id: 10'), 'v1', 'the header wins');
	is($gateway->who_gets('/users/7?user=8', 'Cookie: uid=9', 'X-User-Id: 7'), 'v2', 'so it does');
	is($gateway->who_gets('/users/7?user=8', 'Cookie: uid=7'), 'v2', 'before query and path the cookie');
	is($gateway->who_gets('/users/7?user=8'), 'v1', 'before the path the query');
};

subtest 'one place, spelled in many ways' => sub {
	my $gateway = gateway(uid => 'header:X-User-Id, query:user, path:/users/{uid}/, cookie:uid', max_uid_bytes => 4);

	is($gateway->who_gets('/which?us%65r=7'), 'v2', 'the name is percent-decoded, too');
	is($gateway->who_gets('/%75sers/7/'), 'v2', 'and the path');
	is($gateway->who_gets('/which?user=+7%0a'), 'v2', 'blanks around a number, as in PostgreSQL');
	is($gateway->who_gets('/users%2F7/'), 400, 'but an encoded slash is none to all servers');
	is($gateway->who_gets('/a/../users/7/'), 400, 'nor are dots');
	is($gateway->who_gets($_), 400, "$_ is tidied up by some") foreach '//users/7/', '/users//7/', '/users/./7/', '/a/%2e%2e/users/7',
	  '/users/8/../7/', '/users/8/..%2f7', '/users\\7', '/a/..;x/users/7/', '/users/7;x', '/users/7.', '/Users/7/', '/users/7//../../users/7';
	is($gateway->who_gets('/which', 'X-User-Id: 7', 'X-User-Id: 7'), 400, 'a header twice');
	is($gateway->who_gets('/which', 'X_User_Id: 7'), 'v1', 'a header that is like it does not count');
	unlike($gateway->get('/echo', 'X_User_Id: 7')->{body}, qr/user/i, 'and does not arrive');
	like($gateway->get('/echo', 'Connection: X-User-Id', 'X-User-Id: 7')->{body}, qr/^X-User-Id: 7\r/m, 'what counts does, whatever Connection says');
	is($gateway->who_gets('/which?user=7&user=7'), 400, 'a parameter twice');
	is($gateway->who_gets('/which?a=b;user=7'), 400, 'or to some servers');
	is($gateway->who_gets('/which', 'Cookie: uid=7; uid=8'), 400, 'a cookie twice');
	is($gateway->who_gets('/which', 'Cookie: uid=7; uid=7'), 'v2', 'with one value');
	is($gateway->who_gets('/which?user=%7', 'Cookie: uid=7'), 400, 'bad encoding');
	like($gateway->log, qr/400: the user id could be read in two ways/, 'the log says why');
	is($gateway->who_gets('/which', 'X-User-Id: 0007', 'Cookie: uid=8'), 'v2', 'as long as allowed');
	is($gateway->who_gets('/which', 'X-User-Id: 00007', 'Cookie: uid=7'), 'v1', 'longer');
	is($gateway->who_gets('/which?user=%30%30%30%37'), 'v2', 'counted decoded');
	is($gateway->who_gets('/which', 'X-User-Id:', 'Cookie: uid=7'), 'v2', 'an empty one is not there');
};

foreach my $algorithm (qw(HS256 RS256 ES256))
{
	subtest "token, $algorithm" => sub {
		my $gateway = token_gateway($algorithm);
		my $other = $algorithm eq 'HS256' ? 'RS256' : 'HS256';
		my $good = bearer($algorithm);

		is($gateway->who_gets('/which'), 'v1', 'none');
		is($gateway->who_gets('/which', $good), 'v2', 'a good one');
		is($gateway->who_gets('/which', $good =~ s/Bearer/bEARER/r), 'v2', 'the scheme in any case');
		is($gateway->who_gets('/which', $good =~ s/Bearer /Bearer\t/r), 'v2', 'with a tab behind it');
		is($gateway->who_gets('/which', bearer($algorithm, sub => 7)), 'v2', 'an integer');
		is($gateway->who_gets('/which', bearer($algorithm, sub => '8')), 'v1', 'of another user');
		is($gateway->who_gets('/which', $good, bearer($algorithm, sub => '8')), 'v1', 'two');
		is($gateway->who_gets('/which', $good =~ s/Bearer/Basic/r), 'v1', 'another scheme');
		is($gateway->who_gets('/which', $good =~ s/(.)(.{9})$/($1 eq 'A' ? 'B' : 'A') . $2/er), 'v1', 'another signature');
		is($gateway->who_gets('/which', bearer($algorithm, exp => time - 60)), 'v1', 'expired');
		is($gateway->who_gets('/which', bearer($algorithm, nbf => time + 600)), 'v1', 'not valid yet');
		is($gateway->who_gets('/which', bearer($algorithm, exp => undef)), 'v1', 'without end');
		is($gateway->who_gets('/which', bearer($other)), 'v1', "signed with $other");
		is($gateway->who_gets('/which', 'Authorization: Bearer '
				  . Gateway::Token::make('none', undef, sub => '7', exp => time + 600)), 'v1', 'not signed');
		is($gateway->who_gets('/which', 'Authorization: Bearer '
				  . Gateway::Token::make('HS256', $public{RS256}, sub => '7', exp => time + 600)), 'v1',
			'the public key as a secret');
		like($gateway->log, qr/debug: no uid from the token: it has expired/, 'the log says why');
	};
}

subtest 'audience and leeway' => sub {
	my $gateway = token_gateway('HS256', jwt_audience => 'shop', jwt_leeway_s => 3600);

	is($gateway->who_gets('/which', bearer('HS256')), 'v1', 'none');
	is($gateway->who_gets('/which', bearer('HS256', aud => 'shops')), 'v1', 'another');
	is($gateway->who_gets('/which', bearer('HS256', aud => 'shop')), 'v2', 'ours');
	is($gateway->who_gets('/which', bearer('HS256', aud => [ 'x', 'shop' ])), 'v2', 'ours among others');
	is($gateway->who_gets('/which', bearer('HS256', aud => 'shop', exp => time - 1800)), 'v2', 'clocks differ so much');
	is($gateway->who_gets('/which', bearer('HS256', aud => 'shop', exp => time - 4000)), 'v1', 'and no more');
};

subtest 'among other places' => sub {
	my $gateway = token_gateway('HS256',
		uid => 'header:X-First, jwt:https://shop/user@cookie:session, header:X-User-Id, jwt:sub');
	my $mine = 'Cookie: session=' . token('HS256', 'https://shop/user' => 7);
	my $expired = 'Cookie: session=' . token('HS256', 'https://shop/user' => 7, exp => 1);

	is($gateway->who_gets('/which', $mine), 'v2', 'in a cookie');
	is($gateway->who_gets('/which', $mine, 'X-First: 8'), 'v1', 'the first wins');
	is($gateway->who_gets('/which', $mine, 'X-User-Id: 8'), 'v2', 'also when it is a token');
	is($gateway->who_gets('/which', 'X-User-Id: 7'), 'v2', 'without a token the next');
	is($gateway->who_gets('/which', 'Cookie: session=' . token('HS256'), 'X-User-Id: 7'), 'v2',
		'with a token that does not have the claim, too');
	is($gateway->who_gets('/which', $expired, 'X-User-Id: 7'), 'v1', 'a bad token: what is not verified does not count');
	is($gateway->who_gets('/which', $expired, 'X-User-Id: 8', bearer('HS256')), 'v2', 'but another token does');
	is($gateway->who_gets('/which', $expired, 'X-First: 7'), 'v2', 'and what comes before it');
};

subtest 'cookies that are encoded' => sub {
	my $gateway = gateway(uid => 'cookie:plain, cookie:express:decoded, cookie:rack:form, cookie:django:raw');

	is($gateway->who_gets('/which', 'Cookie: plain=7'), 'v2', 'one that is not');
	is($gateway->who_gets('/which', 'Cookie: plain=%37'), 400, 'one that is, to some servers');
	is($gateway->who_gets('/which', 'Cookie: express=%37'), 'v2', 'decoded');
	is($gateway->who_gets('/which', 'Cookie: express=+7'), 'v2', '+ is itself');
	is($gateway->who_gets('/which', 'Cookie: rack=+%37'), 'v2', 'or a space');
	is($gateway->who_gets('/which', 'Cookie: django=%37'), 'v1', 'or taken as it stands');
	is($gateway->status('without'), 0, 'none was without a value');
	my ($places) = $gateway->get_status =~ /"uids": (.*?\]\})/s;
	is(join(' ', $places =~ /"place": "(\S+)", "with": (\d+), "bad": (\d+)/g),
		'cookie:plain 1 1 cookie:express:decoded 2 0 cookie:rack:form 1 0 cookie:django:raw 0 1', 'counted by place');
};

subtest 'other tokens' => sub {
	my $gateway = token_gateway('HS256', uid => 'jwt:user.id@query:token, jwt:user.id@header:X-Token, jwt:https://shop/user.id',
		access_log => '-');
	my $nested = token('HS256', user => { id => 7, name => 'x' });
	my $named = token('HS256', 'https://shop/user.id' => 7);

	is($gateway->who_gets("/which?a=b&token=$nested"), 'v2', 'a parameter, and a claim in a claim');
	is($gateway->who_gets('/which', "X-Token: $nested"), 'v2', 'a header');
	is($gateway->who_gets('/which', "Authorization: Bearer $named"), 'v2', 'a claim whose name has a dot');
	is($gateway->who_gets("/which?token=$nested&token=$nested"), 'v1', 'twice');
	is($gateway->who_gets('/which?token=' . token('HS256', user => { id => 8 })), 'v1', 'of another user');
	unlike($gateway->log, qr/\Q$nested/, 'no log has the token');
};

subtest 'places that can never work' => sub {
	my $ini = "$directory/places.ini";

	foreach my $case (
		[ 'body:uid', 'expected header:NAME' ],
		[ 'header:Connection', 'no user can be in this header' ],
		[ 'header:X-Gray-User', 'no user can be in this header' ],
		[ 'header:Authorization', 'is read by jwt:CLAIM' ],
		[ 'cookie:a=b', 'a cookie is given as' ],
		[ 'path:/users/', 'has {uid} once' ],
		[ 'path:/users/../{uid}', 'no path is like that' ],
		[ 'jwt:sub', 'jwt_algorithm: is missing' ],
		[ 'header:X, header:x', 'one place is there twice' ],
		[ 'lookup:cookie:sid', 'there is no uid_query' ],
		[ 'header:', 'missing or not a name' ])
	{
		my ($uid, $problem) = @$case;

		my ($code, $said) = Gateway::check($ini, $Gateway::GOOD =~ s/^uid = .*/uid = $uid/mr);
		ok($code == 1 && $said =~ /\Q$problem\E/, "$uid: $problem") or diag($said);
	}
};

subtest 'configuration' => sub {
	my $ini = "$directory/check.ini";
	my $good = $Gateway::GOOD =~ s/^uid = .*/$&, jwt:sub/mr;

	write_file("$directory/short", 'x' x 31);
	foreach my $case (
		[ '', 'jwt_algorithm: is missing, and uid has jwt:' ],
		[ 'jwt_algorithm = HS256', 'jwt_key_file: is missing' ],
		[ "jwt_algorithm = none\njwt_key_file = $public{HS256}", ':8: jwt_algorithm: expected HS256, RS256 or ES256' ],
		[ "jwt_algorithm = HS256\njwt_key_file = $directory/nothing", ':9: jwt_key_file: can\'t be read' ],
		[ "jwt_algorithm = HS256\njwt_key_file = $directory/short", 'jwt_key_file: holds a secret of less than 32 bytes' ],
		[ "jwt_algorithm = HS256\njwt_key_file = $public{RS256}", 'jwt_key_file: holds a key pair, a public key' ],
		[ "jwt_algorithm = HS256\njwt_key_file = $private{ES256}", 'jwt_key_file: holds a key pair, a public key' ],
		[ "jwt_algorithm = RS256\njwt_key_file = $public{HS256}", 'jwt_key_file: does not hold a public key as PEM' ],
		[ "jwt_algorithm = RS256\njwt_key_file = $private{RS256}", 'jwt_key_file: does not hold a public key as PEM' ],
		[ "jwt_algorithm = RS256\njwt_key_file = $public{ES256}", 'jwt_key_file: does not hold an RSA key' ],
		[ "jwt_algorithm = ES256\njwt_key_file = $public{RS256}", 'jwt_key_file: does not hold a key on the curve P-256' ])
	{
		my ($lines, $problem) = @$case;

		my ($code, $said) = Gateway::check($ini, "$good$lines\n");
		is($code, 1, "refused: $problem");
		like($said, qr/\Q$problem\E/, 'and said why');
	}
	foreach my $algorithm (sort keys %public)
	{
		is((Gateway::check($ini, "${good}jwt_algorithm = $algorithm\njwt_key_file = $public{$algorithm}\n"))[0], 0, "good: $algorithm");
	}
};

# What PostgreSQL makes of a value, and what the gateway makes of it, are the same
# for whatever value: so two spellings of one user are one, and what is none in the
# database is none here.
subtest 'canonical form' => sub {
	my $seed = $ENV{GRAY_SEED} || 20261127;
	my $form = built(Gateway::binary() =~ s{[^/]*$}{test/uid_form}r, 'make -C gateway tests');
	my %kinds = (smallint => \&number, integer => \&number, bigint => \&number, uuid => \&uuid,
		text => \&text, 'character varying' => \&text);
	my (@lines, %count);

	srand $seed;
	foreach my $kind (sort keys %kinds)
	{
		push @lines, map { "$kind\t" . unpack('H*', substr($kinds{$kind}->(), 0, 255)) } 1 .. 2000;
	}
	write_file("$directory/values", join('', map { "$_\n" } @lines));
	$server->value(q{CREATE FUNCTION form(kind text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE form text;
		BEGIN
			EXECUTE format('SELECT $1::%s::text', kind) INTO form USING convert_from(bytes, 'UTF8');
			RETURN CASE form WHEN '' THEN '-' ELSE encode(convert_to(form, 'UTF8'), 'hex') END;
		EXCEPTION WHEN data_exception THEN RETURN '-';
		END $$});
	my @theirs = split /\n/, $server->value("CREATE TEMP TABLE value (number serial, kind text, hex text);
		COPY value (kind, hex) FROM '$directory/values';
		SELECT form(kind, decode(hex, 'hex')) FROM value ORDER BY number");
	my $version = $server->value('SHOW server_version_num');
	my @ours = split /\n/, `'$form' $version < '$directory/values'`;

	is(scalar @theirs, scalar @lines, 'PostgreSQL has looked at all');
	is(scalar @ours, scalar @lines, 'the gateway, too');
	my @differing = grep { $ours[$_] ne $theirs[$_] } 0 .. $#lines;
	is(scalar @differing, 0, "they say the same, seed $seed")
	  or diag(join "\n", map { "$lines[$_]: PostgreSQL $theirs[$_], the gateway $ours[$_]" } @differing[0 .. ($#differing < 9 ? $#differing : 9)]);
	$count{ $lines[$_] =~ s/\t.*//r }{ $theirs[$_] eq '-' ? 'none' : 'good' }++ foreach 0 .. $#lines;
	foreach my $kind (sort keys %kinds)
	{
		cmp_ok($count{$kind}{good}, '>', 200, "$kind: $count{$kind}{good} of them are uids");
		cmp_ok($count{$kind}{none}, '>', 200, "$kind: $count{$kind}{none} are none");
	}
};

# Some bytes added, removed or changed.
sub damaged
{
	my ($value) = @_;

	foreach (1 .. any(0, 0, 0, 1, 1, 2))
	{
		substr($value, rand(1 + length $value), any(0, 0, 1),
			any('', '-', '+', ' ', '0', '7', '{', '}', '.', 'e', "\0", "\x{a0}", "\n", "\x85", 'x', "\x0b"));
	}
	return $value;
}

sub number
{
	my @limits = qw(32767 32768 2147483647 2147483648 9223372036854775807 9223372036854775808 0 9 42);
	my $number = any(0, 1) ? any(@limits) : join '', map { int rand 10 } 1 .. 1 + rand 20;

	# forms of version 16 and later
	substr($number, 1 + rand(length($number) - 1), 0, '_') if rand() < 0.1;
	$number = any('0x', '0X', '0o', '0b', '0x_') . any($number, map { sprintf $_, $number % 40000 } '%x', '%X', '%o', '%b') if rand() < 0.2;
	return damaged(any('', '', ' ', "\t\r ") . any('', '', '-', '+') . ('0' x any(0, 0, 1, 30)) . $number
		  . any('', '', ' ', "\n\f\x0b"));
}

sub uuid
{
	my @groups = map { join '', map { any(0 .. 9, 'a' .. 'f', 'A' .. 'F') } 1 .. 4 } 1 .. 8;
	my $uuid = shift @groups;

	$uuid .= any('', '-') . $_ foreach @groups;
	return damaged(any($uuid, "{$uuid}"));
}

sub text
{
	my @characters = ('a' .. 'e', ' ', "\t", "\x7f", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbf",
		"\xed\x9f\xbf", "\xf4\x8f\xbf\xbf");
	my @flaws = ("\0", "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xe2\x82", "\xc3");

	return join '', map { rand() < 0.05 ? any(@flaws) : any(@characters) } 1 .. rand 20;
}

subtest 'a new key' => sub {
	my $gateway = token_gateway('HS256');
	my $old = bearer('HS256');

	is($gateway->who_gets('/which', $old), 'v2', 'before');
	write_file($public{HS256}, 'another secret that is long enough');
	ok($gateway->reload, 'SIGHUP');
	is($gateway->who_gets('/which', $old), 'v1', 'tokens of the old one are worth nothing');
	is($gateway->who_gets('/which', bearer('HS256')), 'v2', 'those of the new one are');
};

done_testing();
