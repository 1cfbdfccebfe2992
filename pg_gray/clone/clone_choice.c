/*
 * clone_choice.c: reads the arguments of gray_clone_tree that name tables
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include "clone/clone_choice.h"
#include "postgres/partition.h"
#include "postgres/relation.h"

#define EXAMPLE "choices => '{\"public.messages\": \"from_id\"}'"

static void
raise_invalid(const char *argument, const char *message, const char *detail)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s %s", argument, message),
					detail != NULL ? errdetail("%s", detail) : 0,
					errhint("For example: %s, leave_out => '{public.logs}'.", EXAMPLE)));
}

/*
 * Parse a table's name in SQL's spelling, with or without a schema.  Null if the text is no such
 * name.
 */
static RangeVar *
parse_name(const char *name)
{
	List	 *parts;
	List	 *names = NIL;
	ListCell *cell;

	if (!SplitIdentifierString(pstrdup(name), '.', &parts) || parts == NIL)
		return NULL;
	foreach(cell, parts)
		names = lappend(names, makeString(lfirst(cell)));
	return makeRangeVarFromNameList(names);
}

/*
 * The table of this name.  `argument` is the argument of gray_clone_tree that has the name, for
 * errors.
 */
static Oid
find_table(const char *argument, const char *name)
{
	RangeVar *variable = parse_name(name);
	Oid		  table = variable == NULL ? InvalidOid : RangeVarGetRelid(variable, NoLock, true);
	char	  kind;

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" in %s does not exist", name, argument),
				 errhint(
					 "Name tables as SQL does, with their schema: public.messages, public.\"Messages\".")));
	kind = get_rel_relkind(table);
	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("\"%s\" in %s is not a table", name, argument),
						errhint("Views follow the tables that they read; name tables only.")));
	if (get_rel_relispartition(table))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" in %s is a partition", name, argument),
				 errhint("Name the partitioned table: %s.", relation_name(partition_root(table)))));
	return table;
}

static const char *
type_in_words(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return "null";
		case jbvNumeric:
			return "a number";
		case jbvBool:
			return "a boolean";
		default:
			return JsonContainerIsArray(value->val.binary.data) ? "an array" : "an object";
	}
}

/* The column in {"holds_uid": column}, or null for anything else. */
static const JsonbValue *
uid_column(const JsonbValue *value)
{
	static const char key[] = "holds_uid";

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data) ||
		JsonContainerSize(value->val.binary.data) != 1)
		return NULL;
	return getKeyJsonValueFromContainer(value->val.binary.data, key, strlen(key), NULL);
}

static Choice *
make_choice(const char *name, const JsonbValue *value)
{
	Choice			 *choice = palloc0(sizeof(Choice));
	const JsonbValue *column = uid_column(value);

	choice->table = find_table("choices", name);
	choice->holds_uid = column != NULL;
	if (column == NULL)
		column = value;
	if (column->type != jbvString)
		raise_invalid("choices",
					  psprintf("must have a string, or {\"holds_uid\": \"column\"}, for table \"%s\"",
							   name),
					  psprintf("It is %s.", type_in_words(column)));
	choice->path = pnstrdup(column->val.string.val, column->val.string.len);
	return choice;
}

List *
choice_parse(uintptr_t argument)
{
	Jsonb			  *json = DatumGetJsonbP(argument);
	List			  *choices = NIL;
	JsonbIterator	  *next = JsonbIteratorInit(&json->root);
	JsonbValue		   value;
	JsonbIteratorToken token;
	char			  *name = NULL;

	if (!JB_ROOT_IS_OBJECT(json))
		raise_invalid("choices", "must be an object of tables and columns", NULL);
	while ((token = JsonbIteratorNext(&next, &value, name != NULL)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			name = pnstrdup(value.val.string.val, value.val.string.len);
		if (token != WJB_VALUE)
			continue;
		choices = lappend(choices, make_choice(name, &value));
		if (choice_find(choices, ((Choice *) llast(choices))->table) != llast(choices))
			raise_invalid("choices", psprintf("must name table \"%s\" once", name), NULL);
	}
	return choices;
}

List *
choice_parse_tables(uintptr_t names)
{
	List  *tables = NIL;
	Datum *values;
	bool  *nulls;
	int	   count;

	deconstruct_array(DatumGetArrayTypeP(names), TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			raise_invalid("leave_out", "must not contain null", NULL);
		tables =
			list_append_unique_oid(tables, find_table("leave_out", TextDatumGetCString(values[i])));
	}
	return tables;
}

const Choice *
choice_find(const List *choices, unsigned int table)
{
	ListCell *cell;

	foreach(cell, choices)
	{
		const Choice *choice = lfirst(cell);

		if (choice->table == table)
			return choice;
	}
	return NULL;
}

List *
choice_tables(const List *choices)
{
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, choices)
		tables = lappend_oid(tables, ((Choice *) lfirst(cell))->table);
	return tables;
}
