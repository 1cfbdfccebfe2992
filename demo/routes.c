/*
 * routes.c: the shop's API: which request is which SQL, in version 1 and 2
 *
 * In every step $1 is the user, $2 an order's id, $3 the request's JSON body.  The
 * database makes the JSON.  Version 2 knows an order's note by its new name, has a
 * gift note and a kind of delivery, and sells more than 99 pieces at a time.
 */
#include "routes.h"

#include <string.h>

/* clang-format off */
#define PROFILE \
	"SELECT json_build_object('id', id, 'name', name, 'email', email, 'city', city)" \
	" FROM users WHERE id = $1::bigint"

#define ITEMS \
	"(SELECT json_agg(json_build_object('product', p.title, 'quantity', i.quantity," \
	" 'price', i.price) ORDER BY i.id)" \
	" FROM order_items i JOIN products p ON p.id = i.product_id WHERE i.order_id = o.id)"

#define ORDER_V1 \
	"json_build_object('id', o.id, 'placed_at', o.placed_at, 'status', o.status," \
	" 'total', o.total, 'note', o.note, 'items', " ITEMS ")"

#define ORDER_V2 \
	"json_build_object('id', o.id, 'placed_at', o.placed_at, 'status', o.status," \
	" 'total', o.total, 'message', o.message, 'gift_note', o.gift_note," \
	" 'delivery', o.delivery, 'items', " ITEMS ")"

#define LIST(order) \
	"SELECT coalesce(json_agg(" order " ORDER BY o.id), '[]')" \
	" FROM orders o WHERE o.user_id = $1::bigint"

#define ONE(order) \
	"SELECT " order " FROM orders o WHERE o.user_id = $1::bigint AND o.id = $2::bigint"

#define ADD_ITEMS \
	"INSERT INTO order_items (order_id, product_id, quantity, price)" \
	" SELECT $2::bigint, p.id, i.quantity, p.price" \
	" FROM json_to_recordset($3::json->'items') AS i (product integer, quantity integer)" \
	" JOIN products p ON p.id = i.product"

#define SUM_UP \
	"UPDATE orders SET total = (SELECT coalesce(sum(quantity * price), 0)" \
	" FROM order_items WHERE order_id = $2::bigint) WHERE id = $2::bigint"

/* "payment_ms" plays a slow payment service, with the transaction open. */
#define PAY \
	"SELECT $2 AS id FROM pg_sleep(coalesce(($3::json->>'payment_ms')::float8, 0) / 1000)"

#define DELETE_ORDER \
	"DELETE FROM orders WHERE user_id = $1::bigint AND id = $2::bigint" \
	" RETURNING json_build_object('deleted', id)"

static const Route routes[] = {
	{"GET", "/products", false, {
		{"SELECT json_agg(p ORDER BY p.id) FROM products p"},
		{"SELECT json_agg(p ORDER BY p.id) FROM products p"},
	}},
	{"GET", "/profile", true, {{PROFILE}, {PROFILE}}},
	{"PUT", "/profile", true, {
		{"UPDATE users SET name = coalesce($3::json->>'name', name),"
		 " city = coalesce($3::json->>'city', city) WHERE id = $1::bigint", PROFILE},
		{"UPDATE users SET name = coalesce($3::json->>'name', name),"
		 " city = coalesce($3::json->>'city', city) WHERE id = $1::bigint", PROFILE},
	}},
	{"GET", "/orders", true, {{LIST(ORDER_V1)}, {LIST(ORDER_V2)}}},
	{"POST", "/orders", true, {
		{"INSERT INTO orders (user_id, note)"
		 " VALUES ($1::bigint, coalesce($3::json->>'note', '')) RETURNING id",
		 ADD_ITEMS, SUM_UP, PAY, ONE(ORDER_V1)},
		{"INSERT INTO orders (user_id, message, gift_note, delivery)"
		 " VALUES ($1::bigint, coalesce($3::json->>'message', $3::json->>'note', ''),"
		 " coalesce($3::json->>'gift_note', ''),"
		 " coalesce($3::json->>'delivery', 'standard')) RETURNING id",
		 ADD_ITEMS, SUM_UP, PAY, ONE(ORDER_V2)},
	}},
	{"GET", "/orders/", true, {{ONE(ORDER_V1)}, {ONE(ORDER_V2)}}},
	{"PUT", "/orders/", true, {
		{"UPDATE orders SET note = coalesce($3::json->>'note', note),"
		 " status = coalesce($3::json->>'status', status)"
		 " WHERE user_id = $1::bigint AND id = $2::bigint", ONE(ORDER_V1)},
		{"UPDATE orders SET"
		 " message = coalesce($3::json->>'message', $3::json->>'note', message),"
		 " status = coalesce($3::json->>'status', status),"
		 " gift_note = coalesce($3::json->>'gift_note', gift_note),"
		 " delivery = coalesce($3::json->>'delivery', delivery)"
		 " WHERE user_id = $1::bigint AND id = $2::bigint", ONE(ORDER_V2)},
	}},
	{"DELETE", "/orders/", true, {{DELETE_ORDER}, {DELETE_ORDER}}},
};
/* clang-format on */

const Route *
routes_find(const char *method, const char *path, const char **id)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
	{
		const Route *route = &routes[i];
		size_t		 length = strlen(route->path);
		bool		 takes_id = route->path[length - 1] == '/';

		if (strcmp(method, route->method) != 0 || strncmp(path, route->path, length) != 0)
			continue;
		if (takes_id ? path[length] == '\0' : path[length] != '\0')
			continue;
		*id = takes_id ? path + length : NULL;
		return route;
	}
	return NULL;
}
