# RandomMove.pm: moves of a random schema's users, each compared with the oracle.
package Gray::RandomMove;

use strict;
use warnings;

use Gray::Mapping qw(is_computed);
use Gray::Random qw(any chance some);
use Gray::RandomDdl qw(generated_expression);
use Gray::RandomSchema qw(literal qualified quoted);
use Gray::Snapshot qw(ask);

my %moved = (migrate => 'on', migrate_back => 'off', discard => 'off');
my %not_moved = (migrate => 'failed', migrate_back => 'stuck', discard => 'stuck');

# SQL that moves a user, and shows the state.
sub call
{
	my ($kind, $user) = @_;
	my $uid = literal($user) . '::text';
	return $kind eq 'migrate' && chance(0.2) ? "SELECT state FROM gray_route($uid)" : "SELECT gray_$kind($uid)";
}

sub move
{
	my ($self, $kind, $user) = @_;

	return if $self->{is_aborted};
	my $is_replace = $kind eq 'migrate_back' && $self->{features}{replace} && chance(0.3);
	my $prediction = $is_replace ? $self->{oracle}->replace_back($self->{rows}, $user) : $self->{oracle}->$kind($self->{rows}, $user);
	$self->verify($user, $prediction) if $prediction->{verified} && !$prediction->{is_unverified} && chance(0.2);
	my $receivers = $kind eq 'migrate_back' && $self->{features}{together} && !$is_replace ? $self->{oracle}->receivers($self->{rows}, $self->{states}, $user) : {};
	my @others = $kind eq 'migrate_back' && $self->{features}{together} && (%{ $prediction->{reasons} } || %$receivers) ? $self->rehearse($user, $is_replace) : ();
	$prediction = $self->with_others($prediction, $user, $is_replace, $receivers, @others) if $kind eq 'migrate_back' && $self->{features}{together};
	my ($call, $uid) = (call($kind, $user), literal($user) . '::text');
	my @settings = $self->{features}{settings} && chance(0.3) ? $self->change_settings : ();
	push @settings, 'pg_gray.back_strategy' if $is_replace && $self->must("SET pg_gray.back_strategy = 'replace'");
	my $answers = ask($self->{session}, move => $call, state => "SELECT gray_state($uid)", states => $self->states_query,
		history => "SELECT row_count FROM gray.history WHERE uid = $uid ORDER BY started DESC LIMIT 1",
		incident => "SELECT sqlstate, message FROM gray.incidents WHERE uid = $uid", rules => $self->{rules}, map { $_ => "RESET $_" } @settings);
	my ($sqlstate, $message) = @{ $answers->{move} }{qw(sqlstate message)};
	my $state = $answers->{move}{lines}[0] // '';

	$self->write_down($call, $sqlstate eq '00000' ? $state : "$sqlstate $message");
	return $self->raised($kind, $prediction, $sqlstate, $message) if $sqlstate ne '00000';
	$self->problem("$call says $state, gray_state $answers->{state}{lines}[0]") if $answers->{state}{lines}[0] ne $state;
	$self->check_rules($answers->{rules});
	my %expected = (%{ $self->{states} }, $user => $state, map { $_ => 'off' } $state eq 'off' ? @others : ());
	$self->problem("$call: expected @expected{$self->users}, found @{ $answers->{states}{lines} }") if "@expected{$self->users}" ne "@{ $answers->{states}{lines} }";
	$self->{states} = \%expected;
	$prediction->{together} = \@others;
	$prediction->{row_count_found} = $answers->{history}{lines}[0];
	return $self->nobody if $kind eq 'migrate' && $state eq 'off' && $prediction->{is_nobody};
	return $state eq $moved{$kind} ? $self->moved($kind, $user, $prediction) : $self->refused($kind, $prediction, $state, @{ $answers->{incident}{lines} });
}

sub states_query
{
	my ($self) = @_;
	return join ' UNION ALL ', map { 'SELECT gray_state(' . literal($_) . '::text)' } $self->users;
}

# Who else would come home: tried, and rolled back.
sub rehearse
{
	my ($self, $user, $is_replace) = @_;
	my ($begin, $end) = $self->{transaction} ? ('SAVEPOINT rehearsal', 'ROLLBACK TO rehearsal') : ('BEGIN', 'ROLLBACK');
	my @setting = $is_replace ? (setting => "SET LOCAL pg_gray.back_strategy = 'replace'") : ();
	my $answers = ask($self->{session}, begin => $begin, @setting, move => call('migrate_back', $user), states => $self->states_query, end => $end);
	my %states;

	@states{ $self->users } = @{ $answers->{states}{lines} };
	return $states{$user} ne 'off' ? () : grep { $_ ne $user && $states{$_} ne $self->{states}{$_} } $self->users;
}

