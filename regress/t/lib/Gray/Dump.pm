# Dump.pm: what pg_dump says of a production table, and of its gray twin with the
# schema's name put back.
#
# A dump is cut into its entries, each with the header that pg_dump writes above it.
# Names are put back token by token, and never within a string or a quoted name, with
# the exception of 'schema.name'::regclass.  A name that still leads from gray to a
# production table of the release is marked, so that the two dumps differ.
#
# The differences that are meant are the functions in @intended, which turn
# production's entries into what gray's should be.  docs/clone.md lists them.
package Gray::Dump;

use strict;
use warnings;

use File::Temp;

# What is meant to differ, in the order in which docs/clone.md has it.
my @intended = (
	\&sequences_are_shared, \&identities_are_defaults, \&row_types_are_shared,
	\&typed_tables_are_ordinary, \&publications_are_not_joined, \&invalid_indexes_are_left_out
);

my $ident = qr/"(?:[^"]|"")+"|[A-Za-z_\x80-\xff][\w\$\x80-\xff]*/;
my $string = qr/\bE'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'/s;

# production, gray: names of schemas; twins: names of the tables of the release
sub new
{
	my ($class, $server, %names) = @_;
	return bless { server => $server, %names, is_twin => { map { $_ => 1 } @{ $names{twins} } } }, $class;
}

sub quoted
{
	my ($name) = @_;
	return '"' . $name =~ s/"/""/gr . '"';
}

sub name_of
{
	my ($token) = @_;
	return $token =~ /^"(.*)"$/s ? $1 =~ s/""/"/gr : $token;
}

# What differs between a table and its twin beyond what is meant to, as diff has it;
# nothing if they are the same.
sub difference
{
	my ($self, $table) = @_;
	return diff($self->expected($table), $self->restored($table));
}

# What gray's dump should be when production's name is put back.
sub expected
{
	my ($self, $table) = @_;
	my $entries = $self->entries($self->{production}, $table);

	$_->($self, $entries) foreach @intended;
	return text_of($entries);
}

# What it is.
sub restored
{
	my ($self, $table) = @_;
	my $entries = $self->entries($self->{gray}, $table);

	foreach my $entry (@$entries)
	{
		$entry->{schema} = $self->{production} if $entry->{schema} eq $self->{gray};
		$entry->{text} = $self->put_back($entry->{text});
	}
	return text_of($entries);
}

sub put_back
{
	my ($self, $text) = @_;

	$text =~ s{ ($string) (::regclass)? | ($ident) \. ($ident) | $ident }
		{ $4 ? $self->schema_instead($3, $4) . ".$4" : $2 ? $self->put_back_in_string($1) . '::regclass' : $& }gxe;
	return $text;
}

sub put_back_in_string
{
	my ($self, $string) = @_;
	my ($content) = $string =~ /^E?'(.*)'$/s;

	$content =~ s/''/'/g;
	$content = $self->put_back($content);
	$content =~ s/'/''/g;
	return "'$content'";
}

sub schema_instead
{
	my ($self, $schema, $name) = @_;

	return $self->{production} if name_of($schema) eq $self->{gray};
	return marked($schema) if name_of($schema) eq $self->{production} && $self->{is_twin}{ name_of($name) };
	return $schema;
}

sub marked
{
	my ($schema) = @_;
	return "(production's) $schema";
}

#
# Entries
#

sub entries
{
	my ($self, $schema, $table) = @_;
	my @command = ('pg_dump', '--schema-only', '--strict-names', '-d', $self->{server}->conninfo,
		'-t', quoted($schema) . '.' . quoted($table));

	open my $pipe, '-|', @command or die "pg_dump: $!";
	my $dump = do { local $/; <$pipe> };
	close $pipe or die "@command failed";
	return cut($dump);
}

# The tablespace is in the header; the access method is said before the table, once.
sub cut
{
	my ($dump) = @_;
	my @methods = $dump =~ /^SET default_table_access_method = .*;\n/mg;
	my @entries;

	$dump =~ s/^--\n-- PostgreSQL database dump complete\n.*//ms;
	$dump =~ s/^SET default_\w+ = .*;\n\n//mg;
	my (undef, @parts) = split /^--\n-- Name: (.*?); Type: ([A-Z ]+?); Schema: (.*?); (.*)\n--\n/m, $dump;
	while (my ($name, $type, $schema, $rest, $text) = splice @parts, 0, 5)
	{
		push @entries, { name => $name, type => $type, schema => $schema, rest => $rest, text => $text };
	}
	$entries[0]{text} = join '', @methods, $entries[0]{text};
	return \@entries;
}

sub text_of
{
	my ($entries) = @_;
	return join '', map { "-- Name: $_->{name}; Type: $_->{type}; Schema: $_->{schema}; $_->{rest}\n$_->{text}" } @$entries;
}

