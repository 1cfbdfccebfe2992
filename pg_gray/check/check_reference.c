/*
 * check_reference.c: finds foreign keys because of which a user can't be moved alone
 *
 * Gray's foreign keys are checked against production's rows, which would come to gray.  The foreign
 * keys of production are checked against gray's rows, which would come home.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "check/check_count.h"
#include "check/check_reference.h"
#include "move/failed_row.h"
#include "owner/owner_sql.h"
#include "postgres/foreign_key.h"
#include "postgres/latest_snapshot.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/sql_text.h"
#include "reference/key_look.h"
#include "reference/key_values.h"
#include "reference/reference_action.h"
#include "release/twin_sql.h"

/* A valid foreign key of one side, which the rows of the other side would have to satisfy. */
typedef struct Demand
{
	const ForeignKeyCacheInfo *key;
	const char				  *name; /* quoted */
	Side					   side; /* the side of the foreign key */
	Side					   from; /* the side whose rows are checked */
	const Twin				  *twin;
	const Twin				  *parent;					 /* null: a table outside the release */
	const Column			  *columns[INDEX_MAX_KEYS];	 /* of twin */
	const Column			  *referred[INDEX_MAX_KEYS]; /* of parent */
} Demand;

static bool
is_valid(const ForeignKeyCacheInfo *key)
{
	HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
	bool	  valid;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", key->conoid);
	valid = ((Form_pg_constraint) GETSTRUCT(tuple))->convalidated;
	ReleaseSysCache(tuple);
	return valid;
}

static const Column *
root_column(const Twin *twin, Side side, Oid relation, AttrNumber attnum)
{
	return twin_pair(twin, side, partition_attnum(twin->relation[side], relation, attnum));
}

static bool
is_mapped(const Column *column)
{
	return column->map[SIDE_GRAY] != NULL || column->map[SIDE_PRODUCTION] != NULL;
}

/*
 * False when the values of a column are not known: the column is no pair, or the column that it
 * refers to is mapped.
 */
static bool
load_demand(Demand *demand, const TwinSet *set, const Twin *twin, Side side,
			const ForeignKeyCacheInfo *key)
{
	demand->key = key;
	demand->name = pstrdup(quote_identifier(get_constraint_name(key->conoid)));
	demand->side = side;
	demand->from = side == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
	demand->twin = twin;
	demand->parent = twin_find(set, side, partition_root(key->confrelid));
	for (int i = 0; i < key->nkeys; i++)
	{
		demand->columns[i] = root_column(twin, side, key->conrelid, key->conkey[i]);
		if (demand->columns[i] == NULL)
			return false;
		if (demand->parent == NULL)
			continue;
		demand->referred[i] = root_column(demand->parent, side, key->confrelid, key->confkey[i]);
		if (demand->referred[i] == NULL || is_mapped(demand->referred[i]))
			return false;
	}
	return true;
}

/*
 * Foreign keys that hold for sure
 */

/*
 * True when the referred row belongs to the same user, since the foreign key is the owner path or
 * contains the uid.
 */
static bool
leads_to_owner(const Demand *demand)
{
	const Twin *twin = demand->twin;
	const Twin *parent = demand->parent;
	int			found = 0;

	if (parent == NULL)
		return false;
	for (int i = 0; i < demand->key->nkeys; i++)
	{
		if (twin->uid_column != NULL && demand->columns[i] == twin->uid_column &&
			demand->referred[i] == parent->uid_column)
			return true;
		for (int j = 0; j < twin->path_count; j++)
			found += parent == twin->parent && twin->path_columns[j] == demand->columns[i] &&
					 twin->parent_columns[j] == demand->referred[i];
	}
	return twin->path_count > 0 && found == twin->path_count;
}

static bool
has_columns(const Demand *demand, const ForeignKeyCacheInfo *key)
{
	Oid to =
		demand->parent != NULL ? demand->parent->relation[demand->from] : demand->key->confrelid;

	if (key->nkeys != demand->key->nkeys || partition_root(key->confrelid) != partition_root(to))
		return false;
	for (int i = 0; i < key->nkeys; i++)
	{
		bool found = false;

		for (int j = 0; j < key->nkeys && !found; j++)
			found = root_column(demand->twin, demand->from, key->conrelid, key->conkey[j]) ==
					demand->columns[i];
		if (!found)
			return false;
	}
	return true;
}

/* True when the side that the rows come from has the same foreign key. */
static bool
holds_already(const Demand *demand)
{
	ListCell *cell;

	for (int i = 0; i < demand->key->nkeys; i++)
	{
		if (!column_is_verbatim(demand->columns[i]) ||
			demand->columns[i]->map[SIDE_PRODUCTION] != NULL)
			return false;
	}
	foreach(cell, foreign_key_list_family(demand->twin->relation[demand->from]))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);

		if (key->conrelid == demand->twin->relation[demand->from] && is_valid(key) &&
			has_columns(demand, key))
			return true;
	}
	return false;
}

