# OwnedTables.pm: tables of a few users who have many rows, at random, with all that moves do by them:
# owner paths, keys of all kinds and none, partitions, references, upgrades.
#
# A table's rows lead to their user by a column (owner), or by the key of the table before. The
# DDL, and queries about a user's rows.
package Gray::OwnedTables;

use strict;
use warnings;

use Gray::Random qw(any between chance);
use List::Util qw(product sum);

my @names = qw(orders items parts bits);

# Of the rows, by their key, and what refers to one; bits can't be hashed.
my %key = (
	primary => { columns => 'id integer NOT NULL', constraint => 'PRIMARY KEY (id)', id => ['id'] },
	unique => { columns => 'id integer NOT NULL', constraint => 'UNIQUE (id)', id => ['id'] },
	double => { columns => 'id integer NOT NULL, part integer NOT NULL DEFAULT 1', constraint => 'PRIMARY KEY (id, part)', id => [ 'id', 'part' ] },
	bits => { columns => 'id bit(32) NOT NULL', constraint => 'PRIMARY KEY (id)', id => ['id'] },
	none => { columns => 'id integer NOT NULL', constraint => 'CHECK (id > 0)' },
);

my %partitions = (
	'HASH (id)' => [ map { "WITH (MODULUS 3, REMAINDER $_)" } 0 .. 2 ],
	'RANGE (id)' => [ 'FROM (MINVALUE) TO (100)', 'FROM (100) TO (500)', 'FROM (500) TO (MAXVALUE)' ],
);

