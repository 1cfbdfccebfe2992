/*
 * owner_route.c: loads the route by which the rows of a table lead to their user, on one side
 *
 * The registry names columns by the attribute numbers of the production table, with gray's numbers
 * beside them in gray.column_pair.  Where a table is not the one to which the numbers belong
 * (after the restore of a dump, or when it was created anew), columns are found by their last
 * known name.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "owner/owner_route.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/session_cache.h"
#include "release/registry.h"
#include "release/release.h"
#include "release/release_table.h"

/* A row of gray.release_table, as one side sees it. */
typedef struct Registered
{
	int			position;
	char	   *name; /* as registered */
	Oid			relation;
	bool		known; /* the registry's attribute numbers belong to this relation */
	AttrNumber	uid;
	int			parent_position; /* 0: the table has the uid */
	int			path_count;
	AttrNumber *path;	/* columns of this table */
	AttrNumber *parent; /* columns of the next table */
	bool		own;	/* an own table (own_load.h): columns are registered by its own numbers */
} Registered;

static Registered
read_registered(const Release *release, Side side, const Registry *row)
{
	const char *oid_column = side == SIDE_GRAY ? "gray_oid" : "production_oid";
	Oid			registered = registry_oid(row, oid_column);
	Registered	table = {.position = registry_int(row, "position"),
						 .name = registry_text(row, side_name(side)),
						 .uid = registry_int(row, "uid_attnum"),
						 .parent_position = registry_int(row, "parent_position")};

	table.relation = release_table_now(table.name, registered, release->in_place);
	table.known = release->in_place && table.relation == registered;
	table.path_count = registry_attnums(row, "path_attnums", &table.path);
	(void) registry_attnums(row, "parent_attnums", &table.parent);
	return table;
}

/*
 * One of the two tables of the registry that name tables of a release: its name, its indexes by
 * position and by name.
 */
typedef struct Source
{
	const char *name;
	const char *by_position;
	const char *by_name[2]; /* by Side */
	bool		own;
} Source;

static const Source twins = {"release_table",
							 "release_table_pkey",
							 {"release_table_production_key", "release_table_gray_key"},
							 false};
static const Source own_tables = {"own_table", "own_table_pkey", {NULL, "own_table_gray_key"}, true};

/* The rows of an own table that is shared are nobody's. */
static bool
is_users(const Source *source, const Registry *row)
{
	return !source->own || !registry_bool(row, "is_shared");
}

/* Find the first row with these keys that belongs to the release; false: there is none. */
static bool
find_registered(const Release *release, Side side, const Source *source, const char *index,
				const RegistryKey *keys, int count, Registered *table)
{
	Registry row = registry_begin(source->name, index, keys, count);
	bool	 found = false;

	while (!found && registry_next(&row))
	{
		found = registry_int(&row, "release_id") == release->id && is_users(source, &row);
		if (!found)
			continue;
		*table = read_registered(release, side, &row);
		table->own = source->own;
	}
	registry_end(&row);
	return found;
}

static bool
find_at_in(const Release *release, Side side, const Source *source, int position, Registered *table)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(position)}};

	return find_registered(release, side, source, source->by_position, keys, 2, table);
}

static bool
find_at(const Release *release, Side side, int position, Registered *table)
{
	return find_at_in(release, side, &twins, position, table) ||
		   (side == SIDE_GRAY && find_at_in(release, side, &own_tables, position, table));
}

/*
 * Find the row by the table's name, or else by the Oid that the table had.  A renamed table may have
 * the name of a table that is gone.
 */
static bool
find_root_in(const Release *release, Side side, const Source *source, Oid root, Registered *table)
{
	RegistryKey name = {side_name(side), CStringGetTextDatum(relation_name(root))};
	RegistryKey oid = {side == SIDE_GRAY ? "gray_oid" : "production_oid", ObjectIdGetDatum(root)};

	if (find_registered(release, side, source, source->by_name[side], &name, 1, table) &&
		table->relation == root)
		return true;
	return release->in_place && find_registered(release, side, source, NULL, &oid, 1, table);
}

static bool
find_root(const Release *release, Side side, Oid root, Registered *table)
{
	return find_root_in(release, side, &twins, root, table) ||
		   (side == SIDE_GRAY && find_root_in(release, side, &own_tables, root, table));
}