/*
 * Counting
 */

/*
 * The value of the i-th column; sets *type.  The value is the stored value of the row's own side.
 * It is converted to the side of the foreign key if the column is mapped, or if the foreign key
 * refers to a table outside the release and a move would cast the value.
 */
static char *
value_of(const Demand *demand, int i, Oid *type)
{
	const Column  *column = demand->columns[i];
	StringInfoData value;

	if (!is_mapped(column) && (demand->parent != NULL || column_is_verbatim(column)))
	{
		*type = column->type[demand->from];
		return psprintf("%s.%s", twin_sql_alias(demand->from), column->name[demand->from]);
	}
	initStringInfo(&value);
	twin_sql_value(&value, column, demand->from);
	*type = column->type[demand->side];
	return value.data;
}

/* Append: row p or g refers to row r of the parent's table on a side. */
static void
append_refers(StringInfo sql, const Demand *demand, Side side)
{
	const ForeignKeyCacheInfo *key = demand->key;

	for (int i = 0; i < key->nkeys; i++)
	{
		const Column *referred = demand->referred[i];
		const char	 *name =
			  referred != NULL
				  ? referred->name[side]
				  : quote_identifier(get_attname(key->confrelid, key->confkey[i], false));
		Oid	  type;
		char *value = value_of(demand, i, &type);

		appendStringInfoString(sql, i == 0 ? "" : " AND ");
		sql_text_equal(sql, psprintf("r.%s", name),
					   referred != NULL ? referred->type[side]
										: get_atttype(key->confrelid, key->confkey[i]),
					   value, type);
	}
}

static void
append_not_null(StringInfo sql, const Demand *demand)
{
	Oid type;

	for (int i = 0; i < demand->key->nkeys; i++)
		appendStringInfo(sql, "%s(%s) IS NOT NULL", i == 0 ? "" : " AND ",
						 value_of(demand, i, &type));
}

static RowCount
count_rows(const Demand *demand, Counting *counting, const char *users, const char *rest)
{
	const char	  *alias = twin_sql_alias(demand->from);
	StringInfoData example;
	CountQuery	   query = {.relation = demand->twin->relation[demand->from],
							.alias = alias,
							.users = users,
							.rest = rest};

	initStringInfo(&example);
	failed_row_append_key(&example, demand->twin, demand->from, alias);
	query.example = example.data;
	return check_count(counting, &query);
}

/* Count the rows that refer to a row of another user, or of nobody. */
static RowCount
count_crossing(const Demand *demand, Counting *counting)
{
	StringInfoData rest;
	StringInfoData more;
	char		  *own;
	char		  *other;

	initStringInfo(&rest);
	initStringInfo(&more);
	own = owner_sql_join(&rest, demand->twin, demand->from, twin_sql_alias(demand->from), "JOIN");
	other = owner_sql_join(&more, demand->parent, demand->from, "r", "LEFT JOIN");
	appendStringInfo(&rest, " JOIN %s r ON ", demand->parent->table[demand->from]);
	append_refers(&rest, demand, demand->from);
	appendStringInfo(&rest, "%s WHERE %s IS NOT NULL AND %s IS DISTINCT FROM %s", more.data, own,
					 own, other);
	return count_rows(demand, counting, own, rest.data);
}

/*
 * Append: the side has no row that row p or g refers to.  Gray rows may refer to production's rows,
 * too, so they need the condition for both sides.
 */
static void
append_absent(StringInfo sql, const Demand *demand, Side side)
{
	appendStringInfo(sql, " AND NOT EXISTS (SELECT 1 FROM %s r WHERE ",
					 demand->parent != NULL ? demand->parent->table[side]
											: relation_name(demand->key->confrelid));
	append_refers(sql, demand, side);
	appendStringInfoChar(sql, ')');
}

/*
 * Foreign keys to a table of another owner
 */

/* Columns after the values of the foreign key: number of rows, number of users, an example. */
enum
{
	MORE_ROWS,
	MORE_USERS,
	MORE_EXAMPLE,
	MORE_COUNT
};

static Oid *
outside_types(const ReferenceAction *action)
{
	Oid *types = key_values_referring_types(action);

	types = repalloc(types, sizeof(Oid) * (action->count + MORE_COUNT));
	types[action->count + MORE_ROWS] = INT8OID;
	types[action->count + MORE_USERS] = INT8OID;
	types[action->count + MORE_EXAMPLE] = TEXTOID;
	return types;
}

