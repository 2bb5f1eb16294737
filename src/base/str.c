#include "base/str.h"

#include <math.h>
#include <stdatomic.h>

#include "base/alloc.h"

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool str_eq_nocase(str a, str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (fold(a.p[i]) != fold(b.p[i]))
            return false;
    return true;
}

int str_cmp(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

int str_compare(const void *a, const void *b)
{
    return str_cmp(*(const str *)a, *(const str *)b);
}

bool str_contains(str s, str needle)
{
    return str_find(s, needle) != SIZE_MAX;
}

/* Knuth, Morris and Pratt: linear whatever a hostile file holds. */
static size_t find_long(str s, str needle)
{
    size_t *fallback = alloc_get(needle.n * sizeof(*fallback));
    size_t found = SIZE_MAX;
    size_t k = 0;

    for (size_t i = 1; i < needle.n; i++) {
        while (k > 0 && needle.p[i] != needle.p[k])
            k = fallback[k - 1];
        k += needle.p[i] == needle.p[k];
        fallback[i] = k;
    }
    k = 0;
    for (size_t i = 0; i < s.n; i++) {
        while (k > 0 && s.p[i] != needle.p[k])
            k = fallback[k - 1];
        k += s.p[i] == needle.p[k];
        if (k == needle.n) {
            found = i + 1 - needle.n;
            break;
        }
    }
    alloc_put(fallback, needle.n * sizeof(*fallback));
    return found;
}

size_t str_find(str s, str needle)
{
    enum { SHORT = 64 };
    size_t last;

    if (needle.n == 0)
        return 0;
    if (needle.n > s.n)
        return SIZE_MAX;
    last = s.n - needle.n;
    if (needle.n > SHORT && last > SHORT)
        return find_long(s, needle);
    for (size_t i = 0; i <= last; i++) {
        const char *p = memchr(s.p + i, needle.p[0], last - i + 1);

        if (p == NULL)
            return SIZE_MAX;
        i = (size_t)(p - s.p);
        if (memcmp(p, needle.p, needle.n) == 0)
            return i;
    }
    return SIZE_MAX;
}

size_t str_find_char(str s, char c)
{
    const char *p = s.n == 0 ? NULL : memchr(s.p, c, s.n);

    return p == NULL ? SIZE_MAX : (size_t)(p - s.p);
}

size_t str_rfind_char(str s, char c)
{
    for (size_t i = s.n; i > 0; i--)
        if (s.p[i - 1] == c)
            return i - 1;
    return SIZE_MAX;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim(str s)
{
    size_t from = 0;
    size_t to = s.n;

    while (from < to && is_space(s.p[from]))
        from++;
    while (to > from && is_space(s.p[to - 1]))
        to--;
    return str_slice(s, from, to);
}

str str_cut(str s, char sep, str *ret_rest)
{
    size_t at = str_find_char(s, sep);

    if (at == SIZE_MAX) {
        *ret_rest = STR_NONE;
        return s;
    }
    *ret_rest = (str){s.p + at + 1, s.n - at - 1};
    return (str){s.p, at};
}

/* The hash is Wang Yi's wyhash in outline: 64 by 64 bit products, halves folded together. */
static uint64_t mix(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ unsigned __int128 product = (__extension__(unsigned __int128) a) * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t al = a & UINT32_MAX, ah = a >> 32, bl = b & UINT32_MAX, bh = b >> 32;
    uint64_t low = al * bl, m1 = ah * bl, m2 = al * bh, high = ah * bh;
    uint64_t carry = ((low >> 32) + (m1 & UINT32_MAX) + (m2 & UINT32_MAX)) >> 32;

    return (low + (m1 << 32) + (m2 << 32)) ^ (high + (m1 >> 32) + (m2 >> 32) + carry);
#endif
}

static uint64_t read_8(const char *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static uint64_t read_4(const char *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    return v;
}

/* Less than eight bytes. */
static uint64_t read_some(const char *p, size_t n)
{
    uint64_t v = 0;

    if (n >= 4) /* the halves overlap in bytes that are the same */
        return read_4(p) | read_4(p + n - 4) << (8 * (n - 4));
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return v;
}

/* Both factors of each product depend on the seed: a factor that a stranger can make zero would
 * wipe out all that came before. */
static uint64_t hash_seeded(str s, uint64_t seed)
{
    const uint64_t k0 = 0xa0761d6478bd642fu, k1 = 0xe7037ed1a0b428dbu, k2 = 0x8ebc6af09c88c6e3u;
    uint64_t h = mix(seed ^ k0, k1);
    uint64_t key = mix(seed ^ k1, k2);
    size_t i = 0;
    uint64_t a, b;

    for (; s.n - i > 16; i += 16)
        h = mix(read_8(s.p + i) ^ key, read_8(s.p + i + 8) ^ h);
    if (s.n >= 16) { /* the last 16 bytes, whatever was read of them */
        a = read_8(s.p + s.n - 16);
        b = read_8(s.p + s.n - 8);
    } else if (s.n >= 8) {
        a = read_8(s.p);
        b = read_8(s.p + s.n - 8);
    } else {
        a = read_some(s.p, s.n);
        b = 0;
    }
    return mix(k2 ^ s.n, mix(a ^ key, b ^ h));
}

uint64_t str_hash(str s)
{
    return hash_seeded(s, 0);
}

static uint64_t process_seed(void)
{
    static _Atomic uint64_t the_seed;
    uint64_t seed = atomic_load_explicit(&the_seed, memory_order_relaxed);

    if (seed == 0) {
        struct timespec now = {0, 0};
        uint64_t expected = 0;

        clock_gettime(CLOCK_REALTIME, &now);
        seed = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uint64_t)(uintptr_t)&now;
        seed |= 1;
        if (!atomic_compare_exchange_strong(&the_seed, &expected, seed))
            seed = expected;
    }
    return seed;
}

uint64_t str_hash_table(str s)
{
    return hash_seeded(s, process_seed());
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool str_to_int(str s, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');
    uint64_t max = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t v = 0;

    if (i == s.n)
        return false;
    for (; i < s.n; i++) {
        unsigned digit = (unsigned)(s.p[i] - '0');

        if (!is_digit(s.p[i]) || v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

static size_t skip_digits(str s, size_t i)
{
    while (i < s.n && is_digit(s.p[i]))
        i++;
    return i;
}

static bool is_json_number(str s)
{
    size_t i = s.n > 0 && s.p[0] == '-';
    size_t from = i;

    i = skip_digits(s, i);
    if (i == from || (s.p[from] == '0' && i > from + 1))
        return false;
    if (i < s.n && s.p[i] == '.') {
        from = ++i;
        i = skip_digits(s, i);
        if (i == from)
            return false;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
        from = i;
        i = skip_digits(s, i);
        if (i == from)
            return false;
    }
    return i == s.n;
}

/* strtod reads the C locale's point: nothing in this program calls setlocale. */
bool str_to_double(str s, double *ret)
{
    char small[64];
    char *text = small;
    double v;

    if (!is_json_number(s))
        return false;
    if (s.n >= sizeof(small))
        text = alloc_get(s.n + 1);
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    v = strtod(text, NULL);
    if (text != small)
        alloc_put(text, s.n + 1);
    if (!isfinite(v))
        return false;
    *ret = v;
    return true;
}

/* Length of the well-formed sequence at p, 0 when there is none (Unicode, table 3-7). */
static size_t sequence(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    unsigned char low = 0x80, high = 0xBF;
    size_t length;

    if (u[0] < 0x80)
        return 1;
    if (u[0] < 0xC2 || u[0] > 0xF4)
        return 0;
    length = u[0] < 0xE0 ? 2 : u[0] < 0xF0 ? 3 : 4;
    if (length > n)
        return 0;
    if (u[0] == 0xE0)
        low = 0xA0;
    else if (u[0] == 0xED)
        high = 0x9F;
    else if (u[0] == 0xF0)
        low = 0x90;
    else if (u[0] == 0xF4)
        high = 0x8F;
    if (u[1] < low || u[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((u[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

static size_t skip_ascii(str s, size_t i)
{
    enum { WORDS = 8 };

    for (; s.n - i >= 8 * WORDS && (unsigned char)s.p[i] < 0x80; i += 8 * WORDS) {
        uint64_t word[WORDS], all = 0;

        memcpy(word, s.p + i, 8 * WORDS);
        for (size_t k = 0; k < WORDS; k++)
            all |= word[k];
        if ((all & 0x8080808080808080u) != 0)
            break;
    }
    while (i < s.n && (unsigned char)s.p[i] < 0x80)
        i++;
    return i;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t str_distance(str a, str b, size_t most)
{
    enum { LONGEST = 64 };
    size_t before[LONGEST + 1] = {0}, last[LONGEST + 1], row[LONGEST + 1];
    if (a.n > LONGEST || b.n > LONGEST || a.n > b.n + most || b.n > a.n + most)
        return most + 1;
    for (size_t j = 0; j <= b.n; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        char x = lower(a.p[i - 1]);
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            char y = lower(b.p[j - 1]);
            size_t best = last[j - 1] + (x != y);
            best = last[j] + 1 < best ? last[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && x == lower(b.p[j - 2]) && lower(a.p[i - 2]) == y;
            if (swapped && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        memcpy(before, last, sizeof(last));
        memcpy(last, row, sizeof(row));
    }
    return last[b.n] > most ? most + 1 : last[b.n];
}

bool str_is_utf8(str s, size_t *ret_bad)
{
    size_t i = 0;

    while ((i = skip_ascii(s, i)) < s.n) {
        size_t length = sequence(s.p + i, s.n - i);

        if (length == 0) {
            *ret_bad = i;
            return false;
        }
        i += length;
    }
    return true;
}

uint32_t utf8_decode(str s, size_t at, size_t *ret_len)
{
    const unsigned char *u;
    size_t length;

    if (at >= s.n) {
        *ret_len = 0;
        return 0;
    }
    u = (const unsigned char *)s.p + at;
    length = sequence(s.p + at, s.n - at);
    *ret_len = length == 0 ? 1 : length;
    switch (length) {
    case 1:
        return u[0];
    case 2:
        return (u[0] & 0x1Fu) << 6 | (u[1] & 0x3Fu);
    case 3:
        return (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
    case 4:
        return (u[0] & 0x07u) << 18 | (u[1] & 0x3Fu) << 12 | (u[2] & 0x3Fu) << 6 | (u[3] & 0x3Fu);
    default:
        return 0xFFFD;
    }
}

size_t utf8_encode(uint32_t cp, char out[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        cp = 0xFFFD;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

size_t utf8_count(str s)
{
    size_t count = 0;
    size_t i = 0;

    while (i < s.n) {
        size_t next = skip_ascii(s, i);

        count += next - i;
        i = next;
        if (i < s.n) {
            size_t length = sequence(s.p + i, s.n - i);

            i += length == 0 ? 1 : length;
            count++;
        }
    }
    return count;
}

bool utf8_is_bidi_control(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f;
}
