/*
 * check_trigger.h: finds triggers that moves do not fire, or whose arguments name production
 */
#ifndef PG_GRAY_CHECK_CHECK_TRIGGER_H
#define PG_GRAY_CHECK_CHECK_TRIGGER_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add a warning for each table whose triggers report changes elsewhere: moves don't fire them. */
extern void check_silent_triggers(const struct Release *release, const TwinSet *set,
								  Findings *findings);

/* Add a warning for each trigger in gray that has the name of a production table as an argument. */
extern void check_trigger_arguments(const struct Release *release, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_TRIGGER_H */
