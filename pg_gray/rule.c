/*
 * rule.c: statements on which the application's rules do not act
 *
 * PostgreSQL rewrites a statement between its analysis and its planning, and passes over
 * ordinary rules when session_replication_role is replica.  It asks the C variable.  To set the
 * setting would flush all plans that the session has.  So the variable is changed alone, from the
 * analysis of a statement to its planning: nothing of the application is called in between.
 * A prepared statement is rewritten again when something that it is made of has changed; PostgreSQL
 * then calls rule_pass_over again, too.
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "optimizer/planner.h"
#include "parser/parse_param.h"

#include "rule.h"

static bool				 is_passing_over;
static int				 replication_role; /* what it is otherwise */
static planner_hook_type previous_planner;

void
rule_pass_over(ParseState *state, void *parameters)
{
	const RuleParameters *given = parameters;

	setup_parse_fixed_parameters(state, given->types, given->count);
	if (!is_passing_over)
		replication_role = SessionReplicationRole;
	is_passing_over = true;
	SessionReplicationRole = SESSION_REPLICATION_ROLE_REPLICA;
}

void
rule_heed(void)
{
	if (is_passing_over)
		SessionReplicationRole = replication_role;
	is_passing_over = false;
}

/* What is planned has been rewritten.  The planner calls functions to find out constants. */
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
