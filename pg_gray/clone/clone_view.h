/*
 * clone_view.h: making the views of a release's gray schema
 */
#ifndef PG_GRAY_CLONE_CLONE_VIEW_H
#define PG_GRAY_CLONE_CLONE_VIEW_H

#include "clone/view.h"

/*
 * Create the views that follow the release's tables, and replace those that read in
 * production what has a twin now; see view.h.  Then rules and policies of gray tables
 * that name such views, or tables, are made anew.  Warns of what can't be made, by PostgreSQL
 * or on behalf of `caller`, and leaves it out.  Returns what was done.  The caller has
 * called SPI_connect and acts as the catalog owner.
 */
extern ViewPlan *view_clone_all(const struct Release *release, unsigned int caller);

#endif /* PG_GRAY_CLONE_CLONE_VIEW_H */
