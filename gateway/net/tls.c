/*
 * tls.c: certificates, keys and trusted authorities, for clients and servers
 */
#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/ticket.h"

/* A context is NULL if the settings do not need it. */
typedef struct Contexts
{
	SSL_CTX *clients;
	SSL_CTX *servers;
	char	*server_name; /* owned; "": the host of the address */
	unsigned ticket_s;
} Contexts;

static Contexts contexts;
static Contexts prepared;

static const char *
first_error(void)
{
	unsigned long error = ERR_peek_error();
	const char	 *text = error != 0 ? ERR_reason_error_string(error) : NULL;

	ERR_clear_error();
	return text != NULL ? text : "unknown error";
}

static void
free_contexts(Contexts *which)
{
	SSL_CTX_free(which->clients);
	SSL_CTX_free(which->servers);
	free(which->server_name);
	memset(which, 0, sizeof(*which));
}

static SSL_CTX *
new_context(const SSL_METHOD *method)
{
	SSL_CTX *context = SSL_CTX_new(method);

	if (context == NULL)
		abort(); /* out of memory */
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	/*
	 * After a short write, the same bytes may be sent from another address. Idle connections need
	 * no buffers.
	 */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
								  SSL_MODE_RELEASE_BUFFERS);
	/*
	 * With this mode, a call would go on for as long as records without data come, and the loop
	 * would serve nobody else.
	 */
	SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
	return context;
}

/* Does the cipher have forward secrecy, and does it authenticate the bytes? */
static bool
is_strong(const SSL_CIPHER *cipher)
{
	int exchange = SSL_CIPHER_get_kx_nid(cipher);

	return (exchange == NID_kx_ecdhe || exchange == NID_kx_dhe || exchange == NID_kx_any) &&
		   SSL_CIPHER_get_auth_nid(cipher) != NID_auth_null && SSL_CIPHER_is_aead(cipher);
}

/*
 * Add an item if OpenSSL knows it when it stands alone: in a list, OpenSSL ignores unknown items.
 */
static bool
add_ciphers(SSL_CTX *context, Span item, Buffer *old, Buffer *new)
{
	bool	   is_new = item.length > 4 && memcmp(item.bytes, "TLS_", 4) == 0;
	Buffer	  *list = is_new ? new : old;
	char	  *text = memory_text(item.bytes, item.length);
	const bool good = item.length > 0 && (is_new ? SSL_CTX_set_ciphersuites(context, text)
												 : SSL_CTX_set_cipher_list(context, text)) == 1;

	free(text);
	if (!good)
		return false;
	if (buffer_length(list) > 0)
		buffer_append(list, ":", 1);
	buffer_append(list, item.bytes, item.length);
	return true;
}

/* Set the ciphers. Return NULL, or the error in them. */
static const char *
set_ciphers(SSL_CTX *context, const char *ciphers)
{
	Span   rest = span_of(ciphers);
	Span   item;
	Buffer old = {0};
	Buffer new = {0};
	bool		good = true;
	const char *problem = NULL;

	while (good && span_next(&rest, ':', &item))
		good = add_ciphers(context, item, &old, &new);
	if (!good)
		problem = "OpenSSL does not know one of these";
	else if (buffer_length(&old) == 0 || buffer_length(&new) == 0)
		problem = "there have to be some for TLS 1.2 and, with TLS_, for TLS 1.3";
	else
	{
		buffer_append(&old, "", 1);
		buffer_append(&new, "", 1);
		if (SSL_CTX_set_cipher_list(context, buffer_first(&old)) != 1 ||
			SSL_CTX_set_ciphersuites(context, buffer_first(&new)) != 1)
			problem = "OpenSSL does not take them together";
	}
	buffer_free(&old);
	buffer_free(&new);
	for (int i = 0; problem == NULL && i < sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(context)); i++)
	{
		if (!is_strong(sk_SSL_CIPHER_value(SSL_CTX_get_ciphers(context), i)))
			problem = "one of these has no forward secrecy, no authentication, or is not AEAD";
	}
	ERR_clear_error();
	return problem;
}

