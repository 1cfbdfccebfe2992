# Token.pm: JSON Web Tokens for tests, signed by OpenSSL's program.
package Gateway::Token;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Gray::File qw(slurp write_file);
use Gray::Needed qw(installed);
use JSON::PP;
use MIME::Base64 qw(encode_base64url);

my $openssl = installed('openssl');
my $json = JSON::PP->new->canonical->allow_nonref;

# Keys in a directory: secret, rsa.key, rsa.pub, ec.key, ec.pub.
sub make_keys
{
	my ($directory) = @_;

	openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out $directory/rsa.key");
	openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $directory/ec.key");
	openssl("pkey -in $directory/$_.key -pubout -out $directory/$_.pub") foreach qw(rsa ec);
	openssl("rand -base64 48 > $directory/secret");
	return;
}

# A token of the claims; key is the file of the private key, or of the secret.
sub make
{
	my ($algorithm, $key, %claims) = @_;
	my $text = join '.', map { encode_base64url($json->encode($_)) } { alg => $algorithm, typ => 'JWT' }, \%claims;

	return "$text." . encode_base64url(sign($algorithm, $key, $text));
}

sub sign
{
	my ($algorithm, $key, $text) = @_;

	return '' if $algorithm eq 'none';
	return hmac_sha256($text, slurp($key) =~ s/\n\z//r) if $algorithm eq 'HS256';
	my $signature = signature($key, $text);
	return $algorithm eq 'ES256' ? flat($signature) : $signature;
}

sub signature
{
	my ($key, $text) = @_;

	write_file("$key.text", $text);
	openssl("dgst -sha256 -sign $key -out $key.signature $key.text");
	return slurp("$key.signature");
}

# An ECDSA signature as JWS has it: both numbers with 32 bytes each, without DER.
sub flat
{
	my ($der) = @_;
	my (undef, undef, $first, $second) = unpack 'C C x C/a x C/a', $der;

	return join '', map { substr(("\0" x 32) . $_, -32) } $first, $second;
}

sub openssl
{
	my ($command) = @_;

	system("$openssl $command 2>/dev/null") == 0 or die "openssl $command failed\n";
	return;
}

1;
