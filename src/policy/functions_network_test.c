#include "analysis/analysis.h"
#include "policy/testing.h"

static void test_functions_network__examples_are_true(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_network.n; i++) {
        struct arena *a = arena_new();
        str got = value_of(a, functions_network.at[i].example);
        if (!str_eq_c(got, "true"))
            fail_msg("%s: " STR_FMT, functions_network.at[i].example, STR_ARG(got));
        arena_free(a);
    }
}

static void test_functions_network__table(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *want;
    } table[] = {
        {"'10.0.0.0/8'.isAnyCidr()", "false"},
        {"'any'.isAnyCidr()", "false"},
        {"'1.2.3.4/0'.isAnyCidr()", "true"},
        {"'8.8.8.8'.isPrivateCidr()", "false"},
        {"'0.0.0.0/0'.isPrivateCidr()", "false"},
        {"'x'.prefixLength()", "-1"},
        {"'::1'.prefixLength()", "128"},
        {"[].coverEverything()", "false"},
        {"['0.0.0.0/1', 'x'].coverEverything()", "false"},
        {"['::/0'].coverEverything()", "true"},
        {"{'protocol': 'tcp', 'from_port': 0, 'to_port': 0}.coversPort(22)", "false"},
        {"{'protocol': '-1', 'from_port': 0, 'to_port': 0}.coversPort(22)", "true"},
        {"{'protocol': -1}.coversPort(22)", "true"},
        {"{'protocol': 6, 'from_port': 22}.coversPort(22)", "true"},
        {"{'protocol': 'tcp'}.coversPort(22)", "true"},
        {"{'protocol': 'icmp', 'from_port': -1, 'to_port': -1}.coversPort(22)", "false"},
        {"{'protocol': 'tcp', 'from_port': '20', 'to_port': '30'}.coversPort(22)", "true"},
        {"{'protocol': 'tcp', 'from_port': -1, 'to_port': -1}.coversAllPorts()", "true"},
        {"{'protocol': 'udp', 'from_port': 1, 'to_port': 65535}.coversAllPorts()", "true"},
        {"{'protocol': 'udp', 'from_port': 1024, 'to_port': 65535}.coversAllPorts()", "false"},
        {"{'protocol': 'udp', 'from_port': 1024, 'to_port': 65535}.portCount()", "64512"},
        {"{'protocol': 'tcp', 'from_port': 30, 'to_port': 20}.portCount()", "0"},
        {"{'protocol': 'icmp'}.portCount()", "0"},
        {"{'protocol': 'tcp'}.isAllProtocols()", "false"},
        {"{'protocol': 'tcp', 'from_port': 20, 'to_port': 30}.coversAnyPort([80, 443])", "false"},
        {"1.coversPort(22)", "error"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct arena *a = arena_new();
        str got = value_of(a, table[i].expression);
        if (!str_eq_c(got, table[i].want))
            fail_msg("%s: " STR_FMT, table[i].expression, STR_ARG(got));
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_network__examples_are_true),
        cmocka_unit_test(test_functions_network__table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
