# Gateway.pm: a gateway that runs beside the test.
#
# It needs core Perl only.  Servers behind it: Gateway::Backend.  What its clients hear: Gateway::Client.
# A test that is client and server at once: Gateway::Between.
#
#   Gateway->start(SETTINGS)     starts one, and waits until it listens; {port} and {admin} are its ports,
#                                {file} its settings, {directory} a place for files, {pid} the process
#   Gateway->launch(SETTINGS)    the same without waiting
#   stop, wait_for_end           end it by SIGTERM; wait for its end; both return the wait status
#   alive                        is it there?
#   at_once(CODE)                CODE happens in one turn of its loop: it stands still meanwhile
#   Gateway::run(ARGUMENTS)      runs the program to its end; exit code and all it said
#   Gateway::check(FILE, SETTINGS, ARGUMENTS)
#                                the same with -t on a file, written of a hash of settings or of its text
#   $Gateway::GOOD               the text of a file that is good, of seven lines
#   Gateway::binary()            the program
#   Gateway::sanitized()         was it built to watch itself?  See dev/sanitize
#
#   connect(PORT)                a client (Gateway::Peer) of {port}, or of another port
#   begin(BYTES)                 the same, that has said this
#   ask(BYTES, METHOD)           the answer to a request on a connection of its own; {client} is that
#   get(PATH, FIELDS)            the answer to a GET
#   who_gets(PATH, FIELDS)       who answers that (Gateway::Client::by)
#   who(UID)                     who answers a request of that user, or of none
#
#   log                          what it has logged
#   until_logged(PATTERN)        waits for such a line
#   logs(PATTERN, NAME)          a test: such a line comes; NAME may be missing
#   admin(PATH)                  the answer of its admin address
#   get_status, status(NAME)     GET /status, and one number of it
#   until_status(NAME, VALUE)    waits for that number
#   shows(NAME, VALUE)           a test: that number comes
#   until_loaded                 waits for its roster
#   until_read(SERVER, COUNT)    waits until so many of its processes, or 1, know all that was committed
#                                in a Gray::Server
#
#   rewrite(SETTINGS)            changes its file
#   reload(COUNT)                has it read, and waits until so many processes, or 1, have said what
#                                became of that
#   change(SETTINGS)             both
#
#   memory, settled_memory       resident KiB, and that when it stands still
#   keeps_little(BEFORE, MOST, NAME), Gateway::is_little(KIB, MOST, NAME)
#                                tests: it has grown by less; so many are less
package Gateway;

use strict;
use warnings;

use Fcntl qw(F_SETFD);
use File::Basename qw(dirname);
use File::Spec;
use File::Temp qw(tempdir);
use Gateway::Client;
use Gateway::Peer;
use Gray::Child qw(child forget_child);
use Gray::Deadline qw(until_true);
use Gray::File qw(slurp so_far write_file);
use Gray::Needed qw(built);
use IO::Socket::INET;
use POSIX qw(WNOHANG _exit);
use Test::More;

my $top = File::Spec->rel2abs(File::Spec->catdir(dirname(__FILE__), ('..') x 3));

our $GOOD = "[gateway]\nlisten = 127.0.0.1:0\nrelease = v2\ndatabase = dbname=x\n"
  . "uid = header:X\nproduction = 127.0.0.1:1\ngray = 127.0.0.1:2\n";

# No test that uses this module passes without it.
binary();

sub binary
{
	return built($ENV{GRAY_GATEWAY} || "$top/gateway/build/gray-gateway", 'make -C gateway');
}

sub sanitized
{
	return $ENV{GRAY_SANITIZED};
}

# --- a process -------------------------------------------------------------------

# Settings override the ones in launch.
sub start
{
	my $self = launch(@_);

	until_true('the gateway to start', sub {
			die 'the gateway did not start: ' . $self->log unless $self->alive;
			$self->log =~ /admin on \S+:(\d+)/ and $self->{admin} = $1;
	});
	($self->{port}) = $self->log =~ /listening on \S+:(\d+)/;
	return $self;
}

# GRAY_BATCH=auto in the environment runs any test with that batch_sends.
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

	write_file($self->{file}, text_of(%all));
	$self->{pid} = child(
		sub {
			$stderr ? open STDERR, '>&', $stderr : open STDERR, '>', $self->{log};
			open STDOUT, '>&', $stdout if $stdout;
			hand_over($socket) if $socket;
			exec binary(), '-c', $self->{file} or _exit(127);
		},
		# One that is killed does not say what it leaked.
		group => 0, sanitized() ? (end => sub { $self->stop }) : ());
	return $self;
}

sub text_of
{
	my (%settings) = @_;
	return "[gateway]\n" . join '', map { "$_ = $settings{$_}\n" } sort keys %settings;
}

# To the program that this process becomes: as descriptor 3, see sd_listen_fds(3).
sub hand_over
{
	my ($socket) = @_;

	POSIX::dup2(fileno $socket, 3) if fileno $socket != 3;
	fcntl $socket, F_SETFD, 0 if fileno $socket == 3;
	@ENV{qw(LISTEN_PID LISTEN_FDS)} = ($$, 1);
	return;
}

sub stop
{
	my ($self) = @_;

	kill 'TERM', $self->{pid} unless defined $self->{status};
	return $self->wait_for_end;
}

sub wait_for_end
{
	my ($self) = @_;

	until_true('the gateway to end', sub { !$self->alive });
	return $self->{status};
}

sub alive
{
	my ($self) = @_;

	return 0 if defined $self->{status};
	return 1 if waitpid($self->{pid}, WNOHANG) == 0;
	$self->{status} = $?;
	forget_child($self->{pid});
	return 0;
}

