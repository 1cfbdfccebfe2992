/*
 * cookie_rules.c: derives from the settings which cookies the gateway sets
 */
#include "config/cookie_rules.h"

#include <string.h>

#include "config/settings.h"
#include "http/cookie.h"

static const char cookie_mark[] = "cookie:";

static bool
take_names(Settings *settings, const char **key, const char **problem)
{
	CookieRules *rules = &settings->cookies;
	size_t		 length = sizeof(cookie_mark) - 1;

	*key = "remember";
	*problem = "expected cookie:NAME";
	if (*settings->remember != '\0')
	{
		if (strncmp(settings->remember, cookie_mark, length) != 0 ||
			!cookie_name_valid(span_of(settings->remember + length)))
			return false;
		rules->names[REMEMBER_USER] = settings->remember + length;
	}
	*key = "side_cookie";
	*problem = "is no name of a cookie";
	if (rules->visitors.wanted)
		rules->names[REMEMBER_SIDE] = settings->side_cookie;
	return cookie_name_valid(span_of(settings->side_cookie));
}

/*
 * Does uid read the cookie of this name? Servers never see the gateway's cookies, so no other user
 * of the name can be served.
 */
static bool
needed(const Settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->uid.count; i++)
	{
		const UidSource *source = &settings->uid.sources[i];

		if ((source->place == UID_COOKIE && strcmp(source->name, name) == 0) ||
			(source->place == UID_TOKEN && strcmp(source->suffix, name) == 0))
			return true;
	}
	return false;
}

static bool
check_name(const Settings *settings, const char *name, const char **problem)
{
	if (name == NULL)
		return true;
	*problem = "uid has a place of the same name; the gateway's cookie is its own";
	if (needed(settings, name))
		return false;
	*problem = "browsers take cookies of this name only with Secure; set cookie_secure = on";
	return !cookie_name_secure(name) || settings->cookie_secure;
}

static bool
check_names(const Settings *settings, const char **key, const char **problem)
{
	const char *const *names = settings->cookies.names;

	*key = "remember";
	if (!check_name(settings, names[REMEMBER_USER], problem))
		return false;
	*key = "side_cookie";
	if (!check_name(settings, names[REMEMBER_SIDE], problem))
		return false;
	*problem = "has the name of the cookie in remember";
	return names[REMEMBER_USER] == NULL || names[REMEMBER_SIDE] == NULL ||
		   strcmp(names[REMEMBER_USER], names[REMEMBER_SIDE]) != 0;
}

bool
cookie_rules_make(Settings *settings, const char **key, const char **problem)
{
	CookieRules *rules = &settings->cookies;

	*key = "visitors";
	*problem = "expected off, or a percentage from 0 to 100 with two decimals at most";
	if (!visitor_parse(span_of(settings->visitors), &rules->visitors) ||
		!take_names(settings, key, problem) || !check_names(settings, key, problem))
		return false;
	*key = "remember_key";
	if (*settings->remember_key != '\0')
		return remember_keys_parse(span_of(settings->remember_key), &rules->keys, problem);
	*problem = "is missing, and cookies of remember or visitors are signed with it";
	return rules->names[REMEMBER_USER] == NULL && rules->names[REMEMBER_SIDE] == NULL;
}
