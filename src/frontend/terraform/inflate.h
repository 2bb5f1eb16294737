/* inflate.h - gzip (RFC 1951, 1952), decompression only. */
#ifndef FRONTEND_TERRAFORM_INFLATE_H
#define FRONTEND_TERRAFORM_INFLATE_H

#include "base/buf.h"

/* The first member of a gzip file; false when it is broken or over LIMIT_STRING_BYTES. */
bool inflate_gzip(struct arena *a, str bytes, str *ret);

#endif
