/* Timestamps and durations. Time zones are UTC and fixed offsets: names would need a database. */
#include "policy/cel_internal.h"

enum { NANOS = 1000000000 };

static const int64_t first_second = -62135596800; /* 0001-01-01T00:00:00Z */
static const int64_t last_second = 253402300799;  /* 9999-12-31T23:59:59Z */

static struct cel_value make(enum cel_kind kind, int64_t seconds, int64_t nanos)
{
    struct cel_value v = cel_null();
    v.kind = (uint8_t)kind;
    v.u.time.seconds = seconds;
    v.u.time.nanos = (int32_t)nanos;
    return v;
}

bool cel_time_make(int64_t seconds, int64_t nanos, struct cel_value *ret)
{
    if (seconds < first_second - 1 || seconds > last_second + 1)
        return false;
    seconds += nanos / NANOS;
    nanos %= NANOS;
    if (nanos < 0) {
        nanos += NANOS;
        seconds--;
    }
    *ret = make(CEL_TIMESTAMP, seconds, nanos);
    return seconds >= first_second && seconds <= last_second;
}

/* A duration fits into 64 bits of nanoseconds. */
bool cel_duration_make(int64_t seconds, int64_t nanos, struct cel_value *ret)
{
    const int64_t most = INT64_MAX / NANOS;
    if (seconds > 2 * most || seconds < -2 * most)
        return false;
    seconds += nanos / NANOS;
    nanos %= NANOS;
    if (seconds > 0 && nanos < 0) {
        nanos += NANOS;
        seconds--;
    } else if (seconds < 0 && nanos > 0) {
        nanos -= NANOS;
        seconds++;
    }
    *ret = make(CEL_DURATION, seconds, nanos);
    return seconds <= most && seconds >= -most;
}

/* ---- the calendar ---- */

struct civil {
    int64_t year;
    int month, day; /* from 1 */
};

/* Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years from 1 March. */
static int64_t days_of(struct civil d)
{
    int64_t year = d.year - (d.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct civil civil_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    struct civil d = {.year = year + era * 400, .day = (int)(of_year - (153 * month + 2) / 5 + 1)};
    d.month = (int)(month < 10 ? month + 3 : month - 9);
    d.year += d.month <= 2;
    return d;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* ---- text ---- */

static bool take_number(str *s, size_t digits, int64_t *ret)
{
    if (s->n < digits)
        return false;
    *ret = 0;
    for (size_t i = 0; i < digits; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        *ret = *ret * 10 + (s->p[i] - '0');
    }
    *s = str_slice(*s, digits, s->n);
    return true;
}

static bool take_char(str *s, const char *any)
{
    if (s->n == 0 || !strchr(any, s->p[0]) || s->p[0] == '\0')
        return false;
    *s = str_slice(*s, 1, s->n);
    return true;
}

/* ".123" as nanoseconds. */
static bool take_fraction(str *s, int64_t *ret)
{
    int64_t unit = NANOS, digit;
    *ret = 0;
    if (!take_char(s, "."))
        return true;
    if (!take_number(s, 1, &digit))
        return false;
    do {
        unit /= 10;
        *ret += digit * unit;
    } while (take_number(s, 1, &digit));
    return true;
}

/* "Z", "+02:00": seconds east of UTC. */
static bool take_offset(str *s, int64_t *ret)
{
    int64_t hours, minutes;
    *ret = 0;
    if (take_char(s, "Zz"))
        return true;
    bool west = s->n && s->p[0] == '-';
    if (!take_char(s, "+-") || !take_number(s, 2, &hours) || !take_char(s, ":") || !take_number(s, 2, &minutes))
        return false;
    *ret = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return hours < 24 && minutes < 60;
}

bool cel_time_parse(str s, struct cel_value *ret)
{
    int64_t year, month, day, hour, minute, second, nanos, offset;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!take_number(&s, 4, &year) || !take_char(&s, "-") || !take_number(&s, 2, &month) || !take_char(&s, "-") ||
        !take_number(&s, 2, &day) || !take_char(&s, "Tt ") || !take_number(&s, 2, &hour) || !take_char(&s, ":") ||
        !take_number(&s, 2, &minute) || !take_char(&s, ":") || !take_number(&s, 2, &second) ||
        !take_fraction(&s, &nanos) || !take_offset(&s, &offset) || s.n)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1] + (month == 2 && leap) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    int64_t days = days_of((struct civil){.year = year, .month = (int)month, .day = (int)day});
    return cel_time_make(days * 86400 + hour * 3600 + minute * 60 + second - offset, nanos, ret);
}

static bool take_unit(str *s, int64_t *ret)
{
    static const struct {
        const char *name;
        int64_t nanos;
    } units[] = {
        {"ns", 1},       {"us", 1000}, {"\xC2\xB5s", 1000},        {"\xCE\xBCs", 1000},
        {"ms", 1000000}, {"s", NANOS}, {"m", 60 * (int64_t)NANOS}, {"h", 3600 * (int64_t)NANOS},
    };
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        str name = str_of(units[i].name);
        if (str_starts(*s, name) && !(s->n > 1 && name.n == 1 && s->p[1] == 's')) {
            *s = str_slice(*s, name.n, s->n);
            *ret = units[i].nanos;
            return true;
        }
    }
    return false;
}

