# The five minutes of README.md work as they are written there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use File::Temp;
use Gray::Needed qw(built);
use Gray::Server;
use Test::More;

my $readme = do { local (@ARGV, $/) = "$Gray::Server::TOP/README.md"; <> };
my @sql = $readme =~ /^```sql\n(.*?)^```/gms;
my ($ini) = $readme =~ /^```ini\n(.*?)^```/ms;
is(scalar @sql, 3, 'three blocks of SQL');

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

told($sql[0], qr/^v2\.orders\|column gift_note\|only in gray: text\|ALTER TABLE v2\.orders DROP COLUMN gift_note$/m,
	'the upgrade, and nothing else, is the difference');
unlike($server->value('SELECT * FROM gray_check()'), qr/^error/m, 'nothing would go wrong');
is($server->value('SELECT side FROM gray_route(7)'), 'production', 'user 7 stays');
is($server->value('SELECT side FROM gray_route(42)'), 'gray', 'user 42 is moved');
told($sql[1], qr/^public\.orders\|1\|1\|0$/m, 'both sides are the same');
is($server->value('SELECT side FROM gray_route(42)'), 'production', 'called off, user 42 comes home');

# The same with the rights block first, where nobody is a superuser after that.
my $shop = $server->in('shop');
$server->value('SELECT gray_drop_release()');
$server->value('CREATE DATABASE shop');
$server->value('CREATE ROLE shop');
$server->value('CREATE ROLE app LOGIN');
$shop->value('GRANT CREATE ON SCHEMA public TO shop; SET ROLE shop;
	CREATE TABLE users (id integer PRIMARY KEY);
	CREATE TABLE orders (id integer PRIMARY KEY, user_id integer NOT NULL REFERENCES users);
	CREATE TABLE items (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders);
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app;
	INSERT INTO users VALUES (7), (42);
	INSERT INTO orders VALUES (1, 7), (2, 42);
	INSERT INTO items VALUES (1, 1), (2, 2)');
$shop->value($sql[2] . $sql[0] =~ s/CREATE EXTENSION pg_gray;//r);
is($shop->value('SET ROLE gray_owner; SELECT * FROM gray_check()') =~ /^error/m, '', 'nothing would go wrong');
is($shop->value(q{SET ROLE gateway; SELECT gray_route('42')}), '(gray,on)', 'the gateway has user 42 moved');
is($shop->value(q{SET ROLE app; SET search_path = v2, public; SELECT gray_enter(42);
	UPDATE orders SET gift_note = 'x'; SELECT gift_note FROM orders}), "\nx", 'who writes in gray');
is($shop->value(q{SET ROLE dashboard; SELECT users_on FROM gray.status}), '1', 'the dashboard shows it');
$shop->value('SET ROLE oncall; SELECT gray_close()');
is($shop->value(q{SET ROLE gateway; SELECT gray_route('42')}), '(production,off)', 'called off, the user comes home');
$shop->value('SET ROLE gray_owner; SELECT gray_drop_release(force => true)');

my $file = File::Temp->new(SUFFIX => '.ini');
print $file $ini;
close $file;
my $gateway = built($ENV{GRAY_GATEWAY} || "$Gray::Server::TOP/gateway/build/gray-gateway", 'make -C gateway');
is(system("$gateway -t -c $file >$file.log 2>&1"), 0, 'the gateway accepts its settings');

done_testing();
