# RandomShared.pm: tables outside the release whose rows the tables of a random schema refer to,
# and clean-ups of them by sessions of either version.
#
# What such a statement may do is told by the rows before it: nothing to live rows of the other
# side, but that they follow a key that is changed; and frozen rows go along only if what
# gray has in their place refers to nothing of it.
package Gray::RandomShared;

use strict;
use warnings;

use Gray::Random qw(any chance);
use Gray::RandomSchema qw(qualified quoted);
use Gray::Rules qw(broken_rules);
use Gray::Snapshot qw(index_of key_of);

my %session = (
	production => [ 'SET search_path = app, public', q{SET pg_gray.side = 'production'} ],
	gray => [ 'SET search_path = v2, app, public', q{SET pg_gray.side = 'gray'} ],
);

# [ table, foreign key ] of all that refers to a shared table.
sub references_to
{
	my ($self, $shared) = @_;
	return map { my $table = $_; map { [ $table, $_ ] } grep { $_->{shared} && $_->{shared} == $shared } @{ $table->{references} } } $self->tables;
}

sub clean_up
{
	my ($self) = @_;
	my $shared = any(@{ $self->{schema}{shared} });
	my $side = any(qw(production gray));
	my ($before, $setting) = ($self->{rows}, $session{$side}[ chance(0.25) ? 1 : 0 ]);
	my @references = $self->references_to($shared);
	my $sql = any(\&delete_orphans, \&delete_orphans, \&delete_one, \&change_id, \&add_one)->($self, $shared, $side, @references) or return 0;

	return 1 if $self->{transaction};
	$self->must($setting) or return 1;
	my ($answer) = $self->run($sql);
	$self->must($setting =~ s/^SET (\S+).*/RESET $1/r) or return 1;
	$self->{count}{ "clean-up " . ($answer->[0] eq '00000' ? 'done' : 'refused') }++;
	$self->problem("unexpected @$answer: $sql") if $answer->[0] !~ /^(00000|23...)$/;
	return $self->refused_clean_up($before, $shared, @references) if $answer->[0] ne '00000';
	$self->look;
	$self->problem(map { "clean-up by $side: $_" } $self->wrongs($before, $side, $shared, @references));
	return 1;
}

#
# Statements
#

# No row of this side refers to it.
sub delete_orphans
{
	my ($self, $shared, $side, @references) = @_;

	return "DELETE FROM app.$shared->{name} s WHERE true" . join '', map {
		' AND NOT EXISTS (SELECT FROM ' . qualified($_->[0], $side) . ' WHERE ' . quoted($_->[1]{columns}[0]{name}{$side}) . ' = s.id)'
	} @references;
}

sub any_id
{
	my ($self, $shared) = @_;
	return any(map { /^(\d+)/ } @{ $self->{rows}{outside}{ $shared->{name} } });
}

sub delete_one
{
	my ($self, $shared) = @_;
	my $id = $self->any_id($shared) or return;
	return "DELETE FROM app.$shared->{name} WHERE id = $id";
}

sub change_id
{
	my ($self, $shared) = @_;
	my $id = $self->any_id($shared) or return;
	return "UPDATE app.$shared->{name} SET id = " . $self->{schema}->new_value('integer') . " WHERE id = $id";
}

sub add_one
{
	my ($self, $shared) = @_;
	return "INSERT INTO app.$shared->{name} VALUES (" . $self->{schema}->new_value('integer') . ')';
}

#
# What became of the rows
#

# If nothing refers to any of its rows, nothing could refuse it.
sub refused_clean_up
{
	my ($self, $before, $shared, @references) = @_;
	my @referring;

	foreach my $reference (@references)
	{
		my ($table, $key) = @$reference;
		push @referring, grep { defined key_of($_, @{ $key->{columns} }) } map { @{ $before->{$_}{ $table->{name} } } } qw(production gray);
	}
	$self->problem('refused, though no row refers to any') if !@referring;
	return $self->expect_same;
}

sub is_live
{
	my ($self, $side, $row) = @_;
	return $side eq 'gray' || !defined $row->{owner} || $self->{states}{ $row->{owner} } !~ /on|stuck/;
}

sub content
{
	my ($row, %but) = @_;
	return join ' | ', map { $but{$_} ? '?' : $row->{v}[$_] // '(none)' } 0 .. $#{ $row->{v} };
}

sub wrongs
{
	my ($self, $before, $side, $shared, @references) = @_;
	my %left = map { (/^(\d+)/)[0] => 1 } @{ $self->{rows}{outside}{ $shared->{name} } };
	my %gone = map { $_ => 1 } grep { !$left{$_} } map { /^(\d+)/ } @{ $before->{outside}{ $shared->{name} } };
	my @wrongs;

	foreach my $table ($self->tables)
	{
		my @columns = map { $_->[1]{columns}[0] } grep { $_->[0] == $table } @references;
		push @wrongs, $self->wrongs_of_live($before, $table, \%gone, $side eq 'gray' ? 'production' : 'gray',
			map { $_->[1] } grep { $_->[0] == $table } @references);
		push @wrongs, $self->wrongs_of_frozen($before, $table, \%gone, @columns);
	}
	return @wrongs, map { "$_->[1]" } map { broken_rules($self->{schema}, $self->{rows}, $_) } qw(production gray);
}

# A key that is changed is followed, where the foreign key does so.
sub wrongs_of_live
{
	my ($self, $before, $table, $gone, $side, @keys) = @_;
	my %now = map { $_->{tid} => content($_) } @{ $self->{rows}{$side}{ $table->{name} } };
	my (%followed, @wrongs);

	foreach my $row (grep { $self->is_live($side, $_) } @{ $before->{$side}{ $table->{name} } })
	{
		my %follows = map { $_->{columns}[0]{no} => 1 }
		  grep { $_->{action} =~ /UPDATE/ && $gone->{ key_of($row, @{ $_->{columns} }) // '' } } @keys;
		next if ($now{ $row->{tid} } // '') eq content($row);
		$follows{ $_->{no} } = 1 foreach %follows ? grep { $_->{role} eq 'touched' } @{ $table->{columns} } : ();
		%followed = map { content($_, %follows) => 1 } @{ $self->{rows}{$side}{ $table->{name} } };
		push @wrongs, "a live row of $side $table->{name} is not as it was: " . content($row) if !%follows || !$followed{ content($row, %follows) };
	}
	return @wrongs;
}

sub wrongs_of_frozen
{
	my ($self, $before, $table, $gone, @columns) = @_;
	my %now = map { $_->{tid} => content($_) } @{ $self->{rows}{production}{ $table->{name} } };
	my $twins = $table->{key} ? index_of($self->{rows}{gray}{ $table->{name} }, @{ $table->{key} }) : return;
	my @wrongs;

	foreach my $row (grep { !$self->is_live('production', $_) && !$now{ $_->{tid} } } @{ $before->{production}{ $table->{name} } })
	{
		my ($twin) = @{ $twins->{ key_of($row, @{ $table->{key} }) } || [] } or next;
		my @held = grep { my $value = key_of($twin, $_); defined $value && $gone->{$value} && $value eq (key_of($row, $_) // '') } @columns;
		my %at = map { $_->{no} => 1 } @columns, grep { $_->{role} eq 'touched' } @{ $table->{columns} };
		my ($follower) = grep { content($_, %at) eq content($row, %at) } @{ $self->{rows}{production}{ $table->{name} } };
		push @wrongs, "a frozen row of $table->{name}, to whose reference gray holds on, is gone: " . content($row) if @held && !$follower;
	}
	return @wrongs;
}

1;
