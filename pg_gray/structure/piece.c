/*
 * piece.c: the parts of a table besides its columns, as a list of pieces
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "structure/piece.h"
#include "structure/piece_sql.h"

const char *
piece_kind_name(PieceKind kind)
{
	return piece_sources[kind].name;
}

/*
 * Loading
 */

/*
 * A statement that consists of a text, the word for a name, and a text.  The three are copied to
 * the memory of the piece.
 */
static PieceStatement
make_statement(const Piece *piece, const char *before, const char *name, const char *after)
{
	MemoryContext  memory = GetMemoryChunkContext(unconstify(Piece *, piece));
	PieceStatement statement = {.count = 3};

	statement.parts = MemoryContextAlloc(memory, 3 * sizeof(char *));
	statement.parts[0] = MemoryContextStrdup(memory, before);
	statement.parts[1] = MemoryContextStrdup(memory, name);
	statement.parts[2] = MemoryContextStrdup(memory, after);
	return statement;
}

/*
 * The statement for a definition that begins with `head`.  `head` ends with the table's name, and
 * is replaced by `new_head` and the word for the table's name.
 */
static PieceStatement
replace_head(const Piece *piece, const char *definition, const char *head, const char *new_head)
{
	if (strncmp(definition, head, strlen(head)) != 0)
		elog(ERROR, "unexpected definition: %s", definition);
	return make_statement(piece, new_head, PIECE_TABLE, definition + strlen(head));
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
		replace_head(piece, pg_get_constraintdef_command(constraint),
					 psprintf("ALTER TABLE %s", relation_name(piece->relation)), "ALTER TABLE ");
	piece->drop = make_statement(piece, "ALTER TABLE ", PIECE_TABLE,
								 psprintf(" DROP CONSTRAINT %s", quote_identifier(piece->name)));
}

static void
print_index(Piece *piece, Oid index)
{
	char	   *definition = pg_get_indexdef_string(index);
	const char *unique = strncmp(definition, "CREATE UNIQUE", 13) == 0 ? "UNIQUE " : "";
	char	   *head = psprintf("CREATE %sINDEX %s ON ", unique, quote_identifier(piece->name));

	piece->inherited = get_rel_relispartition(index);
	piece->create = replace_head(piece, definition,
								 psprintf("%s%s", head, relation_name(piece->relation)), head);
	piece->drop = make_statement(piece, "DROP INDEX ", PIECE_SCHEMA,
								 psprintf(".%s", quote_identifier(piece->name)));
}

static void
raise_unexpected(const Piece *piece)
{
	elog(ERROR, "unexpected definition of %s \"%s\"", piece_kind_name(piece->kind), piece->name);
}

/* The statement in a column of the last result. */
static PieceStatement
query_statement(const Piece *piece, uint64 row, int column)
{
	PieceStatement statement = {0};
	bool		   is_null;
	Datum		   value = query_value(row, column, &is_null);
	Datum		  *parts;
	bool		  *nulls;

	if (is_null)
		raise_unexpected(piece);
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &parts, &nulls,
					  &statement.count);
	statement.parts = palloc(sizeof(char *) * statement.count);
	for (int i = 0; i < statement.count; i++)
	{
		if (nulls[i])
			raise_unexpected(piece);
		statement.parts[i] = TextDatumGetCString(parts[i]);
	}
	return statement;
}

static bool
is_printed_in_c(const PieceSource *source)
{
	return source->method == PIECE_BY_CONSTRAINT || source->method == PIECE_BY_INDEX;
}

static Piece *
piece_from_row(const PieceSource *source, uint64 row)
{
	Piece *piece = palloc0(sizeof(Piece));

	piece->kind = source - piece_sources;
	piece->relation = query_oid(row, 1);
	piece->name = query_text(row, 2);
	if (is_printed_in_c(source))
		return piece;
	piece->create = query_statement(piece, row, 3);
	piece->drop = query_statement(piece, row, 4);
	if (SPI_tuptable->tupdesc->natts >= 5)
		piece->column = query_text(row, 5);
	if (SPI_tuptable->tupdesc->natts >= 7)
	{
		piece->place = (int) query_count(row, 6);
		piece->role = query_oid(row, 7);
	}
	return piece;
}

