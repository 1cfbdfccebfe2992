-- The production tables, twice: in schema "shop", of which pg_gray makes a release, and in
-- schema "base" for the baselines.  base_v2 is to base what the gray schema is to shop.
-- Variables: users, gray_users, large, medium (orders of the two larger users).
--
-- Users 1 to :users have 5 orders of 9 items.  The next two have :large and :medium
-- orders of 49 items.
\ir tables.sql
SELECT pg_temp.copy_structure('shop', 'base'), pg_temp.copy_structure('base', 'base_v2');

SET session_replication_role = replica;
INSERT INTO shop.users (id, name, email)
	SELECT u, 'User number ' || u, 'user' || u || '@example.com' FROM generate_series(1, :users + 2) u;
INSERT INTO shop.orders (user_id, total)
	SELECT u, u % 1000 FROM generate_series(1, :users) u, generate_series(1, 5) ORDER BY u;
INSERT INTO shop.items (order_id, product, quantity, price)
	SELECT o.id, 'product-' || (o.id + i) % 5000, i % 5, i * 1.25 FROM shop.orders o, generate_series(1, 9) i ORDER BY o.id, i;
INSERT INTO shop.orders (user_id, total)
	SELECT u, o % 1000 FROM (VALUES (:users + 1, :large), (:users + 2, :medium)) v (u, orders), generate_series(1, orders) o ORDER BY u, o;
INSERT INTO shop.items (order_id, product, quantity, price)
	SELECT o.id, 'product-' || (o.id + i) % 5000, i % 5, i * 1.25 FROM shop.orders o, generate_series(1, 49) i
	WHERE o.user_id > :users ORDER BY o.id, i;

INSERT INTO base.users SELECT * FROM shop.users ORDER BY id;
INSERT INTO base.orders SELECT * FROM shop.orders ORDER BY id;
INSERT INTO base.items SELECT * FROM shop.items ORDER BY id;
INSERT INTO base_v2.users SELECT * FROM base.users WHERE id <= :gray_users ORDER BY id;
INSERT INTO base_v2.orders SELECT * FROM base.orders WHERE user_id <= :gray_users ORDER BY id;
INSERT INTO base_v2.items SELECT i.* FROM base.items i JOIN base.orders o ON o.id = i.order_id WHERE o.user_id <= :gray_users ORDER BY i.id;
RESET session_replication_role;

SELECT setval(pg_get_serial_sequence(s || '.' || t, 'id'), 100000000)
	FROM unnest(ARRAY['shop', 'base']) s, unnest(ARRAY['users', 'orders', 'items']) t;
