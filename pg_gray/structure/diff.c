/*
 * diff.c: lists how gray tables differ from their production tables
 *
 * Columns are compared in pairs by attribute number.  Everything else is compared piece by piece
 * (piece.h).
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"
#include "release/search_path.h"
#include "release/twin_load.h"
#include "structure/diff.h"
#include "structure/diff_column.h"
#include "structure/diff_own.h"
#include "structure/diff_partition.h"
#include "structure/diff_rename.h"
#include "structure/difference.h"
#include "structure/piece.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_diff);

/* The pairs of tables to compare: all twins, and after them the partitions of all twins. */
static List *
load_pairs(const TwinSet *set, List **differences)
{
	List *pairs = NIL;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];
		DiffPair   *pair = palloc(sizeof(DiffPair));

		pair->twin = twin;
		pair->relation[SIDE_PRODUCTION] = twin->relation[SIDE_PRODUCTION];
		pair->relation[SIDE_GRAY] = twin->relation[SIDE_GRAY];
		pairs = lappend(pairs, pair);
	}
	for (int i = 0; i < set->count; i++)
		diff_partition_load(&set->twins[i], &pairs, differences);
	return pairs;
}

static List *
relations_of(const List *pairs, Side side)
{
	List	 *relations = NIL;
	ListCell *cell;

	foreach(cell, pairs)
		relations = lappend_oid(relations, ((DiffPair *) lfirst(cell))->relation[side]);
	return relations;
}

static const DiffPair *
pair_of(const List *pairs, const Piece *piece)
{
	return list_nth(pairs, piece->rank);
}

/*
 * Pieces
 */

static const Column *
column_named(const Twin *twin, Side side, const char *name)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_is_pair(column) && strcmp(column->name[side], quote_identifier(name)) == 0)
			return column;
	}
	return NULL;
}

/*
 * Leave out each piece of a column without a twin, which goes and comes with the column, and each
 * piece of a partition that goes and comes with its parent's.
 */
static List *
drop_dependent(List *pieces, const List *pairs, Side side)
{
	List	 *kept = NIL;
	ListCell *cell;

	foreach(cell, pieces)
	{
		Piece *piece = lfirst(cell);

		if (!piece->inherited &&
			(piece->column == NULL ||
			 column_named(pair_of(pairs, piece)->twin, side, piece->column) != NULL))
			kept = lappend(kept, piece);
	}
	return kept;
}

static int
compare_cells(const ListCell *a, const ListCell *b)
{
	return piece_compare(lfirst(a), lfirst(b));
}

/* Keep the statement that makes a piece as gray has it. */
static void
keep_written(Piece *piece)
{
	piece->written = piece->create;
	piece->written.parts = palloc(sizeof(char *) * piece->create.count);
	memcpy(piece->written.parts, piece->create.parts, sizeof(char *) * piece->create.count);
}

/* Name columns as production does, since a renamed column is a difference of its own. */
static void
rename_pieces(List *pieces, const List *pairs)
{
	ListCell *cell;

	foreach(cell, pieces)
	{
		Piece	   *piece = lfirst(cell);
		const Twin *twin = pair_of(pairs, piece)->twin;

		keep_written(piece);
		if (!rename_needed(twin))
			continue;
		for (int i = 0; i < piece->create.count; i += 2)
			piece->create.parts[i] = rename_columns(twin, piece->create.parts[i]);
		if (piece->column != NULL)
			piece->name = rename_columns(twin, piece->name);
	}
	list_sort(pieces, compare_cells);
}

/* The text of a statement, with SET ROLE around it if a role other than the owner must run it. */
static char *
undo_by(const Piece *piece, const PieceStatement *statement, Oid table)
{
	char *text = piece_statement(statement, table);

	if (!OidIsValid(piece->role))
		return text;
	return psprintf("SET ROLE %s; %s; RESET ROLE",
					quote_identifier(GetUserNameFromId(piece->role, false)), text);
}

/* Return the text without the first `part` of it, if there is one. */
static char *
without(char *text, const char *part)
{
	char *found = strstr(text, part);

	return found == NULL ? text
						 : psprintf("%.*s%s", (int) (found - text), text, found + strlen(part));
}

static bool
has_definition(PieceKind kind)
{
	return kind == PIECE_DEFAULT || kind == PIECE_CONSTRAINT || kind == PIECE_INDEX ||
		   kind == PIECE_FOREIGN_KEY || kind == PIECE_TRIGGER || kind == PIECE_POLICY;
}

/*
 * What the statement that makes gray's piece says behind the piece's name, without what goes
 * without saying; null for pieces whose name says all.
 */
static char *
definition_of(const Piece *gray, Oid table)
{
	char *name = psprintf(" %s ", quote_identifier(gray->name));
	char *statement;
	char *text;

	if (!has_definition(gray->kind))
		return NULL;
	statement = piece_statement(&gray->written, table);
	text = strstr(statement, gray->kind == PIECE_DEFAULT ? " SET DEFAULT " : name);
	if (text == NULL)
		return NULL;
	if (gray->kind == PIECE_DEFAULT)
		return text + strlen(" SET DEFAULT ");
	text = without(text + strlen(name), psprintf("ON %s ", relation_name(table)));
	if (gray->kind != PIECE_INDEX)
		return text;
	return psprintf("%s%s", strncmp(statement, "CREATE UNIQUE ", 14) == 0 ? "UNIQUE " : "",
					without(text, "USING btree "));
}

