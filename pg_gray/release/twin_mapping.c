/*
 * twin_mapping.c: reads and writes the registry of gray_map's expressions
 *
 * An expression belongs to the column whose value it computes: `up` to a column of the gray table,
 * `down` to a column of the production table.  So the expression stays valid when the column gets
 * or loses its twin.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/query.h"
#include "release/registry.h"
#include "release/release.h"
#include "release/twin_mapping.h"

/*
 * Return false when the registry has another number or name of the column than the present one, if
 * the column still exists.
 */
static bool
load_expression(const Twin *twin, Side side, const Registry *row)
{
	Oid		   relation = twin->relation[side];
	AttrNumber registered = registry_int(row, "attnum");
	char	  *name = registry_text(row, "name");
	AttrNumber attnum = twin->known[side] ? registered : get_attnum(relation, name);
	Column	  *column = attnum > 0 ? twin_column(twin, side, attnum) : NULL;
	uint64	   mapped = column_full_xid(HeapTupleHeaderGetRawXmin(row->row->t_data));

	if (column == NULL)
		return false;
	column->map[side] = registry_text(row, "expression");
	column->mapped = Max(column->mapped, mapped);
	return attnum == registered && strcmp(name, get_attname(relation, attnum, false)) == 0;
}

void
twin_mapping_load(const Release *release, TwinSet *set)
{
	RegistryKey key = {"release_id", Int32GetDatum(release->id)};
	Registry	row = registry_begin("column_map", "column_map_pkey", &key, 1);

	while (registry_next(&row))
	{
		const Twin *twin = twin_at(set, registry_int(&row, "position"));

		if (twin != NULL)
			set->outdated |=
				!load_expression(twin, side_of_label(registry_text(&row, "side")), &row);
	}
	registry_end(&row);
}

static Mapping *
make_mapping(const Column *column, Side side)
{
	Mapping *mapping = palloc(sizeof(Mapping));

	*mapping = (Mapping){side, column->attnum[side], column->map[side]};
	return mapping;
}

List *
twin_mapping_list(const Twin *twin)
{
	List *mappings = NIL;

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		for (int i = 0; i < twin->column_count; i++)
		{
			if (twin->columns[i].map[side] != NULL)
				mappings = lappend(mappings, make_mapping(&twin->columns[i], side));
		}
	}
	return mappings;
}

void
twin_mapping_put(const Release *release, const Twin *twin, Side side, int attnum,
				 const char *expression)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	query_arg_text(&args, side_name(side));
	query_arg_int(&args, attnum);
	query_run("DELETE FROM gray.column_map WHERE release_id = $1 AND position = $2"
			  " AND side = $3::gray.side AND attnum = $4",
			  &args);
	if (expression == NULL)
		return;
	query_arg_text(&args, get_attname(twin->relation[side], attnum, false));
	query_arg_text(&args, expression);
	query_run("INSERT INTO gray.column_map (release_id, position, side, attnum, name, expression)"
			  " VALUES ($1, $2, $3::gray.side, $4, $5::name, $6)",
			  &args);
}

void
twin_mapping_remember(const Release *release, const Twin *twin)
{
	QueryArgs args = {0};
	ListCell *cell;

	query_arg_int(&args, release->id);
	query_arg_int(&args, twin->position);
	query_run("DELETE FROM gray.column_map WHERE release_id = $1 AND position = $2", &args);
	foreach(cell, twin_mapping_list(twin))
	{
		const Mapping *mapping = lfirst(cell);

		twin_mapping_put(release, twin, mapping->side, mapping->attnum, mapping->expression);
	}
}
