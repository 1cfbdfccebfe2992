# A subscriber of production goes on while there is a release: once its publication of all
# tables is exchanged, as the hint of gray_create_release says, it gets what production
# gets, what comes home too, and nothing of a release.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Gray::Server;
use Test::More;

my $shop = Gray::Server->new('publisher', 'wal_level = logical', allows_streaming => 'logical');
my $copy = Gray::Server->new('subscriber', 'wal_retrieve_retry_interval = 100ms');
my $tables = 'CREATE TABLE users (id integer PRIMARY KEY, name text);
	CREATE TABLE orders (id integer PRIMARY KEY, user_id integer REFERENCES users, note text);';

$shop->value("$tables CREATE INDEX ON orders (user_id)");
$copy->value($tables);
$shop->value(q{INSERT INTO users VALUES (1, 'one'), (2, 'two'); INSERT INTO orders VALUES (11, 1, 'a')});
$shop->value('CREATE PUBLICATION everything FOR ALL TABLES');

sub caught_up
{
	$shop->{node}->wait_for_catchup('copying');
	return 1;
}

sub orders
{
	my ($server) = @_;
	return $server->value('SELECT * FROM orders ORDER BY id');
}

$copy->value(sprintf 'CREATE SUBSCRIPTION copying CONNECTION $$%s$$ PUBLICATION everything', $shop->conninfo);
$copy->{node}->wait_for_subscription_sync($shop->{node}, 'copying');
$shop->value('CREATE EXTENSION pg_gray');
is(orders($copy), orders($shop), 'the subscriber has what production has');

my (undef, undef, $refused) = $shop->{node}->psql('postgres', q{SELECT gray_create_release('v2')});
like($refused, qr/ERROR:  publication "everything" publishes all tables/, 'no release beside a publication of all tables');

my ($create, $alter, $drop) = $refused =~ /^(CREATE PUBLICATION .*;)\n.*^(ALTER SUBSCRIPTION .*;)\n.*^(DROP .*;)$/ms;
$shop->value($create);
caught_up();
$copy->value($alter =~ s/\.\.\./copying/r);
$shop->value($drop);
$shop->value(q{INSERT INTO orders VALUES (12, 1, 'b')});
caught_up();
is(orders($copy), orders($shop), 'it goes on with the other publication');

$shop->value(q{SELECT gray_create_release('v2'); SELECT gray_clone_tree('users', 'id');
	ALTER TABLE v2.orders ADD gift text; SELECT gray_add_user(1); SELECT gray_open(); SELECT gray_migrate(1)});
$shop->value(q{UPDATE v2.orders SET note = 'c', gift = 'g' WHERE id = 12; INSERT INTO v2.orders VALUES (13, 1, 'd')});
$shop->value(q{INSERT INTO orders VALUES (21, 2, 'e')});
caught_up();
is(orders($copy), orders($shop), 'while a user is in gray');
is($copy->value('SELECT count(*) FROM orders WHERE id IN (13, 21)'), '1', '... who writes there unseen');
$shop->value(q{SELECT gray_close(); SELECT gray_migrate_back(1)});
caught_up();
is(orders($copy), orders($shop), 'what came home');
is($copy->value(q{SELECT note FROM orders WHERE id IN (12, 13) ORDER BY id}), "c\nd", '... is there, too');
is($copy->value(q{SELECT count(*) FROM pg_subscription_rel}), '2', 'and no table but production\'s');

$copy->{node}->stop;
$shop->{node}->stop;
done_testing();
