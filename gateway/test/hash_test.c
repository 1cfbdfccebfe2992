/*
 * hash_test.c: keys that nobody can guess
 */
#include "gateway_test.h"

#include "base/hash.h"

START_TEST(test_keys_differ)
{
	ck_assert_uint_ne(hash_bytes(hash_key_random(), "42", 2),
					  hash_bytes(hash_key_random(), "42", 2));
}
END_TEST

TCase *
hash_cases(void)
{
	TCase *tcase = tcase_create("hash");

	tcase_add_test(tcase, test_keys_differ);
	return tcase;
}
