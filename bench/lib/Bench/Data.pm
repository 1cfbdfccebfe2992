# Data.pm: the databases to measure in, and which users are whose
package Bench::Data;

use strict;
use warnings;

use Bench::Session;

my %full = (users => 20_000, gray_users => 5_000, large => 20_000, medium => 2_000);
my %quick = (users => 2_000, gray_users => 500, large => 1_000, medium => 100);

use constant WARM_UP => 20;

sub sizes
{
	my ($is_quick) = @_;

	return $is_quick ? {%quick} : {%full};
}

sub new
{
	my ($class, $cluster) = @_;

	return bless { cluster => $cluster, sizes => $cluster->{sizes} }, $class;
}

sub large_user { return $_[0]{sizes}{users} + 1 }
sub medium_user { return $_[0]{sizes}{users} + 2 }

# The larger users have a row, so many orders, and 49 items of each.
sub rows_of
{
	my ($self, $size) = @_;

	return 1 + 50 * $self->{sizes}{$size};
}

# Hands out users who are in production, and nobody had yet: (first, count)
sub next_users
{
	my ($self, $count) = @_;
	my $first = $self->{next_user};

	$self->{next_user} += $count;
	die "bench/engine: not enough users for so many rounds\n" if $self->{next_user} > $self->{sizes}{users} + 1;
	return ($first, $count);
}

# A fresh database; $is_wanted: all users are in the cohort
sub begin
{
	my ($self, $database, $is_wanted) = @_;

	$self->{cluster}->fresh($database);
	$self->{cluster}->psql('run', 'SELECT gray_set_percent(100)') if $is_wanted;
	$self->{next_user} = $self->{sizes}{gray_users} + 1;
	return;
}

sub files
{
	my ($self) = @_;

	return map { "$self->{cluster}{top}/bench/lib/$_" } @_[ 1 .. $#_ ];
}

sub data
{
	my ($self) = @_;
	my $cluster = $self->{cluster};

	return $cluster->prepared('data', $cluster->fingerprint($self->files('tables.sql', 'data.sql', 'baselines.sql')), sub {
		my ($name) = @_;

		$cluster->psql('postgres', "CREATE DATABASE $name;");
		$cluster->psql($name, 'data.sql', %{ $self->{sizes} });
		$cluster->psql($name, 'baselines.sql');
	});
}

# With a release that is open, and users in gray who were moved by the engine.
sub ready
{
	my ($self) = @_;
	my $cluster = $self->{cluster};

	return $cluster->prepared('ready', $self->fingerprint('baselines.sql', 'data.sql'), sub {
		my ($name) = @_;

		$cluster->copy($self->data, $name);
		$self->open_release($name, 1);
	});
}

# A release whose cohort are :gray_users from $first on, all of them in gray.
sub open_release
{
	my ($self, $name, $first) = @_;
	my $cluster = $self->{cluster};
	my $count = $self->{sizes}{gray_users};

	$cluster->psql($name, "CREATE EXTENSION pg_gray; SELECT gray_create_release('v2'); SELECT gray_clone_tree('shop.users', 'id');"
		. " SELECT gray_add_user(u) FROM generate_series($first, $first + $count - 1) u; SELECT gray_open();");
	Bench::Session->new($cluster->conninfo($name))->prepare('SELECT gray_migrate($1::bigint)')->ask("call $first $count on")->answer;
	return;
}

# "ready" with the large user in gray, on both pairs of schemas.
sub moved
{
	my ($self) = @_;
	my $cluster = $self->{cluster};
	my $user = $self->large_user;

	return $cluster->prepared('moved', $self->fingerprint('baselines.sql', 'data.sql'), sub {
		my ($name) = @_;

		$cluster->copy($self->ready, $name);
		$cluster->psql($name, "SELECT gray_set_percent(100); SELECT gray_migrate($user);"
			. " SET session_replication_role = replica; SELECT base.migrate($user)");
	});
}

# Tables of many rows of many users, fenced and not.
sub bulk
{
	my ($self) = @_;
	my $cluster = $self->{cluster};

	return $cluster->prepared('bulk', $self->fingerprint('bulk.sql'), sub {
		my ($name) = @_;

		$cluster->psql('postgres', "CREATE DATABASE $name;");
		$cluster->psql($name, 'bulk.sql', %{ $self->{sizes} }, library => "$cluster->{dir}/empty_trigger.so");
		$cluster->psql($name, 'VACUUM (ANALYZE);');
		$self->open_release($name, $self->{sizes}{users} + 1);
	});
}

sub fingerprint
{
	my ($self, @files) = @_;

	return $self->{cluster}->fingerprint($self->files('tables.sql', 'Bench/Data.pm', @files), $self->{cluster}->installed);
}

1;