static CountQuery
outside_query(const Demand *demand, const Oid *types, int count)
{
	const char	  *alias = twin_sql_alias(demand->from);
	StringInfoData values;
	StringInfoData rest;
	StringInfoData example;
	char		  *own;

	initStringInfo(&values);
	initStringInfo(&rest);
	initStringInfo(&example);
	for (int i = 0; i < count; i++)
	{
		Oid ignored;

		appendStringInfo(&values, "%s(%s)::%s", i == 0 ? "" : ", ", value_of(demand, i, &ignored),
						 format_type_be_qualified(types[i]));
	}
	failed_row_append_key(&example, demand->twin, demand->from, alias);
	own = owner_sql_join(&rest, demand->twin, demand->from, alias, "JOIN");
	appendStringInfo(&rest, " WHERE %s IS NOT NULL AND ", own);
	append_not_null(&rest, demand);
	appendStringInfoString(&rest, " GROUP BY 1");
	for (int i = 1; i < count; i++)
		appendStringInfo(&rest, ", %d", i + 1);
	return (
		CountQuery){.relation = demand->twin->relation[demand->from],
					.alias = alias,
					.head =
						psprintf("SELECT %s, count(*), count(DISTINCT %s), coalesce(min(%s), '')",
								 values.data, own, example.data),
					.rest = rest.data};
}

static bool
note_there(void *arg, struct RelationData *relation pg_attribute_unused(),
		   struct TupleTableSlot *row pg_attribute_unused())
{
	*(bool *) arg = true;
	return false;
}

/* Several values may belong to the same users, so the number of users is a lower bound. */
static void
count_absent(RowCount *count, const ReferenceAction *action, KeyValues *values)
{
	Datum		   next[REFERENCE_MAX_COLUMNS + MORE_COUNT];
	KeyLook		   look;
	LatestSnapshot latest;

	LockRelationOid(action->referred, AccessShareLock);
	key_look_load_referred_by(&look, action, values->types);
	latest = latest_snapshot_begin();
	while (key_values_next(values, next))
	{
		const Datum *more = next + action->count;
		uint64		 users = DatumGetInt64(more[MORE_USERS]);
		bool		 is_there = false;

		key_look_each(&look, latest.snapshot, next, note_there, &is_there);
		if (is_there)
			continue;
		count->is_least |= count->rows > 0;
		count->rows += DatumGetInt64(more[MORE_ROWS]);
		count->users = Max(count->users, users);
		if (count->example == NULL)
			count->example = TextDatumGetCString(more[MORE_EXAMPLE]);
	}
	latest_snapshot_end(&latest);
	key_look_free(&look);
}

/* Two queries, each as the owner of its table: no query reads tables of both owners. */
static RowCount
count_dangling_outside(const Demand *demand, Counting *counting)
{
	RowCount		count = {0};
	ReferenceAction action;
	CountQuery		query;
	KeyValues		values;
	Oid			   *types;

	(void) reference_action_load(demand->key->conoid, &action);
	types = outside_types(&action);
	query = outside_query(demand, types, action.count);
	key_values_begin(&values, types, action.count + MORE_COUNT);
	count.known =
		check_count_stream(counting, &query, key_values_receiver(&values), &count.is_least);
	if (count.known)
		count_absent(&count, &action, &values);
	key_values_end(&values);
	return count;
}

static RowCount
count_dangling(const Demand *demand, Counting *counting)
{
	StringInfoData rest;
	char		  *own;

	if (demand->parent == NULL && relation_owner(demand->key->confrelid) != counting->role)
		return count_dangling_outside(demand, counting);

	initStringInfo(&rest);
	own = owner_sql_join(&rest, demand->twin, demand->from, twin_sql_alias(demand->from), "JOIN");
	appendStringInfo(&rest, " WHERE %s IS NOT NULL AND ", own);
	append_not_null(&rest, demand);
	append_absent(&rest, demand, demand->parent != NULL ? demand->from : SIDE_PRODUCTION);
	if (demand->parent != NULL && demand->from == SIDE_GRAY)
		append_absent(&rest, demand, SIDE_PRODUCTION);
	return count_rows(demand, counting, own, rest.data);
}

/*
 * Findings
 */

static void
add_crossing(const Demand *demand, const RowCount *count, Findings *findings)
{
	finding_add(findings, false, pstrdup(demand->twin->table[SIDE_PRODUCTION]),
				psprintf("%s of %s %s to a row of another user by foreign key %s: such a user can be moved only after those",
						 check_count_rows(count), check_count_users(count),
						 count->rows == 1 ? "refers" : "refer", demand->name),
				psprintf("Leave the table out of the release; or ALTER TABLE %s DROP CONSTRAINT %s; if version 2 can do without.",
						 relation_name(demand->key->conrelid), demand->name));
}

static char *
example_of(const RowCount *count)
{
	return count->example == NULL ? "" : psprintf(", such as %s", count->example);
}

