// THE contract between the wasm module and TypeScript. Each export is declared once, here or in a header
// of contract/; scripts/gen-exports.mjs turns them into src/native/exports.gen.ts and refuses what it does
// not understand. The grammar, one declaration after another, `//` comments before each:
//
//   struct rdb_name;                                opaque object, a branded pointer in TypeScript
//   struct rdb_name { uint32_t a; double b; };      plain data; its field offsets are generated
//   enum rdb_name : uint32_t { kA = 1, kB = 2 };    constants
//   RDB_EXPORT(result, rdb_object_verb)(type name, ...);
//   RDB_DEBUG_EXPORT(...)(...);                     the same, in the debug flavour only
//   RDB_TOOLS_EXPORT(...)(...);                     the same, in the flavours debug and tools only
//
// Types: void, uint32_t, int32_t, double, rdb_status, const uint8_t*, uint8_t*, rdb_x*, rdb_x**.
//
// Conventions
// - Bytes go in as pointer and length; the callee copies what it keeps. Text is UTF-8.
// - Results go through out structs. On a status other than 0 the out struct is untouched.
// - `rdb_column_family* cf` may be null: the default column family.
// - A function that returns an object gives it to the caller, who frees it with the object's `_free`.
//   Children are freed before what they were made from; TypeScript holds that order.
// - No export is called while another one is running.
#pragma once

#include <cstdint>

#define RDB_EXPORT(result, name) extern "C" __attribute__((export_name(#name), used)) result name
#define RDB_TOOLS_EXPORT(result, name) RDB_EXPORT(result, name)
#ifdef NDEBUG
#define RDB_DEBUG_EXPORT(result, name) extern "C" result name
#else
#define RDB_DEBUG_EXPORT(result, name) RDB_EXPORT(result, name)
#endif

// 0: OK. Otherwise code | subcode << 8 | severity << 16, RocksDB's Status fields; the message is at
// rdb_engine_info.error_message until rdb_status_clear.
typedef uint32_t rdb_status;

struct rdb_db;
struct rdb_column_family;
struct rdb_iterator;
struct rdb_snapshot;
struct rdb_write_batch;
struct rdb_cache;
struct rdb_pinned_slice;

struct rdb_slice {
  uint32_t data;
  uint32_t length;
};

// --- engine ---------------------------------------------------------------------------------------

// Addresses of words that the host reads without a call, valid for the life of the instance.
struct rdb_engine_info {
  uint32_t pending;          // uint32: background work that could run now
  uint32_t memory;           // rdb_memory_state
  uint32_t owner_count;      // owners that are named parts, {bytes, blocks} each, after the state
  uint32_t owner_slots;      // those and the handles that have bytes of their own
  uint32_t transfer_in;      // scratch for keys and values that go in
  uint32_t transfer_out;     // scratch for what comes out
  uint32_t transfer_bytes;   // size of each
  uint32_t stack_low;        // the stack grows down to here
  uint32_t stack_high;
  uint32_t debug;            // 1: built with assertions
  uint32_t error_message;    // rdb_slice: the message of the last status that was not OK
  uint32_t callbacks;        // rdb_callback_state
};

RDB_EXPORT(void, rdb_engine_get_info)(rdb_engine_info* out);
// Runs background work: at most `max_jobs` pieces, until none is left that can run now. Returns how many.
RDB_EXPORT(uint32_t, rdb_engine_pump)(uint32_t max_jobs);
// The time at which timed work is due, microseconds since 1970; Infinity when there is none.
RDB_EXPORT(double, rdb_engine_next_due_micros)();
RDB_EXPORT(uint32_t, rdb_engine_stack_pointer)();
// RocksDB's version, major << 16 | minor << 8 | patch.
RDB_EXPORT(uint32_t, rdb_engine_rocksdb_version)();
// Frees the message of the last status; the host calls it once it has read it.
RDB_EXPORT(void, rdb_status_clear)();

