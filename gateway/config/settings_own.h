/*
 * settings_own.h: what is known of each setting, for the files of the settings
 */
#ifndef GATEWAY_CONFIG_SETTINGS_OWN_H
#define GATEWAY_CONFIG_SETTINGS_OWN_H

#include "config/settings.h"

typedef enum SettingKind
{
	SETTING_NUMBER,
	SETTING_TEXT,
	SETTING_FILE,	/* a text: a path, maybe of a credential */
	SETTING_SECRET, /* a text, maybe in a file */
	SETTING_ADDRESSES,
	SETTING_UID,
	SETTING_LEVEL,
	SETTING_FORMAT,
	SETTING_CHOICE,
	SETTING_WORD /* one of the words in example, with bars; the field is its place */
} SettingKind;

typedef struct Setting
{
	const char *key;
	SettingKind kind;
	size_t		offset;
	const char *preset; /* NULL: must be given; "": may be missing */
	unsigned	least;	/* numbers; for addresses the prefixes, and how many there may be */
	unsigned	most;
	const char *example; /* for keys without preset */
	const char *meaning; /* lines of the reference file */
} Setting;

#define SETTINGS_MOST 96 /* there may be so many */

extern const Setting settings_table[];
extern const size_t	 settings_count;

#endif /* GATEWAY_CONFIG_SETTINGS_OWN_H */
