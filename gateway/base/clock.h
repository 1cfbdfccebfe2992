/*
 * clock.h: reads the clock that never goes back
 */
#ifndef GATEWAY_BASE_CLOCK_H
#define GATEWAY_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Return milliseconds since some moment. This is cheap, and a few milliseconds coarse. */
static inline uint64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

/* Return microseconds since the same moment. This is exact, and costs more. */
static inline uint64_t
clock_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

#endif /* GATEWAY_BASE_CLOCK_H */
