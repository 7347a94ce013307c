/* Restores the JPEG from which a JPEG XL file was made without loss, and packed boxes. */
#include <brotli/decode.h>
#include <jxl/decode.h>

#include "exports.h"

enum { FIRST_OUTPUT = 1 << 20 };

/* Takes what was written to the JPEG buffer into account; returns false if memory is short. */
static bool give_more(JxlDecoder *decoder, size_t &used) {
  if (output.data) used = output.size - JxlDecoderReleaseJPEGBuffer(decoder);
  if (!output.grow(used ? 2 * used : FIRST_OUTPUT)) return false;
  return JxlDecoderSetJPEGBuffer(decoder, output.data + used, output.size - used) == JXL_DEC_SUCCESS;
}

static Status restore(JxlDecoder *decoder) {
  size_t used = 0;
  bool is_jpeg = false;
  for (;;) {
    switch (JxlDecoderProcessInput(decoder)) {
      case JXL_DEC_JPEG_RECONSTRUCTION: is_jpeg = true; [[fallthrough]];
      case JXL_DEC_JPEG_NEED_MORE_OUTPUT:
        if (!give_more(decoder, used)) return kNoMemory;
        break;
      case JXL_DEC_FULL_IMAGE:
        if (!is_jpeg) return kUnsupported;
        output.size -= JxlDecoderReleaseJPEGBuffer(decoder);
        return kOk;
      case JXL_DEC_SUCCESS: return kUnsupported;
      default: return is_jpeg ? kCorrupt : kUnsupported;
    }
  }
}

/* Stores the JPEG in `output`; kUnsupported if the file was not made from one. */
EXPORT("unpack") Status unpack(uint32_t bytes) {
  output.release();
  JxlDecoder *decoder = JxlDecoderCreate(&memory);
  if (!decoder || bytes > input.size) return kNoMemory;
  JxlDecoderSubscribeEvents(decoder, JXL_DEC_JPEG_RECONSTRUCTION | JXL_DEC_FULL_IMAGE);
  JxlDecoderSetInput(decoder, input.data, bytes);
  JxlDecoderCloseInput(decoder);
  Status status = restore(decoder);
  JxlDecoderDestroy(decoder);
  return status;
}

/* Stores in `output` what the first `bytes` of `input` unpack to, up to `most` bytes. */
EXPORT("unpack_box") Status unpack_box(uint32_t bytes, uint32_t most) {
  if (bytes > input.size || !output.resize(most)) return kNoMemory;
  size_t unpacked = most;
  if (!BrotliDecoderDecompress(bytes, input.data, &unpacked, output.data)) return kCorrupt;
  output.size = unpacked;
  return kOk;
}
