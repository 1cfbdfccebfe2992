# Gateway.pm: what the gateway's TAP tests need: a gateway, servers behind it,
# and raw sockets in front.  Core Perl only.
package Gateway;

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Fcntl qw(F_SETFD);
use File::Basename qw(dirname);
use File::Spec;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG _exit);
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Test::More;
use Time::HiRes qw(time sleep);

our $TIMEOUT = $ENV{PG_TEST_TIMEOUT_DEFAULT} || 30;

my $top = File::Spec->rel2abs(File::Spec->catdir(dirname(__FILE__), ('..') x 3));
my @children;    # pids to end
my %gateways;    # of these, by pid
my $owner = $$;

$SIG{PIPE} = 'IGNORE';

END
{
	if ($$ == $owner)
	{
		my $code = $?;
		end_gateways() if sanitized();
		kill 'KILL', @children if @children;
		waitpid($_, 0) foreach @children;
		$? = $code;
	}
}

sub binary
{
	return $ENV{GRAY_GATEWAY} || "$top/gateway/build/gray-gateway";
}

# Was it built to watch itself?  See dev/sanitize.
sub sanitized
{
	return $ENV{GRAY_SANITIZED};
}

# A gateway that is killed does not say what it leaked.
sub end_gateways
{
	my @others = grep { !$gateways{$_} } @children;

	kill 'KILL', @others if @others;
	kill 'TERM', keys %gateways;
	foreach my $pid (keys %gateways)
	{
		poll_until(sub { waitpid($pid, WNOHANG) != 0 }, "gateway $pid to end");
	}
}

# Asks until the answer is true; there is no waiting for a fixed time anywhere.
sub poll_until
{
	my ($question, $what) = @_;
	my $deadline = time + $TIMEOUT;

	while (time < $deadline)
	{
		my $answer = $question->();
		return $answer if $answer;
		sleep 0.01;
	}
	diag("gave up waiting for: $what");
	return;
}

# --- a server ---------------------------------------------------------------

# Starts a server that answers as the path says (see answer_*); returns its port.
# With a path for its socket, the process group to end it by instead.
sub backend
{
	my ($name, $where) = @_;
	my $path = ref $where ? undef : $where;
	my $listener =
	    ref $where ? $where
	  : defined $path ? IO::Socket::UNIX->new(Local => $path, Listen => 128)
	  : IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128, ReuseAddr => 1);
	die "cannot listen: $!" unless $listener;
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		$SIG{CHLD} = 'IGNORE';
		setpgrp(0, 0);
		while (1)
		{
			my $connection = $listener->accept or next;
			my $child = fork;

			if (defined $child && $child == 0)
			{
				close $listener;
				serve($connection, $name);
				_exit(0);
			}
			close $connection;
		}
	}
	push @children, $pid, -$pid;
	my $port = defined $path ? -$pid : $listener->sockport;
	close $listener;
	return $port;
}

# A port on which nobody listens.
sub dead_port
{
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1);
	my $port = $socket->sockport;

	close $socket;
	return $port;
}

sub serve
{
	my ($socket, $name) = @_;
	my $buffer = '';
	my $served = 0;

	setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1);
	while (defined(my $head = read_head($socket, \$buffer)))
	{
		my ($method, $target) = $head =~ /^(\S+) (\S+)/;
		my ($action, @arguments) = split m{/}, substr($target =~ s/\?.*//r, 1);
		my %request = (
			socket => $socket, buffer => \$buffer, head => $head, method => $method, name => $name,
			arguments => \@arguments, served => $served++);
		my $answer = defined $action ? Gateway->can("answer_$action") : undef;

		$answer ||= \&answer_which;
		last unless $answer->(\%request);
	}
	close $socket;
}

# Each answer_ writes an answer and says whether the connection stays open.

sub answer_which
{
	my ($request) = @_;
	my $body = request_body($request);

	return reply($request, "$request->{name} pid=$$ served=$request->{served}\n");
}

# Everything that came, to look at.
sub answer_echo
{
	my ($request) = @_;
	my $body = request_body($request);

	return reply($request, sprintf("%s\n%d %s\n%s\n", $request->{head}, length $body, md5_hex($body), $request->{name}));
}

sub answer_length
{
	my ($request) = @_;
	request_body($request);
	return reply($request, 'x' x $request->{arguments}[0]);
}

