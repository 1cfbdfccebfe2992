# RandomSchema.pm: tables of users, at random, and the DDL that creates them.
#
# A schema is what a test knows of both sides; nothing in it is read from the
# database.  A column has a name, a type and so on by side; without a name on a side
# it is not there.  A row's owner is the uid in a column (table->{uid}), or the owner of
# the row of table->{parent} that its columns refer to (table->{path}).
package Gray::RandomSchema;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(any between chance some);

our @EXPORT_OK = qw(%PLACE in_order literal new_value qualified quoted side_columns);

# The schema of each side.
our %PLACE = (production => 'app', gray => 'v2');

my @uid_types = ('smallint', 'integer', 'bigint', 'uuid', 'text', 'character varying(12)', 'app.login');
my @data_types = grep { $_ ne 'character varying(40)' } Gray::Random::types();
my @names = qw(orders items notes visits cards tags lines posts files marks);

sub new
{
	my ($class, %features) = @_;
	my $self = bless { features => \%features, tables => [], outside => [], shared => [], own => [], counter => 100, constraints => 0 }, $class;

	$self->{uid_type} = any(@uid_types);
	$self->{users} = [ map { $self->new_uid($_) } 1 .. between(3, 5) ];
	$self->add_root;
	$self->{shared} = [ map { { name => "shared$_" } } 1 .. between(1, 2) ] if $features{shared};
	$self->add_owned($_) foreach some(between(2, 6), @names);
	$self->add_pair_of_tables if $features{gifts};
	$self->add_reference(any(@{ $self->{tables} }), any(@{ $self->{tables} })) if chance(0.3);
	$self->add_referrer foreach 1 .. between(0, 2);
	return $self;
}

# Of one table: uid columns of a release are all integers, or all texts.
sub uid_type
{
	my ($self) = @_;

	return $self->{uid_type} if !$self->{features}{uids};
	return any(qw(smallint integer bigint)) if $self->{uid_type} =~ /int/;
	return $self->{uid_type} =~ /^(text|character varying.*)$/ ? any('text', 'character varying(12)') : $self->{uid_type};
}

sub new_uid
{
	my ($self, $number) = @_;

	return $number * 11 if $self->{uid_type} =~ /int/;
	return Gray::Random::random_value('uuid') if $self->{uid_type} eq 'uuid';
	return any("u$number", "u $number", "o'u$number", "U:$number", "0$number", "b\\$number", "ü$number");
}

#
# Words for both sides
#

sub quoted
{
	my ($name) = @_;
	return '"' . $name =~ s/"/""/gr . '"';
}

sub literal
{
	my ($text) = @_;
	return defined $text ? "'" . $text =~ s/'/''/gr . "'" : 'NULL';
}

sub qualified
{
	my ($table, $side) = @_;
	return "$PLACE{$side}." . quoted($side eq 'gray' && $table->{gray_name} || $table->{name});
}

sub side_columns
{
	my ($table, $side) = @_;
	return grep { defined $_->{name}{$side} } @{ $table->{columns} };
}

# The quoted names of columns on a side.
sub in_order
{
	my ($side, @columns) = @_;
	return join ', ', map { quoted($_->{name}{$side}) } @columns;
}

# A value that no row has yet.
sub new_value
{
	my ($self, $type) = @_;
	my $number = ++$self->{counter};

	return sprintf '00000000-0000-4000-8000-%012d', $number if $type eq 'uuid';
	return $type =~ /int|numeric/ ? $number : "k$number";
}

#
# Columns
#

# The same on both sides; upgrades change that.
sub add_column
{
	my ($self, $table, $name, $type, %rest) = @_;
	my %both = map { $_ => { production => $rest{$_}, gray => $rest{$_} } } qw(not_null default);
	my $column = { role => 'data', %rest, %both,
		no => scalar @{ $table->{columns} },
		name => { production => $name, gray => $name },
		type => { production => $type, gray => $type } };

	push @{ $table->{columns} }, $column;
	return $column;
}

sub add_data
{
	my ($self, $table) = @_;

	foreach (1 .. between(1, 4))
	{
		my $type = any(@data_types);
		my $number = @{ $table->{columns} };
		$self->add_column($table, any("c$number", "c$number", "Odd \"$number"), $type,
			not_null => chance(0.3),
			default => chance(0.4) ? literal(Gray::Random::random_value($type)) : undef);
	}
	$self->add_column($table, @$_) foreach $self->{features}{generated} ? ([ 'qty', 'integer' ], [ 'total', 'text' ]) : ();
	return;
}

sub is_base
{
	my ($column) = @_;
	return $column->{role} eq 'data' && $column->{type}{production} =~ /^(smallint|integer|text)$/;
}

