# Random.pm: choices, all of them from one seed, and values of any type.
#
# Whoever chooses from a hash sorts its keys first: Perl's own order is another in
# each process.
package Gray::Random;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(any between chance numeric_of random_value some);

sub any
{
	return $_[ int rand @_ ];
}

sub between
{
	my ($least, $most) = @_;
	return $least + int rand($most - $least + 1);
}

sub chance
{
	return rand() < $_[0];
}

# So many of a list, or all of it, in its order.
sub some
{
	my ($count, @list) = @_;

	splice @list, int rand @list, 1 while @list > $count;
	return @list;
}

#
# Values
#

sub digits
{
	my ($count) = @_;
	return join '', map { int rand 10 } 1 .. $count;
}

sub hex_digits
{
	my ($count) = @_;
	return join '', map { sprintf '%x', int rand 16 } 1 .. $count;
}

sub word
{
	return any(qw(alpha beta gamma delta), "o'neill", 'Zoë', 'b\\c', 'x"y', 'a:b', 'two words');
}

# Scale and form differ though the value may be equal.
sub numeric_of
{
	my ($whole, $scale) = @_;
	return any('', '-') . between(0, 10**$whole - 1) . ($scale ? '.' . digits($scale) : '');
}

sub day
{
	return sprintf '%04d-%02d-%02d', between(1950, 2050), between(1, 12), between(1, 28);
}

sub clock
{
	return sprintf('%02d:%02d:%02d', between(0, 23), between(0, 59), between(0, 59)) . (chance(0.3) ? '.' . digits(between(1, 6)) : '');
}

my %value = (
	smallint => sub { any(between(-9, 99), between(-9, 99), 32767, -32768) },
	integer => sub { any(between(-9, 99), between(-9, 99), 0, 2147483647, -2147483648) },
	bigint => sub { any(between(-9, 99), between(-9, 99), 3000000000, 9223372036854775807) },
	numeric => sub { any(numeric_of(1, 1), numeric_of(2, 3), '1.5', '1.50', '1.500', '1e30', 'NaN', '0') },
	'numeric(10,2)' => sub { any(numeric_of(3, 2), numeric_of(8, 2), '0', '1.10') },
	'numeric(12,4)' => sub { any(numeric_of(3, 2), numeric_of(3, 4), '1.1') },
	real => sub { any('0.1', '1e-7', 'Infinity', '-0', '3.25', numeric_of(3, 2)) },
	'double precision' => sub { any('0.1', '0.30000000000000004', 'NaN', '-0', '1e15', numeric_of(3, 4)) },
	boolean => sub { any(qw(true false)) },
	text => sub { chance(0.02) ? hex_digits(5000) : any(word(), word(), '', ' ', "tab\there\nand a line", between(0, 99), 'x' x 50) },
	'character varying(12)' => sub { any(word(), '', 'twelve chars', 'trailing ') },
	'character varying(40)' => sub { any(word(), '', 'more than twelve characters') },
	'character(6)' => sub { any('', 'ab', 'abcdef', ' b') },
	date => sub { any(day(), day(), day(), 'infinity') },
	'timestamp without time zone' => sub { any(day() . ' ' . clock(), day(), 'infinity') },
	'timestamp with time zone' => sub { any(day() . ' ' . clock() . any('+00', '+05:30', '-08'), '-infinity') },
	'time without time zone' => sub { clock() },
	interval => sub { any('1 mon 2 days 3 s', '24:00:00', '1 day', '-00:00:01', '1 year') },
	uuid => sub { join '-', map { hex_digits($_) } 8, 4, 4, 4, 12 },
	bytea => sub { '\\x' . any('', '00', '5c78', hex_digits(2 * between(1, 20))) },
	json => sub { any('{"b": 1, "a" : 1, "a": 2}', '[]', 'null', '{"a": ' . between(0, 9) . '}') },
	jsonb => sub { any('{"b": 1, "a": [1, null]}', '[]', 'null', '{"a": ' . between(0, 9) . '.0}') },
	'integer[]' => sub { any('{}', '{1,NULL,3}', '[2:3]={1,2}', '{{1,2},{3,4}}', '{' . between(0, 9) . '}') },
	'bigint[]' => sub { any('{}', '{1,NULL,3}', '{3000000000}') },
	'text[]' => sub { any('{}', '{"a b",NULL,"c\\"d"}', '{""}', '{x}') },
	inet => sub { any('10.0.0.1/24', '::1', '192.168.0.1') },
	int4range => sub { any('empty', '[1,5)', '(,9]', '[3,)') },
	'bit varying' => sub { any('', '1', '10101', '0') },
	point => sub { any('(1,2)', '(0,-0)') },
	xml => sub { any('<a> <b/></a>', '<a/>', 'text') },
	'app.mood' => sub { any(qw(sad ok happy)) },
	'app.short' => sub { any('few', '', 'some') },
	'app."Pair"' => sub { any('(1,x)', '(,"a ""b""")') },
);

# The text of a value, never null.
sub random_value
{
	my ($type) = @_;
	my $make = $value{$type} or die "no values of type $type";
	return $make->();
}

sub types
{
	return sort keys %value;
}

1;
