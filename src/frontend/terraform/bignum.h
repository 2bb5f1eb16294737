/* bignum.h - unsigned whole numbers of a fixed maximum, on the stack: what number.c computes with. */
#ifndef FRONTEND_TERRAFORM_BIGNUM_H
#define FRONTEND_TERRAFORM_BIGNUM_H

#include "base/arena.h"

enum { BIG_LIMBS = 2600 };

struct big {
    size_t n; /* limbs in use; the top one is not 0 */
    bool overflow;
    uint32_t limb[BIG_LIMBS];
};

void big_set(struct big *b, uint64_t v);
void big_copy(struct big *to, const struct big *from);
size_t big_bits(const struct big *b);
bool big_bit(const struct big *b, size_t i);
bool big_any_below(const struct big *b, size_t bit); /* a bit below `bit` is set */
void big_shift_left(struct big *b, size_t bits);
void big_shift_right(struct big *b, size_t bits);
int big_compare(const struct big *a, const struct big *b);
void big_add(struct big *a, const struct big *b);
void big_subtract(struct big *a, const struct big *b); /* a >= b */
void big_multiply_small(struct big *b, uint32_t by, uint32_t add);
uint32_t big_divide_small(struct big *b, uint32_t by); /* the remainder */
void big_multiply(const struct big *a, const struct big *b, struct big *ret);
void big_power(struct big *ret, uint32_t base, size_t exponent);
/* a / b: quotient in *ret_quotient, remainder left in a. b is not 0. */
void big_divide(struct big *a, const struct big *b, struct big *ret_quotient);
/* Decimal digits, no leading zeros, "" for 0. */
str big_decimal(const struct big *b, struct arena *a);

#endif
