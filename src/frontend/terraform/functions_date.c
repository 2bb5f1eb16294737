#include "frontend/terraform/function.h"

/* A moment with the offset that it was written in. */
struct moment {
    int64_t seconds; /* since 1970, UTC */
    int64_t nanoseconds;
    int64_t offset; /* seconds east of UTC */
};

struct civil {
    int64_t year, month, day, hour, minute, second, weekday;
};

static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400, of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_of(const struct moment *t, struct civil *ret)
{
    int64_t local = t->seconds + t->offset;
    int64_t days = (local >= 0 ? local : local - 86399) / 86400, rest = local - days * 86400;
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    ret->day = doy - (153 * mp + 2) / 5 + 1;
    ret->month = mp < 10 ? mp + 3 : mp - 9;
    ret->year = yoe + era * 400 + (ret->month <= 2);
    ret->hour = rest / 3600;
    ret->minute = rest / 60 % 60;
    ret->second = rest % 60;
    ret->weekday = ((days + 4) % 7 + 7) % 7;
}

static bool digits(str s, size_t at, size_t n, int64_t *ret)
{
    *ret = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
            return false;
        *ret = *ret * 10 + (s.p[i] - '0');
    }
    return true;
}

static bool is(str s, size_t at, char c)
{
    return at < s.n && s.p[at] == c;
}

static bool read_zone(str s, size_t at, int64_t *ret)
{
    int64_t h, m;
    *ret = 0;
    if (is(s, at, 'Z'))
        return at + 1 == s.n;
    if ((!is(s, at, '+') && !is(s, at, '-')) || !digits(s, at + 1, 2, &h) || !is(s, at + 3, ':') ||
        !digits(s, at + 4, 2, &m) || at + 6 != s.n || h > 24 || m > 59)
        return false;
    *ret = (h * 3600 + m * 60) * (s.p[at] == '-' ? -1 : 1);
    return true;
}

static int64_t days_in(int64_t y, int64_t m)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
}

/* RFC 3339, strictly. */
static bool read_moment(str s, struct moment *ret)
{
    int64_t y, mo, d, h, mi, sec;
    size_t at = 19;
    if (!digits(s, 0, 4, &y) || !is(s, 4, '-') || !digits(s, 5, 2, &mo) || !is(s, 7, '-') || !digits(s, 8, 2, &d) ||
        !is(s, 10, 'T') || !digits(s, 11, 2, &h) || !is(s, 13, ':') || !digits(s, 14, 2, &mi) || !is(s, 16, ':') ||
        !digits(s, 17, 2, &sec))
        return false;
    if (mo < 1 || mo > 12 || d < 1 || d > days_in(y, mo) || h > 23 || mi > 59 || sec > 59)
        return false;
    ret->nanoseconds = 0;
    if (is(s, at, '.')) {
        int64_t scale = 100000000;
        size_t from = ++at;
        for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++, scale /= 10)
            ret->nanoseconds += (s.p[at] - '0') * scale;
        if (at == from)
            return false;
    }
    if (!read_zone(s, at, &ret->offset))
        return false;
    ret->seconds = days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec - ret->offset;
    return true;
}

static const struct value *no_moment(struct call *c, str s)
{
    return function_fail(c, "\"" STR_FMT "\" is not a timestamp as RFC 3339 has it", STR_ARG(s));
}

static void add_zone(struct buf *out, int64_t offset, const char *utc, bool colon)
{
    int64_t minutes = (offset < 0 ? -offset : offset) / 60;
    if (utc && offset == 0)
        buf_add_c(out, utc);
    else
        buf_printf(out, colon ? "%c%02lld:%02lld" : "%c%02lld%02lld", offset < 0 ? '-' : '+', (long long)(minutes / 60),
                   (long long)(minutes % 60));
}

/* Formats. */

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

static void number(struct buf *out, int64_t n, size_t width)
{
    buf_printf(out, width > 1 ? "%02lld" : "%lld", (long long)n);
}

