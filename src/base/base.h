/* base.h - what every file includes first: the few words of C that the whole program speaks.
 *
 * Layer rule: base knows nothing of files that are linted; it is included by every layer above
 * (cli > report > policy > analysis > graph < frontend < syntax < base). */
#ifndef BASE_H
#define BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/banned.h"
#include "base/limits.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN                __attribute__((noreturn))
#define UNUSED                  __attribute__((unused))
#else
#define PRINTF_LIKE(fmt, first)
#define NORETURN
#define UNUSED
#endif

#endif
