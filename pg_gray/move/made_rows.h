/*
 * made_rows.h: rows of an own table that the migration makes of production's rows
 *
 * gray_rows has registered a query for the table.  At each migration the query's rows are put into
 * the table; at the end of each way home the query's rows are recorded, as its base.  So the next
 * migration knows what has become of production's rows since, and of the made rows in gray:
 *
 *   production        in gray             next stay
 *   unchanged         unchanged, changed  the row as gray had it
 *   unchanged         deleted             no row
 *   changed a column  any                 production's value in that column, the others as gray had them
 *   changed           deleted             the row is made again
 *   deleted           unchanged           no row
 *   deleted           changed             the row as gray had it
 *   new               -                   the row is made
 *   new               has the key         the row as gray had it, with the query's values
 *
 * "Changed in gray" is a value of the query's columns that was not brought home: the base is what
 * the query gives when production is written, and the hook after_home has run.
 */
#ifndef PG_GRAY_MOVE_MADE_ROWS_H
#define PG_GRAY_MOVE_MADE_ROWS_H

struct Move;

/*
 * Make the rows at a migration, when the user's rows of the twins and the parked rows are in gray.
 * Triggers fire, and foreign keys are checked.  Deferred constraints: see hook_run.h.
 */
extern void made_rows_make(struct Move *move);

/* Note the rows that a way home finds made, before production is written. */
extern void made_rows_note(struct Move *move);

/* Record the base, when production is written and the user's gray rows are still there. */
extern void made_rows_record(struct Move *move);

#endif /* PG_GRAY_MOVE_MADE_ROWS_H */
