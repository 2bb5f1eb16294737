/* text.h - characters as Unicode counts them, for the string functions. */
#ifndef FRONTEND_TERRAFORM_TEXT_H
#define FRONTEND_TERRAFORM_TEXT_H

#include "base/buf.h"

size_t text_cluster(str s, size_t at); /* bytes of what a person sees as one character */
size_t text_clusters(str s);           /* how many */
uint32_t text_upper(uint32_t c);
uint32_t text_lower(uint32_t c);
bool text_is_letter_or_digit(uint32_t c);
bool text_is_space(uint32_t c);
/* Composes letters and following accents where one character exists for both, as Terraform's strings are. */
str text_compose(struct arena *a, str s);

#endif
