/*
 * twin_lone.c: loads columns that only one of two twins has
 */
#include "postgres.h"

#include "access/table.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "release/twin_lone.h"

/* True when the default of a column, or of its domain, is not the same at each migration. */
static bool
has_volatile_default(Relation relation, const LoneColumn *column)
{
	return !column->generated &&
		   contain_mutable_functions(build_column_default(relation, column->attnum));
}

static void
load_column(LoneColumn *column, Relation relation, Form_pg_attribute attribute)
{
	column->attnum = attribute->attnum;
	column->name = pstrdup(quote_identifier(NameStr(attribute->attname)));
	column->type = attribute->atttypid;
	column->typmod = attribute->atttypmod;
	column->collation = attribute->attcollation;
	column->generated = attribute->attgenerated != '\0';
	column->volatile_default = has_volatile_default(relation, column);
}

static void
load_side(Twin *twin, Side side)
{
	Relation  relation = table_open(twin->relation[side], AccessShareLock);
	TupleDesc descriptor = RelationGetDescr(relation);

	twin->lone[side] = palloc0(sizeof(LoneColumn) * Max(descriptor->natts, 1));
	twin->lone_count[side] = 0;
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped && twin_column(twin, side, attribute->attnum) == NULL)
			load_column(&twin->lone[side][twin->lone_count[side]++], relation, attribute);
	}
	table_close(relation, NoLock);
}

/*
 * Hash the constant defaults of gray-only columns: values equal to such a default are not kept, as
 * long as the default stays the same.
 */
static uint64
hash_defaults(const Twin *twin)
{
	StringInfoData texts;

	initStringInfo(&texts);
	for (int i = 0; i < twin->lone_count[SIDE_GRAY]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_GRAY][i];
		char			 *text;

		if (column->generated || column->volatile_default)
			continue;
		text = twin_lone_default(twin, SIDE_GRAY, column->attnum);
		if (strcmp(text, "NULL") != 0)
			appendStringInfo(&texts, "%d %s\n", column->attnum, text);
	}
	return texts.len == 0 ? 0 : hash_bytes_extended((unsigned char *) texts.data, texts.len, 0);
}

void
twin_lone_load(Twin *twin)
{
	load_side(twin, SIDE_PRODUCTION);
	load_side(twin, SIDE_GRAY);
	twin->defaults = hash_defaults(twin);
}

LoneColumn *
twin_lone_column(const Twin *twin, Side side, int attnum)
{
	for (int i = 0; i < twin->lone_count[side]; i++)
	{
		if (twin->lone[side][i].attnum == attnum)
			return &twin->lone[side][i];
	}
	return NULL;
}

bool
twin_lone_default_varies(const Twin *twin, Side side, int attnum)
{
	Relation relation = table_open(twin->relation[side], AccessShareLock);
	bool	 varies = contain_mutable_functions(build_column_default(relation, attnum));

	table_close(relation, AccessShareLock);
	return varies;
}

char *
twin_lone_default(const Twin *twin, Side side, int attnum)
{
	Relation relation = table_open(twin->relation[side], AccessShareLock);
	Node	*expression = build_column_default(relation, attnum);
	List	*context =
		deparse_context_for(RelationGetRelationName(relation), RelationGetRelid(relation));
	char *text =
		expression == NULL ? "NULL" : deparse_expression(expression, context, false, false);

	table_close(relation, NoLock);
	return text;
}
