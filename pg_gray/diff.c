/*
 * diff.c: how gray tables differ from their production tables
 *
 * Columns are compared in pairs by attribute number, everything else piece by
 * piece (piece.h).
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "call.h"
#include "diff.h"
#include "diff_column.h"
#include "path.h"
#include "piece.h"
#include "release.h"
#include "rename.h"
#include "role.h"
#include "rows.h"

PG_FUNCTION_INFO_V1(gray_diff);

static List *
relations_of(const TwinSet *set, Side side)
{
	List *relations = NIL;

	for (int i = 0; i < set->count; i++)
		relations = lappend_oid(relations, set->twins[i].relation[side]);
	return relations;
}

/*
 * Pieces
 */

static const TwinColumn *
column_named(const Twin *twin, Side side, const char *name)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (strcmp(twin->columns[i].name[side], quote_identifier(name)) == 0)
			return &twin->columns[i];
	}
	return NULL;
}

/* A piece of a column that has no twin goes and comes with the column. */
static List *
drop_unpaired(List *pieces, const TwinSet *set, Side side)
{
	List	 *kept = NIL;
	ListCell *cell;

	foreach(cell, pieces)
	{
		Piece *piece = lfirst(cell);

		if (piece->column == NULL ||
			column_named(&set->twins[piece->rank], side, piece->column) != NULL)
			kept = lappend(kept, piece);
	}
	return kept;
}

static int
compare_cells(const ListCell *a, const ListCell *b)
{
	return piece_compare(lfirst(a), lfirst(b));
}

/* Name columns as production does: a rename is a difference of its own. */
static void
rename_pieces(List *pieces, const TwinSet *set)
{
	ListCell *cell;

	foreach(cell, pieces)
	{
		Piece	   *piece = lfirst(cell);
		const Twin *twin = &set->twins[piece->rank];

		if (!rename_needed(twin))
			continue;
		piece->create = rename_columns(twin, piece->create);
		if (piece->column != NULL)
			piece->name = rename_columns(twin, piece->name);
	}
	list_sort(pieces, compare_cells);
}

/* A statement, to be run by whoever it must be run by. */
static char *
undo_by(const Piece *piece, const char *statement, Oid table)
{
	char *text = piece_statement(statement, table);

	if (!OidIsValid(piece->role))
		return text;
	return psprintf("SET ROLE %s; %s; RESET ROLE",
					quote_identifier(GetUserNameFromId(piece->role, false)), text);
}

static List *
add_piece(List *differences, const TwinSet *set, const Piece *production, const Piece *gray)
{
	Difference	*difference = palloc0(sizeof(Difference));
	const Piece *piece = production != NULL ? production : gray;
	Oid			 table = set->twins[piece->rank].relation[SIDE_GRAY];

	difference->twin = &set->twins[piece->rank];
	difference->kind = piece->kind;
	difference->name = piece->name;
	difference->in_production = production != NULL;
	difference->in_gray = gray != NULL;
	difference->text = production == NULL ? "only in gray"
					   : gray == NULL	  ? "only in production"
										  : "different";
	difference->undo = production == NULL ? undo_by(gray, gray->drop, table)
					   : gray == NULL	  ? undo_by(production, production->create, table)
										  : psprintf("%s; %s", undo_by(gray, gray->drop, table),
													 undo_by(production, production->create, table));
	return lappend(differences, difference);
}

/* Both lists are sorted by piece_compare. */
static List *
compare_pieces(List *production, List *gray, const TwinSet *set)
{
	List	 *differences = NIL;
	ListCell *p = list_head(production);
	ListCell *g = list_head(gray);

	while (p != NULL || g != NULL)
	{
		const Piece *left = p ? lfirst(p) : NULL;
		const Piece *right = g ? lfirst(g) : NULL;
		int			 order = left == NULL ? 1 : right == NULL ? -1 : piece_compare(left, right);

		if (order < 0)
			differences = add_piece(differences, set, left, NULL);
		else if (order > 0)
			differences = add_piece(differences, set, NULL, right);
		else if (!piece_equal(left, right))
			differences = add_piece(differences, set, left, right);
		if (order <= 0)
			p = lnext(production, p);
		if (order >= 0)
			g = lnext(gray, g);
	}
	return differences;
}

static List *
load_pieces(const Release *release, const TwinSet *set)
{
	RoleSwitch before;
	List	  *production;
	List	  *gray;

	role_become_catalog_owner(&before);
	production = piece_load(relations_of(set, SIDE_PRODUCTION),
							path_of(release, set, SIDE_PRODUCTION), true);
	gray = piece_load(relations_of(set, SIDE_GRAY), path_of(release, set, SIDE_GRAY), true);
	role_return(&before);

	production = drop_unpaired(production, set, SIDE_PRODUCTION);
	gray = drop_unpaired(gray, set, SIDE_GRAY);
	rename_pieces(gray, set);
	return compare_pieces(production, gray, set);
}

/* What gray has too much goes first, since its name may be needed; then columns, then what is on them. */
static int
undo_order(const Difference *difference)
{
	bool column = strcmp(difference->kind, "column") == 0;

	return column ? 1 : difference->in_production ? 2 : 0;
}

static int
compare_tables(const ListCell *a, const ListCell *b)
{
	const Difference *left = lfirst(a);
	const Difference *right = lfirst(b);

	if (left->twin != right->twin)
		return left->twin->position - right->twin->position;
	if (undo_order(left) != undo_order(right))
		return undo_order(left) - undo_order(right);
	return left->place - right->place;
}

List *
diff_load(const Release *release, const TwinSet *set)
{
	List	 *differences;
	ListCell *cell;

	if (set->count == 0)
		return NIL;
	differences = list_concat(diff_column_load(release, set), load_pieces(release, set));
	foreach(cell, differences)
		((Difference *) lfirst(cell))->place = foreach_current_index(cell);
	list_sort(differences, compare_tables);
	return differences;
}

Datum
gray_diff(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	ListCell   *cell;

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 0);
	foreach(cell, diff_load(call.release, twin_load_all(call.release)))
	{
		const Difference *difference = lfirst(cell);
		char			 *values[4];

		values[0] = difference->twin->table[SIDE_GRAY];
		values[1] = psprintf("%s %s", difference->kind, difference->name);
		values[2] = difference->text;
		values[3] = difference->undo;
		rows_put(fcinfo, values);
	}
	call_end(&call);
	return (Datum) 0;
}
