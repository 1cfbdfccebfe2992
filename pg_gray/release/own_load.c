/*
 * own_load.c: loads the own tables of a release, which only version 2 has
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/catalog.h"
#include "postgres/relation.h"
#include "postgres/sql_text.h"
#include "release/own_load.h"
#include "release/registry.h"
#include "release/release.h"
#include "release/release_table.h"

/* A row of gray.own_table. */
typedef struct Registered
{
	int		  position;
	Oid		  relation; /* 0: the table is gone */
	char	 *name;
	bool	  known; /* the attribute numbers belong to this relation */
	TwinOwner owner;
} Registered;

/* Return the tables (Registered) that belong to users, in order of position. */
static List *
load_registered(const Release *release)
{
	RegistryKey key = {"release_id", Int32GetDatum(release->id)};
	Registry	row = registry_begin("own_table", "own_table_pkey", &key, 1);
	List	   *tables = NIL;

	while (registry_next(&row))
	{
		Registered *table;
		Oid			oid = registry_oid(&row, "gray_oid");

		if (registry_bool(&row, "is_shared"))
			continue;
		table = palloc0(sizeof(Registered));
		table->position = registry_int(&row, "position");
		table->name = registry_text(&row, "gray");
		table->relation = release_table_now(table->name, oid, release->in_place);
		table->known = release->in_place && table->relation == oid;
		table->owner = twin_owner_read(&row);
		tables = lappend(tables, table);
	}
	registry_end(&row);
	return tables;
}

/*
 * Columns
 */

static void
load_columns(Twin *own)
{
	Relation table = table_open(own->relation[SIDE_GRAY], AccessShareLock);
	int		 natts = RelationGetNumberOfAttributes(table);

	own->columns = palloc0(sizeof(Column) * Max(natts, 1));
	own->shape = natts;
	for (int attnum = 1; attnum <= natts; attnum++)
	{
		Column *column = &own->columns[own->column_count];

		*column = (Column){0};
		if (!column_load(column, SIDE_GRAY, own->relation[SIDE_GRAY], attnum))
			continue;
		own->column_count++;
		own->shape = hash_combine64(own->shape, attnum);
		own->shape = hash_combine64(own->shape, column->type[SIDE_GRAY]);
		own->shape = hash_combine64(own->shape, column->typmod[SIDE_GRAY]);
	}
	table_close(table, NoLock);
}

/*
 * Parked types
 */

/* True for a type that belongs neither to PostgreSQL nor to an extension, or an array of it. */
static bool
is_of_application(Oid type)
{
	Oid element = get_element_type(type);
	Oid made = OidIsValid(element) ? getBaseType(element) : type;

	return made >= FirstNormalObjectId && !OidIsValid(getExtensionOfObject(TypeRelationId, made));
}

unsigned int
own_parked_type(const Column *column, int32_t *typmod)
{
	Oid base;

	*typmod = column->typmod[SIDE_GRAY];
	base = getBaseTypeAndTypmod(column->type[SIDE_GRAY], typmod);
	if (!is_of_application(base))
		return base;
	*typmod = -1;
	return TEXTOID;
}

static bool
is_parked_as_text(const Column *column)
{
	return is_of_application(getBaseType(column->type[SIDE_GRAY]));
}

void
own_parked_value(StringInfo sql, const Column *column, const char *expression)
{
	if (is_parked_as_text(column))
		sql_text_cast(sql, expression, getBaseType(column->type[SIDE_GRAY]), -1);
	else
		appendStringInfoString(sql, expression);
}

char *
own_value_to_park(const Column *column, const char *expression)
{
	return is_parked_as_text(column) ? psprintf("(%s)::text", expression) : pstrdup(expression);
}

