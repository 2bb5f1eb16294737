/* Structure-aware: the bytes choose productions of a grammar of expressions, so that every input parses
 * and reaches the evaluator: operators, functions, for, templates, splats, choices, instances. What the
 * front end makes of it must be the same a second time. */
#include "frontend/terraform/function.h"
#include "fuzz.h"

enum { MAX_TEXT = 20000, MAX_DEPTH = 7 };

struct gen {
    const uint8_t *p;
    size_t n;
    struct buf out;
    unsigned depth;
};

static const struct function *const tables[] = {
    functions_string, functions_format, functions_number, functions_list, functions_map,     functions_encoding,
    functions_hash,   functions_ip,     functions_date,   functions_file, functions_convert,
};

static unsigned next(struct gen *g)
{
    if (!g->n || g->out.n > MAX_TEXT)
        return 0;
    g->n--;
    return *g->p++;
}

static unsigned pick(struct gen *g, size_t n)
{
    return next(g) % (unsigned)n;
}

static void say(struct gen *g, const char *text)
{
    buf_add_c(&g->out, text);
}

static void expression(struct gen *g);

static void number(struct gen *g)
{
    static const char *const special[] = {
        "0",    "1",     "2",   "10",  "-1",   "0.5",       "1e3", "1e400", "99999999999999999999",
        "1e-9", "65536", "128", "255", "1e18", "4294967296"};
    say(g, special[pick(g, ARRAY_LEN(special))]);
}

/* Text of a quoted string: bytes that need no care, and those that do, escaped. */
static void characters(struct gen *g)
{
    static const char *const pieces[] = {"a",
                                         "b",
                                         "-",
                                         "%s",
                                         "%d",
                                         "%99d",
                                         "%v",
                                         "%#x",
                                         "10.0.0.0/8",
                                         "fe80::/10",
                                         "[a-z]",
                                         "(a|b)*",
                                         "\\\\d+",
                                         "\\n",
                                         ",",
                                         "=",
                                         "YYYY",
                                         "*",
                                         "$${x}",
                                         "%%{x}",
                                         "é",
                                         "\\u00e9",
                                         "\xF0\x9F\x98\x80",
                                         "{}",
                                         "[1]",
                                         "\\\"",
                                         " ",
                                         "null",
                                         "true",
                                         "1"};
    for (unsigned i = pick(g, 5); i > 0; i--)
        say(g, pieces[pick(g, ARRAY_LEN(pieces))]);
}

static void string(struct gen *g)
{
    say(g, "\"");
    characters(g);
    say(g, "\"");
}

static void template(struct gen *g)
{
    say(g, "\"");
    for (unsigned i = 1 + pick(g, 3); i > 0; i--) {
        switch (pick(g, 4)) {
        case 0:
            characters(g);
            break;
        case 1:
            say(g, "%{if ");
            expression(g);
            say(g, " ~}");
            characters(g);
            say(g, "%{else}");
            characters(g);
            say(g, "%{endif}");
            break;
        case 2:
            say(g, "%{for x in ");
            expression(g);
            say(g, "}${x}%{endfor}");
            break;
        default:
            say(g, "${");
            expression(g);
            say(g, "}");
        }
    }
    say(g, "\"");
}

static void reference(struct gen *g)
{
    static const char *const names[] = {"var.s",
                                        "var.d",
                                        "var.n",
                                        "var.o",
                                        "local.a",
                                        "local.b",
                                        "local.l",
                                        "aws_s3_bucket.r",
                                        "aws_s3_bucket.r[0]",
                                        "aws_s3_bucket.q.arn",
                                        "module.m.out",
                                        "data.aws_ami.x.id",
                                        "path.module",
                                        "terraform.workspace",
                                        "each.key",
                                        "count.index",
                                        "x",
                                        "y",
                                        "var.e ? 1 : 2",
                                        "self.id"};
    say(g, names[pick(g, ARRAY_LEN(names))]);
}

static void list(struct gen *g, const char *open, const char *shut)
{
    say(g, open);
    for (unsigned i = pick(g, 4); i > 0; i--) {
        expression(g);
        say(g, i > 1 ? ", " : "");
    }
    say(g, shut);
}

static void object(struct gen *g)
{
    static const char *const keys[] = {"a", "b", "\"c\"", "(var.s)", "1", "null", "true"};
    say(g, "{");
    for (unsigned i = pick(g, 4); i > 0; i--) {
        say(g, keys[pick(g, ARRAY_LEN(keys))]);
        say(g, pick(g, 2) ? " = " : " : ");
        expression(g);
        say(g, i > 1 ? ", " : "");
    }
    say(g, "}");
}

