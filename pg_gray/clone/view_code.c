/*
 * view_code.c: lists and checks the functions that views, rules and policies call
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "clone/view_code.h"
#include "postgres/query.h"
#include "postgres/relation.h"

/* clang-format off */

#define SELECT_FUNCTIONS \
	"SELECT DISTINCT coalesce(o.oprcode::oid, d.refobjid)" \
	" FROM (" \
		"SELECT 'pg_rewrite'::regclass, oid" \
		" FROM pg_rewrite" \
		" WHERE ev_class = ANY ($1)" \
		" UNION ALL SELECT 'pg_policy'::regclass, oid" \
		" FROM pg_policy" \
		" WHERE polrelid = ANY ($1)) AS x (class, oid)" \
	" JOIN pg_depend d ON d.classid = x.class AND d.objid = x.oid" \
	" LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid" \
	" WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)" \
	" ORDER BY 1"

/* clang-format on */

List *
view_code_list(const List *relations)
{
	QueryArgs args = {0};
	List	 *functions = NIL;
	uint64	  rows;

	query_arg_oids(&args, relations);
	rows = query_run(SELECT_FUNCTIONS, &args);
	for (uint64 row = 0; row < rows; row++)
		functions = lappend_oid(functions, query_oid(row, 1));
	return functions;
}

static void
refuse(Oid relation, Oid function, Oid owner)
{
	char *schema = get_namespace_name(get_func_namespace(function));

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("%s would call function %s of role %s, which production's does not",
					relation_name(relation), format_procedure(function),
					quote_identifier(GetUserNameFromId(owner, false))),
			 errdetail("It is found by name, in schema %s of version 2's search_path.",
					   quote_identifier(schema)),
			 errhint("Drop it, or the operator that it is of; and have nobody create in schema %s whom the owner of the tables does not trust.",
					 quote_identifier(schema))));
}

static void
refuse_strange(Oid relation, Oid function)
{
	HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid		  owner;
	Oid		  schema;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	schema = ((Form_pg_proc) GETSTRUCT(tuple))->pronamespace;
	ReleaseSysCache(tuple);
	if (schema != get_rel_namespace(relation) && !is_member_of_role(owner, relation_owner(relation)))
		refuse(relation, function, owner);
}

void
view_code_refuse(const List *relations, const List *known)
{
	List	 *unknown = list_difference_oid(view_code_list(relations), known);
	ListCell *relation;
	ListCell *function;

	foreach(relation, unknown == NIL ? NIL : relations)
	{
		foreach(function, view_code_list(list_make1_oid(lfirst_oid(relation))))
		{
			if (list_member_oid(unknown, lfirst_oid(function)))
				refuse_strange(lfirst_oid(relation), lfirst_oid(function));
		}
	}
}
