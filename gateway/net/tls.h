/*
 * tls.h: certificates, keys and trusted authorities, for clients and servers
 *
 * There is one set for the whole process. It allows TLS 1.2 and later, and no renegotiation.
 * Clients are offered http/1.1, and ciphers with forward secrecy (tls_ciphers).
 */
#ifndef GATEWAY_NET_TLS_H
#define GATEWAY_NET_TLS_H

#include <openssl/ssl.h>

#include "config/settings.h"

/*
 * Read the files that the settings name, if the listeners (which a reload keeps) or the servers of
 * the settings need them. False: problem says why. The set in use stays in use.
 */
extern bool tls_prepare(const Settings *settings, const AddressList *listen, char *problem,
						size_t problem_size);

/* Use the prepared set for new connections from now on. The last tls_prepare has succeeded. */
extern void tls_use_prepared(void);

/* Make TLS for a connection from a client, or to a server at that address. The caller owns it. */
extern SSL *tls_for_client(int fd);
extern SSL *tls_for_server(int fd, const Address *address);

/* Return why the last handshake failed; static, until the next call. */
extern const char *tls_problem(const SSL *ssl);

extern void tls_close(void);

#endif /* GATEWAY_NET_TLS_H */