// Waits for background work as RocksDB's condition variables do: a deadlock when there is none.
RDB_DEBUG_EXPORT(void, rdb_debug_wait)();
// Writes to that much of the stack; a trap when there is not that much.
RDB_DEBUG_EXPORT(void, rdb_debug_use_stack)(uint32_t bytes);
// Writes one byte past the end of a block, and frees it.
RDB_DEBUG_EXPORT(void, rdb_debug_overrun_block)();

// --- memory ---------------------------------------------------------------------------------------

// wasm/memory/allocator.h says what these are. {bytes, blocks} by owner follow, for owner_slots
// of them, and then a uint16 for each: the part that a handle is summed up under. The first word of every object
// that the host is given says which owner it is, so that the host finds its bytes.
struct rdb_memory_state {
  uint32_t in_use_bytes;
  uint32_t blocks;
  uint32_t high_water_bytes;
  uint32_t limit_bytes;
  uint32_t header_bytes;
  uint32_t heap_begin;
  uint32_t heap_end;
  uint32_t trace;            // bits that the host writes: 1: it is told of each allocation and free; 2, 4: fail_in
  uint32_t slots_used;       // owners from here on are not in use
  uint32_t allocated_low;    // bytes of all blocks that there have been: the lower and the upper word
  uint32_t allocated_high;
  uint32_t fail_in;          // for tests. With bit 2 of trace the n-th allocation from now on fails, with bit 4 all after it, too
};

// What the allocator below ours says is in use, bytes. It walks its chunks.
RDB_EXPORT(uint32_t, rdb_memory_allocator_in_use)();
// Null when the heap is exhausted (the engine goes on). The block is the host's; rdb_memory_free it.
RDB_EXPORT(uint8_t*, rdb_memory_alloc)(uint32_t length);
RDB_EXPORT(void, rdb_memory_free)(uint8_t* block);
// Linear memory will not grow beyond this many bytes (0: the module's maximum).
RDB_EXPORT(void, rdb_memory_set_limit)(uint32_t bytes);
// The name of an owner in rdb_engine_info.memory, NUL-terminated; null past the last.
RDB_EXPORT(const uint8_t*, rdb_memory_owner_name)(uint32_t owner);

// --- database -------------------------------------------------------------------------------------

enum rdb_open_mode : uint32_t {
  kOpenReadWrite = 0,
  kOpenReadOnly = 1,
  kOpenSecondary = 2,        // other_path: the folder of its own
  kOpenFollower = 3,         // other_path: the leader's folder
  kOpenTtl = 4,
  kOpenTransactional = 5,
  kOpenOptimistic = 6,
  kOpenTrimHistory = 7,      // other_path: the timestamp, bytes; what is newer is dropped
};

// One column family to open or create.
struct rdb_column_family_descriptor {
  uint32_t name;
  uint32_t name_length;
  uint32_t options;         // a RocksDB option string
  uint32_t options_length;
  uint32_t attachments;     // rdb_attachment[]
  uint32_t attachment_count;
  uint32_t persisted;       // 1: take the options that the OPTIONS file has for it, as the base
  int32_t ttl;              // of kOpenTtl: seconds; 0 or less: for ever
};

struct rdb_open_request {
  uint32_t mode;
  uint32_t path;
  uint32_t path_length;
  uint32_t other_path;
  uint32_t other_path_length;
  uint32_t options;          // a RocksDB option string of DB options
  uint32_t options_length;
  uint32_t attachments;      // rdb_attachment[]
  uint32_t attachment_count;
  uint32_t families;         // rdb_column_family_descriptor[], the default one among them
  uint32_t family_count;
  uint32_t mode_options;     // a struct of the mode's own, or null
  uint32_t read_only;
  uint32_t error_if_wal_exists;  // of kOpenReadOnly
};

