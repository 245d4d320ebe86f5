#pragma once

#include <stdint.h>

enum { PAGE_BYTES = 4096 };

uint64_t mix(uint64_t a, uint64_t b);

// Keeps the first failure for good: every later tick shows it.
__attribute__((format(printf, 1, 2))) void fail(const char *format, ...);
