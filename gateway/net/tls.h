/*
 * tls.h: certificates, keys and what is trusted, for both sides
 *
 * One set for the process.  TLS 1.2 and later; no renegotiation; clients are
 * offered http/1.1, and ciphers with forward secrecy (tls_ciphers).
 */
#ifndef GATEWAY_NET_TLS_H
#define GATEWAY_NET_TLS_H

#include <openssl/ssl.h>

#include "config/settings.h"

/*
 * Reads the files that the settings name, as far as the listeners (which a
 * reload keeps) and the servers of the settings need them.  False: problem
 * says why.  What is in use stays in use.
 */
extern bool tls_prepare(const Settings *settings, const AddressList *listen, char *problem,
						size_t problem_size);

/* For new connections, from now on; after a tls_prepare that succeeded. */
extern void tls_use_prepared(void);

/* For a connection from a client, or to a server at that address; owned by the caller. */
extern SSL *tls_for_client(int fd);
extern SSL *tls_for_server(int fd, const Address *address);

/* Why the last handshake failed; static, until the next call. */
extern const char *tls_problem(const SSL *ssl);

extern void tls_close(void);

#endif /* GATEWAY_NET_TLS_H */