/* Choose http/1.1. A client that offers only other protocols is refused (RFC 7301). */
static int
choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
				const unsigned char *offered, unsigned offered_length, void *context)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void) ssl;
	(void) context;
	if (SSL_select_next_proto((unsigned char **) chosen, chosen_length, ours, sizeof(ours) - 1,
							  offered, offered_length) == OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_OK;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool
fail(char *problem, size_t problem_size, const char *key, const char *path)
{
	snprintf(problem, problem_size, "%s: %s: %s", key, path, first_error());
	return false;
}

static bool
load_clients(const Settings *settings, Contexts *next, char *problem, size_t problem_size)
{
	const char *certificate = settings->tls_certificate;
	const char *key = *settings->tls_key != '\0' ? settings->tls_key : certificate;
	const char *weak;

	if (*certificate == '\0')
	{
		snprintf(problem, problem_size, "tls_certificate: is missing, and listen has tls:");
		return false;
	}
	next->clients = new_context(TLS_server_method());
	SSL_CTX_set_alpn_select_cb(next->clients, choose_protocol, NULL);
	SSL_CTX_set_session_id_context(next->clients, (const unsigned char *) "gray", 4);
	SSL_CTX_set_options(next->clients, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	weak = set_ciphers(next->clients, settings->tls_ciphers);
	if (weak != NULL)
	{
		snprintf(problem, problem_size, "tls_ciphers: %s", weak);
		return false;
	}
	next->ticket_s = settings->tls_ticket_s;
	ticket_use(next->clients, next->ticket_s);
	if (SSL_CTX_use_certificate_chain_file(next->clients, certificate) != 1)
		return fail(problem, problem_size, "tls_certificate", certificate);
	/* OpenSSL checks that the key belongs to the certificate. */
	if (SSL_CTX_use_PrivateKey_file(next->clients, key, SSL_FILETYPE_PEM) != 1)
		return fail(problem, problem_size, "tls_key", key);
	return true;
}

static bool
load_servers(const Settings *settings, Contexts *next, char *problem, size_t problem_size)
{
	const char *path = settings->tls_ca_file;

	next->servers = new_context(TLS_client_method());
	next->server_name = memory_text(settings->tls_server_name, strlen(settings->tls_server_name));
	if (!settings->tls_verify)
		return true;
	SSL_CTX_set_verify(next->servers, SSL_VERIFY_PEER, NULL);
	if (*path == '\0')
		return SSL_CTX_set_default_verify_paths(next->servers) == 1;
	if (SSL_CTX_load_verify_locations(next->servers, path, NULL) != 1)
		return fail(problem, problem_size, "tls_ca_file", path);
	return true;
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

static bool
load(const Settings *settings, const AddressList *listen, Contexts *next, char *problem,
	 size_t problem_size)
{
	bool good = true;

	ERR_clear_error();
	if (any_tls(listen))
		good = load_clients(settings, next, problem, problem_size);
	if (good && (any_tls(&settings->production) || any_tls(&settings->gray)))
		good = load_servers(settings, next, problem, problem_size);
	if (!good)
		free_contexts(next);
	return good;
}

bool
tls_prepare(const Settings *settings, const AddressList *listen, char *problem, size_t problem_size)
{
	free_contexts(&prepared);
	return load(settings, listen, &prepared, problem, problem_size);
}

void
tls_use_prepared(void)
{
	/* Existing connections keep their contexts. */
	free_contexts(&contexts);
	contexts = prepared;
	if (contexts.clients != NULL)
		ticket_set_period(contexts.ticket_s, clock_now_ms());
	memset(&prepared, 0, sizeof(prepared));
}

static SSL *
new_connection(SSL_CTX *context, int fd)
{
	SSL *ssl = SSL_new(context);

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
		abort(); /* out of memory */
	return ssl;
}

SSL *
tls_for_client(int fd)
{
	SSL *ssl = new_connection(contexts.clients, fd);

	SSL_set_accept_state(ssl);
	return ssl;
}

/* Set the name that the certificate must have. A host name is also sent to the server. */
static void
expect_name(SSL *ssl, const char *name)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
	{
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
		return;
	}
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	SSL_set1_host(ssl, name);
	SSL_set_tlsext_host_name(ssl, name);
}

SSL *
tls_for_server(int fd, const Address *address)
{
	SSL		   *ssl = new_connection(contexts.servers, fd);
	const char *name = *contexts.server_name != '\0' ? contexts.server_name : address->host;

	SSL_set_connect_state(ssl);
	if (*name != '\0')
		expect_name(ssl, name);
	return ssl;
}

const char *
tls_problem(const SSL *ssl)
{
	long result = SSL_get_verify_result(ssl);

	if (result != X509_V_OK && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE)
	{
		ERR_clear_error();
		return X509_verify_cert_error_string(result);
	}
	return first_error();
}

void
tls_close(void)
{
	free_contexts(&prepared);
	free_contexts(&contexts);
	ticket_close();
}
