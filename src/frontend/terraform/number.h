/* number.h - numbers as Terraform has them: binary floating point with 512 bits of mantissa.
 *
 * A number that came from a C double (pow, log, YAML floats) keeps 53 bits and prints as such, as in
 * Terraform. In struct value a number is a double, plus its decimal text when that is not the whole
 * truth (value.h); this part goes to and fro without loss. */
#ifndef FRONTEND_TERRAFORM_NUMBER_H
#define FRONTEND_TERRAFORM_NUMBER_H

#include "graph/value.h"

enum { NUMBER_LIMBS = 16, NUMBER_BITS = 512, NUMBER_DOUBLE_BITS = 53 };

struct number {
    bool negative;
    bool infinite;
    bool zero;
    int precision;               /* bits: NUMBER_BITS or NUMBER_DOUBLE_BITS */
    int32_t exponent;            /* of the lowest bit of `limb` */
    uint32_t limb[NUMBER_LIMBS]; /* least significant first; the top bit is set unless zero */
};

/* Decimal text with optional sign, fraction and exponent. False on anything else, and on exponents
 * beyond what is kept (some ten thousand digits). */
bool number_parse(str text, struct number *ret);
/* Digits in a base from 2 to 62, as parseint() wants them. */
bool number_parse_base(str digits, unsigned base, struct number *ret);
void number_from_double(double d, struct number *ret);
void number_from_int(int64_t i, struct number *ret);
void number_from_value(const struct value *v, struct number *ret); /* of a VALUE_NUMBER */

double number_to_double(const struct number *n);
bool number_to_int(const struct number *n, int64_t *ret); /* false: not whole, or out of range */
bool number_is_whole(const struct number *n);
str number_text(const struct number *n, struct arena *a);      /* shortest text that reads back as n */
str number_value_text(const struct value *v, struct arena *a); /* the same for a VALUE_NUMBER, quickly */
/* Digits after the point as printf's %.*f and %.*e round them. */
str number_fixed(const struct number *n, int digits, struct arena *a);
str number_scientific(const struct number *n, int digits, struct arena *a); /* digits -1: shortest */
/* Whole numbers in another base, no prefix. */
str number_in_base(const struct number *n, unsigned base, struct arena *a);
const struct value *number_value(struct arena *a, const struct number *n, const struct origin *o);
/* Of number_parse's text, quickly; NULL where that is false. */
const struct value *number_value_of(struct arena *a, str text, const struct origin *o);

int number_compare(const struct number *a, const struct number *b);
/* False: no number comes of it (infinity minus infinity, zero by zero). */
bool number_add(const struct number *a, const struct number *b, struct number *ret);
bool number_subtract(const struct number *a, const struct number *b, struct number *ret);
bool number_multiply(const struct number *a, const struct number *b, struct number *ret);
bool number_divide(const struct number *a, const struct number *b, struct number *ret);
bool number_modulo(const struct number *a, const struct number *b, struct number *ret);
void number_truncate(const struct number *n, struct number *ret); /* towards zero */
void number_floor(const struct number *n, struct number *ret);
void number_ceiling(const struct number *n, struct number *ret);
void number_negate(struct number *n);

#endif
