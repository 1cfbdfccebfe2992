# Runner.pm: a migration runner's upgrade of a small shop, from version 1's first migration to a user who comes home.
#
# The shop has users with orders, and products, which belong to nobody.  Version 2's migrations add columns, drop
# an index, and make two tables of users, one of them with a key to products.  A further migration alters products.
package Gray::Runner;

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../t/lib";

use Exporter qw(import);
use Gray::Server;
use IPC::Run;
use Test::More;

our @EXPORT_OK = qw(play);

# needs         a command that succeeds where the runner is installed
# package       what to install
# command       runs the migrations up to version $ENV{UPTO} under $ENV{SEARCH_PATH}
# path          version 2's search_path
# shared_views  gray_shared_views is wanted for it
# migrations    SELECT from %s, the schema: the migrations that have been run
# before, after these of production, and those of version 2
sub play
{
	my (%runner) = @_;

	plan skip_all => "$runner{package} is not installed: make test-runners does that" unless runs(@{ $runner{needs} });
	my $self = bless { path => 'v2, public', shared_views => 0, %runner }, __PACKAGE__;

	$self->{server} = Gray::Server->new('runner');
	$self->begin;
	$self->upgrade;
	$self->upgrade_again;
	$self->alter_shared_table;
	$self->move;
	done_testing();
	return;
}

sub runs
{
	my (@command) = @_;
	my $output;

	return eval { IPC::Run::run(\@command, '>&', \$output) };
}

# What the runner says, and whether it succeeds.
sub migrate
{
	my ($self, $version, $path) = @_;
	my $node = $self->{server}{node};
	my $output = '';

	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGUSER => 'app', PGDATABASE => 'shop',
		SEARCH_PATH => $path, UPTO => $version);
	my $success = IPC::Run::run($self->{command}, '<', \undef, '>&', \$output) ? 1 : 0;
	return ($success, $output);
}

sub migrate_ok
{
	my ($self, $version, $path, $what) = @_;
	my ($success, $output) = $self->migrate($version, $path);

	ok($success, $what) or diag($output);
	return;
}

sub value
{
	my ($self, $sql) = @_;
	return $self->{shop}->value($sql);
}

# The schema with its rows.
sub dump_of
{
	my ($self, $schema) = @_;
	my $dump = '';

	IPC::Run::run([ 'pg_dump', '-n', $schema, '-d', $self->{shop}->conninfo ], '>', \$dump) or die "pg_dump failed\n";
	return $dump =~ s/^\\(?:un)?restrict .*\n//gmr;
}

sub migrations_are
{
	my ($self, $schema, $expected, $what) = @_;

	is(join(' ', split /\n/, $self->value(sprintf $self->{migrations}, $schema)), $expected, $what);
	return;
}

