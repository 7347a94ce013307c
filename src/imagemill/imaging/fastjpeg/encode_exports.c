/* Functions exported to the host for encoding: planes of samples come in, a file goes out. */
#include "encoder.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum { ROOM = 64 }; /* bytes that vector instructions may access after the end of a buffer */

/* The planes that were asked for last, and the file made of them. */
static Raster raster;
static u32 file_bytes;

static size_t samples_of(u32 component) {
  return (size_t)samples_across(&raster, component) * samples_down(&raster, component);
}

/* Reserves planes of width × height px, one after another. Returns null if memory is short. */
static u8 *reserve_planes(u32 width, u32 height, u32 components, u32 is_halved) {
  u32 sampling = components == 1 || !is_halved ? 1 : 2;
  raster = (Raster){width, height, components, sampling, sampling, {0}, {0}};
  if ((components != 1 && components != 3) || !width || !height || width > MAX_ENCODED_SIDE ||
      height > MAX_ENCODED_SIDE)
    return 0;
  u64 bytes = 0;
  for (u32 i = 0; i < components; i++) bytes += samples_of(i);
  if (bytes > UINT32_MAX / 2) return 0;
  u8 *at = allocate((size_t)bytes + ROOM);
  for (u32 i = 0; at && i < components; i++)
    raster.plane[i] = i ? raster.plane[i - 1] + samples_of(i - 1) : at;
  return at;
}

void forget_planes(void) { raster.plane[0] = 0; }

/* Reserves the same planes for the narrow range. Returns null if memory is short. */
static u8 *reserve_narrow(void) {
  u32 last = raster.components - 1;
  size_t bytes = (size_t)(raster.plane[last] - raster.plane[0]) + samples_of(last);
  u8 *at = allocate(bytes + ROOM);
  for (u32 i = 0; at && i < raster.components; i++)
    raster.narrow[i] = at + (raster.plane[i] - raster.plane[0]);
  return at;
}

/* Releases everything; returns where the samples of an image belong, 0 if memory is short. */
EXPORT("reserve_planes")
u8 *reserve_planes_for_host(u32 width, u32 height, u32 components, u32 is_halved) {
  reserve(0);
  release(0);
  return reserve_planes(width, height, components, is_halved);
}

/* Returns where the samples of an image belong, behind all memory in use; 0 if memory is short. */
EXPORT("add_planes")
u8 *add_planes(u32 width, u32 height, u32 components, u32 is_halved) {
  return reserve_planes(width, height, components, is_halved);
}

/* Writes the pixels that a file of the planes would show at a quality from 1 to 100: R, G, B and 0. There is
 * room for them and 28 bytes more. The planes can be used again. */
EXPORT("show") Status show(u32 quality, u8 *pixels) {
  if (!raster.plane[0] || quality < 1 || quality > 100) return UNSUPPORTED;
  return show_raster(&raster, quality, pixels);
}

/* Returns where `bytes` bytes of pixels belong, 0 if memory is short. */
EXPORT("reserve_band") u8 *reserve_band(u32 bytes) {
  return bytes > UINT32_MAX / 2 ? 0 : allocate(bytes + ROOM);
}

/* Converts rows of RGBX pixels to samples of the planes, from the row `first` on. */
EXPORT("add_band") Status add_band(const u8 *from, u32 first, u32 rows) {
  if (raster.components != 3 || !raster.plane[0] || first & 1 || first > raster.height ||
      rows > raster.height - first)
    return UNSUPPORTED;
  add_pixels(&raster, from, first, rows);
  return OK;
}

/* Makes luma keep the luminance of the same pixels, after all rows of them were converted to samples
 * with halved chroma. */
EXPORT("correct_band") Status correct_band(const u8 *from, u32 first, u32 rows) {
  if (raster.components != 3 || raster.max_h != 2 || !raster.plane[0] || first > raster.height ||
      rows > raster.height - first)
    return UNSUPPORTED;
  if (first == 0 && !reserve_luma_rows(raster.width)) return NO_MEMORY;
  correct_luma(&raster, from, first, rows);
  return OK;
}

/* Fills planes with a part of the decoded image, at width × height px as stored, and turned upright;
 * in the narrow range, too, if `has_narrow`. Returns the address of the samples; 0 if memory is short
 * or the part is invalid. */
EXPORT("draw_planes")
u8 *draw_planes(u32 left, u32 top, u32 right, u32 bottom, u32 width, u32 height, u32 orientation,
                u32 is_halved, u32 has_narrow) {
  Turned turned = {{left, top, right, bottom}, width, height, orientation};
  const Image *image = planes_for(&turned.box, width, height, 1);
  if (!image || orientation < 1 || orientation > 8) return 0;
  u32 across = orientation < 5 ? width : height, down = orientation < 5 ? height : width;
  u8 *samples = reserve_planes(across, down, image->components, is_halved);
  if (samples && has_narrow && !reserve_narrow()) return 0;
  return samples && draw_upright(image, &raster, &turned) == OK ? samples : 0;
}

/* Returns the address of the planes in the narrow range; 0 if they were not asked for. */
EXPORT("narrow_planes") u8 *get_narrow_planes(void) { return raster.narrow[0]; }

/* Encodes the planes at a quality from 1 to 100; they cannot be used again. Returns the address of the
 * file, 0 if memory is short. */
EXPORT("encode") u8 *encode(u32 quality, u32 script) {
  u8 *file;
  if (!raster.plane[0] || quality < 1 || quality > 100 || script >= SCRIPTS) return 0;
  Status status = encode_raster(&raster, quality, (Script)script, &file, &file_bytes);
  raster.plane[0] = 0;
  return status == OK ? file : 0;
}

EXPORT("encoded_bytes") u32 get_encoded_bytes(void) { return file_bytes; }
