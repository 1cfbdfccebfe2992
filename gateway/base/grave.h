/*
 * grave.h: things that are closed and may be freed when the loop turn is over
 *
 * A callback further up the stack may still hold a pointer to them.
 */
#ifndef GATEWAY_BASE_GRAVE_H
#define GATEWAY_BASE_GRAVE_H

/* thing is consumed: release(thing) is called after the loop turn. */
extern void grave_bury(void *thing, void (*release)(void *thing));

/* Between two loop turns. */
extern void grave_empty(void);

/* At the end of the process: gives its own memory back as well. */
extern void grave_close(void);

#endif /* GATEWAY_BASE_GRAVE_H */
