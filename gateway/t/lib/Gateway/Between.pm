# Between.pm: a test that is client and server at once, with the gateway between.
#
# Both ends are peers (Gateway::Peer).
#
#   started(SETTINGS)    a gateway, both sides of which are here, with tls reached by TLS
#   listening()          the socket to which its connections come
#   accepted(LISTENER)   the next connection that came there, or to another socket
#   begun(BYTES)         a client of the gateway started last that has said this, and the server that it
#                        came to; {head} of the server is what came there
#   side_asked(CLIENT)   serves the next request that comes, tests that CLIENT hears it, and returns the side
#   side_told(SERVER)    the side that {head} names
package Gateway::Between;

use strict;
use warnings;

use Exporter qw(import);
use Gateway;
use Gateway::Client;
use Gateway::Peer;
use Gray::Deadline qw(give_up);
use IO::Select;
use IO::Socket::INET;
use Test::More;

our @EXPORT = qw(started listening accepted begun side_asked side_told);

my $listener;
my $gateway;

sub started
{
	my (%settings) = @_;
	my $address = (delete $settings{tls} ? 'tls:' : '') . '127.0.0.1:' . listening()->sockport;

	$gateway = Gateway->start(production => $address, gray => $address, %settings);
	return $gateway;
}

sub listening
{
	$listener ||= IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64)
	  or die "cannot listen: $!";
	return $listener;
}

sub accepted
{
	my ($from) = @_;

	$from ||= listening();
	IO::Select->new($from)->can_read($Gray::Deadline::SECONDS) or give_up('no connection came');
	return { socket => scalar $from->accept, buffer => '' };
}

sub begun
{
	my ($bytes) = @_;
	my $client = $gateway->begin($bytes);
	my $server = accepted();

	$server->{head} = head_on($server);
	return ($client, $server);
}

sub side_asked
{
	my ($client) = @_;
	my $server = accepted();

	$server->{head} = head_on($server);
	say($server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	is(final_answer($client)->{body}, 'ok', 'answered');
	return side_told($server);
}

sub side_told
{
	my ($server) = @_;
	return $server->{head} =~ /^X-Gray-Side: (\w+)/m ? $1 : 'none';
}

1;
