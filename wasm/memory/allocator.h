// The allocator every byte goes through: dlmalloc below a header of 8 bytes that says how large a block
// is and who owns it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wasm/memory/owners.h"

namespace rocksdb_wasm {

struct OwnerTotal {
  uint32_t bytes;   // as asked for, without headers
  uint32_t blocks;
};

// Lives in linear memory; the host reads it as words. See rdb_memory_info in bindings.h.
struct MemoryState {
  uint32_t in_use_bytes;      // sum over owners
  uint32_t blocks;
  uint32_t high_water_bytes;  // of in_use_bytes
  uint32_t limit_bytes;       // of linear memory; 0: the module's maximum
  OwnerTotal owners[static_cast<size_t>(Owner::kCount)];
};

extern MemoryState memory_state;
// Volatile: the compiler takes it that malloc reads no variable, and would drop stores around it.
extern volatile Owner current_owner;

// Blocks allocated while a scope lives belong to its owner.
class OwnerScope {
 public:
  explicit OwnerScope(Owner owner) : outer_(current_owner) { current_owner = owner; }
  ~OwnerScope() { current_owner = outer_; }
  OwnerScope(const OwnerScope&) = delete;
  void operator=(const OwnerScope&) = delete;

 private:
  Owner outer_;
};

// The name of an owner, or nullptr past the last.
const char* OwnerName(uint32_t owner);

}  // namespace rocksdb_wasm