// On success `handles` receives one rdb_column_family* for each family, in order, which the caller frees
// before the database.
RDB_EXPORT(rdb_status, rdb_db_open)(rdb_open_request* request, rdb_db** out,
                                    rdb_column_family** handles);
// Stops background work, waits for it by running it, closes and frees. Everything made from the database
// must have been freed. The object is gone also when the status is not OK.
RDB_EXPORT(rdb_status, rdb_db_close)(rdb_db* db);

enum rdb_write_flags : uint32_t {
  kWriteSync = 1,
  kWriteDisableWal = 2,
  kWriteNoSlowdown = 4,
  kWriteLowPriority = 8,
  kWriteIgnoreMissingColumnFamilies = 16,
  kWriteMemtableInsertHint = 32,   // memtable_insert_hint_per_batch
  kWriteRateLimited = 64,          // rate_limiter_priority IO_USER
  kWriteProtected = 128,           // protection_bytes_per_key 8
  kWriteTimestamped = 256,         // keys of single writes end with their timestamp
  // Of a transaction only.
  kWriteUntracked = 268435456,      // take the lock, but do not check for conflicts
  kWriteAssumeTracked = 536870912,  // the transaction has the lock already
};

RDB_EXPORT(rdb_status, rdb_db_put)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                   const uint8_t* key, uint32_t key_length, const uint8_t* value,
                                   uint32_t value_length);
RDB_EXPORT(rdb_status, rdb_db_merge)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                     const uint8_t* key, uint32_t key_length,
                                     const uint8_t* operand, uint32_t operand_length);
RDB_EXPORT(rdb_status, rdb_db_delete)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                      const uint8_t* key, uint32_t key_length);
RDB_EXPORT(rdb_status, rdb_db_single_delete)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                             const uint8_t* key, uint32_t key_length);
// Deletes [begin, end).
RDB_EXPORT(rdb_status, rdb_db_delete_range)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                            const uint8_t* begin, uint32_t begin_length,
                                            const uint8_t* end, uint32_t end_length);
// Writes a batch atomically. The batch is unchanged and can be written again.
RDB_EXPORT(rdb_status, rdb_db_write)(rdb_db* db, uint32_t flags, rdb_write_batch* batch);

enum rdb_read_flags : uint32_t {
  kReadNoChecksums = 1,
  kReadNoFillCache = 2,
  kReadCacheOnly = 4,        // Incomplete instead of reading a file
  kReadTotalOrderSeek = 8,
  kReadPrefixSameAsStart = 16,
  kReadTailing = 32,
  kReadKeysOnly = 64,
  kReadLowerExclusive = 128,
  kReadUpperInclusive = 256,
  kReadIgnoreRangeDeletions = 512,
  kReadAutoPrefixMode = 1024,
  kReadPinData = 2048,
  kReadAdaptiveReadahead = 4096,
  kReadPersisted = 8192,     // kPersistedTier
  kReadMemtable = 16384,     // kMemtableTier
  kReadNoAutoReadahead = 32768,
  kReadBackgroundPurge = 65536,
  kReadUnprepared = 131072,  // allow_unprepared_value
  kReadColumns = 262144,     // iterators: values are entities, in RocksDB's serialization
  // Of a transaction only.
  kReadForUpdate = 268435456,       // lock the keys first
  kReadShared = 536870912,          // ... with a lock that others may have, too
  kReadUnvalidated = 1073741824,     // ... whatever was written since the transaction's snapshot
  // Of a batch with an index only.
  kReadBatchOnly = 134217728,        // not the database below it
};

struct rdb_value {
  uint32_t data;
  uint32_t length;
  uint32_t found;    // 0: there is no such key
  uint32_t pinned;   // 1: read it, then rdb_db_release; otherwise it is valid until the next call
};

// A missing key is `found` = 0, not a status.
RDB_EXPORT(rdb_status, rdb_db_get)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                   rdb_snapshot* snapshot, const uint8_t* key,
                                   uint32_t key_length, rdb_value* out);
