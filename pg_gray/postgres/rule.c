/*
 * rule.c: prepares statements on which the application's rules do not act
 *
 * PostgreSQL rewrites a statement between its analysis and its planning.  No code of the
 * application is called in between, so for that moment:
 *
 *   - ordinary rules are passed over, as they are when session_replication_role is replica.
 *     PostgreSQL reads the C variable; setting the setting would flush all plans of the session.
 *   - rules that are enabled ALWAYS or for replicas are marked as disabled in the session's
 *     cached entry of the table.  PostgreSQL may reload the entry at any time, and then the marks
 *     are gone: such a statement must be begun again.
 *
 * A prepared statement is rewritten again when an object on which it depends has changed;
 * PostgreSQL then calls rule_pass_over again, too.
 */
#include "postgres.h"

#include "access/table.h"
#include "commands/trigger.h"
#include "nodes/pg_list.h"
#include "optimizer/planner.h"
#include "parser/parse_param.h"
#include "rewrite/rewriteDefine.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "postgres/rule.h"

/* A rule that is marked as disabled. */
typedef struct Marked
{
	Oid	 rule;
	char enabled; /* the value outside of that moment */
} Marked;

static bool				 is_passing_over;
static int				 replication_role; /* its value outside of that moment */
static Relation			 table;			   /* the table with marked rules; or null */
static List				*marked;
static planner_hook_type previous_planner;

static bool
acts_on_replicas(const RewriteRule *rule)
{
	return rule->event != CMD_SELECT &&
		   (rule->enabled == RULE_FIRES_ALWAYS || rule->enabled == RULE_FIRES_ON_REPLICA);
}

static bool
any_acts_on_replicas(void)
{
	const RuleLock *rules = table->rd_rules;

	for (int i = 0; rules != NULL && i < rules->numLocks; i++)
	{
		if (acts_on_replicas(rules->rules[i]))
			return true;
	}
	return false;
}

static void
mark(RewriteRule *rule)
{
	Marked *mark = palloc(sizeof(Marked));

	*mark = (Marked){rule->ruleId, rule->enabled};
	marked = lappend(marked, mark);
	rule->enabled = RULE_DISABLED;
}

/* The table stays open, so that its rules stay at their address unless they are reloaded. */
static void
mark_rules(Oid relation)
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);

	table = try_table_open(relation, RowExclusiveLock);
	for (int i = 0; table != NULL && table->rd_rules != NULL && i < table->rd_rules->numLocks; i++)
	{
		if (acts_on_replicas(table->rd_rules->rules[i]))
			mark(table->rd_rules->rules[i]);
	}
	MemoryContextSwitchTo(before);
}

static void
unmark(const Marked *mark)
{
	const RuleLock *rules = table->rd_rules;

	for (int i = 0; rules != NULL && i < rules->numLocks; i++)
	{
		if (rules->rules[i]->ruleId == mark->rule && rules->rules[i]->enabled == RULE_DISABLED)
			rules->rules[i]->enabled = mark->enabled;
	}
}

/* Return false when rules have been reloaded since they were marked. */
static bool
unmark_rules(void)
{
	bool	  stayed = !any_acts_on_replicas();
	ListCell *cell;

	foreach(cell, marked)
		unmark(lfirst(cell));
	list_free_deep(marked);
	marked = NIL;
	table_close(table, NoLock);
	table = NULL;
	return stayed;
}

void
rule_pass_over(ParseState *state, void *statement)
{
	const RuleFree *given = statement;

	rule_forget();
	setup_parse_fixed_parameters(state, given->types, given->count);
	if (OidIsValid(given->relation))
		mark_rules(given->relation);
	is_passing_over = true;
	replication_role = SessionReplicationRole;
	SessionReplicationRole = SESSION_REPLICATION_ROLE_REPLICA;
}

static bool
stop(void)
{
	if (is_passing_over)
		SessionReplicationRole = replication_role;
	is_passing_over = false;
	return table == NULL || unmark_rules();
}

void
rule_heed(void)
{
	if (!stop())
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a rule of a table was changed during the move"), errhint("Try again.")));
}

void
rule_forget(void)
{
	(void) stop();
}

/*
 * A statement that is planned has been rewritten already.  The planner calls functions to fold
 * constants.
 */
static PlannedStmt *
rule_planner(Query *query, const char *sql, int options, ParamListInfo params)
{
	rule_heed();
	if (previous_planner)
		return previous_planner(query, sql, options, params);
	return standard_planner(query, sql, options, params);
}

void
rule_init(void)
{
	previous_planner = planner_hook;
	planner_hook = rule_planner;
}
