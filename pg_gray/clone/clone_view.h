/*
 * clone_view.h: makes the views of a release's gray schema
 */
#ifndef PG_GRAY_CLONE_CLONE_VIEW_H
#define PG_GRAY_CLONE_CLONE_VIEW_H

#include "clone/view.h"

/*
 * Create the views that follow the release's tables, and replace each gray view that still reads a
 * production relation which now has a twin; see view.h.  Then re-create the rules and policies of
 * gray tables that name a production view or table which has a twin.  Warns of each view that
 * PostgreSQL refuses, or that `caller` may not make, and leaves it out.  Returns the plan that was
 * carried out.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern ViewPlan *view_clone_all(const struct Release *release, unsigned int caller);

#endif /* PG_GRAY_CLONE_CLONE_VIEW_H */
