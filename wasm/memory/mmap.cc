// Anonymous mappings, which HyperClockCache asks for its table with, as blocks of the allocator: owned and
// counted like all others. There is nothing else to map.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

extern "C" {

void* mmap(void*, size_t length, int, int flags, int, off_t) {
  if ((flags & MAP_ANONYMOUS) == 0) {
    errno = ENOTSUP;
    return MAP_FAILED;
  }
  void* block = aligned_alloc(4096, length);
  if (block == nullptr) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return memset(block, 0, length);
}

int munmap(void* block, size_t) {
  free(block);
  return 0;
}

}  // extern "C"