# Production has some users, and a release by which version 2 is tried.
sub begin
{
	my ($self) = @_;

	$self->{server}->value('CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app');
	$self->{shop} = $self->{server}->in('shop');
	$self->value('CREATE SCHEMA extensions; CREATE EXTENSION pg_gray SCHEMA extensions;
		ALTER DATABASE shop SET search_path = "$user", public, extensions');
	$self->migrate_ok(1, 'public', "version 1's migrations");
	$self->value(q{INSERT INTO products (title) SELECT 'product ' || i FROM generate_series(1, 3) i;
		INSERT INTO users (name, email) SELECT 'user ' || i, i || '@example.org' FROM generate_series(1, 5) i;
		INSERT INTO orders (user_id, total) SELECT i % 5 + 1, i FROM generate_series(1, 20) i});
	$self->value(q{SELECT gray_create_release('v2'); SELECT gray_clone_tree('users', 'id'); GRANT USAGE, CREATE ON SCHEMA v2 TO app});
	$self->migrations_are('v2', $self->{before}, "version 2's runner knows what version 1's has run");
	$self->{production} = $self->dump_of('public');
	return;
}

sub production_is_same
{
	my ($self, $what) = @_;

	is($self->dump_of('public'), $self->{production}, "$what: production is as before");
	$self->migrations_are('public', $self->{before}, "$what: so is its list of migrations");
	return;
}

sub upgrade
{
	my ($self) = @_;

	$self->value('SELECT gray_shared_views(true)') if $self->{shared_views};
	$self->migrate_ok(2, $self->{path}, "version 2's migrations");
	$self->production_is_same('after the upgrade');
	$self->migrations_are('v2', $self->{after}, 'they are noted in gray');
	is($self->value(q{SELECT string_agg(format('%s.%s', table_name, column_name), ' '
		ORDER BY table_name::text COLLATE "C", column_name::text COLLATE "C")
		FROM information_schema.columns c WHERE table_schema = 'v2' AND table_name IN ('users', 'orders', 'badges', 'favourites')
		AND NOT EXISTS (SELECT FROM information_schema.columns p
			WHERE p.table_schema = 'public' AND p.table_name = c.table_name AND p.column_name = c.column_name)}),
		'badges.id badges.title badges.user_id favourites.id favourites.product_id favourites.user_id orders.note users.nickname',
		'the gray schema is upgraded');
	is($self->value(q{SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint WHERE contype = 'f'
		AND conrelid IN ('v2.badges'::regclass, 'v2.favourites'::regclass) ORDER BY 1, 2}) =~ s/\n/ /gr,
		'v2.badges|v2.users v2.favourites|products v2.favourites|v2.users',
		"keys refer to gray tables, and to production's where both versions use the table");
	is($self->value(q{SELECT indrelid::regclass FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
		AND i.indkey::text = a.attnum::text AND a.attname = 'name'
		WHERE indrelid IN ('public.users'::regclass, 'v2.users'::regclass)}),
		'users', 'an index is dropped in gray alone');
	return;
}

sub upgrade_again
{
	my ($self) = @_;
	my $gray = $self->dump_of('v2');

	$self->migrate_ok(2, $self->{path}, 'the runner runs again');
	is($self->dump_of('v2'), $gray, 'it does nothing in gray');
	$self->production_is_same('after another run');
	return;
}

sub alter_shared_table
{
	my ($self) = @_;
	my ($success, $output) = $self->migrate(3, $self->{path});

	ok(!$success, 'a migration that alters a table of both versions fails');
	like($output, qr/products/, 'the message names the table');
	like($output, qr/would change public\.products/, 'the guard has refused it') unless $self->{shared_views};
	$self->production_is_same('after it');
	$self->migrations_are('v2', $self->{after}, 'it is not noted in gray');
	$self->value('SELECT gray_shared_views(false)') if $self->{shared_views};
	return;
}

# Rows of a table that only version 2 has.
sub keep_own_rows
{
	my ($self) = @_;
	my $badges = q{SELECT string_agg(title, ' ') FROM v2.badges};

	is($self->value('SELECT gray_table FROM gray.own_tables ORDER BY 1') =~ s/\n/ /gr, 'v2.badges v2.favourites', 'own tables are found');
	$self->value(q{INSERT INTO v2.badges (user_id, title) VALUES (1, 'early bird'), (1, 'too much');
		DELETE FROM v2.badges WHERE title = 'too much';
		INSERT INTO v2.favourites (user_id, product_id) VALUES (1, 2)});
	is($self->value('SELECT gray_migrate_back(1)'), 'off', 'a user with rows in own tables comes home');
	is($self->value($badges), '', 'and leaves none behind');
	is($self->value('SELECT gray_migrate(1)'), 'on', 'the user goes to gray once more');
	is($self->value($badges), 'early bird', 'and finds them again');
	$self->value(q{UPDATE v2.badges SET title = 'night owl'; INSERT INTO v2.badges (user_id, title) VALUES (1, 'second')});
	is($self->value('SELECT gray_migrate_back(1), gray_migrate(1)'), 'off|on', 'home and there again');
	is($self->value(q{SELECT string_agg(title, ' ' ORDER BY id) FROM v2.badges}), 'night owl second', 'with what was changed at the second stay');
	is($self->value('SELECT product_id FROM v2.favourites WHERE user_id = 1'), '2', 'also those that refer to a shared table');
	return;
}

sub move
{
	my ($self) = @_;

	is($self->value(q{SELECT object, problem FROM gray_check() WHERE severity = 'error'}), '', 'nothing is in the way of the users');
	$self->value('SELECT gray_add_user(1), gray_open()');
	is($self->value('SELECT state FROM gray_route(1)'), 'on', 'a user goes to gray');
	$self->value(q{UPDATE v2.orders SET total = 1000, note = 'dear' WHERE user_id = 1;
		UPDATE v2.users SET nickname = 'one', name = 'first' WHERE id = 1;
		INSERT INTO v2.orders (user_id, total, note) VALUES (1, 7, 'new')});
	is($self->value('SELECT gray_migrate_back(1)'), 'off', 'and comes home');
	is($self->value('SELECT name FROM public.users WHERE id = 1'), 'first', 'with what version 2 wrote');
	is($self->value('SELECT total::integer FROM public.orders WHERE user_id = 1 ORDER BY id') =~ s/\n/ /gr,
		'1000 1000 1000 1000 7', 'and the new rows');
	is($self->value('SELECT gray_migrate(1)'), 'on', 'the user goes to gray again');
	is($self->value('SELECT u.nickname, o.note FROM v2.users u JOIN v2.orders o ON o.user_id = u.id WHERE o.total = 7'),
		'one|new', 'and finds there what only version 2 has');
	$self->keep_own_rows;
	is($self->value('SELECT gray_migrate_back(1)'), 'off', 'and comes home');
	return;
}

1;
