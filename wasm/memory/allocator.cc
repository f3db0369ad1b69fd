#include "wasm/memory/allocator.h"
#include "wasm/memory/may_fail.h"

#include <emscripten/heap.h>
#include <stddef.h>
#include <string.h>

#include <algorithm>
#include <new>

#include "wasm/bindings/bindings.h"
#include "wasm/bindings/host.h"
#include "wasm/port/scheduler.h"

extern "C" {
void* emscripten_builtin_malloc(size_t size);
void emscripten_builtin_free(void* block);
void* emscripten_builtin_memalign(size_t alignment, size_t size);
int __real_emscripten_resize_heap(size_t size);
void* __real_sbrk(intptr_t increment);
// dlmalloc's; no header of the toolchain's declares it.
struct AllocatorInfo {
  size_t arena, free_chunks, unused1[2], outside_chunks, high_water, unused2, in_use, free, top;
};
AllocatorInfo mallinfo();
}

namespace rocksdb_wasm {

static_assert(offsetof(MemoryState, owners) == sizeof(rdb_memory_state), "the host's view of it");
MemoryState memory_state = {.slots_used = static_cast<uint32_t>(Owner::kCount)};
volatile Owner current_owner = Owner::kEngine;

const char* OwnerName(uint32_t owner) {
  static const char* const kNames[] = {
#define RDB_OWNER_NAME(id, name) name,
      RDB_OWNERS(RDB_OWNER_NAME)
#undef RDB_OWNER_NAME
  };
  return owner < static_cast<uint32_t>(Owner::kCount) ? kNames[owner] : nullptr;
}

namespace {

constexpr uint16_t kPrefixMask = 0x03ff;
constexpr uint16_t kLive = 0xa400;
constexpr uint32_t kFiller = 0xffffffffu;
constexpr size_t kMaxAlignment = 4096;
constexpr size_t kMaxSize = 0xf0000000u;

#ifdef NDEBUG
constexpr size_t kGuardBytes = 0;
#else
constexpr size_t kGuardBytes = 8;  // after each block, checked by free()
constexpr unsigned char kGuard = 0xb7, kFresh = 0xcd, kFreed = 0xdd;
#endif

Header* HeaderOf(void* block) { return static_cast<Header*>(block) - 1; }

// Of a block's header_bytes, what is beyond 8: none for most blocks of the release flavour.
uint32_t ExtraBytes(size_t prefix) {
  return static_cast<uint32_t>(prefix - sizeof(Header) + kGuardBytes);
}

void Release(void* block);

// What a watched allocation gives: the block, or null where tests want it to fail.
void* Watched(void* block, const Header& header) {
  MemoryState& state = memory_state;
  if ((state.trace & kTraceFail) != 0 && state.fail_in != 0 && --state.fail_in == 0) {
    if ((state.trace & kTraceFailOn) != 0) state.fail_in = 1;
    const uint32_t tell = state.trace & kTraceTell;
    state.trace -= tell;  // the host has not been told of the block
    Release(block);
    state.trace += tell;
    return nullptr;
  }
  if ((state.trace & kTraceTell) != 0) {
    rocksdb_host_trace_allocation(block, header.size, header.owner);
  }
  return block;
}

void* Enter(char* chunk, size_t prefix, size_t size) {
  void* block = chunk + prefix;
  Header* header = HeaderOf(block);
  const uint16_t owner = static_cast<uint16_t>(current_owner);
  header->size = static_cast<uint32_t>(size);
  header->owner = owner;
  header->prefix = static_cast<uint16_t>(prefix / 8) | kLive;
  MemoryState& state = memory_state;
  OwnerTotal& total = state.owners[owner];
  total.bytes += static_cast<uint32_t>(size);
  total.blocks += 1;
  state.blocks += 1;
  state.in_use_bytes += static_cast<uint32_t>(size);
  if (state.in_use_bytes > state.high_water_bytes) state.high_water_bytes = state.in_use_bytes;
  state.allocated_low += static_cast<uint32_t>(size);
  if (state.allocated_low < size) state.allocated_high += 1;
  if (ExtraBytes(prefix) != 0) state.header_bytes += ExtraBytes(prefix);
#ifndef NDEBUG
  memset(block, kFresh, size);
  memset(static_cast<char*>(block) + size, kGuard, kGuardBytes);
#endif
  if (__builtin_expect(state.trace != 0, 0)) return Watched(block, *header);
  return block;
}

Header* Check(void* block) {
  Header* header = HeaderOf(block);
  if ((header->prefix & ~kPrefixMask) != kLive ||
      header->owner >= kOwnerSlots) {
    Fatal(FatalReason::kCorruptHeap, "a block that is not live was freed, or its header overwritten");
  }
#ifndef NDEBUG
  const char* guard = static_cast<char*>(block) + header->size;
  for (size_t i = 0; i < kGuardBytes; ++i) {
    if (static_cast<unsigned char>(guard[i]) != kGuard) {
      Fatal(FatalReason::kCorruptHeap, "a block was written past its end");
    }
  }
#endif
  return header;
}

void Leave(Header* header) {
  MemoryState& state = memory_state;
  if (__builtin_expect((state.trace & kTraceTell) != 0, 0)) {
    rocksdb_host_trace_free(header + 1, header->size, header->owner);
  }
  OwnerTotal& total = state.owners[header->owner];
  total.bytes -= header->size;
  total.blocks -= 1;
  state.blocks -= 1;
  state.in_use_bytes -= header->size;
  const uint32_t extra = ExtraBytes((header->prefix & kPrefixMask) * 8u);
  if (extra != 0) state.header_bytes -= extra;
}

void* Allocate(size_t size) {
  if (size > kMaxSize) return nullptr;
  char* chunk = static_cast<char*>(emscripten_builtin_malloc(size + sizeof(Header) + kGuardBytes));
  return chunk == nullptr ? nullptr : Enter(chunk, sizeof(Header), size);
}

void* AllocateAligned(size_t alignment, size_t size) {
  if (alignment <= 8) return Allocate(size);
  if (alignment > kMaxAlignment || size > kMaxSize) return nullptr;
  char* chunk = static_cast<char*>(
      emscripten_builtin_memalign(alignment, size + alignment + kGuardBytes));
  if (chunk == nullptr) return nullptr;
  // Who walks the chunks finds the header from here.
  *reinterpret_cast<Header*>(chunk) = {kFiller, 0, static_cast<uint16_t>(alignment / 8)};
  return Enter(chunk, alignment, size);
}

void Release(void* block) {
  if (block == nullptr) return;
  Header* header = Check(block);
  Leave(header);
  char* chunk = static_cast<char*>(block) - (header->prefix & kPrefixMask) * 8u;
  header->prefix = 0;
#ifndef NDEBUG
  memset(block, kFreed, header->size);
#endif
  emscripten_builtin_free(chunk);
}

// Slots of handles: those never used, those given back, and those whose handle is gone but not all its blocks.
uint16_t next_slot[kOwnerSlots];  // of the two lists; 0 ends them
uint16_t free_slots = 0;
uint16_t retired_slots = 0;

void FreeEmptyRetiredSlots() {
  uint16_t* link = &retired_slots;
  while (*link != 0) {
    const uint16_t slot = *link;
    if (memory_state.owners[slot].blocks != 0) {
      link = &next_slot[slot];
      continue;
    }
    *link = next_slot[slot];
    next_slot[slot] = free_slots;
    free_slots = slot;
  }
}

[[noreturn]] void OutOfMemory(size_t size) {
  (void)size;
  Fatal(FatalReason::kOutOfMemory, "the wasm heap is exhausted");
}

}  // namespace

Owner AcquireOwner(Owner kind) {
  if (free_slots == 0 && retired_slots != 0) FreeEmptyRetiredSlots();
  uint16_t slot;
  if (free_slots != 0) {
    slot = free_slots;
    free_slots = next_slot[slot];
  } else if (memory_state.slots_used < kOwnerSlots) {
    slot = static_cast<uint16_t>(memory_state.slots_used++);
  } else {
    return kind;
  }
  memory_state.kinds[slot] = static_cast<uint16_t>(kind);
  return static_cast<Owner>(slot);
}

void ReleaseOwner(Owner owner) {
  const uint16_t slot = static_cast<uint16_t>(owner);
  if (slot < static_cast<uint16_t>(Owner::kCount)) return;
  uint16_t& list = memory_state.owners[slot].blocks == 0 ? free_slots : retired_slots;
  next_slot[slot] = list;
  list = slot;
}

void* AllocateIfPossible(size_t size) { return Allocate(size); }

uint32_t AllocatorInUseBytes() { return static_cast<uint32_t>(mallinfo().in_use); }

}  // namespace rocksdb_wasm

