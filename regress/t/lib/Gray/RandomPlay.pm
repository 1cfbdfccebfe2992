# RandomPlay.pm: the life of one random schema: created, cloned, upgraded, worked on and
# moved.
#
# What goes wrong is collected in problems; what was done, in log.
package Gray::RandomPlay;

use strict;
use warnings;

use Gray::Oracle;
use Gray::OwnOracle;
use Gray::Random qw(any between chance some);
use Gray::RandomDdl qw(create_statements);
use Gray::RandomGenerated qw(generated_statements);
use Gray::RandomKey qw(wider_statements);
use Gray::RandomMapping qw(mapping_statements);
use Gray::RandomMeeting;
use Gray::RandomMove;
use Gray::RandomOwn qw(later_change misdirected_own new_own_table own_statements);
use Gray::RandomPairing qw(pairing_change);
use Gray::RandomRule qw(rule_statements);
use Gray::RandomShared;
use Gray::RandomSchema qw(in_order literal qualified);
use Gray::RandomUpgrade;
use Gray::RandomWork;
use Gray::Snapshot qw(ask);

our @ISA = ('Gray::RandomMove', 'Gray::RandomMeeting', 'Gray::RandomShared');

my @kinds = qw(generated gifts gone keyless own pairings renamed replace rules shared strangers swaps uids wider);

# Everything is chosen from the seed; so are the kinds of trouble (see 090_random_schemas.pl)
# unless they are given.
sub new
{
	my ($class, $server, $seed, $kinds, %features) = @_;
	srand $seed;
	$kinds //= [ some(between(1, 4), @kinds) ];
	$features{$_} = 1 foreach @$kinds;
	my $self = bless { seed => $seed, kinds => $kinds, features => \%features, log => [], problems => [], count => {} }, $class;

	$self->{session} = $server->session('SET client_min_messages = error');
	$self->{session}->value('SET pg_gray.guard = off; DROP SCHEMA IF EXISTS app, v2 CASCADE; DROP EXTENSION IF EXISTS pg_gray CASCADE; CREATE EXTENSION pg_gray; RESET pg_gray.guard');
	$self->{schema} = Gray::RandomSchema->new(%features);
	$self->{oracle} = Gray::Oracle->new($self->{schema}, $self->{session});
	$self->{own} = Gray::OwnOracle->new($self->{schema});
	$self->{has_meetings} = grep { $features{$_} } qw(gifts strangers swaps);
	$self->{states} = { map { $_ => 'off' } @{ $self->{schema}{users} } };
	return $self;
}

sub play
{
	my ($self, $rounds) = @_;

	$self->create or return;
	$self->round while $rounds-- > 0 && $self->is_well;
	$self->end if $self->is_well;
	return;
}

sub problem
{
	my ($self, @lines) = @_;

	push @{ $self->{problems} }, @lines;
	return 0;
}

sub is_well
{
	my ($self) = @_;
	return !@{ $self->{problems} };
}

sub users
{
	my ($self) = @_;
	return @{ $self->{schema}{users} };
}

sub tables
{
	my ($self) = @_;
	return @{ $self->{schema}{tables} };
}

#
# SQL
#

sub write_down
{
	my ($self, $sql, $outcome) = @_;

	push @{ $self->{log} }, "$sql;" . ($outcome ? '   -- ' . $outcome =~ s/\n/ /gr : '');
	return;
}

