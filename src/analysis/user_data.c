/* What instances do when they start: shell scripts and cloud-init in user data, plain or as base64, line by line. */
#include "analysis/iam_values.h"
#include "analysis/pass.h"
#include "base/base64.h"

enum {
    MOST_FOUND = 50, /* of a kind, in one text: a report shows fewer */
    SHOWN = 80       /* bytes of a command in a message */
};

struct script {
    struct analysis *a;
    const struct value *value;
    struct graph_text text;
    struct item_list downloads, metadata;
    bool partial;
};

/* ---- words ---- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

/* The word as such: not a part of a longer one, but with any directory before it. */
static size_t find_word(str s, const char *word)
{
    str w = str_of(word);
    for (size_t i = 0; i + w.n <= s.n; i++) {
        if (!str_eq_nocase(str_slice(s, i, i + w.n), w))
            continue;
        bool starts = i == 0 || !is_word_byte(s.p[i - 1]), ends = i + w.n == s.n || !is_word_byte(s.p[i + w.n]);
        if (starts && ends)
            return i;
    }
    return SIZE_MAX;
}

static bool has_any(str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (find_word(s, words[i]) != SIZE_MAX)
            return true;
    return false;
}

static const char *const fetchers[] = {"curl", "wget", "iwr", "Invoke-WebRequest", "DownloadString"};
static const char *const shells[] = {"sh",      "bash", "zsh",  "dash", "ksh", "python",
                                     "python3", "perl", "ruby", "node", "iex", "Invoke-Expression"};

static str next_word(str *rest)
{
    size_t from = 0;
    while (from < rest->n && strchr(" \t\"'[,", rest->p[from]))
        from++;
    size_t to = from;
    while (to < rest->n && !strchr(" \t\"',|;&)]", rest->p[to]))
        to++;
    str word = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->n);
    size_t slash = str_rfind_char(word, '/');
    return slash == SIZE_MAX ? word : str_slice(word, slash + 1, word.n);
}

/* What the command of a pipe starts, behind sudo, env, options and settings. */
static bool starts_shell(str command)
{
    static const char *const before[] = {"sudo", "env", "exec", "nohup", "time"};
    for (unsigned i = 0; i < 8; i++) {
        str word = next_word(&command);
        bool skipped = word.n && (word.p[0] == '-' || str_find_char(word, '=') != SIZE_MAX);
        for (size_t k = 0; k < ARRAY_LEN(before); k++)
            skipped = skipped || str_eq_c(word, before[k]);
        if (skipped)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(shells); k++)
            if (str_eq_nocase(word, str_of(shells[k])))
                return true;
        return false;
    }
    return false;
}

/* ---- what a command does ---- */

/* curl ... | sh, bash <(curl ...), sh -c "$(curl ...)", iex (iwr ...). */
static bool runs_download(str command)
{
    if (!has_any(command, fetchers, ARRAY_LEN(fetchers)))
        return false;
    size_t bar = SIZE_MAX;
    str rest = command;
    while ((bar = str_find_char(rest, '|')) != SIZE_MAX) {
        bool fetched =
            has_any(str_slice(command, 0, (size_t)(rest.p - command.p) + bar), fetchers, ARRAY_LEN(fetchers));
        rest = str_slice(rest, bar + 1, rest.n);
        if (fetched && !(rest.n && rest.p[0] == '|') && starts_shell(rest))
            return true;
        if (rest.n && rest.p[0] == '|')
            rest = str_slice(rest, 1, rest.n);
    }
    static const char *const inside[] = {"<(curl", "<(wget", "$(curl", "$(wget", "`curl", "`wget", "iex (", "iex("};
    static const char *const runners[] = {"sh", "bash", "zsh", "eval", "source", "python", "python3", "iex"};
    for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
        size_t at = str_find(command, str_of(inside[i]));
        bool assigned = at != SIZE_MAX && at && command.p[at - 1] == '=';
        if (at != SIZE_MAX && !assigned && has_any(str_slice(command, 0, at + 4), runners, ARRAY_LEN(runners)))
            return true;
    }
    return false;
}

/* -H, --header, -Headers, -sH: the header may be the token. */
static bool sends_header(str command)
{
    if (str_find(command, STR("metadata-token")) != SIZE_MAX || str_find(command, STR("-header")) != SIZE_MAX ||
        str_find(command, STR("-Header")) != SIZE_MAX)
        return true;
    for (size_t i = 0; i + 2 < command.n; i++) {
        if (command.p[i] != ' ' || command.p[i + 1] != '-')
            continue;
        size_t end = i + 2;
        while (end < command.n && is_word_byte(command.p[end]) && command.p[end] != '-')
            end++;
        if (command.p[end - 1] == 'H')
            return true;
    }
    return false;
}

/* A request to the metadata service without any header has no token. */
static bool asks_without_token(str command)
{
    static const char *const hosts[] = {"169.254.169.254/", "[fd00:ec2::254]/"};
    static const char *const paths[] = {"meta-data", "user-data", "dynamic/"};
    static const char *const requests[] = {"curl", "wget", "http", "iwr", "Invoke-WebRequest", "Invoke-RestMethod",
                                           "irm"};
    bool asks = false;
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        size_t at = str_find(command, str_of(hosts[i]));
        for (size_t k = 0; k < ARRAY_LEN(paths) && at != SIZE_MAX; k++)
            asks = asks || str_find(str_slice(command, at, command.n), str_of(paths[k])) != SIZE_MAX;
    }
    return asks && has_any(command, requests, ARRAY_LEN(requests)) && !sends_header(command);
}

/* ---- lines ---- */

