# Field.pm: the proxies of the field, nginx and HAProxy, in front of a server;
# to see what they make of what the gateway refuses.
package Gateway::Field;

use strict;
use warnings;

use File::Temp qw(tempdir);
use Gray::Deadline qw(until_true);
use IO::Select;
use IO::Socket::UNIX;
use POSIX qw(_exit);

my %configurations = (
	nginx => sub {
		my ($directory, $port) = @_;
		return <<"END";
daemon off;
master_process off;
pid $directory/pid;
error_log $directory/error.log;
events { }
http {
	access_log off;
	client_body_temp_path $directory/body;
	proxy_temp_path $directory/proxy;
	fastcgi_temp_path $directory/fastcgi;
	uwsgi_temp_path $directory/uwsgi;
	scgi_temp_path $directory/scgi;
	upstream server { server 127.0.0.1:$port; keepalive 8; }
	server {
		listen unix:$directory/socket;
		lingering_close off;
		location / {
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_request_buffering off;
			proxy_pass http://server;
		}
	}
}
END
	},
	haproxy => sub {
		my ($directory, $port) = @_;
		return <<"END";
global
	maxconn 100
defaults
	mode http
	timeout connect 5s
	timeout client 5s
	timeout server 5s
	http-reuse always
frontend client
	bind unix\@$directory/socket
	default_backend server
backend server
	server one 127.0.0.1:$port
END
	},
);
my %commands = (nginx => [qw(/usr/sbin/nginx -c)], haproxy => [qw(/usr/sbin/haproxy -db -f)]);
my %running;
my $owner = $$;

END
{
	if ($$ == $owner)
	{
		my $code = $?;
		$_->stop foreach values %running;
		$? = $code;
	}
}

sub names
{
	return grep { -x $commands{$_}[0] } sort keys %commands;
}

# Starts the one of that name in front of a server on a port of this machine.
sub start
{
	my ($class, $name, $port) = @_;
	my $directory = tempdir(CLEANUP => 1);
	my $self = bless { name => $name, socket => "$directory/socket" }, $class;

	open my $file, '>', "$directory/conf" or die "$directory/conf: $!";
	print $file $configurations{$name}->($directory, $port);
	close $file;
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0)
	{
		setpgrp(0, 0);
		open STDERR, '>', "$directory/said";
		open STDOUT, '>&', \*STDERR;
		exec @{ $commands{$name} }, "$directory/conf" or _exit(127);
	}
	$running{ $self->{pid} } = $self;
	until_true("$name to listen", sub { IO::Socket::UNIX->new(Peer => $self->{socket}) });
	return $self;
}

sub stop
{
	my ($self) = @_;

	delete $running{ $self->{pid} } or return;
	kill 'KILL', -$self->{pid};
	waitpid $self->{pid}, 0;
	return;
}

# The first status that it answers to these bytes: - if it closes without, ? if it waits for more.
sub status_of
{
	my ($self, $bytes, $seconds) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $self->{socket}) or return '!';
	my $answer = '';

	syswrite $socket, $bytes;
	while ($answer !~ m{^HTTP/\S+ +\d})
	{
		return '?' unless IO::Select->new($socket)->can_read($seconds);
		return '-' unless sysread $socket, $answer, 65536, length $answer;
	}
	return $answer =~ m{^\S+ +(\d+)} ? $1 : '';
}

1;
