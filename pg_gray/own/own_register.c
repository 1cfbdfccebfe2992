/*
 * own_register.c: registers the tables that only version 2 has
 *
 * A table of users gets a parked table, gray.parked_ID_POSITION: its columns but the generated
 * ones, with the same types and without constraints, and these:
 *
 *   parked_uid    the user to whom the row belongs
 *   parked_waits  the user may be in gray, but the row is not there (park.h)
 *   parked_late   the row was put aside during the user's present stay
 *
 * A column of the parked table follows its column of the gray table by attribute number, and keeps
 * its first name.  A change of the type is followed when every value stays the same value.
 * Otherwise the column stays as it is as long as there are rows: only the author of the upgrade
 * knows what became of the values.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "fence/fence.h"
#include "own/own_find.h"
#include "own/own_register.h"
#include "postgres/catalog.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/own_load.h"
#include "release/privilege.h"
#include "release/release.h"

#define PARKED_FLAGS "parked_uid", "parked_waits", "parked_late"

static void
lock_registry(void)
{
	if (!ConditionalLockRelationOid(catalog_relation("release_table"), ShareRowExclusiveLock))
		ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
						errmsg("could not obtain lock on relation \"gray.release_table\""),
						errdetail("Version 2 has a new table or column that is to be registered.")));
}

/*
 * Columns
 */

static QueryArgs
table_args(const Release *release, int position)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_int(&args, position);
	return args;
}

/* Return a name for a new column of the parked table: the column's own, or one like it. */
static char *
parked_name(Oid parked, const char *name)
{
	static const char *const flags[] = {PARKED_FLAGS};
	char					*free = pstrdup(name);
	bool					 taken = true;

	for (int i = 2; taken; i++)
	{
		taken = OidIsValid(parked) && get_attnum(parked, free) != InvalidAttrNumber;
		for (size_t flag = 0; flag < lengthof(flags); flag++)
			taken |= strcmp(free, flags[flag]) == 0;
		if (taken)
			free = psprintf("%.*s_%d", NAMEDATALEN - 12, name, i);
	}
	return free;
}

static void
register_column(const Release *release, int position, const Column *column, const char *parked)
{
	QueryArgs args = table_args(release, position);

	query_arg_int(&args, column->attnum[SIDE_GRAY]);
	query_arg_text(&args,
				   get_attname(column->relation[SIDE_GRAY], column->attnum[SIDE_GRAY], false));
	query_arg_text(&args, parked);
	query_run("INSERT INTO gray.own_column (release_id, position, attnum, name, parked_name)"
			  " VALUES ($1, $2, $3, $4::name, $5::name)",
			  &args);
}

/* Return the type of a column as a parked column has it. */
static char *
type_text(const Column *column)
{
	char *type = format_type_with_typemod(column->type[SIDE_GRAY], column->typmod[SIDE_GRAY]);

	if (!OidIsValid(column->collation[SIDE_GRAY]))
		return type;
	return psprintf("%s COLLATE %s", type, generate_collation_name(column->collation[SIDE_GRAY]));
}

static bool
has_rows(const Twin *own)
{
	return query_run(psprintf("SELECT 1 FROM %s LIMIT 1", own->parked_table), NULL) > 0;
}

/*
 * Rows that were parked before the column was added get its default, as rows in the gray table did.
 * The default may call a function: it is evaluated as the owner of the table.
 */
static void
fill_column(const Twin *own, const Column *column, const char *name)
{
	RoleSwitch before;

	role_become(&before, relation_owner(own->relation[SIDE_GRAY]));
	query_run(psprintf("UPDATE %s SET %s = %s", own->parked_table, quote_identifier(name),
					   column_default(column, SIDE_GRAY)),
			  NULL);
	role_return(&before);
}

static void
add_column(const Release *release, const Twin *own, const Column *column)
{
	Oid	  parked = catalog_relation(own->parked_table + strlen(CATALOG_SCHEMA "."));
	char *name = parked_name(parked, get_attname(column->relation[SIDE_GRAY],
												 column->attnum[SIDE_GRAY], false));

	query_run(psprintf("ALTER TABLE %s ADD COLUMN %s %s", own->parked_table, quote_identifier(name),
					   type_text(column)),
			  NULL);
	if (has_rows(own))
		fill_column(own, column, name);
	register_column(release, own->position, column, name);
}

