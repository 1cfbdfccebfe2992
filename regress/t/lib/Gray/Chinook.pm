# Chinook.pm: the whole system with the Chinook sample database, which nobody here
# wrote, from the folder named by REALWORLD.
package Gray::Chinook;

use strict;
use warnings;

use Gray::World;

our @ISA = ('Gray::World');

my $folder = $ENV{REALWORLD} || "$Gray::Server::TOP/../shared/realworld";

sub missing
{
	return -r "$folder/chinook.sql" ? undef : "no chinook.sql in $folder: REALWORLD names the folder";
}

sub new
{
	my ($class) = @_;
	my $self = Gray::World::new($class);

	$self->{user} = {
		table => 'customer', id => 'customer_id',
		columns => 'customer_id, first_name, last_name, company, address, city, state, country, postal_code, phone, fax, email, support_rep_id'
	};
	$self->{order} = {
		table => 'invoice', id => 'invoice_id', user => 'customer_id', note => 'billing_address', gray_note => 'place',
		columns => 'invoice_id, customer_id, invoice_date, billing_city, billing_state, billing_country, billing_postal_code, total'
	};
	$self->{line} = {
		table => 'invoice_line', id => 'invoice_line_id', order => 'invoice_id', quantity => 'quantity', check => 'few',
		columns => 'invoice_line_id, invoice_line.invoice_id, track_id, unit_price, quantity'
	};
	return $self;
}

sub data
{
	return ('-f', "$folder/chinook.sql",
		'-c', 'ALTER TABLE invoice_line ADD CONSTRAINT few CHECK (quantity BETWEEN 1 AND 99)');
}

sub create_release
{
	my ($self) = @_;

	$self->value(q{SELECT gray_create_release('v2'); SELECT gray_clone_tree('customer', 'customer_id');
		GRANT USAGE ON SCHEMA v2 TO app});
	$self->value(q{ALTER TABLE v2.invoice ADD COLUMN greeting text NOT NULL DEFAULT 'hello';
		ALTER TABLE v2.invoice RENAME COLUMN billing_address TO place;
		ALTER TABLE v2.invoice ALTER COLUMN place TYPE text;
		ALTER TABLE v2.invoice_line DROP CONSTRAINT few, ALTER COLUMN quantity TYPE bigint});
	return;
}

sub start_version
{
	my ($self, $version) = @_;
	my @modules = map { "-I$Gray::Server::TOP/$_/t/lib" } qw(gateway regress);

	return Gray::Daemon->start(qr/listening on (\S+)/, $^X, @modules, '-MGray::App',
		'-e', 'Gray::App::main(@ARGV)', $version, $self->conninfo_as('app'));
}

sub order_body
{
	my ($self, $note, $quantity) = @_;
	return "note=$note&quantity=$quantity&track=3";
}

sub note_body
{
	my ($self, $note) = @_;
	return "note=$note";
}

sub city_body
{
	my ($self, $city) = @_;
	return "city=$city";
}

1;
