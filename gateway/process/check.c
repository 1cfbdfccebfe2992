/*
 * check.c: finds settings that work but are not as safe as they could be
 */
#include "process/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "config/secret.h"
#include "net/descriptors.h"
#include "proxy/replay.h"

#define TEXT_BYTES 1024

typedef void (*Warn)(const char *text);

/*
 * May other users read the file? A group that was given root's files may read them, as ssl-cert
 * does.
 */
static bool
others_may_read(const char *path)
{
	struct stat file;

	if (stat(path, &file) < 0 || !S_ISREG(file.st_mode))
		return false;
	return (file.st_mode & (file.st_uid == 0 ? 037 : 077)) != 0;
}

static void
check_file(const Settings *settings, const char *key, const char *path, Warn warn)
{
	char text[TEXT_BYTES];

	if (*path == '\0' || !others_may_read(path))
		return;
	snprintf(text, sizeof(text), "%s: %s: %s can be read by others; type: chmod 600 %s",
			 settings->path, key, path, path);
	warn(text);
}

/* Return the value of a key in the connection string, or NULL. The caller owns the value. */
static char *
from_conninfo(const char *conninfo, const char *key)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
	char			 *value = NULL;

	for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
	{
		if (strcmp(option->keyword, key) == 0 && option->val != NULL)
			value = memory_text(option->val, strlen(option->val));
	}
	PQconninfoFree(options);
	return value;
}

static bool
has_password(const Settings *settings)
{
	char *password = from_conninfo(settings->database, "password");
	char *of_key = from_conninfo(settings->database, "sslpassword");
	bool  found = password != NULL || of_key != NULL;

	free(password);
	free(of_key);
	return found;
}

/*
 * Warn if other users may read a file with a secret: the configuration file, or a file that it
 * names.
 */
static void
check_secrets(const Settings *settings, Warn warn)
{
	const char *database = has_password(settings) ? settings->database_file : NULL;
	const char *hash_key = *settings->uid_hash_key != '\0' ? settings->uid_hash_key_file : NULL;
	const char *cookie_key = *settings->remember_key != '\0' ? settings->remember_key_file : NULL;

	if (database != NULL)
		check_file(settings, "database has a password", database, warn);
	if (hash_key != NULL && (database == NULL || strcmp(database, hash_key) != 0))
		check_file(settings, "uid_hash_key is a secret", hash_key, warn);
	if (cookie_key != NULL)
		check_file(settings, "remember_key is a secret", cookie_key, warn);
}

static bool
on_loopback(const Address *address)
{
	const struct sockaddr	  *socket = (const struct sockaddr *) &address->socket;
	const struct sockaddr_in  *four = (const struct sockaddr_in *) &address->socket;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *) &address->socket;

	if (socket->sa_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return socket->sa_family == AF_UNIX || IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static void
check_admin(const Settings *settings, Warn warn)
{
	char text[TEXT_BYTES];

	if (settings->admin.count == 0 || on_loopback(&settings->admin.addresses[0]))
		return;
	snprintf(text, sizeof(text),
			 "%s: admin: anyone who reaches %s can read it; give an address on loopback, or unix:",
			 settings->path, settings->admin.addresses[0].text);
	warn(text);
}

/* Check the limit as it will be: at the start the gateway raises it as far as it may. */
static void
check_descriptors(const Settings *settings, Warn warn)
{
	struct rlimit limit;
	size_t		  wanted = settings->max_connections;
	size_t		  clients;
	char		  text[TEXT_BYTES];

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max == RLIM_INFINITY)
		return;
	clients = descriptors_clients_of((size_t) limit.rlim_max);
	if (clients >= wanted)
		return;
	snprintf(text, sizeof(text),
			 "%s: max_connections: %zu clients of a worker need %zu file descriptors, and it may have"
			 " %zu: beyond %zu clients others wait; set LimitNOFILE=%zu in the unit (elsewhere:"
			 " ulimit -Hn), or max_connections = %zu",
			 settings->path, wanted, descriptors_needed(wanted), (size_t) limit.rlim_max, clients,
			 descriptors_needed(wanted), clients);
	warn(text);
}

static bool
any_tls(const AddressList *list)
{
	for (size_t i = 0; i < list->count; i++)
	{
		if (list->addresses[i].tls)
			return true;
	}
	return false;
}

static void
check_spool(const Settings *settings, Warn warn)
{
	char text[TEXT_BYTES];

	if (settings->replay_spool_bytes == 0 || replay_directory_works(settings->spool_dir))
		return;
	snprintf(text, sizeof(text),
			 "%s: spool_dir: no file can be made there: %s; bodies above replay_bytes are not kept",
			 settings->path, strerror(errno));
	warn(text);
}

void
check_settings(const Settings *settings, Warn warn)
{
	bool  tls_keys = any_tls(&settings->listen);
	char *passfile = from_conninfo(settings->database, "passfile");
	char  text[TEXT_BYTES];

	check_secrets(settings, warn);
	if (tls_keys && *settings->tls_key != '\0')
		check_file(settings, "tls_key", settings->tls_key, warn);
	else if (tls_keys)
		check_file(settings, "tls_certificate, which has the key", settings->tls_certificate, warn);
	if (strcmp(settings->jwt_algorithm, "HS256") == 0)
		check_file(settings, "jwt_key_file", settings->jwt_key_file, warn);
	if (passfile != NULL)
		check_file(settings, "database: passfile", passfile, warn);
	free(passfile);
	check_admin(settings, warn);
	check_descriptors(settings, warn);
	check_spool(settings, warn);
	if (!settings->tls_verify && (any_tls(&settings->production) || any_tls(&settings->gray)))
	{
		snprintf(text, sizeof(text),
				 "%s: tls_verify: is off, and anyone on the way can be a server", settings->path);
		warn(text);
	}
}
