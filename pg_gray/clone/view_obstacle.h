/*
 * view_obstacle.h: the reasons why a view can't be cloned
 */
#ifndef PG_GRAY_CLONE_VIEW_OBSTACLE_H
#define PG_GRAY_CLONE_VIEW_OBSTACLE_H

#include "clone/view.h"

struct ErrorData;

/*
 * Set the view's obstacle and hint in these cases:
 * - Role `caller` can't clone the view as the owner of `owned`, which is the view itself or the
 *   twin that is to be replaced.
 * - The name of the view, or of a relation that the view reads, would mean another relation in
 *   gray.
 */
extern void view_obstacle_find(const ViewPlan *plan, View *view, unsigned int owned,
							   unsigned int caller);

/* Set obstacle and hint if the view reads another view that has no twin. */
extern void view_obstacle_find_lonely(const ViewPlan *plan, View *view);

/* Set obstacle and hint from the error that the creation of the view raised. */
extern void view_obstacle_set_error(const ViewPlan *plan, View *view, const struct ErrorData *error);

/* Set the view's obstacle and hint to these texts, which are borrowed. */
extern void view_obstacle_set(View *view, char *obstacle, char *hint);

/*
 * If a production view calls a function with a row of a table or view that has a twin, return the
 * function that gray needs, such as "public.public_name(v2.users)".  The twin's rows have another
 * type, so the view can be made in gray only if this function exists.  Null: the view makes no such
 * call.
 */
extern char *view_row_call(const ViewPlan *plan, unsigned int view);

#endif /* PG_GRAY_CLONE_VIEW_OBSTACLE_H */