static void
add_dangling(const Demand *demand, const RowCount *count, Findings *findings)
{
	bool  home = demand->side == SIDE_PRODUCTION;
	char *table = relation_name(demand->key->conrelid);

	finding_add(findings, false, table,
				psprintf("%s of %s in %s %s to nothing by foreign key %s%s: refused on the way %s",
						 check_count_rows(count), check_count_users(count),
						 demand->twin->table[demand->from], count->rows == 1 ? "refers" : "refer",
						 demand->name, example_of(count), home ? "home" : "to gray"),
				home
					? psprintf("Mend them in %s.", demand->twin->table[SIDE_GRAY])
					: psprintf("Mend them; or ALTER TABLE %s DROP CONSTRAINT %s; and add it again NOT VALID.",
							   table, demand->name));
}

static void
check_demand(const Demand *demand, Counting *counting, Findings *findings)
{
	RowCount count;

	if (demand->side == SIDE_GRAY && demand->parent != NULL && !leads_to_owner(demand))
	{
		count = count_crossing(demand, counting);
		if (check_count_any(&count))
			add_crossing(demand, &count, findings);
	}
	if (holds_already(demand))
		return;
	count = count_dangling(demand, counting);
	if (check_count_any(&count))
		add_dangling(demand, &count, findings);
}

/*
 * Owner paths
 */

static bool
is_path(const Twin *twin, const ForeignKeyCacheInfo *key)
{
	if (partition_root(key->confrelid) != twin->parent->relation[SIDE_PRODUCTION] ||
		key->nkeys != twin->path_count)
		return false;
	for (int i = 0; i < key->nkeys; i++)
	{
		const Column *column = root_column(twin, SIDE_PRODUCTION, key->conrelid, key->conkey[i]);
		bool		  found = false;

		for (int j = 0; j < twin->path_count && !found; j++)
			found = twin->path_columns[j] == column;
		if (!found)
			return false;
	}
	return true;
}

static RowCount
count_lost(const Twin *twin, Counting *counting)
{
	StringInfoData present;
	StringInfoData absent;
	StringInfoData example;
	CountQuery	   query = {.relation = twin->relation[SIDE_PRODUCTION], .alias = "p"};

	initStringInfo(&present);
	initStringInfo(&absent);
	for (int i = 0; i < twin->path_count; i++)
	{
		const Column *from = twin->path_columns[i];
		const Column *to = twin->parent_columns[i];
		char		 *value = psprintf("p.%s", from->name[SIDE_PRODUCTION]);

		appendStringInfo(&present, "%s%s IS NOT NULL", i == 0 ? "" : " AND ", value);
		appendStringInfoString(&absent, i == 0 ? "" : " AND ");
		sql_text_equal(&absent, psprintf("r.%s", to->name[SIDE_PRODUCTION]),
					   to->type[SIDE_PRODUCTION], value, from->type[SIDE_PRODUCTION]);
	}
	query.rest = psprintf("WHERE %s AND NOT EXISTS (SELECT 1 FROM %s r WHERE %s)", present.data,
						  twin->parent->table[SIDE_PRODUCTION], absent.data);
	initStringInfo(&example);
	failed_row_append_key(&example, twin, SIDE_PRODUCTION, "p");
	query.example = example.data;
	return check_count(counting, &query);
}

/* Add a warning for rows that lead to no parent row; a valid foreign key rules them out. */
static void
check_path(const Twin *twin, Counting *counting, Findings *findings)
{
	ListCell *cell;
	RowCount  count;

	foreach(cell, foreign_key_list_family(twin->relation[SIDE_PRODUCTION]))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);

		if (key->conrelid == twin->relation[SIDE_PRODUCTION] && is_valid(key) && is_path(twin, key))
			return;
	}
	count = count_lost(twin, counting);
	if (check_count_any(&count))
		finding_add(findings, false, pstrdup(twin->table[SIDE_PRODUCTION]),
					psprintf("%s %s to no row of %s%s, and so to nobody: version 2 does not see them",
							 check_count_rows(&count), count.rows == 1 ? "leads" : "lead",
							 twin->parent->table[SIDE_PRODUCTION], example_of(&count)),
					"Delete them, or give them to somebody; then VALIDATE the foreign key that the owner path is.");
}

static void
check_side(const TwinSet *set, const Twin *twin, Side side, Counting *counting, Findings *findings)
{
	ListCell *cell;

	foreach(cell, foreign_key_list_family(twin->relation[side]))
	{
		Demand demand = {0};

		if (is_valid(lfirst(cell)) && load_demand(&demand, set, twin, side, lfirst(cell)))
			check_demand(&demand, counting, findings);
	}
}

void
check_references(const TwinSet *set, Counting *counting, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->twins[i].parent != NULL)
			check_path(&set->twins[i], counting, findings);
		check_side(set, &set->twins[i], SIDE_GRAY, counting, findings);
		check_side(set, &set->twins[i], SIDE_PRODUCTION, counting, findings);
	}
}
