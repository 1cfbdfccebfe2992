# World.pm: the whole system: a database, both versions of an application, and the
# gateway in front of them.
#
# Shop.pm and Chinook.pm say which application, and how its tables are called.
package Gray::World;

use strict;
use warnings;

use File::Spec;
use Gateway;
use Gateway::Client;
use Gateway::Peer;
use Gray::Daemon;
use Gray::Server;

our @ISA = ('Gray::Server');

# Database with the application's data, version 1; neither extension nor gateway.
sub new
{
	my ($class, %init) = @_;
	my ($name) = lc($class) =~ /(\w+)$/;
	my $self = bless Gray::Server->new("world_$name"), $class;

	$self->value('CREATE DATABASE world');
	$self->{database} = 'world';
	$self->value('CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app; CREATE ROLE gateway LOGIN; CREATE EXTENSION pg_gray;
		SELECT gray_grant(\'gateway\', \'gateway\'), gray_grant(\'app\', \'application\')');
	$self->{node}->command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $self->conninfo, '-o', File::Spec->devnull, '-c', 'SET ROLE app', $self->data ],
		'the data is loaded');
	return $self;
}

sub conninfo_as
{
	my ($self, $role) = @_;
	return $self->conninfo . " user=$role";
}

# Both versions of the application.
sub start_servers
{
	my ($self) = @_;

	$self->{$_} = $self->start_version($_) foreach qw(v1 v2);
	return;
}

sub start_gateway
{
	my ($self, %settings) = @_;

	$self->{gateway} = Gateway->start(
		database => $self->conninfo_as('gateway'),
		production => $self->{v1}{found}, gray => $self->{v2}{found}, %settings);
	return $self->{gateway};
}

sub until_loaded
{
	my ($self) = @_;
	return $self->{gateway}->until_loaded;
}

# SQL of an operator; returns when the gateway has heard of it.
sub operate
{
	my ($self, $sql) = @_;
	my $rows = $self->value($sql);

	$self->until_heard($sql, $self->{gateway});
	return $rows;
}

# All processes of a gateway know what was committed before.
sub until_heard
{
	my ($self, $what, $gateway, $workers) = @_;

	return $gateway->until_status('release_known', 'false')
	  if $self->value(q{SELECT count(*) FROM gray.release WHERE release = 'v2'}) eq '0';
	return $gateway->until_read($self, $workers);
}

sub request
{
	my ($self, $uid, $method, $path, $body) = @_;
	$body //= '';

	return "$method $path HTTP/1.1\r\nHost: test\r\nContent-Length: " . length($body) . "\r\n"
	  . (defined $uid ? "X-User-Id: $uid\r\n" : '') . "\r\n$body";
}

# What a client asks through the gateway; the answer also has version, schema and id.
sub ask
{
	my ($self, @request) = @_;
	return understand($self->{gateway}->ask($self->request(@request)));
}

# The same past the gateway.
sub ask_directly
{
	my ($self, $version, @request) = @_;
	my ($port) = $self->{$version}{found} =~ /:(\d+)$/;
	my $client = $self->{gateway}->connect($port);

	say($client, $self->request(@request));
	return understand(answer($client));
}

# Sends a request and does not wait; see await.
sub send
{
	my ($self, @request) = @_;
	return $self->{gateway}->begin($self->request(@request));
}

sub await
{
	my ($self, $client) = @_;
	return understand(answer($client));
}

sub understand
{
	my ($answer) = @_;

	$answer->{body} //= '';
	($answer->{version}) = $answer->{body} =~ /"version": "(\w+)"/;
	($answer->{schema}) = $answer->{body} =~ /"schema": "(\w+)"/;
	($answer->{id}) = $answer->{body} =~ /"id" : (\d+)/;
	$answer->{by} = join ' ', $answer->{status}, grep { defined } $answer->{version}, $answer->{schema};
	return $answer;
}

# "state after N moves", from the database.
sub moves_of
{
	my ($self, $uid) = @_;
	return $self->value("SELECT coalesce(string_agg(kind || ' ' || state, ', ' ORDER BY id), 'none') FROM gray.attempts(false) WHERE uid = '$uid'");
}

sub state_of
{
	my ($self, $uid) = @_;
	return $self->value("SELECT gray_state('$uid')");
}

# All rows of a user on a side, in the columns that both sides have.
sub rows_of
{
	my ($self, $schema, $uid) = @_;
	my ($user, $order, $line) = @$self{qw(user order line)};
	my $note = $schema eq 'v2' ? $order->{gray_note} : $order->{note};

	return $self->value(qq{
		SELECT $user->{columns} FROM $schema.$user->{table} WHERE $user->{id} = $uid;
		SELECT $order->{columns}, $note FROM $schema.$order->{table} WHERE $order->{user} = $uid ORDER BY $order->{id};
		SELECT $line->{columns} FROM $schema.$line->{table} JOIN $schema.$order->{table} o USING ($line->{order})
			WHERE o.$order->{user} = $uid ORDER BY $line->{id}} =~ s/USING \((\w+)\)/ON $line->{table}.$line->{order} = o.$order->{id}/r);
}

# How many rows of a user are in the gray tables, also those whose owner row is not there.
sub gray_rows
{
	my ($self, $uid) = @_;
	my ($user, $order, $line) = @$self{qw(user order line)};

	return $self->value(qq{
		SELECT (SELECT count(*) FROM v2.$user->{table} WHERE $user->{id} = $uid)
			+ (SELECT count(*) FROM v2.$order->{table} WHERE $order->{user} = $uid)
			+ (SELECT count(*) FROM v2.$line->{table} WHERE $line->{order} IN (
				SELECT $order->{id} FROM v2.$order->{table} WHERE $order->{user} = $uid
				UNION SELECT $order->{id} FROM public.$order->{table} WHERE $order->{user} = $uid))});
}

# Where each production row lies, and who wrote it.
sub row_versions
{
	my ($self, $uid) = @_;
	my ($user, $order, $line) = @$self{qw(user order line)};

	return $self->value(qq{
		SELECT ctid, xmin FROM public.$user->{table} WHERE $user->{id} = $uid;
		SELECT ctid, xmin FROM public.$order->{table} WHERE $order->{user} = $uid ORDER BY 1;
		SELECT ctid, xmin FROM public.$line->{table} WHERE $line->{order} IN
			(SELECT $order->{id} FROM public.$order->{table} WHERE $order->{user} = $uid) ORDER BY 1});
}

1;
