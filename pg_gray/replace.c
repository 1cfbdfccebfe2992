/*
 * replace.c: all rows of a user replaced in production, instead of merged
 *
 *   refuse   what the foreign keys of others would lose
 *   delete   all frozen rows, owned before owners
 *   insert   all gray rows, owners before owned
 *   check    all foreign keys of the user's rows
 *
 * Nothing of a frozen row is left: production-only columns take their default, or `down`.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/guc.h"

#include "absence.h"
#include "copy.h"
#include "culprit.h"
#include "integrity.h"
#include "move.h"
#include "outside.h"
#include "reference.h"
#include "replace.h"
#include "statement.h"
#include "twin_sql.h"

typedef enum BackStrategy
{
	BACK_MERGE,
	BACK_REPLACE
} BackStrategy;

static const struct config_enum_entry strategies[] = {
	{"merge", BACK_MERGE, false},
	{"replace", BACK_REPLACE, false},
	{NULL, 0, false},
};

static int back_strategy = BACK_MERGE;

bool
replace_is_wanted(void)
{
	return back_strategy == BACK_REPLACE;
}

static void
delete_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	absence_append_spared(sql, twin, 2);
}

static uint64
delete_all(Move *move, const Twin *twin)
{
	QueryArgs args = move->args;

	args.count = 1; /* the uid, without a window */
	absence_arg_spared(&args, move, twin);
	return statement_write(move, (Statement){delete_text, twin, NULL}, &args, SIDE_PRODUCTION);
}

static void
delete_rows(Move *move, const Twin *twin)
{
	move_progress(move, twin, "delete");
	move->row_count += delete_all(move, twin);
}

/* The frozen rows would be in the way, be they in the window or not. */
static uint64_t
write_window(Move *move, const Twin *twin, const void *detail pg_attribute_unused())
{
	(void) delete_all(move, twin);
	return copy_rows(move, twin, COPY_HOME, &move->args);
}

static void
write_rows(Move *move, const Twin *twin)
{
	move_progress(move, twin, "write");
	culprit_begin(move, twin, SIDE_GRAY, SIDE_PRODUCTION, write_window, NULL);
	move->row_count += copy_rows(move, twin, COPY_HOME, &move->args);
	culprit_end(move);
}

static void
check_rows(Move *move, const Twin *twin)
{
	ListCell *cell;

	move_progress(move, twin, "check");
	foreach(cell, reference_list(move->playbook, twin, SIDE_PRODUCTION))
		integrity_check_home(move, lfirst(cell));
}

void
replace_rows(Move *move)
{
	const TwinSet *set = move->playbook->set;

	for (int i = 0; i < set->count; i++)
	{
		integrity_check_referrers(move, &set->twins[i], SIDE_PRODUCTION);
		outside_refuse(move, &set->twins[i], NULL);
	}
	for (int i = set->count - 1; i >= 0; i--)
		delete_rows(move, &set->twins[i]);
	for (int i = 0; i < set->count; i++)
		write_rows(move, &set->twins[i]);
	for (int i = 0; i < set->count; i++)
		check_rows(move, &set->twins[i]);
}

void
replace_init(void)
{
	DefineCustomEnumVariable("pg_gray.back_strategy",
							 "How a user's rows come home: merged into the frozen rows, or in their place.",
							 NULL, &back_strategy, BACK_MERGE, strategies, PGC_SUSET, 0, NULL, NULL,
							 NULL);
}
