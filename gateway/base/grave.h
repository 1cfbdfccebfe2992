/*
 * grave.h: frees closed objects when the turn of the loop is over
 *
 * A callback further up the stack may still have a pointer to such an object.
 */
#ifndef GATEWAY_BASE_GRAVE_H
#define GATEWAY_BASE_GRAVE_H

/* Bury thing, which is consumed: release(thing) is called after the turn of the loop. */
extern void grave_bury(void *thing, void (*release)(void *thing));

/* Release all buried things. Called between two turns of the loop. */
extern void grave_empty(void);

/* Release all, and the grave's own memory. Called at the end of the process. */
extern void grave_close(void);

#endif /* GATEWAY_BASE_GRAVE_H */