# What is computed, counted by triggers, or checked.
sub add_extras
{
	my ($self, $table) = @_;
	my ($base) = grep { is_base($_) } @{ $table->{columns} };

	if ($base && chance(0.5))
	{
		$self->add_column($table, 'computed', 'text', role => 'generated', from => $base);
		$base->{is_base} = 1;
	}
	$self->add_column($table, 'touched', 'integer', role => 'touched') if chance(0.4);
	$self->add_column($table, 'number', 'integer', role => 'identity', not_null => 1,
		identity => any('ALWAYS', 'BY DEFAULT')) if chance(0.15) && !$table->{partitioned};
	$table->{audited} = chance(0.3);
	$table->{dropped} = [ map { [ "gone$_", any(@data_types) ] } 1 .. between(1, 2) ] if chance(0.3);
	my ($checked) = grep { $_->{role} eq 'data' && $_->{type}{production} =~ /^(smallint|integer|bigint)$/ } @{ $table->{columns} };
	$self->add_check($table, $checked, production => 1, gray => 1) if $checked && chance(0.4);
	return;
}

sub new_constraint
{
	my ($self, $kind) = @_;
	return $kind . ++$self->{constraints};
}

# Values are checked by what the oracle can tell, too.
sub add_check
{
	my ($self, $table, $column, %sides) = @_;
	my $check = { name => $self->new_constraint('ck'), column => $column, sides => \%sides, least => -9 };

	push @{ $table->{checks} }, $check;
	return $check;
}

sub add_unique
{
	my ($self, $table, $columns, $deferrable, %sides) = @_;
	my $unique = { name => $self->new_constraint('uq'), columns => $columns, sides => \%sides, deferrable => $deferrable };

	push @{ $table->{uniques} }, $unique;
	return $unique;
}

my @deferrable = ('', '', ' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED');

sub add_uniques
{
	my ($self, $table) = @_;
	my $owner = $table->{uid} || $table->{path}[0][0];
	my $required = $table->{key} && chance(0.5);    # or it would be a key
	my $place = sub { $self->add_column($table, $_[0], 'integer', role => 'place', not_null => $required, default => undef) };

	$self->add_unique($table, [ $owner, $place->('pos') ], any(@deferrable), production => 1, gray => 1)
	  if chance(0.4) && ($table->{partitioned} || 'HASH') eq 'HASH';
	$self->add_unique($table, [ $self->add_column($table, 'code', any('text', 'bigint'), role => 'place') ],
		any(@deferrable), production => 1, gray => 1)
	  if chance(0.25) && !$table->{partitioned};
	return;
}

#
# Tables
#

sub add_table
{
	my ($self, $name) = @_;
	my $table = { name => $name, columns => [], references => [], uniques => [], checks => [] };

	push @{ $self->{tables} }, $table;
	return $table;
}

# The uid is its primary key, or a unique column beside it.
sub add_root
{
	my ($self) = @_;
	my $table = $self->add_table(any('users', 'Members'));
	my $natural = chance(0.25);

	$self->add_key($table, any('serial', 'identity', 'uuid')) if $natural;
	$table->{uid} = $self->add_column($table, any($natural ? 'login' : 'id', 'User Id', 'user'), $self->{uid_type}, role => 'uid', not_null => 1);
	if ($natural)
	{
		$self->add_unique($table, [ $table->{uid} ], '', production => 1, gray => 1)->{whole} = 1;
	}
	else
	{
		$table->{key} = [ $table->{uid} ];
	}
	$self->add_data($table);
	$self->add_extras($table);
	return;
}

# One of a user, and one that leads to it.
sub add_pair_of_tables
{
	my ($self) = @_;
	my ($parent, $child) = map { $self->add_table($_) } qw(boxes things);

	$self->add_uid($parent);
	$self->add_key($parent, any('serial', 'integer', 'uuid'));
	$self->add_data($parent);
	$self->add_path($child, $parent);
	$self->add_key($child, 'serial');
	$self->add_column($child, 'c', 'integer');
	return;
}

# Foreign keys need a key that is checked at once.
sub is_referable
{
	my ($table) = @_;
	return $table->{key} && !$table->{key_deferrable};
}

sub add_owned
{
	my ($self, $name) = @_;
	my $table = $self->add_table($name);
	my @parents = grep { $_ != $table && is_referable($_) && ($_ != $self->{tables}[0] || $_->{key}[0] != $_->{uid}) } @{ $self->{tables} };

	if (@parents && chance(0.5))
	{
		$self->add_path($table, any(@parents));
	}
	else
	{
		$self->add_uid($table);
	}
	$self->add_keys($table);
	$self->add_data($table);
	$self->add_extras($table);
	$self->add_uniques($table);
	$self->add_reference($table, $table) if @{ $table->{key} || [] } == 1 && chance(0.25);
	$self->add_reference($table, any(@{ $self->{tables} })) if chance($self->{features}{strangers} ? 0.9 : 0.4);
	$self->add_kind($table) if chance(0.3);
	$self->add_shared($table) if @{ $self->{shared} } && chance(0.7);
	return;
}

my @on_delete = ('', '', ' ON DELETE CASCADE', ' ON DELETE CASCADE', ' ON DELETE RESTRICT');

sub add_foreign_key
{
	my ($self, $table, %key) = @_;

	my $reference = { name => $self->new_constraint('fk'), sides => { production => 1, gray => 1 }, deferrable => any(@deferrable), %key };

	push @{ $table->{references} }, $reference;
	$_->{key} = $reference foreach @{ $key{columns} };
	return;
}