RDB_EXPORT(void, rdb_db_release)(rdb_db* db);
RDB_EXPORT(rdb_status, rdb_db_has)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                   rdb_snapshot* snapshot, const uint8_t* key,
                                   uint32_t key_length, rdb_value* out);
// `keys`: `count` keys, each a uint32 length and the bytes, padded to 4. Out: a block of the same form,
// length 0xffffffff for a missing key, which the caller gives to rdb_memory_free.
RDB_EXPORT(rdb_status, rdb_db_multi_get)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                         rdb_snapshot* snapshot, const uint8_t* keys,
                                         uint32_t count, rdb_slice* out);

// Like rdb_db_get, but the value stays where it is, `out` says where, until the handle is freed. `handle`
// receives null when there is no such key.
RDB_EXPORT(rdb_status, rdb_pinned_slice_create)(rdb_db* db, rdb_column_family* cf, uint32_t flags,
                                                rdb_snapshot* snapshot, const uint8_t* key,
                                                uint32_t key_length, rdb_pinned_slice** handle,
                                                rdb_slice* out);
RDB_EXPORT(void, rdb_pinned_slice_free)(rdb_pinned_slice* slice);

// Flushes `count` column families atomically with one another (each alone unless atomic_flush is on).
RDB_EXPORT(rdb_status, rdb_db_flush)(rdb_db* db, rdb_column_family** families, uint32_t count,
                                     uint32_t wait, uint32_t allow_write_stall);
RDB_EXPORT(rdb_status, rdb_db_sync_wal)(rdb_db* db);
// Out: a block for rdb_memory_free. data = 0: there is no such property.
RDB_EXPORT(rdb_status, rdb_db_get_property)(rdb_db* db, rdb_column_family* cf,
                                            const uint8_t* name, uint32_t name_length,
                                            rdb_slice* out);
// Out: low and high word in data and length; found.
RDB_EXPORT(rdb_status, rdb_db_get_int_property)(rdb_db* db, rdb_column_family* cf,
                                                const uint8_t* name, uint32_t name_length,
                                                rdb_value* out);
// `options`: "name=value;..." of mutable options.
RDB_EXPORT(rdb_status, rdb_db_set_options)(rdb_db* db, rdb_column_family* cf,
                                           const uint8_t* options, uint32_t options_length);
RDB_EXPORT(rdb_status, rdb_db_set_db_options)(rdb_db* db, const uint8_t* options,
                                              uint32_t options_length);
// The options in force as a RocksDB option string, a block for rdb_memory_free. `cf` null: DB options.
RDB_EXPORT(rdb_status, rdb_db_get_options)(rdb_db* db, rdb_column_family* cf, rdb_slice* out);
RDB_EXPORT(double, rdb_db_latest_sequence_number)(rdb_db* db);
// Clears a background error, after its cause was removed.
RDB_EXPORT(rdb_status, rdb_db_resume)(rdb_db* db);
// Names of the column families on disk, in the form of rdb_db_multi_get's output.
RDB_EXPORT(rdb_status, rdb_db_list_column_families)(const uint8_t* path, uint32_t path_length,
                                                    rdb_slice* out, uint32_t* count);
// Of the request, here and below: path, options, attachments and families.
RDB_EXPORT(rdb_status, rdb_db_destroy)(rdb_open_request* request);
// Families that the request does not name get the default one's options.
RDB_EXPORT(rdb_status, rdb_db_repair)(rdb_open_request* request);

// --- column families ------------------------------------------------------------------------------

RDB_EXPORT(rdb_status, rdb_column_family_create)(rdb_db* db,
                                                 rdb_column_family_descriptor* descriptor,
                                                 rdb_column_family** out);
