/*
 * structure.c: gives gray tables the structure of production tables
 *
 * A gray table is created with its columns and nothing else.  Then the pieces of both twins are
 * compared, and the statements of the difference are run under the gray path.  Sequences are never
 * copied: defaults of both sides draw from production's sequences.  An identity column has such a
 * default in gray.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/ownership.h"
#include "structure/piece.h"
#include "structure/structure.h"

/*
 * The columns of a table in the form that CREATE TABLE takes.  LIKE is not used for two reasons.
 * It would need the owner to have SELECT, which an owner may lack.  For an identity column it would
 * make a second sequence, which gives out the same ids again.
 */
static char *
column_list(Oid relation)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(relation));
	query_run("SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),"
			  " CASE WHEN a.attcollation <> y.typcollation THEN 'COLLATE ' || a.attcollation::regcollation END,"
			  " CASE WHEN a.attgenerated <> '' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED' END,"
			  " CASE WHEN a.attnotnull THEN 'NOT NULL' END), ', ' ORDER BY a.attnum)"
			  " FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid"
			  " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
			  " WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped",
			  &args);
	return query_is_null(0, 1) ? pstrdup("") : query_text(0, 1);
}

unsigned int
structure_create(unsigned int production, const char *gray_schema)
{
	Relation	table = table_open(production, AccessShareLock);
	const char *name = RelationGetRelationName(table);
	bool		unlogged = table->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED;

	/* A table without TABLESPACE goes to default_tablespace; empty means the database's own. */
	role_pin_setting("default_tablespace", "");
	query_run(psprintf("CREATE %sTABLE %s (%s) USING %s", unlogged ? "UNLOGGED " : "",
					   quote_qualified_identifier(gray_schema, name), column_list(production),
					   quote_identifier(get_am_name(table->rd_rel->relam))),
			  NULL);
	table_close(table, NoLock);
	return get_relname_relid(name, get_namespace_oid(gray_schema, false));
}

static void
change_usage(const char *statement, Oid schema, Oid role)
{
	RoleSwitch before;

	ownership_become_schema_owner(&before, schema);
	query_run(psprintf(statement, quote_identifier(get_namespace_name(schema)),
					   quote_identifier(GetUserNameFromId(role, false))),
			  NULL);
	role_return(&before);
}

/*
 * Run a statement as another role than the owner.  The role may use the gray schema for this
 * moment.
 */
static void
run_as(Oid role, const char *statement, Oid schema)
{
	bool	   admitted = pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK;
	RoleSwitch before;

	if (!admitted)
		change_usage("GRANT USAGE ON SCHEMA %s TO %s", schema, role);
	role_become(&before, role);
	query_run(statement, NULL);
	role_return(&before);
	if (!admitted)
		change_usage("REVOKE USAGE ON SCHEMA %s FROM %s", schema, role);
}

/* Add to PostgreSQL's own errors the piece that is being cloned. */
static void
add_context(void *arg)
{
	const Piece *piece = arg;

	errcontext("cloning %s \"%s\" of %s", piece_kind_name(piece->kind), piece->name,
			   relation_name(piece->relation));
}

static void
run_statement(const Piece *piece, const PieceStatement *statement, Oid gray)
{
	char				*text = piece_statement(statement, gray);
	ErrorContextCallback context = {error_context_stack, add_context, unconstify(Piece *, piece)};

	error_context_stack = &context;
	if (piece->role == InvalidOid)
		query_run(text, NULL);
	else
		run_as(piece->role, text, get_rel_namespace(gray));
	error_context_stack = context.previous;
}

static int
compare_places(const ListCell *a, const ListCell *b)
{
	return piece_compare_place(lfirst(a), lfirst(b));
}

static void
create_pieces(List *pieces, List *gray)
{
	ListCell *cell;

	list_sort(pieces, compare_places);
	foreach(cell, pieces)
	{
		const Piece *piece = lfirst(cell);

		run_statement(piece, &piece->create, list_nth_oid(gray, piece->rank));
	}
}

/*
 * Drop each piece that only `present` has, and create each piece that only `wanted` has.  A piece
 * that differs is dropped and created.  Both lists are sorted by piece_compare.
 */
static void
run_differences(List *wanted, List *present, List *gray)
{
	List	 *missing = NIL;
	ListCell *next_wanted = list_head(wanted);
	ListCell *next_present = list_head(present);

	while (next_wanted != NULL || next_present != NULL)
	{
		Piece		*piece = next_wanted ? lfirst(next_wanted) : NULL;
		const Piece *other = next_present ? lfirst(next_present) : NULL;
		int			 order = piece == NULL ? 1 : other == NULL ? -1 : piece_compare(piece, other);

		if (order >= 0 && (order > 0 || !piece_equal(piece, other)))
			run_statement(other, &other->drop, other->relation);
		if (order <= 0 && (order < 0 || !piece_equal(piece, other)))
			missing = lappend(missing, piece);
		if (order <= 0)
			next_wanted = lnext(wanted, next_wanted);
		if (order >= 0)
			next_present = lnext(present, next_present);
	}
	create_pieces(missing, gray);
}

void
structure_furnish(List *production, List *gray, const char *production_path, const char *gray_path)
{
	List *wanted = piece_load(production, production_path, PIECES_BUT_FOREIGN_KEYS);
	List *present = piece_load(gray, gray_path, PIECES_BUT_FOREIGN_KEYS);

	role_pin_setting("search_path", gray_path);
	role_pin_setting("default_tablespace", "");
	run_differences(wanted, present, gray);
	role_pin_setting("search_path", ROLE_SAFE_PATH);
}
