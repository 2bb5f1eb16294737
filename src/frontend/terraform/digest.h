/* digest.h - message digests: what md5(), sha1(), sha256() and sha512() need. */
#ifndef FRONTEND_TERRAFORM_DIGEST_H
#define FRONTEND_TERRAFORM_DIGEST_H

#include "base/str.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA512 };
enum { DIGEST_MAX = 64 };

/* Returns the number of bytes in ret. */
size_t digest_of(enum digest_kind kind, str text, unsigned char ret[DIGEST_MAX]);

#endif