// Marks it dropped: no new writes; its data goes when the last handle and iterator are freed.
RDB_EXPORT(rdb_status, rdb_column_family_drop)(rdb_db* db, rdb_column_family* cf);
RDB_EXPORT(rdb_status, rdb_column_family_free)(rdb_db* db, rdb_column_family* cf);
RDB_EXPORT(uint32_t, rdb_column_family_id)(rdb_column_family* cf);
// 1: it has a merge operator. A merge without one would stop the database when it reaches the memtable.
RDB_EXPORT(uint32_t, rdb_column_family_can_merge)(rdb_column_family* cf);
// Negative, 0 or positive, by the column family's comparator; of keys without timestamps.
RDB_EXPORT(int32_t, rdb_column_family_compare)(rdb_column_family* cf, const uint8_t* a,
                                               uint32_t a_length, const uint8_t* b,
                                               uint32_t b_length);

// --- snapshots ------------------------------------------------------------------------------------

// Null when the database cannot take snapshots.
RDB_EXPORT(rdb_snapshot*, rdb_snapshot_create)(rdb_db* db);
RDB_EXPORT(void, rdb_snapshot_free)(rdb_db* db, rdb_snapshot* snapshot);
RDB_EXPORT(double, rdb_snapshot_sequence_number)(rdb_snapshot* snapshot);
RDB_EXPORT(double, rdb_snapshot_unix_time)(rdb_snapshot* snapshot);

struct rdb_snapshot_timestamp {
  uint32_t low;
  uint32_t high;               // all bits of both: it has none
};

RDB_EXPORT(void, rdb_snapshot_get_timestamp)(rdb_snapshot* snapshot, rdb_snapshot_timestamp* out);

// --- iterators ------------------------------------------------------------------------------------

struct rdb_iterator_options {
  uint32_t flags;              // rdb_read_flags
  uint32_t snapshot;           // rdb_snapshot*, or null; must outlive the iterator
  uint32_t lower;              // bounds; null: none. Copied.
  uint32_t lower_length;
  uint32_t upper;
  uint32_t upper_length;
  uint32_t readahead_bytes;
  uint32_t max_skippable_internal_keys;
  uint32_t more;               // rdb_read_options*, or null. Copied.
};

// How rdb_iterator_read moves before it reads.
enum rdb_iterator_move : uint32_t {
  kMoveOn = 0,           // from the last entry read, in the direction of the read
  kMoveFirst = 1,
  kMoveLast = 2,
  kMoveSeek = 3,         // to the first key at or after `key`
  kMoveSeekForPrev = 4,  // to the last key at or before `key`
};

// Entries: uint32 key length, uint32 value length, key, value, padded to 4. Of a column family with timestamps
// there are the timestamp and a byte, 1: a deletion, between value and padding.
struct rdb_entries {
  uint32_t data;
  uint32_t length;
  uint32_t count;
  uint32_t done;     // 1: no entry follows the last one here
};

RDB_EXPORT(rdb_status, rdb_iterator_create)(rdb_db* db, rdb_column_family* cf,
                                            rdb_iterator_options* options, rdb_iterator** out);
RDB_EXPORT(void, rdb_iterator_free)(rdb_iterator* iterator);
// Moves, then reads entries into a buffer of the iterator's, until `max_entries`, or until the buffer
// holds `max_bytes` (always at least one entry). The buffer is valid until the next call on the iterator.
RDB_EXPORT(rdb_status, rdb_iterator_read)(rdb_iterator* iterator, uint32_t move, uint32_t reverse,
                                          const uint8_t* key, uint32_t key_length,
                                          uint32_t max_entries, uint32_t max_bytes,
                                          rdb_entries* out);
// Sees the present (or the snapshot's) state from now on; the position is lost.
RDB_EXPORT(rdb_status, rdb_iterator_refresh)(rdb_iterator* iterator, rdb_snapshot* snapshot);

// --- write batches --------------------------------------------------------------------------------

