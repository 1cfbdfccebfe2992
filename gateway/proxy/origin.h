/*
 * origin.h: the source of a request, as far as the request has to know it
 */
#ifndef GATEWAY_PROXY_ORIGIN_H
#define GATEWAY_PROXY_ORIGIN_H

#include "proxy/connection.h"
#include "proxy/proxy.h"

typedef struct OriginHandlers
{
	/* The request can take more of its body. */
	void (*resume)(void *owner);
	/*
	 * The request is over, and not used any more. Without keep_alive the connection closes once
	 * all is sent. unread: the request was not read to its end, so the connection lingers.
	 */
	void (*finished)(void *owner, bool keep_alive, bool unread);
	/*
	 * Close the connection at once, which aborts the request. reset: the client sees that
	 * something went wrong.
	 */
	void (*close)(void *owner, bool reset);
} OriginHandlers;

/* Part of the client, and valid as long as the client lives. All pointers are borrowed. */
typedef struct Origin
{
	const OriginHandlers *handlers;
	void				 *owner; /* the client */
	Proxy				 *proxy;
	Connection			 *connection;
	const char			 *peer;	  /* its address and port, for logs */
	const char			 *host;	  /* its address alone */
	bool				  secure; /* the client speaks TLS */
} Origin;

static inline void
origin_resume(const Origin *origin)
{
	origin->handlers->resume(origin->owner);
}

static inline void
origin_finished(const Origin *origin, bool keep_alive, bool unread)
{
	origin->handlers->finished(origin->owner, keep_alive, unread);
}

static inline void
origin_close(const Origin *origin, bool reset)
{
	origin->handlers->close(origin->owner, reset);
}

/* Send a whole answer of our own, built by answer_build. */
extern void origin_answer(const Origin *origin, unsigned status, const char *text, bool keep_alive,
						  unsigned retry_after, bool with_body);

#endif /* GATEWAY_PROXY_ORIGIN_H */
