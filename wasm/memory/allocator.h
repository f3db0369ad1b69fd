// The allocator every byte goes through: dlmalloc below a header of 8 bytes that says how large a block
// is and who owns it. The host walks its chunks without running wasm: src/monitor/heap-walk.ts, which knows the
// layouts of Header and MemoryState.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wasm/memory/owners.h"

namespace rocksdb_wasm {

struct OwnerTotal {
  uint32_t bytes;   // as asked for, without headers
  uint32_t blocks;
};

// Parts of the engine and handles, at most. A handle that finds none left is counted under its kind.
constexpr size_t kOwnerSlots = 16384;

// Just before each block.
struct Header {
  uint32_t size;    // as asked for; kFiller: the block begins `prefix` units further on
  uint16_t owner;
  uint16_t prefix;  // bytes from the chunk to the block, in units of 8, and kLive in the upper bits
};
static_assert(sizeof(Header) == 8, "blocks must keep malloc's alignment of 8");

// Bits of MemoryState.trace, which the host sets.
enum TraceBits : uint32_t {
  kTraceTell = 1,     // it is told of each allocation and free
  kTraceFail = 2,     // the allocation that fail_in counts down to fails
  kTraceFailOn = 4,   // ... and all after it
};

// Lives in linear memory; the host reads it as words. See rdb_engine_info.memory in bindings.h.
struct MemoryState {
  uint32_t in_use_bytes;      // sum over owners
  uint32_t blocks;
  uint32_t high_water_bytes;  // of in_use_bytes
  uint32_t limit_bytes;       // of linear memory; 0: the module's maximum
  uint32_t header_bytes;      // of live blocks beyond 8 each: alignment, and the debug flavour's guards
  uint32_t heap_begin;        // what dlmalloc got from sbrk
  uint32_t heap_end;
  uint32_t trace;             // TraceBits; the host writes this word
  uint32_t slots_used;        // slots from here on have never had an owner
  uint32_t allocated_low;     // bytes of all blocks that there have been, those that are freed too
  uint32_t allocated_high;
  uint32_t fail_in;           // with kTraceFail: 1: the next allocation fails; 0: none does any more
  OwnerTotal owners[kOwnerSlots];
  uint16_t kinds[kOwnerSlots];  // the part that a handle's bytes are summed up under
};

extern MemoryState memory_state;

// The name of a part, or nullptr past the last.
const char* OwnerName(uint32_t owner);

// A slot for a new handle; `kind` when none is left. Released after the handle was freed: what is still
// allocated in its name then keeps the slot until it is freed, too.
Owner AcquireOwner(Owner kind);
void ReleaseOwner(Owner owner);

// What dlmalloc says is in use, bytes: chunks with their overhead, and headers.
uint32_t AllocatorInUseBytes();

// The base of every object that the host gets: its first word names its owner.
struct OwnedObject {
  explicit OwnedObject(Owner kind) : owner(static_cast<uint32_t>(kind)) {}
  Owner slot() const { return static_cast<Owner>(owner); }
  uint32_t owner;
};

// Makes an object that owns its own bytes: `T(Owner)` within the slot's scope.
template <typename T>
T* NewOwned(Owner kind) {
  const Owner slot = AcquireOwner(kind);
  OwnerScope scope(slot);
  return new T(slot);
}

template <typename T>
void DeleteOwned(T* object) {
  if (object == nullptr) return;
  const Owner slot = object->slot();
  {
    OwnerScope scope(slot);
    delete object;
  }
  ReleaseOwner(slot);
}

template <typename T>
struct OwnedDeleter {
  void operator()(T* object) const { DeleteOwned(object); }
};

}  // namespace rocksdb_wasm