/* Load a table and its parents, in this order. */
static Registered *
load_way(const Release *release, Side side, Registered first, int *count)
{
	Registered *way = palloc(sizeof(Registered));

	way[0] = first;
	*count = 1;
	while (way[*count - 1].parent_position != 0)
	{
		way = repalloc(way, sizeof(Registered) * (*count + 1));
		if (!find_at(release, side, way[*count - 1].parent_position, &way[*count]))
			break;
		(*count)++;
	}
	return way;
}

/*
 * Columns
 */

/*
 * Return the column's number on this side, from the registry's number and name; 0: there is no
 * such pair.
 */
static AttrNumber
registered_pair(const Release *release, Side side, const Registered *table, AttrNumber production,
				char **name)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(table->position)},
						  {"production_attnum", Int16GetDatum(production)}};
	Registry	row = registry_begin("column_pair", "column_pair_pkey", keys, 3);
	AttrNumber	attnum = InvalidAttrNumber;

	if (registry_next(&row))
	{
		attnum = registry_int(&row, side == SIDE_GRAY ? "gray_attnum" : "production_attnum");
		*name = registry_text(&row, side == SIDE_GRAY ? "gray_name" : "production_name");
	}
	registry_end(&row);
	return attnum;
}

/* The same for a column of an own table: the number by which it is registered is its own. */
static char *
registered_own_name(const Release *release, const Registered *table, AttrNumber attnum)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(table->position)},
						  {"attnum", Int16GetDatum(attnum)}};
	Registry	row = registry_begin("own_column", "own_column_pkey", keys, 3);
	char	   *name = registry_next(&row) ? registry_text(&row, "name") : NULL;

	registry_end(&row);
	return name;
}

static AttrNumber
present_own_attnum(const Release *release, const Registered *table, AttrNumber attnum)
{
	char *name;

	if (table->known)
		return attnum;
	name = registered_own_name(release, table, attnum);
	return name == NULL ? InvalidAttrNumber : get_attnum(table->relation, name);
}

/* Return the present number of a registered column; 0: the column is gone. */
static AttrNumber
present_attnum(const Release *release, Side side, const Registered *table, AttrNumber production)
{
	char	  *name = NULL;
	AttrNumber attnum;

	if (table->own)
		return present_own_attnum(release, table, production);
	if (side == SIDE_PRODUCTION && table->known)
		return production;
	attnum = registered_pair(release, side, table, production, &name);
	if (attnum == InvalidAttrNumber || table->known)
		return attnum;
	return get_attnum(table->relation, name);
}

/* Return false when the column is gone. */
static bool
load_column(OwnerColumn *column, Oid relation, AttrNumber attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Form_pg_attribute attribute;
	bool			  live;

	if (!HeapTupleIsValid(tuple))
		return false;
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	live = !attribute->attisdropped;
	column->attnum = attnum;
	column->name = pstrdup(quote_identifier(NameStr(attribute->attname)));
	column->type = attribute->atttypid;
	column->collation = attribute->attcollation;
	ReleaseSysCache(tuple);
	return live;
}

/* Return null when one of the columns is gone. */
static OwnerColumn *
load_columns(const Release *release, Side side, const Registered *table, const AttrNumber *attnums,
			 int count)
{
	OwnerColumn *columns = palloc(sizeof(OwnerColumn) * count);

	for (int i = 0; i < count; i++)
	{
		AttrNumber attnum = present_attnum(release, side, table, attnums[i]);

		if (attnum <= 0 || !load_column(&columns[i], table->relation, attnum))
			return NULL;
	}
	return columns;
}

/*
 * Steps
 */

/*
 * Load the step from a table to the next one, or to the uid at the end of the route; return the
 * reason why it can't be loaded, or null.
 */
