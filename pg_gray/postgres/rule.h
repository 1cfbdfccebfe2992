/*
 * rule.h: statements on which the application's rules do not act
 *
 * CREATE RULE rewrites what applications ask for.  A statement of a move is to write the table
 * that it names, and nothing else.
 */
#ifndef PG_GRAY_POSTGRES_RULE_H
#define PG_GRAY_POSTGRES_RULE_H

struct ParseState;

/* What the parser is told of a statement. */
typedef struct RuleFree
{
	unsigned int		relation; /* Oid: of the table that it writes; 0: none */
	int					count;	  /* of its parameters */
	const unsigned int *types;	  /* Oids */
} RuleFree;

/*
 * For SPI: what prepares the parser for a statement (RuleFree).  From then on rules are passed over,
 * until the statement is planned, or one of the next two is called.
 */
extern void rule_pass_over(struct ParseState *state, void *statement);

/*
 * Whoever prepares or runs such a statement calls this after it.  Raises serialization_failure when
 * rules of the table may have acted on it after all.
 */
extern void rule_heed(void);

/* The same after an error of it; raises nothing. */
extern void rule_forget(void);

/* Called once, from _PG_init. */
extern void rule_init(void);

#endif /* PG_GRAY_POSTGRES_RULE_H */
