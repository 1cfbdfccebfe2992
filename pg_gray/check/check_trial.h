/*
 * check_trial.h: expressions tried on rows that there are
 *
 * Nothing is written: each expression is computed in a read-only subtransaction that is rolled
 * back, as the owner of the tables.
 */
#ifndef PG_GRAY_CHECK_CHECK_TRIAL_H
#define PG_GRAY_CHECK_CHECK_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "release/twin.h"

struct Counting;
struct ErrorData;
struct List;
struct Node;

typedef enum TrialKind
{
	TRIAL_VALUE,	/* the value of a column: it must be possible to compute it */
	TRIAL_NOT_NULL, /* it must not be null */
	TRIAL_CHECK,	/* a condition, which must not be false */
	TRIAL_CALL		/* functions in it must find what they name; nothing else matters */
} TrialKind;

/* One expression, and what came of it. */
typedef struct TrialProbe
{
	TrialKind	 kind;
	struct Node *expression; /* over p and g, see check_row.h */
	const void	*detail;	 /* the caller's */

	uint64_t		  failed;
	uint64_t		  errors;  /* raised */
	bool			  closed;  /* no more of it was tried */
	char			 *example; /* the key of the first row that failed; null: it has none */
	struct ErrorData *error;   /* that it raised; null: none */
} TrialProbe;

typedef struct Trial
{
	const Twin	*twin;
	Side		 from;	 /* whose rows it is tried on */
	bool		 moves;	 /* of gray's rows, those that a way home would write */
	uint64_t	 most;	 /* no more rows than these */
	struct List *probes; /* TrialProbe; of one row, values are tried first */

	uint64_t tried;
	bool	 is_sample;
} Trial;

/*
 * Try all of them on the rows of a table, or of a large one on some.  It takes a second at most, or
 * little more.  The caller has called SPI_connect.  Raises what reading the rows raises.
 */
extern void check_trial_run(Trial *trial, const struct Counting *counting);

#endif /* PG_GRAY_CHECK_CHECK_TRIAL_H */
