/*
 * owner_outside.c: refuses owner columns that refer to a table outside the release, or with an
 * unfit collation
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "owner/owner_outside.h"
#include "owner/owner_path.h"
#include "postgres/foreign_key.h"
#include "postgres/relation.h"

/* A table on the way to a known table. */
typedef struct Step
{
	Oid table;
	/* the table that refers to this one, nearer to the table where the search began */
	struct Step *next;
} Step;

static List *
keys_of(Oid table)
{
	return list_concat(foreign_key_list(table), foreign_key_shared_list(table, true));
}

/* Return the attribute to which a column refers by this foreign key, or 0. */
static AttrNumber
referred(const ForeignKeyCacheInfo *key, AttrNumber attnum)
{
	for (int i = 0; i < key->nkeys; i++)
	{
		if (key->conkey[i] == attnum)
			return key->confkey[i];
	}
	return InvalidAttrNumber;
}

/* True when the uid column of another known table refers to this column, too. */
static bool
is_uid_elsewhere(const List *known, Oid table, Oid relation, AttrNumber attnum)
{
	ListCell *cell;
	ListCell *key;

	foreach(cell, known)
	{
		const OwnerPath *path = lfirst(cell);
		bool			 counts = path->uid_attnum != 0 && path->table != table;

		foreach(key, counts ? keys_of(path->table) : NIL)
		{
			if (((ForeignKeyCacheInfo *) lfirst(key))->confrelid == relation &&
				referred(lfirst(key), path->uid_attnum) == attnum)
				return true;
		}
	}
	return false;
}

/* Return the first foreign key of a column to a table that is not known; or null. */
static const ForeignKeyCacheInfo *
find_unknown(Oid table, AttrNumber attnum, const List *known)
{
	ListCell *cell;

	foreach(cell, keys_of(table))
	{
		const ForeignKeyCacheInfo *key = lfirst(cell);
		AttrNumber				   there = referred(key, attnum);

		if (there != InvalidAttrNumber && key->confrelid != table &&
			owner_path_find(known, key->confrelid) == NULL &&
			!is_uid_elsewhere(known, table, key->confrelid, there))
			return key;
	}
	return NULL;
}

/*
 * The way up
 */

static Step *
make_step(Oid table, Step *next)
{
	Step *step = palloc(sizeof(Step));

	step->table = table;
	step->next = next;
	return step;
}

static bool
is_complete(const ForeignKeyCacheInfo *key)
{
	OwnerPath path = {.table = key->conrelid, .count = key->nkeys};

	memcpy(path.attnums, key->conkey, sizeof(AttrNumber) * key->nkeys);
	return owner_path_is_complete(&path);
}

static bool
leads_to_known(Oid table, const List *known, bool complete_only)
{
	List *candidates = owner_path_candidates(table, known);

	return candidates != NIL &&
		   (!complete_only || owner_path_is_complete(owner_path_likeliest(candidates)));
}

/* Return the nearest table, from this one up, that has a foreign key to a known table; or null. */
static Step *
find_way_by(Oid table, const List *known, bool complete_only)
{
	List *steps = list_make1(make_step(table, NULL));
	List *seen = list_make1_oid(table);

	for (int i = 0; i < list_length(steps); i++)
	{
		Step	 *step = list_nth(steps, i);
		ListCell *cell;

		if (leads_to_known(step->table, known, complete_only))
			return step;
		foreach(cell, keys_of(step->table))
		{
			const ForeignKeyCacheInfo *key = lfirst(cell);

			if (list_member_oid(seen, key->confrelid) || (complete_only && !is_complete(key)))
				continue;
			seen = lappend_oid(seen, key->confrelid);
			steps = lappend(steps, make_step(key->confrelid, step));
		}
	}
	return NULL;
}

/* The same, preferably by foreign keys that hold for every row. */
static Step *
find_way(Oid table, const List *known)
{
	Step *way = find_way_by(table, known, true);

	return way != NULL ? way : find_way_by(table, known, false);
}

/* Append the calls that clone these tables, each by the tables before it to which it leads. */
static void
append_way(StringInfo calls, const Step *step, const List *known, const char *release)
{
	List *reached = list_copy(known);

	for (; step != NULL; step = step->next)
	{
		List	  *candidates = owner_path_candidates(step->table, reached);
		OwnerPath *path = owner_path_likeliest(candidates);

		appendStringInfo(calls, "\n%s", owner_path_call(path, candidates, release));
		reached = lappend(reached, path);
	}
}

/*
 * Return the calls that clone the tables to which a key leads; empty: no key leads on from there.
 */
