/*
 * role.c: acts as the owner of the catalog or of the tables
 */
#include "postgres.h"

#include <limits.h>

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rls.h"

#include "postgres/catalog.h"
#include "postgres/role.h"

static int lock_timeout_ms = 2000;
static int yield_after_ms = 20;

void
role_pin_setting(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
pin_if_other(const char *name, const char *value)
{
	if (strcmp(GetConfigOption(name, false, false), value) != 0)
		role_pin_setting(name, value);
}

/*
 * All settings of PostgreSQL that change how a value is read from text or printed as text, or the
 * meaning of an expression.  The settings of RoleFormats are missing here, since no value is right
 * for everybody.  Settings that change only messages (escape_string_warning, lc_messages), only
 * plans, or only the storage of values (default_toast_compression) are left out.
 */
static const struct
{
	const char *name;
	const char *value;
} forms[] = {
	{"DateStyle", "ISO, MDY"},
	{"IntervalStyle", "postgres"}, /* sql_standard reads '-1 1:00' in another way */
	{"array_nulls", "on"},		   /* with off, NULL in the text of an array is a word */
	/* a quote in E'...'; with safe_encoding it depends on client_encoding */
	{"backslash_quote", "on"},
	{"bytea_output", "hex"},
	{"extra_float_digits", "1"},
	{"gin_fuzzy_search_limit", "0"}, /* otherwise a GIN index leaves out rows at random */
	{"standard_conforming_strings", "on"},
	{"timezone_abbreviations", "Default"}, /* '12:00 EST' */
	{"transform_null_equals", "off"},
	{"xmlbinary", "base64"},
	{"xmloption", "content"},
};

void
role_pin_formats(const RoleFormats *formats)
{
	for (size_t i = 0; i < lengthof(forms); i++)
		pin_if_other(forms[i].name, forms[i].value);
	pin_if_other("TimeZone", formats->time_zone);
	pin_if_other("lc_monetary", formats->lc_monetary);
	pin_if_other("lc_numeric", formats->lc_numeric);
	pin_if_other("lc_time", formats->lc_time);
	pin_if_other("default_text_search_config", formats->text_search_config);
}

RoleFormats
role_copy_formats(const RoleFormats *formats)
{
	return (RoleFormats){.time_zone = pstrdup(formats->time_zone),
						 .lc_monetary = pstrdup(formats->lc_monetary),
						 .lc_numeric = pstrdup(formats->lc_numeric),
						 .lc_time = pstrdup(formats->lc_time),
						 .text_search_config = pstrdup(formats->text_search_config)};
}

void
role_become(RoleSwitch *before, unsigned int role)
{
	GetUserIdAndSecContext(&before->user, &before->sec_context);
	SetUserIdAndSecContext(role, before->sec_context | SECURITY_LOCAL_USERID_CHANGE |
									 SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
	before->guc_level = NewGUCNestLevel();
	/* Most switches are inside another switch, where the settings are so already. */
	if (strcmp(namespace_search_path, ROLE_SAFE_PATH) != 0)
		role_pin_setting("search_path", ROLE_SAFE_PATH);
	if (row_security)
		role_pin_setting("row_security", "off");
	/*
	 * Names are compared with those in the registry, and are the text of regclass and similar
	 * types.
	 */
	if (quote_all_identifiers)
		role_pin_setting("quote_all_identifiers", "off");
}

void
role_return(const RoleSwitch *before)
{
	AtEOXact_GUC(false, before->guc_level);
	SetUserIdAndSecContext(before->user, before->sec_context);
}

void
role_become_catalog_owner(RoleSwitch *before)
{
	role_become(before, catalog_owner());
}

int
role_yield_after_ms(void)
{
	return yield_after_ms;
}

void
role_yield_soon(void)
{
	if (LockTimeout == 0 || LockTimeout > yield_after_ms)
		role_pin_setting("lock_timeout", psprintf("%d", yield_after_ms));
	role_pin_setting("deadlock_timeout", "1ms");
}

void
role_yield_in_deadlocks(void)
{
	role_pin_setting("deadlock_timeout", "20ms");
}

void
role_limit_lock_waits(void)
{
	role_yield_in_deadlocks();
	if (LockTimeout == 0)
		role_pin_setting("lock_timeout", psprintf("%d", lock_timeout_ms));
}

void
role_init(void)
{
	DefineCustomIntVariable("pg_gray.lock_timeout",
							"How long gray_clone, gray_open and gray_close wait for the lock of a table.",
							"For sessions without a lock_timeout of their own; 0 waits for ever.",
							&lock_timeout_ms, 2000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, NULL,
							NULL, NULL);
	DefineCustomIntVariable("pg_gray.yield_after",
							"How long a move waits for a lock before it yields to who holds it.",
							"Keep it far below the deadlock_timeout of applications: who holds it may be waiting for this move.",
							&yield_after_ms, 20, 1, INT_MAX, PGC_SUSET, GUC_UNIT_MS, NULL, NULL,
							NULL);
}
