/*
 * cookie_rules.h: which cookies the gateway gives out, made of the settings
 */
#ifndef GATEWAY_CONFIG_COOKIE_RULES_H
#define GATEWAY_CONFIG_COOKIE_RULES_H

#include "user/remember.h"
#include "user/visitor.h"

struct Settings;

typedef struct CookieRules
{
	const char *names[2]; /* by RememberPurpose; borrowed of the settings; NULL: none is given out */
	RememberKeys keys;
	VisitorShare visitors;
} CookieRules;

/*
 * Makes settings->cookies of what was read.  On false, key and problem (both static) say what is
 * wrong with them.
 */
extern bool cookie_rules_make(struct Settings *settings, const char **key, const char **problem);

#endif /* GATEWAY_CONFIG_COOKIE_RULES_H */
