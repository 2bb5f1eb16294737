#include "frontend/terraform/number.h"

#include <math.h>

#include "frontend/terraform/bignum.h"

enum { MAX_DECIMAL_EXPONENT = 9000 };

/* The nearest number of `precision` bits to m * 2^exponent (ties to even); `sticky`: m is a little less
 * than the truth. */
static void round_to(struct big *m, bool sticky, int64_t exponent, bool negative, int precision, struct number *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->negative = negative;
    ret->precision = precision;
    size_t bits = big_bits(m);
    if (bits == 0) {
        ret->zero = true;
        ret->negative = false;
        return;
    }
    if (bits > (size_t)precision) {
        size_t drop = bits - (size_t)precision;
        bool half = big_bit(m, drop - 1);
        bool more = sticky || big_any_below(m, drop - 1);
        big_shift_right(m, drop);
        exponent += (int64_t)drop;
        if (half && (more || big_bit(m, 0))) {
            struct big one;
            big_set(&one, 1);
            big_add(m, &one);
        }
        bits = big_bits(m);
    }
    big_shift_left(m, NUMBER_BITS + 32 - bits);
    exponent -= (int64_t)(NUMBER_BITS + 32 - bits);
    big_shift_right(m, 32);
    exponent += 32;
    memcpy(ret->limb, m->limb, sizeof(ret->limb));
    ret->exponent = (int32_t)exponent;
}

static void to_big(const struct number *n, struct big *ret)
{
    big_set(ret, 0);
    if (n->zero)
        return;
    memcpy(ret->limb, n->limb, sizeof(n->limb));
    ret->n = NUMBER_LIMBS;
}

/* As a whole number times 2^*exponent, with no trailing zero bits. */
static void to_odd(const struct number *n, struct big *ret, int64_t *ret_exponent)
{
    to_big(n, ret);
    *ret_exponent = n->exponent;
    if (n->zero)
        return;
    size_t zeros = 0;
    while (!big_bit(ret, zeros))
        zeros++;
    big_shift_right(ret, zeros);
    *ret_exponent += (int64_t)zeros;
}

static void set_zero(struct number *n)
{
    memset(n, 0, sizeof(*n));
    n->zero = true;
    n->precision = NUMBER_BITS;
}

static void set_infinite(struct number *n, bool negative)
{
    memset(n, 0, sizeof(*n));
    n->infinite = true;
    n->negative = negative;
    n->precision = NUMBER_BITS;
}

/* Reading. */

static bool read_exponent(str s, int64_t *ret)
{
    if (s.n == 0 || s.n > 7)
        return false;
    return str_to_int(s, ret);
}

static bool read_digits(str s, struct big *ret, int64_t *ret_places)
{
    bool point = false, any = false;
    uint32_t chunk = 0, scale = 1;
    *ret_places = 0;
    big_set(ret, 0);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        any = true;
        *ret_places += point;
        chunk = chunk * 10 + (uint32_t)(c - '0');
        scale *= 10;
        if (scale == 1000000000u) {
            big_multiply_small(ret, scale, chunk);
            if (ret->n == 0)
                big_set(ret, chunk);
            chunk = 0;
            scale = 1;
        }
    }
    if (ret->n == 0)
        big_set(ret, chunk);
    else if (scale > 1)
        big_multiply_small(ret, scale, chunk);
    return any && !ret->overflow;
}

