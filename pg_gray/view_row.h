/*
 * view_row.h: views that hand whole rows to functions
 */
#ifndef VIEW_ROW_H
#define VIEW_ROW_H

#include "view.h"

/*
 * A view of production may call a function with a row of a table or view that has a twin.
 * The twin's rows are of another type, so the view can't be made in gray unless there is
 * such a function for them: "public.public_name(v2.users)".  Null: it calls none.
 */
extern char *view_row_call(const ViewPlan *plan, unsigned int view);

#endif /* VIEW_ROW_H */
