# Shop.pm: the whole system with the demo's shop.
package Gray::Shop;

use strict;
use warnings;

use Gray::Needed qw(built);
use Gray::World;

our @ISA = ('Gray::World');

my $demo = "$Gray::Server::TOP/demo";

# It is part of the tree.
sub missing
{
	return;
}

sub new
{
	my ($class) = @_;
	my $self = Gray::World::new($class);

	$self->{user} = { table => 'users', id => 'id', columns => 'id, email, name, city, joined' };
	$self->{order} = {
		table => 'orders', id => 'id', user => 'user_id', note => 'note', gray_note => 'message',
		columns => 'id, user_id, placed_at, status, total'
	};
	$self->{line} = {
		table => 'order_items', id => 'order_items.id', order => 'order_id', quantity => 'quantity',
		check => 'order_items_quantity_check', columns => 'order_items.id, order_id, product_id, quantity, price'
	};
	return $self;
}

sub data
{
	return ('-f', "$demo/schema.sql", '-f', "$demo/data.sql");
}

sub create_release
{
	my ($self) = @_;

	$self->value(q{SELECT gray_create_release('v2'), gray_clone('users', 'id'), gray_clone('orders', 'user_id'),
		gray_clone('order_items'); GRANT USAGE ON SCHEMA v2 TO app});
	$self->{node}->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $self->conninfo,
			'-c', 'SET search_path = v2', '-f', "$demo/upgrade.sql" ], 'a gray table is upgraded');
	return;
}

# Version 2 asks gray_enter first, version 1 leaves it all to the fence.
sub start_version
{
	my ($self, $version) = @_;

	return Gray::Daemon->start(qr/listening on (\S+)/, built("$demo/build/shop", 'make -C demo'), '--version', $version,
		'--listen', '127.0.0.1:0', '--database', $self->conninfo_as('app'), $version eq 'v2' ? '--strict' : ());
}

sub order_body
{
	my ($self, $note, $quantity) = @_;
	return qq({"note": "$note", "items": [{"product": 3, "quantity": $quantity}]});
}

sub note_body
{
	my ($self, $note) = @_;
	return qq({"note": "$note"});
}

sub city_body
{
	my ($self, $city) = @_;
	return qq({"city": "$city"});
}

1;
