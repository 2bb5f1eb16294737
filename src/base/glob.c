#include "base/glob.h"

/* A glob is compiled into tokens on the stack and run as a nondeterministic automaton: a set of
 * token numbers, moved along the text one character at a time. Jumps only lead forward, so one
 * ascending pass over the set does a step together with all its jumps. */

enum { PATTERN_MAX = 4096, TOKENS_MAX = 2 * PATTERN_MAX + 1, OVERLAP_MAX = 2048 };

#define END_OF_TEXT UINT32_MAX

enum token_kind {
    TOKEN_CHAR,
    TOKEN_ANY,
    TOKEN_CLASS,
    TOKEN_STAR,
    TOKEN_DEEP,      /* ** */
    TOKEN_DIRS,      /* the way into and around "** /" at the start of a component */
    TOKEN_DIRS_BODY, /* any text up to a slash */
    TOKEN_SPLIT,     /* next alternative */
    TOKEN_JUMP,      /* end of an alternative */
    TOKEN_END,
};

struct token {
    uint8_t kind;
    uint16_t to;    /* SPLIT, JUMP: token number, 0 for none; CLASS: offset of "]" */
    uint32_t value; /* CHAR: code point; CLASS: offset past "[" */
};

struct program {
    str pattern;
    struct token at[TOKENS_MAX];
    size_t n;
};

/* A byte that is not UTF-8 is a character of its own, beyond Unicode. */
static uint32_t char_at(str s, size_t at, size_t *ret_len)
{
    uint32_t c = utf8_at(s, at, ret_len);

    if (c == 0xFFFD && *ret_len == 1)
        c = 0x110000u + (unsigned char)s.p[at];
    return c;
}

/* Offset of the "]" that closes the "[" at i; SIZE_MAX when none does. */
static size_t class_end(str p, size_t i)
{
    i++;
    if (i < p.n && (p.p[i] == '!' || p.p[i] == '^'))
        i++;
    if (i < p.n && p.p[i] == ']')
        i++;
    while (i < p.n && p.p[i] != ']')
        i += p.p[i] == '\\' ? 2 : 1;
    return i < p.n ? i : SIZE_MAX;
}

static uint32_t class_char(str p, size_t *i)
{
    size_t length;
    uint32_t c;

    if (p.p[*i] == '\\' && *i + 1 < p.n)
        ++*i;
    c = char_at(p, *i, &length);
    *i += length;
    return c;
}

static bool class_matches(str p, size_t i, uint32_t c)
{
    bool negated = i < p.n && (p.p[i] == '!' || p.p[i] == '^');
    bool found = false;

    i += negated;
    while (i < p.n) {
        uint32_t low = class_char(p, &i);
        uint32_t high = low;

        if (i + 1 < p.n && p.p[i] == '-') {
            i++;
            high = class_char(p, &i);
        }
        found = found || (low <= c && c <= high);
    }
    return found != negated;
}

static size_t emit(struct program *g, enum token_kind kind, size_t to, uint32_t value)
{
    g->at[g->n] = (struct token){(uint8_t)kind, (uint16_t)to, value};
    return g->n++;
}

/* For each "{" the offset of its "}", 0 when it has none. */
static void pair_braces(str p, uint16_t *close)
{
    uint16_t open[PATTERN_MAX];
    size_t depth = 0;
    bool classes = true;

    for (size_t i = 0; i < p.n; i++) {
        if (p.p[i] == '\\') {
            i++;
        } else if (p.p[i] == '[' && classes) {
            size_t end = class_end(p, i);

            classes = end != SIZE_MAX;
            i = classes ? end : i;
        } else if (p.p[i] == '{') {
            close[i] = 0;
            open[depth++] = (uint16_t)i;
        } else if (p.p[i] == '}' && depth > 0) {
            close[open[--depth]] = (uint16_t)i;
        }
    }
}

struct group {
    uint16_t split; /* of the alternative being read */
    uint16_t jumps; /* list of JUMP tokens that wait for the end, linked through `to` */
};

static void close_group(struct program *g, struct group group)
{
    for (uint16_t j = group.jumps; j != 0;) {
        uint16_t next = g->at[j].to;

        g->at[j].to = (uint16_t)g->n;
        j = next;
    }
}