using rocksdb_wasm::Allocate;
using rocksdb_wasm::AllocateAligned;
using rocksdb_wasm::Release;

// Allocation never returns null and never throws: RocksDB does not survive bad_alloc in the middle of a write, nor does it
// check what malloc() gives (LRUHandle, the contexts of zstd), and null is an address like any other here. So
// exhaustion stops the engine, which recovers from its files. See may_fail.h.
namespace {
void* AllocateOrStop(size_t size) {
  void* block = Allocate(size);
  if (block == nullptr) rocksdb_wasm::OutOfMemory(size);
  return block;
}
void* AllocateAlignedOrStop(size_t alignment, size_t size) {
  void* block = AllocateAligned(alignment, size);
  if (block == nullptr) rocksdb_wasm::OutOfMemory(size);
  return block;
}
}  // namespace

extern "C" {

void* malloc(size_t size) { return AllocateOrStop(size); }

void free(void* block) { Release(block); }

void* calloc(size_t count, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(count, size, &total)) rocksdb_wasm::OutOfMemory(size);
  // Not malloc(), of which the compiler would make a call of this.
  void* block = AllocateOrStop(total);
  memset(block, 0, total);
  return block;
}

void* realloc(void* block, size_t size) {
  if (block == nullptr) return malloc(size);
  const uint32_t old_size = rocksdb_wasm::Check(block)->size;
  void* moved = malloc(size);
  memcpy(moved, block, std::min<size_t>(old_size, size));
  Release(block);
  return moved;
}

