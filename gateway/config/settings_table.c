/*
 * settings_table.c: the table of all settings, with name, range and meaning
 */
#include "config/settings_own.h"

#include <limits.h>
#include <stddef.h>

#define AT(field) offsetof(Settings, field)

const Setting settings_table[] = {
	{"listen", SETTING_ADDRESSES, AT(listen), NULL, ADDRESS_TLS | ADDRESS_PROXY,
	 SETTINGS_ADDRESSES_MAX, "127.0.0.1:8080",
	 "Where clients connect: host:port, [ipv6]:port or unix:/path, several with commas.\n"
	 "tls: before it: they speak TLS.  proxy: before that: a load balancer is in front that\n"
	 "says by the PROXY protocol (1 or 2) who the client is; nobody else may reach it."},
	{"release", SETTING_TEXT, AT(release), NULL, 0, 0, "v2",
	 "The gray release this gateway serves, as in gray_create_release."},
	{"database", SETTING_SECRET, AT(database), NULL, 0, 0,
	 "host=127.0.0.1 dbname=app user=gray_gateway",
	 "How to reach the database, as libpq has it (key=value or a URI).  Several hosts, with\n"
	 "commas, are asked in turn, each address for connect_timeout (3 s if missing), for one\n"
	 "that is no standby; target_session_attrs may be primary (if missing), read-write or any.\n"
	 "With a password it had better stand elsewhere: file:/PATH, credential:NAME (of\n"
	 "systemd's LoadCredential=) or env:NAME."},
	{"without_roster", SETTING_WORD, AT(without_roster), "wait", 0, 0, "wait|production|refuse",
	 "What a gateway does that starts while the database is away, or lacks the release or a\n"
	 "right, and has no good roster_file.  wait: it does not listen before the roster is loaded;\n"
	 "production: it listens, and all requests go to production, which is right only while\n"
	 "nobody is in gray; refuse: it listens, and requests with a uid get 503."},
	{"roster_file", SETTING_TEXT, AT(roster_file), "", 0, 0, "/var/lib/gray-gateway/roster",
	 "A file in which the roster is kept for the next start: while the database is away, users\n"
	 "who can't have been moved since go where their data is, and others get 503."},
	{"roster_file_s", SETTING_NUMBER, AT(roster_file_s), "30", 1, 86400, NULL,
	 "It is written so many seconds after it was, if anything has changed, and at the end."},
	{"uid", SETTING_UID, AT(uid), NULL, 0, 0, "header:X-User-Id",
	 "Where a request has its user id; of several, with commas, the first that is there\n"
	 "wins: header:NAME, cookie:NAME, query:NAME, path:/users/{uid}/, jwt:CLAIM (of the\n"
	 "token in Authorization: Bearer), jwt:CLAIM@cookie:NAME, @query:NAME, @header:NAME.\n"
	 "A cookie is taken as it is, and one that is percent-encoded refused; cookie:NAME:decoded,\n"
	 ":form (with + for a space) or :raw says what the servers do with it.  lookup: before a\n"
	 "place: its value is what uid_query finds the user by.\n"
	 "A request without uid goes to production."},
	{"max_uid_bytes", SETTING_NUMBER, AT(uid.max_bytes), "255", 1, UID_MAX_BYTES, NULL,
	 "The longest uid, as it is in the request but decoded; a longer one is none."},
	{"uid_query", SETTING_TEXT, AT(uid_query), "", 0, 0,
	 "SELECT user_id FROM public.sessions WHERE id = $1",
	 "Finds the uid by the value of a place with lookup: before it, or of the only place; run by\n"
	 "the role of database, read-only.  No row, or NULL: nobody, so production."},
	{"uid_query_cache", SETTING_NUMBER, AT(uid_query_cache), "100000", 0, 10000000, NULL,
	 "How many users are remembered that it has found, per worker, and a quarter as many values\n"
	 "of nobody; about 150 bytes each."},
	{"uid_query_s", SETTING_NUMBER, AT(uid_query_s), "30", 0, 86400, NULL,
	 "For how many seconds; a notification ends it earlier."},
	{"uid_query_none_s", SETTING_NUMBER, AT(uid_query_none_s), "2", 0, 86400, NULL,
	 "The same of values of nobody."},
	{"uid_query_timeout_ms", SETTING_NUMBER, AT(uid_query_timeout_ms), "2000", 1, 600000, NULL,
	 "How long a request waits for it; then 503."},
	{"uid_query_waiting", SETTING_NUMBER, AT(uid_query_waiting), "5000", 1, 1000000, NULL,
	 "How many requests wait for it at once, per worker; then those of the address that has most\n"
	 "of them get 503."},
	{"uid_query_connections", SETTING_NUMBER, AT(uid_query_connections), "2", 1, 64, NULL,
	 "Database connections on which it is run, per worker."},
	{"jwt_algorithm", SETTING_TEXT, AT(jwt_algorithm), "", 0, 0, "RS256",
	 "What tokens are signed with: HS256, RS256 or ES256; whatever else a token says makes\n"
	 "it worth nothing.  For jwt: in uid this and the key file must be given."},
	{"jwt_key_file", SETTING_FILE, AT(jwt_key_file), "", 0, 0, "/etc/gray-gateway/jwt.pem",
	 "HS256: a file with the secret, 32 bytes or more, without one newline at its end.\n"
	 "RS256, ES256: the public key as PEM: RSA of 2048 bits or more, or on the curve P-256."},
	{"jwt_audience", SETTING_TEXT, AT(jwt_audience), "", 0, 0, "https://shop.example",
	 "What aud of a token must be or contain; anything if missing."},
	{"jwt_leeway_s", SETTING_NUMBER, AT(jwt_leeway_s), "30", 0, 3600, NULL,
	 "By how many seconds the issuer's clock may differ, for exp and nbf of a token."},
	{"jwt_cache", SETTING_NUMBER, AT(jwt_cache), "4096", 0, 1000000, NULL,
	 "How many tokens are remembered, per worker, so that their signatures are not verified\n"
	 "again; about 2 KiB each.  They expire all the same."},
	{"remember", SETTING_TEXT, AT(remember), "", 0, 0, "cookie:gray_user",
	 "A signed cookie of the gateway's own: users whom servers name (X-Gray-User) are known by\n"
	 "it in later requests that have no uid.  Nobody is remembered if missing."},
	{"remember_key", SETTING_SECRET, AT(remember_key), "", 0, 0, "file:/etc/gray-gateway/cookies",
	 "What cookies of remember and visitors are signed with: 32 bytes or more; all gateways of\n"
	 "a release have the same.  Several, with blanks or newlines: the first signs, all are\n"
	 "good.  It may stand elsewhere, as database."},
	{"remember_s", SETTING_NUMBER, AT(remember_s), "86400", 1, 31536000, NULL,
	 "For how many seconds a user is remembered after a server named them."},
	{"visitors", SETTING_TEXT, AT(visitors), "off", 0, 0, NULL,
	 "Which percentage of those who are no user go to gray while the release is open; 0.01 is\n"
	 "the least.  Each keeps to one side by a signed cookie.  off: all go to production."},
	{"visitors_s", SETTING_NUMBER, AT(visitors_s), "604800", 1, 31536000, NULL,
	 "For how many seconds that cookie is good; it is renewed when half of them are over."},
	{"side_cookie", SETTING_TEXT, AT(side_cookie), "gray_side", 0, 0, NULL,
	 "The name of that cookie."},
	{"cookie_secure", SETTING_CHOICE, AT(cookie_secure), "off", 0, 0, NULL,
	 "on: these cookies are Secure, also where TLS ends in front of the gateway.  off: where\n"
	 "the client itself came by TLS."},
	{"production", SETTING_ADDRESSES, AT(production), NULL, ADDRESS_TLS, SETTINGS_ADDRESSES_MAX,
	 "127.0.0.1:8081",
	 "The servers of the production side, with commas; tls: before an address: by TLS."},
	{"gray", SETTING_ADDRESSES, AT(gray), NULL, ADDRESS_TLS, SETTINGS_ADDRESSES_MAX,
	 "127.0.0.1:8082", "The servers of the gray side."},
	{"resolve_s", SETTING_NUMBER, AT(resolve_s), "30", 0, 86400, NULL,
	 "How often the names of servers and of the database's hosts are looked up again, in\n"
	 "seconds; 0: at a reload only.  A name that is not found keeps its addresses."},
	{"tls_certificate", SETTING_FILE, AT(tls_certificate), "", 0, 0, "/etc/ssl/gateway.pem",
	 "For listening by TLS: a file with the certificate and those between it and the root.\n"
	 "This and all files of keys: /PATH or credential:NAME (of systemd's LoadCredential=)."},
	{"tls_key", SETTING_FILE, AT(tls_key), "", 0, 0, "/etc/ssl/private/gateway.key",
	 "The key of that certificate; if missing, it is in the same file."},
	{"tls_ciphers", SETTING_TEXT, AT(tls_ciphers),
	 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
	 "ECDHE+AESGCM:ECDHE+CHACHA20",
	 0, 0, NULL,
	 "What clients may use, as OpenSSL names it, the best first: of TLS 1.3 what begins with\n"
	 "TLS_, of TLS 1.2 the rest.  Only what is secret for good, whoever gets the key later."},
	{"tls_ticket_s", SETTING_NUMBER, AT(tls_ticket_s), "3600", 0, 604800, NULL,
	 "After so many seconds there is a new key for the tickets by which clients resume\n"
	 "sessions; the one before is good for as long again.  0: no sessions are resumed."},
	{"tls_ca_file", SETTING_FILE, AT(tls_ca_file), "", 0, 0, "/etc/ssl/internal-ca.pem",
	 "Certificates that those of servers must come from; if missing, those of the system."},
	{"tls_server_name", SETTING_TEXT, AT(tls_server_name), "", 0, 0, "app.internal",
	 "The name that certificates of servers must have, and that servers are asked for; if\n"
	 "missing, the host as it stands in the address."},
	{"tls_verify", SETTING_CHOICE, AT(tls_verify), "on", 0, 0, NULL,
	 "off: certificates of servers are not looked at, and anyone on the way can be a server."},
	{"admin", SETTING_ADDRESSES, AT(admin), "", 0, 1, "127.0.0.1:9090",
	 "Where GET /livez, /readyz, /health and /status are answered; nowhere if missing.\n"
	 "Anyone who reaches it can read it: keep it on loopback."},
	{"workers", SETTING_NUMBER, AT(workers), "1", 1, SETTINGS_WORKERS_MAX, NULL,
	 "Processes that share the listening address."},
	{"movers", SETTING_NUMBER, AT(movers), "4", 1, 64, NULL,
	 "Database connections on which users are moved, per worker: so many moves at once."},
	{"database_timeout_ms", SETTING_NUMBER, AT(database_timeout_ms), "10000", 100, 600000, NULL,
	 "How long the database may be silent when it is asked what has changed, which it is\n"
	 "every two seconds at the least; then another connection is made.  When everything is\n"
	 "loaded: three times as long."},
	{"connect_timeout_ms", SETTING_NUMBER, AT(connect_timeout_ms), "2000", 1, 600000, NULL,
	 "How long a connection to a server may take before the next server is tried, or 504."},
	{"server_timeout_ms", SETTING_NUMBER, AT(server_timeout_ms), "60000", 1, 86400000, NULL,
	 "How long a server may take to the first byte of its answer, and from there to the end\n"
	 "of its head; then 504."},
	{"idle_timeout_ms", SETTING_NUMBER, AT(idle_timeout_ms), "60000", 1, 86400000, NULL,
	 "How long a body may stand still, and how long a kept-alive connection of either\n"
	 "side may be idle."},
	{"header_timeout_ms", SETTING_NUMBER, AT(header_timeout_ms), "30000", 1, 86400000, NULL,
	 "How long a client may take for a whole request head, from its first byte; then 408."},
	{"body_timeout_ms", SETTING_NUMBER, AT(body_timeout_ms), "20000", 1, 86400000, NULL,
	 "How long a request body may take, and a second more for each body_min_rate bytes of\n"
	 "it that came; then 408.  Time in which the server does not take it is not counted.\n"
	 "So long, too, a client may have answers wait for it, and is closed then."},
	{"body_min_rate", SETTING_NUMBER, AT(body_min_rate), "500", 0, 1000000000, NULL,
	 "Bytes per second; 0: however slow."},
	{"tunnel_timeout_ms", SETTING_NUMBER, AT(tunnel_timeout_ms), "3600000", 1, 604800000, NULL,
	 "How long a tunnel (an upgraded connection, WebSocket) may be silent on both sides."},
	{"half_close", SETTING_CHOICE, AT(half_close), "on", 0, 0, NULL,
	 "May a client end its sending side and wait for the answer?  Whether it is still there\n"
	 "is then found out by an interim answer (100).  off: who ends that side is gone."},
	{"drain_timeout_ms", SETTING_NUMBER, AT(drain_timeout_ms), "5000", 0, 600000, NULL,
	 "How long a move waits for the user's requests in flight.  Then it begins anyway:\n"
	 "answers that have begun are cut off, GET and HEAD without one are sent again after the\n"
	 "move, and the database guards the data against the rest, whose answers may be 421.\n"
	 "An answer that lasts longer than that is a stream, and not waited for at all."},
	{"hold_timeout_ms", SETTING_NUMBER, AT(hold_timeout_ms), "30000", 1, 600000, NULL,
	 "How long a request is held while its user is moved; then it goes where the data is, if\n"
	 "the database was not asked for the move yet, or gets 503."},
	{"hold_limit", SETTING_NUMBER, AT(hold_limit), "1000", 1, 1000000, NULL,
	 "How many requests are held at once, per worker.  When that is full, users are moved\n"
	 "later, and their requests go where the data is."},
	{"hold_limit_user", SETTING_NUMBER, AT(hold_limit_user), "250", 1, 1000000, NULL,
	 "How many of them may be of one user; its requests above get 503.  Nobody has more than\n"
	 "half of what is left for others."},
	{"move_wait_ms", SETTING_NUMBER, AT(move_wait_ms), "1000", 1, 600000, NULL,
	 "How long a move may wait for one of the movers.  Where more users are due, they are\n"
	 "moved later, and their requests go where the data is meanwhile."},
	{"move_timeout_ms", SETTING_NUMBER, AT(move_timeout_ms), "20000", 1, 86400000, NULL,
	 "How long one move may take; then the database cancels it, nothing is changed, and\n"
	 "requests go where the data is."},
	{"move_after", SETTING_WORD, AT(move_after), "acknowledged", 0, 0, "acknowledged|at once",
	 "acknowledged: a user is moved when all gateways, and all workers, hold the user's requests,\n"
	 "or have no lease: so nobody reads what has moved.  at once: others hear of it afterwards."},
	{"stale_after_ms", SETTING_NUMBER, AT(stale_after_ms), "2000", 0, 60000, NULL,
	 "So long after it last heard of the database a gateway sends requests of users on who may\n"
	 "have been moved meanwhile; then they are held for twice as long, and after that get 503.\n"
	 "Moves by others wait half as long again for a gateway that is cut off.  0: it goes on, and\n"
	 "reads may be of what was left behind."},
	{"stop_timeout_ms", SETTING_NUMBER, AT(stop_timeout_ms), "10000", 0, 600000, NULL,
	 "How long requests in flight are finished after SIGTERM."},
	{"stop_idle_ms", SETTING_NUMBER, AT(stop_idle_ms), "1000", 0, 600000, NULL,
	 "How long after SIGTERM a kept-alive connection may bring one more request."},
	{"max_request_line_bytes", SETTING_NUMBER, AT(max_request_line_bytes), "8192", 16, 1048576,
	 NULL, "The longest request line; above it 414."},
	{"max_header_bytes", SETTING_NUMBER, AT(max_header_bytes), "16384", 256, 1048576, NULL,
	 "The largest request head; above it 431.  Of a response: 502."},
	{"max_headers", SETTING_NUMBER, AT(max_headers), "100", 1, HEAD_FIELDS_MAX, NULL,
	 "How many header fields a request may have, and how many options its Connection fields;\n"
	 "above it 431."},
	{"max_answer_headers", SETTING_NUMBER, AT(max_answer_headers), "1000", 1, HEAD_FIELDS_MAX, NULL,
	 "How many header fields an answer may have; above it 502."},
	{"max_body_bytes", SETTING_NUMBER, AT(max_body_bytes), "0", 0, UINT_MAX, NULL,
	 "The largest request body; above it 413.  0: any."},
	{"replay_bytes", SETTING_NUMBER, AT(replay_bytes), "65536", 0, 16777216, NULL,
	 "How much of a request body is kept until the answer begins, to send it again when\n"
	 "a server says 421 or does not answer."},
	{"replay_spool_bytes", SETTING_NUMBER, AT(replay_spool_bytes), "16777216", 0, UINT_MAX, NULL,
	 "How much of one is kept in a file, if it is larger and its user may be moved.  0: none.\n"
	 "Beyond that a request that went to the wrong side is answered 503, to be tried again."},
	{"replay_spool_total_bytes", SETTING_NUMBER, AT(replay_spool_total_bytes), "268435456", 0,
	 UINT_MAX, NULL, "How much all such files of a worker may have together."},
	{"spool_dir", SETTING_TEXT, AT(spool_dir), "", 0, 0, "/var/tmp",
	 "Where these files are; they have no names.  If missing: $TMPDIR or /tmp."},
	{"buffer_bytes", SETTING_NUMBER, AT(buffer_bytes), "65536", 4096, SETTINGS_BUFFER_BYTES_MAX,
	 NULL, "How much is read at once, and so kept for a side that does not take it."},
	{"batch_sends", SETTING_WORD, AT(batch_sends), "off", 0, 0, "off|auto",
	 "auto: small requests and answers are sent together, by io_uring, where the kernel lets\n"
	 "us; cheaper where clients or servers are on the same processors as the gateway."},
	{"max_connections", SETTING_NUMBER, AT(max_connections), "10000", 1, 1000000, NULL,
	 "Client connections per worker; above it 503.  Each takes two file descriptors: where there\n"
	 "are too few (LimitNOFILE=), further clients wait."},
	{"max_requests", SETTING_NUMBER, AT(max_requests), "0", 0, UINT_MAX, NULL,
	 "Requests on one client connection, which is closed after the last.  0: any number."},
	{"idle_servers", SETTING_NUMBER, AT(idle_servers), "128", 0, 100000, NULL,
	 "Idle connections kept open to each server, per worker."},
	{"retries", SETTING_NUMBER, AT(retries), "1", 0, 31, NULL,
	 "How often a request that did not get the first byte of an answer is sent to another\n"
	 "server of its side: only GET, HEAD, PUT, DELETE, OPTIONS and TRACE, and only while\n"
	 "all of its body is kept.  A server that cannot be connected does not count."},
	{"eject_after", SETTING_NUMBER, AT(eject_after), "3", 0, 1000, NULL,
	 "After so many failures in a row a server gets no requests for a while; 0: never.\n"
	 "A failure: no connection, or no well-formed head of an answer in time."},
	{"eject_ms", SETTING_NUMBER, AT(eject_ms), "1000", 1, 86400000, NULL,
	 "For how long at first.  Then one request tries it; if that fails, twice as long."},
	{"eject_most_ms", SETTING_NUMBER, AT(eject_most_ms), "30000", 1, 86400000, NULL,
	 "For how long at most."},
	{"tell_side", SETTING_CHOICE, AT(tell_side), "off", 0, 0, NULL,
	 "on: answers of servers have X-Gray-Side, production or gray: where they come from."},
	{"access_log", SETTING_TEXT, AT(access_log), "", 0, 0, "/var/log/gray-gateway/access.log",
	 "A file that gets a line for each request, or - for standard output; none if missing."},
	{"access_log_format", SETTING_FORMAT, AT(access_log_format), "combined", 0, 0, NULL,
	 "combined or json."},
	{"uid_hash_key", SETTING_SECRET, AT(uid_hash_key), "", 0, 0, "a long secret",
	 "The access log names users by a hash under this key.  If missing, a random key is\n"
	 "used, and hashes of one run of the gateway don't compare with those of another.\n"
	 "It may stand elsewhere, as database."},
	{"log_level", SETTING_LEVEL, AT(log_level), "info", 0, 0, NULL,
	 "debug, info, warning or error.  The log is written to standard error."},
};

const size_t settings_count = sizeof(settings_table) / sizeof(settings_table[0]);

_Static_assert(sizeof(settings_table) / sizeof(settings_table[0]) <= SETTINGS_MOST,
			   "SETTINGS_MOST is too small");
