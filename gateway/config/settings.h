/*
 * settings.h: reads the configuration file
 */
#ifndef GATEWAY_CONFIG_SETTINGS_H
#define GATEWAY_CONFIG_SETTINGS_H

#include <stdio.h>

#include "base/access_line.h"
#include "base/address.h"
#include "base/log.h"
#include "config/cookie_rules.h"
#include "user/uid.h"

#define SETTINGS_ADDRESSES_MAX 32
#define SETTINGS_WORKERS_MAX 256
#define SETTINGS_BUFFER_BYTES_MAX 65536

typedef struct AddressList
{
	size_t	count;
	Address addresses[SETTINGS_ADDRESSES_MAX];
} AddressList;

/*
 * What the gateway does without a roster, while the database is away. The order is that of the
 * words in settings_table.c.
 */
typedef enum RosterPolicy
{
	WITHOUT_ROSTER_WAIT,
	WITHOUT_ROSTER_PRODUCTION,
	WITHOUT_ROSTER_REFUSE
} RosterPolicy;

/* What a move waits for. The order is that of the words in settings_table.c. */
typedef enum MoveAfter
{
	MOVE_AFTER_ACKNOWLEDGED,
	MOVE_AFTER_AT_ONCE
} MoveAfter;

/* settings_table.c says what each setting means. */
typedef struct Settings
{
	char		*path; /* path of the configuration file; owned */
	AddressList	 listen;
	AddressList	 admin; /* none or one */
	AddressList	 production;
	AddressList	 gray;
	char		*release;		/* owned */
	char		*database;		/* owned */
	char		*database_file; /* the file that has the value of database, or NULL (secret.h) */
	RosterPolicy without_roster;
	char		*roster_file; /* owned; "": no file */
	unsigned	 roster_file_s;
	UidSources	 uid;
	char		*uid_query; /* owned; "": no query */
	unsigned	 uid_query_cache;
	unsigned	 uid_query_s;
	unsigned	 uid_query_none_s;
	unsigned	 uid_query_timeout_ms;
	unsigned	 uid_query_waiting;
	unsigned	 uid_query_connections;
	char		*jwt_algorithm; /* owned; "": not given */
	char		*jwt_key_file;	/* owned; "": not given */
	char		*jwt_audience;	/* owned; "": any audience is good */
	unsigned	 jwt_leeway_s;
	unsigned	 jwt_cache;
	TokenRules	 token;		   /* made from the jwt settings */
	char		*remember;	   /* owned; "": no user is remembered */
	char		*remember_key; /* owned; "": not given */
	char		*remember_key_file;
	unsigned	 remember_s;
	char		*visitors;	  /* owned */
	char		*side_cookie; /* owned */
	unsigned	 visitors_s;
	bool		 cookie_secure;
	CookieRules	 cookies;		  /* made from these settings */
	char		*tls_certificate; /* owned, as all texts are; "": no certificate */
	char		*tls_key;
	char		*tls_ca_file;
	char		*tls_server_name;
	bool		 tls_verify;
	char		*tls_ciphers;
	unsigned	 tls_ticket_s;
	bool		 tell_side;
	LogLevel	 log_level;
	char		*access_log;   /* owned; "": no access log */
	char		*uid_hash_key; /* owned; "": a random key */
	char		*uid_hash_key_file;
	AccessFormat access_log_format;
	unsigned	 workers;
	unsigned	 movers;
	unsigned	 resolve_s;
	unsigned	 database_timeout_ms;
	unsigned	 connect_timeout_ms;
	unsigned	 server_timeout_ms;
	unsigned	 idle_timeout_ms;
	unsigned	 tunnel_timeout_ms;
	unsigned	 drain_timeout_ms;
	unsigned	 hold_timeout_ms;
	unsigned	 move_timeout_ms;
	unsigned	 stale_after_ms;
	unsigned	 move_after; /* MoveAfter */
	unsigned	 stop_timeout_ms;
	unsigned	 stop_idle_ms;
	unsigned	 hold_limit;
	unsigned	 hold_limit_user;
	unsigned	 move_wait_ms;
	unsigned	 header_timeout_ms;
	unsigned	 body_timeout_ms;
	unsigned	 body_min_rate;
	unsigned	 max_request_line_bytes;
	unsigned	 max_header_bytes;
	unsigned	 max_headers;
	unsigned	 max_answer_headers;
	unsigned	 max_body_bytes;
	unsigned	 max_requests;
	unsigned	 replay_bytes;
	unsigned	 replay_spool_bytes;
	unsigned	 replay_spool_total_bytes;
	char		*spool_dir; /* owned; "": the directory of temporary files */
	unsigned	 buffer_bytes;
	bool		 half_close;
	unsigned	 batch_sends; /* BatchSends */
	unsigned	 max_connections;
	unsigned	 idle_servers;
	unsigned	 retries;
	unsigned	 eject_after;
	unsigned	 eject_ms;
	unsigned	 eject_most_ms;
} Settings;

/*
 * Read a file, and the files that have its values. The caller owns the settings. Return NULL if
 * the file is not good: problem then names file, line and key.
 */
extern Settings *settings_read(const char *path, char *problem, size_t problem_size);
extern void		 settings_free(Settings *settings);

/*
 * Take over the settings that a running process can't change (listen, admin, workers, movers,
 * database, release, uid_query_connections) from current, with their memory. current can be freed
 * afterwards. A warning is logged where next has another value.
 */
extern void settings_keep_fixed(Settings *next, Settings *current);

/* Write the commented reference file: every key with its meaning and default. */
extern void settings_print_reference(FILE *out);

#endif /* GATEWAY_CONFIG_SETTINGS_H */