/* "1h45m", "-1.5s": each number may have a fraction. */
bool cel_duration_parse(str s, struct cel_value *ret)
{
    bool negative = s.n && s.p[0] == '-';
    int64_t seconds = 0, nanos = 0, digit, unit;
    take_char(&s, "+-");
    if (str_eq(s, STR("0")))
        return cel_duration_make(0, 0, ret);
    if (s.n == 0)
        return false;
    while (s.n) {
        int64_t whole = 0, fraction;
        size_t before = s.n;
        while (take_number(&s, 1, &digit)) {
            whole = whole * 10 + digit;
            if (whole > INT64_MAX / NANOS)
                return false;
        }
        bool number = s.n != before || (s.n > 1 && s.p[0] == '.');
        if (!number || !take_fraction(&s, &fraction) || !take_unit(&s, &unit))
            return false;
        /* whole * unit in two parts, so that neither overflows. */
        seconds += unit >= NANOS ? whole * (unit / NANOS) : whole / (NANOS / unit);
        nanos += unit >= NANOS ? 0 : whole % (NANOS / unit) * unit;
        nanos += unit >= NANOS ? fraction * (unit / NANOS) : fraction / (NANOS / unit);
        if (!cel_duration_make(seconds, nanos, ret))
            return false;
        seconds = ret->u.time.seconds;
        nanos = ret->u.time.nanos;
    }
    return cel_duration_make(negative ? -seconds : seconds, negative ? -nanos : nanos, ret);
}

/* ".5", ".123456789", "" */
static str fraction_text(struct arena *a, int32_t nanos)
{
    str text = arena_printf(a, ".%09d", nanos < 0 ? -nanos : nanos);
    while (text.n > 1 && text.p[text.n - 1] == '0')
        text.n--;
    return text.n == 1 ? STR("") : text;
}

str cel_time_text(struct arena *a, const struct cel_value *v)
{
    int64_t seconds = v->u.time.seconds;
    str fraction = fraction_text(a, v->u.time.nanos);
    if (v->kind == CEL_DURATION) {
        bool negative = seconds < 0 || v->u.time.nanos < 0;
        return arena_printf(a, "%s%lld" STR_FMT "s", negative ? "-" : "", (long long)(negative ? -seconds : seconds),
                            STR_ARG(fraction));
    }
    int64_t days = floor_divide(seconds, 86400);
    int rest = (int)(seconds - days * 86400);
    struct civil d = civil_of(days);
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d" STR_FMT "Z", (int)d.year, d.month, d.day, rest / 3600,
                        rest / 60 % 60, rest % 60, STR_ARG(fraction));
}

/* ---- arithmetic ---- */

struct cel_value cel_time_add(struct cel_context *c, const struct cel_value *a, const struct cel_value *b, int sign)
{
    struct cel_value v;
    bool two_times = a->kind == CEL_TIMESTAMP && b->kind == CEL_TIMESTAMP;
    bool from_duration = a->kind == CEL_DURATION && b->kind == CEL_TIMESTAMP;
    if ((two_times && sign > 0) || (from_duration && sign < 0))
        return cel_no_overload(c, sign > 0 ? "_+_" : "_-_", (struct cel_value[]){*a, *b}, 2);
    int64_t seconds = a->u.time.seconds + sign * b->u.time.seconds;
    int64_t nanos = a->u.time.nanos + (int64_t)sign * b->u.time.nanos;
    bool time = !two_times && (a->kind == CEL_TIMESTAMP || b->kind == CEL_TIMESTAMP);
    if (time ? cel_time_make(seconds, nanos, &v) : cel_duration_make(seconds, nanos, &v))
        return v;
    return cel_error(c, "range error: the %s is out of range", time ? "timestamp" : "duration");
}

/* ---- parts ---- */

enum part { YEAR, MONTH, DAY_OF_MONTH, DATE, DAY_OF_WEEK, DAY_OF_YEAR, HOURS, MINUTES, SECONDS, MILLISECONDS };

static const char *const part_names[] = {"getFullYear",  "getMonth", "getDayOfMonth", "getDate",    "getDayOfWeek",
                                         "getDayOfYear", "getHours", "getMinutes",    "getSeconds", "getMilliseconds"};

static bool zone_offset(str zone, int64_t *ret)
{
    *ret = 0;
    if (str_eq(zone, STR("UTC")) || str_eq(zone, STR("Z")))
        return true;
    bool sign = zone.n && (zone.p[0] == '+' || zone.p[0] == '-');
    char text[8];
    if (zone.n == 0 || zone.n > 6)
        return false;
    snprintf(text, sizeof text, "%s" STR_FMT, sign ? "" : "+", STR_ARG(zone));
    str rest = str_of(text);
    return take_offset(&rest, ret) && rest.n == 0;
}