/*
 * Print the statements of pieces from constraints or indexes, whose oids are in the order of the
 * pieces.  A definition takes several kB to print, and a thousand tables have many.
 */
static void
print_pieces(const PieceSource *source, List *pieces, List *oids, const char *path)
{
	MemoryContext work =
		AllocSetContextCreate(CurrentMemoryContext, "pg_gray definition", ALLOCSET_DEFAULT_SIZES);
	MemoryContext before = MemoryContextSwitchTo(work);
	ListCell	 *cell;
	ListCell	 *oid;

	role_pin_setting("search_path", path);
	forboth(cell, pieces, oid, oids)
	{
		if (source->method == PIECE_BY_CONSTRAINT)
			print_constraint(lfirst(cell), lfirst_oid(oid));
		else
			print_index(lfirst(cell), lfirst_oid(oid));
		MemoryContextReset(work);
	}
	role_pin_setting("search_path", ROLE_SAFE_PATH);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(work);
}

static List *
load_source(const PieceSource *source, List *relations, const char *path)
{
	QueryArgs args = {0};
	List	 *pieces = NIL;
	List	 *oids = NIL;
	uint64	  rows;

	query_arg_oids(&args, relations);
	query_arg_text(&args, path);
	rows = query_run(source->sql, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		pieces = lappend(pieces, piece_from_row(source, row));
		if (is_printed_in_c(source))
			oids = lappend_oid(oids, query_oid(row, 3));
	}
	SPI_freetuptable(SPI_tuptable);
	if (oids != NIL)
		print_pieces(source, pieces, oids, path);
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

static bool
is_in_scope(PieceKind kind, PieceScope scope)
{
	switch (scope)
	{
		case PIECES_ALL:
			return true;
		case PIECES_BUT_FOREIGN_KEYS:
			return piece_sources[kind].method != PIECE_BY_FOREIGN_KEY;
		case PIECES_THAT_REFUSE:
			break;
	}
	return kind == PIECE_CONSTRAINT || kind == PIECE_INDEX || kind == PIECE_FOREIGN_KEY;
}

List *
piece_load(List *relations, const char *path, PieceScope scope)
{
	List *pieces = NIL;

	for (PieceKind kind = 0; kind < PIECE_KINDS; kind++)
	{
		if (is_in_scope(kind, scope))
			pieces = list_concat(pieces, load_source(&piece_sources[kind], relations, path));
	}
	rank_pieces(pieces, relations);
	list_sort(pieces, compare_cells);
	return pieces;
}

/*
 * Using
 */

static char *
name_for(const char *word, Oid relation)
{
	if (strcmp(word, PIECE_TABLE) == 0)
		return relation_name(relation);
	return pstrdup(quote_identifier(get_namespace_name(get_rel_namespace(relation))));
}

char *
piece_statement(const PieceStatement *statement, unsigned int relation)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < statement->count; i++)
		appendStringInfoString(&text, i % 2 == 0 ? statement->parts[i]
												 : name_for(statement->parts[i], relation));
	return text.data;
}

int
piece_compare(const Piece *a, const Piece *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->name, b->name);
}

int
piece_compare_place(const Piece *a, const Piece *b)
{
	if (a->kind == b->kind && a->rank == b->rank && a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return piece_compare(a, b);
}

bool
piece_equal(const Piece *a, const Piece *b)
{
	if (a->create.count != b->create.count)
		return false;
	for (int i = 0; i < a->create.count; i++)
	{
		if (strcmp(a->create.parts[i], b->create.parts[i]) != 0)
			return false;
	}
	return true;
}
