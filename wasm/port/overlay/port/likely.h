// Stands before RocksDB's port/likely.h. There the condition goes into __builtin_expect as it is, whose
// parameter is a long: with 32 bits the upper half of a 64-bit condition is lost (HyperClockCache keeps the
// state of an entry in the top bits of a word, and would never find one).
#pragma once

#define LIKELY(x) (__builtin_expect(!!(x), 1))
#define UNLIKELY(x) (__builtin_expect(!!(x), 0))
