/* digest.h - message digests: what functions of Terraform and the names of generated ConfigMaps need. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/str.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };
enum { DIGEST_MAX = 64 };

/* Returns the number of bytes in ret. */
size_t digest_of(enum digest_kind kind, str text, unsigned char ret[DIGEST_MAX]);

#endif
