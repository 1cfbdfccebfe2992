/*
 * structure.h: a gray table with the structure of a production table
 */
#ifndef STRUCTURE_H
#define STRUCTURE_H

/*
 * Create the table of the same name in the gray schema: columns, defaults,
 * constraints but foreign keys (foreign_key.h adds them when all tables are
 * there), indexes.  Returns its Oid.  The caller has called SPI_connect and
 * acts as the owner of the production table.
 */
extern unsigned int structure_clone(unsigned int production, const char *gray_schema);

#endif /* STRUCTURE_H */
