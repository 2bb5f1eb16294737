/* banned.h - functions that lose bytes or bounds; using one is a compile error.
 *
 * strcpy, strcat, sprintf: no bound. strncpy, strncat: no terminator. strtok, gmtime, localtime:
 * hidden state shared by threads. atoi, atol: errors look like zero. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__GNUC__)
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gmtime localtime atoi atol
#endif

#endif