static size_t compile_stars(struct program *g, size_t i)
{
    str p = g->pattern;
    bool starts_component = i == 0 || strchr("/{,", p.p[i - 1]) != NULL;
    size_t stars = 0;

    while (i < p.n && p.p[i] == '*') {
        stars++;
        i++;
    }
    if (stars == 1) {
        emit(g, TOKEN_STAR, 0, 0);
    } else if (starts_component && i < p.n && p.p[i] == '/') {
        emit(g, TOKEN_DIRS, 0, 0);
        emit(g, TOKEN_DIRS_BODY, 0, 0);
        i++;
    } else {
        emit(g, TOKEN_DEEP, 0, 0);
    }
    return i;
}

static void compile(struct program *g)
{
    uint16_t close[PATTERN_MAX];
    struct group open[PATTERN_MAX / 2];
    str p = g->pattern;
    size_t depth = 0;
    bool classes = true;
    size_t i = 0;

    pair_braces(p, close);
    while (i < p.n) {
        char c = p.p[i];
        size_t length;

        if (c == '*') {
            i = compile_stars(g, i);
            continue;
        }
        if (c == '?') {
            emit(g, TOKEN_ANY, 0, 0);
            i++;
            continue;
        }
        if (c == '[' && classes) {
            size_t end = class_end(p, i);

            classes = end != SIZE_MAX;
            if (classes) {
                emit(g, TOKEN_CLASS, end, (uint32_t)i + 1);
                i = end + 1;
                continue;
            }
        }
        if (c == '{' && close[i] != 0) {
            open[depth++] = (struct group){(uint16_t)emit(g, TOKEN_SPLIT, 0, 0), 0};
            i++;
            continue;
        }
        if (c == ',' && depth > 0) {
            struct group *group = &open[depth - 1];

            group->jumps = (uint16_t)emit(g, TOKEN_JUMP, group->jumps, 0);
            g->at[group->split].to = (uint16_t)g->n;
            group->split = (uint16_t)emit(g, TOKEN_SPLIT, 0, 0);
            i++;
            continue;
        }
        if (c == '}' && depth > 0) {
            close_group(g, open[--depth]);
            i++;
            continue;
        }
        if (c == '\\' && i + 1 < p.n)
            i++;
        emit(g, TOKEN_CHAR, 0, char_at(p, i, &length));
        i += length;
    }
    emit(g, TOKEN_END, 0, 0);
}

struct set {
    uint64_t words[TOKENS_MAX / 64 + 1];
};

static void set_add(struct set *s, size_t i)
{
    s->words[i / 64] |= UINT64_C(1) << i % 64;
}

/* What token i, being in the set `now`, does with the character c. True when it is the end. */
static bool step(const struct program *g, size_t i, uint32_t c, struct set *now, struct set *next)
{
    const struct token *t = &g->at[i];

    switch ((enum token_kind)t->kind) {
    case TOKEN_CHAR:
        if (c == t->value)
            set_add(next, i + 1);
        break;
    case TOKEN_ANY:
        if (c != '/' && c != END_OF_TEXT)
            set_add(next, i + 1);
        break;
    case TOKEN_CLASS:
        if (c != '/' && c != END_OF_TEXT && class_matches(str_slice(g->pattern, 0, t->to), t->value, c))
            set_add(next, i + 1);
        break;
    case TOKEN_STAR:
        set_add(now, i + 1);
        if (c != '/')
            set_add(next, i);
        break;
    case TOKEN_DEEP:
        set_add(now, i + 1);
        set_add(next, i);
        break;
    case TOKEN_DIRS:
        set_add(now, i + 1);
        set_add(now, i + 2);
        break;
    case TOKEN_DIRS_BODY:
        set_add(next, i);
        if (c == '/')
            set_add(next, i + 1);
        break;
    case TOKEN_SPLIT:
        set_add(now, i + 1);
        if (t->to != 0)
            set_add(now, t->to);
        break;
    case TOKEN_JUMP:
        set_add(now, t->to);
        break;
    case TOKEN_END:
        return c == END_OF_TEXT;
    }
    return false;
}