/*
 * Types
 */

/* True when a longer length keeps every value of a type as it is. */
static bool
is_wider(Oid type, int32 from, int32 to)
{
	if (to == -1 || from == to)
		return true;
	switch (type)
	{
		case VARCHAROID:
		case VARBITOID:
			return from != -1 && to >= from;
		case NUMERICOID:
			/* More digits on both sides of the point: see numeric_support. */
			return from != -1 && ((to - VARHDRSZ) & 0x7ff) == ((from - VARHDRSZ) & 0x7ff) &&
				   ((to - VARHDRSZ) >> 16) >= ((from - VARHDRSZ) >> 16);
		default:
			return false;
	}
}

/* True when the parked column can get the type of the gray column, and every value stays the same. */
static bool
is_lossless(Oid type, int32 typmod, const Column *column)
{
	if (type == column->type[SIDE_GRAY])
		return is_wider(type, typmod, column->typmod[SIDE_GRAY]);
	return column->typmod[SIDE_GRAY] == -1 && IsBinaryCoercible(type, column->type[SIDE_GRAY]);
}

/* Return true when the type of the parked column was changed. */
static bool
follow_type(const Twin *own, const Column *column)
{
	Oid	  parked = catalog_relation(own->parked_table + strlen(CATALOG_SCHEMA "."));
	Oid	  type;
	int32 typmod;
	Oid	  collation;

	if (column->parked == NULL || column->parked_fits)
		return false;
	get_atttypetypmodcoll(parked, column->parked_attnum, &type, &typmod, &collation);
	if (is_lossless(type, typmod, column))
		query_run(psprintf("ALTER TABLE %s ALTER %s TYPE %s", own->parked_table, column->parked,
						   type_text(column)),
				  NULL);
	else if (!has_rows(own))
		query_run(psprintf("ALTER TABLE %s ALTER %s TYPE %s USING NULL", own->parked_table,
						   column->parked, type_text(column)),
				  NULL);
	else
		return false;
	return true;
}

static bool
follow_types(const TwinSet *set)
{
	bool changed = false;

	for (int i = 0; i < set->own_count; i++)
	{
		for (int j = 0; j < set->own[i].column_count; j++)
			changed |= follow_type(&set->own[i], &set->own[i].columns[j]);
	}
	return changed;
}

/*
 * Registered tables
 */

static void
rename_column(const Release *release, const Twin *own, const Column *column)
{
	QueryArgs args = table_args(release, own->position);

	query_arg_int(&args, column->registered);
	query_arg_int(&args, column->attnum[SIDE_GRAY]);
	query_arg_text(&args,
				   get_attname(column->relation[SIDE_GRAY], column->attnum[SIDE_GRAY], false));
	query_run("UPDATE gray.own_column SET attnum = -$4, name = $5::name"
			  " WHERE release_id = $1 AND position = $2 AND attnum = $3",
			  &args);
}

/*
 * Numbers may be exchanged, as in a restored dump: so each row is written with the negative of its
 * new number first.  Rows of dropped columns are deleted; the parked column stays, out of use.
 */
static void
remember_columns(const Release *release, const Twin *own)
{
	QueryArgs args = table_args(release, own->position);

	for (int i = 0; i < own->column_count; i++)
	{
		if (own->columns[i].parked != NULL)
			rename_column(release, own, &own->columns[i]);
	}
	query_run("DELETE FROM gray.own_column WHERE release_id = $1 AND position = $2 AND attnum > 0",
			  &args);
	query_run("UPDATE gray.own_column SET attnum = -attnum WHERE release_id = $1 AND position = $2",
			  &args);
	for (int i = 0; i < own->column_count; i++)
	{
		const Column *column = &own->columns[i];

		if (column->parked == NULL && !column->generated[SIDE_GRAY])
			add_column(release, own, column);
	}
}

/* Return "{1,2}", or null for no column. */
static char *
attnum_array(const int16 *attnums, int count)
{
	StringInfoData text;

	if (count == 0)
		return NULL;
	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%c%d", i == 0 ? '{' : ',', attnums[i]);
	appendStringInfoChar(&text, '}');
	return text.data;
}