bool number_parse(str text, struct number *ret)
{
    bool negative = text.n && text.p[0] == '-';
    str s = text.n && (text.p[0] == '-' || text.p[0] == '+') ? str_slice(text, 1, text.n) : text;
    int64_t exponent = 0, places = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == 'e' || s.p[i] == 'E') {
            if (!read_exponent(str_slice(s, i + 1, s.n), &exponent))
                return false;
            s = str_slice(s, 0, i);
        }
    }
    struct big m, power, q;
    if (s.n > MAX_DECIMAL_EXPONENT || !read_digits(s, &m, &places))
        return false;
    exponent -= places;
    if (m.n == 0) {
        set_zero(ret);
        return true;
    }
    if (exponent > MAX_DECIMAL_EXPONENT || exponent < -MAX_DECIMAL_EXPONENT)
        return false;
    if (exponent >= 0) {
        big_power(&power, 5, (size_t)exponent);
        big_multiply(&m, &power, &q);
        round_to(&q, false, exponent, negative, NUMBER_BITS, ret);
        return !q.overflow;
    }
    big_power(&power, 5, (size_t)-exponent);
    size_t have = big_bits(&m), need = big_bits(&power) + NUMBER_BITS + 2;
    size_t shift = have < need ? need - have : 0;
    big_shift_left(&m, shift);
    big_divide(&m, &power, &q);
    if (m.overflow || q.overflow)
        return false;
    round_to(&q, m.n > 0, exponent - (int64_t)shift, negative, NUMBER_BITS, ret);
    return true;
}

static unsigned digit_value(char c, unsigned base)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A') + (base <= 36 ? 10 : 36);
    return 255;
}

bool number_parse_base(str digits, unsigned base, struct number *ret)
{
    bool negative = digits.n && digits.p[0] == '-';
    str s = digits.n && (digits.p[0] == '-' || digits.p[0] == '+') ? str_slice(digits, 1, digits.n) : digits;
    struct big m;
    big_set(&m, 0);
    if (s.n == 0 || s.n > MAX_DECIMAL_EXPONENT)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned d = digit_value(s.p[i], base);
        if (d >= base)
            return false;
        if (m.n == 0)
            big_set(&m, d);
        else
            big_multiply_small(&m, base, d);
    }
    round_to(&m, false, 0, negative, NUMBER_BITS, ret);
    return !m.overflow;
}

void number_from_double(double d, struct number *ret)
{
    if (isinf(d) || isnan(d)) {
        set_infinite(ret, d < 0);
        return;
    }
    int exponent;
    double fraction = frexp(fabs(d), &exponent);
    struct big m;
    big_set(&m, (uint64_t)ldexp(fraction, 53));
    round_to(&m, false, exponent - 53, d < 0, NUMBER_BITS, ret);
    ret->precision = NUMBER_DOUBLE_BITS;
}

void number_from_int(int64_t i, struct number *ret)
{
    struct big m;
    big_set(&m, i < 0 ? 0 - (uint64_t)i : (uint64_t)i);
    round_to(&m, false, 0, i < 0, NUMBER_BITS, ret);
}

void number_from_value(const struct value *v, struct number *ret)
{
    double d = v->u.number.value;
    if (value_exact(v).n && number_parse(value_exact(v), ret))
        return;
    if (fabs(d) < 9007199254740992.0 && !(floor(d) < d))
        number_from_int((int64_t)d, ret);
    else
        number_from_double(d, ret);
}

/* Leaving. */

double number_to_double(const struct number *n)
{
    if (n->zero)
        return 0;
    if (n->infinite)
        return n->negative ? -INFINITY : INFINITY;
    struct big m;
    struct number r;
    to_big(n, &m);
    round_to(&m, false, n->exponent, n->negative, NUMBER_DOUBLE_BITS, &r);
    uint64_t top = (uint64_t)r.limb[NUMBER_LIMBS - 1] << 32 | r.limb[NUMBER_LIMBS - 2];
    double d = ldexp((double)(top >> 11), r.exponent + NUMBER_BITS - 64 + 11);
    return n->negative ? -d : d;
}

bool number_is_whole(const struct number *n)
{
    struct big m;
    if (n->zero)
        return true;
    if (n->infinite)
        return false;
    to_big(n, &m);
    return n->exponent >= 0 || (n->exponent > -NUMBER_BITS && !big_any_below(&m, (size_t)-n->exponent));
}

