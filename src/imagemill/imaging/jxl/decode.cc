/* Decodes the frames of a JPEG XL file to eight bits per sample, upright, alpha not premultiplied, and
 * restores packed JPEG files. */
#include <jxl/decode.h>

#include "exports.h"

/* What `fact` returns, by its number. The same list is in decoder.py. */
enum Fact : uint32_t {
  kWidth,
  kHeight,
  kColours,
  kHasAlpha,
  kHasBlack,
  kLoops,
  kColourSpace,
  kPrimaries,
  kWhitePoint,
  kTransfer,
  kIsCoded,
  kDurationMs,
  kBits,
};

static JxlDecoder *decoder;
static JxlBasicInfo info;
static JxlColorEncoding colours;
static JxlPixelFormat format;
static Buffer pixels, black;
static uint32_t black_index, duration_ms;
static bool is_coded, has_black;

void release_decoder() {
  if (decoder) JxlDecoderDestroy(decoder);
  decoder = nullptr;
  pixels.release();
  black.release();
}

static bool start(int events, uint32_t bytes) {
  release_decoder();
  decoder = JxlDecoderCreate(&memory);
  return decoder && bytes <= input.size &&
         JxlDecoderSubscribeEvents(decoder, events) == JXL_DEC_SUCCESS &&
         JxlDecoderSetUnpremultiplyAlpha(decoder, JXL_TRUE) == JXL_DEC_SUCCESS &&
         JxlDecoderSetInput(decoder, input.data, bytes) == JXL_DEC_SUCCESS;
}

/* Finds the black channel of a CMYK image. */
static void find_black() {
  has_black = false;
  for (uint32_t at = 0; at < info.num_extra_channels; at++) {
    JxlExtraChannelInfo extra;
    if (JxlDecoderGetExtraChannelInfo(decoder, at, &extra) != JXL_DEC_SUCCESS) continue;
    if (extra.type != JXL_CHANNEL_BLACK || has_black) continue;
    has_black = true;
    black_index = at;
  }
}

/* Eight bits of linear light are too few: an image whose samples libjxl computes anyway gets the curve
 * of sRGB instead. */
static void avoid_linear_light() {
  const auto target = JXL_COLOR_PROFILE_TARGET_DATA;
  JxlColorEncoding found;
  if (info.uses_original_profile) return;
  if (JxlDecoderGetColorAsEncodedProfile(decoder, target, &found) != JXL_DEC_SUCCESS) return;
  if (found.transfer_function != JXL_TRANSFER_FUNCTION_LINEAR) return;
  found.transfer_function = JXL_TRANSFER_FUNCTION_SRGB;
  JxlDecoderSetOutputColorProfile(decoder, &found, nullptr, 0);
}

/* Stores the profile of the decoded samples in `output`, and their colour codes if they have some. */
static Status read_colours() {
  const auto target = JXL_COLOR_PROFILE_TARGET_DATA;
  avoid_linear_light();
  is_coded = JxlDecoderGetColorAsEncodedProfile(decoder, target, &colours) == JXL_DEC_SUCCESS;
  size_t bytes = 0;
  output.release();
  if (JxlDecoderGetICCProfileSize(decoder, target, &bytes) != JXL_DEC_SUCCESS) return kOk;
  if (!output.resize(bytes)) return kNoMemory;
  if (JxlDecoderGetColorAsICCProfile(decoder, target, output.data, bytes) != JXL_DEC_SUCCESS)
    output.release();
  return kOk;
}

