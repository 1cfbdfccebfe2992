-- A root and all that leads to it by foreign keys is cloned in one call,
-- owners first; where a row could belong to two users, people are asked, about
-- all tables at once, and nothing is done before they have answered.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA tree;
SET search_path = tree, public;
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE users (
	id uuid PRIMARY KEY, nick text UNIQUE, country text REFERENCES countries, best_friend uuid REFERENCES users
);
-- nothing leads from a product to a user
CREATE TABLE products (id integer PRIMARY KEY);
CREATE TABLE orders (id integer PRIMARY KEY, user_id uuid REFERENCES users);
-- two paths to users, but one column that holds the uid of every row
CREATE TABLE lines (
	id integer PRIMARY KEY, order_id integer REFERENCES orders, user_id uuid NOT NULL REFERENCES users,
	product integer REFERENCES products
);
CREATE TABLE notes (id integer PRIMARY KEY, line_id integer REFERENCES lines, about integer REFERENCES notes);
CREATE TABLE "A note's page" (id integer, note_id integer REFERENCES notes ON DELETE CASCADE);
CREATE TABLE nicks (nick text PRIMARY KEY REFERENCES users (nick));
-- a cycle: an item leads nowhere but through its cart
CREATE TABLE carts (id integer PRIMARY KEY, user_id uuid REFERENCES users, last_item integer);
CREATE TABLE items (id integer PRIMARY KEY, cart_id integer REFERENCES carts);
ALTER TABLE carts ADD FOREIGN KEY (last_item) REFERENCES items;
-- composite keys that contain the uid
CREATE TABLE accounts (user_id uuid REFERENCES users, id integer, PRIMARY KEY (user_id, id));
CREATE TABLE bookings (
	owner uuid, account integer, id integer, PRIMARY KEY (owner, id),
	FOREIGN KEY (account, owner) REFERENCES accounts (id, user_id)
);
-- two foreign keys that both say: the column holds the uid
CREATE TABLE abodes (
	id integer PRIMARY KEY, whose uuid REFERENCES users, account integer,
	FOREIGN KEY (whose, account) REFERENCES accounts
);
SELECT gray_create_release('v2');

SELECT * FROM gray_clone_tree('users', 'id', dry_run => true);
SELECT count(*) FROM gray.release_table;
SELECT count(*) FROM pg_class WHERE relnamespace = 'v2'::regnamespace;
SELECT uid_type FROM gray.release;

SELECT * FROM gray_clone_tree('users', 'id');
SELECT t.position, t.production, t.uid_attnum, p.production AS parent, t.path_attnums, t.parent_attnums
	FROM gray.release_table t
	LEFT JOIN gray.release_table p ON p.release_id = t.release_id AND p.position = t.parent_position
	ORDER BY 1;
-- every foreign key stays inside, or leads to a table that nobody owns
SELECT conrelid::regclass, conname, confrelid::regclass FROM pg_constraint
	WHERE contype = 'f' AND connamespace = 'v2'::regnamespace ORDER BY 1::text, 2;
-- what is there already is passed over; what is new is added
SELECT * FROM gray_clone_tree('users', 'id');
CREATE TABLE reviews (id integer PRIMARY KEY, line_id integer REFERENCES lines);
INSERT INTO reviews VALUES (1, NULL), (2, NULL);
SELECT * FROM gray_clone_tree('users', 'id', true);
SELECT * FROM gray_clone_tree('users', 'id');
SELECT position, parent_position FROM gray.release_table WHERE production = 'tree.reviews';
-- gray tables of another release lead nowhere, though their foreign keys lead to production tables
SELECT gray_drop_release();
SELECT gray_create_release('v1');
CREATE TABLE logs (id integer PRIMARY KEY, user_id uuid REFERENCES users);
SELECT gray_clone('logs', 'user_id', holds_uid => true);
SELECT gray_create_release('v2');
SELECT gray FROM gray_clone_tree('users', 'id', true, release => 'v2');
ALTER TABLE logs DROP CONSTRAINT logs_user_id_fkey;
SELECT conrelid::regclass, confrelid::regclass FROM pg_constraint
	WHERE contype = 'f' AND connamespace = 'v1'::regnamespace;
SELECT gray FROM gray_clone_tree('users', 'id', true, release => 'v2');
SELECT gray_drop_release('v1');

-- Where there are two answers: two columns that hold a uid, two paths of one length.
-- One that is never null is an answer next to one that may be null; a nearer one is next to
-- a longer one.
CREATE TABLE messages (
	id integer PRIMARY KEY, from_user uuid NOT NULL REFERENCES users, to_user uuid NOT NULL REFERENCES users
);
CREATE TABLE attachments (id integer PRIMARY KEY, message integer REFERENCES messages);
CREATE TABLE refunds (
	id integer PRIMARY KEY, line_id integer NOT NULL REFERENCES lines, refunded_by uuid REFERENCES users
);
CREATE TABLE claims (
	id integer PRIMARY KEY, item integer NOT NULL REFERENCES items, line integer NOT NULL REFERENCES notes
);
CREATE TABLE parcels (
	id integer PRIMARY KEY, order_id integer REFERENCES orders, claim integer NOT NULL REFERENCES claims
);
CREATE TABLE stamps (
	id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES orders, claim integer NOT NULL REFERENCES claims
);
SELECT * FROM gray_clone_tree('users', 'id', true);
SELECT * FROM gray_clone_tree('users', 'id');
SELECT count(*) FROM gray.release_table;
SELECT count(*) FROM pg_class WHERE relnamespace = 'v2'::regnamespace;
-- answered, the same call goes on; half answered, it asks for the rest
SELECT count(*) FROM gray_clone_tree('users', 'id', choices => '{"messages": "to_user", "parcels": "order_id"}');
SELECT * FROM gray_clone_tree('users', 'id',
	choices => '{"messages": "to_user", "parcels": "order_id", "claims": "line"}');
SELECT t.position, t.production, t.uid_attnum, p.production AS parent, t.path_attnums, t.parent_attnums
	FROM gray.release_table t
	LEFT JOIN gray.release_table p ON p.release_id = t.release_id AND p.position = t.parent_position
	ORDER BY 1;
SELECT conrelid::regclass, conname, confrelid::regclass
	FROM pg_constraint JOIN gray.release_table ON production::regclass = confrelid
	WHERE contype = 'f' AND connamespace = 'v2'::regnamespace;
SELECT gray_drop_release();

-- a table that can't be cloned stops all of it; a dry run shows it
SELECT gray_create_release('v2');
DROP TABLE attachments, messages, refunds, parcels, stamps, claims;
CREATE TABLE events (id integer, user_id uuid REFERENCES users);
CREATE TABLE events_1 () INHERITS (events);
SELECT * FROM gray_clone_tree('users', 'id', true);
SELECT * FROM gray_clone_tree('users', 'id');
SELECT count(*) FROM gray.release_table;
DROP TABLE events_1, events;

-- a root that belongs to nobody above, half way up
SELECT * FROM gray_clone_tree('orders', 'user_id', true);
-- a tree next to another, which leads to it: both are candidates
CREATE TABLE sessions (id integer PRIMARY KEY, whose uuid);
CREATE TABLE visits (id integer PRIMARY KEY, session integer REFERENCES sessions, user_id uuid REFERENCES users);
SELECT gray_clone('sessions', 'whose');
SELECT production, owner FROM gray_clone_tree('users', 'id', true) WHERE production = 'visits'::regclass;
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA tree CASCADE;
