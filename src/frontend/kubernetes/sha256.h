/* sha256.h - the hash that names generated ConfigMaps and Secrets. */
#ifndef FRONTEND_KUBERNETES_SHA256_H
#define FRONTEND_KUBERNETES_SHA256_H

#include "base/str.h"

void sha256(str text, uint8_t ret_hash[32]);

#endif
