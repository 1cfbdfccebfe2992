/*
 * check_trigger.h: triggers of the application that moves pass by, or that mean production
 */
#ifndef PG_GRAY_CHECK_CHECK_TRIGGER_H
#define PG_GRAY_CHECK_CHECK_TRIGGER_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add a warning for each table whose triggers tell others of changes: they don't hear of moves. */
extern void check_silent_triggers(const struct Release *release, const TwinSet *set,
								  Findings *findings);

/* Add a warning for each trigger in gray that is given the name of a table of production. */
extern void check_trigger_arguments(const struct Release *release, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_TRIGGER_H */
