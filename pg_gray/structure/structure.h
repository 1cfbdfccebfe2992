/*
 * structure.h: gives gray tables the structure of production tables
 */
#ifndef PG_GRAY_STRUCTURE_STRUCTURE_H
#define PG_GRAY_STRUCTURE_STRUCTURE_H

struct List;

/*
 * Create the table of the same name in the gray schema, with the columns of the production table
 * and nothing else.  Returns its Oid.  The caller has called SPI_connect and acts as the owner of
 * the production table, also for the function below.
 */
extern unsigned int structure_create(unsigned int production, const char *gray_schema);

/*
 * Give gray tables all pieces (piece.h) of their production tables except foreign keys.  Take away
 * the pieces that a new table has and its production table has not, such as default privileges.
 * The lists of Oids are of the same length and order.  The paths are the search_paths of the two
 * sides (search_path.h).
 */
extern void structure_furnish(struct List *production, struct List *gray,
							  const char *production_path, const char *gray_path);

#endif /* PG_GRAY_STRUCTURE_STRUCTURE_H */
