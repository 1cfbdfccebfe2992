# What an administrator has checked before the gateway runs: settings and secrets (-t),
# the unit file, and how the program was built.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use File::Temp qw(tempdir);
use Gateway;
use Gateway::Tls qw(authority certificate);
use Gray::File qw(slurp write_file);
use Gray::Needed qw(installed optional);
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $directory = tempdir(CLEANUP => 1);
my $ini = "$directory/gateway.ini";
my %usual = (listen => '127.0.0.1:0', release => 'v2', database => 'dbname=x', without_roster => 'refuse', uid => 'header:X', production => '127.0.0.1:1', gray => '127.0.0.1:2');

# What -t says: exit code and text.
sub check
{
	my (%settings) = @_;

	return Gateway::check($ini, { %usual, %settings });
}

sub file
{
	my ($name, $text, $mode) = @_;

	write_file("$directory/$name", $text);
	chmod $mode, "$directory/$name";
	return "$directory/$name";
}

sub is_good
{
	my ($name, %settings) = @_;
	my ($code, $said) = check(%settings);

	return is("$code $said", "0 $ini: ok\n", $name);
}

sub warns
{
	my ($name, $pattern, %settings) = @_;
	my ($code, $said) = check(%settings);

	is($code, 0, "$name: is let through");
	return like($said, qr/^gray-gateway: warning: \Q$ini\E: $pattern/m, "$name: with a warning");
}

sub refuses
{
	my ($name, $pattern, %settings) = @_;
	my ($code, $said) = check(%settings);

	is($code, 1, "$name: is refused");
	unlike($said, qr/hunter2/, "$name: without a secret");
	return like($said, $pattern, "$name: with the reason");
}

subtest 'the connection to the database' => sub {
	is_good('key=value', database => "host=127.0.0.1 dbname=app user='gray gateway'");
	is_good('a URI', database => 'postgresql://gray@127.0.0.1/app?sslmode=require');
	refuses($_->[0], qr/:\d+: database: libpq does not understand it/, database => $_->[1])
	  foreach [ 'an unknown key', 'dbname=x pasword=hunter2' ], [ 'an open quote', "dbname=x password='hunter2" ],
	  [ 'a blank too many', 'dbname=x password=a hunter2' ], [ 'a bad URI', 'postgresql://u:hunter2@[::1/x' ];
};

