/* GitLab Code Quality: a JSON array; fingerprints must be unique. */
#include "base/map.h"
#include "report/listing.h"

static const char *severity_of(enum severity s)
{
    static const char *const names[] = {"info", "minor", "major", "critical", "blocker"};
    return names[s];
}

/* Findings of one place in several forms share a fingerprint: the second gets another, the same each time. */
static uint64_t unique(uint64_t fingerprint, struct map *seen, struct arena *a)
{
    for (;;) {
        str key = arena_printf(a, "%016llx", (unsigned long long)fingerprint);
        if (!map_has(seen, key)) {
            map_set(seen, key, a);
            return fingerprint;
        }
        fingerprint = (fingerprint ^ 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    }
}

static void write_finding(const struct report *r, const struct finding *f, uint64_t fingerprint, struct buf *out,
                          struct arena *a)
{
    span place = report_place(r, f);
    const struct source *s = source_at(r->sources, place.file);
    struct position from = s ? source_position(s, place.start) : (struct position){1, 1};
    struct position to = s ? source_position(s, place.end) : from;
    buf_add_c(out, "  {\"description\": ");
    buf_add_json(out,
                 f->when.n ? arena_printf(a, STR_FMT ", " STR_FMT, STR_ARG(f->message), STR_ARG(f->when)) : f->message);
    buf_add_c(out, ", \"check_name\": ");
    buf_add_json(out, f->rule->id);
    buf_printf(out, ", \"fingerprint\": \"%016llx\", \"severity\": \"%s\", \"location\": {\"path\": ",
               (unsigned long long)fingerprint, severity_of(f->severity));
    buf_add_json(out, report_path(r, place, a));
    buf_printf(out, ", \"lines\": {\"begin\": %u, \"end\": %u}}}", from.line, to.line);
}

void report_gitlab(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    struct map seen;
    map_init(&seen);
    size_t n;
    const struct finding **list = listing_worst_first(r, a, &n);
    buf_add_c(out, "[");
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, i ? ",\n" : "\n");
        write_finding(r, list[i], unique(list[i]->fingerprint, &seen, a), out, a);
    }
    buf_add_c(out, "]\n");
    map_release(&seen);
    arena_free(a);
}
