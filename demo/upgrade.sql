-- upgrade.sql: what version 2 changes in its tables (run with search_path = v2)

ALTER TABLE orders ADD COLUMN gift_note text NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN delivery text NOT NULL DEFAULT 'standard'
	CHECK (delivery IN ('standard', 'express', 'locker'));
ALTER TABLE orders RENAME COLUMN note TO message;

-- Version 2 also sells to firms: more than 99 of a thing in one order.
ALTER TABLE order_items DROP CONSTRAINT order_items_quantity_check;
ALTER TABLE order_items ALTER COLUMN quantity TYPE integer;