sub diff
{
	my ($expected, $found) = @_;

	return '' if $expected eq $found;
	my @files = map { File::Temp->new } 1, 2;
	print { $files[0] } $expected;
	print { $files[1] } $found;
	$_->flush foreach @files;
	my $answer = qx(diff -U1 --label expected --label gray $files[0] $files[1]);
	return $answer || die 'diff found nothing';
}

#
# What is meant to differ: each function takes production's entries
#

# An index that is not valid is none yet: CREATE INDEX CONCURRENTLY has failed, or one
# ON ONLY a partitioned table waits for those of its partitions.
sub invalid_indexes_are_left_out
{
	my ($self, $entries) = @_;
	my %invalid = map { $_ => 1 } split /\n/, $self->{server}->value(
		"SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND n.nspname = '$self->{production}'");
	my %waiting = map { $_ => 1 } split /\n/, $self->{server}->value(
		'SELECT c.relname FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
		JOIN pg_index i ON i.indexrelid = h.inhparent WHERE NOT i.indisvalid');

	take($entries, sub { $_[0]{type} eq 'INDEX' && $invalid{ $_[0]{name} } });
	take($entries, sub { $_[0]{type} eq 'INDEX ATTACH' && $waiting{ $_[0]{name} } });
	return;
}

# Take away the entries for which the function says so, and return them.
sub take
{
	my ($entries, $wanted) = @_;
	my @taken = grep { $wanted->($_) } @$entries;

	@$entries = grep { !$wanted->($_) } @$entries;
	return @taken;
}

sub set_default
{
	my ($entries, $column, $default) = @_;

	$entries->[0]{text} =~ s/^(    \Q$column\E [^\n]*?)((?: NOT NULL)?,?)$/$1 DEFAULT $default$2/m
	  or die "no column $column in $entries->[0]{text}";
	return;
}

# Sequences belong to production, and gray draws from them by its default: with the
# table of a serial column pg_dump has its sequence, and so the default after it.
sub sequences_are_shared
{
	my ($self, $entries) = @_;

	return unless take($entries, sub { $_[0]{type} eq 'SEQUENCE OWNED BY' });
	take($entries, sub { $_[0]{text} =~ /^\n(?:CREATE|CREATE UNLOGGED|COMMENT ON) SEQUENCE / });
	take($entries, sub { $_[0]{type} eq 'ACL' && $_[0]{name} =~ /^SEQUENCE / });
	foreach my $entry (take($entries, sub { $_[0]{type} eq 'DEFAULT' && $_[0]{text} =~ /DEFAULT nextval/ }))
	{
		$entry->{text} =~ /ALTER COLUMN ($ident) SET DEFAULT (.*);$/m or die "unexpected: $entry->{text}";
		set_default($entries, $1, $2);
	}
	return;
}

# An identity column cannot share its sequence; its twin draws from it by a default.
sub identities_are_defaults
{
	my ($self, $entries) = @_;

	foreach my $entry (take($entries, sub { $_[0]{text} =~ /ADD GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY/ }))
	{
		my ($column, $sequence) = $entry->{text} =~ /ALTER COLUMN ($ident) ADD GENERATED .*SEQUENCE NAME ($ident\.$ident)/s
		  or die "unexpected: $entry->{text}";
		$sequence =~ s/'/''/g;
		set_default($entries, $column, "nextval('$sequence'::regclass)");
		take($entries, sub { $_[0]{text} =~ /^\nCOMMENT ON SEQUENCE/ || ($_[0]{type} eq 'ACL' && $_[0]{name} =~ /^SEQUENCE /) });
	}
	return;
}

# A column that has the row type of a table keeps it: types are shared.
sub row_types_are_shared
{
	my ($self, $entries) = @_;

	$entries->[0]{text} =~ s{^(    $ident )(\Q$self->{production}\E)\.($ident)(?=\[|,|$| )}
		{ $1 . ($self->{is_twin}{ name_of($3) } ? marked($2) : $2) . ".$3" }gme;
	return;
}

# A typed table could not be upgraded; its twin has the columns of the type.
sub typed_tables_are_ordinary
{
	my ($self, $entries) = @_;
	my ($table) = $entries->[0]{text} =~ /^CREATE TABLE ($ident\.$ident) OF /m or return;
	my $literal = $table =~ s/'/''/gr;
	my $columns = $self->{server}->value(qq{
		SELECT quote_ident(attname) || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = '$literal'::regclass AND attnum > 0 ORDER BY attnum});

	$entries->[0]{text} =~ s/ OF $ident\.$ident \(/ (/;
	foreach my $column (split /\n/, $columns)
	{
		my ($name) = $column =~ /^($ident) /;
		$entries->[0]{text} =~ s/^    \Q$name\E /    $column /m or die "no column $name in $entries->[0]{text}";
	}
	return;
}

# Gray tables are in no publication but those of all tables, or of all in their schema.
sub publications_are_not_joined
{
	my ($self, $entries) = @_;

	take($entries, sub { $_[0]{type} eq 'PUBLICATION TABLE' });
	return;
}

1;
