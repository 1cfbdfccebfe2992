/*
 * structure.c: gray tables with the structure of production tables
 *
 * A gray table is made with nothing but its columns.  Then the pieces of both
 * twins are compared, and the statements of the difference are run under the
 * gray path.  Sequences are never copied: defaults of both sides draw from
 * production's, and an identity column has such a default in gray.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "piece.h"
#include "query.h"
#include "relation.h"
#include "role.h"
#include "structure.h"

/* LIKE ... INCLUDING IDENTITY would make a second sequence, which hands out the same ids again. */
unsigned int
structure_create(unsigned int production, const char *gray_schema)
{
	Relation	table = table_open(production, AccessShareLock);
	const char *name = RelationGetRelationName(table);
	bool		unlogged = table->rd_rel->relpersistence == RELPERSISTENCE_UNLOGGED;

	/* Without a tablespace means the database's own. */
	role_pin_setting("default_tablespace", "");
	query_run(psprintf("CREATE %sTABLE %s (LIKE %s INCLUDING GENERATED) USING %s",
					   unlogged ? "UNLOGGED " : "", quote_qualified_identifier(gray_schema, name),
					   relation_name(production),
					   quote_identifier(get_am_name(table->rd_rel->relam))),
			  NULL);
	table_close(table, NoLock);
	return get_relname_relid(name, get_namespace_oid(gray_schema, false));
}

static void
run_statement(const char *statement, Oid gray)
{
	query_run(piece_statement(statement, gray), NULL);
}

/* Both lists are sorted by piece_compare. */
static void
run_differences(List *wanted, List *present, List *gray)
{
	ListCell *next_wanted = list_head(wanted);
	ListCell *next_present = list_head(present);

	while (next_wanted != NULL || next_present != NULL)
	{
		const Piece *piece = next_wanted ? lfirst(next_wanted) : NULL;
		const Piece *other = next_present ? lfirst(next_present) : NULL;
		int			order = piece == NULL ? 1 : other == NULL ? -1 : piece_compare(piece, other);

		if (order >= 0 && (order > 0 || !piece_equal(piece, other)))
			run_statement(other->drop, other->relation);
		if (order <= 0 && (order < 0 || !piece_equal(piece, other)))
			run_statement(piece->create, list_nth_oid(gray, piece->rank));
		if (order <= 0)
			next_wanted = lnext(wanted, next_wanted);
		if (order >= 0)
			next_present = lnext(present, next_present);
	}
}

void
structure_furnish(List *production, List *gray, const char *production_path, const char *gray_path)
{
	List *wanted = piece_load(production, production_path, false);
	List *present = piece_load(gray, gray_path, false);

	role_pin_setting("search_path", gray_path);
	role_pin_setting("default_tablespace", "");
	run_differences(wanted, present, gray);
	role_pin_setting("search_path", ROLE_SAFE_PATH);
}
