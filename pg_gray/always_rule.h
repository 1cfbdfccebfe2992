/*
 * always_rule.h: rules that act on the statements of moves, too
 *
 * One that is enabled ALWAYS or for replicas can't be passed over (rule.h).
 */
#ifndef ALWAYS_RULE_H
#define ALWAYS_RULE_H

#include "finding.h"
#include "twin.h"

/* Raise object_not_in_prerequisite_state for such a rule of a table, or of a partition of it. */
extern void always_rule_refuse(unsigned int relation);

/* The same of this relation alone.  It is locked. */
extern void always_rule_refuse_of(unsigned int relation);

/* Add an error for each such rule of the twins, and of their partitions. */
extern void always_rule_check(const Twin *twin, Findings *findings);

#endif /* ALWAYS_RULE_H */
