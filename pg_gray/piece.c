/*
 * piece.c: what a table consists of besides its columns, as a list of pieces
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "piece.h"
#include "piece_sql.h"
#include "query.h"
#include "relation.h"
#include "role.h"

/*
 * Loading
 */

/* A definition that goes on after `head`, with the name of its table exchanged for ours. */
static char *
replace_head(const char *definition, const char *head, const char *new_head)
{
	if (strncmp(definition, head, strlen(head)) != 0)
		elog(ERROR, "unexpected definition: %s", definition);
	return psprintf("%s%c%s", new_head, PIECE_TABLE, definition + strlen(head));
}

static bool
is_inherited(Oid constraint)
{
	HeapTuple		   tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	Form_pg_constraint form;
	bool			   inherited;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", constraint);
	form = (Form_pg_constraint) GETSTRUCT(tuple);
	inherited = OidIsValid(form->conparentid) || form->coninhcount > 0;
	ReleaseSysCache(tuple);
	return inherited;
}

static void
print_constraint(Piece *piece, Oid constraint)
{
	piece->inherited = is_inherited(constraint);
	piece->create =
		replace_head(pg_get_constraintdef_command(constraint),
					 psprintf("ALTER TABLE %s", relation_name(piece->relation)), "ALTER TABLE ");
	piece->drop =
		psprintf("ALTER TABLE %c DROP CONSTRAINT %s", PIECE_TABLE, quote_identifier(piece->name));
}

static void
print_index(Piece *piece, Oid index)
{
	char	   *definition = pg_get_indexdef_string(index);
	const char *unique = strncmp(definition, "CREATE UNIQUE", 13) == 0 ? "UNIQUE " : "";
	char	   *head = psprintf("CREATE %sINDEX %s ON ", unique, quote_identifier(piece->name));

	piece->inherited = get_rel_relispartition(index);
	piece->create =
		replace_head(definition, psprintf("%s%s", head, relation_name(piece->relation)), head);
	piece->drop = psprintf("DROP INDEX %c.%s", PIECE_SCHEMA, quote_identifier(piece->name));
}

static Piece *
piece_from_row(const PieceSource *source, uint64 row)
{
	Piece *piece = palloc0(sizeof(Piece));

	piece->phase = source - piece_sources;
	piece->kind = source->kind;
	piece->relation = query_oid(row, 1);
	piece->name = query_text(row, 2);
	piece->create = query_text(row, 3);
	if (piece->create == NULL)
		elog(ERROR, "unexpected definition of %s \"%s\"", piece->kind, piece->name);
	if (source->method == PIECE_BY_QUERY || source->method == PIECE_BY_FOREIGN_KEY)
		piece->drop = query_text(row, 4);
	if (SPI_tuptable->tupdesc->natts >= 5)
		piece->column = query_text(row, 5);
	if (SPI_tuptable->tupdesc->natts >= 7)
	{
		piece->place = (int) strtol(query_text(row, 6), NULL, 10);
		piece->role = query_oid(row, 7);
	}
	return piece;
}

/* These have come with an oid in place of the statement. */
static void
print_pieces(const PieceSource *source, List *pieces, const char *path)
{
	ListCell *cell;

	role_pin_setting("search_path", path);
	foreach(cell, pieces)
	{
		Piece *piece = lfirst(cell);
		Oid	   oid = (Oid) strtoul(piece->create, NULL, 10);

		if (source->method == PIECE_BY_CONSTRAINT)
			print_constraint(piece, oid);
		else if (source->method == PIECE_BY_INDEX)
			print_index(piece, oid);
	}
	role_pin_setting("search_path", ROLE_SAFE_PATH);
}

static List *
load_source(const PieceSource *source, List *relations, const char *path)
{
	QueryArgs args = {0};
	List	 *pieces = NIL;
	uint64	  rows;

	query_arg_oids(&args, relations);
	query_arg_text(&args, path);
	rows = query_run(source->sql, &args);
	for (uint64 row = 0; row < rows; row++)
		pieces = lappend(pieces, piece_from_row(source, row));
	SPI_freetuptable(SPI_tuptable);
	print_pieces(source, pieces, path);
	return pieces;
}

typedef struct Rank
{
	Oid relation;
	int rank;
} Rank;

static int
compare_ranks(const void *a, const void *b)
{
	Oid left = ((const Rank *) a)->relation;
	Oid right = ((const Rank *) b)->relation;

	return left < right ? -1 : left > right;
}

static void
rank_pieces(List *pieces, List *relations)
{
	int		  count = list_length(relations);
	Rank	 *ranks = palloc(sizeof(Rank) * Max(count, 1));
	ListCell *cell;

	foreach(cell, relations)
		ranks[foreach_current_index(cell)] =
			(Rank){.relation = lfirst_oid(cell), .rank = foreach_current_index(cell)};
	qsort(ranks, count, sizeof(Rank), compare_ranks);
	foreach(cell, pieces)
	{
		Piece *piece = lfirst(cell);
		Rank   key = {.relation = piece->relation};

		piece->rank = ((Rank *) bsearch(&key, ranks, count, sizeof(Rank), compare_ranks))->rank;
	}
}

static int
compare_cells(const ListCell *a, const ListCell *b)
{
	return piece_compare(lfirst(a), lfirst(b));
}

List *
piece_load(List *relations, const char *path, bool with_foreign_keys)
{
	List *pieces = NIL;

	for (int i = 0; i < piece_source_count; i++)
	{
		if (piece_sources[i].method != PIECE_BY_FOREIGN_KEY || with_foreign_keys)
			pieces = list_concat(pieces, load_source(&piece_sources[i], relations, path));
	}
	rank_pieces(pieces, relations);
	list_sort(pieces, compare_cells);
	return pieces;
}

/*
 * Using
 */

char *
piece_statement(const char *statement, unsigned int relation)
{
	StringInfoData text;

	initStringInfo(&text);
	for (const char *next = statement; *next != '\0'; next++)
	{
		if (*next == PIECE_TABLE)
			appendStringInfoString(&text, relation_name(relation));
		else if (*next == PIECE_SCHEMA)
			appendStringInfoString(&text, quote_identifier(
											  get_namespace_name(get_rel_namespace(relation))));
		else
			appendStringInfoChar(&text, *next);
	}
	return text.data;
}

int
piece_compare(const Piece *a, const Piece *b)
{
	if (a->phase != b->phase)
		return a->phase < b->phase ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->name, b->name);
}

int
piece_compare_place(const Piece *a, const Piece *b)
{
	if (a->phase == b->phase && a->rank == b->rank && a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return piece_compare(a, b);
}

bool
piece_equal(const Piece *a, const Piece *b)
{
	return strcmp(a->create, b->create) == 0;
}
