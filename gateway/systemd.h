/*
 * systemd.h: tells a service manager how the process is doing
 *
 * The protocol of sd_notify(3), which says that it is stable and may be
 * spoken without its library: one datagram to the socket that the environment
 * names.  Without that, nothing is done.
 */
#ifndef SYSTEMD_H
#define SYSTEMD_H

/* READY=1, STOPPING=1 */
extern void systemd_notify(const char *state);

/* RELOADING=1 with the time that goes with it. */
extern void systemd_notify_reloading(void);

/* In a process whose state is not that of the service. */
extern void systemd_silence(void);

#endif /* SYSTEMD_H */