static bool run(const struct program *g, str text)
{
    struct set sets[2];
    struct set *now = &sets[0];
    struct set *next = &sets[1];
    size_t n_words = g->n / 64 + 1;
    size_t at = 0;

    memset(now->words, 0, n_words * sizeof(now->words[0]));
    set_add(now, 0);
    for (;;) {
        size_t length = 0;
        uint32_t c = at < text.n ? char_at(text, at, &length) : END_OF_TEXT;
        struct set *swap = now;
        uint64_t any = 0;

        memset(next->words, 0, n_words * sizeof(next->words[0]));
        for (size_t w = 0; w < n_words; w++) {
            uint64_t done = 0;
            uint64_t todo;

            while ((todo = now->words[w] & ~done) != 0) {
                unsigned bit = (unsigned)__builtin_ctzll(todo);

                done |= UINT64_C(1) << bit;
                if (step(g, w * 64 + bit, c, now, next))
                    return true;
            }
        }
        if (c == END_OF_TEXT)
            return false;
        for (size_t w = 0; w < n_words; w++)
            any |= next->words[w];
        if (any == 0)
            return false;
        now = next;
        next = swap;
        at += length;
    }
}

bool glob_match(str pattern, str text)
{
    struct program g;

    if (pattern.n > PATTERN_MAX)
        return false;
    g.pattern = pattern;
    g.n = 0;
    compile(&g);
    return run(&g, text);
}

static uint32_t fold(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* Where the text may go on at `from` or later so that it matches the pattern from `i`, which is past a star: as far as
 * its first byte tells. SIZE_MAX: nowhere. */
static size_t next_start(str p, size_t i, str text, size_t from, bool ignore_case)
{
    unsigned char c = (unsigned char)p.p[i];
    const char *found;

    if (ignore_case || c == '?' || c == '*' || c >= 0x80)
        return from;
    found = memchr(text.p + from, c, text.n - from);
    return found == NULL ? SIZE_MAX : (size_t)(found - text.p);
}

/* Goes back to the last star only: what an earlier star took need never change. */
static bool wildcard(str p, str text, bool ignore_case)
{
    size_t i = 0, j = 0;
    size_t star = SIZE_MAX; /* offset past the last star */
    size_t resume = 0;      /* where in the text to go on when that star takes one more */
    size_t length, pattern_length;

    while (j < text.n) {
        if (i < p.n && p.p[i] == '*') {
            star = ++i;
            if (i == p.n)
                return true;
            resume = j = next_start(p, i, text, j, ignore_case);
            if (j == SIZE_MAX)
                return false;
            continue;
        }
        if (i < p.n && p.p[i] == text.p[j] && (unsigned char)text.p[j] < 0x80) {
            i++;
            j++;
            continue;
        }
        if (i < p.n) {
            uint32_t want = char_at(p, i, &pattern_length);
            uint32_t have = char_at(text, j, &length);

            if (want == '?' || want == have || (ignore_case && fold(want) == fold(have))) {
                i += pattern_length;
                j += length;
                continue;
            }
        }
        if (star == SIZE_MAX)
            return false;
        char_at(text, resume, &length);
        resume += length;
        i = star;
        resume = j = resume < text.n ? next_start(p, i, text, resume, ignore_case) : resume;
        if (j == SIZE_MAX)
            return false;
    }
    while (i < p.n && p.p[i] == '*')
        i++;
    return i == p.n;
}

bool wildcard_match(str pattern, str text)
{
    return wildcard(pattern, text, false);
}

bool wildcard_match_nocase(str pattern, str text)
{
    return wildcard(pattern, text, true);
}

static size_t decode(str s, uint32_t *out)
{
    size_t n = 0;
    size_t length;

    for (size_t i = 0; i < s.n; i += length)
        out[n++] = char_at(s, i, &length);
    return n;
}

/* Walks all pairs (i, j) such that some text is matched by the first i of a and the first j of b;
 * one row of i at a time. */
bool wildcard_overlap(str a, str b)
{
    uint32_t x[OVERLAP_MAX], y[OVERLAP_MAX];
    bool row[OVERLAP_MAX + 1] = {false}, below[OVERLAP_MAX + 1];
    size_t n, m;

    if (a.n > OVERLAP_MAX || b.n > OVERLAP_MAX)
        return true;
    n = decode(a, x);
    m = decode(b, y);
    row[0] = true;
    for (size_t i = 0; i <= n; i++) {
        bool star = i < n && x[i] == '*';

        memset(below, 0, m + 1);
        for (size_t j = 0; j <= m; j++) {
            bool other_star = j < m && y[j] == '*';

            if (!row[j])
                continue;
            if (j < m && (star || other_star))
                row[j + 1] = true;
            if (i < n && (star || other_star))
                below[j] = true;
            if (i < n && j < m && (x[i] == y[j] || x[i] == '?' || y[j] == '?'))
                below[j + 1] = true;
        }
        if (i < n)
            memcpy(row, below, m + 1);
    }
    return row[m];
}
