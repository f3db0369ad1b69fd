// Functions of the host: comparators, merge operators, compaction filters, slice transforms and so on. Part of the
// contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// What an attachment of a host object points to. Copied by the callee, who retains `callback`.
struct rdb_host_object {
  uint32_t callback;        // its number (src/native/host-callbacks.ts)
  uint32_t name;
  uint32_t name_length;
  uint32_t methods;         // bit n: it has method n
  uint32_t traits;          // rdb_host_traits
  uint32_t timestamp_size;  // of a comparator's keys, bytes
};

enum rdb_host_traits : uint32_t {
  kHostBytewiseEqual = 1,       // comparator: only the same bytes are equal
  kHostSingleOperand = 2,       // merge operator: partial merges of one operand, too
  kHostAppendable = 4,          // slice transform: a longer key has the same prefix
};

// The methods of each kind of object, by number. Method 0 of all of them copies what is left of a result
// (rdb_result_call) after one whose result was longer than its capacity.
enum rdb_comparator_method : uint32_t {
  kCompare = 1,             // rdb_compare_call
  kCompareTimestamp = 2,    // rdb_compare_call
  kShortestSeparator = 3,   // rdb_bytes_call: start, limit; answer 1: changed
  kShortSuccessor = 4,      // rdb_bytes_call: key; answer 1: changed
};
enum rdb_merge_method : uint32_t {
  kFullMerge = 1,           // rdb_bytes_call: key, value (if present), operands
  kPartialMerge = 2,        // rdb_bytes_call: key, operands; answer 0: not possible
  kShouldMerge = 3,         // rdb_bytes_call: operands, newest first; answer
};
enum rdb_filter_method : uint32_t {
  kFilterValue = 1,         // rdb_bytes_call: key, value, number = level; answer rdb_filter_decision
  kFilterMergeOperand = 2,
  kFilterEntity = 3,        // columns as operands: name, value, name, value ...
  kFilterBlobByKey = 4,
};
enum rdb_filter_factory_method : uint32_t {
  kCreateFilter = 1,        // rdb_create_call; object.callback 0: none
  kShouldFilter = 2,        // rdb_create_call: reason; answer
};
enum rdb_transform_method : uint32_t {
  kTransform = 1,           // rdb_compare_call: a; result: length of the prefix, -1: not in the domain
};
enum rdb_collector_method : uint32_t {
  kCreateCollector = 1,     // of the factory: rdb_create_call
  kAddUserKey = 2,          // rdb_bytes_call: key, value, number = type; sequence, file_size
  kFinishCollector = 3,     // rdb_bytes_call; result: properties, {uint32 length, bytes} each, in pairs
  kNeedCompact = 4,         // rdb_bytes_call; answer
  kReadableProperties = 5,  // like kFinishCollector
};
enum rdb_partitioner_method : uint32_t {
  kCreatePartitioner = 1,   // of the factory: rdb_create_call
  kShouldPartition = 2,     // rdb_bytes_call: previous key, current key; file_size; answer
  kCanMove = 3,             // rdb_bytes_call: smallest and largest key; answer
};
enum rdb_checksum_method : uint32_t {
  kCreateChecksum = 1,      // of the factory: rdb_create_call: file name, requested name
  kUpdateChecksum = 2,      // rdb_bytes_call: value
  kFinishChecksum = 3,      // rdb_bytes_call; result
};

enum rdb_filter_decision : uint32_t {
  kDecideKeep = 0,
  kDecideRemove = 1,
  kDecideChange = 2,        // result: the new value
  kDecideSkipUntil = 3,     // result: the key
  kDecidePurge = 4,
  kDecideColumns = 5,       // result: columns, {uint32 length, bytes} each, in pairs
  kDecideUndetermined = 6,
};

struct rdb_compare_call {
  uint32_t a;
  uint32_t a_length;
  uint32_t b;
  uint32_t b_length;
  int32_t result;
};

// The arguments of most methods; each uses some. `result`: the host writes up to `capacity` bytes, and says how
// long it is.
struct rdb_bytes_call {
  double sequence;
  double file_size;
  uint32_t key;
  uint32_t key_length;
  uint32_t value;
  uint32_t value_length;
  uint32_t present;         // 0: there is no value
  uint32_t operands;        // rdb_slice[]
  uint32_t operand_count;
  int32_t number;
  uint32_t answer;
  uint32_t result;
  uint32_t capacity;
  uint32_t length;
};

// For the methods of factories. The object that the host makes has one holder, which is the callee from then on.
struct rdb_create_call {
  uint32_t callback;        // out; 0: none
  uint32_t methods;         // out: as in rdb_host_object
  uint32_t answer;          // out
  uint32_t full;            // is_full_compaction
  uint32_t manual;          // is_manual_compaction
  int32_t level;
  int32_t level_count;
  uint32_t family;
  uint32_t reason;          // TableFileCreationReason
  uint32_t a;               // smallest key; a file's name
  uint32_t a_length;
  uint32_t b;               // largest key; the name of a checksum
  uint32_t b_length;
  uint32_t tables;          // properties of the input tables: plain data
  uint32_t tables_length;
};

struct rdb_result_call {
  uint32_t data;
  uint32_t length;
};

// Where the host looks and writes without a call: rdb_engine_info.callbacks.
struct rdb_callback_state {
  uint32_t failing;         // what runs is not to leave anything on disk: see wasm/bindings/host.h
  uint32_t in_background;   // depth of the background work that is running
};
