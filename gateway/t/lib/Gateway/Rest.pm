# Rest.pm: has a gateway come to rest?  Nothing open, nothing in flight, no CPU used.
package Gateway::Rest;

use strict;
use warnings;

use Exporter qw(import);
use Gateway;
use Gray::Deadline qw(comes_true);
use Gray::File qw(slurp);
use Test::More;
use Time::HiRes qw(sleep time);

use constant PIPES_KEPT => 2 * 8 + 4;

our @EXPORT_OK = qw(sockets pipes is_idle comes_to_rest unsent unread);

sub sockets
{
	my ($gateway) = @_;
	return scalar grep { (readlink($_) // '') =~ /^socket:/ } glob "/proc/$gateway->{pid}/fd/*";
}

# Some empty ones are kept for later.
sub pipes
{
	my ($gateway) = @_;
	return scalar grep { (readlink($_) // '') =~ /^pipe:/ } glob "/proc/$gateway->{pid}/fd/*";
}

sub ticks
{
	my ($gateway) = @_;
	my @fields = split ' ', slurp("/proc/$gateway->{pid}/stat") =~ s/^.*\)//r;
	return $fields[11] + $fields[12];
}

# One that spins uses some 100 of them, or its share of a busy machine.
sub ticks_in_a_second
{
	my ($gateway) = @_;
	my ($ticks, $until) = (ticks($gateway), time + 1);

	sleep 0.1 while time < $until;
	return ticks($gateway) - $ticks;
}

sub is_idle
{
	my ($gateway, $name) = @_;

	$gateway->alive or die "the gateway is gone\n";
	return cmp_ok(ticks_in_a_second($gateway), '<', Gateway::sanitized() ? 40 : 15, $name);
}

# Waits until it has no more than it began with; first is what sockets() said then.
sub comes_to_rest
{
	my ($gateway, $first, $name) = @_;
	my @left;

	my $rests = comes_true('rest', sub {
			@left = grep { $gateway->status($_) ne '0' } qw(connections in_flight tunnels);
			return !@left && sockets($gateway) == $first && pipes($gateway) <= PIPES_KEPT;
	});
	return ok($rests, $name) || diag("left: @left, sockets: " . (sockets($gateway) - $first) . ', pipes: ' . pipes($gateway));
}

# What one socket of the gateway still has to send to (unsent), and has not read from, that peer.
sub unsent { return queue(@_, 1); }
sub unread { return queue(@_, 2); }

sub queue
{
	my ($peer, $which) = @_;
	my @ports = grep { defined } map { $peer->{socket}->$_ } qw(peerport sockport);
	my $ports = @ports == 2 ? sprintf ':%04X \S+:%04X', @ports : 'none: the gateway left first';
	my ($line) = grep { /$ports/ } split /^/, slurp('/proc/net/tcp');
	return hex((($line // '') =~ /: \S+ \S+ \S+ (\w+):(\w+)/)[ $which - 1 ] // 0);
}

1;