# Those who come along do so for a reason, and whoever could come home with those who have the
# twins of their rows is not left stuck.
sub with_others
{
	my ($self, $alone, $user, $is_replace, $receivers, @others) = @_;
	my $replaced = $is_replace ? 'replace_back' : 'migrate_back';

	if (@others)
	{
		$self->{count}{together}++;
		return $self->{oracle}->$replaced($self->{rows}, $user, @others);
	}
	my @needed = %{ $alone->{reasons} } ? $self->{oracle}->twins_owners($self->{rows}, $self->{states}, $user) : ();
	my @all = grep { $_ ne $user && $self->{states}{$_} =~ /on|stuck/ } $self->users;
	my $all = @all && (%{ $alone->{reasons} } || %$receivers) ? $self->{oracle}->$replaced($self->{rows}, $user, @all) : { reasons => {} };
	$alone->{doubts} = { %{ $all->{reasons} }, %{ $alone->{doubts} } };
	$alone->{left_behind} = [ grep { $receivers->{$_} } sort keys %$receivers ];
	return $alone if @needed < 2;
	my $together = $self->{oracle}->$replaced($self->{rows}, @needed);
	$alone->{could_come} = 1 if !%{ $together->{reasons} } && !%{ $together->{doubts} };
	$alone->{doubts} = { %{ $alone->{doubts} }, %{ $together->{doubts} }, %{ $together->{reasons} } };
	return $alone;
}

my %settings = (
	TimeZone => [ "'Asia/Kolkata'", "'America/New_York'" ],
	DateStyle => [ 'German', 'SQL, DMY' ],
	IntervalStyle => [qw(iso_8601 sql_standard)],
	extra_float_digits => [ 0, -3 ],
	bytea_output => ['escape'],
	search_path => [ 'v2, public', 'app, v2, public', 'public' ],
	xmloption => ['document'],
);

# The session that asks for a move has settings of its own.
sub change_settings
{
	my ($self) = @_;
	my @names = some(2, sort keys %settings);

	$self->must(map { "SET $_ = " . any(@{ $settings{$_} }) } @names);
	return @names;
}

# A discard is a person's call: it tells that person why it can't be done.
sub raised
{
	my ($self, $kind, $prediction, $sqlstate, $message) = @_;

	$self->{count}{"$kind raised"}++;
	$self->{is_aborted} = $self->{transaction};
	$self->problem("gray_$kind raised $sqlstate: $message") if $kind ne 'discard' || !$prediction->{reasons}{$sqlstate};
	return $self->expect_same;
}

sub moved
{
	my ($self, $kind, $user, $prediction) = @_;
	my $reasons = $prediction->{reasons};
	my ($own_rows, $twins) = @$self{qw(own_rows rows)};

	$self->{count}{$kind}++;
	$self->{count}{replace}++ if $prediction->{stay} && !$prediction->{verified};
	$self->problem("done without @{ $prediction->{left_behind} }, who got rows") if @{ $prediction->{left_behind} || [] };
	$self->problem(map { "done in spite of $_: $reasons->{$_}" } sort keys %$reasons);
	$self->look;
	$self->problem($self->{rows}->differences($prediction->{after})) if !$self->{is_aborted} && !$prediction->{is_vague};
	$self->compare_own($self->{own}->$kind($own_rows, { before => $twins, after => $self->{rows} }, $user, @{ $prediction->{together} }));
	$self->check_count($prediction);
	$self->{oracle}->remember($_, $prediction, $self->{rows}) foreach $user, @{ $prediction->{together} };
	$self->{oracle}->remember_stay($user, $self->{rows}) if $kind eq 'migrate';
	delete $_->{is_new} foreach $self->{transaction} ? () : $self->{own}->tables;
	delete $_->{is_unnoticed} foreach $self->{transaction} ? () : map { @{ $_->{columns} } } $self->tables;
	return;
}

sub check_count
{
	my ($self, $prediction) = @_;

	return if !defined $prediction->{row_count} || $prediction->{is_uncounted} || $prediction->{is_vague};
	my $expected = $prediction->{row_count} + $self->{own}{row_count};
	$self->problem("gray.history says $prediction->{row_count_found} rows, not $expected") if $prediction->{row_count_found} != $expected;
	return;
}

