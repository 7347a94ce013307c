/* Memory: a growing stack in the sandbox's linear memory, and the mem* functions. */
#include "jpeg.h"

enum { PAGE = 65536, ALIGNMENT = 64 };

extern u8 __heap_base;
static size_t top;

void *memset(void *to, int byte, size_t bytes) { return __builtin_memset(to, byte, bytes); }

void *memcpy(void *to, const void *from, size_t bytes) {
  return __builtin_memcpy(to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes) {
  return __builtin_memmove(to, from, bytes);
}

size_t mark(void) { return top ? top : (size_t)&__heap_base; }

void release(size_t to) { top = to; }

/* Returns uninitialised memory; null if the sandbox has no more. */
void *allocate(size_t bytes) {
  size_t start = (mark() + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1), end = start + bytes;
  if (end < start) return 0;
  size_t now = __builtin_wasm_memory_size(0) * (size_t)PAGE;
  if (end > now) {
    size_t pages = (end - now + PAGE - 1) / PAGE;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return 0;
  }
  top = end;
  return (void *)start;
}
