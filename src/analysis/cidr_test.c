#include "analysis/cidr.h"
#include "base/testing.h"

#include <stdio.h>

static struct cidr parse(const char *text)
{
    struct cidr c;
    if (!cidr_parse(str_of(text), &c))
        fail_msg("%s", text);
    return c;
}

static void test_cidr__parses_what_aws_takes(void **state)
{
    (void)state;
    static const char *const good[] = {"10.0.0.0/8", "10.1.2.3", "::/0", "2001:db8::/32", " 0.0.0.0/0 ", "1.2.3.4/0"};
    static const char *const bad[] = {"",       "/8",  "10.0.0.0/33", "10.0.0/8",    "10.0.0.0/",
                                      "::/129", "any", "10.0.0.0/-1", "10.0.0.0/8/8"};
    struct cidr c;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(cidr_parse(str_of(good[i]), &c));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(cidr_parse(str_of(bad[i]), &c));
    c = parse("10.1.2.3/8");
    assert_int_equal(c.bytes[1], 0);
    assert_int_equal(parse("10.1.2.3").bits, 32);
}

static void test_cidr__contains(void **state)
{
    (void)state;
    struct cidr a = parse("10.0.0.0/8"), b = parse("10.2.0.0/16"), c = parse("11.0.0.0/16"), d = parse("::/0");
    assert_true(cidr_contains(&a, &b));
    assert_false(cidr_contains(&b, &a));
    assert_false(cidr_contains(&a, &c));
    assert_false(cidr_contains(&d, &a));
    assert_true(cidr_is_private(&b));
    assert_false(cidr_is_private(&c));
}

static bool covers(const char *list, bool v6)
{
    struct cidr all[64];
    size_t n = 0;
    str rest = str_of(list);
    while (rest.p && rest.n)
        assert_true(cidr_parse(str_cut(rest, ' ', &rest), &all[n++]));
    return cidr_cover_everything(all, n, v6);
}

static void test_cidr__what_adds_up_to_everything(void **state)
{
    (void)state;
    assert_true(covers("0.0.0.0/0", false));
    assert_true(covers("0.0.0.0/1 128.0.0.0/1", false));
    assert_true(covers("128.0.0.0/2 0.0.0.0/1 192.0.0.0/2", false));
    assert_true(covers("0.0.0.0/1 128.0.0.0/2 192.0.0.0/3", false)); /* multicast is left out */
    assert_true(covers("2000::/3", true));
    assert_true(covers("::/1 8000::/1", true));
    assert_false(covers("", false));
    assert_false(covers("0.0.0.0/1", false));
    assert_false(covers("0.0.0.0/1 128.0.0.0/2", false));
    assert_false(covers("10.0.0.0/8 192.168.0.0/16", false));
    assert_false(covers("0.0.0.0/0", true));
    assert_false(covers("2000::/4", true));
}

static void test_cidr__many_prefixes(void **state)
{
    (void)state;
    enum { MANY = 65536 };
    struct cidr *all = alloc_get(MANY * sizeof(*all));
    for (unsigned i = 0; i < MANY; i++)
        all[i] = (struct cidr){.bytes = {(uint8_t)(i >> 8), (uint8_t)i}, .bits = 16};
    assert_true(cidr_cover_everything(all, MANY, false));
    all[0x0808].bits = 17;
    assert_false(cidr_cover_everything(all, MANY, false));
    alloc_put(all, MANY * sizeof(*all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cidr__parses_what_aws_takes),
        TEST(test_cidr__contains),
        TEST(test_cidr__what_adds_up_to_everything),
        TEST(test_cidr__many_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
