# Field.pm: the proxies of the field, nginx and HAProxy, in front of a server;
# to see what they make of what the gateway refuses.
package Gateway::Field;

use strict;
use warnings;

use File::Temp qw(tempdir);
use Gray::Daemon;
use Gray::Deadline qw(until_true);
use Gray::File qw(write_file);
use Gray::Needed qw(optional);
use IO::Select;
use IO::Socket::UNIX;

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
my %options = (nginx => ['-c'], haproxy => [ '-db', '-f' ]);

# Those that this machine has.
sub names
{
	return grep { optional($_) } sort keys %options;
}

# Starts the one of that name in front of a server on a port of this machine.
sub start
{
	my ($class, $name, $port) = @_;
	my $directory = tempdir(CLEANUP => 1);
	my $self = bless { name => $name, socket => "$directory/socket" }, $class;

	write_file("$directory/conf", $configurations{$name}->($directory, $port));
	$self->{daemon} = Gray::Daemon->launch(optional($name), @{ $options{$name} }, "$directory/conf");
	until_true("$name to listen", sub { IO::Socket::UNIX->new(Peer => $self->{socket}) });
	return $self;
}

sub stop
{
	my ($self) = @_;

	$self->{daemon}->kill;
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