# Who has no rows, and never was in gray, stays off.
sub nobody
{
	my ($self) = @_;

	$self->{count}{nobody}++;
	return $self->expect_same;
}

sub refused
{
	my ($self, $kind, $prediction, $state, $incident) = @_;
	my %reasons = (%{ $prediction->{doubts} }, %{ $prediction->{reasons} });
	my ($sqlstate) = ($incident // '') =~ /^(\w+)/;

	$self->{count}{$state}++;
	$self->{count}{"$state $sqlstate"}++ if defined $sqlstate;
	$self->problem("$kind: $state, though all who need each other could come home") if $prediction->{could_come};
	$self->problem("$kind: $state, not $not_moved{$kind}") if $state ne $not_moved{$kind};
	$self->problem("$kind: $state by " . ($incident // 'no incident') . "; the oracle knows "
		  . (join(', ', map { "$_: $reasons{$_}" } sort keys %reasons) || 'no reason')) if !defined $sqlstate || !$reasons{$sqlstate};
	return $self->expect_same;
}

# A move that is rolled back.
sub abandon
{
	my ($self, $kind, $user) = @_;

	return if $self->{transaction};
	$self->run('BEGIN', call($kind, $user), 'ROLLBACK');
	return $self->expect_same;
}

#
# Comparing
#

sub expect_same
{
	my ($self) = @_;
	return $self->compare($self->{rows});
}

# Looks, and compares with what is expected.
sub compare
{
	my ($self, $expected, $own_rows) = @_;

	return if $self->{is_aborted};
	$own_rows //= $self->{own_rows};
	$self->look;
	$self->problem($self->{rows}->differences($expected));
	return $self->compare_own($own_rows);
}

sub compare_own
{
	my ($self, $expected) = @_;

	$self->problem($self->{own}->differences($expected, $self->{own_rows}));
	return;
}

# The engine's own comparison of both sides has to say the same.
sub verify
{
	my ($self, $user, $prediction) = @_;
	my $answer = ask($self->{session}, verify => 'SELECT * FROM gray_verify(' . literal($user) . '::text) ORDER BY 1')->{verify};
	my $found = join "\n", "$answer->{sqlstate} $answer->{message}", map { s/"//gr } @{ $answer->{lines} };
	my $expected = join "\n", '00000 ', sort @{ $prediction->{verified} };

	$self->{count}{verified}++;
	$self->problem("gray_verify of $user: expected\n$expected\nfound\n$found") if $found ne $expected;
	return;
}

#
# Rules of the database: foreign keys and generated columns
#

# Queries that return a name for each that does not hold.
sub find_rules
{
	my ($self) = @_;
	my $answer = ask($self->{session}, rules => q{
		SELECT format('SELECT %L WHERE EXISTS (SELECT FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s r WHERE %s))', k.conname || ' of ' || k.conrelid::regclass,
			k.conrelid::regclass, string_agg(format('c.%I IS NOT NULL', c.attname), ' AND '),
			k.confrelid::regclass, string_agg(format('r.%I = c.%I', r.attname, c.attname), ' AND '))
		FROM pg_constraint k, unnest(k.conkey, k.confkey) AS x (c, r), pg_attribute c, pg_attribute r
		WHERE k.contype = 'f' AND k.conparentid = 0 AND c.attrelid = k.conrelid AND c.attnum = x.c
		AND r.attrelid = k.confrelid AND r.attnum = x.r GROUP BY k.oid, k.conname, k.conrelid, k.confrelid});

	$self->{rules} = join ' UNION ALL ', @{ $answer->{rules}{lines} }, map { generated_rules($_) } $self->tables;
	return;
}

sub generated_rules
{
	my ($table) = @_;

	return map {
		my $column = $_;
		map {
			sprintf 'SELECT %s WHERE EXISTS (SELECT FROM %s WHERE %s IS DISTINCT FROM %s)', literal("computed column of $_ $table->{name}"),
			  qualified($table, $_), quoted($column->{name}{$_}), generated_expression($column, $_)
		} grep { is_computed($column, $_) } qw(production gray)
	} grep { $_->{from} || $_->{made_of}{gray} } @{ $table->{columns} };
}

sub check_rules
{
	my ($self, $answer) = @_;

	$self->problem("rules: $answer->{sqlstate} $answer->{message}") if $answer->{sqlstate} ne '00000';
	$self->problem(map { "does not hold: $_" } @{ $answer->{lines} });
	return;
}

1;
