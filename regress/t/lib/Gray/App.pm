# App.pm: a small application over Chinook, in two versions; a program of its own:
#
#   perl -MGray::App -e 'Gray::App::main(@ARGV)' v1|v2 CONNINFO
#
# Each connection has a process and a psql.  Each request is one transaction; when
# the database says GR001 the answer is 421.
package Gray::App;

use strict;
use warnings;

use Gateway::Backend qw(request_body reply);
use Gateway::Peer qw(head_on peer);
use Gray::Session;
use IO::Socket::INET;
use POSIX qw(_exit);

my %search_paths = (v1 => 'public', v2 => 'v2, public');
my %statuses = ('00000' => 200, GR001 => 421, '22P02' => 400, 23503 => 409, 23505 => 409, 23514 => 409);

# Version 2 calls the address a place, and knows a greeting.
my %place = (v1 => 'billing_address', v2 => 'place');

sub main
{
	my ($version, $conninfo) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128)
	  or die "cannot listen: $!";

	$| = 1;
	$SIG{CHLD} = 'IGNORE';
	print 'listening on 127.0.0.1:', $listener->sockport, "\n";
	while (1)
	{
		my $socket = $listener->accept or next;
		my $child = fork;

		if (defined $child && $child == 0)
		{
			local $SIG{CHLD} = 'DEFAULT';
			close $listener;
			eval { serve($socket, $version, Gray::Session->new($conninfo, "SET search_path = $search_paths{$version}")); 1 }
			  or print "failed: $@";
			_exit(0);
		}
		close $socket;
	}
}

sub serve
{
	my ($socket, $version, $session) = @_;
	my $request = { %{ peer($socket) }, method => 'GET' };

	while ((my $head = $request->{head} = head_on($request)) ne '')
	{
		my $body = request_body($request);
		my ($route, $id) = $head =~ m{^(\w+ /[a-z]+)(?:/(\d+))? };
		my ($uid) = $head =~ /^X-User-Id: *(.*?)\r?$/mi;
		my $answer = answer($session, $version, $route, uid => $uid // '', id => $id // '', parameters($body));

		reply($request, $answer->{body}, $answer->{status});
	}
	return;
}

sub parameters
{
	my ($body) = @_;
	my %parameters = (track => 1, quantity => 1, note => '', city => '');

	return (%parameters, map { my ($name, $value) = split /=/, $_, 2; ($name => $value) } split /&/, $body);
}

sub answer
{
	my ($session, $version, $route, %variables) = @_;
	my $sql = sql($version)->{ $route // '' } or return { status => 404, body => 'no such route' };
	my $result = $session->run(join('\\; ', 'BEGIN', @$sql, 'COMMIT'), %variables);
	my $status = $statuses{ $result->{sqlstate} } || 500;

	$session->run('ROLLBACK') unless $status == 200;
	my ($schema) = $version eq 'v2' ? 'v2' : 'public';
	return { status => $status, body => qq({"version": "$version", "schema": "$schema", "data": $result->{rows}, "error": "$result->{sqlstate} $result->{message}"}\n) };
}

sub sql
{
	my ($version) = @_;
	my $place = $place{$version};
	my $greeting = $version eq 'v2' ? "greeting, " : '';

	return {
		'GET /products' => [ 'SELECT json_agg(name) FROM genre' ],
		'GET /profile' => [ q{SELECT json_build_object('city', city) FROM customer WHERE customer_id = :'uid'} ],
		'PUT /profile' => [ q{UPDATE customer SET city = :'city' WHERE customer_id = :'uid' RETURNING json_build_object('city', city)} ],
		'GET /orders' => [ qq{SELECT coalesce(json_agg(i), '[]') FROM (SELECT invoice_id, $place, $greeting total FROM invoice
			WHERE customer_id = :'uid' ORDER BY 1) i} ],
		'POST /orders' => [ qq{WITH i AS (INSERT INTO invoice (customer_id, invoice_date, $place, total)
				VALUES (:'uid', '2026-01-01', :'note', 0.99 * :'quantity'::int) RETURNING invoice_id),
			l AS (INSERT INTO invoice_line (invoice_id, track_id, unit_price, quantity)
				SELECT invoice_id, :'track', 0.99, :'quantity' FROM i RETURNING invoice_id)
			SELECT json_build_object('id', invoice_id) FROM l} ],
		'PUT /orders' => [ qq{UPDATE invoice SET $place = :'note' WHERE customer_id = :'uid' AND invoice_id = :'id' RETURNING invoice_id} ],
		'DELETE /orders' => [ q{DELETE FROM invoice_line WHERE invoice_id = :'id'},
			q{DELETE FROM invoice WHERE customer_id = :'uid' AND invoice_id = :'id' RETURNING invoice_id} ],
	};
}

1;