/* Reads the header of the file in `input`; facts and `result`, the ICC profile, are known then. */
EXPORT("open") Status open_file(uint32_t bytes) {
  const int events = JXL_DEC_BASIC_INFO | JXL_DEC_COLOR_ENCODING | JXL_DEC_FRAME | JXL_DEC_FULL_IMAGE;
  if (!start(events, bytes)) return kNoMemory;
  for (;;) {
    JxlDecoderStatus status = JxlDecoderProcessInput(decoder);
    if (status == JXL_DEC_COLOR_ENCODING) return read_colours();
    if (status != JXL_DEC_BASIC_INFO) return was_short ? kNoMemory : kCorrupt;
    if (JxlDecoderGetBasicInfo(decoder, &info) != JXL_DEC_SUCCESS) return kCorrupt;
    find_black();
    uint32_t channels = info.num_color_channels + (info.alpha_bits > 0 && !has_black);
    format = {channels, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  }
}

static uint32_t in_ms(const JxlFrameHeader &frame) {
  const JxlAnimationHeader &clock = info.animation;
  if (!info.have_animation || !clock.tps_numerator) return 0;
  uint64_t ticks = uint64_t{frame.duration} * 1000 * clock.tps_denominator;
  uint64_t ms = (ticks + clock.tps_numerator / 2) / clock.tps_numerator;
  return ms > INT32_MAX ? INT32_MAX : ms;
}

static Status give_buffers() {
  size_t bytes = 0;
  if (JxlDecoderImageOutBufferSize(decoder, &format, &bytes) != JXL_DEC_SUCCESS) return kCorrupt;
  if (pixels.size != bytes && !pixels.resize(bytes)) return kNoMemory;
  if (JxlDecoderSetImageOutBuffer(decoder, &format, pixels.data, bytes) != JXL_DEC_SUCCESS)
    return kCorrupt;
  if (!has_black) return kOk;
  if (JxlDecoderExtraChannelBufferSize(decoder, &format, &bytes, black_index) != JXL_DEC_SUCCESS)
    return kCorrupt;
  if (!black.resize(bytes)) return kNoMemory;
  auto set = JxlDecoderSetExtraChannelBuffer(decoder, &format, black.data, bytes, black_index);
  return set == JXL_DEC_SUCCESS ? kOk : kCorrupt;
}

/* Why a frame could not be decoded whole: kDamaged if a part of it could be, kCorrupt if none. */
static Status shown_so_far() {
  if (was_short) return kNoMemory;
  return pixels.data && JxlDecoderFlushImage(decoder) == JXL_DEC_SUCCESS ? kDamaged : kCorrupt;
}

/* Decodes the next frame, composed with those before; kEnd after the last. */
EXPORT("next") Status next() {
  bool is_begun = false;
  while (decoder) {
    switch (JxlDecoderProcessInput(decoder)) {
      case JXL_DEC_FRAME: {
        JxlFrameHeader frame;
        if (JxlDecoderGetFrameHeader(decoder, &frame) != JXL_DEC_SUCCESS) return kCorrupt;
        duration_ms = in_ms(frame);
        break;
      }
      case JXL_DEC_NEED_IMAGE_OUT_BUFFER:
        if (Status status = give_buffers()) return status;
        is_begun = true;
        break;
      case JXL_DEC_FULL_IMAGE: return kOk;
      case JXL_DEC_SUCCESS: return kEnd;
      default: return is_begun ? shown_so_far() : kCorrupt;
    }
  }
  return kCorrupt;
}

/* Counts the frames, up to `most`, without decoding them: at least 1, as many as are announced. */
EXPORT("frames") uint32_t frames(uint32_t bytes, uint32_t most) {
  if (!start(JXL_DEC_FRAME, bytes)) return 1;
  uint32_t count = 0;
  while (count < most && JxlDecoderProcessInput(decoder) == JXL_DEC_FRAME) count++;
  return count ? count : 1;
}

/* Lets the decoder write a JPEG file of up to `bytes` to `output`, from its beginning. */
static Status give_output(uint32_t bytes) {
  JxlDecoderReleaseJPEGBuffer(decoder);
  if (!output.resize(bytes)) return kNoMemory;
  auto set = JxlDecoderSetJPEGBuffer(decoder, output.data, bytes);
  return set == JXL_DEC_SUCCESS ? kOk : kCorrupt;
}

/* Restores in `output` the JPEG file, of at most `most` bytes, that the file in `input` was packed from.
 * `first` is the size to try first. */
EXPORT("unpack_jpeg") Status unpack_jpeg(uint32_t bytes, uint32_t first, uint32_t most) {
  if (!start(JXL_DEC_JPEG_RECONSTRUCTION | JXL_DEC_FULL_IMAGE, bytes)) return kNoMemory;
  uint32_t room = first < most ? first : most;
  for (;;) {
    JxlDecoderStatus status = JxlDecoderProcessInput(decoder);
    if (status == JXL_DEC_FULL_IMAGE) break;
    bool is_full = status == JXL_DEC_JPEG_NEED_MORE_OUTPUT;
    if (is_full && room == most) return kCorrupt;
    if (is_full) room = room < most / 2 ? 2 * room : most;
    if (!is_full && status != JXL_DEC_JPEG_RECONSTRUCTION) return was_short ? kNoMemory : kCorrupt;
    if (Status failed = give_output(room)) return failed;
  }
  output.size -= JxlDecoderReleaseJPEGBuffer(decoder);
  return kOk;
}

EXPORT("pixels") const uint8_t *get_pixels() { return pixels.data; }
EXPORT("pixel_bytes") uint32_t pixel_bytes() { return pixels.size; }
EXPORT("black") const uint8_t *get_black() { return black.data; }
EXPORT("black_bytes") uint32_t black_bytes() { return black.size; }

EXPORT("fact") uint32_t fact(Fact which) {
  switch (which) {
    case kWidth: return info.xsize;
    case kHeight: return info.ysize;
    case kColours: return info.num_color_channels;
    case kHasAlpha: return info.alpha_bits > 0;
    case kHasBlack: return has_black;
    case kLoops: return info.have_animation ? info.animation.num_loops : 0;
    case kColourSpace: return colours.color_space;
    case kPrimaries: return colours.primaries;
    case kWhitePoint: return colours.white_point;
    case kTransfer: return colours.transfer_function;
    case kIsCoded: return is_coded;
    case kDurationMs: return duration_ms;
    case kBits: return info.bits_per_sample;
  }
  return 0;
}