static void call(struct gen *g)
{
    const struct function *table = tables[pick(g, ARRAY_LEN(tables))];
    size_t n = 0;
    while (table[n].name)
        n++;
    const struct function *f = &table[pick(g, n)];
    say(g, f->name);
    say(g, "(");
    bool first = true;
    for (const char *spec = f->spec; *spec; spec++) {
        unsigned times = *spec == '*' ? pick(g, 3) : *spec == '?' ? 0 : 1;
        if (*spec == '?' && pick(g, 2))
            break;
        for (; times > 0; times--) {
            say(g, first ? "" : ", ");
            first = false;
            char kind = *spec == '*' ? spec[-1] : *spec;
            if (pick(g, 6) == 0)
                expression(g);
            else if (kind == 's')
                string(g);
            else if (kind == 'n')
                number(g);
            else if (kind == 'L' || kind == 'l' || kind == 'c' || kind == 'S')
                list(g, "[", "]");
            else if (kind == 'm')
                object(g);
            else
                expression(g);
        }
    }
    say(g, pick(g, 12) ? ")" : "...)");
}

static void for_expression(struct gen *g)
{
    bool map = pick(g, 2);
    say(g, map ? "{for x, y in " : "[for x in ");
    expression(g);
    say(g, " : ");
    expression(g);
    if (map) {
        say(g, " => ");
        expression(g);
        say(g, pick(g, 3) ? "" : "...");
    }
    if (pick(g, 2)) {
        say(g, " if ");
        expression(g);
    }
    say(g, map ? "}" : "]");
}

static void binary(struct gen *g)
{
    static const char *const operators[] = {
        " + ", " - ", " * ", " / ", " % ", " == ", " != ", " < ", " <= ", " > ", " >= ", " && ", " || "};
    say(g, "(");
    expression(g);
    say(g, operators[pick(g, ARRAY_LEN(operators))]);
    expression(g);
    say(g, ")");
}

static void part_of(struct gen *g)
{
    static const char *const parts[] = {".a", "[0]", "[\"a\"]", "[*]", ".*.a", "[*].a[0]", ".0", "[-1]"};
    say(g, "(");
    expression(g);
    say(g, ")");
    say(g, parts[pick(g, ARRAY_LEN(parts))]);
}

static void conditional(struct gen *g)
{
    say(g, "(");
    expression(g);
    say(g, " ? ");
    expression(g);
    say(g, " : ");
    expression(g);
    say(g, ")");
}

static void expression(struct gen *g)
{
    if (g->depth >= MAX_DEPTH) {
        number(g);
        return;
    }
    g->depth++;
    switch (pick(g, 16)) {
    case 0:
        number(g);
        break;
    case 1:
        string(g);
        break;
    case 2:
        template(g);
        break;
    case 3:
    case 4:
        reference(g);
        break;
    case 5:
        list(g, "[", "]");
        break;
    case 6:
        object(g);
        break;
    case 7:
        for_expression(g);
        break;
    case 8:
        binary(g);
        break;
    case 9:
        part_of(g);
        break;
    case 10:
        conditional(g);
        break;
    case 11:
        say(g, pick(g, 2) ? "!" : "-");
        expression(g);
        break;
    case 12:
        say(g, pick(g, 2) ? "null" : "true");
        break;
    default:
        call(g);
    }
    g->depth--;
}

static void argument(struct gen *g, const char *name)
{
    say(g, name);
    say(g, " = ");
    expression(g);
    say(g, "\n");
}

static void file(struct gen *g)
{
    say(g,
        "variable \"s\" {}\nvariable \"e\" {\n  type = bool\n}\nvariable \"n\" {\n  type = number\n  default = 3\n}\n"
        "variable \"d\" {\n");
    argument(g, "  default");
    say(g, "}\nvariable \"o\" {\n  type = object({a = optional(string, \"x\"), b = list(number)})\n");
    argument(g, "  default");
    say(g, "}\nlocals {\n  l = [1, 2, 3]\n");
    argument(g, "  a");
    argument(g, "  b");
    say(g, "}\nresource \"aws_s3_bucket\" \"q\" {\n");
    if (pick(g, 2))
        argument(g, pick(g, 2) ? "  count" : "  for_each");
    argument(g, "  bucket");
    say(g, "}\nresource \"aws_s3_bucket\" \"r\" {\n");
    argument(g, "  count");
    argument(g, "  tags");
    say(g, "  dynamic \"rule\" {\n");
    argument(g, "    for_each");
    say(g, "    content {\n      v = rule.value\n    }\n  }\n}\noutput \"out\" {\n");
    argument(g, "  value");
    say(g, "}\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gen g = {.p = data, .n = size};
    struct buf one, two;
    buf_init(&g.out, 1u << 20);
    buf_init(&one, 64u << 20);
    buf_init(&two, 64u << 20);
    file(&g);
    if (getenv("HIPAALINT_FUZZ_SHOW"))
        fprintf(stderr, STR_FMT, STR_ARG(buf_str(&g.out)));
    fuzz_text(buf_str(&g.out), "main.tf", false, &one);
    fuzz_text(buf_str(&g.out), "main.tf", false, &two);
    if (!str_eq(buf_str(&one), buf_str(&two)))
        abort();
    buf_release(&two);
    buf_release(&one);
    buf_release(&g.out);
    return 0;
}
