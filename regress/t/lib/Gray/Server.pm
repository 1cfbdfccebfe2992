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
