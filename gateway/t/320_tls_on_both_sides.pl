# TLS on both sides, and the PROXY protocol.  No database is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib", "$FindBin::RealBin/../../regress/t/lib";

use Digest::MD5;
use Gateway;
use Gateway::Backend;
use Gateway::Client;
use Gateway::Peer;
use Gateway::Tls qw(authority certificate);
use Gray::Daemon;
use Gray::Deadline qw(until_true);
use Gray::File qw(so_far write_file);
use Gray::Needed qw(optional);
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

my $directory = $Gateway::Tls::DIRECTORY;
my $plain = backend('plain');

# --- certificates -------------------------------------------------------------------

authority('ca');
authority('other');
certificate('one', 'ca', 'IP:127.0.0.1');
certificate('two', 'ca', 'IP:127.0.0.1');
certificate('server', 'ca', 'DNS:app.internal');
certificate('foreign', 'other', 'IP:127.0.0.1');
certificate('rsa', 'ca', 'IP:127.0.0.1', 'rsa');

# --- a server that speaks TLS ---------------------------------------------------------

sub tls_backend
{
	my ($name, $certificate, %more) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64) or die $!;
	my %keys = (SSL_cert_file => "$directory/$certificate.pem", SSL_key_file => "$directory/$certificate.key");

	return backend($name, $listener, come => sub { IO::Socket::SSL->start_SSL($_[0], SSL_server => 1, %keys, %more) });
}

# Ends the body by the end of the connection; without the end of TLS when "cut" is asked for.
sub Gateway::Backend::answer_ends
{
	my ($request) = @_;
	say($request, "HTTP/1.1 200 OK\r\n\r\n" . 'e' x 1000);
	$request->{socket}->stop_SSL(SSL_no_shutdown => $request->{arguments}[0] eq 'cut', SSL_fast_shutdown => 1);
	return 0;
}

