-- data.sql: 500 users with some thousand orders; the same at every run

SELECT setseed(0.42) \g /dev/null

INSERT INTO products (id, title, price)
SELECT row_number() OVER (ORDER BY thing, kind), initcap(kind) || ' ' || thing,
	(2 + 2 * length(thing) + length(kind))::numeric + 0.95
FROM unnest(array['teapot', 'lamp', 'notebook', 'backpack', 'bicycle bell', 'scarf',
	'headphones', 'chess set']) AS thing,
	unnest(array['small', 'green', 'classic', 'foldable', 'wooden', 'travel', 'bright']) AS kind;

INSERT INTO users (email, name, city, joined)
SELECT lower(first || '.' || last) || n || '@example.org', first || ' ' || last, city,
	timestamptz '2021-01-01 00:00+00' + n * interval '2 days 3 hours'
FROM (
	SELECT n,
		(array['Anna', 'Ben', 'Chiara', 'David', 'Elif', 'Farid', 'Grace', 'Hugo', 'Ines',
			'Jonas', 'Karin', 'Liam', 'Mina', 'Noah', 'Olga', 'Pedro', 'Rosa', 'Samir',
			'Tina', 'Yusuf'])[1 + floor(random() * 20)] AS first,
		(array['Becker', 'Costa', 'Dvorak', 'Eriksen', 'Fischer', 'Garcia', 'Horvat', 'Ito',
			'Jansen', 'Kaya', 'Lopez', 'Meyer', 'Novak', 'Okafor', 'Peters', 'Rossi',
			'Silva', 'Tanaka', 'Weber', 'Young'])[1 + floor(random() * 20)] AS last,
		(array['Berlin', 'Lisbon', 'Oslo', 'Prague', 'Vienna', 'Turin', 'Ghent',
			'Porto'])[1 + floor(random() * 8)] AS city
	FROM generate_series(1, 500) AS n
	OFFSET 0
) AS person;

-- Everyone has at least two orders.
INSERT INTO orders (user_id, placed_at, status, note)
SELECT u.id, u.joined + random() * (timestamptz '2025-01-01 00:00+00' - u.joined),
	(array['delivered', 'delivered', 'delivered', 'sent', 'paid',
		'returned'])[1 + floor(random() * 6)],
	(array['', '', '', '', 'please ring twice', 'leave it with the neighbour', 'it''s a gift',
		'no plastic, please'])[1 + floor(random() * 8)]
FROM users u, generate_series(1, 2 + (1000 - u.id)::integer % 16) AS nth
ORDER BY 2;

INSERT INTO order_items (order_id, product_id, quantity, price)
SELECT item.order_id, p.id, item.quantity, p.price
FROM (
	SELECT o.id AS order_id, nth, 1 + floor(random() * 56)::integer AS product_id,
		1 + floor(random() ^ 3 * 6)::smallint AS quantity
	FROM orders o, generate_series(1, 1 + o.id::integer % 4) AS nth
	OFFSET 0
) AS item
JOIN products p ON p.id = item.product_id
ORDER BY item.order_id, item.nth;

UPDATE orders o SET total = (SELECT sum(quantity * price) FROM order_items WHERE order_id = o.id);

-- Somebody always writes a novel.
UPDATE orders SET note = repeat('Please wrap it well, the last one arrived broken. ', 6)
WHERE id = (SELECT min(id) FROM orders WHERE user_id = 13);

ANALYZE users, products, orders, order_items;