bool number_to_int(const struct number *n, int64_t *ret)
{
    struct big m;
    int64_t exponent;
    *ret = 0;
    if (n->zero)
        return true;
    if (n->infinite)
        return false;
    to_odd(n, &m, &exponent);
    if (exponent < 0 || exponent > 63)
        return false;
    big_shift_left(&m, (size_t)exponent);
    if (big_bits(&m) > 63)
        return false;
    uint64_t u = m.limb[0] | (m.n > 1 ? (uint64_t)m.limb[1] << 32 : 0);
    *ret = n->negative ? -(int64_t)u : (int64_t)u;
    return true;
}

/* m * 2^exponent as decimal digits and the place of the point: 0.digits * 10^*ret_point. */
static str exact_digits(struct big *m, int64_t exponent, struct arena *a, int64_t *ret_point)
{
    struct big power, product;
    if (exponent >= 0) {
        big_shift_left(m, (size_t)exponent);
        str s = big_decimal(m, a);
        *ret_point = (int64_t)s.n;
        return s;
    }
    big_power(&power, 5, (size_t)-exponent);
    big_multiply(m, &power, &product);
    str s = big_decimal(&product, a);
    *ret_point = (int64_t)s.n + exponent;
    return s;
}

static str without_zeros(str s)
{
    while (s.n > 0 && s.p[s.n - 1] == '0')
        s.n--;
    return s;
}

static char digit_at(str s, int64_t i)
{
    return i >= 0 && (size_t)i < s.n ? s.p[i] : '0';
}

/* Keeps n digits, adding one to the last when `up`. */
static str keep_digits(str s, size_t n, bool up, struct arena *a, int64_t *point)
{
    char *text = arena_alloc(a, n + 2);
    memcpy(text + 1, s.p, n < s.n ? n : s.n);
    for (size_t i = s.n; i < n; i++)
        text[i + 1] = '0';
    text[0] = '0';
    if (up) {
        size_t i = n;
        while (text[i] == '9')
            text[i--] = '0';
        text[i]++;
    }
    if (text[0] == '0')
        return without_zeros((str){text + 1, n});
    ++*point;
    return without_zeros((str){text, n + 1});
}

static bool rounds_up(str s, size_t n)
{
    if (n >= s.n)
        return false;
    if (s.p[n] != '5')
        return s.p[n] > '5';
    for (size_t i = n + 1; i < s.n; i++) {
        if (s.p[i] != '0')
            return true;
    }
    return n > 0 && (s.p[n - 1] - '0') % 2 == 1;
}

/* The shortest digits between the neighbours half a unit below and above. */
static str shortest_digits(const struct number *n, struct arena *a, int64_t *ret_point)
{
    struct big m, low, high, one;
    int64_t exponent = (int64_t)n->exponent + NUMBER_BITS - n->precision - 1;
    int64_t low_point, high_point;
    big_set(&one, 1);
    to_big(n, &m);
    if (n->precision == NUMBER_BITS)
        big_shift_left(&m, 1);
    else
        big_shift_right(&m, (size_t)(NUMBER_BITS - n->precision - 1));
    bool inclusive = !big_bit(&m, 1);
    big_copy(&low, &m);
    big_subtract(&low, &one);
    big_copy(&high, &m);
    big_add(&high, &one);
    str d = without_zeros(exact_digits(&m, exponent, a, ret_point));
    str l = without_zeros(exact_digits(&low, exponent, a, &low_point));
    str h = without_zeros(exact_digits(&high, exponent, a, &high_point));
    int64_t shift_low = low_point - *ret_point, shift_high = high_point - *ret_point;
    for (size_t i = 0; i < d.n; i++) {
        int64_t li = (int64_t)i + shift_low, hi = (int64_t)i + shift_high;
        char lc = digit_at(l, li), hc = digit_at(h, hi);
        bool down = lc != d.p[i] || (inclusive && li + 1 == (int64_t)l.n);
        bool up = d.p[i] != hc && (inclusive || d.p[i] + 1 < hc || hi + 1 < (int64_t)h.n);
        if (shift_low < 0)
            down = true;
        if (shift_high > 0)
            up = true;
        if (down && up)
            return keep_digits(d, i + 1, rounds_up(d, i + 1), a, ret_point);
        if (down || up)
            return keep_digits(d, i + 1, up, a, ret_point);
    }
    return d;
}