/* The numbers by which the registry knows the columns of the parent. */
static char *
parent_array(const Twin *own)
{
	int16 *attnums = palloc(sizeof(int16) * Max(own->path_count, 1));

	for (int i = 0; i < own->path_count; i++)
		attnums[i] =
			own->parent_columns[i]
				->attnum[OidIsValid(own->parent->relation[SIDE_PRODUCTION]) ? SIDE_PRODUCTION
																			: SIDE_GRAY];
	return attnum_array(attnums, own->path_count);
}

static char *
path_array(const Twin *own)
{
	int16 *attnums = palloc(sizeof(int16) * Max(own->path_count, 1));

	for (int i = 0; i < own->path_count; i++)
		attnums[i] = own->path_columns[i]->attnum[SIDE_GRAY];
	return attnum_array(attnums, own->path_count);
}

static void
remember_table(const Release *release, const Twin *own)
{
	QueryArgs args = table_args(release, own->position);

	remember_columns(release, own);
	query_arg_text(&args, own->table[SIDE_GRAY]);
	query_arg(&args, OIDOID, ObjectIdGetDatum(own->relation[SIDE_GRAY]));
	query_arg_int(&args, own->uid_column != NULL ? own->uid_column->attnum[SIDE_GRAY] : 0);
	query_arg_text(&args, path_array(own));
	query_arg_text(&args, parent_array(own));
	query_run("UPDATE gray.own_table SET gray = $3, gray_oid = $4, uid_attnum = nullif($5, 0),"
			  " path_attnums = $6::smallint[], parent_attnums = $7::smallint[]"
			  " WHERE release_id = $1 AND position = $2",
			  &args);
}

/*
 * New tables
 */

/* Return the twin or own table that a path leads to, and its position. */
static const Twin *
find_parent(const TwinSet *set, const OwnerPath *path)
{
	const Twin *parent = twin_find(set, SIDE_GRAY, path->parent);

	return parent != NULL ? parent : twin_find_own(set, path->parent);
}

/* Return the numbers by which the registry knows the parent's columns. */
static char *
registered_array(const Twin *parent, const OwnerPath *path)
{
	int16 attnums[OWNER_PATH_MAX_COLUMNS];

	for (int i = 0; i < path->count; i++)
	{
		const Column *column = twin_column(parent, SIDE_GRAY, path->parent_attnums[i]);

		if (OidIsValid(parent->relation[SIDE_PRODUCTION]) && !column_is_pair(column))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("table %s leads to its users over column %s of table %s, which production does not have",
							relation_name(path->table), column->name[SIDE_GRAY],
							parent->table[SIDE_GRAY]),
					 errhint("Give the table a column that holds the uid, and name it: SELECT gray_add_table(%s, 'user_id').",
							 quote_literal_cstr(relation_name(path->table)))));
		attnums[i] = OidIsValid(parent->relation[SIDE_PRODUCTION]) ? column->attnum[SIDE_PRODUCTION]
																   : column->attnum[SIDE_GRAY];
	}
	return attnum_array(attnums, path->count);
}

static int
insert_table(const Release *release, const TwinSet *set, Oid table, const OwnerPath *path)
{
	QueryArgs	args = {0};
	bool		by_path = path != NULL && path->uid_attnum == 0;
	const Twin *parent = by_path ? find_parent(set, path) : NULL;

	query_arg_int(&args, release->id);
	query_arg_text(&args, relation_name(table));
	query_arg(&args, OIDOID, ObjectIdGetDatum(table));
	query_arg(&args, BOOLOID, BoolGetDatum(path == NULL));
	query_arg_int(&args, path != NULL ? path->uid_attnum : 0);
	query_arg_int(&args, by_path ? parent->position : 0);
	query_arg_text(&args, by_path ? attnum_array(path->attnums, path->count) : NULL);
	query_arg_text(&args, by_path ? registered_array(parent, path) : NULL);
	query_run("INSERT INTO gray.own_table (release_id, position, gray, gray_oid, is_shared, uid_attnum,"
			  " parent_position, path_attnums, parent_attnums)"
			  " SELECT $1, 1 + greatest((SELECT max(position) FROM gray.release_table WHERE release_id = $1),"
			  " (SELECT max(position) FROM gray.own_table WHERE release_id = $1)),"
			  " $2, $3, $4, nullif($5, 0), nullif($6, 0), $7::smallint[], $8::smallint[] RETURNING position",
			  &args);
	return query_int(0, 1);
}

