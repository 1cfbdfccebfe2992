-- Tables for one statement over many rows: in "shop" with a fence, in "base" without, in
-- "hooked" with an empty trigger instead.  Variables: users, gray_users, library.
--
-- Users 1 to :users have 50 orders, and 50 items of the first 5 of these; neighbouring rows are
-- of different users.  The users after them have an order of 9 items, and go to gray.
\ir tables.sql
SELECT pg_temp.copy_structure('shop', 'base'), pg_temp.copy_structure('shop', 'hooked');

SET session_replication_role = replica;
INSERT INTO shop.users (id, name, email)
	SELECT u, 'User number ' || u, 'user' || u || '@example.com' FROM generate_series(1, :users + :gray_users) u;
INSERT INTO shop.orders (user_id, total)
	SELECT 1 + (o - 1) % :users, o % 1000 FROM generate_series(1, 50 * :users) o ORDER BY o;
INSERT INTO shop.items (order_id, product, quantity, price)
	SELECT 1 + (i - 1) % (5 * :users), 'product-' || i % 5000, i % 5, i % 100 FROM generate_series(1, 50 * :users) i ORDER BY i;
INSERT INTO shop.orders (user_id, total)
	SELECT u, u % 1000 FROM generate_series(:users + 1, :users + :gray_users) u ORDER BY u;
INSERT INTO shop.items (order_id, product, quantity, price)
	SELECT o.id, 'product-' || i, i % 5, i FROM shop.orders o, generate_series(1, 9) i WHERE o.user_id > :users ORDER BY o.id, i;

INSERT INTO base.users SELECT * FROM shop.users ORDER BY id;
INSERT INTO base.orders SELECT * FROM shop.orders ORDER BY id;
INSERT INTO base.items SELECT * FROM shop.items ORDER BY id;
INSERT INTO hooked.users SELECT * FROM shop.users ORDER BY id;
INSERT INTO hooked.orders SELECT * FROM shop.orders ORDER BY id;
INSERT INTO hooked.items SELECT * FROM shop.items ORDER BY id;
RESET session_replication_role;

CREATE FUNCTION hooked.empty_trigger() RETURNS trigger LANGUAGE c AS :'library';
CREATE TRIGGER hook AFTER INSERT OR UPDATE OR DELETE ON hooked.orders FOR EACH ROW EXECUTE FUNCTION hooked.empty_trigger();
CREATE TRIGGER hook AFTER INSERT OR UPDATE OR DELETE ON hooked.items FOR EACH ROW EXECUTE FUNCTION hooked.empty_trigger();
