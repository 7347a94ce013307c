/* Encodes sRGB pixels of eight bits per sample, still or animated, and JPEG files without loss. */
#include <jxl/encode.h>

#include "exports.h"

enum { FIRST_OUTPUT = 1 << 16 };

static JxlEncoder *encoder;
static JxlEncoderFrameSettings *settings;
static JxlPixelFormat format;

void release_encoder() {
  if (encoder) JxlEncoderDestroy(encoder);
  encoder = nullptr;
}

static bool ok(JxlEncoderStatus status) { return status == JXL_ENC_SUCCESS; }

static bool start() {
  release_encoder();
  encoder = JxlEncoderCreate(&memory);
  settings = encoder ? JxlEncoderFrameSettingsCreate(encoder, nullptr) : nullptr;
  return settings;
}

static bool option(JxlEncoderFrameSettingId id, int64_t value) {
  return ok(JxlEncoderFrameSettingsSetOption(settings, id, value));
}

/* `hundredths` is libjxl's quality times 100; 10,000 is lossless. */
static bool set_quality(uint32_t hundredths, bool has_alpha) {
  if (hundredths >= 10000) return ok(JxlEncoderSetFrameLossless(settings, JXL_TRUE));
  float distance = JxlEncoderDistanceFromQuality(hundredths / 100.0f);
  bool is_set = ok(JxlEncoderSetFrameDistance(settings, distance));
  /* Alpha is kept without loss: its edges would show. */
  return is_set && (!has_alpha || ok(JxlEncoderSetExtraChannelDistance(settings, 0, 0)));
}

static bool set_info(uint32_t width, uint32_t height, bool is_lossless, uint32_t loops,
                     bool is_animated) {
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = width;
  info.ysize = height;
  info.num_color_channels = format.num_channels < 3 ? 1 : 3;
  info.num_extra_channels = format.num_channels % 2 == 0;
  info.alpha_bits = info.num_extra_channels ? 8 : 0;
  info.uses_original_profile = is_lossless;
  info.have_animation = is_animated;
  info.animation.tps_numerator = 1000;
  info.animation.tps_denominator = 1;
  info.animation.num_loops = loops;
  JxlColorEncoding srgb;
  JxlColorEncodingSetToSRGB(&srgb, info.num_color_channels == 1);
  return ok(JxlEncoderSetBasicInfo(encoder, &info)) && ok(JxlEncoderSetColorEncoding(encoder, &srgb));
}

/* Appends the file's next bytes to `output`. */
static Status write() {
  size_t used = output.size;
  for (size_t room = FIRST_OUTPUT;; room *= 2) {
    if (!output.grow(used + room)) return kNoMemory;
    uint8_t *next = output.data + used;
    size_t left = room;
    JxlEncoderStatus status = JxlEncoderProcessOutput(encoder, &next, &left);
    used = next - output.data;
    output.size = used;
    if (status == JXL_ENC_SUCCESS) return kOk;
    if (status != JXL_ENC_NEED_MORE_OUTPUT) return kCorrupt;
  }
}

/* Begins a file. `channels` is 1 to 4: grey or RGB, with alpha if even. The first `exif` bytes of
 * `input` are a TIFF structure, stored in a box. */
EXPORT("begin")
Status begin(uint32_t width, uint32_t height, uint32_t channels, uint32_t quality, uint32_t effort,
             uint32_t loops, uint32_t is_animated, uint32_t exif) {
  format = {channels, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  output.release();
  if (!start() || (exif && !ok(JxlEncoderUseBoxes(encoder)))) return kNoMemory;
  bool is_set = set_info(width, height, quality >= 10000, loops, is_animated) &&
                option(JXL_ENC_FRAME_SETTING_EFFORT, effort) &&
                set_quality(quality, channels % 2 == 0);
  if (is_set && exif) {
    is_set = exif <= input.size && ok(JxlEncoderAddBox(encoder, "Exif", input.data, exif, JXL_FALSE));
    JxlEncoderCloseBoxes(encoder);
  }
  return is_set ? kOk : kUnsupported;
}

/* Returns the address for the pixels of one frame, 0 if memory is short. */
EXPORT("room") uint8_t *room(uint32_t bytes) { return input.resize(bytes) ? input.data : nullptr; }

/* Encodes the frame in `input`, shown for `ms`. */
EXPORT("add") Status add(uint32_t ms, uint32_t is_last) {
  if (!encoder) return kCorrupt;
  JxlFrameHeader header;
  JxlEncoderInitFrameHeader(&header);
  header.duration = ms;
  bool is_added = ok(JxlEncoderSetFrameHeader(settings, &header)) &&
                  ok(JxlEncoderAddImageFrame(settings, &format, input.data, input.size));
  if (!is_added) return kNoMemory;
  if (is_last) JxlEncoderCloseInput(encoder);
  return write();
}

/* Packs the JPEG file in `input` without loss: its coefficients as a frame, the rest of its bytes in a
 * box `jbrd` from which a decoder restores the file. */
EXPORT("pack_jpeg") Status pack_jpeg(uint32_t bytes, uint32_t effort) {
  output.release();
  if (bytes > input.size || !start()) return kNoMemory;
  bool is_set = ok(JxlEncoderUseContainer(encoder, JXL_TRUE)) &&
                ok(JxlEncoderStoreJPEGMetadata(encoder, JXL_TRUE)) &&
                option(JXL_ENC_FRAME_SETTING_EFFORT, effort);
  if (!is_set) return kUnsupported;
  if (!ok(JxlEncoderAddJPEGFrame(settings, input.data, bytes)))
    return JxlEncoderGetError(encoder) == JXL_ENC_ERR_NOT_SUPPORTED ? kUnsupported : kCorrupt;
  JxlEncoderCloseInput(encoder);
  return write();
}
