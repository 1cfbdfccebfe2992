/*
 * view_obstacle.h: why a view can't be cloned
 */
#ifndef PG_GRAY_CLONE_VIEW_OBSTACLE_H
#define PG_GRAY_CLONE_VIEW_OBSTACLE_H

#include "clone/view.h"

struct ErrorData;

/*
 * Set the view's obstacle and hint if role `caller` can't clone it as the owner of
 * `owned`, the view itself or the twin that is to be replaced, or if names of it, or
 * that it reads, would not lead to the same things in gray.
 */
extern void view_obstacle_find(const ViewPlan *plan, View *view, unsigned int owned,
							   unsigned int caller);

/* Set them if it reads another view that has no twin. */
extern void view_obstacle_find_lonely(const ViewPlan *plan, View *view);

/* Set them after an error that its creation raised. */
extern void view_obstacle_set_error(const ViewPlan *plan, View *view, const struct ErrorData *error);

/* Set what is known already; the texts are borrowed. */
extern void view_obstacle_set(View *view, char *obstacle, char *hint);

/*
 * A view of production may call a function with a row of a table or view that has a twin.
 * The twin's rows are of another type, so the view can't be made in gray unless there is
 * such a function for them: "public.public_name(v2.users)".  Null: it calls none.
 */
extern char *view_row_call(const ViewPlan *plan, unsigned int view);

#endif /* PG_GRAY_CLONE_VIEW_OBSTACLE_H */
