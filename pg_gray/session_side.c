/*
 * session_side.c: the side that a session works for
 *
 * Version 2 has the gray schema in its search_path.  Where that does not tell (qualified names,
 * a function with a search_path of its own), pg_gray.side does.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "session_side.h"

typedef enum SideSetting
{
	SIDE_AUTO,
	SIDE_IS_PRODUCTION,
	SIDE_IS_GRAY
} SideSetting;

static const struct config_enum_entry side_settings[] = {
	{"auto", SIDE_AUTO, false},
	{"production", SIDE_IS_PRODUCTION, false},
	{"gray", SIDE_IS_GRAY, false},
	{NULL, 0, false},
};

static int side_setting = SIDE_AUTO;

static bool
is_in_path(const char *schema_name)
{
	Oid	  schema = get_namespace_oid(schema_name, true);
	List *path = fetch_search_path(false);
	bool  found = OidIsValid(schema) && list_member_oid(path, schema);

	list_free(path);
	return found;
}

/* The setting is the session's, and not that of a move which the session has asked for. */
Side
session_side(const char *gray_schema)
{
	if (side_setting != SIDE_AUTO && !InSecurityRestrictedOperation())
		return side_setting == SIDE_IS_GRAY ? SIDE_GRAY : SIDE_PRODUCTION;
	return is_in_path(gray_schema) ? SIDE_GRAY : SIDE_PRODUCTION;
}

void
session_side_init(void)
{
	DefineCustomEnumVariable("pg_gray.side",
							 "The side that this session works for, where search_path does not tell.",
							 "auto: gray, if the gray schema is in search_path. It counts for gray_enter, and for what the deletion of a row outside the release may reach.",
							 &side_setting, SIDE_AUTO, side_settings, PGC_USERSET, 0, NULL, NULL,
							 NULL);
}
