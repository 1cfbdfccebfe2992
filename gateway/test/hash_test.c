/*
 * hash_test.c: SipHash-2-4, and tables that nobody can aim at
 */
#include "gateway_test.h"

#include "base/hash.h"

/* Published with the paper: of 0, 1, 2 … under the key 0, 1, 2 … 15, by length. */
static const struct
{
	size_t	 length;
	uint64_t hash;
} vectors[] = {
	{0, UINT64_C(0x726fdb47dd0e0e31)},	{1, UINT64_C(0x74f839c593dc67fd)},
	{2, UINT64_C(0x0d6c8009d9a94f5a)},	{3, UINT64_C(0x85676696d7fb7e2d)},
	{7, UINT64_C(0xab0200f58b01d137)},	{8, UINT64_C(0x93f5f5799a932462)},
	{15, UINT64_C(0xa129ca6149be45e5)}, {63, UINT64_C(0x958a324ceb064572)},
};

START_TEST(test_vector)
{
	unsigned char key[HASH_KEY_BYTES];
	char		  bytes[64];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char) i;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char) i;
	ck_assert_uint_eq(hash_bytes(hash_key_of(key), bytes, vectors[_i].length), vectors[_i].hash);
}
END_TEST

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

	tcase_add_loop_test(tcase, test_vector, 0, sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_test(tcase, test_keys_differ);
	return tcase;
}
