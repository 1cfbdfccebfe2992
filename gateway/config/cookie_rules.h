/*
 * cookie_rules.h: derives from the settings which cookies the gateway sets
 */
#ifndef GATEWAY_CONFIG_COOKIE_RULES_H
#define GATEWAY_CONFIG_COOKIE_RULES_H

#include "user/remember.h"
#include "user/visitor.h"

struct Settings;

typedef struct CookieRules
{
	const char	*names[2]; /* by RememberPurpose; borrowed from the settings; NULL: is not set */
	RememberKeys keys;
	VisitorShare visitors;
} CookieRules;

/*
 * Make settings->cookies from the settings that were read. On false, key and problem (both static)
 * say which setting is wrong, and why.
 */
extern bool cookie_rules_make(struct Settings *settings, const char **key, const char **problem);

#endif /* GATEWAY_CONFIG_COOKIE_RULES_H */
