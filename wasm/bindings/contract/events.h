// Functions of the host: listeners, loggers, the WAL filter. Part of the contract: bindings.h says the grammar.
#pragma once

#include "wasm/bindings/bindings.h"

// Bits of rdb_listener_wants, and what rdb_event says: see rocksdb/listener.h.
enum rdb_event_type : uint32_t {
  kEventFlushBegin = 0,
  kEventFlushCompleted = 1,
  kEventManualFlushScheduled = 2,
  kEventCompactionBegin = 3,
  kEventCompactionCompleted = 4,
  kEventSubcompactionBegin = 5,
  kEventSubcompactionCompleted = 6,
  kEventTableFileCreationStarted = 7,
  kEventTableFileCreated = 8,
  kEventTableFileDeleted = 9,
  kEventBlobFileCreationStarted = 10,
  kEventBlobFileCreated = 11,
  kEventBlobFileDeleted = 12,
  kEventMemTableSealed = 13,
  kEventColumnFamilyHandleDeletionStarted = 14,
  kEventExternalFileIngested = 15,
  kEventBackgroundError = 16,
  kEventStallConditionsChanged = 17,
  kEventErrorRecoveryBegin = 18,
  kEventErrorRecoveryCompleted = 19,
  kEventErrorRecoveryEnd = 20,
  kEventFileReadFinish = 21,
  kEventFileWriteFinish = 22,
  kEventFileFlushFinish = 23,
  kEventFileSyncFinish = 24,
  kEventFileRangeSyncFinish = 25,
  kEventFileTruncateFinish = 26,
  kEventFileCloseFinish = 27,
  kEventIoError = 28,
};

// Methods of a listener's host object.
enum rdb_listener_method : uint32_t {
  kListenerDescribe = 0,     // rdb_listener_wants
  kListenerEvent = 1,        // rdb_event
};

struct rdb_listener_wants {
  uint32_t events;           // a bit for each rdb_event_type that is listened to
};

struct rdb_event {
  uint32_t type;
  uint32_t data;             // plain data (wasm/bindings/plain.h), valid during the call
  uint32_t length;
  uint32_t answer;           // kEventErrorRecoveryBegin: 1 on entry; 0: do not recover by itself
};

// Methods of a logger's host object.
enum rdb_logger_method : uint32_t {
  kLoggerDescribe = 0,       // rdb_log_message: `level` is set to the least one wanted
  kLoggerLog = 1,            // rdb_log_message
};

struct rdb_log_message {
  uint32_t level;            // rocksdb::InfoLogLevel
  uint32_t text;             // valid during the call
  uint32_t length;
};

// Methods of a WAL filter's host object.
enum rdb_wal_filter_method : uint32_t {
  kWalFilterDescribe = 0,    // rdb_wal_filter_name
  kWalFilterTakeName = 1,    // rdb_wal_filter_name, with room for it
  kWalFilterLogNumbers = 2,  // rdb_event: plain data
  kWalFilterRecord = 3,      // rdb_wal_filter_record
  kWalFilterTakeBatch = 4,   // rdb_wal_filter_record, with room for the new batch
};

struct rdb_wal_filter_name {
  uint32_t data;             // kWalFilterTakeName: where to write it
  uint32_t length;           // set by kWalFilterDescribe
};

struct rdb_wal_filter_record {
  double log_number;
  uint32_t file_name;
  uint32_t file_name_length;
  uint32_t batch;            // RocksDB's representation of a WriteBatch
  uint32_t batch_length;
  uint32_t decision;         // out: rocksdb::WalFilter::WalProcessingOption
  uint32_t new_batch;        // kWalFilterTakeBatch: where to write it
  uint32_t new_batch_length; // out: not 0: it takes the record's place
};
