/*
 * bookkeeping_sequence.h: gives a copied table sequences of its own
 */
#ifndef PG_GRAY_CLONE_BOOKKEEPING_SEQUENCE_H
#define PG_GRAY_CLONE_BOOKKEEPING_SEQUENCE_H

/*
 * Make a sequence for each sequence that the columns of the production table draw from, with its
 * name, options, value and rights, and let the columns of the gray table draw from it.  The gray
 * table draws from production's until then.  The caller has called SPI_connect and acts as the
 * owner of both tables.
 */
extern void bookkeeping_sequence_own(unsigned int production, unsigned int gray);

#endif /* PG_GRAY_CLONE_BOOKKEEPING_SEQUENCE_H */
