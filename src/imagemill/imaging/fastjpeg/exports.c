/* Functions exported to the host. None is imported: the decoder sees only the bytes it is given. */
#include "resample.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum { ROOM = 64 }; /* bytes that vector instructions may access after the end of a buffer */

static Image image;
static u32 width_of_file, height_of_file;
static size_t after_decoding;
static int is_decoded;

/* Releases everything; returns the address for a file of `bytes` bytes, 0 if memory is short. */
EXPORT("reserve") u8 *reserve(u32 bytes) {
  is_decoded = 0;
  release(0);
  return bytes > UINT32_MAX - ROOM ? 0 : allocate(bytes + ROOM);
}

/* Decodes a part of the file, all of it if that is empty, to planes of which those of the whole image
 * have at least the wanted sizes. */
EXPORT("decode")
Status decode(const u8 *data, u32 bytes, u32 luma_width, u32 luma_height, u32 chroma_width,
              u32 chroma_height, u32 left, u32 top, u32 right, u32 bottom) {
  Box part = {left, top, right, bottom};
  Wanted wanted = {luma_width, luma_height, chroma_width, chroma_height, part};
  TRY(decode_file(&image, data, bytes, &wanted));
  width_of_file = image.width;
  height_of_file = image.height;
  become_part(&image);
  is_decoded = 1;
  after_decoding = mark();
  forget_levels(&image);
  return OK;
}

/* The decoded planes to draw a part from, halved or not, with the memory after them released; null if
 * there is no image or the part is invalid. */
const Image *planes_for(const Box *box, u32 width, u32 height, int may_be_halved) {
  if (!is_decoded || box->left >= box->right || box->top >= box->bottom || box->right > image.width ||
      box->bottom > image.height || !width || !height || width > 65535 || height > 65535)
    return 0;
  release(after_decoding);
  const Image *level = may_be_halved ? level_for(&image, box, width, height) : &image;
  after_decoding = mark();
  return level;
}

/* Checks the whole file: DAMAGED, OK if no damage is found, another status if it cannot be decided. */
EXPORT("check") Status check(const u8 *data, u32 bytes) {
  is_decoded = 0;
  return decode_file(&image, data, bytes, 0);
}

EXPORT("width") u32 get_width(void) { return width_of_file; }
EXPORT("height") u32 get_height(void) { return height_of_file; }
EXPORT("components") u32 get_components(void) { return image.components; }
EXPORT("kept") u32 get_kept(void) { return image.component[0].kept; }

/* True if pixels are resized as RGB: from all samples of the planes, not from halved ones. */
EXPORT("resizes_rgb") int resizes_rgb(void) { return is_decoded && is_shown_as_rgb(&image); }

/* Resizes a box, in px of the decoded part, to width × height px: grey, or RGBX. Returns the address of
 * the pixels, valid until the next call; 0 if memory is short or the box is invalid. */
EXPORT("draw") u8 *draw(u32 left, u32 top, u32 right, u32 bottom, u32 width, u32 height) {
  Box box = {left, top, right, bottom};
  /* Colours beyond black and white must be cut off before samples are averaged. */
  const Image *level = planes_for(&box, width, height, !is_shown_as_rgb(&image));
  if (!level) return 0;
  size_t bytes = (size_t)(image.components == 1 ? 1 : 4) * width;
  if (height > (UINT32_MAX / 2 - ROOM) / bytes) return 0;
  u8 *pixels = allocate(bytes * height + ROOM);
  if (!pixels || resample(level, &box, width, height, pixels) != OK) return 0;
  return pixels;
}
