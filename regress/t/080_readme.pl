# The five minutes of README.md work as they are written there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Temp;
use Gray::Server;
use Test::More;

my $readme = do { local (@ARGV, $/) = "$Gray::Server::TOP/README.md"; <> };
my @sql = $readme =~ /^```sql\n(.*?)^```/gms;
my ($ini) = $readme =~ /^```ini\n(.*?)^```/ms;
is(scalar @sql, 2, 'two blocks of SQL');

my $server = Gray::Server->new('readme');
$server->value('CREATE TABLE users (id integer PRIMARY KEY);
	CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
	CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders);
	INSERT INTO users VALUES (7), (42);
	INSERT INTO orders VALUES (1, 7), (2, 42);
	INSERT INTO items VALUES (1, 1), (2, 2)');

# value() raises the error of any statement.
sub told
{
	my ($text, $like, $name) = @_;
	like($server->value($text), $like, $name);
	return;
}

told($sql[0], qr/^v2\.orders\|column gift_note\|only in gray\|ALTER TABLE v2\.orders DROP COLUMN gift_note$/m,
	'the upgrade, and nothing else, is the difference');
unlike($server->value('SELECT * FROM gray_check()'), qr/^error/m, 'nothing would go wrong');
is($server->value('SELECT side FROM gray_route(7)'), 'production', 'user 7 stays');
is($server->value('SELECT side FROM gray_route(42)'), 'gray', 'user 42 is moved');
told($sql[1], qr/^public\.orders\|1\|1\|0$/m, 'both sides are the same');
is($server->value('SELECT side FROM gray_route(42)'), 'production', 'called off, user 42 comes home');

my $file = File::Temp->new(SUFFIX => '.ini');
print $file $ini;
close $file;
my $gateway = $ENV{GRAY_GATEWAY} || "$Gray::Server::TOP/gateway/build/gray-gateway";
is(system("$gateway -t -c $file >$file.log 2>&1"), 0, 'the gateway accepts its settings');

done_testing();