static void add_positional(struct buf *out, str digits, int64_t point, int64_t places)
{
    if (point <= 0)
        buf_add_char(out, '0');
    for (int64_t i = 0; i < point; i++)
        buf_add_char(out, digit_at(digits, i));
    if (places > 0)
        buf_add_char(out, '.');
    for (int64_t i = 0; i < places; i++)
        buf_add_char(out, digit_at(digits, point + i));
}

static str infinity_text(const struct number *n)
{
    return n->negative ? STR("-Inf") : STR("+Inf");
}

static str finish(struct buf *out, struct arena *a)
{
    str s = buf_copy(out, a);
    buf_release(out);
    return s;
}

static str positional(bool negative, str digits, int64_t point, struct arena *a)
{
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    if (negative)
        buf_add_char(&out, '-');
    add_positional(&out, digits, point, (int64_t)digits.n > point ? (int64_t)digits.n - point : 0);
    return finish(&out, a);
}

str number_text(const struct number *n, struct arena *a)
{
    if (n->zero)
        return STR("0");
    if (n->infinite)
        return infinity_text(n);
    int64_t point;
    str digits = shortest_digits(n, a, &point);
    return positional(n->negative, digits, point, a);
}

str number_value_text(const struct value *v, struct arena *a)
{
    double d = v->u.number.value;
    struct number n;
    if (!value_exact(v).n && fabs(d) < 9007199254740992.0 && !(floor(d) < d))
        return arena_printf(a, "%lld", (long long)d);
    number_from_value(v, &n);
    return number_text(&n, a);
}

static str all_digits(const struct number *n, struct arena *a, int64_t *ret_point)
{
    struct big m;
    int64_t exponent;
    *ret_point = 1;
    if (n->zero)
        return STR("0");
    to_odd(n, &m, &exponent);
    return exact_digits(&m, exponent, a, ret_point);
}

str number_fixed(const struct number *n, int digits, struct arena *a)
{
    if (n->infinite)
        return infinity_text(n);
    int64_t point;
    str all = all_digits(n, a, &point);
    int64_t keep = point + digits;
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    if (n->negative)
        buf_add_char(&out, '-');
    if (keep < 0)
        all = STR("0"), point = 1;
    else if (keep < (int64_t)all.n)
        all = keep_digits(all, (size_t)keep, rounds_up(all, (size_t)keep), a, &point);
    add_positional(&out, all, point, digits);
    return finish(&out, a);
}

str number_scientific(const struct number *n, int digits, struct arena *a)
{
    if (n->infinite)
        return infinity_text(n);
    int64_t point = 1;
    str all = digits < 0 && !n->zero ? shortest_digits(n, a, &point) : all_digits(n, a, &point);
    if (digits < 0)
        digits = all.n > 0 ? (int)all.n - 1 : 0;
    else if ((size_t)digits + 1 < all.n)
        all = keep_digits(all, (size_t)digits + 1, rounds_up(all, (size_t)digits + 1), a, &point);
    struct buf out;
    buf_init(&out, LIMIT_STRING_BYTES);
    if (n->negative)
        buf_add_char(&out, '-');
    add_positional(&out, all, 1, digits);
    int64_t e = n->zero ? 0 : point - 1;
    buf_printf(&out, "e%c%02lld", e < 0 ? '-' : '+', (long long)(e < 0 ? -e : e));
    return finish(&out, a);
}

