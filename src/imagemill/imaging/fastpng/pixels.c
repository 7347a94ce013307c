/* Conversion of unfiltered rows to samples of 8 bits with premultiplied alpha. */
#include "png.h"

#include <wasm_simd128.h>

u32 samples_of(u32 colour) {
  return colour == COLOUR ? 3 : colour == GREY_ALPHA ? 2 : colour == COLOUR_ALPHA ? 4 : 1;
}

/* 11.2.1: the permitted bit depths. */
Status check_layout(const Layout *layout) {
  u32 bits = layout->bits, colour = layout->colour;
  u32 is_small = bits == 1 || bits == 2 || bits == 4, is_deep = bits == 16;
  if (bits != 8 && !is_small && !is_deep) return UNSUPPORTED;
  if (colour > COLOUR_ALPHA || colour == 1 || colour == 5) return UNSUPPORTED;
  if (is_small && colour != GREY && colour != PALETTE) return UNSUPPORTED;
  if (is_deep && colour == PALETTE) return UNSUPPORTED;
  if (!layout->width || !layout->height || !layout->reduction || layout->reduction > MAX_REDUCTION)
    return UNSUPPORTED;
  return OK;
}

void start_pixels(Pixels *pixels, const Layout *layout) {
  u32 colour = layout->colour, is_added = layout->has_alpha;
  pixels->layout = *layout;
  pixels->channels = colour == GREY         ? 1 + is_added
                     : colour == GREY_ALPHA ? (layout->bits == 16 ? 4 : 2)
                     : colour == COLOUR     ? 3 + is_added
                                            : 4;
}

/* value × alpha / 255, rounded as Pillow rounds it. */
static inline u8 times(u32 value, u32 alpha) {
  u32 product = value * alpha + 128;
  return (u8)((product + (product >> 8)) >> 8);
}

/* 7.2: samples of less than a byte begin with the highest bits. Whole bytes are converted, also beyond
 * the width. */
static inline u32 sample(u32 byte, u32 at, u32 bits) {
  return byte >> (8 - bits - at * bits) & ((1u << bits) - 1);
}

static inline void look_up(const Pixels *pixels, const u8 *row, u8 *to, u32 bits) {
  u32 per_byte = 8 / bits, width = pixels->layout.width;
  for (u32 x = 0; x < width; x += per_byte, row++)
    for (u32 i = 0; i < per_byte; i++, to += 4)
      __builtin_memcpy(to, pixels->palette + 4 * sample(*row, i, bits), 4);
}

static void convert_palette(const Pixels *pixels, const u8 *row, u8 *to) {
  switch (pixels->layout.bits) {
    case 1: look_up(pixels, row, to, 1); return;
    case 2: look_up(pixels, row, to, 2); return;
    case 4: look_up(pixels, row, to, 4); return;
    default: look_up(pixels, row, to, 8); return;
  }
}

static inline void scale_up(const Pixels *pixels, const u8 *row, u8 *to, u32 bits) {
  u32 per_byte = 8 / bits, step = 255 / ((1u << bits) - 1), width = pixels->layout.width;
  for (u32 x = 0; x < width; x += per_byte, row++)
    for (u32 i = 0; i < per_byte; i++) *to++ = (u8)(sample(*row, i, bits) * step);
}

/* value / 257, rounded, for big-endian values of 16 bits. */
static void scale_down(const Pixels *pixels, const u8 *row, u8 *to) {
  for (u32 x = 0; x < pixels->layout.width; x += 8) {
    v128_t swapped = wasm_v128_load(row + 2 * x);
    v128_t value = wasm_v128_or(wasm_i16x8_shl(swapped, 8), wasm_u16x8_shr(swapped, 8));
    /* sum / 257 equals (sum - sum / 256) / 256 for all sums; a saturated one gives 255 as well. */
    v128_t sum = wasm_u16x8_add_sat(value, wasm_i16x8_splat(128));
    value = wasm_u16x8_shr(wasm_i16x8_sub(sum, wasm_u16x8_shr(sum, 8)), 8);
    wasm_v128_store64_lane(to + x, wasm_u8x16_narrow_i16x8(value, value), 0);
  }
}

/* Grey of up to 16 bits: scaled to 8. */
static void convert_grey(const Pixels *pixels, const u8 *row, u8 *to) {
  switch (pixels->layout.bits) {
    case 1: scale_up(pixels, row, to, 1); return;
    case 2: scale_up(pixels, row, to, 2); return;
    case 4: scale_up(pixels, row, to, 4); return;
    case 8: __builtin_memcpy(to, row, pixels->layout.width); return;
    default: scale_down(pixels, row, to); return;
  }
}

