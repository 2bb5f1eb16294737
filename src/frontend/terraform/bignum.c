#include "frontend/terraform/bignum.h"

static void trim(struct big *b)
{
    while (b->n > 0 && b->limb[b->n - 1] == 0)
        b->n--;
}

static void push(struct big *b, uint32_t limb)
{
    if (b->n == BIG_LIMBS)
        b->overflow = true;
    else
        b->limb[b->n++] = limb;
}

void big_set(struct big *b, uint64_t v)
{
    b->n = 0;
    b->overflow = false;
    for (; v; v >>= 32)
        b->limb[b->n++] = (uint32_t)v;
}

void big_copy(struct big *to, const struct big *from)
{
    to->n = from->n;
    to->overflow = from->overflow;
    memcpy(to->limb, from->limb, from->n * sizeof(uint32_t));
}

size_t big_bits(const struct big *b)
{
    if (b->n == 0)
        return 0;
    size_t bits = (b->n - 1) * 32;
    for (uint32_t top = b->limb[b->n - 1]; top; top >>= 1)
        bits++;
    return bits;
}

bool big_bit(const struct big *b, size_t i)
{
    return i / 32 < b->n && (b->limb[i / 32] >> (i % 32) & 1);
}

bool big_any_below(const struct big *b, size_t bit)
{
    for (size_t i = 0; i < b->n && i < bit / 32; i++) {
        if (b->limb[i])
            return true;
    }
    size_t at = bit / 32;
    return at < b->n && (b->limb[at] & ((1u << (bit % 32)) - 1u));
}

void big_shift_left(struct big *b, size_t bits)
{
    size_t whole = bits / 32, part = bits % 32;
    if (b->n == 0)
        return;
    if (b->n + whole + 1 > BIG_LIMBS) {
        b->overflow = true;
        return;
    }
    memmove(b->limb + whole, b->limb, b->n * sizeof(uint32_t));
    memset(b->limb, 0, whole * sizeof(uint32_t));
    b->n += whole;
    if (part == 0)
        return;
    uint32_t carry = 0;
    for (size_t i = whole; i < b->n; i++) {
        uint32_t old = b->limb[i];
        b->limb[i] = old << part | carry;
        carry = old >> (32 - part);
    }
    if (carry)
        push(b, carry);
}

void big_shift_right(struct big *b, size_t bits)
{
    size_t whole = bits / 32, part = bits % 32;
    if (whole >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->limb, b->limb + whole, (b->n - whole) * sizeof(uint32_t));
    b->n -= whole;
    for (size_t i = 0; part && i < b->n; i++) {
        uint32_t above = i + 1 < b->n ? b->limb[i + 1] : 0;
        b->limb[i] = b->limb[i] >> part | above << (32 - part);
    }
    trim(b);
}

int big_compare(const struct big *a, const struct big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = a->n; i-- > 0;) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    }
    return 0;
}

