#include "base/digest.h"

/* The constants of these algorithms are the first bits of sines and of roots of primes; they stand here as published in
 * RFC 1321 and FIPS 180-4. */

static uint32_t left(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static uint32_t right(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static uint64_t right64(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

static void md5_block(uint32_t h[8], const unsigned char *p)
{
    static const unsigned char turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    static const uint32_t sines[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    };
    uint32_t w[16], a = h[0], b = h[1], c = h[2], d = h[3];
    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] | (uint32_t)p[4 * i + 1] << 8 | (uint32_t)p[4 * i + 2] << 16 |
               (uint32_t)p[4 * i + 3] << 24;
    for (unsigned i = 0; i < 64; i++) {
        uint32_t f = i < 16 ? (b & c) | (~b & d) : i < 32 ? (d & b) | (~d & c) : i < 48 ? b ^ c ^ d : c ^ (b | ~d);
        unsigned k = i < 16 ? i : i < 32 ? (5 * i + 1) % 16 : i < 48 ? (3 * i + 5) % 16 : 7 * i % 16;
        uint32_t next = b + left(a + f + sines[i] + w[k], turns[i / 16][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
}

static void load(uint32_t w[16], const unsigned char *p)
{
    for (unsigned i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 |
               (uint32_t)p[4 * i + 3];
}

static void sha1_block(uint32_t h[8], const unsigned char *p)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    load(w, p);
    for (unsigned i = 16; i < 80; i++)
        w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        uint32_t k = i < 20 ? 0x5a827999u : i < 40 ? 0x6ed9eba1u : i < 60 ? 0x8f1bbcdcu : 0xca62c1d6u;
        uint32_t next = left(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = left(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

/* Both halves of SHA-512's table; SHA-256 uses the upper half of the first 64. */
static const uint64_t sha_table[80] = {
    0x428a2f98d728ae22u, 0x7137449123ef65cdu, 0xb5c0fbcfec4d3b2fu, 0xe9b5dba58189dbbcu, 0x3956c25bf348b538u,
    0x59f111f1b605d019u, 0x923f82a4af194f9bu, 0xab1c5ed5da6d8118u, 0xd807aa98a3030242u, 0x12835b0145706fbeu,
    0x243185be4ee4b28cu, 0x550c7dc3d5ffb4e2u, 0x72be5d74f27b896fu, 0x80deb1fe3b1696b1u, 0x9bdc06a725c71235u,
    0xc19bf174cf692694u, 0xe49b69c19ef14ad2u, 0xefbe4786384f25e3u, 0x0fc19dc68b8cd5b5u, 0x240ca1cc77ac9c65u,
    0x2de92c6f592b0275u, 0x4a7484aa6ea6e483u, 0x5cb0a9dcbd41fbd4u, 0x76f988da831153b5u, 0x983e5152ee66dfabu,
    0xa831c66d2db43210u, 0xb00327c898fb213fu, 0xbf597fc7beef0ee4u, 0xc6e00bf33da88fc2u, 0xd5a79147930aa725u,
    0x06ca6351e003826fu, 0x142929670a0e6e70u, 0x27b70a8546d22ffcu, 0x2e1b21385c26c926u, 0x4d2c6dfc5ac42aedu,
    0x53380d139d95b3dfu, 0x650a73548baf63deu, 0x766a0abb3c77b2a8u, 0x81c2c92e47edaee6u, 0x92722c851482353bu,
    0xa2bfe8a14cf10364u, 0xa81a664bbc423001u, 0xc24b8b70d0f89791u, 0xc76c51a30654be30u, 0xd192e819d6ef5218u,
    0xd69906245565a910u, 0xf40e35855771202au, 0x106aa07032bbd1b8u, 0x19a4c116b8d2d0c8u, 0x1e376c085141ab53u,
    0x2748774cdf8eeb99u, 0x34b0bcb5e19b48a8u, 0x391c0cb3c5c95a63u, 0x4ed8aa4ae3418acbu, 0x5b9cca4f7763e373u,
    0x682e6ff3d6b2b8a3u, 0x748f82ee5defb2fcu, 0x78a5636f43172f60u, 0x84c87814a1f0ab72u, 0x8cc702081a6439ecu,
    0x90befffa23631e28u, 0xa4506cebde82bde9u, 0xbef9a3f7b2c67915u, 0xc67178f2e372532bu, 0xca273eceea26619cu,
    0xd186b8c721c0c207u, 0xeada7dd6cde0eb1eu, 0xf57d4f7fee6ed178u, 0x06f067aa72176fbau, 0x0a637dc5a2c898a6u,
    0x113f9804bef90daeu, 0x1b710b35131c471bu, 0x28db77f523047d84u, 0x32caab7b40c72493u, 0x3c9ebe0a15c9bebcu,
    0x431d67c49c100d4cu, 0x4cc5d4becb3e42b6u, 0x597f299cfc657e2au, 0x5fcb6fab3ad6faecu, 0x6c44198c4a475817u};

static void sha256_block(uint32_t h[8], const unsigned char *p)
{
    uint32_t w[64], s[8];
    load(w, p);
    for (unsigned i = 16; i < 64; i++) {
        uint32_t x = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t y = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + x + w[i - 7] + y;
    }
    memcpy(s, h, sizeof(s));
    for (unsigned i = 0; i < 64; i++) {
        uint32_t one = right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25);
        uint32_t x = s[7] + one + ((s[4] & s[5]) ^ (~s[4] & s[6])) + (uint32_t)(sha_table[i] >> 32) + w[i];
        uint32_t zero = right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22);
        uint32_t y = zero + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += x;
        s[0] = x + y;
    }
    for (unsigned i = 0; i < 8; i++)
        h[i] += s[i];
}

static void sha512_block(uint64_t h[8], const unsigned char *p)
{
    uint64_t w[80], s[8];
    for (unsigned i = 0; i < 16; i++) {
        w[i] = 0;
        for (unsigned k = 0; k < 8; k++)
            w[i] = w[i] << 8 | p[8 * i + k];
    }
    for (unsigned i = 16; i < 80; i++) {
        uint64_t x = right64(w[i - 15], 1) ^ right64(w[i - 15], 8) ^ w[i - 15] >> 7;
        uint64_t y = right64(w[i - 2], 19) ^ right64(w[i - 2], 61) ^ w[i - 2] >> 6;
        w[i] = w[i - 16] + x + w[i - 7] + y;
    }
    memcpy(s, h, sizeof(s));
    for (unsigned i = 0; i < 80; i++) {
        uint64_t one = right64(s[4], 14) ^ right64(s[4], 18) ^ right64(s[4], 41);
        uint64_t x = s[7] + one + ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha_table[i] + w[i];
        uint64_t zero = right64(s[0], 28) ^ right64(s[0], 34) ^ right64(s[0], 39);
        uint64_t y = zero + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += x;
        s[0] = x + y;
    }
    for (unsigned i = 0; i < 8; i++)
        h[i] += s[i];
}

struct state {
    enum digest_kind kind;
    uint32_t h[8];
    uint64_t wide[8];
};

static void start(struct state *s)
{
    static const uint64_t roots[8] = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu,
                                      0xa54ff53a5f1d36f1u, 0x510e527fade682d1u, 0x9b05688c2b3e6c1fu,
                                      0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u};
    static const uint32_t counting[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    memcpy(s->wide, roots, sizeof(roots));
    memcpy(s->h, counting, sizeof(counting));
    for (unsigned i = 0; s->kind == DIGEST_SHA256 && i < 8; i++)
        s->h[i] = (uint32_t)(roots[i] >> 32);
}

static void block(struct state *s, const unsigned char *p)
{
    switch (s->kind) {
    case DIGEST_MD5:
        md5_block(s->h, p);
        break;
    case DIGEST_SHA1:
        sha1_block(s->h, p);
        break;
    case DIGEST_SHA256:
        sha256_block(s->h, p);
        break;
    case DIGEST_SHA512:
        sha512_block(s->wide, p);
        break;
    }
}

/* The rest, a one bit, zeros, and the length in bits at the end of the last block. */
static void finish(struct state *s, str rest, uint64_t length)
{
    size_t size = s->kind == DIGEST_SHA512 ? 128 : 64, field = size / 8;
    unsigned char last[256] = {0};
    size_t n = rest.n + 1 + field <= size ? size : 2 * size;
    if (rest.n)
        memcpy(last, rest.p, rest.n);
    last[rest.n] = 0x80;
    for (unsigned i = 0; i < 8; i++) {
        unsigned char byte = (unsigned char)(length * 8 >> 8 * i);
        last[s->kind == DIGEST_MD5 ? n - 8 + i : n - 1 - i] = byte;
    }
    for (size_t at = 0; at < n; at += size)
        block(s, last + at);
}

size_t digest_of(enum digest_kind kind, str text, unsigned char ret[DIGEST_MAX])
{
    static const size_t bytes[] = {16, 20, 32, 64};
    struct state s = {.kind = kind};
    size_t size = kind == DIGEST_SHA512 ? 128 : 64, at = 0;
    start(&s);
    for (; at + size <= text.n; at += size)
        block(&s, (const unsigned char *)text.p + at);
    finish(&s, str_slice(text, at, text.n), text.n);
    for (size_t i = 0; i < bytes[kind]; i++) {
        if (kind == DIGEST_SHA512)
            ret[i] = (unsigned char)(s.wide[i / 8] >> (56 - 8 * (i % 8)));
        else if (kind == DIGEST_MD5)
            ret[i] = (unsigned char)(s.h[i / 4] >> 8 * (i % 4));
        else
            ret[i] = (unsigned char)(s.h[i / 4] >> (24 - 8 * (i % 4)));
    }
    return bytes[kind];
}