sub at_once
{
	my ($self, $happens) = @_;

	kill 'STOP', $self->{pid};
	until_true('the gateway to stand still', sub { slurp("/proc/$self->{pid}/stat") =~ /\) T / });
	$happens->();
	kill 'CONT', $self->{pid};
	return;
}

sub run
{
	my (@arguments) = @_;
	my $command = join ' ', map { "'$_'" } binary(), @arguments;
	my $said = `$command 2>&1`;

	return ($? >> 8, $said);
}

sub check
{
	my ($file, $settings, @arguments) = @_;

	write_file($file, ref $settings ? text_of(%$settings) : $settings);
	return run('-t', @arguments, '-c', $file);
}

# --- as its clients see it ---------------------------------------------------------

sub connect
{
	my ($self, $port) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port || $self->{port})
	  or die "cannot connect: $!";

	return peer($socket);
}

sub begin
{
	my ($self, $bytes) = @_;
	my $client = $self->connect;

	say($client, $bytes);
	return $client;
}

sub ask
{
	my ($self, $bytes, $method) = @_;
	my $client = $self->begin($bytes);

	return { %{ answer($client, $method) }, client => $client };
}

sub get
{
	my ($self, $path, @fields) = @_;
	return $self->ask("GET $path HTTP/1.1\r\nHost: h\r\n" . join('', map { "$_\r\n" } @fields) . "\r\n");
}

sub who_gets
{
	my ($self, @request) = @_;
	return by($self->get(@request));
}

sub who
{
	my ($self, $uid) = @_;
	return $self->who_gets('/which', defined $uid ? "X-User-Id: $uid" : ());
}

# --- as its operators see it -------------------------------------------------------

sub log
{
	my ($self) = @_;
	return so_far($self->{log});
}

sub until_logged
{
	my ($self, $pattern) = @_;
	return until_true("log line $pattern", sub { $self->log =~ $pattern });
}

sub logs
{
	my ($self, $pattern, $name) = @_;
	return ok($self->until_logged($pattern), $name // "the log has $pattern");
}

sub admin
{
	my ($self, $path) = @_;
	my $client = $self->connect($self->{admin});

	say($client, "GET $path HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	return answer($client);
}

sub get_status
{
	my ($self) = @_;
	return $self->admin('/status')->{body};
}

sub status
{
	my ($self, $name) = @_;
	my $body = $self->get_status;

	return $body =~ /"$name": ("?)([^",}\n]+)\1/ ? $2 : $body;
}

sub until_status
{
	my ($self, $name, $value) = @_;
	return until_true("$name to be $value", sub { $self->status($name) eq $value });
}

sub shows
{
	my ($self, $name, $value) = @_;
	return ok($self->until_status($name, $value), "$name is $value");
}

sub until_loaded
{
	my ($self) = @_;
	return $self->until_status('roster_loaded', 'true');
}

sub until_read
{
	my ($self, $server, $workers) = @_;
	my $transaction = $server->value(q{SELECT pg_current_xact_id() FROM pg_notify('pg_gray', 'v2 users')});

	return until_true("transaction $transaction to be read", sub { $self->have_read($transaction) >= ($workers // 1) });
}

# How many of its processes know what a transaction has committed, and a notification told them of.
sub have_read
{
	my ($self, $transaction) = @_;
	my %read;

	foreach my $line ($self->log =~ /^(.* read as of \d+:\d+:.*)$/mg)
	{
		my ($pid, $next, $running) = $line =~ /\[(\d+)\] debug: release \S+ read as of \d+:(\d+):(.*)/ or next;
		$read{$pid} = 1 if $next > $transaction && ",$running," !~ /,$transaction,/;
	}
	return scalar keys %read;
}

# --- its settings ------------------------------------------------------------------

sub rewrite
{
	my ($self, %settings) = @_;
	my $text = slurp($self->{file});

	foreach my $key (sort keys %settings)
	{
		$text =~ s/^$key = .*\n//m;
		$text .= "$key = $settings{$key}\n";
	}
	write_file($self->{file}, $text);
	return;
}

sub reload
{
	my ($self, $processes) = @_;
	my $said = qr/(?<!not )reloaded |not reloaded: /;
	my $before = () = $self->log =~ /$said/g;

	kill 'HUP', $self->{pid};
	return until_true('the reload', sub { (() = $self->log =~ /$said/g) >= $before + ($processes // 1) });
}

sub change
{
	my ($self, %settings) = @_;

	$self->rewrite(%settings);
	return $self->reload;
}

# --- its memory --------------------------------------------------------------------

sub memory
{
	my ($self) = @_;
	my ($kib) = slurp("/proc/$self->{pid}/status") =~ /VmRSS:\s+(\d+)/ or die "the gateway is gone\n";

	return $kib;
}

sub settled_memory
{
	my ($self) = @_;
	my ($last, $same) = (0, 0);

	until_true('memory to stand still', sub {
			my $now = $self->memory;
			$same = $now == $last ? $same + 1 : 0;
			$last = $now;
			return $same >= 20;
	});
	return $last;
}

sub is_little
{
	my ($kib, $most_kib, $name) = @_;

	return Test::More->builder->skip("$name: a sanitizer keeps what is freed") if sanitized();
	return cmp_ok($kib, '<', $most_kib, $name);
}

sub keeps_little
{
	my ($self, $before, $most_kib, $name) = @_;
	return is_little($self->memory - $before, $most_kib, $name);
}

1;