static void
create_parked(const Release *release, const TwinSet *set, int position, Oid table)
{
	char		  *name = psprintf("parked_%d_%d", release->id, position);
	char		  *parked = psprintf(CATALOG_SCHEMA ".%s", name);
	int			   natts = relation_attribute_count(table);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "CREATE TABLE %s (parked_uid %s NOT NULL, parked_waits boolean NOT NULL DEFAULT false,"
					 " parked_late boolean NOT NULL DEFAULT false",
					 parked, format_type_be_qualified(release->uid_type));
	for (int attnum = 1; attnum <= natts; attnum++)
	{
		Column column = {0};
		char  *column_name;

		if (!column_load(&column, SIDE_GRAY, table, attnum) || column.generated[SIDE_GRAY])
			continue;
		column_name = parked_name(InvalidOid, get_attname(table, attnum, false));
		appendStringInfo(&sql, ", %s %s", quote_identifier(column_name), type_text(&column));
		register_column(release, position, &column, column_name);
	}
	appendStringInfoChar(&sql, ')');
	query_run(sql.data, NULL);
	query_run(psprintf("CREATE INDEX ON %s (parked_uid)", parked), NULL);
	query_run(psprintf("CREATE INDEX ON %s (parked_uid) WHERE parked_waits", parked), NULL);
	query_run(psprintf("COMMENT ON TABLE %s IS %s", parked,
					   quote_literal_cstr(psprintf("rows of %s that belong to users who are at home",
												   relation_name(table)))),
			  NULL);
	privilege_close_table(catalog_relation(name));
	query_run(psprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s", parked,
					   quote_identifier(GetUserNameFromId(twin_owner_role(set), false))),
			  NULL);
}

/* Writers of the table may be waiting for a move that is under way: so it waits for nobody. */
static void
put_up_fence(const Release *release, Oid table)
{
	RoleSwitch before;

	if (!release->is_open || !ConditionalLockRelationOid(table, ShareRowExclusiveLock))
		return;
	role_become(&before, relation_owner(table));
	fence_up_gray(release, table);
	role_return(&before);
}

void
own_register(const Release *release, const TwinSet *set, unsigned int table, const OwnerPath *path)
{
	int position = insert_table(release, set, table, path);

	if (path == NULL)
		return;
	create_parked(release, set, position, table);
	put_up_fence(release, table);
}

void
own_unregister(const Release *release, int position, unsigned int table)
{
	QueryArgs args = table_args(release, position);

	fence_remove(list_make1_oid(table));
	query_run(psprintf("DROP TABLE IF EXISTS " CATALOG_SCHEMA ".parked_%d_%d", release->id,
					   position),
			  NULL);
	query_run("DELETE FROM gray.own_table WHERE release_id = $1 AND position = $2", &args);
}

/* Return the first of the tables (OwnTable) whose rows belong to users; null: there is none. */
static const OwnTable *
first_of_users(const List *tables)
{
	const OwnTable *first = tables == NIL ? NULL : linitial(tables);

	return first != NULL && first->kind == OWN_USERS ? first : NULL;
}

/* A table may lead to its users over another new one, which has to be loaded first. */
static bool
register_new(const Release *release, const TwinSet *set)
{
	const OwnTable *next = first_of_users(own_find(release, set));
	bool			any = next != NULL;

	if (any)
		lock_registry();
	while (next != NULL)
	{
		TwinSet now = *set;

		own_register(release, set, next->relation, next->path);
		CommandCounterIncrement();
		now.own_count = 0;
		own_load(release, &now);
		set = memcpy(palloc(sizeof(TwinSet)), &now, sizeof(TwinSet));
		next = first_of_users(own_find(release, set));
	}
	return any;
}

bool
own_refresh(const Release *release, const TwinSet *set)
{
	bool changed = register_new(release, set);

	changed |= follow_types(set);
	if (!set->own_outdated)
		return changed;
	lock_registry();
	for (int i = 0; i < set->own_count; i++)
		remember_table(release, &set->own[i]);
	return true;
}
