/*
 * check_relations.h: the start of queries over the tables of a release and their partitions
 */
#ifndef PG_GRAY_CHECK_CHECK_RELATIONS_H
#define PG_GRAY_CHECK_CHECK_RELATIONS_H

/*
 * Begins a query whose $1 is the release's id, and defines relation (position, side, root, oid)
 * with the tables of both sides; root is the registered table.
 */
#define CHECK_RELATIONS \
	"WITH RECURSIVE relation (position, side, root, oid) AS (" \
	"SELECT t.position, x.side, c.oid, c.oid FROM gray.release_table t," \
	" LATERAL (VALUES ('production', t.production, t.production_oid), ('gray', t.gray, t.gray_oid))" \
	" AS x (side, name, oid) JOIN pg_class c ON c.oid = gray.table_now(x.name, x.oid," \
	" (SELECT place = gray.place() FROM gray.release WHERE id = $1)) WHERE t.release_id = $1" \
	" UNION ALL SELECT r.position, r.side, r.root, c.oid FROM relation r" \
	" JOIN pg_inherits i ON i.inhparent = r.oid" \
	" JOIN pg_class c ON c.oid = i.inhrelid AND c.relispartition)"

/* The order in which findings about relations are shown; the query gives relation the alias r. */
#define CHECK_RELATIONS_ORDER \
	" ORDER BY r.position, r.side DESC, r.oid <> r.root, r.oid::regclass::text"

#endif /* PG_GRAY_CHECK_CHECK_RELATIONS_H */
