# RandomWork.pm: what an application does to one user's rows, at random.
#
# Each kind of work is a function of a job (schema, user, side, neighbours: mostly the
# users whose data is on that side; rows as they are), and returns SQL, or nothing when there is no row to do it to.  The database may refuse it.
package Gray::RandomWork;

use strict;
use warnings;

use Gray::Mapping qw(is_computed);
use Gray::Random qw(any between chance random_value some);
use Gray::RandomSchema qw(literal new_value qualified quoted side_columns);
use Gray::Snapshot qw(key_of owned unescaped);

my @kinds = (
	(\&insert_row) x 5, (\&insert_double) x 2, (\&update_row) x 5, \&update_nothing, \&update_all, \&update_and_restore, (\&delete_row) x 2,
	\&delete_referred, \&delete_and_insert, \&change_key, \&change_owner, (\&change_parent) x 2, \&exchange, \&collide,
);

sub statements
{
	my ($count, %job) = @_;
	my @more = $job{schema}{features}{strangers} ? (\&delete_referred) x 5 : ();

	return map { somewhere(any(@kinds, @more), \%job) } 1 .. $count;
}

# In a table where there is something to do.
sub somewhere
{
	my ($kind, $job) = @_;

	foreach (1 .. 4)
	{
		my @statements = $kind->($job, any(@{ $job->{schema}{tables} }));
		return @statements if @statements;
	}
	return;
}

# One write that the fence should refuse, for the user's data is on the other side.
sub misdirected_statement
{
	my (%job) = @_;
	my $kind = any(\&update_row, \&delete_row, \&update_nothing);

	return somewhere(sub { $_[1]{ruled}{ $job{side} } ? () : $kind->(@_) }, \%job);
}

# Those that a statement can give a value.
sub columns_of
{
	my ($job, $table) = @_;
	return grep { !is_computed($_, $job->{side}) } side_columns($table, $job->{side});
}

