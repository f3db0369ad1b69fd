// In place of wasm/memory/allocator.cc in the build that bench/monitor.mjs compares with: dlmalloc itself, with no
// header, no owner and no count.
#include <errno.h>
#include <stdlib.h>

#include <new>

#include "wasm/memory/allocator.h"
#include "wasm/port/scheduler.h"

extern "C" void* __real_sbrk(intptr_t increment);
extern "C" void* __wrap_sbrk(intptr_t increment) { return __real_sbrk(increment); }
extern "C" int __real_emscripten_resize_heap(size_t size);
extern "C" int __wrap_emscripten_resize_heap(size_t size) {
  return __real_emscripten_resize_heap(size);
}

namespace rocksdb_wasm {

MemoryState memory_state;
volatile Owner current_owner = Owner::kEngine;

const char* OwnerName(uint32_t owner) {
  return owner < static_cast<uint32_t>(Owner::kCount) ? "part" : nullptr;
}
Owner AcquireOwner(Owner kind) { return kind; }
void ReleaseOwner(Owner) {}
uint32_t AllocatorInUseBytes() { return 0; }

namespace {
void* Checked(void* block) {
  if (block == nullptr) Fatal(FatalReason::kOutOfMemory, "the wasm heap is exhausted");
  return block;
}
}  // namespace
}  // namespace rocksdb_wasm

using rocksdb_wasm::Checked;

void* operator new(size_t size) { return Checked(malloc(size)); }
void* operator new[](size_t size) { return Checked(malloc(size)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new(size_t size, std::align_val_t alignment) {
  return Checked(aligned_alloc(static_cast<size_t>(alignment), size));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return operator new(size, alignment);
}
void operator delete(void* block) noexcept { free(block); }
void operator delete[](void* block) noexcept { free(block); }
void operator delete(void* block, size_t) noexcept { free(block); }
void operator delete[](void* block, size_t) noexcept { free(block); }
void operator delete(void* block, std::align_val_t) noexcept { free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { free(block); }
void operator delete[](void* block, size_t, std::align_val_t) noexcept { free(block); }
