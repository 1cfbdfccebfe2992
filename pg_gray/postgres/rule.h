/*
 * rule.h: prepares statements on which the application's rules do not act
 *
 * CREATE RULE rewrites the statements of applications.  A statement of a move must write the table
 * that it names, and nothing else.
 */
#ifndef PG_GRAY_POSTGRES_RULE_H
#define PG_GRAY_POSTGRES_RULE_H

struct ParseState;

/* The facts about a statement that the parser needs. */
typedef struct RuleFree
{
	unsigned int		relation; /* Oid of the table that the statement writes; 0: none */
	int					count;	  /* number of parameters */
	const unsigned int *types;	  /* Oids */
} RuleFree;

/*
 * Parser setup function for SPI; `statement` is a RuleFree.  From then on rules are passed over,
 * until the statement is planned, or rule_heed or rule_forget is called.
 */
extern void rule_pass_over(struct ParseState *state, void *statement);

/*
 * To be called after such a statement was prepared or run.  Raises serialization_failure when
 * rules of the table may have acted on it after all.
 */
extern void rule_heed(void);

/* The same after an error of the statement; raises nothing. */
extern void rule_forget(void);

/* Called once, from _PG_init. */
extern void rule_init(void);

#endif /* PG_GRAY_POSTGRES_RULE_H */
