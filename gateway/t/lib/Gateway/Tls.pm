# Tls.pm: certificates of a test's own, and connections by TLS that a test can leave as it likes.
package Gateway::Tls;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use Gateway::Peer;
use Gray::File qw(slurp write_file);
use Gray::Needed qw(installed module);

our @EXPORT_OK = qw(authority certificate tls_connect tls_accept say_end end_first);

module('IO::Socket::SSL');
my $openssl = installed('openssl');

# The directory with NAME.pem and NAME.key of each.
our $DIRECTORY = tempdir(CLEANUP => 1);

my %new_key = (
	ec => 'req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes',
	rsa => 'req -newkey rsa:2048 -nodes');

sub openssl
{
	my ($command) = @_;

	system("$openssl $command >$DIRECTORY/openssl.log 2>&1") == 0
	  or die "openssl $command: " . slurp("$DIRECTORY/openssl.log");
	return;
}

sub authority
{
	my ($name) = @_;

	openssl("$new_key{ec} -x509 -days 2 -subj /CN=$name -keyout $DIRECTORY/$name.key -out $DIRECTORY/$name.pem");
	return;
}

# A certificate of that authority, for such names as "IP:127.0.0.1"; its key is ec or rsa.
sub certificate
{
	my ($name, $authority, $names, $key) = @_;
	my $file = "$DIRECTORY/$name";
	my $by = "$DIRECTORY/$authority";

	write_file("$file.ext", "subjectAltName = $names\n");
	openssl($new_key{ $key // 'ec' } . " -subj /CN=$name -keyout $file.key -out $file.csr");
	openssl("x509 -req -in $file.csr -CA $by.pem -CAkey $by.key -CAcreateserial -days 2 -extfile $file.ext -out $file.pem");
	return;
}

# TLS on a connected socket, as its client; the first step alone with half.
sub tls_connect
{
	my ($peer, %more) = @_;
	my $half = delete $more{half};
	my %how = (SSL_verify_mode => 0, SSL_startHandshake => $half ? 0 : 1, %more);
	my $ssl = IO::Socket::SSL->start_SSL($peer->{socket}, %how)
	  or die 'TLS: ' . IO::Socket::SSL::errstr() . "\n";

	if ($half)
	{
		$ssl->blocking(0);
		$ssl->connect_SSL;
		$ssl->blocking(1);
	}
	$peer->{socket} = $ssl;
	return $peer;
}

# The same as its server.
sub tls_accept
{
	my ($peer, $name, %more) = @_;

	$peer->{socket} = IO::Socket::SSL->start_SSL(
		$peer->{socket}, SSL_server => 1, SSL_cert_file => "$DIRECTORY/$name.pem", SSL_key_file => "$DIRECTORY/$name.key", %more)
	  or die 'TLS: ' . IO::Socket::SSL::errstr() . "\n";
	return $peer;
}

# Sends the close_notify of TLS, and leaves the socket open.
sub say_end
{
	my ($peer) = @_;
	my $ssl = ref $peer->{socket} eq 'IO::Socket::SSL' ? $peer->{socket}->_get_ssl_object : undef;

	$peer->{socket}->blocking(0);
	Net::SSLeay::shutdown($ssl) if $ssl;
	$peer->{socket}->blocking(1);
	return;
}

# Tells that no more comes: by TLS its last word, else the end of this direction.
sub end_first
{
	my ($peer) = @_;
	return ref $peer->{socket} eq 'IO::Socket::SSL' ? say_end($peer) : shutdown $peer->{socket}, 1;
}

1;
