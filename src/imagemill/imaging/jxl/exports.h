/* Functions exported to the host, and the state that they share. Nothing is imported from the host:
 * libjxl sees only the bytes it is given. All sizes are bytes unless said otherwise. */
#pragma once

#include <jxl/memory_manager.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define EXPORT(name) extern "C" __attribute__((export_name(name)))

/* The statuses that Python knows: sandbox.py. */
enum Status : uint32_t {
  kOk = 0,
  kCorrupt = 1,
  kUnsupported = 2,
  kEnd = 3,
  kNoMemory = 4,
  kDamaged = 5,
};

/* A block of memory that is released with its owner. */
struct Buffer {
  uint8_t *data = nullptr;
  size_t size = 0;

  /* Returns false if memory is short; the content is then lost. */
  bool resize(size_t bytes) {
    free(data);
    data = static_cast<uint8_t *>(malloc(bytes ? bytes : 1));
    size = data ? bytes : 0;
    return data;
  }

  /* Keeps the content. */
  bool grow(size_t bytes) {
    void *larger = realloc(data, bytes);
    if (!larger) return false;
    data = static_cast<uint8_t *>(larger);
    size = bytes;
    return true;
  }

  void release() {
    free(data);
    data = nullptr;
    size = 0;
  }
};

/* What the host wrote, and what it may read. */
extern Buffer input, output;

/* Memory for libjxl. `was_short` says that some could not be had since it was last set to false. */
extern const JxlMemoryManager memory;
extern bool was_short;

void release_decoder();
void release_encoder();