str number_in_base(const struct number *n, unsigned base, struct arena *a)
{
    struct big m;
    int64_t exponent;
    char *text = arena_alloc(a, BIG_LIMBS * 33 / 8);
    size_t at = BIG_LIMBS * 33 / 8;
    to_odd(n, &m, &exponent);
    if (exponent < 0)
        big_shift_right(&m, (size_t)-exponent);
    else
        big_shift_left(&m, (size_t)exponent);
    do {
        uint32_t d = m.n ? big_divide_small(&m, base) : 0;
        text[--at] = (char)(d < 10 ? '0' + d : 'a' + d - 10);
    } while (m.n && at > 1);
    if (n->negative)
        text[--at] = '-';
    return (str){text + at, BIG_LIMBS * 33 / 8 - at};
}

/* `text` reads as n where it is not empty; else it is worked out. */
static const struct value *value_with_text(struct arena *a, const struct number *n, str text, const struct origin *o)
{
    double d = number_to_double(n);
    const struct value *v = value_number(a, d, o);
    bool small = fabs(d) < 9007199254740992.0 && number_is_whole(n);
    if (small || n->infinite || n->precision == NUMBER_DOUBLE_BITS)
        return v;
    struct value *exact = value_copy(a, v);
    value_set_exact(exact, text.n ? text : number_text(n, a));
    return exact;
}

const struct value *number_value(struct arena *a, const struct number *n, const struct origin *o)
{
    return value_with_text(a, n, STR_NONE, o);
}

/* No two texts of so few digits read as the same number: what was written, its point moved, is the shortest. Empty where
 * there are more digits. */
static str text_as_written(str text, struct arena *a)
{
    enum { MOST_DIGITS = 153 }; /* (NUMBER_BITS - 1) * log10(2) */
    char digits[MOST_DIGITS];
    size_t n = 0, e = 0;
    int64_t point = 0, exponent = 0;
    bool fraction = false, negative = text.p[0] == '-';
    for (size_t i = negative || text.p[0] == '+'; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; e = ++i) {
        bool leading = n == 0 && text.p[i] == '0';
        if (text.p[i] == '.') {
            fraction = true;
            continue;
        }
        point += leading ? -(int64_t)fraction : !fraction;
        if (leading)
            continue;
        if (n == MOST_DIGITS)
            return STR_NONE;
        digits[n++] = text.p[i];
    }
    if (e < text.n && !read_exponent(str_slice(text, e + 1, text.n), &exponent))
        return STR_NONE;
    return positional(negative, without_zeros((str){digits, n}), point + exponent, a);
}

const struct value *number_value_of(struct arena *a, str text, const struct origin *o)
{
    struct number n;
    return number_parse(text, &n) ? value_with_text(a, &n, n.zero ? STR_NONE : text_as_written(text, a), o) : NULL;
}

/* Arithmetic. */

void number_negate(struct number *n)
{
    if (!n->zero)
        n->negative = !n->negative;
}