subtest 'secrets from elsewhere' => sub {
	my $secret = file('conninfo', "dbname=x password=hunter2\n", 0600);

	is_good('a file', database => "file:$secret");
	local $ENV{GRAY_TEST} = 'dbname=x password=hunter2';
	is_good('the environment', database => 'env:GRAY_TEST', uid_hash_key => 'env:GRAY_TEST');
	refuses('a credential outside a unit', qr/database: \$CREDENTIALS_DIRECTORY is not set/, database => 'credential:conninfo');
	local $ENV{CREDENTIALS_DIRECTORY} = $directory;
	is_good('a credential', database => 'credential:conninfo', uid_hash_key => 'credential:conninfo');
	refuses('another path', qr/database: a credential has a name without/, database => 'credential:../conninfo');
	refuses('no such file', qr/database: the file can't be read/, database => "file:$directory/none");
	refuses('an empty file', qr/database: the file is empty/, database => 'file:' . file('empty', "\n", 0600));
	refuses('no such variable', qr/database: the environment has no such variable/, database => 'env:GRAY_NONE');
	refuses('a bad one in a file', qr/database: libpq does not understand it/, database => 'file:' . file('bad', "password=a hunter2\n", 0600));

	file('hs256', 'x' x 40, 0600);
	is_good('a key by credential', uid => 'jwt:sub', jwt_algorithm => 'HS256', jwt_key_file => 'credential:hs256');
	my $gateway = Gateway->start(%usual, uid_hash_key => 'credential:hs256', log_level => 'info');
	unlike($gateway->log, qr/warning: \S+\.ini/, 'a start with that says nothing');
	is($gateway->stop, 0, 'and stops');
};

subtest 'what could be safer' => sub {
	authority('ca');
	certificate('one', 'ca', 'IP:127.0.0.1');
	my $tls = $Gateway::Tls::DIRECTORY;
	my %listen = (listen => 'tls:127.0.0.1:0', tls_certificate => "$tls/one.pem", tls_key => "$tls/one.key");

	chmod 0600, "$tls/one.key";
	is_good('a key that is hidden', %listen);
	chmod 0644, "$tls/one.key";
	warns('a key that is not', qr/tls_key: \S+one\.key can be read by others; type: chmod 600 /, %listen);
	write_file("$tls/both.pem", join '', map { slurp($_) } "$tls/one.pem", "$tls/one.key");
	chmod 0644, "$tls/both.pem";
	warns('a certificate with its key', qr/tls_certificate, which has the key: /, listen => 'tls:127.0.0.1:0', tls_certificate => "$tls/both.pem");
	warns('a secret of tokens', qr/jwt_key_file: /, uid => 'jwt:sub', jwt_algorithm => 'HS256', jwt_key_file => file('shared', 'x' x 40, 0644));
	warns('a file of passwords', qr/database: passfile: /, database => 'dbname=x passfile=' . file('pgpass', "*:*:*:*:hunter2\n", 0644));
	warns('a password in a file of its own', qr/database has a password: \S+conninfo can be read by others/, database => 'file:' . file('conninfo', 'dbname=x password=hunter2', 0644));
	is_good('one that is hidden', database => 'file:' . file('conninfo', 'dbname=x password=hunter2', 0600));
	warns('the key of cookies in one', qr/remember_key is a secret: \S+cookies can be read/, remember_key => 'file:' . file('cookies', 'x' x 32, 0644));
	warns('the key of hashes in one', qr/uid_hash_key is a secret: \S+hashes can be read/, uid_hash_key => 'file:' . file('hashes', 'hunter2', 0644));
	chmod 0644, $ini;
	warns('a password in the file itself', qr/database has a password: \Q$ini\E can be read by others/, database => 'dbname=x password=hunter2');
	warns('the password of a key', qr/database has a password: \Q$ini\E/, database => 'dbname=x sslpassword=hunter2');
	warns('the key of hashes', qr/uid_hash_key is a secret: /, uid_hash_key => 'hunter2');
	chmod 0600, $ini;
	is_good('a file that is hidden', database => 'dbname=x password=hunter2', uid_hash_key => 'hunter2');
	warns('an admin address for everyone', qr/admin: anyone who reaches 0\.0\.0\.0:9 can read it/, admin => '0.0.0.0:9');
	is_good("not at $_", admin => $_) foreach '127.0.0.1:9', '[::1]:9', "unix:$directory/admin";
	warns('no verification', qr/tls_verify: is off/, tls_verify => 'off', gray => 'tls:127.0.0.1:2');
	is_good('none where it does not matter', tls_verify => 'off');

	my $gateway = Gateway->start(%usual, %listen);
	like($gateway->log, qr/warning: \S+: tls_key: \S+ can be read by others/, 'the log says it at the start, too');
	is($gateway->stop, 0, 'which goes on');
};

subtest 'the unit' => sub {
	plan skip_all => 'no systemd-analyze here, which is optional' unless optional('systemd-analyze');
	my $unit = "$directory/gray-gateway.service";
	my $binary = Gateway::binary();

	write_file($unit, slurp("$top/gateway/gray-gateway.service") =~ s{/usr/local/bin/gray-gateway}{$binary}gr);
	is(`systemd-analyze verify '$unit' 2>&1`, '', 'systemd finds no fault');
	my ($exposure) = `systemd-analyze security --offline=true --no-pager '$unit' 2>&1` =~ /Overall exposure level for \S+: ([\d.]+)/;
	plan skip_all => 'this systemd-analyze can not look at a file' unless defined $exposure;
	cmp_ok($exposure, '<=', 1.5, "and little that is exposed: $exposure of 10");
};

subtest 'how it was built' => sub {
	plan skip_all => 'a sanitizer builds it otherwise' if Gateway::sanitized();
	my $readelf = installed('readelf');
	my $said = `$readelf -W -h -l -d --dyn-syms '@{[Gateway::binary()]}' 2>&1`;

	like($said, qr/Type:\s+DYN/, 'it may lie anywhere (PIE)');
	like($said, qr/GNU_RELRO/, 'relocations are read-only');
	like($said, qr/BIND_NOW|FLAGS_1.*NOW/, 'all of them, from the start');
	like($said, qr/__stack_chk_fail/, 'the stack is guarded');
	like($said, qr/__\w+_chk\b/, 'buffers are');
	unlike($said, qr/GNU_STACK.*RWE/, 'no code on the stack');
};

done_testing();
