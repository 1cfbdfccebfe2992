-- The baselines: what an expert would write by hand.  They record no state, lock nobody out and
-- tell nobody: less than pg_gray does in the same time.
\set ON_ERROR_STOP on

CREATE FUNCTION base.migrate(uid bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO base_v2.users SELECT u.* FROM base.users u WHERE u.id = uid;
	INSERT INTO base_v2.orders SELECT o.* FROM base.orders o WHERE o.user_id = uid;
	INSERT INTO base_v2.items SELECT i.* FROM base.items i JOIN base.orders o ON o.id = i.order_id WHERE o.user_id = uid;
	RETURN 'on';
END $$;

-- Delete and copy.
CREATE FUNCTION base.migrate_back(uid bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM base.items i USING base.orders o WHERE o.id = i.order_id AND o.user_id = uid;
	DELETE FROM base.orders o WHERE o.user_id = uid;
	DELETE FROM base.users u WHERE u.id = uid;
	INSERT INTO base.users SELECT u.* FROM base_v2.users u WHERE u.id = uid;
	INSERT INTO base.orders SELECT o.* FROM base_v2.orders o WHERE o.user_id = uid;
	INSERT INTO base.items SELECT i.* FROM base_v2.items i JOIN base_v2.orders o ON o.id = i.order_id WHERE o.user_id = uid;
	RETURN 'off';
END $$;

CREATE FUNCTION base.migrate_back_and_clear(uid bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM base.migrate_back(uid);
	DELETE FROM base_v2.items i USING base_v2.orders o WHERE o.id = i.order_id AND o.user_id = uid;
	DELETE FROM base_v2.orders o WHERE o.user_id = uid;
	DELETE FROM base_v2.users u WHERE u.id = uid;
	RETURN 'off';
END $$;
