-- The fixture of the isolation specs pairs_*: dev/with-fixture runs it before each spec.
--
-- An application whose writes are counted, and the check that each of them is on
-- exactly one live side, once; what was refused or rolled back is nowhere; frozen
-- rows are as they were; nobody who is off has rows in gray.
--
-- The check does not ask the engine.  What a statement of the application says it
-- wrote goes into a ledger outside the release, in the same transaction: so the
-- ledger knows which rows must be there.  Only which is a user's live side is up to
-- gray_state.

SET client_min_messages = warning;

DROP SCHEMA IF EXISTS fixture CASCADE;
CREATE SCHEMA fixture;

-- User 42 is the one who is moved, and the last of more than pg_gray.max_user_locks.
CREATE PROCEDURE fixture.set_up() LANGUAGE plpgsql AS $$
BEGIN
	DROP EXTENSION IF EXISTS pg_gray CASCADE;
	CREATE EXTENSION pg_gray;
	CREATE SEQUENCE ids;
	CREATE TABLE users (id integer PRIMARY KEY, writes integer NOT NULL DEFAULT 0);
	CREATE TABLE orders (id integer PRIMARY KEY DEFAULT nextval('ids'),
		user_id integer NOT NULL REFERENCES users, tag text NOT NULL, amount integer);
	CREATE TABLE items (id integer PRIMARY KEY DEFAULT nextval('ids'),
		order_id integer NOT NULL REFERENCES orders, tag text NOT NULL);
	CREATE INDEX ON orders (user_id);
	CREATE INDEX ON items (order_id);
	CREATE TABLE ledger (uid integer, table_name text, tag text, side text, truncated boolean NOT NULL DEFAULT false);
	INSERT INTO users SELECT generate_series(-27, 42);
	CALL fixture.write('production', 'base', everyone => true);
	PERFORM gray_create_release('v2');
	PERFORM gray_clone_tree('users', 'id');
	PERFORM gray_open();
	PERFORM gray_add_user(42), gray_add_user(7);
END $$;

-- The session has worked before, for another user, and remembers tables and plans.
CREATE PROCEDURE fixture.warm_up() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gray_migrate(7), gray_discard(7), gray_migrate(7), gray_migrate_back(7);
	UPDATE users SET writes = writes WHERE id = 7;
	UPDATE orders SET tag = tag WHERE user_id = 7;
	UPDATE items SET tag = tag WHERE order_id = (SELECT id FROM orders WHERE user_id = 7);
END $$;

-- Whatever a permutation has left.
CREATE PROCEDURE fixture.tear_down() LANGUAGE plpgsql AS $$
BEGIN
	DROP EXTENSION pg_gray CASCADE;
	DROP SCHEMA IF EXISTS v2 CASCADE;
	DROP TABLE IF EXISTS items, orders, users, ledger CASCADE;
	DROP SEQUENCE ids;
END $$;

--
-- Operations
--

-- An application at work: a row is updated that may be locked, and others are new.
CREATE PROCEDURE fixture.write(side text, new_tag text, everyone boolean DEFAULT false)
LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
	PERFORM set_config('search_path', fixture.path_of(side), true);
	WITH written AS (
		UPDATE users SET writes = writes + 1 WHERE everyone OR id = 42 RETURNING id)
	INSERT INTO ledger SELECT id, 'users', new_tag, side FROM written;
	WITH written AS (
		INSERT INTO orders (user_id, tag)
		SELECT uid, new_tag FROM generate_series(-27, 42) AS uid WHERE everyone OR uid = 42 RETURNING user_id)
	INSERT INTO ledger SELECT user_id, 'orders', new_tag, side FROM written;
	WITH written AS (
		INSERT INTO items (order_id, tag) SELECT id, tag FROM orders WHERE tag = new_tag RETURNING order_id)
	INSERT INTO ledger SELECT user_id, 'items', new_tag, side FROM written JOIN orders ON id = order_id;
END $$;

-- As version 1 and version 2 of the application have it.
CREATE FUNCTION fixture.path_of(side text) RETURNS text LANGUAGE sql
RETURN CASE side WHEN 'gray' THEN 'v2, public' ELSE 'public' END;

CREATE PROCEDURE fixture.truncate() LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE orders, items;
	UPDATE ledger SET truncated = true WHERE table_name <> 'users';
END $$;