sub add_uid
{
	my ($self, $table) = @_;
	my $root = $self->{tables}[0];

	$table->{uid} = $self->add_column($table, any('user_id', 'Owner', 'uid'), $self->uid_type, role => 'uid', not_null => chance(0.8));
	$self->add_foreign_key($table, columns => [ $table->{uid} ], to => $root, to_columns => [ $root->{uid} ],
		action => any(@on_delete, ' ON DELETE CASCADE ON UPDATE CASCADE')) if chance(0.8);
	return;
}

sub add_path
{
	my ($self, $table, $parent) = @_;
	my $required = @{ $parent->{key} } > 1 || chance(0.85);

	$table->{parent} = $parent;
	$table->{path} = [
		map { [ $self->add_column($table, "of_$_->{name}{production}", reference_type($_), role => 'path', not_null => $required), $_ ] }
		  @{ $parent->{key} }
	];
	$self->add_foreign_key($table, columns => [ map { $_->[0] } @{ $table->{path} } ], to => $parent, to_columns => $parent->{key},
		action => any(@on_delete));
	return;
}

sub reference_type
{
	my ($column) = @_;
	return $column->{type}{production};
}

# One column, or the owner and a number; a partitioned table needs the latter.
sub add_keys
{
	my ($self, $table) = @_;
	my $owner = $table->{uid} || $table->{path}[0][0];

	return if $self->{features}{keyless} && chance(0.3);
	if (chance(0.1) && $table->{uid})
	{
		$table->{uid}{not_null}{$_} = 1 foreach qw(production gray);
		$table->{key} = [ $table->{uid} ];
		return;
	}
	$table->{key_deferrable} = any(@deferrable) if $self->{features}{deferrable_keys} && chance(0.15);
	return $self->add_key($table, any('serial', 'identity', 'integer', 'bigint', 'uuid', 'text')) if chance(0.6);
	$owner->{not_null}{$_} = 1 foreach qw(production gray);
	$table->{number} = $self->add_column($table, any('n', 'No.'), any('integer', 'text', 'bigint'), role => 'number', not_null => 1);
	$table->{key} = chance(0.5) ? [ $owner, $table->{number} ] : [ $table->{number}, $owner ];
	$table->{partitioned} = any('HASH', 'LIST', 'RANGE') if $table->{uid} && chance(0.4);
	return;
}

sub add_key
{
	my ($self, $table, $kind) = @_;
	my %rest = (role => 'key', not_null => 1);

	$rest{computed} = 1, $rest{serial} = 1 if $kind eq 'serial';
	$rest{computed} = 1, $rest{identity} = any('ALWAYS', 'BY DEFAULT') if $kind eq 'identity';
	$table->{key} = [
		$self->add_column($table, any('id', 'key', 'Key'), $kind =~ /serial|identity/ ? any('integer', 'bigint') : $kind, %rest) ];
	return;
}

# A nullable reference that is no owner path: gray_clone is told the path.
sub add_reference
{
	my ($self, $table, $to) = @_;
	my @key = is_referable($to) ? @{ $to->{key} } : ();
	my $number = @{ $table->{columns} };

	return if @key != 1 || ($table->{parent} && $table->{parent} == $to && !$self->{features}{second_references});
	my $column = $self->add_column($table, "ref$number", reference_type($key[0]), role => 'reference', to => $to);
	$self->add_foreign_key($table, columns => [$column], to => $to, to_columns => \@key,
		action => any(@on_delete, ' ON DELETE SET NULL', ' ON DELETE SET NULL'));
	return;
}

#
# Outside of the release
#

sub add_kind
{
	my ($self, $table) = @_;
	my $column = $self->add_column($table, 'kind', 'integer', role => 'kind');

	$self->{kinds} = 5;
	$self->add_foreign_key($table, columns => [$column], to => undef, action => '');
	return;
}

# A shared table whose rows take those of the release along, or change them.
sub add_shared
{
	my ($self, $table) = @_;
	my $shared = any(@{ $self->{shared} });
	my $column = $self->add_column($table, 'shared', 'integer', role => 'shared', default => chance(0.5) ? 1 : undef);

	$self->add_foreign_key($table, columns => [$column], to => undef, shared => $shared,
		action => any('', ' ON DELETE CASCADE', ' ON DELETE CASCADE', ' ON DELETE SET NULL', ' ON DELETE SET DEFAULT', ' ON DELETE CASCADE ON UPDATE CASCADE',
			' ON UPDATE CASCADE'));
	return;
}

# A table that refers to one of the release.
sub add_referrer
{
	my ($self) = @_;
	my $to = any(grep { is_referable($_) } @{ $self->{tables} });
	my $required = chance(0.3);

	push @{ $self->{outside} }, {
		name => 'remarks' . (1 + @{ $self->{outside} }), to => $to, required => $required, deferrable => any(@deferrable),
		action => any('', ' ON DELETE CASCADE', ' ON DELETE RESTRICT', $required ? () : (' ON DELETE SET NULL', ' ON DELETE SET DEFAULT')) };
	return;
}

1;
