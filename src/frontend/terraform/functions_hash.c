#include "base/base64.h"
#include "base/digest.h"
#include "frontend/terraform/file.h"
#include "frontend/terraform/function.h"

static const struct value *hex(struct call *c, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(c->arena, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    return function_string(c, (str){out, 2 * n});
}

static const struct value *hash(struct call *c, enum digest_kind kind, str text, bool base64)
{
    unsigned char bytes[DIGEST_MAX];
    size_t n = digest_of(kind, text, bytes);
    if (!base64)
        return hex(c, bytes, n);
    return function_string(c, base64_encode(c->arena, (str){(const char *)bytes, n}));
}

static const struct value *hash_of_file(struct call *c, enum digest_kind kind, bool base64)
{
    const struct value *instead;
    const struct source *s = file_read(c, function_str(c, 0), &instead);
    return s ? hash(c, kind, s->text, base64) : instead;
}

static const struct value *fn_md5(struct call *c)
{
    return hash(c, DIGEST_MD5, function_str(c, 0), false);
}

static const struct value *fn_sha1(struct call *c)
{
    return hash(c, DIGEST_SHA1, function_str(c, 0), false);
}

static const struct value *fn_sha256(struct call *c)
{
    return hash(c, DIGEST_SHA256, function_str(c, 0), false);
}

static const struct value *fn_sha512(struct call *c)
{
    return hash(c, DIGEST_SHA512, function_str(c, 0), false);
}

static const struct value *fn_base64sha256(struct call *c)
{
    return hash(c, DIGEST_SHA256, function_str(c, 0), true);
}

static const struct value *fn_base64sha512(struct call *c)
{
    return hash(c, DIGEST_SHA512, function_str(c, 0), true);
}

static const struct value *fn_filemd5(struct call *c)
{
    return hash_of_file(c, DIGEST_MD5, false);
}

static const struct value *fn_filesha1(struct call *c)
{
    return hash_of_file(c, DIGEST_SHA1, false);
}

static const struct value *fn_filesha256(struct call *c)
{
    return hash_of_file(c, DIGEST_SHA256, false);
}

static const struct value *fn_filesha512(struct call *c)
{
    return hash_of_file(c, DIGEST_SHA512, false);
}

static const struct value *fn_filebase64sha256(struct call *c)
{
    return hash_of_file(c, DIGEST_SHA256, true);
}

static const struct value *fn_filebase64sha512(struct call *c)
{
    return hash_of_file(c, DIGEST_SHA512, true);
}

/* A UUID as text to its 16 bytes. */
static bool read_uuid(str s, unsigned char ret[16])
{
    size_t n = 0;
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        char ch = s.p[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        unsigned d = ch >= '0' && ch <= '9'   ? (unsigned)(ch - '0')
                     : ch >= 'a' && ch <= 'f' ? (unsigned)(ch - 'a') + 10
                     : ch >= 'A' && ch <= 'F' ? (unsigned)(ch - 'A') + 10
                                              : 16;
        if (dash != (ch == '-') || (!dash && d == 16))
            return false;
        if (dash)
            continue;
        ret[n / 2] = (unsigned char)(n % 2 ? ret[n / 2] | d : d << 4);
        n++;
    }
    return true;
}

static const struct value *fn_uuidv5(struct call *c)
{
    static const char *const names[] = {"dns", "url", "oid", "x500"};
    static const unsigned char last[] = {0x10, 0x11, 0x12, 0x14};
    unsigned char space[16] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1,
                               0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    unsigned char bytes[DIGEST_MAX];
    str namespace = function_str(c, 0), name = function_str(c, 1);
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(names) && !known; i++) {
        known = str_eq_c(namespace, names[i]);
        space[3] = last[i];
    }
    if (!known && !read_uuid(namespace, space))
        return function_fail(c, "the namespace is neither a UUID nor dns, url, oid or x500");
    char *text = arena_alloc(c->arena, 16 + name.n + 1);
    memcpy(text, space, 16);
    if (name.n)
        memcpy(text + 16, name.p, name.n);
    digest_of(DIGEST_SHA1, (str){text, 16 + name.n}, bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x50);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    str h = value_str(hex(c, bytes, 16));
    return function_string(
        c, arena_printf(c->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", h.p, h.p + 8, h.p + 12, h.p + 16, h.p + 20));
}

const struct function functions_hash[] = {
    {"md5", "s", fn_md5, 0},
    {"sha1", "s", fn_sha1, 0},
    {"sha256", "s", fn_sha256, 0},
    {"sha512", "s", fn_sha512, 0},
    {"base64sha256", "s", fn_base64sha256, 0},
    {"base64sha512", "s", fn_base64sha512, 0},
    {"filemd5", "s", fn_filemd5, 0},
    {"filesha1", "s", fn_filesha1, 0},
    {"filesha256", "s", fn_filesha256, 0},
    {"filesha512", "s", fn_filesha512, 0},
    {"filebase64sha256", "s", fn_filebase64sha256, 0},
    {"filebase64sha512", "s", fn_filebase64sha512, 0},
    {"uuidv5", "ss", fn_uuidv5, 0},
    {NULL, NULL, NULL, 0},
};
