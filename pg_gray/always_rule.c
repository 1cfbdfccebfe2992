/*
 * always_rule.c: rules that act on the statements of moves, too
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_rewrite.h"
#include "nodes/pg_list.h"
#include "rewrite/rewriteDefine.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "always_rule.h"
#include "partition.h"
#include "relation.h"

typedef struct AlwaysRule
{
	char *name;
	bool  for_replicas; /* only for them, else for all */
} AlwaysRule;

static bool
acts_always(char enabled)
{
	return enabled == RULE_FIRES_ALWAYS || enabled == RULE_FIRES_ON_REPLICA;
}

/* What the session knows of the table, so that most are not looked for in the catalog. */
static bool
has_any(Oid relation)
{
	Relation table = table_open(relation, AccessShareLock);
	bool	 found = false;

	for (int i = 0; table->rd_rules != NULL && i < table->rd_rules->numLocks; i++)
		found |= acts_always(table->rd_rules->rules[i]->enabled);
	table_close(table, NoLock);
	return found;
}

static List *
read_rules(Oid relation)
{
	Relation	catalog = table_open(RewriteRelationId, AccessShareLock);
	List	   *rules = NIL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_rewrite_ev_class, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relation));
	scan = systable_beginscan(catalog, RewriteRelRulenameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_rewrite row = (Form_pg_rewrite) GETSTRUCT(tuple);
		AlwaysRule	   *rule;

		if (!acts_always(row->ev_enabled))
			continue;
		rule = palloc(sizeof(AlwaysRule));
		rule->name = pstrdup(NameStr(row->rulename));
		rule->for_replicas = row->ev_enabled == RULE_FIRES_ON_REPLICA;
		rules = lappend(rules, rule);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return rules;
}

static List *
find_rules(Oid relation)
{
	return has_any(relation) ? read_rules(relation) : NIL;
}

/* One for replicas does not act on what the application does either, and must not begin to. */
static char *
statement_for(Oid relation, const AlwaysRule *rule)
{
	return psprintf("ALTER TABLE %s %s RULE %s;", relation_name(relation),
					rule->for_replicas ? "DISABLE" : "ENABLE", quote_identifier(rule->name));
}

void
always_rule_refuse_of(unsigned int relation)
{
	List			 *rules = find_rules(relation);
	const AlwaysRule *rule;

	if (rules == NIL)
		return;
	rule = linitial(rules);
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("rule \"%s\" of table %s would act on moves", rule->name,
						   relation_name(relation)),
					errdetail("Moves pass over rules, but not over one that is enabled %s.",
							  rule->for_replicas ? "for replicas" : "always"),
					errhint("%s", statement_for(relation, rule))));
}

void
always_rule_refuse(unsigned int relation)
{
	ListCell *cell;

	always_rule_refuse_of(relation);
	foreach(cell, partition_all(relation))
		always_rule_refuse_of(lfirst_oid(cell));
}

static void
check(Oid relation, Findings *findings)
{
	ListCell *cell;

	foreach(cell, find_rules(relation))
	{
		const AlwaysRule *rule = lfirst(cell);

		finding_add(findings, true, relation_name(relation),
					psprintf("rule \"%s\" is enabled %s: it would act on the statements of moves",
							 rule->name, rule->for_replicas ? "for replicas" : "always"),
					statement_for(relation, rule));
	}
}

void
always_rule_check(const Twin *twin, Findings *findings)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		ListCell *cell;

		check(twin->relation[side], findings);
		foreach(cell, partition_all(twin->relation[side]))
			check(lfirst_oid(cell), findings);
	}
}
