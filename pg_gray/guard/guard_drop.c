/*
 * guard_drop.c: judges a statement by the objects that it has dropped
 *
 * Of the dropped objects only those count that the statement has named, or that depended on one by
 * a normal dependency, which only CASCADE follows.  What goes with its object by itself is not
 * looked at: the triggers of a foreign key on production's table go with the gray table.
 *
 * Objects without a schema are not looked at either, but for rules: those that the statement has
 * named were judged before, and a cast or an operator of an access method may be gray's.
 *
 * CONCURRENTLY is left alone: an error would come too late, and leave an index that is invalid.
 * There is no CASCADE with it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/tuplestore.h"

#include "guard/guard_drop.h"
#include "guard/guard_gray.h"
#include "guard/guard_scope.h"
#include "guard/guard_twin.h"
#include "guard/guard_verdict.h"

/* Columns of pg_event_trigger_dropped_objects(). */
enum
{
	CLASS_ID = 1,
	OBJECT_ID,
	OBJECT_SUB_ID,
	ORIGINAL,
	NORMAL,
	IS_TEMPORARY,
	OBJECT_TYPE_NAME,
	SCHEMA_NAME,
	OBJECT_NAME,
	OBJECT_IDENTITY,
	ADDRESS_NAMES
};

typedef struct Dropped
{
	Oid class;
	Oid	  object;
	int	  sub_object;
	bool  original;
	char *type;	  /* "table column" */
	char *schema; /* null: none */
	char *identity;
	char *relation; /* of a column: its table, qualified and quoted */
	char *column;
} Dropped;

/*
 * What was dropped
 */

static char *
text_of(TupleTableSlot *row, int column)
{
	bool  is_null;
	Datum value = slot_getattr(row, column, &is_null);

	return is_null ? NULL : TextDatumGetCString(value);
}

static bool
bool_of(TupleTableSlot *row, int column)
{
	bool is_null;

	return DatumGetBool(slot_getattr(row, column, &is_null));
}

/* Return the parts of the object's name: schema, relation, and the name of a part. */
static List *
names_of(TupleTableSlot *row)
{
	bool   is_null;
	Datum  array = slot_getattr(row, ADDRESS_NAMES, &is_null);
	List  *names = NIL;
	Datum *values;
	bool  *nulls;
	int	   count;

	if (is_null)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
		names = lappend(names, nulls[i] ? "" : TextDatumGetCString(values[i]));
	return names;
}

/* A rule's schema is that of its relation. */
static Dropped *
dropped_of(TupleTableSlot *row)
{
	Dropped *dropped = palloc0(sizeof(Dropped));
	List	*names = names_of(row);
	bool	 is_null;

	dropped->class = DatumGetObjectId(slot_getattr(row, CLASS_ID, &is_null));
	dropped->object = DatumGetObjectId(slot_getattr(row, OBJECT_ID, &is_null));
	dropped->sub_object = DatumGetInt32(slot_getattr(row, OBJECT_SUB_ID, &is_null));
	dropped->original = bool_of(row, ORIGINAL);
	dropped->type = text_of(row, OBJECT_TYPE_NAME);
	dropped->schema = text_of(row, SCHEMA_NAME);
	dropped->identity = text_of(row, OBJECT_IDENTITY);
	if (list_length(names) == 3)
	{
		dropped->relation = quote_qualified_identifier(linitial(names), lsecond(names));
		dropped->column = lthird(names);
	}
	if (dropped->schema == NULL && strcmp(dropped->type, "rule") == 0 && names != NIL &&
		strcmp(linitial(names), "pg_temp") != 0)
		dropped->schema = linitial(names);
	return dropped;
}

static bool
counts(TupleTableSlot *row)
{
	return !bool_of(row, IS_TEMPORARY) && (bool_of(row, ORIGINAL) || bool_of(row, NORMAL));
}

/* Call the function of PostgreSQL that lists the dropped objects; it needs no plan. */
static ReturnSetInfo
list_dropped(void)
{
	LOCAL_FCINFO(call, 0);
	FmgrInfo	  function;
	ReturnSetInfo result = {.type = T_ReturnSetInfo,
							.econtext = CreateStandaloneExprContext(),
							.allowedModes = SFRM_Materialize,
							.returnMode = SFRM_Materialize};

	fmgr_info(F_PG_EVENT_TRIGGER_DROPPED_OBJECTS, &function);
	InitFunctionCallInfoData(*call, &function, 0, InvalidOid, NULL, (Node *) &result);
	(void) FunctionCallInvoke(call);
	return result;
}

/* Return the objects (Dropped) that count. */
static List *
load_dropped(void)
{
	ReturnSetInfo	result = list_dropped();
	TupleTableSlot *row = MakeSingleTupleTableSlot(result.setDesc, &TTSOpsMinimalTuple);
	List		   *dropped = NIL;

	while (tuplestore_gettupleslot(result.setResult, true, false, row))
	{
		if (counts(row))
			dropped = lappend(dropped, dropped_of(row));
	}
	ExecDropSingleTupleTableSlot(row);
	tuplestore_end(result.setResult);
	return dropped;
}

/*
 * Verdicts
 */

static void
refuse_reached(const GuardScope *scope, const List *dropped)
{
	ListCell *cell;

	foreach(cell, dropped)
	{
		const Dropped *object = lfirst(cell);

		if (object->schema != NULL && !guard_scope_has_name(scope, object->schema))
			guard_verdict_reached(scope, psprintf("%s %s", object->type, object->identity));
	}
}

/* These were looked at before, with all that they would drop. */
static bool
was_checked(const Node *statement)
{
	if (IsA(statement, DropStmt))
	{
		ObjectType kind = ((const DropStmt *) statement)->removeType;

		return kind == OBJECT_TABLE || kind == OBJECT_SCHEMA;
	}
	return IsA(statement, DropOwnedStmt);
}

/* The columns that ALTER TABLE names were looked at before, too. */
static void
refuse_part(const Node *statement, const Dropped *object)
{
	if (object->class != RelationRelationId)
		return;
	if (object->sub_object != 0 && !object->original)
		guard_gray_refuse_column(guard_twin_releases(), object->object, object->relation,
								 object->sub_object, object->column);
	else if (strcmp(object->type, "table") == 0 && !was_checked(statement))
		guard_gray_refuse_table(guard_twin_releases(), object->object, object->identity);
}

static bool
is_concurrent(const Node *statement)
{
	return IsA(statement, DropStmt) && ((const DropStmt *) statement)->concurrent;
}

void
guard_drop_check(const struct Node *statement, const char *command)
{
	GuardScope scope;
	List	  *dropped;
	ListCell  *cell;

	if (is_concurrent(statement))
		return;
	dropped = load_dropped();
	if (guard_scope_load(&scope, command))
		refuse_reached(&scope, dropped);
	foreach(cell, dropped)
		refuse_part(statement, lfirst(cell));
}
