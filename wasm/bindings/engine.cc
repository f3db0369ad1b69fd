// The engine: what the host reads without calls, the pump, memory, and the last status.
#include <alloca.h>
#include <emscripten/stack.h>
#include <stdlib.h>
#include <string.h>

#include <limits>

#include "rocksdb/version.h"
#include "wasm/bindings/host.h"
#include "wasm/bindings/objects.h"
#include "wasm/bindings/stalled_writes.h"
#include "wasm/memory/may_fail.h"
#include "wasm/port/scheduler.h"

namespace rocksdb_wasm {

using ROCKSDB_NAMESPACE::Status;

CallbackState callback_state;

alignas(16) uint8_t transfer_in[kTransferBytes];
alignas(16) uint8_t transfer_out[kTransferBytes];

namespace {
rdb_slice last_message = {0, 0};
}

rdb_status Report(const Status& status) {
  if (status.ok()) return 0;
  EndRelief();
  rdb_status_clear();
  OwnerScope owner(Owner::kHost);
  const std::string text = status.ToString();
  if (void* block = AllocateIfPossible(text.size())) {
    memcpy(block, text.data(), text.size());
    last_message = {ToWord(block), static_cast<uint32_t>(text.size())};
  }
  return StatusWord(status);
}

Status GiveBytes(const std::string& bytes, rdb_slice* out) {
  OwnerScope owner(Owner::kHost);
  void* block = AllocateIfPossible(bytes.empty() ? 1 : bytes.size());
  if (block == nullptr) return Status::MemoryLimit("no memory for the result");
  memcpy(block, bytes.data(), bytes.size());
  *out = {ToWord(block), static_cast<uint32_t>(bytes.size())};
  return Status::OK();
}

ROCKSDB_NAMESPACE::ReadOptions ToReadOptions(uint32_t flags, rdb_snapshot* snapshot) {
  ROCKSDB_NAMESPACE::ReadOptions options;
  options.snapshot = ToSnapshot(snapshot);
  if (flags == 0) return options;
  const auto has = [flags](uint32_t flag) { return (flags & flag) != 0; };
  options.verify_checksums = !has(kReadNoChecksums);
  options.fill_cache = !has(kReadNoFillCache);
  if (has(kReadCacheOnly)) options.read_tier = ROCKSDB_NAMESPACE::kBlockCacheTier;
  if (has(kReadPersisted)) options.read_tier = ROCKSDB_NAMESPACE::kPersistedTier;
  if (has(kReadMemtable)) options.read_tier = ROCKSDB_NAMESPACE::kMemtableTier;
  options.ignore_range_deletions = has(kReadIgnoreRangeDeletions);
  options.total_order_seek = has(kReadTotalOrderSeek);
  options.auto_prefix_mode = has(kReadAutoPrefixMode);
  options.prefix_same_as_start = has(kReadPrefixSameAsStart);
  options.tailing = has(kReadTailing);
  options.pin_data = has(kReadPinData);
  options.adaptive_readahead = has(kReadAdaptiveReadahead);
  options.auto_readahead_size = !has(kReadNoAutoReadahead);
  options.background_purge_on_iterator_cleanup = has(kReadBackgroundPurge);
  options.allow_unprepared_value = has(kReadUnprepared);
  return options;
}

}  // namespace rocksdb_wasm

using namespace rocksdb_wasm;

void rdb_engine_get_info(rdb_engine_info* out) {
  out->pending = ToWord(Scheduler::Get().pending_word());
  out->memory = ToWord(&memory_state);
  out->owner_count = static_cast<uint32_t>(Owner::kCount);
  out->owner_slots = kOwnerSlots;
  out->transfer_in = ToWord(transfer_in);
  out->transfer_out = ToWord(transfer_out);
  out->transfer_bytes = kTransferBytes;
  out->stack_low = emscripten_stack_get_end();
  out->stack_high = emscripten_stack_get_base();
#ifdef NDEBUG
  out->debug = 0;
#else
  out->debug = 1;
#endif
  out->error_message = ToWord(&last_message);
  out->callbacks = ToWord(&callback_state);
}

uint32_t rdb_engine_pump(uint32_t max_jobs) {
  uint32_t done = 0;
  while (done < max_jobs && Scheduler::Get().RunOneUnlessPaused()) ++done;
  return done;
}

double rdb_engine_next_due_micros() {
  const uint64_t due = Scheduler::Get().NextDueMicros();
  return due == ThreadParked::kNever ? std::numeric_limits<double>::infinity()
                                     : static_cast<double>(due);
}

uint32_t rdb_engine_stack_pointer() { return emscripten_stack_get_current(); }

uint32_t rdb_engine_rocksdb_version() {
  return ROCKSDB_MAJOR << 16 | ROCKSDB_MINOR << 8 | ROCKSDB_PATCH;
}

void rdb_status_clear() {
  free(reinterpret_cast<void*>(last_message.data));
  last_message = {0, 0};
}

uint8_t* rdb_memory_alloc(uint32_t length) {
  OwnerScope owner(Owner::kHost);
  return static_cast<uint8_t*>(AllocateIfPossible(length));
}

void rdb_memory_free(uint8_t* block) { free(block); }

uint32_t rdb_memory_allocator_in_use() { return AllocatorInUseBytes(); }

void rdb_memory_set_limit(uint32_t bytes) { memory_state.limit_bytes = bytes; }

const uint8_t* rdb_memory_owner_name(uint32_t owner) {
  return reinterpret_cast<const uint8_t*>(OwnerName(owner));
}

#ifndef NDEBUG
void rdb_debug_wait() { Scheduler::Get().WaitForWork("a test waits and no work is left to run"); }

void rdb_debug_use_stack(uint32_t bytes) {
  volatile char* room = static_cast<volatile char*>(alloca(bytes));
  for (uint32_t i = bytes; i > 0; --i) room[i - 1] = 1;
}

void rdb_debug_overrun_block() {
  volatile char* block = static_cast<volatile char*>(malloc(10));
  block[10] = 1;
  free(const_cast<char*>(block));
}
#endif
