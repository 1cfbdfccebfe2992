# Proxies.pm: the gateway, nginx and HAProxy in front of the same two servers
#
# Of 10,000 users 1,000 are in gray: for the gateway by a release in a database of
# its own, for the others by a map.  Each contender is started when it is asked for,
# and runs until the end.
package Bench::Proxies;

use strict;
use warnings;

use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

use constant GRAY_USERS => 1000;

my $owner = $$;

sub new
{
	my ($class, $top) = @_;
	my $self = bless { top => $top, dir => tempdir('/tmp/pg_gray.XXXXXX'), running => {}, pids => [] }, $class;

	foreach my $program (qw(nginx haproxy wrk))
	{
		die "bench/gateway: no $program: dev/deps nginx-light haproxy wrk\n" if !grep { -x "$_/$program" } split(/:/, $ENV{PATH}), '/usr/sbin';
	}
	$ENV{PATH} = "$ENV{PATH}:/usr/sbin";
	system('cc', '-O2', '-D_GNU_SOURCE', '-o', "$self->{dir}/backend", "$top/bench/lib/backend.c") == 0 or die "bench/gateway: cc failed\n";
	$self->{server}{$_} = free_port() foreach qw(production gray);
	$self->{cores} = [ cores() ];
	$self->{servers} = [ map { $self->spawn("backend-$_", "$self->{dir}/backend", $self->{server}{$_}, "$self->{dir}/$_.socket") } qw(production gray) ];
	$self->start_database;
	$self->write_file('nginx.map', join '', map { "\"$_\" gray;\n" } 1 .. GRAY_USERS);
	$self->write_file('haproxy.map', join '', map { "$_ gray\n" } 1 .. GRAY_USERS);
	return $self;
}

sub free_port
{
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die "no port: $!\n";
	return $socket->sockport;
}

sub write_file
{
	my ($self, $name, $text) = @_;
	open my $file, '>', "$self->{dir}/$name" or die "$name: $!\n";
	print $file $text;
	close $file;
	return "$self->{dir}/$name";
}

sub spawn
{
	my ($self, $name, @command) = @_;
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0)
	{
		open STDOUT, '>', "$self->{dir}/$name.out";
		open STDERR, '>', "$self->{dir}/$name.log";
		exec @command or die "$command[0]: $!\n";
	}
	push @{ $self->{pids} }, $pid;
	return $pid;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $!);

	return if $$ != $owner;
	kill 'TERM', @{ $self->{pids} };
	waitpid $_, 0 foreach @{ $self->{pids} };
	system "$self->{top}/dev/server", 'stop', $self->{dir} if -e "$self->{dir}/data/postmaster.pid";
	remove_tree($self->{dir});
	return;
}

# --- the database ----------------------------------------------------------------

sub psql
{
	my ($self, $sql) = @_;

	open my $psql, '|-', 'psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-h', $self->{dir}, '-U', 'postgres', '-o', '/dev/null', 'postgres' or die "psql: $!\n";
	print $psql $sql;
	close $psql or die "bench/gateway: psql failed\n";
	return;
}

sub start_database
{
	my ($self) = @_;
	my $users = GRAY_USERS;

	system("$self->{top}/dev/server", 'start', $self->{dir}) == 0 or die "bench/gateway: no database\n";
	$self->psql(<<"END");
CREATE EXTENSION pg_gray;
CREATE TABLE users (id bigint PRIMARY KEY, name text);
INSERT INTO users SELECT u, 'user ' || u FROM generate_series(1, 10000) u;
SELECT gray_create_release('v2');
SELECT gray_clone('users', 'id');
SELECT gray_add_user(u) FROM generate_series(1, $users) u;
SELECT gray_open();
SELECT gray_migrate(u) FROM generate_series(1, $users) u;
END
	return;
}

# More users in the list, who are in no table and send no requests.
sub add_users
{
	my ($self, $count) = @_;
	my $step = 50_000;

	for (my $from = 0; $from < $count; $from += $step)
	{
		$self->psql(sprintf "SELECT gray_add_user(1000000 + u) FROM generate_series(%d, %d) u;\n", $from + 1, $from + $step);
	}
	return;
}

# --- who runs where --------------------------------------------------------------