// The host writes RocksDB's own WriteBatch representation into the batch's bytes: after reserve() it may
// write up to `capacity` bytes at the address returned, and tells with set_length how many are valid.
RDB_EXPORT(rdb_write_batch*, rdb_write_batch_create)();
RDB_EXPORT(void, rdb_write_batch_free)(rdb_write_batch* batch);
// Null when the heap is exhausted; the batch is unchanged then.
RDB_EXPORT(uint8_t*, rdb_write_batch_reserve)(rdb_write_batch* batch, uint32_t capacity);
RDB_EXPORT(void, rdb_write_batch_set_length)(rdb_write_batch* batch, uint32_t length);

// --- pins -----------------------------------------------------------------------------------------

// What keeps memtables, files and cache blocks of a database alive. Arrays are given as an offset into the
// block that this heads, and a count; they refer to each other's elements by index.
struct rdb_pins {
  uint32_t families;         // rdb_pins_family
  uint32_t family_count;
  uint32_t memtables;        // rdb_pins_memtable
  uint32_t memtable_count;
  uint32_t files;            // rdb_pins_file
  uint32_t file_count;
  uint32_t versions;         // rdb_pins_version
  uint32_t version_count;
  uint32_t states;           // rdb_pins_state: those that iterators hold, and the current ones
  uint32_t state_count;
  uint32_t holders;          // rdb_pins_holder: the iterators, then the pinned slices, as given
  uint32_t holder_count;
};

struct rdb_pins_family {
  uint32_t id;
  uint32_t name;             // offset into the block
  uint32_t name_length;
  uint32_t dropped;
};

// `others`, here and below: references by what is neither listed nor current (jobs that are under way).
struct rdb_pins_memtable {
  double id;                 // unique within its family
  uint32_t family;
  uint32_t bytes;            // allocated
  uint32_t used_bytes;       // of those in use, as RocksDB's properties count them
  uint32_t entries;
  uint32_t current;          // 1: the family's present state has it
  uint32_t others;
};

struct rdb_pins_file {
  double number;             // unique within the database
  double bytes;
  uint32_t family;
  uint32_t blob;             // 1: a blob file
  uint32_t path;             // offset into the block
  uint32_t path_length;
};

struct rdb_pins_version {
  double number;
  uint32_t family;
  uint32_t files;            // offset of uint32 indexes
  uint32_t file_count;
  uint32_t current;
  uint32_t others;
};

// A SuperVersion: memtables and a version, as one.
struct rdb_pins_state {
  double number;
  uint32_t family;
  uint32_t version;
  uint32_t memtables;        // offset of uint32 indexes
  uint32_t memtable_count;
  uint32_t current;
  uint32_t others;
};

struct rdb_pins_holder {
  uint32_t states;           // offset of uint32 indexes: none, one, or one a column family
  uint32_t state_count;
  uint32_t blocks;           // offset of rdb_pins_block
  uint32_t block_count;
};

// A block in a cache; the same one has the same handle.
struct rdb_pins_block {
  uint32_t handle;
  uint32_t bytes;            // its charge
};

// Out: a block for rdb_memory_free, headed by rdb_pins. The iterators and slices are of this database.
RDB_EXPORT(rdb_status, rdb_pins_read)(rdb_db* db, rdb_iterator** iterators, uint32_t iterator_count,
                                      rdb_pinned_slice** slices, uint32_t slice_count,
                                      rdb_slice* out);

// What a full compaction would write less of without one snapshot.
struct rdb_retained {
  double versions;           // entries
  double bytes;              // of their internal keys and values, not compressed
  double blob_bytes;         // of what they refer to in blob files
  double tombstones;         // range deletions, cut where they overlap
  uint32_t same;             // other snapshots at the same sequence number, which keep the same alive
};

// `count` 1: runs RocksDB's compaction over everything, without writing. 0: a guess from sequence numbers and
// the averages of the files.
RDB_EXPORT(rdb_status, rdb_snapshot_get_retained)(rdb_db* db, rdb_snapshot* snapshot,
                                                  uint32_t count, rdb_retained* out);
