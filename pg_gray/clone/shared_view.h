/*
 * shared_view.h: views that pass through to production's tables without a twin
 *
 * For the time of a migration.  A tool that asks the catalog for a table's indexes finds them
 * doubled when the gray schema and production's are both in its search_path.  Under "v2,
 * v2_shared" each name is there once.
 */
#ifndef PG_GRAY_CLONE_SHARED_VIEW_H
#define PG_GRAY_CLONE_SHARED_VIEW_H

struct Release;

/*
 * Return the name of the schema with the release's views, or null when they have not been made, or
 * are gone; palloc'd.  The caller of this and the function below has called SPI_connect and acts
 * as the catalog owner.
 */
extern char *shared_view_schema(const struct Release *release);

/*
 * Drop the views and their schema.  Does nothing without views.  Objects of others in the schema
 * keep it, with a notice.  Raises dependent_objects_still_exist when others depend on a view.
 */
extern void shared_view_drop(const struct Release *release);

#endif /* PG_GRAY_CLONE_SHARED_VIEW_H */
