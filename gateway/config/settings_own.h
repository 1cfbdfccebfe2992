/*
 * settings_own.h: describes each setting, for the files of the settings alone
 */
#ifndef GATEWAY_CONFIG_SETTINGS_OWN_H
#define GATEWAY_CONFIG_SETTINGS_OWN_H

#include "config/settings.h"

typedef enum SettingKind
{
	SETTING_NUMBER,
	SETTING_TEXT,
	SETTING_FILE,	/* a text: a path, or the name of a credential */
	SETTING_SECRET, /* a text, or a file that has it */
	SETTING_ADDRESSES,
	SETTING_UID,
	SETTING_LEVEL,
	SETTING_FORMAT,
	SETTING_CHOICE,
	SETTING_WORD /* one of the words in example, separated by bars; the field has its number */
} SettingKind;

typedef struct Setting
{
	const char *key;
	SettingKind kind;
	size_t		offset;
	const char *preset; /* NULL: the key must be given; "": the key may be missing */
	unsigned least; /* of a number; of addresses: the allowed prefixes, and the most there may be */
	unsigned most;
	const char *example; /* for keys without a preset */
	const char *meaning; /* lines of the reference file */
} Setting;

#define SETTINGS_MOST 96 /* at least the number of settings */

extern const Setting settings_table[];
extern const size_t	 settings_count;

#endif /* GATEWAY_CONFIG_SETTINGS_OWN_H */