static int compare_magnitudes(const struct number *a, const struct number *b)
{
    if (a->exponent != b->exponent)
        return a->exponent < b->exponent ? -1 : 1;
    for (size_t i = NUMBER_LIMBS; i-- > 0;) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

static int sign(const struct number *n)
{
    return n->zero ? 0 : n->negative ? -1 : 1;
}

int number_compare(const struct number *a, const struct number *b)
{
    if (sign(a) != sign(b) || sign(a) == 0)
        return sign(a) - sign(b);
    int c = a->infinite || b->infinite ? (int)a->infinite - (int)b->infinite : compare_magnitudes(a, b);
    return a->negative ? -c : c;
}

static int wider(const struct number *a, const struct number *b)
{
    return a->precision > b->precision ? a->precision : b->precision;
}

bool number_add(const struct number *a, const struct number *b, struct number *ret)
{
    if (a->infinite || b->infinite) {
        if (a->infinite && b->infinite && a->negative != b->negative)
            return false;
        *ret = a->infinite ? *a : *b;
        return true;
    }
    if (a->zero || b->zero) {
        *ret = a->zero ? *b : *a;
        return true;
    }
    const struct number *large = compare_magnitudes(a, b) >= 0 ? a : b;
    const struct number *small = large == a ? b : a;
    struct big x, y;
    int64_t apart = (int64_t)large->exponent - small->exponent;
    int precision = wider(a, b);
    to_big(large, &x);
    to_big(small, &y);
    if (apart > 2 * NUMBER_BITS + 4) {
        *ret = *large;
        return true;
    }
    big_shift_left(&x, (size_t)apart);
    if (a->negative == b->negative)
        big_add(&x, &y);
    else
        big_subtract(&x, &y);
    round_to(&x, false, small->exponent, large->negative, precision, ret);
    return true;
}

bool number_subtract(const struct number *a, const struct number *b, struct number *ret)
{
    struct number minus = *b;
    number_negate(&minus);
    return number_add(a, &minus, ret);
}

static bool in_range(const struct number *n)
{
    enum { MAX_EXPONENT = 30000 };
    return n->exponent < MAX_EXPONENT && n->exponent > -MAX_EXPONENT;
}

bool number_multiply(const struct number *a, const struct number *b, struct number *ret)
{
    if (a->infinite || b->infinite) {
        if (a->zero || b->zero)
            return false;
        set_infinite(ret, a->negative != b->negative);
        return true;
    }
    struct big x, y, product;
    to_big(a, &x);
    to_big(b, &y);
    big_multiply(&x, &y, &product);
    round_to(&product, false, (int64_t)a->exponent + b->exponent, a->negative != b->negative, wider(a, b), ret);
    return in_range(ret);
}

bool number_divide(const struct number *a, const struct number *b, struct number *ret)
{
    if ((a->zero && b->zero) || (a->infinite && b->infinite))
        return false;
    if (a->infinite || b->zero) {
        set_infinite(ret, a->negative != b->negative);
        return true;
    }
    if (a->zero || b->infinite) {
        set_zero(ret);
        return true;
    }
    struct big x, y, q;
    to_big(a, &x);
    to_big(b, &y);
    big_shift_left(&x, NUMBER_BITS + 2);
    big_divide(&x, &y, &q);
    round_to(&q, x.n > 0, (int64_t)a->exponent - b->exponent - NUMBER_BITS - 2, a->negative != b->negative, wider(a, b),
             ret);
    return in_range(ret);
}

void number_truncate(const struct number *n, struct number *ret)
{
    *ret = *n;
    if (n->zero || n->infinite || n->exponent >= 0)
        return;
    struct big m;
    to_big(n, &m);
    big_shift_right(&m, (size_t) - (int64_t)n->exponent);
    round_to(&m, false, 0, n->negative, NUMBER_BITS, ret);
    ret->precision = n->precision;
}

static void round_away(const struct number *n, bool negative, struct number *ret)
{
    number_truncate(n, ret);
    if (number_is_whole(n) || n->infinite || n->negative != negative)
        return;
    struct number one, sum;
    number_from_int(negative ? -1 : 1, &one);
    number_add(ret, &one, &sum);
    *ret = sum;
}

void number_floor(const struct number *n, struct number *ret)
{
    round_away(n, true, ret);
}

void number_ceiling(const struct number *n, struct number *ret)
{
    round_away(n, false, ret);
}

bool number_modulo(const struct number *a, const struct number *b, struct number *ret)
{
    if (a->infinite || b->infinite)
        return number_multiply(a, b, ret);
    if (b->zero) {
        *ret = *a;
        return true;
    }
    struct number quotient, whole, product;
    if (!number_divide(a, b, &quotient))
        return false;
    number_truncate(&quotient, &whole);
    return number_multiply(b, &whole, &product) && number_subtract(a, &product, ret);
}
