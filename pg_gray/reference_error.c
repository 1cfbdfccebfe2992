/*
 * reference_error.c: a row is still referred to
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "reference_action.h"
#include "reference_error.h"

static bool
may_read(Oid table, const int16 *columns, int count)
{
	if (check_enable_rls(table, InvalidOid, true) == RLS_ENABLED)
		return false;
	if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < count; i++)
	{
		if (pg_attribute_aclcheck(table, columns[i], GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

static char *
value_text(Oid type, Datum value)
{
	Oid	 output;
	bool is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

/* "Key (a, b)=(1, 2)", as the writer may see it. */
static char *
describe(const ReferenceAction *action, const ReferenceValues *key)
{
	StringInfoData names;
	StringInfoData values;

	if (!may_read(key->referred, key->columns, action->count))
		return "The key";
	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < action->count; i++)
	{
		const char *separator = i == 0 ? "" : ", ";
		Oid type = key->types != NULL ? key->types[i] : get_atttype(key->referred, key->columns[i]);

		appendStringInfo(&names, "%s%s", separator,
						 get_attname(key->referred, key->columns[i], false));
		appendStringInfo(&values, "%s%s", separator, value_text(type, key->values[i]));
	}
	return psprintf("Key (%s)=(%s)", names.data, values.data);
}

static int
err_constraint(const ReferenceAction *action)
{
	err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(action->referrer)));
	err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(action->referrer));
	err_generic_string(PG_DIAG_CONSTRAINT_NAME, action->name);
	return 0;
}

void
reference_error_raise(const ReferenceAction *action, const ReferenceValues *key, const char *state,
					  const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
					get_rel_name(key->referred), action->name, get_rel_name(action->referrer)),
			 errdetail("%s is %s.", describe(action, key), state), errhint("%s", hint),
			 err_constraint(action)));
}
