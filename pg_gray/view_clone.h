/*
 * view_clone.h: making the views of a release's gray schema
 */
#ifndef VIEW_CLONE_H
#define VIEW_CLONE_H

struct Release;

/*
 * Create the views that follow the release's tables, and replace those that read in
 * production what has a twin now; see view.h.  Then rules and policies of gray tables
 * that name such views, or tables, are made anew.  Warns of a view that can't be cloned
 * on behalf of `caller`.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern void view_clone_all(const struct Release *release, unsigned int caller);

#endif /* VIEW_CLONE_H */
