/*
 * handover.h: listening sockets that were open before the process began
 *
 * The protocol of sd_listen_fds(3): whoever starts the process keeps the
 * sockets open, so that no client is lost between one process and the next.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "address.h"

/* Looks what was handed over to this process; once, at the start. */
extern void handover_receive(void);

/* The socket that listens on that address, non-blocking; -1: none was handed over. */
extern int handover_take(const Address *address);

/* Closes what nobody took, and logs it. */
extern void handover_close_rest(void);

#endif /* HANDOVER_H */
