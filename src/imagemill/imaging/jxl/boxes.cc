/* Unpacks boxes that Brotli has packed. */
#include <brotli/decode.h>

#include "exports.h"

/* Stores in `output` what the first `bytes` of `input` unpack to, up to `most` bytes. */
EXPORT("unpack_box") Status unpack_box(uint32_t bytes, uint32_t most) {
  if (bytes > input.size || !output.resize(most)) return kNoMemory;
  size_t unpacked = most;
  if (!BrotliDecoderDecompress(bytes, input.data, &unpacked, output.data)) return kCorrupt;
  output.size = unpacked;
  return kOk;
}
