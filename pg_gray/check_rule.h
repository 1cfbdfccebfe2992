/*
 * check_rule.h: rules that moves do not know of
 */
#ifndef CHECK_RULE_H
#define CHECK_RULE_H

#include "finding.h"

struct ViewPlan;

/*
 * Add a warning for each table of the release with its rules, and for each view that reads one:
 * a move writes tables, and what a rule would do besides or instead does not happen.
 */
extern void check_rules(const struct ViewPlan *plan, Findings *findings);

#endif /* CHECK_RULE_H */