# Switches protocols, and sends back what comes.
sub Gateway::Backend::answer_mirror
{
	my ($request) = @_;
	my $socket = $request->{socket};

	say($request, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mirror\r\n\r\n");
	while ((sysread($socket, my $bytes, 65536) || 0) > 0)
	{
		say($request, $bytes);
	}
	return 0;
}

# --- clients --------------------------------------------------------------------------

sub gateway
{
	my (%settings) = @_;
	return Gateway->start(
		production => "127.0.0.1:$plain", gray => "127.0.0.1:$plain",
		tls_certificate => "$directory/one.pem", tls_key => "$directory/one.key", connect_timeout_ms => 60_000, %settings);
}

# A connection by TLS, or undef.
sub tls
{
	my ($gateway, %more) = @_;
	my $socket = IO::Socket::SSL->new(
		PeerAddr => '127.0.0.1', PeerPort => $gateway->{port}, SSL_ca_file => "$directory/ca.pem",
		SSL_verifycn_scheme => 'http', SSL_verifycn_name => '127.0.0.1', Timeout => $Gray::Deadline::SECONDS, %more);

	return $socket ? { socket => $socket, buffer => '' } : undef;
}

sub ask
{
	my ($client, $path, @fields) = @_;
	say($client, "GET $path HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "\r\n");
	return answer($client);
}

subtest 'clients by TLS' => sub {
	my $gateway = gateway(listen => 'tls:127.0.0.1:0', header_timeout_ms => 1000);
	my $client = tls($gateway);

	ok($client, 'a handshake, with a certificate that holds');
	is($client->{socket}->get_sslversion, 'TLSv1_3', 'TLS 1.3');
	my $echo = ask($client, '/echo')->{body};
	like($echo, qr/^X-Forwarded-Proto: https\r/m, 'the server is told');
	like($echo, qr/^X-Forwarded-For: 127\.0\.0\.1\r/m, 'and by whom');
	is(ask($client, "/length/$_")->{body}, 'x' x $_, "an answer of $_ bytes") foreach 0, 1, 16_384, 1_000_000;
	is(tls($gateway, SSL_version => 'TLSv1_2')->{socket}->get_sslversion, 'TLSv1_2', 'TLS 1.2');
	my @old = (SSL_version => 'TLSv1_1', SSL_cipher_list => 'ALL:@SECLEVEL=0');
	ok(tls({ port => tls_backend('old', 'one', @old) }, @old), 'a client of TLS 1.1');
	ok(!tls($gateway, @old), 'is refused');
	is(tls($gateway, SSL_alpn_protocols => [ 'h2', 'http/1.1' ])->{socket}->alpn_selected, 'http/1.1', 'http/1.1 is chosen');
	ok(!tls($gateway, SSL_alpn_protocols => ['h2']), 'h2 alone is refused');

	my $raw = $gateway->connect;
	say($raw, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	isnt(end_of($raw), 'open', 'who does not speak TLS is closed');
	unlike($raw->{buffer}, qr/HTTP/, 'and not answered');
	my $silent = $gateway->connect;
	ok(closes($silent), 'a handshake has header_timeout_ms');
	is($gateway->stop, 0, 'stops');
};

subtest 'bodies by TLS' => sub {
	my $gateway = gateway(listen => 'tls:127.0.0.1:0', buffer_bytes => 4096);
	my $body = join '', map { chr(97 + $_ % 26) } 1 .. 3_000_000;
	my $client = tls($gateway);

	say($client, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
	my $answer = answer($client);
	like($answer->{body}, qr/^3000000 \Q@{[ Digest::MD5::md5_hex($body) ]}\E$/m, 'an upload arrives whole');
	is(length ask($client, '/length/5000000')->{body}, 5_000_000, 'a download');
	is(length ask($client, '/chunked/300/5000')->{body}, 1_500_000, 'in chunks');
	say($client, "GET /length/$_ HTTP/1.1\r\nHost: h\r\n\r\n") foreach 10, 20_000, 30;
	is(length answer($client)->{body}, $_, "pipelined: $_") foreach 10, 20_000, 30;

	my $before = $gateway->memory;
	my @slow = map { tls($gateway) } 1 .. 2;
	say($_, "GET /length/30000000 HTTP/1.1\r\nHost: h\r\n\r\n") foreach @slow;
	Gateway::is_little($gateway->settled_memory - $before, 2000, 'who does not read does not make memory grow');
	is(length answer($slow[0])->{body}, 30_000_000, 'and gets all in the end');
};

subtest 'what TLS has besides bytes' => sub {
	my $gateway = gateway(listen => 'tls:127.0.0.1:0', workers => 2);
	my $asked = "GET /length/10 HTTP/1.1\r\nHost: h\r\n\r\nGET /length/30000000 HTTP/1.1\r\nHost: h\r\n\r\n";

	foreach my $version ('TLSv1_2', 'TLSv1_3')
	{
		# The second answer is too large to be there before the end is.
		my $client = tls($gateway, SSL_version => $version);
		say($client, $asked);
		Net::SSLeay::shutdown($client->{socket}->_get_ssl_object);
		shutdown $client->{socket}, 1;
		is(length final_answer($client)->{body}, $_, "$version: who sends no more still gets $_ bytes") foreach 10, 30_000_000;
	}

	my $resumed = `timeout 10 openssl s_client -reconnect -tls1_2 -connect 127.0.0.1:$gateway->{port} </dev/null 2>&1`;
	is(join(' ', $resumed =~ /^(New|Reused), TLSv1\.2/mg), 'New Reused Reused Reused Reused Reused', 'either worker resumes a session');

	my $said = renegotiate($gateway->{port});
	like($said, qr/^RENEGOTIATING$/m, 'renegotiation is asked for');
	like($said, qr/no renegotiation/, 'and refused');
};

# One request by s_client; what it says of the session.
sub one_request
{
	my ($gateway, @options) = @_;
	my $port = $gateway->{port};

	my $said = `printf 'GET /which HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n' | timeout 10 openssl s_client -ign_eof -connect 127.0.0.1:$port @options 2>&1`;
	$said =~ /Cipher is/ or die "openssl s_client @options: $said";
	return $said;
}

sub resumes
{
	my ($gateway, $version, $file) = @_;
	return one_request($gateway, "-$version", '-sess_in', $file) =~ /^Reused, TLSv1/m ? 1 : 0;
}

# A session with a ticket in a file; and the name of the ticket's key, as far as TLS shows it.
sub ticket
{
	my ($gateway, $version, $file) = @_;
	my $said = one_request($gateway, "-$version", '-sess_out', $file);
	return ($said =~ /session ticket:\s+0000 - ((?:[0-9a-f]{2}[ -]){16})/)[0] // 'none';
}

subtest 'tickets' => sub {
	my $file = "$directory/session";
	my $gateway = gateway(listen => 'tls:127.0.0.1:0', workers => 2);

	my %names = map { (ticket($gateway, 'tls1_2', $file) => 1) } 1 .. 8;
	is(scalar keys %names, 1, 'all workers have one key');
	isnt((keys %names)[0], 'none', 'which makes tickets');
	foreach my $version (qw(tls1_2 tls1_3))
	{
		ticket($gateway, $version, $file);
		is(scalar(grep { resumes($gateway, $version, $file) } 1 .. 6), 6, "$version: whoever comes is resumed");
	}
	ticket($gateway, 'tls1_2', $file);
	ok($gateway->reload(3), 'a reload');
	is(scalar(grep { resumes($gateway, 'tls1_2', $file) } 1 .. 6), 6, 'leaves them as they are');
	is($gateway->stop, 0, 'stops');

	$gateway = gateway(listen => 'tls:127.0.0.1:0', workers => 2, tls_ticket_s => 2);
	my $first = ticket($gateway, 'tls1_2', $file);
	my $name = $first;
	ok(until_true('another key', sub { ($name = ticket($gateway, 'tls1_2', "$file.2")) ne $first }), 'then there is another key');
	my $began = time;
	%names = map { (ticket($gateway, 'tls1_2', "$file.2") => 1) } 1 .. 8;
	cmp_ok(scalar keys %names, '<=', 2 + (time - $began) / 2, 'one at a time for all');
	ok(!exists $names{$first}, 'and never the first again');
	foreach my $version (qw(tls1_2 tls1_3))
	{
		ticket($gateway, $version, $file);
		ok(until_true('the end', sub { !resumes($gateway, $version, $file) }), "$version: a ticket is no good any more");
	}
	is($gateway->stop, 0, 'stops');

	$gateway = gateway(listen => 'tls:127.0.0.1:0', tls_ticket_s => 0);
	foreach my $version (qw(tls1_2 tls1_3))
	{
		is(ticket($gateway, $version, $file), 'none', "$version: none at all");
		ok(!resumes($gateway, $version, $file), "$version: and no other way");
	}
};

subtest 'ciphers' => sub {
	my $gateway = gateway(listen => 'tls:127.0.0.1:0');
	my $takes = sub { my ($ciphers, $server) = @_; tls($server // $gateway, SSL_version => 'TLSv1_2', SSL_cipher_list => $ciphers) ? 1 : 0 };
	my @any = (SSL_version => 'TLSv1_2', SSL_cipher_list => 'ALL:COMPLEMENTOFALL:@SECLEVEL=0');

	ok($takes->("ECDHE-ECDSA-$_"), $_) foreach qw(AES128-GCM-SHA256 AES256-GCM-SHA384 CHACHA20-POLY1305);
	my $by_rsa = gateway(listen => 'tls:127.0.0.1:0', tls_certificate => "$directory/rsa.pem", tls_key => "$directory/rsa.key");
	foreach my $case (
		[ 'one', $gateway, 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'aNULL' ],
		[ 'rsa', $by_rsa, 'ECDHE-RSA-AES128-SHA', 'AES128-GCM-SHA256', 'AES128-SHA' ])
	{
		my ($certificate, $ours, @bad) = @$case;
		my $any = { port => tls_backend('any', $certificate, @any) };

		foreach my $cipher (@bad)
		{
			ok($takes->("$cipher:\@SECLEVEL=0", $any), "a server may take $cipher");
			ok(!$takes->("$cipher:\@SECLEVEL=0", $ours), 'but not this one');
		}
	}
	like(one_request($gateway, '-tls1_2', '-comp'), qr/^Compression: NONE/m, 'no compression');

	$gateway = gateway(listen => 'tls:127.0.0.1:0', tls_ciphers => 'TLS_CHACHA20_POLY1305_SHA256:ECDHE+CHACHA20');
	ok($takes->('ECDHE-ECDSA-CHACHA20-POLY1305'), 'what is asked for');
	ok(!$takes->('ECDHE-ECDSA-AES128-GCM-SHA256'), 'and nothing else');
	like(one_request($gateway, '-tls1_3'), qr/Cipher is TLS_CHACHA20_POLY1305_SHA256/, 'of TLS 1.3, too');
	like(one_request($gateway, '-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256'), qr/Cipher is \(NONE\)/, 'where others are refused');
};

# What openssl says, which ends when it is refused.
sub renegotiate
{
	my ($port) = @_;
	my $log = "$directory/renegotiation";
	my $pid = open my $client, '|-', "exec timeout 10 openssl s_client -tls1_2 -connect 127.0.0.1:$port >$log 2>&1" or die $!;

	local $SIG{PIPE} = 'IGNORE';
	$client->autoflush;
	until_true('the handshake', sub { so_far($log) =~ /Verify return code/ });
	print $client "R\n";
	until_true('the refusal', sub { so_far($log) =~ /no renegotiation/ });
	close $client;
	return so_far($log);
}

subtest 'servers by TLS' => sub {
	my $good = tls_backend('good', 'one');
	my $named = tls_backend('named', 'server');
	my $foreign = tls_backend('foreign', 'foreign');
	my @old = (SSL_version => 'TLSv1_1', SSL_cipher_list => 'ALL:@SECLEVEL=0');
	my $old = tls_backend('old', 'one', @old);
	my @ca = (tls_ca_file => "$directory/ca.pem");
	my $to = sub { my ($port, @more) = @_; return gateway(production => "tls:127.0.0.1:$port", @more); };

	my $gateway = $to->($good, @ca);
	my ($pid) = $gateway->get('/which')->{body} =~ /^good pid=(\d+) served=0/;
	like($gateway->get('/which')->{body}, qr/^good pid=$pid served=$_/, 'the connection is kept') foreach 1, 2;
	is(length $gateway->get('/length/3000000')->{body}, 3_000_000, 'a large answer');
	my $body = 'u' x 3_000_000;
	like($gateway->ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n$body")->{body}, qr/^3000000 /m, 'a large request');
	my $answer = $gateway->get('/ends/whole');
	is(length $answer->{body}, 1000, 'a body up to the end of the connection');
	my $client = $gateway->connect;
	say($client, "GET /ends/cut HTTP/1.0\r\n\r\n");
	my $got = '';
	1 while (sysread($client->{socket}, $got, 65536, length $got) || 0) > 0;
	ok($!{ECONNRESET}, 'cut off: the client sees that it was not the end');
	$answer = $gateway->get('/ends/cut');
	ok($answer->{cut} || $answer->{status} == 502, 'also in chunks');

	$gateway = $to->($foreign, @ca);
	is($gateway->get('/which')->{status}, 502, 'a certificate of somebody else');
	like($gateway->log, qr/warning: server tls:127\.0\.0\.1:$foreign: unable to get local issuer certificate/, 'and the log says why');
	$gateway = $to->($named, @ca);
	is($gateway->get('/which')->{status}, 502, 'a certificate of another name');
	like($gateway->log, qr/IP address mismatch/, 'and the log says why');
	is($to->($named, @ca, tls_server_name => 'app.internal')->get('/which')->{status}, 200, 'unless that name is expected');
	is($to->($named, @ca, tls_server_name => 'app.other')->get('/which')->{status}, 502, 'and no other');
	is($to->($foreign, tls_verify => 'off')->get('/which')->{status}, 200, 'tls_verify = off');
	ok(tls({ port => $old }, @old), 'a server of TLS 1.1');
	is($to->($old, tls_verify => 'off')->get('/which')->{status}, 502, 'is not asked');
	is($to->($plain, tls_verify => 'off', connect_timeout_ms => 300)->get('/which')->{status}, 504, 'not without TLS');
	is(gateway(production => "tls:127.0.0.1:$foreign, tls:127.0.0.1:$good", @ca, eject_after => 0)->get('/which')->{status}, 200, 'the next server is asked') foreach 1, 2;
};

subtest 'a tunnel by TLS' => sub {
	my $server = tls_backend('mirror', 'one');
	my $gateway = gateway(listen => 'tls:127.0.0.1:0', production => "tls:127.0.0.1:$server", tls_ca_file => "$directory/ca.pem");
	my $client = tls($gateway);
	my $bytes = join '', map { chr($_ % 256) } 1 .. 200_000;

	say($client, "GET /mirror HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: mirror\r\n\r\n");
	like(head_on($client), qr{^HTTP/1\.1 101 }, 'opened');
	foreach my $size (1, 5000, 200_000)
	{
		say($client, substr($bytes, 0, $size));
		is(bytes_on($client, $size), substr($bytes, 0, $size), "$size bytes there and back");
	}
	close $client->{socket};
	ok($gateway->until_status('tunnels', 0), 'and closed');
};

subtest 'certificates are reloaded' => sub {
	put_live('one');
	my $gateway = gateway(listen => 'tls:127.0.0.1:0', tls_certificate => "$directory/live.pem", tls_key => "$directory/live.key");
	my $subject = sub { $_[0]->{socket}->peer_certificate('cn') };
	my $before = tls($gateway);

	is($subject->($before), 'one', 'the first');
	put_live('two');
	$gateway->reload;
	is($subject->(tls($gateway)), 'two', 'new connections see the second');
	is(ask($before, '/which')->{status}, 200, 'an old one goes on');
	write_file("$directory/live.pem", "rubbish\n");
	$gateway->reload;
	$gateway->logs(qr/error: not reloaded: tls_certificate: /);
	is($subject->(tls($gateway)), 'two', 'a bad one is refused');
};

sub put_live
{
	my ($name) = @_;
	system('cp', "$directory/$name.$_", "$directory/live.$_") == 0 or die "cp $name.$_\n" foreach qw(pem key);
	return;
}

subtest 'configuration' => sub {
	my $good = $Gateway::GOOD =~ s/^listen = /listen = tls:/mr;
	my @cases = (
		[ '', qr/tls_certificate: is missing, and listen has tls:/ ],
		[ "tls_certificate = $directory/none.pem\n", qr/tls_certificate: \S+none\.pem: / ],
		[ "tls_certificate = $directory/one.pem\ntls_key = $directory/two.key\n", qr/tls_key: \S+two\.key: key values mismatch/ ],
		[ "tls_certificate = $directory/one.pem\ntls_key = $directory/one.pem\n", qr/tls_key: \S+one\.pem: / ],
		(map { my ($ciphers, $what) = @$_; [ "tls_certificate = $directory/one.pem\ntls_key = $directory/one.key\ntls_ciphers = $ciphers\n", qr/tls_ciphers: $what/ ] }
			[ 'TLS_AES_128_GCM_SHA256:ECDHE+AESGMC', 'OpenSSL does not know' ], [ 'TLS_AES_128_GCM:ECDHE+AESGCM', 'OpenSSL does not know' ],
			[ 'ECDHE+AESGCM', 'there have to be' ], [ 'TLS_AES_128_GCM_SHA256', 'there have to be' ],
			[ 'TLS_AES_128_GCM_SHA256:HIGH', 'one of these has no' ], [ 'TLS_AES_128_GCM_SHA256:AES128-GCM-SHA256', 'one of these has no' ],
			[ 'TLS_AES_128_GCM_SHA256:ECDHE+AES', 'one of these has no' ]),
		[ "tls_verify = perhaps\n", qr/tls_verify: expected on or off/ ],
		[ "admin = tls:127.0.0.1:0\n", qr/admin: bad address/ ],
	);

	foreach my $case (@cases)
	{
		my ($code, $said) = Gateway::check("$directory/bad.ini", $good . $case->[0]);
		is($code, 1, "refused: $case->[0]");
		like($said, $case->[1], 'with the reason');
	}
};

# --- the PROXY protocol -----------------------------------------------------------------

my $signature = "\r\n\r\n\0\r\nQUIT\n";
my $four = pack 'C4 C4 n n', 192, 0, 2, 1, 192, 0, 2, 2, 56324, 443;

sub forwarded_for
{
	my ($client) = @_;
	return ask($client, '/echo')->{body} =~ /^X-Forwarded-For: (.*)\r/m ? $1 : undef;
}

subtest 'the PROXY protocol' => sub {
	my $gateway = gateway(listen => 'proxy:127.0.0.1:0', header_timeout_ms => 1000);
	my @cases = (
		[ "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n", '192.0.2.1' ],
		[ "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n", '2001:db8::1' ],
		[ "PROXY UNKNOWN\r\n", '127.0.0.1' ],
		[ "$signature\x21\x11\x00\x0c$four", '192.0.2.1' ],
		[ "$signature\x21\x11\x00\x13$four\x03\x00\x04abcd", '192.0.2.1' ],
		[ "$signature\x20\x00\x00\x00", '127.0.0.1' ],
	);

	foreach my $case (@cases)
	{
		my $client = $gateway->connect;
		say($client, $case->[0]);
		is(forwarded_for($client), $case->[1], "$case->[1]") for 1 .. 2;

		$client = $gateway->connect;
		say($client, $_) && select(undef, undef, undef, 0.002) foreach split //, $case->[0];
		is(forwarded_for($client), $case->[1], "byte by byte: $case->[1]");
	}
	like($gateway->log, qr/client 192\.0\.2\.1:56324/, 'the log has it, too');

	foreach my $bad ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "PROXY TCP4 1.2.3.4\r\n", "$signature\x31\x11\x00\x0c$four", "PROXY " . 'x' x 200)
	{
		my $client = $gateway->connect;
		say($client, $bad);
		isnt(end_of($client), 'open', 'no such header: closed');
		is($client->{buffer}, '', 'without an answer');
	}
	like($gateway->log, qr/info: client 127\.0\.0\.1:\d+: closed: no PROXY header/, 'the log says why');
	my $silent = $gateway->connect;
	ok(closes($silent), 'it has header_timeout_ms to come');
};

subtest 'the PROXY protocol before TLS' => sub {
	my $gateway = gateway(listen => 'proxy:tls:127.0.0.1:0');
	my $socket = $gateway->connect->{socket};

	syswrite $socket, "$signature\x21\x11\x00\x0c$four";
	my $ssl = IO::Socket::SSL->start_SSL($socket, SSL_ca_file => "$directory/ca.pem", SSL_verifycn_scheme => 'http', SSL_verifycn_name => '127.0.0.1');
	ok($ssl, 'a handshake');
	my $client = { socket => $ssl, buffer => '' };
	is(forwarded_for($client), '192.0.2.1', 'the client by name');
	like(ask($client, '/echo')->{body}, qr/^X-Forwarded-Proto: https\r/m, 'and by TLS');

	# Header and first bytes of TLS in one piece.
	my $raw = $gateway->connect;
	say($raw, "PROXY TCP4 192.0.2.9 192.0.2.2 1 2\r\n\x16\x03\x01\x00\x05hello");
	more($raw);
	like($raw->{buffer}, qr/^\x15\x03/, 'what is behind the header is taken for TLS: an alert comes back');
};

subtest 'HAProxy in front' => sub {
	my $haproxy = optional('haproxy') or plan skip_all => 'no haproxy here, which is optional';
	my $gateway = gateway(listen => 'proxy:127.0.0.1:0');
	my %port = map { $_ => dead_port() } qw(send-proxy send-proxy-v2);
	write_file("$directory/haproxy.cfg", "defaults\n mode tcp\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n"
		  . join '', map { "listen $_\n bind 127.0.0.1:$port{$_}\n server s 127.0.0.1:$gateway->{port} $_\n" } keys %port);
	my $running = Gray::Daemon->launch($haproxy, '-db', '-f', "$directory/haproxy.cfg");
	foreach my $kind (sort keys %port)
	{
		my $client;
		until_true('haproxy', sub { $client = eval { $gateway->connect($port{$kind}) } });
		is(forwarded_for($client), '127.0.0.1', $kind);
		like($gateway->log, qr/client 127\.0\.0\.1:@{[ $client->{socket}->sockport ]}/, "$kind: by the client's own port");
	}
	$running->kill;
};

done_testing();
