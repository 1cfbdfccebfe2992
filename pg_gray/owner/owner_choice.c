/*
 * owner_choice.c: chooses the owner path of a table that is to be cloned
 *
 * A row belongs to one user.  Where foreign keys allow two owner paths, an error asks the operator
 * to choose, and shows the calls that choose one.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "owner/owner_choice.h"
#include "owner/owner_outside.h"
#include "owner/owner_path.h"
#include "postgres/relation.h"
#include "user/uid.h"

static void
raise_ambiguous(Oid table, const List *candidates, const char *release)
{
	StringInfoData calls;
	ListCell	  *cell;

	initStringInfo(&calls);
	foreach(cell, candidates)
		appendStringInfo(&calls, "\n%s", owner_path_call(lfirst(cell), candidates, release));
	ereport(ERROR, (errcode(ERRCODE_AMBIGUOUS_PARAMETER),
					errmsg("table %s has more than one possible owner path", relation_name(table)),
					errdetail("A row belongs to one user, by %s.", owner_path_choices(candidates)),
					errhint("Choose one:%s", calls.data)));
}

/* Raise for a foreign key that some partitions lack: it is used only when the operator names it. */
static void
refuse_partial(Oid table, const List *known, const char *release)
{
	List	  *partial = owner_path_partial(table, known);
	OwnerPath *path;

	if (partial == NIL)
		return;
	path = linitial(partial);
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("table %s has no owner path", relation_name(table)),
					errdetail("Only some of its partitions have a foreign key to table %s.",
							  relation_name(path->parent)),
					errhint("If it holds for the others, too: %s",
							owner_path_call(path, list_make1(path), release))));
}

static void
raise_none(Oid table, const List *known, const char *release)
{
	char *calls = owner_outside_calls(table, known, release);

	if (calls == NULL)
		calls =
			psprintf(" or name the column that holds the uid: SELECT gray_clone(%s, 'user_id', %s);",
					 quote_literal_cstr(relation_name(table)), quote_literal_cstr(release));
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("table %s has no owner path", relation_name(table)),
					errdetail("It has no foreign key to a table of release \"%s\".", release),
					errhint("Clone the table that it belongs to first%s%s",
							calls[0] == '\n' ? ":" : ",", calls)));
}

OwnerPath *
owner_choice_only(unsigned int table, const List *known, const char *release)
{
	List *candidates = owner_path_candidates(table, known);

	if (candidates == NIL)
	{
		refuse_partial(table, known, release);
		raise_none(table, known, release);
	}
	if (list_length(candidates) > 1)
		raise_ambiguous(table, candidates, release);
	return linitial(candidates);
}

OwnerPath *
owner_choice_uid_column(unsigned int table, int16_t attnum, const OwnerRule *rule)
{
	OwnerPath *path = palloc0(sizeof(OwnerPath));
	Oid		   type = getBaseType(get_atttype(table, attnum));

	if (!uid_type_supported(type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of table %s can't hold a uid: its type is %s",
						get_attname(table, attnum, false), relation_name(table),
						format_type_be(get_atttype(table, attnum))),
				 errhint(
					 "Name a column of type smallint, integer, bigint, uuid, text or character varying.")));
	if (OidIsValid(rule->uid_type) && !OidIsValid(uid_wider(rule->uid_type, type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of table %s is of type %s, but uids of release \"%s\" are of type %s",
						get_attname(table, attnum, false), relation_name(table),
						format_type_be(get_atttype(table, attnum)), rule->release,
						format_type_be(rule->uid_type)),
				 errhint(
					 "All uid columns of a release are integers, or all texts, or all uuids: name such a column.")));
	path->table = table;
	path->uid_attnum = attnum;
	return path;
}

OwnerPath *
owner_choice_by_column(unsigned int table, const char *column, const List *known,
					   const OwnerRule *rule)
{
	AttrNumber attnum = get_attnum(table, column);
	List	  *paths;

	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of table %s does not exist", column, relation_name(table)),
				 errhint(
					 "Name the column that holds the uid, or whose foreign key leads to a table cloned earlier.")));

	paths = owner_path_with_column(table, attnum, known);
	if (list_length(paths) > 1)
		raise_ambiguous(table, owner_path_candidates(table, known), rule->release);
	if (paths != NIL)
		return linitial(paths);
	owner_outside_refuse(table, attnum, known, rule);
	return owner_choice_uid_column(table, attnum, rule);
}