# How many rows each user, 1 .., has in the first table.
sub new
{
	my ($class, @users) = @_;
	my $self = bless { users => \@users, tables => [], lacks_index => {} }, $class;

	$self->add_table($names[$_]) foreach 0 .. between(1, $#names);
	return $self;
}

sub add_table
{
	my ($self, $name) = @_;
	my ($parent) = grep { $_->{key} ne 'none' } reverse @{ $self->{tables} };
	my $table = { name => $name, key => any('primary', 'primary', sort keys %key) };

	$parent = undef if chance(0.25);
	$table->{parent} = $parent;
	$table->{each} = $parent ? any(1, 1, 2) : 1;
	$table->{path} = $parent ? [ map { "up_$_" } @{ $key{ $parent->{key} }{id} } ] : ['owner'];
	$table->{partitioned} = any(sort keys %partitions) if chance(0.25) && $table->{key} ne 'bits';
	$table->{second} = any(grep { can_be_referred($_) } @{ $self->{tables} }) if $parent && chance(0.4);
	$table->{is_referred} = can_be_referred($table) && chance(0.3);
	$table->{has_kind} = chance(0.4);
	push @{ $self->{tables} }, $table;
	return;
}

# By its id alone.
sub can_be_referred
{
	my ($table) = @_;
	return $table->{key} =~ /primary|unique/ && !$table->{partitioned};
}

#
# DDL
#

sub path_columns
{
	my ($table) = @_;
	my $is_bits = $table->{parent} && $table->{parent}{key} eq 'bits';

	return map { "$_ " . ($is_bits ? 'bit(32)' : 'integer') . ' NOT NULL' } @{ $table->{path} };
}

sub create_table
{
	my ($table) = @_;
	my ($name, $parent, $second) = @$table{qw(name parent second)};
	my $path = join ', ', @{ $table->{path} };
	my @parts = ($key{ $table->{key} }{columns}, path_columns($table), 'n integer NOT NULL', 'note text');

	push @parts, 'kind integer REFERENCES app.kinds' if $table->{has_kind};
	push @parts, "second integer REFERENCES app.$second->{name} (id) ON DELETE SET NULL" if $second;
	push @parts, $key{ $table->{key} }{constraint};
	push @parts, "FOREIGN KEY ($path) REFERENCES app."
	  . ($parent ? "$parent->{name} (" . join(', ', @{ $key{ $parent->{key} }{id} }) . ') ON DELETE CASCADE' : 'users');
	my @sql = "CREATE TABLE app.$name (" . join(', ', @parts) . ')' . ($table->{partitioned} ? " PARTITION BY $table->{partitioned}" : '');
	push @sql, map { "CREATE TABLE app.${name}_$_ PARTITION OF app.$name FOR VALUES $partitions{ $table->{partitioned} }[$_]" } 0 .. 2
	  if $table->{partitioned};
	push @sql, "CREATE INDEX ${name}_up ON app.$name ($path)";
	push @sql, "CREATE INDEX ON app.$name (second)" if $second;
	push @sql, "CREATE TABLE app.ref_$name (to_id integer REFERENCES app.$name (id) ON DELETE CASCADE)", "CREATE INDEX ON app.ref_$name (to_id)"
	  if $table->{is_referred};
	return @sql;
}

# Users' rows do not lie side by side.
sub fill_table
{
	my ($self, $table) = @_;
	my ($name, $parent, $second) = @$table{qw(name parent second)};
	my $id = "row_number() OVER (ORDER BY md5(u.k || '$name'))::integer";
	my $users = join ', ', @{ $self->{users} };
	my $from = $parent ? "app.$parent->{name} p, LATERAL (SELECT p.*, p.id::text || i AS k FROM generate_series(1, $table->{each}) i) u"
	  : "(SELECT owner, owner || '/' || i AS k FROM unnest(ARRAY[$users]) WITH ORDINALITY w (many, owner), generate_series(1, many) i) u";
	my %value = (
		(map { $_ => 'u.' . s/^up_//r } @{ $table->{path} }),
		id => $table->{key} eq 'bits' ? "($id)::bit(32)" : $id,
		n => 1,
		note => "'note'",
	);

	$value{kind} = 'length(u.k) * 7' if $table->{has_kind};
	# The user's own row.
	$value{second} = 'u.id' if $second && $second == $parent;
	my @columns = sort keys %value;
	return "INSERT INTO app.$name (" . join(', ', @columns) . ') SELECT ' . join(', ', @value{@columns}) . " FROM $from";
}

# Columns that only gray has, or that are finer there; and now and then an index too few.
sub upgrade
{
	my ($self, $table) = @_;
	my $name = $table->{name};
	my @sql;

	push @sql, "ALTER TABLE v2.$name ADD mood text DEFAULT " . any(q{'fine'}, 'NULL', 'clock_timestamp()::text') if chance(0.5);
	push @sql, "ALTER TABLE v2.$name ALTER n TYPE numeric(12,2)" if chance(0.4);
	if (chance(0.1))
	{
		my $side = any('v2', 'app');
		push @sql, "DROP INDEX $side.${name}_up";
		$self->{lacks_index}{"$side.$name"} = 1;
	}
	return @sql;
}

# Both sides, and a release that is open to everybody.
sub sql
{
	my ($self) = @_;
	my @tables = @{ $self->{tables} };

	return ('DROP SCHEMA IF EXISTS app CASCADE', 'DROP SCHEMA IF EXISTS v2 CASCADE', 'CREATE SCHEMA app',
		'CREATE TABLE app.kinds (id integer PRIMARY KEY)', 'INSERT INTO app.kinds SELECT generate_series(1, 2000)',
		'CREATE TABLE app.users (id integer PRIMARY KEY)', 'INSERT INTO app.users SELECT generate_series(1, ' . @{ $self->{users} } . ')',
		(map { create_table($_), $self->fill_table($_) } @tables), 'ANALYZE',
		q{SELECT gray_create_release('v2')}, q{SELECT gray_clone('app.users', 'id')},
		(map { "SELECT gray_clone('app.$_->{name}', '$_->{path}[0]')" } @tables), (map { $self->upgrade($_) } @tables),
		'SELECT gray_set_percent(100)', 'SELECT gray_open()');
}

sub names
{
	my ($self, $side) = @_;
	return map { "$side.$_->{name}" } @{ $self->{tables} };
}

#
# A user's rows
#

# Condition: a row of this alias is the user's.
sub owned
{
	my ($self, $table, $side, $alias, $user) = @_;
	my $parent = $table->{parent} or return "$alias.owner = $user";
	my $up = "${alias}_";
	my @conditions = map { "$up." . s/^up_//r . " = $alias.$_" } @{ $table->{path} };

	push @conditions, $self->owned($parent, $side, $up, $user);
	return "EXISTS (SELECT FROM $side.$parent->{name} $up WHERE " . join(' AND ', @conditions) . ')';
}

# What both sides have; finer: as gray has it, of rows by which it is kept.
sub contents
{
	my ($self, $side, $user, $finer) = @_;
	my @each = "SELECT '' AS name, '' AS row";

	foreach my $table (grep { !$finer || $_->{key} ne 'none' } @{ $self->{tables} })
	{
		my $row = $finer ? 't' : 'ROW(' . join(', ', map { "t.$_" } 'id', @{ $table->{path} }, 'n::integer', 'note') . ')';
		push @each, "SELECT '$table->{name}' AS name, ${row}::text AS row FROM $side.$table->{name} t"
		  . ' WHERE ' . $self->owned($table, $side, 't', $user);
	}
	return 'SELECT name, count(*), md5(string_agg(row, \',\' ORDER BY row COLLATE "C")) FROM ('
	  . join(' UNION ALL ', @each) . ') AS r GROUP BY 1 ORDER BY 1';
}

# That one of the tables can have.
sub most_rows
{
	my ($self) = @_;
	return sum(@{ $self->{users} }) * product(map { $_->{each} } @{ $self->{tables} });
}

sub count_rows
{
	my ($self, $user) = @_;
	my @counts = map { "(SELECT count(*) FROM app.$_->{name} t WHERE " . $self->owned($_, 'app', 't', $user) . ')' } @{ $self->{tables} };

	return 'SELECT ' . join ' + ', @counts;
}

1;
