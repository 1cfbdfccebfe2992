/*
 * rule.h: statements on which the application's rules do not act
 *
 * CREATE RULE rewrites what applications ask for.  A statement of a move is to write the table
 * that it names, and nothing else.  Only rules that are enabled ALWAYS or for replicas act on it
 * all the same: see always_rule.h.
 */
#ifndef RULE_H
#define RULE_H

struct ParseState;

/* The parameters of a statement. */
typedef struct RuleParameters
{
	int					count;
	const unsigned int *types; /* Oids */
} RuleParameters;

/*
 * For SPI: what prepares the parser for a statement with these RuleParameters.  From then on rules
 * are passed over, until the statement is planned, or rule_heed is called.
 */
extern void rule_pass_over(struct ParseState *state, void *parameters);

/* Whoever runs or prepares such a statement calls this after it, and after an error of it. */
extern void rule_heed(void);

/* Called once, from _PG_init. */
extern void rule_init(void);

#endif /* RULE_H */
