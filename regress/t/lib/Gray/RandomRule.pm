# RandomRule.pm: rules (CREATE RULE) of the application on the tables of a random schema.
#
# They act on what the application does, and never on moves, which the oracle shows: it does not
# know of them.
package Gray::RandomRule;

use strict;
use warnings;

use Exporter qw(import);
use Gray::Random qw(any between chance);
use Gray::RandomSchema qw(in_order qualified quoted);

our @EXPORT_OK = qw(rule_statements);

sub rule_statements
{
	my ($schema) = @_;
	my @statements;

	foreach my $table (@{ $schema->{tables} })
	{
		foreach my $side (grep { chance(0.5) } qw(production gray))
		{
			push @statements, map { rule_on($schema, $table, $side) } 1 .. between(1, 2);
		}
	}
	return @statements;
}

# Instead of what a foreign key's action does there must not be anything else: PostgreSQL
# would leave references to nothing, or raise an internal error.
sub may_be_instead
{
	my ($table, $event) = @_;
	return $event eq 'INSERT' || !grep { $_->{action} =~ /CASCADE|SET/ } @{ $table->{references} };
}

# Of a half of the users, or of all.
sub condition
{
	my ($table, $side, $event) = @_;
	my $owner = in_order($side, $table->{uid} || $table->{path}[0][0]);
	my $row = $event eq 'INSERT' ? 'NEW' : 'OLD';

	return chance(0.6) ? " WHERE md5($row.$owner\::text) < '8'" : '';
}

sub rule_on
{
	my ($schema, $table, $side) = @_;
	my $event = any(qw(INSERT UPDATE DELETE));
	my ($rule, $name) = (quoted($schema->new_constraint('rule')), qualified($table, $side));
	my $written = q{INSERT INTO app.audit VALUES ('rule')};
	my $does = any("ALSO $written", may_be_instead($table, $event) ? ("INSTEAD $written", 'INSTEAD NOTHING') : ());

	$table->{ruled}{$side} = 1;
	return (
		"CREATE RULE $rule AS ON $event TO $name" . condition($table, $side, $event) . " DO $does",
		chance(0.3) ? "ALTER TABLE $name ENABLE ALWAYS RULE $rule" : ());
}

1;
