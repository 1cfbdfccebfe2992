# Cluster.pm: a private server and the databases that measures start from
#
# Database "data" has the tables and the baselines.  "ready" is a copy of it with the
# extension, an open release, and 5,000 users in gray.  Each measure has a fresh copy
# of that, "run".  In a directory that is kept, both are used again by the next call;
# "ready" and what is made of it only while the extension is the same.
package Bench::Cluster;

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::MD5;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);

use Bench::Session;

my $settings = <<'END';
shared_buffers = 2GB
max_wal_size = 16GB
min_wal_size = 4GB
checkpoint_timeout = 1d
autovacuum = off
jit = off
synchronous_commit = off
END

# top: the tree; keep: a directory to keep, or undef; sizes: variables of data.sql
sub new
{
	my ($class, %options) = @_;
	my $self = bless {%options}, $class;
	my $pg_config = $ENV{PG_CONFIG} || '/usr/lib/postgresql/15/bin/pg_config';

	chomp($self->{bindir} = `$pg_config --bindir`);
	delete @ENV{qw(PGSERVICE PGPASSFILE PGOPTIONS PGHOSTADDR PGDATABASE)};
	mkdir $self->{keep} if defined $self->{keep} && !-d $self->{keep};
	$self->{dir} = defined $self->{keep} ? abs_path($self->{keep}) : tempdir('/tmp/pg_gray.XXXXXX');
	@ENV{qw(PGHOST PGPORT PGUSER LC_ALL)} = ($self->{dir}, 5432, 'postgres', 'C');
	$self->compile($pg_config);
	$self->start;
	return $self;
}

sub compile
{
	my ($self, $pg_config) = @_;
	my $lib = "$self->{top}/bench/lib";
	chomp(my @paths = `$pg_config --includedir --includedir-server --libdir`);

	$Bench::Session::PROGRAM = "$self->{dir}/session";
	command('cc', '-O2', '-Wall', "-I$paths[0]", '-o', $Bench::Session::PROGRAM, "$lib/session.c", "$lib/wire.c", "-L$paths[2]", '-lpq');
	command('cc', '-O2', '-Wall', '-shared', '-fPIC', "-I$paths[1]", '-o', "$self->{dir}/empty_trigger.so", "$lib/empty_trigger.c");
	return;
}

sub command
{
	system(@_) == 0 or die "bench/engine: failed: @_\n";
	return;
}

