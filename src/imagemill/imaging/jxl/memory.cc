/* The buffers for the host, and functions of C that would otherwise be imported from it. */
#include <jxl/cms.h>
#include <jxl/encode.h>
#include <string.h>

#include "exports.h"

Buffer input, output;

bool was_short;

static void *allocate(void *, size_t bytes) {
  void *found = malloc(bytes);
  was_short |= !found;
  return found;
}
static void release(void *, void *data) { free(data); }

const JxlMemoryManager memory = {nullptr, allocate, release};

extern "C" void __wasm_call_ctors();

/* Releases everything; returns the address for `bytes` bytes, 0 if memory is short. */
EXPORT("reserve") uint8_t *reserve(uint32_t bytes) {
  static bool is_constructed = false;
  if (!is_constructed) __wasm_call_ctors();
  is_constructed = true;
  release_decoder();
  release_encoder();
  output.release();
  was_short = false;
  return input.resize(bytes) ? input.data : nullptr;
}

EXPORT("result") const uint8_t *result() { return output.data; }
EXPORT("result_bytes") uint32_t result_bytes() { return output.size; }

/* Bytes of an ICC profile: the position of its colour space, and the name of grey. ICC.1, 7.2. */
enum { SPACE = 16, SPACE_BYTES = 4 };
static const uint8_t kGrey[SPACE_BYTES] = {'G', 'R', 'A', 'Y'};

/* libjxl asks a colour management system about ICC profiles. There is none here: profiles are applied
 * by the host. So of a profile only the number of its channels is told, which is enough to keep it, and
 * the other functions say that they cannot do it. */
static JXL_BOOL read_fields(void *, const uint8_t *icc, size_t bytes, JxlColorEncoding *fields,
                            JXL_BOOL *is_cmyk) {
  if (bytes < SPACE + SPACE_BYTES) return JXL_FALSE;
  JxlColorEncodingSetToSRGB(fields, memcmp(icc + SPACE, kGrey, SPACE_BYTES) == 0);
  fields->transfer_function = JXL_TRANSFER_FUNCTION_UNKNOWN;
  *is_cmyk = JXL_FALSE;
  return JXL_TRUE;
}
static void *no_transform(void *, size_t, size_t, const JxlColorProfile *, const JxlColorProfile *,
                          float) {
  return nullptr;
}
static float *no_buffer(void *, size_t) { return nullptr; }
static JXL_BOOL no_run(void *, size_t, const float *, float *, size_t) { return JXL_FALSE; }
static void nothing(void *) {}

extern "C" const JxlCmsInterface *JxlGetDefaultCms() {
  static const JxlCmsInterface none = {nullptr,   read_fields, nullptr, no_transform,
                                       no_buffer, no_buffer,   no_run,  nothing};
  return &none;
}
