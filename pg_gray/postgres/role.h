/*
 * role.h: acts as the owner of the catalog or of the tables
 */
#ifndef PG_GRAY_POSTGRES_ROLE_H
#define PG_GRAY_POSTGRES_ROLE_H

/* The search_path under which our own statements are parsed. */
#define ROLE_SAFE_PATH "pg_catalog, pg_temp"

typedef struct RoleSwitch
{
	unsigned int user; /* Oid */
	int			 sec_context;
	int			 guc_level;
} RoleSwitch;

/*
 * Act as a role until role_return: security-restricted, with search_path pinned to pg_catalog, and
 * with row security raising an error instead of hiding rows.  An error also ends the switch, with
 * its (sub)transaction.
 */
extern void role_become(RoleSwitch *before, unsigned int role);
extern void role_return(const RoleSwitch *before);

/* Set one more setting until role_return; no privilege on the setting is needed. */
extern void role_pin_setting(const char *name, const char *value);

/* Settings that change the meaning or the text of a value, and that are a matter of taste. */
typedef struct RoleFormats
{
	char *time_zone;
	char *lc_monetary;
	char *lc_numeric;
	char *lc_time;
	char *text_search_config;
} RoleFormats;

/*
 * Until role_return, values are read, printed and cast by these settings, and otherwise in
 * PostgreSQL's own formats, whatever the session prefers: the two moves of a user must agree.
 */
extern void role_pin_formats(const RoleFormats *formats);

/* Copy the formats into the current memory context. */
extern RoleFormats role_copy_formats(const RoleFormats *formats);

/* Act as the owner of schema gray's catalog tables. */
extern void role_become_catalog_owner(RoleSwitch *before);

/*
 * Until role_return, wait for a lock no longer than pg_gray.yield_after, then raise
 * lock_not_available.  If the holder of the lock is waiting for this move, be the victim of that
 * deadlock at once.
 */
extern void role_yield_soon(void);

/* Return pg_gray.yield_after, in milliseconds. */
extern int role_yield_after_ms(void);

/*
 * Until role_return, be the victim of a deadlock, in place of the application: the victim is the
 * session whose deadlock_timeout ends first.
 */
extern void role_yield_in_deadlocks(void);

/*
 * The same, and wait for the lock of a table no longer than pg_gray.lock_timeout, unless the
 * session has a lock_timeout of its own: writers queue behind a waiting session.
 */
extern void role_limit_lock_waits(void);

/* Called once, from _PG_init: defines pg_gray.lock_timeout and pg_gray.yield_after. */
extern void role_init(void);

#endif /* PG_GRAY_POSTGRES_ROLE_H */
