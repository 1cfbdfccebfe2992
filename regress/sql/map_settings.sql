-- An expression means the same in whatever session it is read: constants in it are not
-- taken by the settings of the one that moves.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_gray;
RESET client_min_messages;
CREATE SCHEMA shop;
CREATE TABLE shop.users (id integer PRIMARY KEY, day date, doc xml);
INSERT INTO shop.users VALUES (1), (2);
SELECT gray_create_release('v2');
SELECT gray_clone('shop.users', 'id');
SELECT gray_map('v2.users', 'day', up => $$coalesce(day, '01/02/2024'::date)$$),
	gray_map('v2.users', 'doc', up => $$coalesce(doc, 'text'::xml)$$);
SELECT gray_add_user(i) FROM generate_series(1, 2) i;
SELECT gray_open();
SELECT gray_migrate(1);
\c -
SET datestyle = 'ISO, DMY';
SET xmloption = document;
SELECT gray_migrate(2);
SHOW datestyle;
SHOW xmloption;
SELECT * FROM v2.users ORDER BY id;
\c -
SET datestyle = 'ISO, DMY';
SET xmloption = document;
SELECT * FROM gray_verify(2);
SHOW datestyle;
SHOW xmloption;
SELECT gray_migrate_back(i) FROM generate_series(1, 2) i;
SELECT * FROM shop.users ORDER BY id;
SELECT gray_close();
SELECT gray_drop_release();
SET client_min_messages = warning;
DROP SCHEMA shop CASCADE;
