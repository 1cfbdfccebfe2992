/*
 * made_load.c: loads the queries by which the migration makes rows of own tables
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "own/made_load.h"
#include "postgres/query.h"
#include "release/release.h"

static const Column *
find_column(const Twin *own, const char *name)
{
	for (int i = 0; i < own->column_count; i++)
	{
		if (strcmp(own->columns[i].name[SIDE_GRAY], name) == 0)
			return &own->columns[i];
	}
	return NULL;
}

static const Twin *
find_own(const TwinSet *set, int position)
{
	for (int i = 0; i < set->own_count; i++)
	{
		if (set->own[i].position == position)
			return &set->own[i];
	}
	return NULL;
}

static void
add_column(MadeRows *made, uint64 row)
{
	MadeColumn *column = palloc(sizeof(MadeColumn));

	column->name = query_text(row, 3);
	column->column = find_column(made->own, column->name);
	column->is_key = query_bool(row, 4);
	made->columns = lappend(made->columns, column);
}

List *
made_load(const Release *release, const TwinSet *set)
{
	QueryArgs args = {0};
	List	 *all = NIL;
	MadeRows *made = NULL;
	uint64	  rows;

	if (set->own_count == 0)
		return NIL;
	query_arg_int(&args, release->id);
	rows = query_run("SELECT m.position, m.query, quote_ident(c.name), c.name = ANY (m.key_columns)"
					 " FROM gray.made_rows m, unnest(m.columns) WITH ORDINALITY AS c (name, n)"
					 " WHERE m.release_id = $1 ORDER BY m.position, c.n",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		const Twin *own = find_own(set, query_int(row, 1));

		if (own == NULL)
			continue;
		if (made == NULL || made->own != own)
		{
			made = palloc0(sizeof(MadeRows));
			made->own = own;
			made->query = query_text(row, 2);
			all = lappend(all, made);
		}
		add_column(made, row);
	}
	return all;
}
