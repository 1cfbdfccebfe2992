# Session.pm: a psql that stays connected, and can be left waiting in a query.
package Gray::Session;

use strict;
use warnings;

use Gray::Deadline qw(give_up until_true);
use File::Spec;
use IO::Handle;
use IO::Select;
use IPC::Open3;
use POSIX qw(WNOHANG);
use Symbol qw(gensym);

my $MARK = '=== answered';

# conninfo: as libpq has it; set: further statements to begin with.
sub new
{
	my ($class, $conninfo, @set) = @_;
	my $self = bless { out => '', waiting => 0 }, $class;

	# Errors are told by psql's own variables; what it says besides is not for
	# the test's output.
	open my $errors, '>', File::Spec->devnull or die "devnull: $!";
	$self->{psql} = open3($self->{in}, $self->{from}, '>&' . fileno($errors),
		'psql', '-XAtq', '-v', 'ON_ERROR_STOP=0', '-d', $conninfo);
	$self->{from}->blocking(0);
	$self->{in}->autoflush(1);
	$self->{pid} = $self->value('SELECT pg_backend_pid()');
	$self->run($_) foreach @set;
	return $self;
}

# Sends SQL and returns at once.  Variables are given to psql as :'name'.
sub start
{
	my ($self, $sql, %variables) = @_;

	die "session is still busy\n" if $self->{waiting};
	local $SIG{PIPE} = 'IGNORE';
	print { $self->{in} } map({ "\\set $_ " . quoted($variables{$_}) . "\n" } sort keys %variables),
	  "$sql;\n\\echo $MARK :SQLSTATE :LAST_ERROR_MESSAGE\n";
	$self->{waiting} = 1;
	return $self;
}

# As psql reads an argument of a backslash command.
sub quoted
{
	my ($value) = @_;
	$value =~ s/(['\\])/$1 eq "'" ? "''" : "\\\\"/ge;
	$value =~ s/\n/\\n/g;
	return "'$value'";
}

# The answer, or nothing if it is not there yet.  The SQLSTATE is that of the last
# statement; of a lost connection it is "lost".
sub answer
{
	my ($self) = @_;

	until ($self->{out} =~ /^$MARK /m && $self->{out} =~ /\n\z/)
	{
		my $got = sysread $self->{from}, $self->{out}, 65536, length $self->{out};
		return unless defined $got;
		next if $got;
		$self->{waiting} = 0;
		return { sqlstate => 'lost', message => '', rows => $self->{out} };
	}
	my ($rows, $sqlstate, $message) = $self->{out} =~ /\A(.*?)\n?^$MARK (\S*) ?(.*)\n\z/ms;
	$self->{out} = '';
	$self->{waiting} = 0;
	return { sqlstate => $sqlstate || 'lost', message => $message, rows => $rows };
}

sub finish
{
	my ($self) = @_;
	return until_true('a session to answer', sub { $self->answer_within(0.2) });
}

# As soon as it is there; nothing if that takes longer than so many seconds after what
# was read last.
sub answer_within
{
	my ($self, $seconds) = @_;
	my $answer = $self->answer;

	$answer = $self->answer while !$answer && $self->ready($seconds);
	return $answer;
}

# The answer of a session whose backend is gone; one that was idle is asked something.
sub last_answer
{
	my ($self) = @_;

	$self->start('SELECT 1') unless $self->{waiting};
	return $self->finish;
}

# Is there something to read, within so many seconds?
sub ready
{
	my ($self, $seconds) = @_;
	return IO::Select->new($self->{from})->can_read($seconds);
}

sub run
{
	my ($self, $sql, %variables) = @_;
	return $self->start($sql, %variables)->finish;
}

# The rows of a statement that must succeed.
sub value
{
	my ($self, $sql, %variables) = @_;
	my $answer = $self->run($sql, %variables);

	give_up("$answer->{sqlstate} $answer->{message}: $sql") unless $answer->{sqlstate} eq '00000';
	return $answer->{rows};
}

sub quit
{
	my ($self) = @_;

	return unless $self->{psql};
	close $self->{in};
	close $self->{from};
	until_true('psql to end', sub { waitpid($self->{psql}, WNOHANG) });
	delete $self->{psql};
	return;
}

# A session that is dropped while it waits for a lock would not end by itself.
sub DESTROY
{
	my ($self) = @_;
	local ($?, $!, $@);

	return unless $self->{psql};
	kill 'KILL', $self->{psql};
	waitpid $self->{psql}, 0;
	return;
}

1;
