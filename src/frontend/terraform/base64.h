/* base64.h - RFC 4648 with padding. */
#ifndef FRONTEND_TERRAFORM_BASE64_H
#define FRONTEND_TERRAFORM_BASE64_H

#include "base/arena.h"

str base64_encode(struct arena *a, str bytes);
bool base64_decode(struct arena *a, str text, str *ret);

#endif