void big_add(struct big *a, const struct big *b)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < a->n || i < b->n || carry; i++) {
        if (i == a->n)
            push(a, 0);
        if (a->overflow)
            return;
        carry += (uint64_t)a->limb[i] + (i < b->n ? b->limb[i] : 0);
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

void big_subtract(struct big *a, const struct big *b)
{
    int64_t borrow = 0;
    for (size_t i = 0; i < a->n; i++) {
        int64_t d = (int64_t)a->limb[i] - (i < b->n ? (int64_t)b->limb[i] : 0) + borrow;
        borrow = d < 0 ? -1 : 0;
        a->limb[i] = (uint32_t)d;
    }
    trim(a);
}

void big_multiply_small(struct big *b, uint32_t by, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->limb[i] * by;
        b->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        push(b, (uint32_t)carry);
}

uint32_t big_divide_small(struct big *b, uint32_t by)
{
    uint64_t rest = 0;
    for (size_t i = b->n; i-- > 0;) {
        rest = rest << 32 | b->limb[i];
        b->limb[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    trim(b);
    return (uint32_t)rest;
}

void big_multiply(const struct big *a, const struct big *b, struct big *ret)
{
    big_set(ret, 0);
    if (a->n + b->n > BIG_LIMBS) {
        ret->overflow = true;
        return;
    }
    memset(ret->limb, 0, (a->n + b->n) * sizeof(uint32_t));
    ret->n = a->n + b->n;
    for (size_t i = 0; i < a->n; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < b->n; j++) {
            carry += (uint64_t)a->limb[i] * b->limb[j] + ret->limb[i + j];
            ret->limb[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        ret->limb[i + b->n] = (uint32_t)carry;
    }
    trim(ret);
}

void big_power(struct big *ret, uint32_t base, size_t exponent)
{
    big_set(ret, 1);
    uint32_t step = base;
    size_t each = 1;
    while ((uint64_t)step * base <= UINT32_MAX) {
        step *= base;
        each++;
    }
    for (; exponent >= each; exponent -= each)
        big_multiply_small(ret, step, 0);
    for (; exponent > 0; exponent--)
        big_multiply_small(ret, base, 0);
}

/* Knuth's algorithm D. */
void big_divide(struct big *a, const struct big *b, struct big *ret_quotient)
{
    if (big_compare(a, b) < 0) {
        big_set(ret_quotient, 0);
        return;
    }
    if (b->n == 1) {
        big_copy(ret_quotient, a);
        big_set(a, big_divide_small(ret_quotient, b->limb[0]));
        return;
    }
    size_t shift = b->n * 32 - big_bits(b);
    struct big divisor;
    big_copy(&divisor, b);
    big_shift_left(&divisor, shift);
    big_shift_left(a, shift);
    size_t n = divisor.n;
    if (a->n + 1 > BIG_LIMBS) {
        ret_quotient->overflow = true;
        return;
    }
    a->limb[a->n] = 0;
    size_t m = a->n - n;
    ret_quotient->n = m + 1;
    ret_quotient->overflow = false;
    for (size_t j = m + 1; j-- > 0;) {
        uint64_t top = (uint64_t)a->limb[j + n] << 32 | a->limb[j + n - 1];
        uint64_t q = top / divisor.limb[n - 1], r = top % divisor.limb[n - 1];
        while (q > UINT32_MAX || q * divisor.limb[n - 2] > (r << 32 | a->limb[j + n - 2])) {
            q--;
            r += divisor.limb[n - 1];
            if (r > UINT32_MAX)
                break;
        }
        int64_t borrow = 0;
        uint64_t carry = 0;
        for (size_t i = 0; i < n; i++) {
            carry += q * divisor.limb[i];
            int64_t d = (int64_t)a->limb[i + j] - (int64_t)(uint32_t)carry + borrow;
            a->limb[i + j] = (uint32_t)d;
            borrow = d < 0 ? -1 : 0;
            carry >>= 32;
        }
        int64_t d = (int64_t)a->limb[j + n] - (int64_t)carry + borrow;
        a->limb[j + n] = (uint32_t)d;
        if (d < 0) {
            q--;
            uint64_t back = 0;
            for (size_t i = 0; i < n; i++) {
                back += (uint64_t)a->limb[i + j] + divisor.limb[i];
                a->limb[i + j] = (uint32_t)back;
                back >>= 32;
            }
            a->limb[j + n] += (uint32_t)back;
        }
        ret_quotient->limb[j] = (uint32_t)q;
    }
    trim(ret_quotient);
    trim(a);
    big_shift_right(a, shift);
}

str big_decimal(const struct big *b, struct arena *a)
{
    size_t most = b->n * 10 + 10;
    char *text = arena_alloc(a, most);
    size_t at = most;
    struct big rest;
    big_copy(&rest, b);
    while (rest.n > 0) {
        uint32_t part = big_divide_small(&rest, 1000000000u);
        for (int i = 0; i < 9 && (rest.n > 0 || part > 0); i++, part /= 10)
            text[--at] = (char)('0' + part % 10);
    }
    return (str){text + at, most - at};
}