/* In one line, holes as "${...}". */
static str shown_text(struct arena *a, str s)
{
    struct buf b;
    buf_init(&b, LIMIT_STRING_BYTES);
    for (size_t i = 0; i < s.n && buf_str(&b).n < SHOWN; i++) {
        str rest = str_slice(s, i, s.n);
        size_t close = str_starts(rest, STR(GRAPH_HOLE)) ? str_find(rest, STR(GRAPH_HOLE_END)) : SIZE_MAX;
        bool folds = strchr(" \t\r\n", rest.p[0]) || (rest.p[0] == '\\' && rest.n > 1 && strchr("\r\n", rest.p[1]));
        if (close != SIZE_MAX) {
            buf_add_c(&b, "${...}");
            i += close + sizeof(GRAPH_HOLE_END) - 2;
        } else if (!folds) {
            buf_add_char(&b, rest.p[0]);
        } else if (buf_str(&b).n && !str_ends(buf_str(&b), STR(" "))) {
            buf_add_char(&b, ' ');
        }
    }
    str shown = buf_copy(&b, a);
    buf_release(&b);
    return shown;
}

static void add_found(struct script *s, struct item_list *list, str command)
{
    struct arena *a = s->a->arena;
    const struct origin *o = s->value->origin;
    size_t from = (size_t)(command.p - s->text.text.p);
    if (list->n >= MOST_FOUND)
        return;
    if (s->text.at && from + command.n <= s->text.text.n)
        o = origin_new(a, (span){s->text.file, s->text.at[from], s->text.at[from + command.n]}, STR_NONE, o);
    VEC_PUSH(list, value_string(a, shown_text(a, command), o));
}

/* A line that is nothing but a hole may be any script. */
static bool is_hole(str line)
{
    return str_starts(line, STR(GRAPH_HOLE)) && str_ends(line, STR(GRAPH_HOLE_END));
}

static void look_at_line(struct script *s, str line)
{
    str command = str_trim(line);
    if (!command.n || (command.p[0] == '#'))
        return;
    s->partial = s->partial || is_hole(command);
    if (runs_download(command))
        add_found(s, &s->downloads, command);
    if (asks_without_token(command))
        add_found(s, &s->metadata, command);
}

/* Lines that a backslash ends go on in the next one. */
static void look_at_lines(struct script *s)
{
    str text = s->text.text;
    size_t from = 0;
    for (size_t i = 0; i <= text.n; i++) {
        bool ends = i == text.n || text.p[i] == '\n';
        size_t last = i && i <= text.n && i > from && text.p[i - 1] == '\r' ? i - 1 : i;
        if (!ends || (i < text.n && last > from && text.p[last - 1] == '\\'))
            continue;
        look_at_line(s, str_slice(text, from, i));
        from = i + 1;
    }
}

/* Base64 that is the whole text is decoded; what was encoded may still stand in the source as it was. */
static void decode(struct script *s)
{
    enum { SHORTEST = 16 };
    str plain;
    if (s->text.text.n < SHORTEST || str_find_char(s->text.text, ' ') != SIZE_MAX ||
        !base64_decode(s->a->arena, s->text.text, BASE64_LINES | BASE64_UNPADDED, &plain, NULL) || !plain.n)
        return;
    for (size_t i = 0; i < plain.n; i++)
        if ((unsigned char)plain.p[i] < ' ' && !strchr("\t\r\n", plain.p[i]))
            return;
    s->text = graph_text_places(s->a->graph, s->a->arena, value_string(s->a->arena, plain, s->value->origin));
}

static void look_at(struct analysis *a, const struct resource *r)
{
    const struct value *v = value_get(r->attributes, STR("user_data"));
    struct script s = {.a = a, .value = v};
    if (!v || v->kind == VALUE_NULL) {
        fact_set(a, r, "boot_downloads", item_list_end(a->arena, &s.downloads, false, NULL));
        fact_set(a, r, "boot_metadata_v1", item_list_end(a->arena, &s.metadata, false, NULL));
        return;
    }
    if (v->kind != VALUE_STRING && v->kind != VALUE_TEXT) {
        const struct value *unknown = value_unknown(
            a->arena, v->kind == VALUE_UNKNOWN ? v->u.reason : STR("the user data is not known"), v->origin);
        fact_set(a, r, "boot_downloads", unknown);
        fact_set(a, r, "boot_metadata_v1", unknown);
        return;
    }
    s.text = graph_text_places(a->graph, a->arena, v);
    decode(&s);
    look_at_lines(&s);
    fact_set(a, r, "boot_downloads", item_list_end(a->arena, &s.downloads, s.partial, v->origin));
    fact_set(a, r, "boot_metadata_v1", item_list_end(a->arena, &s.metadata, s.partial, v->origin));
}

static void run(struct analysis *a)
{
    static const char *const kinds[] = {"aws.ec2.instance", "aws.ec2.launch_template",
                                        "aws.autoscaling.launch_configuration"};
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        size_t n;
        struct resource *const *of = graph_of_kind(a->graph, sym_find(str_of(kinds[k])), &n);
        for (size_t i = 0; i < n; i++)
            if (!of[i]->is_data)
                look_at(a, of[i]);
    }
}

#define KINDS "aws.ec2.instance aws.ec2.launch_template aws.autoscaling.launch_configuration"

static const struct fact facts[] = {
    {"boot_downloads", KINDS,
     "Commands of the user data that run what they download (curl ... | sh), as written; partial when lines of it are "
     "not "
     "known."},
    {"boot_metadata_v1", KINDS, "Commands of the user data that ask the instance metadata service without a token."},
    {NULL, NULL, NULL},
};

const struct analysis_pass pass_user_data = {"user_data", run, facts};