/* Grey with a transparent grey: the samples are compared as they are in the file. */
static void convert_keyed_grey(const Pixels *pixels, const u8 *row, u8 *to) {
  u32 bits = pixels->layout.bits;
  /* Behind the converted row, which is twice as long. */
  u8 *grey = to + 2 * pixels->layout.width;
  convert_grey(pixels, row, grey);
  for (u32 x = 0; x < pixels->layout.width; x++) {
    u32 value = bits == 16 ? (u32)(row[2 * x] << 8 | row[2 * x + 1]) : grey[x];
    u8 alpha = value == pixels->key[0] ? 0 : 255;
    u8 shown = grey[x] & alpha;
    to[2 * x] = shown;
    to[2 * x + 1] = alpha;
  }
}

/* Of colours of 16 bits the high bytes, as in Pillow. */
static void take_high_bytes(const u8 *row, u8 *to, u32 samples) {
  for (u32 at = 0; at < samples; at += 16) {
    v128_t first = wasm_v128_load(row + 2 * at), second = wasm_v128_load(row + 2 * at + 16);
    wasm_v128_store(to + at, wasm_i8x16_shuffle(first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20,
                                                22, 24, 26, 28, 30));
  }
}

static void convert_keyed_colour(const Pixels *pixels, const u8 *row, u8 *to) {
  u32 step = pixels->layout.bits / 8;
  const u32 *key = pixels->key;
  for (u32 x = 0; x < pixels->layout.width; x++, row += 3 * step) {
    u8 red = row[0], green = row[step], blue = row[2 * step];
    u8 alpha = red == key[0] && green == key[1] && blue == key[2] ? 0 : 255;
    u8 pixel[4] = {red & alpha, green & alpha, blue & alpha, alpha};
    __builtin_memcpy(to + 4 * x, pixel, 4);
  }
}

/* Grey with alpha of 16 bits becomes RGBA, as in Pillow. */
static void premultiply_deep_grey(const Pixels *pixels, const u8 *row, u8 *to) {
  for (u32 x = 0; x < pixels->layout.width; x++, row += 4, to += 4) {
    u8 alpha = row[2];
    to[0] = to[1] = to[2] = times(row[0], alpha);
    to[3] = alpha;
  }
}

static void premultiply_grey(const Pixels *pixels, const u8 *row, u8 *to) {
  for (u32 x = 0; x < pixels->layout.width; x++, row += 2, to += 2) {
    to[0] = times(row[0], row[1]);
    to[1] = row[1];
  }
}

/* Four samples of 16 bits times their alpha: as `times`. */
static inline v128_t times_alpha(v128_t samples, v128_t alphas) {
  v128_t product = wasm_i16x8_add(wasm_i16x8_mul(samples, alphas), wasm_i16x8_splat(128));
  return wasm_u16x8_shr(wasm_i16x8_add(product, wasm_u16x8_shr(product, 8)), 8);
}

/* RGBA of 8 bits, four pixels at a time: alpha itself is multiplied by 255. */
static void premultiply_colour(const Pixels *pixels, const u8 *row, u8 *to) {
  const v128_t alpha_only = wasm_i32x4_splat((i32)0xFF000000);
  const v128_t last_of_four = wasm_i8x16_make(3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
  for (u32 at = 0; at < 4 * pixels->layout.width; at += 16) {
    v128_t four = wasm_v128_load(row + at);
    if (!wasm_v128_any_true(wasm_v128_andnot(alpha_only, four))) {
      wasm_v128_store(to + at, four);
      continue;
    }
    v128_t alphas = wasm_i8x16_swizzle(four, last_of_four), by = wasm_v128_or(alphas, alpha_only);
    v128_t low = times_alpha(wasm_u16x8_extend_low_u8x16(four), wasm_u16x8_extend_low_u8x16(by));
    v128_t high = times_alpha(wasm_u16x8_extend_high_u8x16(four), wasm_u16x8_extend_high_u8x16(by));
    wasm_v128_store(to + at, wasm_u8x16_narrow_i16x8(low, high));
  }
}

/* Converts a row; returns `to`, or the row itself if it is converted already. */
const u8 *convert(const Pixels *pixels, const u8 *row, u8 *to) {
  const Layout *layout = &pixels->layout;
  u32 is_plain = layout->bits == 8 && !layout->has_alpha;
  switch (layout->colour) {
    case PALETTE: convert_palette(pixels, row, to); return to;
    case GREY:
      if (is_plain) return row;
      if (layout->has_alpha) convert_keyed_grey(pixels, row, to);
      else convert_grey(pixels, row, to);
      return to;
    case COLOUR:
      if (is_plain) return row;
      if (layout->has_alpha) convert_keyed_colour(pixels, row, to);
      else take_high_bytes(row, to, 3 * layout->width);
      return to;
    case COLOUR_ALPHA:
      if (layout->bits == 16) take_high_bytes(row, to, 4 * layout->width);
      premultiply_colour(pixels, layout->bits == 16 ? to : row, to);
      return to;
  }
  if (layout->bits == 16) premultiply_deep_grey(pixels, row, to);
  else premultiply_grey(pixels, row, to);
  return to;
}
