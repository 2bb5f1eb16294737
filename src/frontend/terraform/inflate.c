#include "frontend/terraform/inflate.h"

struct stream {
    str in;
    size_t at;
    uint32_t bits;
    unsigned have;
    struct buf out;
    bool bad;
};

/* A code as counts of each length and symbols in order. */
struct code {
    uint16_t count[16];
    uint16_t symbol[320];
};

static unsigned take(struct stream *s, unsigned n)
{
    while (s->have < n) {
        if (s->at == s->in.n) {
            s->bad = true;
            return 0;
        }
        s->bits |= (uint32_t)(unsigned char)s->in.p[s->at++] << s->have;
        s->have += 8;
    }
    unsigned v = s->bits & ((1u << n) - 1);
    s->bits >>= n;
    s->have -= n;
    return v;
}

static void build(struct code *c, const unsigned char *length, size_t n)
{
    uint16_t offset[16] = {0};
    memset(c, 0, sizeof(*c));
    for (size_t i = 0; i < n; i++)
        c->count[length[i]]++;
    c->count[0] = 0;
    for (size_t i = 1; i < 15; i++)
        offset[i + 1] = (uint16_t)(offset[i] + c->count[i]);
    for (size_t i = 0; i < n; i++) {
        if (length[i])
            c->symbol[offset[length[i]]++] = (uint16_t)i;
    }
}

static unsigned decode(struct stream *s, const struct code *c)
{
    int code = 0, first = 0, index = 0;
    for (unsigned len = 1; len <= 15 && !s->bad; len++) {
        code |= (int)take(s, 1);
        int count = c->count[len];
        if (code - count < first)
            return c->symbol[index + (code - first)];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    s->bad = true;
    return 0;
}

static void copy_back(struct stream *s, size_t distance, size_t length)
{
    if (distance > s->out.n) {
        s->bad = true;
        return;
    }
    for (; length > 0 && !s->out.overflow; length--)
        buf_add_char(&s->out, s->out.p[s->out.n - distance]);
}

static void compressed(struct stream *s, const struct code *literals, const struct code *distances)
{
    static const uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                             31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint16_t distance_base[30] = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                               33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                               1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    while (!s->bad && !s->out.overflow) {
        unsigned symbol = decode(s, literals);
        if (s->bad || symbol == 256)
            return;
        if (symbol < 256) {
            buf_add_char(&s->out, (char)symbol);
            continue;
        }
        symbol -= 257;
        if (symbol >= 29) {
            s->bad = true;
            return;
        }
        unsigned extra = symbol < 8 || symbol == 28 ? 0 : symbol / 4 - 1;
        size_t length = length_base[symbol] + take(s, extra);
        unsigned d = decode(s, distances);
        if (s->bad || d >= 30) {
            s->bad = true;
            return;
        }
        size_t distance = distance_base[d] + take(s, d < 4 ? 0 : d / 2 - 1);
        copy_back(s, distance, length);
    }
}

static void fixed_block(struct stream *s)
{
    unsigned char length[288 + 30];
    struct code literals, distances;
    for (size_t i = 0; i < 288; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    memset(length + 288, 5, 30);
    build(&literals, length, 288);
    build(&distances, length + 288, 30);
    compressed(s, &literals, &distances);
}

static void dynamic_block(struct stream *s)
{
    static const unsigned char order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned char length[320] = {0};
    struct code lengths, literals, distances;
    size_t n_literals = take(s, 5) + 257, n_distances = take(s, 5) + 1, n_codes = take(s, 4) + 4, i = 0;
    for (size_t k = 0; k < n_codes; k++)
        length[order[k]] = (unsigned char)take(s, 3);
    build(&lengths, length, 19);
    memset(length, 0, sizeof(length));
    if (n_literals > 286)
        s->bad = true;
    while (i < n_literals + n_distances && !s->bad) {
        unsigned symbol = decode(s, &lengths), repeat = 1;
        unsigned char value = (unsigned char)symbol;
        if (symbol >= 16) {
            value = symbol == 16 && i > 0 ? length[i - 1] : 0;
            s->bad |= symbol == 16 && i == 0;
            repeat = symbol == 16 ? 3 + take(s, 2) : symbol == 17 ? 3 + take(s, 3) : 11 + take(s, 7);
        }
        for (; repeat > 0 && i < n_literals + n_distances; repeat--)
            length[i++] = value;
    }
    if (s->bad)
        return;
    build(&literals, length, n_literals);
    build(&distances, length + n_literals, n_distances);
    compressed(s, &literals, &distances);
}

static void stored_block(struct stream *s)
{
    s->bits = 0;
    s->have = 0;
    size_t n = take(s, 16);
    take(s, 16);
    if (s->bad || n > s->in.n - s->at) {
        s->bad = true;
        return;
    }
    buf_add(&s->out, str_slice(s->in, s->at, s->at + n));
    s->at += n;
}

/* Past the header of a member; false when it is none. */
static bool skip_header(struct stream *s)
{
    enum { EXTRA = 4, NAME = 8, COMMENT = 16, CHECKSUM = 2 };
    if (s->in.n < 18 || s->in.p[0] != '\x1f' || s->in.p[1] != '\x8b' || s->in.p[2] != 8)
        return false;
    unsigned flags = (unsigned char)s->in.p[3];
    s->at = 10;
    if (flags & EXTRA)
        s->at += 2u + (unsigned char)s->in.p[10] + 256u * (unsigned char)s->in.p[11];
    for (unsigned f = NAME; f <= COMMENT; f *= 2) {
        while (flags & f && s->at < s->in.n && s->in.p[s->at++] != '\0')
            ;
    }
    s->at += flags & CHECKSUM ? 2 : 0;
    return s->at < s->in.n;
}

bool inflate_gzip(struct arena *a, str bytes, str *ret)
{
    struct stream s = {.in = bytes};
    if (!skip_header(&s))
        return false;
    buf_init(&s.out, LIMIT_STRING_BYTES);
    for (bool last = false; !last && !s.bad && !s.out.overflow;) {
        last = take(&s, 1);
        unsigned kind = take(&s, 2);
        if (kind == 0)
            stored_block(&s);
        else if (kind == 1)
            fixed_block(&s);
        else if (kind == 2)
            dynamic_block(&s);
        else
            s.bad = true;
    }
    bool ok = !s.bad && !s.out.overflow;
    *ret = buf_copy(&s.out, a);
    buf_release(&s.out);
    return ok;
}
