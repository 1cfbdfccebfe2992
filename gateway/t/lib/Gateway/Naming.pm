# Naming.pm: servers that name users in their answers, and the cookies that come of it.
#
#   /say/STATUS/USER/SIDE   X-Gray-User: USER with that status on that side, or on "any";
#                           200 and no such field on the other.  ?public: caches may keep it
#   /write/USER             writes an order of that user, as an application does: 421 that
#                           names the user where the fence refuses
#   /tunnel/USER            becomes a tunnel of that user
#
# The body is what came, as of /echo in Gateway::Backend.
package Gateway::Naming;

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use Gateway::Backend;
use Gateway::Peer;
use MIME::Base64 qw(encode_base64url);

our @EXPORT_OK = qw(cookie_value given gives named_to side_of);

my %search_path = (v1 => 'shop', v2 => 'v2, shop');
our $SERVER;    # a Gray::Server, for /write

sub Gateway::Backend::answer_say
{
	my ($request) = @_;
	my ($status, $user, $side) = @{ $request->{arguments} };
	my $said = $side eq 'any' || $side eq $request->{name};
	my $public = $request->{head} =~ /\?public/ ? "Cache-Control: public, max-age=60\r\n" : '';

	return answer($request, $said ? $status : 200, ($said ? "X-Gray-User: $user\r\n" : '') . $public);
}

sub Gateway::Backend::answer_write
{
	my ($request) = @_;
	my ($user) = @{ $request->{arguments} };
	my $session = $SERVER->session("SET search_path = $search_path{ $request->{name} }");
	my $state = $session->run("INSERT INTO orders (user_id, total) VALUES ($user, 4.20)")->{sqlstate};

	return $state eq 'GR001' ? answer($request, 421, "X-Gray-User: $user\r\n") : answer($request, $state eq '00000' ? 200 : 500, '');
}

sub Gateway::Backend::answer_tunnel
{
	my ($request) = @_;
	my $byte;

	say($request, "HTTP/1.1 101 Switching\r\nUpgrade: echo\r\nConnection: upgrade\r\nX-Gray-User: $request->{arguments}[0]\r\n\r\n");
	sysread $request->{socket}, $byte, 1;
	return 0;
}

sub answer
{
	my ($request, $status, $fields) = @_;
	my $came = request_body($request);
	my $body = sprintf "%s\n%d %s\n%s\n", $request->{head}, length $came, md5_hex($came), $request->{name};

	say($request, "HTTP/1.1 $status Said\r\n${fields}Content-Length: " . length($body) . "\r\n\r\n$body");
	return 1;
}

# The side that answered; the status, where that is not 200.
sub side_of
{
	my ($answer) = @_;
	my ($name) = $answer->{body} =~ /(v[12])\n\z/;

	return $answer->{status} == 200 ? $name : $answer->{status};
}

# Whom the server that answered was told in X-Gray-User.
sub named_to
{
	my ($answer) = @_;
	return $answer->{body} =~ /^X-Gray-User: (.*)\r$/m ? $1 : 'nobody';
}

# Value and attributes of a cookie that an answer gives; nothing if it gives none.
sub given
{
	my ($answer, $name) = @_;
	return $answer->{head} =~ /^Set-Cookie: \Q$name\E=([^;\r]*)(.*?)\r$/m;
}

sub gives
{
	my ($answer, $name) = @_;
	my @found = given($answer, $name);

	return @found > 0;
}

# What the gateway makes of it: see remember.c.
sub cookie_value
{
	my ($key, $purpose, $release, $expires, $text) = @_;
	my $signed = pack('Q>', $expires) . $text;

	return encode_base64url($signed . hmac_sha256("gray-gateway $purpose\0$release\0$signed", $key));
}

1;