static char *
load_step(OwnerStep *step, const Release *release, Side side, const Registered *table,
		  const Registered *next)
{
	step->position = table->position;
	step->relation = table->relation;
	if (!OidIsValid(table->relation) || (next != NULL && !OidIsValid(next->relation)))
		return psprintf("table %s does not exist",
						OidIsValid(table->relation) ? next->name : table->name);
	step->table = relation_name(table->relation);
	step->count = next == NULL ? 1 : table->path_count;
	step->columns =
		load_columns(release, side, table, next == NULL ? &table->uid : table->path, step->count);
	if (step->columns == NULL)
		return psprintf("a column of table %s that leads to the user was dropped", step->table);
	if (next == NULL)
		return NULL;
	step->referred = load_columns(release, side, next, table->parent, step->count);
	if (step->referred == NULL)
		return psprintf("a column of table %s that leads to the user was dropped",
						relation_name(next->relation));
	return NULL;
}

static OwnerRoute *
route_from(const Release *release, Side side, Registered first)
{
	OwnerRoute *route = palloc0(sizeof(OwnerRoute));
	Registered *tables = load_way(release, side, first, &route->count);

	route->own = first.own;
	route->steps = palloc0(sizeof(OwnerStep) * route->count);
	for (int i = 0; i < route->count && route->broken == NULL; i++)
		route->broken = load_step(&route->steps[i], release, side, &tables[i],
								  i + 1 < route->count ? &tables[i + 1] : NULL);
	return route;
}

OwnerRoute *
owner_route_load(const Release *release, Side side, unsigned int relation)
{
	Registered first;

	if (!find_root(release, side, partition_root(relation), &first))
		return NULL;
	return route_from(release, side, first);
}

OwnerRoute *
owner_route_load_at(const Release *release, Side side, int position)
{
	Registered first;

	if (!find_at(release, side, position, &first))
		return NULL;
	return route_from(release, side, first);
}

void
owner_route_refuse_broken(const OwnerRoute *route, const Release *release, unsigned int table)
{
	if (route->broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s can't be told whose its rows are", relation_name(table)),
				 errdetail_internal("%s.", route->broken),
				 errhint("Nothing was written. SELECT * FROM gray_check('%s') shows what to mend.",
						 release->name)));
}

void
owner_route_made_of(const OwnerRoute *route, SessionEntry *entry)
{
	for (int i = 0; i < route->count; i++)
	{
		if (OidIsValid(route->steps[i].relation))
			session_cache_made_of(entry, route->steps[i].relation);
	}
}

/*
 * Children and descendants
 */

/* Append the tables of a source whose parent's position is among `parents`; with `deep`, add theirs. */
static List *
append_below(List *below, const Release *release, Side side, const Source *source,
			 Bitmapset **parents, bool deep)
{
	RegistryKey key = {"release_id", Int32GetDatum(release->id)};
	Registry	row = registry_begin(source->name, source->by_position, &key, 1);

	while (registry_next(&row))
	{
		Registered *table;

		if (!bms_is_member(registry_int(&row, "parent_position"), *parents))
			continue;
		table = palloc(sizeof(Registered));
		*table = read_registered(release, side, &row);
		table->own = source->own;
		below = lappend(below, table);
		if (deep)
			*parents = bms_add_member(*parents, table->position);
	}
	registry_end(&row);
	return below;
}

/*
 * Return the tables that refer to the table at a position; with `deep`, also all tables that refer
 * to these.  Owners come before what they own, and twins are never owned by own tables.
 */
static List *
load_below(const Release *release, Side side, int position, bool deep)
{
	Bitmapset *parents = bms_make_singleton(position);
	List	  *below = append_below(NIL, release, side, &twins, &parents, deep);

	if (side == SIDE_GRAY)
		below = append_below(below, release, side, &own_tables, &parents, deep);
	return below;
}

List *
owner_route_children(const Release *release, Side side, int position)
{
	List	  *children = NIL;
	Registered parent;
	ListCell  *cell;

	if (!find_at(release, side, position, &parent))
		return NIL;
	foreach(cell, load_below(release, side, position, false))
	{
		OwnerStep *step = palloc0(sizeof(OwnerStep));

		if (load_step(step, release, side, lfirst(cell), &parent) == NULL)
			children = lappend(children, step);
	}
	return children;
}

List *
owner_route_descendants(const Release *release, Side side, int position)
{
	List	 *descendants = NIL;
	ListCell *cell;

	foreach(cell, load_below(release, side, position, true))
	{
		const Registered *table = lfirst(cell);

		if (OidIsValid(table->relation))
			descendants = lappend_oid(descendants, table->relation);
	}
	return descendants;
}