# Each statement's SQLSTATE and message, in their order.
sub run
{
	my ($self, @statements) = @_;
	my $answers = ask($self->{session}, map { $_ => $statements[$_] } 0 .. $#statements);

	return map {
		my ($sqlstate, $message) = @{ $answers->{$_} }{qw(sqlstate message)};
		$self->write_down($statements[$_], $sqlstate eq '00000' ? '' : "$sqlstate $message");
		[ $sqlstate, $message ]
	} 0 .. $#statements;
}

# Statements that must succeed.
sub must
{
	my ($self, @statements) = @_;
	my ($failure) = grep { $_->[0] ne '00000' } $self->run(@statements);

	return $failure ? $self->problem("@$failure") : 1;
}

# What the application may be told: constraints, values, identities, the fence, and
# that the transaction was aborted before.
my $may_be_told = qr/^(00000|22...|23...|428C9|GR001|25P02)$/;

# Statements of the application, which may be refused.  Returns the SQLSTATEs.
sub try_statements
{
	my ($self, @statements) = @_;
	my %within = (BEGIN => 'SAVEPOINT work', COMMIT => 'RELEASE work');
	my @answers = $self->run(map { $self->{transaction} && $within{$_} || $_ } @statements);

	foreach my $answer (@answers)
	{
		$self->{count}{ $answer->[0] eq '00000' ? 'writes' : "refused $answer->[0]" }++;
		$self->problem("unexpected @$answer") if $answer->[0] !~ $may_be_told;
		$self->{is_aborted} = 1 if $answer->[0] ne '00000' && $self->{transaction};
	}
	return map { $_->[0] } @answers;
}

sub look
{
	my ($self) = @_;

	return if $self->{is_aborted};
	$self->{rows} = Gray::Snapshot->take($self->{schema}, $self->{session});
	$self->{own_rows} = $self->{own}->look($self->{session}, $self->{rows});
	return;
}

#
# Beginning
#

sub create
{
	my ($self) = @_;

	$self->must(create_statements($self->{schema})) && $self->fill or return 0;
	$self->must(q{SELECT gray_create_release('v2')}, map { clone_statement($_) } $self->tables) or return 0;
	$_->{is_cloned} = 1 foreach $self->tables;
	$self->must(Gray::RandomUpgrade::statements($self->{schema}, between(0, 3 * $self->tables))) or return 0;
	$self->must(mapping_statements($self->{schema}, between(0, 2 * $self->tables))) or return 0 if $self->{features}{maps};
	$self->must(generated_statements($self->{schema})) or return 0 if $self->{features}{generated};
	$self->must(wider_statements($self->{schema})) or return 0 if $self->{features}{wider};
	$self->must(rule_statements($self->{schema})) or return 0 if $self->{features}{rules};
	$self->must($self->rename_twin) or return 0 if $self->{features}{renamed};
	$self->must($self->gone_statements) or return 0 if $self->{features}{gone};
	foreach (1 .. $self->{features}{own} ? between(1, 4) : 0)
	{
		$self->must(new_own_table($self->{schema})) or return 0;
	}
	$self->must('SELECT gray_set_percent(100)', 'SELECT gray_open()') or return 0;
	$self->{schema}{is_open} = 1;
	delete $_->{is_unnoticed} foreach map { @{ $_->{columns} } } $self->tables;
	$self->look;
	$self->find_rules;
	return 1;
}

# A gray table gets another name.
sub rename_twin
{
	my ($self) = @_;
	my $table = any($self->tables);
	my $before = qualified($table, 'gray');

	$table->{gray_name} = 'New ' . ++$self->{schema}{renamed};
	return "ALTER TABLE $before RENAME TO \"$table->{gray_name}\"";
}

# Tables that refer to those of the release, which version 2 has dropped: for moves they are outside.
sub gone_statements
{
	my ($self) = @_;
	return map { (qq{SELECT gray_clone('app.$_->{name}', 'ref1')}, "DROP TABLE v2.$_->{name}") } @{ $self->{schema}{outside} };
}

sub clone_statement
{
	my ($table) = @_;
	my $column = $table->{uid} || $table->{path}[0][0];
	return 'SELECT gray_clone(' . literal(qualified($table, 'production')) . ', ' . literal($column->{name}{production}) . ')';
}

# Table by table, for what refers to a row needs it first.
sub fill
{
	my ($self) = @_;

	$self->look;
	foreach my $table ($self->tables)
	{
		my $is_root = $table == ($self->tables)[0];
		my @many = $self->{features}{gifts} && $table->{parent} ? (($self->users)[0]) x Gray::RandomMeeting::MANY_ROWS : ();
		my @jobs = map { $self->job($_, 'production') } @many, map { ($_) x ($is_root ? 1 : between(1, 3)) } $self->users;
		$self->try_statements(map { Gray::RandomWork::insert_row($_, $table) } @jobs);
		$self->look;
	}
	$self->try_statements(map { remarks($_) } @{ $self->{schema}{outside} });
	return $self->is_well;
}

sub remarks
{
	my ($referrer) = @_;
	my $table = $referrer->{to};
	my $key = in_order('production', @{ $table->{key} });
	my $columns = join ', ', map { "ref$_" } 1 .. @{ $table->{key} };

	return "INSERT INTO app.$referrer->{name} ($columns) SELECT $key FROM " . qualified($table, 'production') . " ORDER BY $key LIMIT 6";
}

sub job
{
	my ($self, $user, $side) = @_;
	my $here = $side eq 'gray' ? qr/on|stuck/ : qr/off|failed/;
	my @neighbours = chance(0.1) ? $self->users : grep { $self->{states}{$_} =~ $here } $self->users;

	return { schema => $self->{schema}, user => $user, side => $side, neighbours => \@neighbours, rows => $self->{rows}, own => $self->{own_rows} };
}

#
# Rounds
#

sub round
{
	my ($self) = @_;

	$self->{count}{rounds}++;
	$self->change_tables if chance(0.03);
	$self->change_pairs if $self->{features}{pairings} && chance(0.25);
	$self->change_own if $self->{features}{own} && chance(0.15);
	$self->must($self->rename_twin), $self->find_rules if $self->{features}{renamed} && chance(0.1);
	$self->disturb if chance(0.05);
	$self->clean_up if $self->{features}{shared} && chance(0.3);
	return if $self->{has_meetings} && chance(0.4) && $self->meet;
	return chance(0.1) ? $self->transaction : $self->turn;
}

# One user's turn.
sub turn
{
	my ($self) = @_;
	my $user = any($self->users);
	my $turn = "turn_$self->{states}{$user}";
	return $self->$turn($user);
}

sub turn_off
{
	my ($self, $user) = @_;

	$self->misdirect_own($user) if $self->{features}{own} && chance(0.2);
	$self->work($user, 'production') if chance(0.5);
	$self->abandon('migrate', $user) if chance(0.05);
	$self->move('migrate', $user) if chance(0.8);
	return;
}

sub turn_on
{
	my ($self, $user) = @_;

	$self->misdirect($user) if chance(0.2);
	$self->work($user, 'gray') if chance(0.7);
	$self->abandon('migrate_back', $user) if chance(0.05);
	$self->move(chance(0.9) ? 'migrate_back' : 'discard', $user) if chance(0.7);
	return;
}

sub turn_failed
{
	my ($self, $user) = @_;

	$self->work($user, 'production');
	$self->reset($user, 'off');
	return;
}

sub turn_stuck
{
	my ($self, $user) = @_;

	$self->work($user, 'gray') if chance(0.5);
	return chance(0.6) ? $self->reset($user, 'on') : $self->move('discard', $user);
}

sub work
{
	my ($self, $user, $side) = @_;
	$self->work_on(Gray::RandomWork::statements(between(1, 6), %{ $self->job($user, $side) })) unless $self->{is_aborted};
	$self->look;
	return if $side ne 'gray' || $self->{is_aborted} || !@{ $self->{schema}{own} };
	$self->try_statements(own_statements(between(1, 6), %{ $self->job($user, $side) }));
	$self->look;
	return;
}

# A deletion of rows of a user whose data is there never comes to the wrong side by itself.
sub work_on
{
	my ($self, @statements) = @_;
	my @sqlstates = $self->try_statements(@statements);

	foreach my $place (grep { $sqlstates[$_] eq 'GR001' && $statements[$_] =~ /^DELETE/ } 0 .. $#statements)
	{
		$self->problem("refused by the fence, for another user's sake: $statements[$place]");
	}
	return;
}

# The fence refuses it, and nothing is changed.
sub misdirect
{
	my ($self, $user) = @_;
	my @sql = Gray::RandomWork::misdirected_statement(%{ $self->job($user, 'production') }) or return;
	my ($sqlstate) = $self->{transaction} ? return : $self->try_statements(@sql);

	$self->problem("not refused by the fence but $sqlstate: @sql") if $sqlstate !~ /^(GR001|22...|23...)$/;
	return $self->expect_same;
}

# The same for own tables: the user is at home.
sub misdirect_own
{
	my ($self, $user) = @_;
	my @sql = misdirected_own(%{ $self->job($user, 'gray') }) or return;
	my ($sqlstate) = $self->{transaction} ? return : $self->try_statements(@sql);

	$self->problem("not refused by the fence but $sqlstate: @sql") if $sqlstate !~ /^(GR001|22...|23...)$/;
	return $self->expect_same;
}

sub reset
{
	my ($self, $user, $state) = @_;

	return if $self->{is_aborted};
	$self->must('SELECT gray_reset(' . literal($user) . '::text)') or return;
	$self->{states}{$user} = $state;
	return;
}

# Several turns in one transaction, that is rolled back when one of its statements is
# refused, and sometimes without a reason.
sub transaction
{
	my ($self) = @_;
	my ($rows, %states) = ($self->{rows}, %{ $self->{states} });
	my ($kept, %stays) = ($self->{oracle}{kept}->copy, %{ $self->{oracle}{stays} });
	my ($own, $own_rows) = ($self->{own}->copy, $self->{own_rows});

	$self->must('BEGIN', 'SET CONSTRAINTS ALL IMMEDIATE') or return;
	$self->{transaction} = 1;
	$self->turn foreach 1 .. between(2, 5);
	my @answers = $self->run($self->{is_aborted} || chance(0.3) ? 'ROLLBACK' : 'COMMIT');
	my $is_committed = $self->{log}[-1] =~ /^COMMIT;$/;
	$self->{transaction} = $self->{is_aborted} = 0;
	$self->problem("@{ $answers[0] }") if $answers[0][0] ne '00000';
	return if $is_committed || !$self->is_well;
	$self->{states} = \%states;
	$self->{oracle}{kept} = $kept;
	$self->{oracle}{stays} = \%stays;
	$self->{own} = $own;
	return $self->compare($rows, $own_rows);
}

#
# The owner of the database
#

# Either side may be altered while users are on both.
sub change_tables
{
	my ($self) = @_;

	$self->must(Gray::RandomUpgrade::later_statements($self->{schema}));
	$self->{schema}{clock}++;
	$self->find_rules;
	$self->look;
	return;
}

# Own tables come, go and change while users are on both sides.
sub change_own
{
	my ($self) = @_;
	my @own = $self->{own}->tables;

	$self->{count}{'own changes'}++;
	if (chance(0.3))
	{
		$self->must(new_own_table($self->{schema})) or return;
		$self->{schema}{own}[-1]{is_new} = 1;
	}
	else
	{
		my ($sql, $note) = later_change($self->{schema}) or return;
		$self->must('SET pg_gray.guard = off', $sql, 'RESET pg_gray.guard') or return;
		$self->{own}->note($note->());
	}
	$self->find_rules;
	$self->look;
	return;
}

# What is refused changes nothing.
sub change_pairs
{
	my ($self) = @_;
	my ($sql, $note, $dropped) = pairing_change($self->{schema}) or return;
	my ($answer) = $self->run($sql);

	return if $answer->[0] =~ /^(22|42804|42846|0A000|23)/;
	$self->problem("@$answer") if $answer->[0] ne '00000';
	$note->();
	$self->{schema}{paired} = $self->{schema}{clock};
	$self->{count}{pairings}++;
	$self->{oracle}{kept}->forget(@$dropped) if $dropped;
	$self->find_rules;
	$self->look;
	return;
}

my @disturbances = ('VACUUM', 'VACUUM (FREEZE)', 'VACUUM (FULL)', 'ANALYZE', 'REINDEX TABLE');

# What changes no value, but where a row lies, or who seems to have written it.
sub disturb
{
	my ($self) = @_;

	foreach my $table (some(2, $self->tables))
	{
		my $name = qualified($table, any('production', 'gray', 'gray'));
		chance(0.2) ? $self->must('BEGIN', "SELECT count(*) FROM (SELECT FROM $name FOR UPDATE) x", 'COMMIT')
		  : $self->must(any(@disturbances) . " $name");
	}
	$self->look;
	return;
}

# Everyone comes home, and the release is gone; production has nothing of it.
sub end
{
	my ($self) = @_;

	foreach my $user (($self->users) x 2)
	{
		$self->move('migrate_back', $user) if $self->{states}{$user} eq 'on';
		$self->move('discard', $user) if $self->{states}{$user} eq 'stuck';
	}
	return if !$self->is_well || grep { $_ =~ /on|stuck/ } values %{ $self->{states} };
	$self->{schema}{own} = [];
	$self->must('SELECT gray_close()', 'SELECT gray_drop_release(force => true)') or return;
	$_->{is_cloned} = 0 foreach $self->tables;
	return $self->expect_same;
}

1;
