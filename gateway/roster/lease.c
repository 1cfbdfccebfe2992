/*
 * lease.c: tells until when requests may be routed by what is known of the release
 */
#include "roster/lease.h"

#define RENEWALS 4 /* renewals in the length of a lease */
#define LENGTH_MS_WITHOUT 2000

static uint64_t
length_ms(const Lease *lease)
{
	return lease->length_ms != 0 ? lease->length_ms : LENGTH_MS_WITHOUT;
}

bool
lease_runs(const Lease *lease, uint64_t now_ms)
{
	return lease->endless || now_ms < lease->until_ms;
}

uint64_t
lease_over_ms(const Lease *lease, uint64_t now_ms)
{
	if (lease->until_ms == 0 || lease_runs(lease, now_ms))
		return 0;
	return now_ms - lease->until_ms + 1;
}

uint64_t
lease_due_ms(const Lease *lease)
{
	return lease->sent_ms == 0 ? 0 : lease->sent_ms + length_ms(lease) / RENEWALS;
}

uint64_t
lease_length_elsewhere_ms(const Lease *lease)
{
	return length_ms(lease) * 3 / 2;
}

void
lease_send(Lease *lease, uint64_t now_ms)
{
	lease->sent_ms = now_ms;
	lease->renewed = false;
}

void
lease_renew(Lease *lease)
{
	lease->renewed = true;
}

void
lease_begin_reading(Lease *lease)
{
	lease->read_for = lease->renewed ? lease->sent_ms : 0;
	lease->renewed = false;
}

void
lease_end_reading(Lease *lease)
{
	if (lease->read_for != 0)
	{
		lease->until_ms = lease->read_for + length_ms(lease);
		lease->endless = lease->length_ms == 0;
	}
	lease->read_for = 0;
}

void
lease_grant(Lease *lease, uint64_t now_ms)
{
	lease->until_ms = now_ms;
	lease->endless = true;
}

void
lease_lost(Lease *lease)
{
	lease->renewed = false;
	lease->read_for = 0;
	lease->sent_ms = 0;
}

void
lease_end(Lease *lease, uint64_t now_ms)
{
	if (lease_runs(lease, now_ms))
		lease->until_ms = now_ms;
	lease->endless = false;
}