# The settings are read again each time; a new cluster has to be restarted for that.
sub start
{
	my ($self) = @_;
	my $is_new = !-e "$self->{dir}/data";

	$self->stop;
	$self->{is_started} = 1;
	$self->write_file('bench.conf', $settings . join('', map { "$_\n" } split /;/, $ENV{SETTINGS} // ''));
	command("$self->{top}/dev/server", 'start', $self->{dir});
	if ($is_new)
	{
		open my $conf, '>>', "$self->{dir}/data/postgresql.conf" or die $!;
		print $conf "include '$self->{dir}/bench.conf'\n";
		close $conf;
		command("$self->{bindir}/pg_ctl", '-D', "$self->{dir}/data", '-l', "$self->{dir}/server.log", '-m', 'fast', '-w', '-s', 'restart');
	}
	return;
}

sub stop
{
	my ($self) = @_;

	return if !-e "$self->{dir}/data/postmaster.pid";
	system("$self->{bindir}/pg_ctl", '-D', "$self->{dir}/data", '-m', 'fast', '-w', '-s', 'stop');
	return;
}

sub DESTROY
{
	my ($self) = @_;

	local ($?, $!);

	$self->stop if $self->{is_started};
	remove_tree($self->{dir}) unless defined $self->{keep};
	return;
}

# With fsync and synchronous_commit, and what was written before is on the disk.
sub set_durable
{
	my ($self, $is_durable) = @_;
	my $value = $is_durable ? 'on' : 'off';

	system 'sync' if $is_durable;
	$self->psql('postgres', "ALTER SYSTEM SET fsync = $value; ALTER SYSTEM SET synchronous_commit = $value; SELECT pg_reload_conf(); CHECKPOINT;");
	return;
}

# The machine and the settings that matter.
sub description
{
	my ($self) = @_;
	my $cpu = 'unknown processor';
	my $cores = 0;

	for (split /\n/, read_file('/proc/cpuinfo'))
	{
		$cpu = $1 if /^model name\s*:\s*(.*)/;
		$cores++ if /^processor/;
	}
	my $version = Bench::Session->new($self->conninfo('postgres'))->run('SHOW server_version');
	return "Machine: $cpu, $cores cores. PostgreSQL $version; " . join(', ', split /\n/, read_file("$self->{dir}/bench.conf")) . '; fsync = off but where it says durable.';
}

sub conninfo
{
	my ($self, $database) = @_;

	return "dbname=$database";
}

# A session of the database that is measured.
sub session
{
	my ($self, $settings) = @_;

	return Bench::Session->new($self->conninfo('run'), $settings);
}

sub read_file
{
	my ($name) = @_;

	local $/ = undef;
	open my $file, '<', $name or die "bench/engine: $name: $!\n";
	return scalar <$file>;
}

sub write_file
{
	my ($self, $name, $text) = @_;

	open my $file, '>', "$self->{dir}/$name" or die "bench/engine: $name: $!\n";
	print $file $text;
	close $file;
	return;
}

# psql with a file's or the given SQL; in SQL, variables are for psql too.
sub psql
{
	my ($self, $database, $sql, %variables) = @_;
	my $file = $sql =~ /\.sql$/ ? "$self->{top}/bench/lib/$sql" : '-';
	my @arguments = ('-XAtq', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', map { ('-v', "$_=$variables{$_}") } sort keys %variables);

	open my $psql, '|-', "$self->{bindir}/psql", @arguments, '-d', $database, '-f', $file or die $!;
	print $psql $sql if $file eq '-';
	close $psql or die "bench/engine: psql failed\n";
	return;
}

sub exists
{
	my ($self, $database) = @_;

	return Bench::Session->new($self->conninfo('postgres'))->run("SELECT count(*) FROM pg_database WHERE datname = '$database'");
}

sub drop
{
	my ($self, $database) = @_;

	$self->psql('postgres', "DROP DATABASE IF EXISTS $database;") if $self->exists($database);
	return;
}

# Both as warm as can be: the files' pages are in shared buffers.
sub copy
{
	my ($self, $from, $to) = @_;

	$self->drop($to);
	$self->psql('postgres', "CREATE DATABASE $to TEMPLATE $from STRATEGY file_copy;");
	$self->psql($to, q{SELECT sum(pg_prewarm(oid)) FROM pg_class
		WHERE relkind IN ('r', 'i', 't') AND relnamespace <> 'pg_catalog'::regnamespace});
	return;
}

# A fresh copy to measure in.
sub fresh
{
	my ($self, $from) = @_;

	$self->copy($from, 'run');
	return;
}

# What the database's contents follow from: the sizes, these files, and the extension.
sub fingerprint
{
	my ($self, @files) = @_;
	my $digest = Digest::MD5->new;

	$digest->add("$_=$self->{sizes}{$_} ") for sort keys %{ $self->{sizes} };
	for my $file (@files)
	{
		open my $handle, '<:raw', $file or die "bench/engine: $file: $!\n";
		$digest->addfile($handle);
		close $handle;
	}
	return substr $digest->hexdigest, 0, 8;
}

sub installed
{
	my ($self) = @_;

	return (glob("$self->{dir}/install/usr/lib/postgresql/*/lib/pg_gray.so"), glob("$self->{dir}/install/usr/share/postgresql/*/extension/pg_gray*"));
}

# Returns the name of a database that is made once: $kind, of what its contents follow from.
# $build->($name) makes it; others of that kind are dropped.
sub prepared
{
	my ($self, $kind, $fingerprint, $build) = @_;
	my $name = "${kind}_$fingerprint";

	return $name if $self->exists($name);
	print STDERR "making database $kind\n";
	my $others = Bench::Session->new($self->conninfo('postgres'))
	  ->run("SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database WHERE datname LIKE '$kind\\_%'");
	$self->drop($_) for split / /, $others;
	$self->drop('building');
	$build->('building');
	$self->psql('building', 'VACUUM (ANALYZE);');
	$self->psql('postgres', "ALTER DATABASE building RENAME TO $name;");
	return $name;
}

1;