sub rows_of
{
	my ($job, $table, $user) = @_;
	return owned($job->{rows}, $job->{side}, $table, $user // $job->{user});
}

#
# Values
#

# One that a column of this side takes; mostly such as has a way home.
sub data_value
{
	my ($column, $side) = @_;
	my ($production, $here) = ($column->{type}{production}, $column->{type}{$side});

	return 'NULL' if !$column->{not_null}{$side} && chance(0.2);
	return 'DEFAULT' if defined $column->{default}{$side} && chance(0.15);
	return literal(random_value($here)) if !defined $column->{name}{production} || $production eq $here || chance(0.1);
	return 'CAST(CAST(' . literal(random_value($production)) . " AS $production) AS $here)";
}

# Some refer to another user's row, and where no foreign key forbids it, to none.
sub reference_value
{
	my ($job, $column) = @_;
	my $user = $job->{stranger} // (chance($job->{schema}{features}{strangers} ? 0.5 : 0.15) ? any(@{ $job->{neighbours} }) : $job->{user});
	my $row = any(rows_of($job, $column->{to}, $user));

	return literal($job->{schema}->new_value($column->{type}{production})) if !$column->{key}{sides}{ $job->{side} } && chance(0.2);
	return 'NULL' if !$row || (!$job->{stranger} && chance(0.3));
	return literal(unescaped($row->{v}[ $column->{to}{key}[0]{no} ]));
}

sub place_value
{
	my ($job, $column) = @_;
	my $side = $job->{side};

	return 'NULL' if !$column->{not_null}{$side} && chance(0.2);
	return literal(chance(0.3) ? between(1, 6) : $job->{schema}->new_value($column->{type}{$side}));
}

# Now and then nobody; gray refuses that.
sub owner_value
{
	my ($job, $column, $value) = @_;
	return literal(!$column->{not_null}{ $job->{side} } && chance(0.05) ? undef : $value);
}

my %value_of = (
	data => sub { data_value($_[1], $_[0]{side}) },
	reference => \&reference_value,
	place => \&place_value,
	kind => sub { literal(any(undef, 1 .. 5)) },
	shared => sub { literal(any(undef, @{ $_[0]{rows}{outside}{ $_[1]{key}{shared}{name} } })) },
	generated => sub { literal(random_value('character varying(12)')) },    # where it is plain
	lang => sub { literal(any(qw(en de fr))) },
	uid => sub { owner_value($_[0], $_[1], $_[0]{user}) },
	key => sub { literal($_[0]{schema}->new_value($_[1]{type}{ $_[0]{side} })) },
	number => sub { literal(between(1, 30)) },
);

sub value_of
{
	my ($job, $column) = @_;
	return $value_of{ $column->{role} }->($job, $column);
}

sub is_at
{
	my ($job, $table, $row) = @_;
	my ($relation, $ctid) = split / /, $row->{tid};

	my @key = $job->{side} eq 'gray' && $table->{gray_key} ? @{ $table->{gray_key} } : @{ $table->{key} || [] };

	return "tableoid = $relation AND ctid = '$ctid'" unless @key;
	return join ' AND ', map { quoted($_->{name}{ $job->{side} }) . ' = ' . literal(unescaped($row->{v}[ $_->{no} ])) } @key;
}

#
# Rows come and go
#

sub insert_row
{
	my ($job, $table) = @_;
	my $parent = $table->{parent} ? any(rows_of($job, $table->{parent})) : undef;
	my %path = $parent ? map { $_->[0]{no} => owner_value($job, $_->[0], unescaped($parent->{v}[ $_->[1]{no} ])) } @{ $table->{path} } : ();
	my @columns = grep { $_->{role} !~ /touched|identity/ && !$_->{computed} } columns_of($job, $table);

	return if $table->{parent} && !$parent;
	@columns = grep { $_->{role} ne 'data' || $_->{not_null}{ $job->{side} } || chance(0.9) } @columns;
	return insert_statement($job, $table, map { [ $_, $path{ $_->{no} } // value_of($job, $_) ] } @columns);
}

sub insert_statement
{
	my ($job, $table, @values) = @_;
	return 'INSERT INTO ' . qualified($table, $job->{side}) . ' ' . (
		@values ? '(' . join(', ', map { quoted($_->[0]{name}{ $job->{side} }) } @values) . ') OVERRIDING SYSTEM VALUE VALUES ('
		  . join(', ', map { $_->[1] } @values) . ')' : 'DEFAULT VALUES');
}

# Where gray's key takes a second row for one of production: with it, or in its place.
sub insert_double
{
	my ($job, $table) = @_;
	return if $job->{side} ne 'gray' || !$table->{gray_key};
	my $row = any(rows_of($job, $table)) or return;
	my @values = map { [ $_, $_->{role} =~ /place|lang/ || ($_->{role} eq 'data' && chance(0.3)) ? value_of($job, $_) : literal(unescaped($row->{v}[ $_->{no} ])) ] }
	  columns_of($job, $table);
	my $insert = insert_statement($job, $table, @values);

	return chance(0.5) ? $insert : transaction($insert, 'DELETE FROM ' . qualified($table, 'gray') . ' WHERE ' . is_at($job, $table, $row));
}

sub delete_row
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	return 'DELETE FROM ' . qualified($table, $job->{side}) . ' WHERE ' . is_at($job, $table, $row);
}

# One that another user's row in production refers to; in gray nobody sees that.
sub delete_referred
{
	my ($job, $table) = @_;
	my $key = any(map { grep { $_->{to} && $_->{to} == $table } @{ $_->{references} } } @{ $job->{schema}{tables} }) or return;
	my ($from) = grep { grep { $_ == $key } @{ $_->{references} } } @{ $job->{schema}{tables} };
	my %referred = map { (key_of($_, @{ $key->{columns} }) // '') => 1 }
	  grep { ($_->{owner} // '') ne $job->{user} } @{ $job->{rows}{production}{ $from->{name} } };
	my $row = any(grep { $referred{ key_of($_, @{ $key->{to_columns} }) } } rows_of($job, $table)) or return;

	return 'DELETE FROM ' . qualified($table, $job->{side}) . ' WHERE ' . is_at($job, $table, $row);
}

# The same key, and most of the same values.
sub delete_and_insert
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	my @values = map { [ $_, $_->{role} eq 'data' && chance(0.2) ? value_of($job, $_) : literal(unescaped($row->{v}[ $_->{no} ])) ] }
	  columns_of($job, $table);

	return transaction('DELETE FROM ' . qualified($table, $job->{side}) . ' WHERE ' . is_at($job, $table, $row),
		insert_statement($job, $table, @values));
}

# If one of the statements is refused, all are.
sub transaction
{
	my (@statements) = @_;
	return ('BEGIN', @statements, 'COMMIT');
}

#
# Updates
#

sub update_statement
{
	my ($job, $table, $row, @values) = @_;

	return unless @values;
	return 'UPDATE ' . qualified($table, $job->{side}) . ' SET '
	  . join(', ', map { quoted($_->[0]{name}{ $job->{side} }) . " = $_->[1]" } @values) . ' WHERE ' . is_at($job, $table, $row);
}

sub update_row
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	my @columns = some(between(1, 3), grep { $_->{role} =~ /data|reference|place|kind|shared|generated|lang/ } columns_of($job, $table));

	return update_statement($job, $table, $row, map { [ $_, value_of($job, $_) ] } @columns);
}

sub update_nothing
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	my @columns = some(1, grep { $_->{role} =~ /data|reference|place|uid|path/ } columns_of($job, $table));

	return update_statement($job, $table, $row, map { [ $_, quoted($_->{name}{ $job->{side} }) ] } @columns);
}

sub update_and_restore
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	my $column = any(grep { $_->{role} eq 'data' } columns_of($job, $table)) or return;

	return transaction(
		update_statement($job, $table, $row, [ $column, value_of($job, $column) ]),
		update_statement($job, $table, $row, [ $column, literal(unescaped($row->{v}[ $column->{no} ])) ]));
}

sub update_all
{
	my ($job, $table) = @_;
	my $column = any(grep { $_->{role} eq 'data' } columns_of($job, $table)) or return;
	my $uid = $table->{uid} or return;

	return 'UPDATE ' . qualified($table, $job->{side}) . ' SET ' . quoted($column->{name}{ $job->{side} }) . ' = ' . value_of($job, $column)
	  . ' WHERE ' . quoted($uid->{name}{ $job->{side} }) . ' = ' . literal($job->{user});
}

sub change_key
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	my ($column) = grep { $_->{role} =~ /key|number/ && !$_->{identity} && !$_->{computed} } @{ $table->{key} || [] } or return;

	return update_statement($job, $table, $row, [ $column, value_of($job, $column) ]);
}

# The fence refuses it when the other user's data is on the other side.
sub change_owner
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;

	return if !$table->{uid};
	return update_statement($job, $table, $row, [ $table->{uid}, owner_value($job, $table->{uid}, any(@{ $job->{neighbours} })) ]);
}

# A neighbour gets a row, with all that leads to it.
sub give_away
{
	my ($job, $table) = @_;
	return $table->{uid} ? change_owner($job, $table) : change_parent({ %$job, is_gift => 1 }, $table);
}

# Within the user, or to another one's row.
sub change_parent
{
	my ($job, $table) = @_;
	my $row = any(rows_of($job, $table)) or return;
	return unless $table->{parent};
	my $user = $job->{is_gift} || chance(0.4) ? any(@{ $job->{neighbours} }) : $job->{user};
	my $parent = any(rows_of($job, $table->{parent}, $user)) or return;

	return update_statement($job, $table, $row,
		map { [ $_->[0], owner_value($job, $_->[0], unescaped($parent->{v}[ $_->[1]{no} ])) ] } @{ $table->{path} });
}

# A row takes a unique value that somebody has, on this side or on the other.
sub collide
{
	my ($job, $table) = @_;
	my $unique = any(grep { !$_->{whole} } @{ $table->{uniques} }) or return;
	my $column = $unique->{columns}[-1];
	my ($row, $other) = map { any(@$_) } [ rows_of($job, $table) ], $job->{rows}{ any('production', 'gray') }{ $table->{name} };
	my $value = $other ? $other->{v}[ $column->{no} ] : undef;

	return if !$row || !defined $value || $value eq '\N' || !defined $column->{name}{ $job->{side} };
	return update_statement($job, $table, $row, [ $column, literal(unescaped($value)) ]);
}

# Two rows exchange the values of a unique constraint.
sub exchange
{
	my ($job, $table) = @_;
	my $unique = any(grep { $_->{sides}{ $job->{side} } && !$_->{whole} } @{ $table->{uniques} }) or return;
	my ($one, $other) = some(2, rows_of($job, $table));
	my $column = $unique->{columns}[-1];
	return if !$other || $one == $other || $column->{role} ne 'place' || !defined $column->{name}{ $job->{side} };
	my @values = map { literal(unescaped($_->{v}[ $column->{no} ])) } $one, $other;

	return transaction(
		update_statement($job, $table, $one, [ $column, $job->{schema}->new_value($column->{type}{ $job->{side} }) =~ s/(.*)/'$1'/r ]),
		update_statement($job, $table, $other, [ $column, $values[0] ]),
		update_statement($job, $table, $one, [ $column, $values[1] ]));
}

1;