static bool add_field(struct buf *out, char letter, size_t n, const struct moment *t, const struct civil *d)
{
    bool short_number = n == 1 || n == 2;
    int64_t twelve = d->hour % 12 == 0 ? 12 : d->hour % 12;
    switch (letter) {
    case 'Y':
        if (n == 4)
            buf_printf(out, "%04lld", (long long)d->year);
        else if (n == 2)
            number(out, d->year % 100, 2);
        return n == 4 || n == 2;
    case 'M':
        if (n > 2)
            buf_add(out, str_slice(str_of(months[d->month - 1]), 0, n == 3 ? 3 : SIZE_MAX));
        else
            number(out, d->month, n);
        return n <= 4;
    case 'D':
        number(out, d->day, n);
        return short_number;
    case 'E':
        buf_add(out, str_slice(str_of(weekdays[d->weekday]), 0, n == 3 ? 3 : SIZE_MAX));
        return n == 3 || n == 4;
    case 'h':
        number(out, d->hour, n);
        return short_number;
    case 'H':
        number(out, twelve, n);
        return short_number;
    case 'A':
    case 'a':
        buf_add_c(out, letter == 'A' ? (d->hour < 12 ? "AM" : "PM") : d->hour < 12 ? "am" : "pm");
        return n == 2;
    case 'm':
        number(out, d->minute, n);
        return short_number;
    case 's':
        number(out, d->second, n);
        return short_number;
    case 'Z':
        add_zone(out, t->offset, n == 1 ? "Z" : n == 3 ? "UTC" : NULL, n == 1 || n == 5);
        return n == 1 || n == 3 || n == 4 || n == 5;
    default:
        return false;
    }
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool add_quoted(struct buf *out, str s, size_t *at)
{
    for (++*at; *at < s.n; ++*at) {
        if (s.p[*at] != '\'') {
            buf_add_char(out, s.p[*at]);
        } else if (is(s, *at + 1, '\'')) {
            buf_add_char(out, '\'');
            ++*at;
        } else {
            ++*at;
            return true;
        }
    }
    return false;
}

static const struct value *fn_formatdate(struct call *c)
{
    struct moment t;
    struct civil d;
    struct buf out;
    str s = function_str(c, 0);
    if (!read_moment(function_str(c, 1), &t))
        return no_moment(c, function_str(c, 1));
    civil_of(&t, &d);
    buf_init(&out, LIMIT_STRING_BYTES);
    bool ok = true;
    for (size_t at = 0; at < s.n && ok;) {
        size_t n = 1;
        if (s.p[at] == '\'') {
            ok = add_quoted(&out, s, &at);
        } else if (is_letter(s.p[at])) {
            while (is(s, at + n, s.p[at]))
                n++;
            ok = add_field(&out, s.p[at], n, &t, &d);
            at += n;
        } else {
            buf_add_char(&out, s.p[at++]);
        }
    }
    if (ok)
        return function_buf(c, &out);
    buf_release(&out);
    return function_fail(c, "the format is wrong");
}

/* Durations as Go has them: a sequence of decimal numbers with units. */

static bool read_unit(str s, size_t *at, int64_t *ret)
{
    static const struct {
        const char *name;
        int64_t nanoseconds;
    } units[] = {{"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
                 {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (str_starts(str_slice(s, *at, s.n), str_of(units[i].name))) {
            *at += strlen(units[i].name);
            *ret = units[i].nanoseconds;
            return true;
        }
    }
    return false;
}

static bool read_duration(str s, int64_t *ret)
{
    size_t at = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool negative = is(s, 0, '-');
    long double total = 0;
    *ret = 0;
    if (at == s.n)
        return false;
    if (str_eq_c(str_slice(s, at, s.n), "0"))
        return true;
    while (at < s.n) {
        long double n = 0, scale = 1;
        size_t from = at;
        bool any = false;
        for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9' && at - from < 20; at++, any = true)
            n = n * 10 + (s.p[at] - '0');
        if (is(s, at, '.')) {
            for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++, any = true) {
                scale /= 10;
                n += (s.p[at] - '0') * scale;
            }
        }
        int64_t unit;
        if (!any || !read_unit(s, &at, &unit))
            return false;
        total += n * (long double)unit;
        if (total > 9.2e18L)
            return false;
    }
    *ret = (int64_t)(total + 0.0001L) * (negative ? -1 : 1);
    return true;
}

static const struct value *fn_timeadd(struct call *c)
{
    struct moment t;
    struct civil d;
    struct buf out;
    int64_t duration;
    if (!read_moment(function_str(c, 0), &t))
        return no_moment(c, function_str(c, 0));
    if (!read_duration(function_str(c, 1), &duration))
        return function_fail(c, "\"" STR_FMT "\" is not a duration", STR_ARG(function_str(c, 1)));
    t.nanoseconds += duration % 1000000000;
    t.seconds += duration / 1000000000;
    if (t.nanoseconds < 0) {
        t.seconds--;
    } else if (t.nanoseconds >= 1000000000) {
        t.seconds++;
    }
    civil_of(&t, &d);
    buf_init(&out, 64);
    buf_printf(&out, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld", (long long)d.year, (long long)d.month,
               (long long)d.day, (long long)d.hour, (long long)d.minute, (long long)d.second);
    add_zone(&out, t.offset, "Z", true);
    return function_buf(c, &out);
}

static const struct value *fn_timecmp(struct call *c)
{
    struct moment x, y;
    if (!read_moment(function_str(c, 0), &x))
        return no_moment(c, function_str(c, 0));
    if (!read_moment(function_str(c, 1), &y))
        return no_moment(c, function_str(c, 1));
    int64_t a = x.seconds != y.seconds ? x.seconds : x.nanoseconds,
            b = x.seconds != y.seconds ? y.seconds : y.nanoseconds;
    return tf_int(c->arena, a < b ? -1 : a > b, c->origin);
}

const struct function functions_date[] = {
    {"formatdate", "ss", fn_formatdate, 0},
    {"timeadd", "ss", fn_timeadd, 0},
    {"timecmp", "ss", fn_timecmp, 0},
    {NULL, NULL, NULL, 0},
};
