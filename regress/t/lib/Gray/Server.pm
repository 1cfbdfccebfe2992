# Server.pm: a PostgreSQL of a test's own, with the extension and regress/shop.sql.
package Gray::Server;

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Spec;
use Gray::Deadline qw(until_true);
use Gray::Session;
use PostgreSQL::Test::Cluster;

our $TOP = File::Spec->rel2abs(File::Spec->catdir(dirname(__FILE__), ('..') x 4));

# conf: further lines for postgresql.conf
sub new
{
	my ($class, $name, $conf, %init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(%init);
	$node->append_conf('postgresql.conf', $conf) if $conf;
	$node->start;
	return bless { node => $node, database => 'postgres' }, $class;
}

# Another database of the same PostgreSQL, which is there.
sub in
{
	my ($self, $database) = @_;
	return bless { node => $self->{node}, database => $database }, 'Gray::Server';
}

# The same of another PostgreSQL, as a copy of this one is.
sub at
{
	my ($self, $node) = @_;
	return bless { node => $node, database => $self->{database} }, 'Gray::Server';
}

sub conninfo
{
	my ($self) = @_;
	return $self->{node}->connstr($self->{database});
}

sub session
{
	my ($self, @set) = @_;
	return Gray::Session->new($self->conninfo, @set);
}

# A session that has written a user's row, at home or in gray, and keeps that user from being moved.
sub writer
{
	my ($self, $uid, $schema) = @_;
	my $session = $self->session;

	$session->value('BEGIN');
	$session->value('UPDATE ' . ($schema // 'shop') . ".users SET name = name || '.' WHERE id = $uid");
	return $session;
}

# Ends what a role has to do with the database, which is there for all others; and lets it in again.
sub cut_off
{
	my ($self, $role) = @_;

	$self->value("ALTER ROLE $role NOLOGIN");
	return $self->interrupt($role);
}

sub let_in
{
	my ($self, $role) = @_;
	return $self->value("ALTER ROLE $role LOGIN");
}

# Ends the sessions of a role, which may come back at once.
sub interrupt
{
	my ($self, $role) = @_;
	return $self->value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '$role'");
}

# The rows of SQL that must succeed, on a connection of its own.
sub value
{
	my ($self, $sql) = @_;
	return $self->{node}->safe_psql($self->{database}, $sql);
}

# SQLSTATE and message of SQL, "00000" if it succeeds.
sub sqlstate
{
	my ($self, $sql) = @_;
	return $self->session->run($sql)->{sqlstate};
}

# Polls the database until the query gives what is expected.
sub until_value
{
	my ($self, $sql, $expected) = @_;
	my $session = $self->session;

	return until_true("$sql to be $expected", sub { $session->value($sql) eq $expected });
}

# Creates the tests' shop, and its release v2 with one column more in gray.
sub create_shop
{
	my ($self) = @_;
	return $self->create_shop_with('SELECT');
}

# The same with something done to the shop before it is cloned.
sub create_shop_with
{
	my ($self, $sql) = @_;

	$self->{node}->command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $self->conninfo, '-o', File::Spec->devnull,
			'-f', "$TOP/regress/shop.sql",
			'-c', $sql,
			'-c', q{SELECT gray_create_release('v2')},
			'-c', q{SELECT gray_clone_tree('shop.users', 'id')},
			'-c', q{ALTER TABLE v2.orders ADD COLUMN gift_note text NOT NULL DEFAULT 'none'} ],
		'the shop and its release are created');
	return;
}

1;
