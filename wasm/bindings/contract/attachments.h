// Options that are objects. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// `object`: an rdb_ object, an rdb_host_object, or for listeners and loggers the number of a host object.
struct rdb_attachment {
  uint32_t kind;
  uint32_t object;
};

enum rdb_attachment_kind : uint32_t {
  kAttachBlockCache = 1,     // rdb_cache
  kAttachRowCache = 2,       // rdb_cache
  // From here on rdb_host_object, see callbacks.h.
  kAttachComparator = 10,
  kAttachMergeOperator = 11,
  kAttachCompactionFilter = 12,
  kAttachCompactionFilterFactory = 13,
  kAttachPrefixExtractor = 14,
  kAttachHintPrefixExtractor = 15,
  kAttachCollectorFactory = 16,   // one of several
  kAttachPartitionerFactory = 17,
  kAttachChecksumFactory = 18,
  kAttachCompactForTiering = 30,  // the address of a double: its trigger ratio
};