static int64_t duration_part(const struct cel_value *v, enum part p)
{
    switch (p) {
    case HOURS:
        return v->u.time.seconds / 3600;
    case MINUTES:
        return v->u.time.seconds / 60;
    case SECONDS:
        return v->u.time.seconds;
    default:
        return v->u.time.nanos / 1000000;
    }
}

static int64_t time_part(const struct cel_value *v, enum part p, int64_t offset)
{
    int64_t seconds = v->u.time.seconds + offset, days = floor_divide(seconds, 86400), rest = seconds - days * 86400;
    struct civil d = civil_of(days);
    switch (p) {
    case YEAR:
        return d.year;
    case MONTH:
        return d.month - 1;
    case DAY_OF_MONTH:
        return d.day - 1;
    case DATE:
        return d.day;
    case DAY_OF_WEEK:
        return ((days + 4) % 7 + 7) % 7;
    case DAY_OF_YEAR:
        return days - days_of((struct civil){.year = d.year, .month = 1, .day = 1});
    case HOURS:
        return rest / 3600;
    case MINUTES:
        return rest / 60 % 60;
    case SECONDS:
        return rest % 60;
    default:
        return v->u.time.nanos / 1000000;
    }
}

static struct cel_value get(struct cel_context *c, const struct cel_value *arg, size_t n, enum part p)
{
    int64_t offset = 0;
    if (arg[0].kind == CEL_DURATION && n == 1 && p >= HOURS)
        return cel_int(duration_part(&arg[0], p));
    if (arg[0].kind != CEL_TIMESTAMP || (n == 2 && arg[1].kind != CEL_STRING))
        return cel_no_overload(c, part_names[p], arg, n);
    if (n == 2 && !zone_offset(arg[1].u.text, &offset))
        return cel_error(c, "unknown time zone '" STR_FMT "'; 'UTC' and offsets such as '+02:00' are known",
                         STR_ARG(str_slice(arg[1].u.text, 0, 40)));
    return cel_int(time_part(&arg[0], p, offset));
}

#define GETTER(name, part)                                                                                             \
    static struct cel_value name(struct cel_context *c, const struct cel_value *arg, size_t n)                         \
    {                                                                                                                  \
        return get(c, arg, n, part);                                                                                   \
    }

GETTER(get_full_year, YEAR)
GETTER(get_month, MONTH)
GETTER(get_day_of_month, DAY_OF_MONTH)
GETTER(get_date, DATE)
GETTER(get_day_of_week, DAY_OF_WEEK)
GETTER(get_day_of_year, DAY_OF_YEAR)
GETTER(get_hours, HOURS)
GETTER(get_minutes, MINUTES)
GETTER(get_seconds, SECONDS)
GETTER(get_milliseconds, MILLISECONDS)

#define TIME "timestamp('2009-02-13T23:31:30.5Z')"

static const struct cel_function functions[] = {
    {"getFullYear", CEL_METHOD, 1, 2, get_full_year, "timestamp.getFullYear([zone]) -> int",
     "The year; zone is UTC or an offset.", NULL, TIME ".getFullYear() == 2009"},
    {"getMonth", CEL_METHOD, 1, 2, get_month, "timestamp.getMonth([zone]) -> int", "The month from 0.", NULL,
     TIME ".getMonth() == 1"},
    {"getDayOfMonth", CEL_METHOD, 1, 2, get_day_of_month, "timestamp.getDayOfMonth([zone]) -> int", "The day from 0.",
     NULL, TIME ".getDayOfMonth() == 12"},
    {"getDate", CEL_METHOD, 1, 2, get_date, "timestamp.getDate([zone]) -> int", "The day from 1.", NULL,
     TIME ".getDate('+02:00') == 14"},
    {"getDayOfWeek", CEL_METHOD, 1, 2, get_day_of_week, "timestamp.getDayOfWeek([zone]) -> int", "0 is Sunday.", NULL,
     TIME ".getDayOfWeek() == 5"},
    {"getDayOfYear", CEL_METHOD, 1, 2, get_day_of_year, "timestamp.getDayOfYear([zone]) -> int",
     "The day of the year from 0.", NULL, TIME ".getDayOfYear() == 43"},
    {"getHours", CEL_METHOD, 1, 2, get_hours, "timestamp|duration.getHours([zone]) -> int",
     "The hour of the day, or all hours of a duration.", NULL, "duration('10000s').getHours() == 2"},
    {"getMinutes", CEL_METHOD, 1, 2, get_minutes, "timestamp|duration.getMinutes([zone]) -> int",
     "The minute of the hour, or all minutes of a duration.", NULL, TIME ".getMinutes() == 31"},
    {"getSeconds", CEL_METHOD, 1, 2, get_seconds, "timestamp|duration.getSeconds([zone]) -> int",
     "The second of the minute, or all seconds of a duration.", NULL, TIME ".getSeconds() == 30"},
    {"getMilliseconds", CEL_METHOD, 1, 2, get_milliseconds, "timestamp|duration.getMilliseconds([zone]) -> int",
     "The thousandths of the second.", NULL, TIME ".getMilliseconds() == 500"},
};

const struct cel_function_table cel_time_functions = {"Time", functions, ARRAY_LEN(functions)};
