/*
 * lease_test.c: until when requests may be sent on, and for whom not
 */
#include "gateway_test.h"

#include <stdio.h>
#include <string.h>

#include "roster/announced.h"
#include "roster/lease.h"

/* It counts from when the renewal was sent, once a reading that began after the answer is whole. */
START_TEST(test_renewed)
{
	Lease lease = {.length_ms = 1000};

	ck_assert(!lease_runs(&lease, 5000));
	ck_assert_uint_eq(lease_over_ms(&lease, 5000), 0);
	ck_assert_uint_eq(lease_due_ms(&lease), 0);
	lease_send(&lease, 5000);
	lease_begin_reading(&lease); /* which was under way before the answer */
	lease_renew(&lease);
	lease_end_reading(&lease);
	ck_assert(!lease_runs(&lease, 5000));
	lease_begin_reading(&lease);
	ck_assert(!lease_runs(&lease, 5000));
	lease_end_reading(&lease);
	ck_assert(lease_runs(&lease, 5999));
	ck_assert(!lease_runs(&lease, 6000));
	ck_assert_uint_eq(lease_over_ms(&lease, 6009), 10);
	ck_assert_uint_eq(lease_due_ms(&lease), 5250);
	ck_assert_uint_gt(lease_length_elsewhere_ms(&lease), 1000);
}
END_TEST

/* A reading for nothing renews nothing; one that is cut short neither. */
START_TEST(test_not_renewed)
{
	Lease lease = {.length_ms = 1000};

	lease_send(&lease, 5000);
	lease_renew(&lease);
	lease_begin_reading(&lease);
	lease_end_reading(&lease);
	lease_begin_reading(&lease);
	lease_end_reading(&lease);
	ck_assert(lease_runs(&lease, 5999));
	ck_assert(!lease_runs(&lease, 6000));
	lease_send(&lease, 5900);
	lease_renew(&lease);
	lease_begin_reading(&lease);
	lease_lost(&lease);
	lease_end_reading(&lease);
	ck_assert(lease_runs(&lease, 5999));
	ck_assert(!lease_runs(&lease, 6000));
	ck_assert_uint_eq(lease_due_ms(&lease), 0);
}
END_TEST

START_TEST(test_ended)
{
	Lease lease = {.length_ms = 1000};

	lease_grant(&lease, 5000);
	ck_assert(lease_runs(&lease, 999999));
	lease_end(&lease, 6000);
	ck_assert(!lease_runs(&lease, 6000));
	ck_assert_uint_eq(lease_over_ms(&lease, 6000), 1);
	lease_end(&lease, 7000);
	ck_assert_uint_eq(lease_over_ms(&lease, 7000), 1001);
}
END_TEST

/* Without a length it runs from the first reading on. */
START_TEST(test_endless)
{
	Lease lease = {.length_ms = 0};

	ck_assert(!lease_runs(&lease, 5000));
	lease_send(&lease, 5000);
	lease_renew(&lease);
	lease_begin_reading(&lease);
	lease_end_reading(&lease);
	lease_lost(&lease);
	ck_assert(lease_runs(&lease, 999999));
}
END_TEST

START_TEST(test_announced)
{
	Announced announced = {0};
	char	  uid[300] = "";

	ck_assert(!announced_has(&announced, span_of("1")));
	for (int i = 0; i < 100; i++)
	{
		snprintf(uid, sizeof(uid), "%d", (i * 37) % 100 * 2);
		announced_add(&announced, span_of(uid));
	}
	announced_sort(&announced);
	for (int i = 0; i < 200; i++)
	{
		snprintf(uid, sizeof(uid), "%d", i);
		ck_assert_int_eq(announced_has(&announced, span_of(uid)), i % 2 == 0);
	}
	memset(uid, 'x', sizeof(uid) - 1);
	announced_add(&announced, (Span){uid, sizeof(uid)});
	ck_assert_uint_eq(announced.count, 100);
	ck_assert(!announced_has(&announced, (Span){uid, sizeof(uid)}));
	announced_clear(&announced);
	ck_assert(!announced_has(&announced, span_of("2")));
}
END_TEST

TCase *
lease_cases(void)
{
	TCase *cases = tcase_create("lease");

	tcase_add_test(cases, test_renewed);
	tcase_add_test(cases, test_not_renewed);
	tcase_add_test(cases, test_ended);
	tcase_add_test(cases, test_endless);
	tcase_add_test(cases, test_announced);
	return cases;
}