# Those that this process may use.
sub cores
{
	my ($list) = `cat /proc/self/status` =~ /^Cpus_allowed_list:\s*(\S+)/m;

	return map { my ($from, $to) = split /-/; $from .. $to // $from } split /,/, $list;
}

# Puts a proxy and the servers where the name of the placement says; the answer is where the
# load is to run, for taskset.  together: all on one core; apart: the proxy alone on one;
# anywhere: as the scheduler likes.
sub place
{
	my ($self, $proxy, $placement) = @_;
	my @cores = @{ $self->{cores} };
	my $all = join ',', @cores;
	my %places = (together => [ @cores[ 0, 0 ] ], apart => [ @cores[ 0, 1 ] ], anywhere => [ $all, $all ]);
	my $place = $places{$placement} or die "bench/gateway: no placement $placement\n";

	die "bench/gateway: \"apart\" takes two cores\n" if !defined $place->[1];
	pin($place->[0], $proxy->pids);
	pin($place->[1], @{ $self->{servers} });
	return $place->[1];
}

sub pin
{
	my ($cores, @pids) = @_;

	foreach my $pid (@pids)
	{
		`taskset -a -c -p $cores $pid`;
		die "bench/gateway: taskset failed\n" if $?;
	}
	return;
}

# --- the contenders --------------------------------------------------------------

# name: gateway, nginx or haproxy, with -log, -2 (workers), -crowd, -splice, -batch, -unix
sub start
{
	my ($self, $name) = @_;
	my ($program, $variant) = split /-/, $name, 2;

	return $self->{running}{$name} ||= do
	{
		my $proxy = Bench::Proxy->new(name => $name, port => free_port());
		my $make = $self->can("start_$program") or die "no contender $name\n";

		$proxy->{pid} = $make->($self, $proxy, $variant // '');
		$proxy->wait_until_ready;
		$proxy;
	};
}

sub stop
{
	my ($self, $name) = @_;
	my $proxy = delete $self->{running}{$name} or return;

	kill 'TERM', $proxy->{pid};
	waitpid $proxy->{pid}, 0;
	$self->{pids} = [ grep { $_ != $proxy->{pid} } @{ $self->{pids} } ];
	return;
}

sub start_gateway
{
	my ($self, $proxy, $variant) = @_;
	my %settings = (
		listen => "127.0.0.1:$proxy->{port}", admin => '127.0.0.1:' . free_port(), release => 'v2',
		database => "host=$self->{dir} dbname=postgres user=postgres", uid => 'header:X-User-Id', workers => $variant eq '2' ? 2 : 1,
		max_connections => 20000, idle_timeout_ms => 3600000,
		map({ $_ => $variant =~ /unix/ ? "unix:$self->{dir}/$_.socket" : "127.0.0.1:$self->{server}{$_}" } qw(production gray)),
		$variant =~ /batch/ ? (batch_sends => 'auto') : (),
		$variant =~ /unkept/ ? (replay_spool_bytes => 0) : (),
		$variant eq 'log' ? (access_log => "$self->{dir}/gateway.access") : ());
	my $file = $self->write_file("$proxy->{name}.ini", "[gateway]\n" . join '', map { "$_ = $settings{$_}\n" } sort keys %settings);

	return $self->spawn($proxy->{name}, "$self->{top}/gateway/build/gray-gateway", '-c', $file);
}

sub start_nginx
{
	my ($self, $proxy, $variant) = @_;
	my $log = $variant eq 'log' ? "$self->{dir}/nginx.access combined buffer=32k flush=1s" : 'off';
	my $workers = $variant eq '2' ? 2 : 1;
	my $upstreams = join '', map { "upstream $_ { server 127.0.0.1:$self->{server}{$_}; keepalive 128; keepalive_requests 1000000000; }\n" } qw(production gray);
	my $temp = join '', map { "${_}_temp_path $self->{dir}/nginx.$_;\n" } qw(client_body proxy fastcgi uwsgi scgi);
	my $file = $self->write_file("$proxy->{name}.conf", <<"END");
worker_processes $workers;
daemon off;
pid $self->{dir}/$proxy->{name}.pid;
error_log stderr error;
events { worker_connections 16384; }
http {
	access_log $log;
	keepalive_requests 1000000000;
	keepalive_timeout 3600s;
	client_max_body_size 0;
	map_hash_max_size 16384;
	map_hash_bucket_size 64;
	$temp
	$upstreams
	map \$http_x_user_id \$side { default production; include $self->{dir}/nginx.map; }
	server {
		listen 127.0.0.1:$proxy->{port} backlog=4096;
		location / {
			proxy_pass http://\$side;
			proxy_http_version 1.1;
			proxy_request_buffering off;
			proxy_set_header Connection "";
			proxy_set_header Host \$host;
			proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
			proxy_set_header X-Gray-Side \$side;
		}
	}
}
END

	return $self->spawn($proxy->{name}, 'nginx', '-p', $self->{dir}, '-e', 'stderr', '-c', $file);
}

sub start_haproxy
{
	my ($self, $proxy, $variant) = @_;
	my $log = $variant eq 'log' ? "log stdout len 4096 format raw local0\n\toption httplog" : '';
	my $splice = $variant eq 'splice' ? 'option splice-response' : '';
	my $backends = join '', map { "backend $_\n\thttp-request set-header X-Gray-Side $_\n\tserver s 127.0.0.1:$self->{server}{$_}\n" } qw(production gray);
	my $file = $self->write_file("$proxy->{name}.cfg", <<"END");
global
	maxconn 6000
	nbthread 1
defaults
	mode http
	timeout connect 5s
	timeout client 3600s
	timeout server 60s
	http-reuse always
	option forwardfor
	$log
	$splice
frontend in
	bind 127.0.0.1:$proxy->{port} backlog 4096
	use_backend %[req.hdr(x-user-id),map_str($self->{dir}/haproxy.map,production)]
$backends
END

	return $self->spawn($proxy->{name}, 'haproxy', '-db', '-f', $file);
}

# Connections that had a request each and stay open: a process of its own.
sub crowd
{
	my ($self, $proxy, $count) = @_;
	return Bench::Crowd->new($proxy, $count);
}

sub description
{
	my ($self) = @_;
	my ($cpu) = `cat /proc/cpuinfo` =~ /^model name\s*:\s*(.*)/m;
	my $cores = () = `cat /proc/cpuinfo` =~ /^processor/mg;
	my ($nginx) = `nginx -v 2>&1` =~ m{nginx/(\S+)};
	my ($haproxy) = `haproxy -v` =~ /version (\S+)/;

	return "Machine: $cpu, $cores cores, Linux " . (split ' ', `uname -r`)[0] . ". nginx $nginx, HAProxy $haproxy.";
}

# --- one contender ---------------------------------------------------------------

package Bench::Proxy;

use Time::HiRes qw(sleep time);

sub new
{
	my ($class, %fields) = @_;
	return bless {%fields}, $class;
}

sub ask
{
	my ($port, $path) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or return '';

	print $socket "GET $path HTTP/1.1\r\nHost: h\r\nX-User-Id: 1\r\nConnection: close\r\n\r\n";
	local $/ = undef;
	return readline($socket) // '';
}

# It serves, and the gateway has its roster: in each worker, and who takes a connection
# is chance.
sub wait_until_ready
{
	my ($self) = @_;
	my $until = time + 60;
	my $good = 0;

	while ($good < 20)
	{
		$good = ask($self->{port}, '/small') =~ m{^HTTP/1\.1 200} ? $good + 1 : 0;
		next if $good > 0;
		die "bench/gateway: $self->{name} does not serve\n" if time > $until;
		sleep 0.05;
	}
	return;
}

# The process and its children.
sub pids
{
	my ($self) = @_;
	return ($self->{pid}, split ' ', do { local @ARGV = ("/proc/$self->{pid}/task/$self->{pid}/children"); <> // '' });
}

sub cpu_us
{
	my ($self) = @_;
	my $sum = 0;

	foreach my $pid ($self->pids)
	{
		open my $file, '<', "/proc/$pid/schedstat" or next;
		$sum += (split ' ', <$file>)[0] / 1000;
	}
	return $sum;
}

# How often the scheduler took the core from it.
sub preempted
{
	my ($self) = @_;
	my $sum = 0;

	foreach my $pid ($self->pids)
	{
		open my $file, '<', "/proc/$pid/status" or next;
		$sum += $_ foreach map { /^nonvoluntary_ctxt_switches:\s+(\d+)/ ? $1 : () } <$file>;
	}
	return $sum;
}

# Resident bytes.
sub memory
{
	my ($self) = @_;
	my $sum = 0;

	foreach my $pid ($self->pids)
	{
		open my $file, '<', "/proc/$pid/status" or next;
		$sum += 1024 * $_ foreach map { /^VmRSS:\s+(\d+)/ ? $1 : () } <$file>;
	}
	return $sum;
}

# --- many connections ------------------------------------------------------------

package Bench::Crowd;

sub new
{
	my ($class, $proxy, $count) = @_;
	pipe my $ready, my $said or die "pipe: $!\n";
	pipe my $until, my $hold or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0)
	{
		close $hold;
		my @sockets = map { connect_once($proxy->{port}) } 1 .. $count;
		syswrite $said, "ok\n";
		sysread $until, my $byte, 1;
		POSIX::_exit(0);
	}
	close $said;
	defined readline($ready) or die "bench/gateway: $count connections could not be opened\n";
	return bless { pid => $pid, hold => $hold }, $class;
}

# One small request, answered.
sub connect_once
{
	my ($port) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or POSIX::_exit(1);
	my $answer = '';

	syswrite $socket, "GET /small HTTP/1.1\r\nHost: h\r\nX-User-Id: 1\r\n\r\n";
	sysread $socket, $answer, 4096, length $answer or POSIX::_exit(1) until $answer =~ /s{200}/;
	return $socket;
}

sub end
{
	my ($self) = @_;

	close $self->{hold};
	waitpid $self->{pid}, 0;
	return;
}

1;
