/*
 * tunnel.c: an exchange whose server has switched protocols
 */
#include "proxy/tunnel.h"

#include "base/log.h"
#include "proxy/outbox.h"

void
tunnel_open(Exchange *exchange)
{
	exchange->traveller.tunnel = true;
	exchange->origin->proxy->tunnels++;
	message_switch(&exchange->request);
	message_switch(&exchange->upstream->answer);
	log_debug("client %s: tunnel to server %s", exchange->origin->peer,
			  exchange->upstream->server->address.text);
	/* The bytes that the client sent behind its request were kept until now. */
	origin_resume(exchange->origin);
}

void
tunnel_client_ended(Exchange *exchange)
{
	if (exchange->client_ended)
		return;
	exchange->client_ended = true;
	exchange->request_done = true;
	if (exchange->server_ended)
		exchange_answered(exchange, false);
	else
		connection_shut(&exchange->upstream->connection);
}

void
tunnel_server_ended(Exchange *exchange, bool in_order)
{
	if (!in_order)
	{
		log_info("client %s: the server broke the tunnel", exchange->origin->peer);
		origin_close(exchange->origin, true);
		return;
	}
	exchange->server_ended = true;
	if (exchange->client_ended)
	{
		exchange_answered(exchange, false);
		return;
	}
	upstream_pause(exchange->upstream);
	outbox_flush_answer(exchange);
	connection_shut(exchange->origin->connection);
}

void
tunnel_sweep(Exchange *exchange, uint64_t now_ms)
{
	const Settings	 *settings = exchange_loop(exchange)->settings;
	const Connection *server = &exchange->upstream->connection;
	bool			  half = exchange->client_ended || exchange->server_ended;
	uint64_t		  most_ms = settings->tunnel_timeout_ms;

	/*
	 * The other end may never come: a server that is gone looks like a server that only sends
	 * no more.
	 */
	if (half && settings->idle_timeout_ms < most_ms)
		most_ms = settings->idle_timeout_ms;
	if (now_ms > server->active_ms + most_ms)
		exchange_cut(exchange, "it was idle");
	else if (exchange->server_ended && server->deaf)
		exchange_cut(exchange, "the server is gone");
}
