/*
 * settings.h: the configuration file
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

/* What is done without a roster, while the database is away; in the order of the words in the table. */
typedef enum RosterPolicy
{
	WITHOUT_ROSTER_WAIT,
	WITHOUT_ROSTER_PRODUCTION,
	WITHOUT_ROSTER_REFUSE
} RosterPolicy;

/* What a move waits for; in the order of the words in the table. */
typedef enum MoveAfter
{
	MOVE_AFTER_ACKNOWLEDGED,
	MOVE_AFTER_AT_ONCE
} MoveAfter;

/* What each one means is said once, in settings_table.c. */
typedef struct Settings
{
	char		*path; /* of the file; owned */
	AddressList	 listen;
	AddressList	 admin; /* none or one */
	AddressList	 production;
	AddressList	 gray;
	char		*release;		/* owned */
	char		*database;		/* owned */
	char		*database_file; /* that it stands in, or NULL (secret.h) */
	RosterPolicy without_roster;
	char		*roster_file; /* owned; "": none */
	unsigned	 roster_file_s;
	UidSources	 uid;
	char		*uid_query; /* owned; "": none */
	unsigned	 uid_query_cache;
	unsigned	 uid_query_s;
	unsigned	 uid_query_none_s;
	unsigned	 uid_query_timeout_ms;
	unsigned	 uid_query_waiting;
	unsigned	 uid_query_connections;
	char		*jwt_algorithm; /* owned; "": none */
	char		*jwt_key_file;	/* owned; "": none */
	char		*jwt_audience;	/* owned; "": any */
	unsigned	 jwt_leeway_s;
	unsigned	 jwt_cache;
	TokenRules	 token;		   /* made of these */
	char		*remember;	   /* owned; "": nobody */
	char		*remember_key; /* owned; "": none */
	char		*remember_key_file;
	unsigned	 remember_s;
	char		*visitors;	  /* owned */
	char		*side_cookie; /* owned */
	unsigned	 visitors_s;
	bool		 cookie_secure;
	CookieRules	 cookies;		  /* made of these */
	char		*tls_certificate; /* owned, as all texts; "": none */
	char		*tls_key;
	char		*tls_ca_file;
	char		*tls_server_name;
	bool		 tls_verify;
	char		*tls_ciphers;
	unsigned	 tls_ticket_s;
	bool		 tell_side;
	LogLevel	 log_level;
	char		*access_log;   /* owned; "": none */
	char		*uid_hash_key; /* owned; "": at random */
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
	char		*spool_dir; /* owned; "": that of temporary files */
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
 * Reads a file, and those that it has values in.  The answer is owned by the caller.  NULL if it is not good:
 * then problem names file, line and key.
 */
extern Settings *settings_read(const char *path, char *problem, size_t problem_size);
extern void		 settings_free(Settings *settings);

/*
 * What a running process can't change (listen, admin, workers, movers,
 * database, release, uid_query_connections) is taken over from the current settings, with its memory:
 * they are to be freed then.  A warning is logged where the next ones want it
 * otherwise.
 */
extern void settings_keep_fixed(Settings *next, Settings *current);

/* Writes the commented reference file: every key, its meaning and default. */
extern void settings_print_reference(FILE *out);

#endif /* GATEWAY_CONFIG_SETTINGS_H */
