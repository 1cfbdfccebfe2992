/*
 * check_hidden.h: names that mean something else to version 2
 */
#ifndef CHECK_HIDDEN_H
#define CHECK_HIDDEN_H

#include "finding.h"

struct ViewPlan;

/*
 * Add a warning for each relation and type of the gray schema by which a session of version 2 no
 * longer finds a shared one of production, other than twins.
 */
extern void check_hidden(const struct ViewPlan *plan, Findings *findings);

#endif /* CHECK_HIDDEN_H */