sub answer_chunked
{
	my ($request) = @_;
	my ($count, $size) = @{ $request->{arguments} };

	request_body($request);
	put($request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n");
	put($request, sprintf("%x;ext=1\r\n%s\r\n", $size, 'c' x $size)) foreach 1 .. $count;
	put($request, "0\r\nX-T: 1\r\n\r\n");
	return 1;
}

# No length, no chunks: the end of the connection is the end.
sub answer_toend
{
	my ($request) = @_;
	request_body($request);
	put($request, "HTTP/1.1 200 OK\r\n\r\n" . 'e' x $request->{arguments}[0]);
	return 0;
}

sub answer_old
{
	my ($request) = @_;
	request_body($request);
	put($request, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold");
	return 0;
}

sub answer_silent
{
	my ($request) = @_;
	my $byte;

	sysread($request->{socket}, $byte, 1);    # until the gateway gives up
	return 0;
}

sub answer_garbled
{
	my ($request) = @_;
	put($request, "HTPP/9 what?\r\n\r\n");
	return 0;
}

sub answer_both
{
	my ($request) = @_;
	put($request, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	return 1;
}

sub answer_hugehead
{
	my ($request) = @_;
	put($request, "HTTP/1.1 200 OK\r\nX-Large: " . ('y' x 100_000) . "\r\nContent-Length: 0\r\n\r\n");
	return 0;
}

sub answer_gone { return 0; }

# Answers once on each connection; the second request finds it stale.
sub answer_once
{
	my ($request) = @_;
	return 0 if $request->{served} > 0;
	return answer_which($request);
}

sub answer_half
{
	my ($request) = @_;
	put($request, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
	return 0;
}

sub answer_halfchunk
{
	my ($request) = @_;
	put($request, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
	return 0;
}

sub answer_status
{
	my ($request) = @_;
	my ($status, $length) = @{ $request->{arguments} };

	request_body($request);
	put($request, "HTTP/1.1 $status Status\r\n" . (defined $length ? "Content-Length: $length\r\n" : '') . "\r\n");
	return 1;
}

# Answers without reading the body, and goes on keeping the connection.
sub answer_early
{
	my ($request) = @_;
	reply($request, "early\n", 413);
	my $byte;
	1 while sysread($request->{socket}, $byte, 65536);
	return 0;
}

sub answer_continue
{
	my ($request) = @_;
	put($request, "HTTP/1.1 100 Continue\r\n\r\n") if $request->{head} =~ /^Expect: 100-continue/mi;
	return answer_echo($request);
}

sub answer_hints
{
	my ($request) = @_;
	put($request, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
	return answer_which($request);
}

# Sends for ever, as fast as it may.
sub answer_flood
{
	my ($request) = @_;
	my $piece = 'f' x 65536;

	put($request, "HTTP/1.1 200 OK\r\n\r\n");
	1 while put($request, $piece);
	return 0;
}

# What an application says when the fence refuses a write: on a side by that name only.
sub answer_fenced
{
	my ($request) = @_;
	my ($side) = @{ $request->{arguments} };

	return answer_echo($request) unless $side eq 'any' || $side eq $request->{name};
	request_body($request);
	return reply($request, "421 from $request->{name}\n", 421);
}

# Reads the body only when asked to by a file that appears.
sub answer_lazy
{
	my ($request) = @_;
	my $file = '/' . join('/', @{ $request->{arguments} });

	poll_until(sub { -e $file }, $file);
	return answer_echo($request);
}

sub answer_hop
{
	my ($request) = @_;
	put($request, "HTTP/1.1 200 OK\r\nConnection: X-Mine\r\nX-Mine: 1\r\nKeep-Alive: timeout=5\r\n"
		  . "X-Yours: 2\r\nContent-Length: 2\r\n\r\nok");
	return 1;
}

sub reply
{
	my ($request, $body, $status) = @_;

	$status ||= 200;
	put($request, "HTTP/1.1 $status OK\r\nContent-Length: " . length($body) . "\r\n\r\n"
		  . ($request->{method} eq 'HEAD' ? '' : $body));
	return 1;
}

sub put
{
	my ($request, $bytes) = @_;
	my $at = 0;

	while ($at < length $bytes)
	{
		my $sent = syswrite($request->{socket}, $bytes, length($bytes) - $at, $at);
		return 0 unless $sent;
		$at += $sent;
	}
	return 1;
}

sub request_body
{
	my ($request) = @_;

	return read_chunks($request->{socket}, $request->{buffer})
	  if $request->{head} =~ /^Transfer-Encoding: chunked/mi;
	return read_bytes($request->{socket}, $request->{buffer}, $1)
	  if $request->{head} =~ /^Content-Length: (\d+)/mi;
	return '';
}

# --- reading, for both ends --------------------------------------------------

sub more
{
	my ($socket, $buffer) = @_;

	return 0 unless IO::Select->new($socket)->can_read($TIMEOUT);
	return sysread($socket, $$buffer, 65536, length $$buffer) || 0;
}

sub read_head
{
	my ($socket, $buffer) = @_;

	while ($$buffer !~ /\r\n\r\n/)
	{
		return unless more($socket, $buffer);
	}
	$$buffer =~ s/^(.*?)\r\n\r\n//s;
	return "$1\r\n";
}

sub read_bytes
{
	my ($socket, $buffer, $length) = @_;

	while (length $$buffer < $length)
	{
		last unless more($socket, $buffer);
	}
	return substr($$buffer, 0, $length, '');
}

# The body without its framing; dies at a framing error.
sub read_chunks
{
	my ($socket, $buffer) = @_;
	my $body = '';

	while (1)
	{
		while ($$buffer !~ /\r\n/)
		{
			return "$body(cut)" unless more($socket, $buffer);
		}
		$$buffer =~ s/^([0-9a-fA-F]+)[^\r]*\r\n// or return "$body(bad chunk)";
		my $size = hex $1;

		last if $size == 0;
		$body .= read_bytes($socket, $buffer, $size);
		read_bytes($socket, $buffer, 2) eq "\r\n" or return "$body(bad end)";
	}
	while ($$buffer !~ /\r\n/)
	{
		return "$body(cut)" unless more($socket, $buffer);
	}
	while ($$buffer !~ s/^\r\n//)
	{
		$$buffer =~ s/^[^\r]*\r\n//;
		while ($$buffer !~ /\r\n/)
		{
			return "$body(cut)" unless more($socket, $buffer);
		}
	}
	return $body;
}

# --- the gateway ---------------------------------------------------------------

# Starts a gateway; settings override the ones here.  Waits until it listens.
sub start
{
	my $self = launch(@_);

	poll_until(sub { $self->log =~ /admin on \S+:(\d+)/ and $self->{admin} = $1 }, 'admin on')
	  or die "the gateway did not start: " . $self->log;
	($self->{port}) = $self->log =~ /listening on \S+:(\d+)/;
	return $self;
}

# The same without waiting; GRAY_BATCH=auto in the environment runs any test with that batch_sends.
# A socket may be handed over, as systemd does it; stdout and stderr may be handles.
sub launch
{
	my ($class, %settings) = @_;
	my $socket = delete $settings{handover};
	my ($stdout, $stderr) = delete @settings{qw(stdout stderr)};
	my $directory = tempdir(CLEANUP => 1);
	my %all = (
		listen => '127.0.0.1:0', admin => '127.0.0.1:0', release => 'v2', uid => 'header:X-User-Id',
		$settings{database} ? () : (database => 'host=/nonexistent dbname=none', without_roster => 'refuse'),
		log_level => 'debug', $ENV{GRAY_BATCH} ? (batch_sends => $ENV{GRAY_BATCH}) : (), %settings);
	my $self = bless { file => "$directory/gateway.ini", log => "$directory/log", directory => $directory }, $class;

	write_file($self->{file}, "[gateway]\n" . join('', map { "$_ = $all{$_}\n" } sort keys %all));
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0)
	{
		$stderr ? open STDERR, '>&', $stderr : open STDERR, '>', $self->{log};
		open STDOUT, '>&', $stdout if $stdout;
		hand_over($socket) if $socket;
		exec binary(), '-c', $self->{file} or _exit(127);
	}
	push @children, $self->{pid};
	$gateways{ $self->{pid} } = 1;
	return $self;
}

# To the program that this process becomes: as descriptor 3, see sd_listen_fds(3).
sub hand_over
{
	my ($socket) = @_;

	POSIX::dup2(fileno $socket, 3) if fileno $socket != 3;
	fcntl $socket, F_SETFD, 0 if fileno $socket == 3;
	@ENV{qw(LISTEN_PID LISTEN_FDS)} = ($$, 1);
}

# Ends it by SIGTERM; returns the wait status.
sub stop
{
	my ($self) = @_;

	kill 'TERM', $self->{pid};
	return $self->wait_for_end;
}

sub wait_for_end
{
	my ($self) = @_;

	return $self->{status} if defined $self->{status};
	poll_until(sub { waitpid($self->{pid}, WNOHANG) == $self->{pid} and defined($self->{status} = $?) },
		'the gateway to end');
	@children = grep { $_ != $self->{pid} } @children;
	delete $gateways{ $self->{pid} };
	return $self->{status};
}

sub alive
{
	my ($self) = @_;
	return waitpid($self->{pid}, WNOHANG) == 0;
}

sub log
{
	my ($self) = @_;
	open my $file, '<', $self->{log} or return '';
	local $/;
	return <$file> // '';
}

sub write_file
{
	my ($name, $text) = @_;
	open my $file, '>', $name or die "$name: $!";
	print $file $text;
	close $file;
}

# Runs the binary to its end; returns exit code and all it said.
sub run
{
	my (@arguments) = @_;
	my $command = join ' ', map { "'$_'" } binary(), @arguments;
	my $said = `$command 2>&1`;

	return ($? >> 8, $said);
}

sub connect
{
	my ($self, $port) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port || $self->{port})
	  or die "cannot connect: $!";

	setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1);
	return { socket => $socket, buffer => '' };
}

sub say
{
	my ($client, $bytes) = @_;
	my $at = 0;

	while ($at < length $bytes)
	{
		my $sent = syswrite($client->{socket}, $bytes, length($bytes) - $at, $at);
		return 0 unless $sent;
		$at += $sent;
	}
	return 1;
}

# The next answer on a connection: status, head, body, and whether it was cut.
sub answer
{
	my ($client, $method) = @_;
	my ($socket, $buffer) = ($client->{socket}, \$client->{buffer});
	my $head = read_head($socket, $buffer);
	my $answer = { status => 0, head => '', body => '' };

	return $answer unless defined $head;
	$answer->{head} = $head;
	($answer->{status}) = $head =~ m{^HTTP/1\.1 (\d+)};
	return $answer
	  if $answer->{status} < 200 || $answer->{status} =~ /^(204|304)$/ || ($method // '') eq 'HEAD';
	if ($head =~ /^Transfer-Encoding: chunked/mi)
	{
		$answer->{body} = read_chunks($socket, $buffer);
		$answer->{cut} = 1 if $answer->{body} =~ /\(/;
	}
	elsif ($head =~ /^Content-Length: (\d+)/mi)
	{
		$answer->{body} = read_bytes($socket, $buffer, $1);
		$answer->{cut} = 1 if length $answer->{body} < $1;
	}
	else
	{
		1 while more($socket, $buffer);
		$answer->{body} = $$buffer;
		$$buffer = '';
	}
	return $answer;
}

# The same to a client that has ended its direction: it may be asked before whether it is there.
sub final_answer
{
	my ($client) = @_;
	my $answer = answer($client);

	$answer = answer($client) while $answer->{status} == 100;
	return $answer;
}

# One request on a connection of its own.
sub ask
{
	my ($self, $bytes, $method) = @_;
	my $client = $self->connect;

	Gateway::say($client, $bytes);
	my $answer = answer($client, $method);
	$answer->{client} = $client;
	return $answer;
}

sub get
{
	my ($self, $path, @fields) = @_;
	return $self->ask("GET $path HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "\r\n");
}

# Does the other side close, without saying more and without a reset?
sub closes
{
	my ($client) = @_;
	my $byte;

	return 0 if $client->{buffer} ne '' || !IO::Select->new($client->{socket})->can_read($TIMEOUT);
	my $got = sysread($client->{socket}, $byte, 1);
	return defined $got && $got == 0;
}

sub get_status
{
	my ($self) = @_;
	my $client = $self->connect($self->{admin});

	Gateway::say($client, "GET /status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	return answer($client)->{body};
}

# A number of it.
sub status
{
	my ($self, $name) = @_;
	my $body = $self->get_status;

	return $body =~ /"$name": ("?)([^",}\n]+)\1/ ? $2 : $body;
}

# So many of its processes know what a transaction has committed, and a notification told them of.
sub has_read
{
	my ($self, $transaction, $workers) = @_;
	my %read;

	foreach my $line ($self->log =~ /^(.* read as of \d+:\d+:.*)$/mg)
	{
		my ($pid, $next, $running) = $line =~ /\[(\d+)\] debug: release \S+ read as of \d+:(\d+):(.*)/ or next;
		$read{$pid} = 1 if $next > $transaction && ",$running," !~ /,$transaction,/;
	}
	return keys(%read) >= ($workers // 1);
}

# Resident memory of the gateway in KiB.
sub memory
{
	my ($self) = @_;
	open my $file, '<', "/proc/$self->{pid}/status" or return 0;
	my ($kib) = join('', <$file>) =~ /VmRSS:\s+(\d+)/;
	return $kib;
}

# The same when it no longer changes.
sub settled_memory
{
	my ($self) = @_;
	my ($last, $same) = (0, 0);

	poll_until(
		sub {
			my $now = $self->memory;
			$same = $now == $last ? $same + 1 : 0;
			$last = $now;
			return $same >= 20;
		},
		'memory to stand still');
	return $last;
}

# Tests: so many KiB are less; its memory has grown by less.
sub is_little
{
	my ($kib, $most_kib, $name) = @_;

	return pass("$name (not measured: a sanitizer keeps what is freed)") if sanitized();
	return cmp_ok($kib, '<', $most_kib, $name);
}

sub keeps_little
{
	my ($self, $before, $most_kib, $name) = @_;
	return is_little($self->memory - $before, $most_kib, $name);
}

1;