static char *
piece_text(const Piece *production, const Piece *gray, Oid table)
{
	char *definition = gray == NULL ? NULL : definition_of(gray, table);

	if (gray == NULL)
		return "only in production";
	if (definition == NULL)
		return production == NULL ? "only in gray" : "different";
	return production == NULL ? psprintf("only in gray: %s", definition)
							  : psprintf("different in gray: %s", definition);
}

static List *
add_piece(List *differences, const List *pairs, const Piece *production, const Piece *gray)
{
	Difference	*difference = palloc0(sizeof(Difference));
	const Piece *piece = production != NULL ? production : gray;
	Oid			 table = pair_of(pairs, piece)->relation[SIDE_GRAY];

	difference->twin = pair_of(pairs, piece)->twin;
	difference->table = relation_name(table);
	difference->subject = DIFF_PIECE;
	difference->piece = piece->kind;
	difference->name = piece->name;
	difference->in_production = production != NULL;
	difference->in_gray = gray != NULL;
	if (production != NULL)
		difference->create[SIDE_PRODUCTION] = piece_statement(&production->create, table);
	if (gray != NULL)
		difference->create[SIDE_GRAY] = piece_statement(&gray->create, table);
	difference->text = piece_text(production, gray, table);
	difference->undo = production == NULL ? undo_by(gray, &gray->drop, table)
					   : gray == NULL	  ? undo_by(production, &production->create, table)
										  : psprintf("%s; %s", undo_by(gray, &gray->drop, table),
													 undo_by(production, &production->create, table));
	return lappend(differences, difference);
}

/*
 * List the pieces that only one side has, and the pieces that differ.  Both lists are sorted by
 * piece_compare.
 */
static List *
compare_pieces(List *production, List *gray, const List *pairs)
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
			differences = add_piece(differences, pairs, left, NULL);
		else if (order > 0)
			differences = add_piece(differences, pairs, NULL, right);
		else if (!piece_equal(left, right))
			differences = add_piece(differences, pairs, left, right);
		if (order <= 0)
			p = lnext(production, p);
		if (order >= 0)
			g = lnext(gray, g);
	}
	return differences;
}

static List *
load_pieces(const Release *release, const TwinSet *set, PieceScope scope)
{
	List	  *differences = NIL;
	List	  *pairs = load_pairs(set, &differences);
	RoleSwitch before;
	List	  *production;
	List	  *gray;

	role_become_catalog_owner(&before);
	production = piece_load(relations_of(pairs, SIDE_PRODUCTION),
							search_path_of(release, set, SIDE_PRODUCTION), scope);
	gray =
		piece_load(relations_of(pairs, SIDE_GRAY), search_path_of(release, set, SIDE_GRAY), scope);
	role_return(&before);

	production = drop_dependent(production, pairs, SIDE_PRODUCTION);
	gray = drop_dependent(gray, pairs, SIDE_GRAY);
	rename_pieces(gray, pairs);
	return list_concat(differences, compare_pieces(production, gray, pairs));
}

/*
 * Pieces that only gray has go first, since their names may be needed.  Then come columns, then the
 * pieces that may be on them.  The name of the table comes last, since all statements have it.
 */
static int
undo_order(const Difference *difference)
{
	if (difference->subject == DIFF_TABLE)
		return 3;
	return difference->subject == DIFF_COLUMN ? 1 : difference->in_production ? 2 : 0;
}

static int
compare_tables(const ListCell *a, const ListCell *b)
{
	const Difference *left = lfirst(a);
	const Difference *right = lfirst(b);

	if (left->position != right->position)
		return left->position - right->position;
	if (undo_order(left) != undo_order(right))
		return undo_order(left) - undo_order(right);
	return left->place - right->place;
}

static List *
in_order(List *differences)
{
	ListCell *cell;

	foreach(cell, differences)
	{
		Difference *difference = lfirst(cell);

		difference->place = foreach_current_index(cell);
		if (difference->twin != NULL)
			difference->position = difference->twin->position;
	}
	list_sort(differences, compare_tables);
	return differences;
}

static List *
load_twins(const Release *release, const TwinSet *set)
{
	List *differences = diff_own_tables(release, set);

	if (set->count > 0)
		differences = list_concat(differences, diff_column_load(set));
	if (set->count > 0)
		differences = list_concat(differences, load_pieces(release, set, PIECES_ALL));
	return in_order(differences);
}

List *
diff_load(const Release *release, const TwinSet *set)
{
	int	  views;
	List *own = diff_own_objects(release, &views);
	List *others = list_copy_tail(own, views);

	return list_concat(list_concat(list_truncate(own, views), load_twins(release, set)), others);
}

List *
diff_load_refusing(const Release *release, const TwinSet *set)
{
	return set->count == 0 ? NIL : in_order(load_pieces(release, set, PIECES_THAT_REFUSE));
}

Datum
gray_diff(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	ListCell   *cell;

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 0);
	foreach(cell, diff_load(call.release, twin_load_whole(call.release)))
	{
		const Difference *difference = lfirst(cell);
		const char		 *values[4];

		values[0] = difference->table;
		values[1] = psprintf("%s %s", difference_kind_name(difference), difference->name);
		values[2] = difference->text;
		values[3] = difference->undo;
		rows_put(fcinfo, values);
	}
	call_end(&call);
	return (Datum) 0;
}