-- Call, and say what it answers.  What was written in gray is production's when the user is home.
CREATE PROCEDURE fixture.answer(call text) LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE 'SELECT ' || call INTO answer;
	IF answer <> '' THEN RAISE NOTICE '%', answer; END IF;
	UPDATE ledger l SET side = 'production' WHERE side = 'gray' AND fixture.live_side(uid) = 'production';
END $$;

-- What was written in gray is given up.
CREATE PROCEDURE fixture.discard() LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE '%', gray_discard(42);
	DELETE FROM ledger WHERE side = 'gray' AND uid = 42;
END $$;

-- User 42 is in gray, and has gone on writing there.
CREATE PROCEDURE fixture.move() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM gray_migrate(42);
	COMMIT;
	CALL fixture.write('gray', 'moved');
END $$;

--
-- The check
--

CREATE FUNCTION fixture.state(uid integer) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE WHEN EXISTS (SELECT FROM gray.release) THEN gray_state(uid)::text ELSE 'off, no release' END;
END $$;

CREATE FUNCTION fixture.live_side(uid integer) RETURNS text LANGUAGE sql
RETURN CASE WHEN fixture.state(uid) IN ('on', 'stuck') THEN 'gray' ELSE 'production' END;

-- Rows that there are.
CREATE FUNCTION fixture.found(OUT side text, OUT table_name text, OUT uid integer, OUT what text)
RETURNS SETOF record LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
	FOREACH side IN ARRAY ARRAY['production', 'gray'] LOOP
		CONTINUE WHEN side = 'gray' AND to_regnamespace('v2') IS NULL;
		PERFORM set_config('search_path', fixture.path_of(side), true);
		RETURN QUERY SELECT side, 'users', id, 'writes: ' || writes FROM users;
		RETURN QUERY SELECT side, 'orders', user_id, tag FROM orders;
		RETURN QUERY SELECT side, 'items', user_id, i.tag FROM items i LEFT JOIN orders o ON o.id = order_id;
	END LOOP;
END $$;

-- Rows that there must be: live ones, and frozen ones.
CREATE FUNCTION fixture.due(OUT side text, OUT table_name text, OUT uid integer, OUT what text)
RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY
	WITH live AS MATERIALIZED (
		SELECT id, fixture.live_side(id) AS live_side FROM generate_series(-27, 42) AS id),
	stays AS (
		SELECT live_side AS stays, l.* FROM ledger l JOIN live ON id = l.uid
		UNION ALL
		SELECT 'production', l.* FROM ledger l JOIN live ON id = l.uid
			WHERE live_side = 'gray' AND l.side = 'production')
	SELECT stays, s.table_name, s.uid, 'writes: ' || count(*) FROM stays s
		WHERE s.table_name = 'users' GROUP BY stays, s.table_name, s.uid
	UNION ALL
	SELECT stays, s.table_name, s.uid, tag FROM stays s WHERE s.table_name <> 'users' AND NOT truncated;
END $$;

CREATE PROCEDURE fixture.check() LANGUAGE plpgsql AS $$
DECLARE
	r record;
BEGIN
	RAISE NOTICE '42 is %: %', fixture.state(42),
		(SELECT coalesce(string_agg(what, ', ' ORDER BY what COLLATE "C"), 'no orders') FROM fixture.found()
			WHERE table_name = 'orders' AND uid = 42 AND side = fixture.live_side(42));
	FOR r IN
		SELECT side, table_name, uid, what, sum(there) AS there, sum(due) AS due
		FROM (SELECT *, 1 AS there, 0 AS due FROM fixture.found() UNION ALL SELECT *, 0, 1 FROM fixture.due()) AS rows
		GROUP BY side, table_name, uid, what HAVING sum(there) <> sum(due)
		ORDER BY side, table_name, uid, what COLLATE "C"
	LOOP
		RAISE NOTICE 'BROKEN: % % of user %: "%" is there % times, not %',
			r.side, r.table_name, r.uid, r.what, r.there, r.due;
	END LOOP;
	CALL fixture.write(fixture.live_side(42), 'next');
	IF EXISTS (SELECT FROM gray.release) AND NOT fixture.other_side_refuses() THEN
		RAISE NOTICE 'BROKEN: both sides take the next write of user 42';
	END IF;
END $$;

CREATE FUNCTION fixture.other_side_refuses() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	CALL fixture.write(CASE fixture.live_side(42) WHEN 'gray' THEN 'production' ELSE 'gray' END, 'stray');
	RETURN false;
EXCEPTION WHEN SQLSTATE 'GR001' THEN
	RETURN true;
END $$;