static char *
calls_before(const ForeignKeyCacheInfo *key, AttrNumber there, const List *known,
			 const char *release)
{
	StringInfoData calls;

	initStringInfo(&calls);
	if (known != NIL)
		append_way(&calls, find_way(key->confrelid, known), known, release);
	else
		appendStringInfo(&calls, "\nSELECT gray_clone(%s, %s, %s);",
						 quote_literal_cstr(relation_name(key->confrelid)),
						 quote_literal_cstr(get_attname(key->confrelid, there, false)),
						 quote_literal_cstr(release));
	return calls.data;
}

/* Return calls of gray_clone, in order. */
static char *
advise_calls(const ForeignKeyCacheInfo *key, AttrNumber attnum, const List *known,
			 const char *release)
{
	char *table = quote_literal_cstr(relation_name(key->conrelid));
	char *column = quote_literal_cstr(get_attname(key->conrelid, attnum, false));
	char *before = calls_before(key, referred(key, attnum), known, release);

	release = quote_literal_cstr(release);
	if (*before != '\0')
		before = psprintf("Clone what it leads to first:%s\nSELECT gray_clone(%s, %s, %s);\n",
						  before, table, column, release);
	return psprintf("%sIf it is the uid all the same, and %s stays outside the release:\nSELECT gray_clone(%s, %s, holds_uid => true, release => %s);",
					before, relation_name(key->confrelid), table, column, release);
}

static char *
advise_choice(const ForeignKeyCacheInfo *key, AttrNumber attnum)
{
	StringInfoData member;

	initStringInfo(&member);
	escape_json(&member, relation_name(key->conrelid));
	appendStringInfoString(&member, ": {\"holds_uid\": ");
	escape_json(&member, get_attname(key->conrelid, attnum, false));
	appendStringInfoChar(&member, '}');
	return psprintf("Choose an owner path of %s, too. If the column is the uid all the same, and that table stays outside the release: choices => %s",
					relation_name(key->confrelid),
					quote_literal_cstr(psprintf("{%s}", member.data)));
}

void
owner_outside_refuse(unsigned int table, int16_t attnum, const List *known, const OwnerRule *rule)
{
	const ForeignKeyCacheInfo *key = rule->holds_uid ? NULL : find_unknown(table, attnum, known);

	if (key == NULL)
		return;
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("column \"%s\" of table %s refers to table %s, which is not cloned",
						   get_attname(table, attnum, false), relation_name(table),
						   relation_name(key->confrelid)),
					errdetail("What it holds need not be a uid."),
					errhint("%s", rule->in_tree ? advise_choice(key, attnum)
												: advise_calls(key, attnum, known, rule->release))));
}

bool
owner_outside_refers(unsigned int table, int16_t attnum, const List *known)
{
	return find_unknown(table, attnum, known) != NULL;
}

char *
owner_outside_calls(unsigned int table, const List *known, const char *release)
{
	StringInfoData calls;

	initStringInfo(&calls);
	append_way(&calls, find_way(table, known), known, release);
	return calls.len == 0 ? NULL : calls.data;
}

static bool
is_nondeterministic(Oid collation)
{
	return OidIsValid(collation) && !get_collation_isdeterministic(collation);
}

static Oid
collation_of(Oid relation, AttrNumber attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	Oid		  collation;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", attnum, relation);
	collation = ((Form_pg_attribute) GETSTRUCT(tuple))->attcollation;
	ReleaseSysCache(tuple);
	return collation;
}

static char *
statement_for(const char *table, const char *column, Oid type)
{
	return psprintf("ALTER TABLE %s ALTER %s TYPE %s COLLATE \"default\";", table, column,
					format_type_be(type));
}

static void
refuse_column(Oid relation, AttrNumber attnum)
{
	const char *name = get_attname(relation, attnum, false);

	if (!is_nondeterministic(collation_of(relation, attnum)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" of table %s can't lead to the user: its collation is nondeterministic",
					name, relation_name(relation)),
			 errdetail(
				 "Users are told apart by the bytes of their uid, and it takes different ones for equal."),
			 errhint("%s", statement_for(relation_name(relation), quote_identifier(name),
										 get_atttype(relation, attnum)))));
}

void
owner_collation_refuse(const OwnerPath *path)
{
	if (path->uid_attnum != 0)
	{
		refuse_column(path->table, path->uid_attnum);
		return;
	}
	for (int i = 0; i < path->count; i++)
	{
		refuse_column(path->table, path->attnums[i]);
		refuse_column(path->parent, path->parent_attnums[i]);
	}
}
