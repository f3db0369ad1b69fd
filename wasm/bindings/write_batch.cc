#include <new>

#include "wasm/bindings/objects.h"

using namespace rocksdb_wasm;

rdb_write_batch* rdb_write_batch_create() {
  return NewOwned<rdb_write_batch>(Owner::kWriteBatch);
}

void rdb_write_batch_free(rdb_write_batch* batch) { DeleteOwned(batch); }

uint8_t* rdb_write_batch_reserve(rdb_write_batch* batch, uint32_t capacity) {
  OwnerScope owner(batch->slot());
  // std::string grows through operator new, which stops the engine when there is no memory: ask first.
  if (capacity > batch->rep.capacity()) {
    // Not malloc(): the compiler leaves out a pair of that and free(), and takes it that there is memory.
    void* probe = ::operator new(static_cast<size_t>(capacity) + 16, std::nothrow);
    if (probe == nullptr) return nullptr;
    ::operator delete(probe);
    // To that size and no other: resize() alone would take twice the old one.
    batch->rep.reserve(capacity);
  }
  batch->rep.resize(capacity);
  return reinterpret_cast<uint8_t*>(&batch->rep[0]);
}

void rdb_write_batch_set_length(rdb_write_batch* batch, uint32_t length) {
  batch->length = length;
}