static void
load_parked(Twin *own, Column *column, const char *name)
{
	Oid	  parked = catalog_relation(own->parked_table + strlen(CATALOG_SCHEMA "."));
	int32 wanted_typmod;
	Oid	  wanted = own_parked_type(column, &wanted_typmod);
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	column->parked = pstrdup(quote_identifier(name));
	column->parked_attnum = get_attnum(parked, name);
	get_atttypetypmodcoll(parked, column->parked_attnum, &type, &typmod, &collation);
	column->parked_fits = type == wanted && typmod == wanted_typmod;
}

/* Return false when the registry has another number or name of the column than the present one. */
static bool
load_registered_column(Twin *own, bool known, const Registry *row)
{
	AttrNumber	registered = registry_int(row, "attnum");
	const char *name = registry_text(row, "name");
	AttrNumber	attnum = known ? registered : get_attnum(own->relation[SIDE_GRAY], name);
	Column	   *column = twin_column(own, SIDE_GRAY, Max(attnum, 0));

	if (column == NULL)
		return true;
	column->registered = registered;
	load_parked(own, column, registry_text(row, "parked_name"));
	return attnum == registered && strcmp(column->name[SIDE_GRAY], quote_identifier(name)) == 0;
}

/* Return false when the registry does not have the columns as they are. */
static bool
load_registered_columns(const Release *release, Twin *own, bool known)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"position", Int32GetDatum(own->position)}};
	Registry	row = registry_begin("own_column", "own_column_pkey", keys, 2);
	bool		as_registered = true;

	while (registry_next(&row))
		as_registered &= load_registered_column(own, known, &row);
	registry_end(&row);
	for (int i = 0; i < own->column_count; i++)
		as_registered &= own->columns[i].parked != NULL || own->columns[i].generated[SIDE_GRAY];
	return as_registered;
}

/*
 * Owner
 */

static Twin *
find_parent(const TwinSet *set, int position)
{
	for (int i = 0; i < set->own_count; i++)
	{
		if (set->own[i].position == position)
			return &set->own[i];
	}
	return twin_at(set, position);
}

/* Return false when the table can't be told whose its rows are. */
static bool
load_own(Twin *own, const Release *release, const Registered *table, TwinSet *set)
{
	memset(own, 0, sizeof(Twin));
	if (!OidIsValid(table->relation) || twin_find(set, SIDE_GRAY, table->relation) != NULL ||
		twin_find_own(set, table->relation) != NULL)
		return false;
	own->position = table->position;
	own->relation[SIDE_GRAY] = table->relation;
	own->table[SIDE_GRAY] = relation_name(table->relation);
	own->known[SIDE_GRAY] = table->known;
	own->parked_table = psprintf(CATALOG_SCHEMA ".parked_%d_%d", release->id, own->position);
	load_columns(own);
	set->own_outdated |= !load_registered_columns(release, own, table->known) || !table->known ||
						 strcmp(own->table[SIDE_GRAY], table->name) != 0;
	return twin_set_owner(own, find_parent(set, table->owner.parent_position), &table->owner);
}

void
own_load(const Release *release, TwinSet *set)
{
	List	 *tables = load_registered(release);
	ListCell *cell;

	set->own = palloc(sizeof(Twin) * Max(list_length(tables), 1));
	foreach(cell, tables)
	{
		if (load_own(&set->own[set->own_count], release, lfirst(cell), set))
			set->own_count++;
	}
}

List *
own_parked_list(const Release *release)
{
	RegistryKey key = {"release_id", Int32GetDatum(release->id)};
	Registry	row = registry_begin("own_table", "own_table_pkey", &key, 1);
	List	   *names = NIL;

	while (registry_next(&row))
	{
		if (!registry_bool(&row, "is_shared"))
			names = lappend(names, psprintf(CATALOG_SCHEMA ".parked_%d_%d", release->id,
											registry_int(&row, "position")));
	}
	registry_end(&row);
	return names;
}

char *
own_parked_tables(const Release *release)
{
	StringInfoData names;
	ListCell	  *cell;

	initStringInfo(&names);
	foreach(cell, own_parked_list(release))
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", (char *) lfirst(cell));
	return names.len == 0 ? NULL : names.data;
}