void* memalign(size_t alignment, size_t size) { return AllocateAlignedOrStop(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return AllocateAlignedOrStop(alignment, size); }

int posix_memalign(void** out, size_t alignment, size_t size) {
  *out = AllocateAlignedOrStop(alignment, size);
  return 0;
}

size_t malloc_usable_size(void* block) {
  return block == nullptr ? 0 : rocksdb_wasm::Check(block)->size;
}

// dlmalloc asks for exactly what it needs; growing is dear on some hosts, so ask for a step of a
// sixteenth of what there is (1 to 16 MiB), within the limit.
int __wrap_emscripten_resize_heap(size_t size) {
  constexpr uint64_t kMiB = 1 << 20;
  const uint64_t now = emscripten_get_heap_size();
  const uint64_t limit = rocksdb_wasm::memory_state.limit_bytes;
  if (limit != 0 && size > limit) return 0;
  uint64_t step = std::clamp<uint64_t>(now / 16, kMiB, 16 * kMiB);
  uint64_t wanted = std::max<uint64_t>(size, now + step);
  if (limit != 0) wanted = std::min(wanted, std::max<uint64_t>(limit, size));
  if (wanted <= 0xffff0000u && __real_emscripten_resize_heap(static_cast<size_t>(wanted))) return 1;
  return __real_emscripten_resize_heap(size);
}

// Only dlmalloc calls it, so that what it got is one piece.
void* __wrap_sbrk(intptr_t increment) {
  void* begin = __real_sbrk(increment);
  if (begin == reinterpret_cast<void*>(-1)) return begin;
  rocksdb_wasm::MemoryState& state = rocksdb_wasm::memory_state;
  if (state.heap_begin == 0) state.heap_begin = reinterpret_cast<uint32_t>(begin);
  state.heap_end = reinterpret_cast<uint32_t>(begin) + static_cast<uint32_t>(increment);
  return begin;
}

}  // extern "C"

void* operator new(size_t size) { return AllocateOrStop(size); }
void* operator new[](size_t size) { return operator new(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new(size_t size, std::align_val_t alignment) {
  return AllocateAlignedOrStop(static_cast<size_t>(alignment), size);
}
void* operator new[](size_t size, std::align_val_t alignment) { return operator new(size, alignment); }
void operator delete(void* block) noexcept { Release(block); }
void operator delete[](void* block) noexcept { Release(block); }
void operator delete(void* block, size_t) noexcept { Release(block); }
void operator delete[](void* block, size_t) noexcept { Release(block); }
void operator delete(void* block, std::align_val_t) noexcept { Release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { Release(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { Release(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { Release(block); }
