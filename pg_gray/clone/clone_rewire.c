/*
 * clone_rewire.c: re-creates rules and policies of gray tables that name a relation of production
 * which has a twin
 *
 * A definition is printed under production's search_path, where production's relations have bare
 * names, and run under gray's.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "nodes/pg_list.h"
#include "utils/lsyscache.h"

#include "clone/clone_rewire.h"
#include "clone/view.h"
#include "clone/view_code.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "structure/piece.h"

typedef struct Wire
{
	Oid		  relation; /* of gray */
	PieceKind kind;		/* PIECE_RULE or PIECE_POLICY */
	char	 *name;
	char	 *path[2]; /* by Side */
} Wire;

/* clang-format off */

#define SELECT_WIRES \
	"SELECT DISTINCT x.relation, x.is_rule, x.name" \
	" FROM (" \
		"SELECT polrelid, false, polname, 'pg_policy'::regclass, oid" \
		" FROM pg_policy" \
		" UNION ALL SELECT ev_class, true, rulename, 'pg_rewrite'::regclass, oid" \
		" FROM pg_rewrite" \
		" WHERE rulename <> '_RETURN') AS x (relation, is_rule, name, catalog, oid)" \
	" JOIN pg_depend d ON d.classid = x.catalog AND d.objid = x.oid" \
	" WHERE x.relation = ANY ($1)" \
	" AND d.refclassid = 'pg_class'::regclass" \
	" AND d.refobjid = ANY ($2)" \
	" ORDER BY 1, 2, 3"

/* clang-format on */

/*
 * Finding
 */

/* The gray tables, with their partitions. */
static List *
gray_tables(const ViewPlan *plan)
{
	Oid		  schema = get_namespace_oid(plan->release->gray_schema, false);
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, plan->tables)
		tables = lappend_oid(tables, get_relname_relid(get_rel_name(lfirst_oid(cell)), schema));
	return reader_with_partitions(tables);
}

static List *
twinned(const ViewPlan *plan)
{
	List	 *relations = reader_with_partitions(plan->tables);
	List	 *result = NIL;
	ListCell *cell;

	foreach(cell, list_concat(relations, reader_relations(plan->readers)))
	{
		if (view_has_twin(plan, lfirst_oid(cell)))
			result = lappend_oid(result, lfirst_oid(cell));
	}
	return result;
}

static List *
find_wires(const ViewPlan *plan)
{
	QueryArgs args = {0};
	List	 *wires = NIL;
	uint64	  rows;

	query_arg_oids(&args, gray_tables(plan));
	query_arg_oids(&args, twinned(plan));
	rows = query_run(SELECT_WIRES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Wire *wire = palloc(sizeof(Wire));

		wire->relation = query_oid(row, 1);
		wire->kind = query_bool(row, 2) ? PIECE_RULE : PIECE_POLICY;
		wire->name = query_text(row, 3);
		wires = lappend(wires, wire);
	}
	return wires;
}

/*
 * Re-creating
 */

/* Is the piece a rule or policy (`kind`) itself, or the state or comment of one? */
static bool
is_about(const Piece *piece, PieceKind kind)
{
	switch (piece->kind)
	{
		case PIECE_RULE:
		case PIECE_RULE_STATE:
		case PIECE_RULE_COMMENT:
			return kind == PIECE_RULE;
		case PIECE_POLICY:
		case PIECE_POLICY_COMMENT:
			return kind == PIECE_POLICY;
		default:
			return false;
	}
}

static bool
belongs(const Piece *piece, const Wire *wire)
{
	return is_about(piece, wire->kind) && strcmp(piece->name, wire->name) == 0;
}

static void
make_anew(void *argument)
{
	const Wire *wire = argument;
	List	   *relations = list_make1_oid(wire->relation);
	RoleSwitch	before;
	List	   *known;
	List	   *pieces;
	ListCell   *cell;

	known = view_code_list(relations);
	role_become(&before, relation_owner(wire->relation));
	pieces = piece_load(relations, wire->path[SIDE_PRODUCTION], PIECES_BUT_FOREIGN_KEYS);
	role_pin_setting("search_path", wire->path[SIDE_GRAY]);
	foreach(cell, pieces)
	{
		const Piece *piece = lfirst(cell);

		if (!belongs(piece, wire))
			continue;
		if (piece->kind == wire->kind)
			query_run(piece_statement(&piece->drop, wire->relation), NULL);
		query_run(piece_statement(&piece->create, wire->relation), NULL);
	}
	role_return(&before);
	view_code_refuse(relations, known);
}

static void
warn(const Wire *wire, const ErrorData *error)
{
	ereport(WARNING,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("%s \"%s\" of table %s is not made anew: %s", piece_kind_name(wire->kind),
					wire->name, relation_name(wire->relation), error->message),
			 errdetail("It still names a table or view of production that has a twin in gray."),
			 errhint("Drop it, and create it again as gray needs it.")));
}

void
rewire_tables(const ViewPlan *plan)
{
	char	 *production_path = view_path(plan, NULL, SIDE_PRODUCTION);
	char	 *gray_path = view_path(plan, NULL, SIDE_GRAY);
	ListCell *cell;

	foreach(cell, find_wires(plan))
	{
		Wire	  *wire = lfirst(cell);
		ErrorData *error;

		wire->path[SIDE_PRODUCTION] = production_path;
		wire->path[SIDE_GRAY] = gray_path;
		error = subtransaction_try(make_anew, wire);
		if (error != NULL)
			warn(wire, error);
	}
}
