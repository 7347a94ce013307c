/* Pixels to planes: YCbCr by T.871, clause 7, and chroma averaged over two by two pixels. */
#include <wasm_simd128.h>

#include "encoder.h"

enum {
  PIXEL = 4,      /* bytes of a pixel: R, G, B, and one that is ignored */
  GROUP = 16,     /* pixels converted together */
  FRACTION = 15,  /* fraction bits of a weight */
};

/* Weights of R, G and B, and the level of no colour, in fractions of 2^15. */
typedef struct {
  i16 red, green, blue;
  i32 level;
} Weights;

static const Weights weights_of[MAX_WRITTEN] = {
    {9798, 19235, 3735, 0},
    {-5529, -10855, 16384, 128 << FRACTION},
    {16384, -13720, -2664, 128 << FRACTION},
};

/* Four weighed sums of four pixels, two in each vector; `scale` is the binary logarithm of the
 * pixels that were added up in each. */
static INLINE v128_t weigh_4(v128_t first, v128_t second, const Weights *weights, u32 scale) {
  v128_t each = wasm_i16x8_make(weights->red, weights->green, weights->blue, 0, weights->red,
                                weights->green, weights->blue, 0);
  v128_t a = wasm_i32x4_dot_i16x8(first, each), b = wasm_i32x4_dot_i16x8(second, each);
  v128_t sums = wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6),
                               wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
  i32 level = (weights->level << scale) + (1 << (FRACTION + scale - 1));
  return wasm_i32x4_shr(wasm_i32x4_add(sums, wasm_i32x4_splat(level)), FRACTION + scale);
}

static INLINE v128_t weigh_4_pixels(const u8 *from, const Weights *weights) {
  v128_t four = wasm_v128_load(from);
  return weigh_4(wasm_u16x8_extend_low_u8x16(four), wasm_u16x8_extend_high_u8x16(four), weights, 0);
}

/* One component of sixteen pixels. */
static INLINE v128_t weigh_row(const u8 *from, const Weights *weights) {
  v128_t v[4];
  for (u32 i = 0; i < 4; i++) v[i] = weigh_4_pixels(from + 16 * i, weights);
  return wasm_u8x16_narrow_i16x8(wasm_i16x8_narrow_i32x4(v[0], v[1]),
                                 wasm_i16x8_narrow_i32x4(v[2], v[3]));
}

/* Sums of two by two pixels: two results of four pixels in each row. */
static INLINE v128_t add_squares(const u8 *upper, const u8 *lower) {
  v128_t u = wasm_v128_load(upper), l = wasm_v128_load(lower);
  v128_t left = wasm_i16x8_add(wasm_u16x8_extend_low_u8x16(u), wasm_u16x8_extend_low_u8x16(l));
  v128_t right = wasm_i16x8_add(wasm_u16x8_extend_high_u8x16(u), wasm_u16x8_extend_high_u8x16(l));
  return wasm_i16x8_add(wasm_i64x2_shuffle(left, right, 0, 2),
                        wasm_i64x2_shuffle(left, right, 1, 3));
}

/* One component of sixteen by two pixels at half the width and height: eight samples. */
static INLINE v128_t weigh_squares(const u8 *upper, const u8 *lower, const Weights *weights) {
  v128_t sums[4];
  for (u32 i = 0; i < 4; i++) sums[i] = add_squares(upper + 16 * i, lower + 16 * i);
  v128_t low = weigh_4(sums[0], sums[1], weights, 2), high = weigh_4(sums[2], sums[3], weights, 2);
  v128_t eight = wasm_i16x8_narrow_i32x4(low, high);
  return wasm_u8x16_narrow_i16x8(eight, eight);
}

/* The pixels of a group at the right edge, the last one repeated. */
static const u8 *copy_edge(const u8 *from, u32 pixels, u8 *to) {
  for (u32 i = 0; i < GROUP; i++)
    __builtin_memcpy(to + PIXEL * i, from + (size_t)PIXEL * (i < pixels ? i : pixels - 1), PIXEL);
  return to;
}

static void convert_row(const u8 *from, u32 width, const Weights *weights, u8 *to) {
  u8 edge[GROUP * PIXEL], last[GROUP];
  u32 x = 0;
  for (; x + GROUP <= width; x += GROUP)
    wasm_v128_store(to + x, weigh_row(from + (size_t)PIXEL * x, weights));
  if (x == width) return;
  copy_edge(from + (size_t)PIXEL * x, width - x, edge);
  wasm_v128_store(last, weigh_row(edge, weights));
  __builtin_memcpy(to + x, last, width - x);
}

static void convert_rows(const u8 *upper, const u8 *lower, u32 width, const Weights *weights,
                         u8 *to) {
  u8 edges[2][GROUP * PIXEL], last[GROUP];
  u32 x = 0;
  for (; x + GROUP <= width; x += GROUP)
    wasm_v128_store64_lane(
        to + x / 2,
        weigh_squares(upper + (size_t)PIXEL * x, lower + (size_t)PIXEL * x, weights), 0);
  if (x == width) return;
  copy_edge(upper + (size_t)PIXEL * x, width - x, edges[0]);
  copy_edge(lower + (size_t)PIXEL * x, width - x, edges[1]);
  wasm_v128_store(last, weigh_squares(edges[0], edges[1], weights));
  __builtin_memcpy(to + x / 2, last, divide_up(width - x, 2));
}

/* One row of chroma at half the height for each two rows of pixels; the last may stand alone. */
static void halve_band(const Raster *raster, u32 component, const u8 *from, u32 first, u32 rows) {
  size_t stride = (size_t)PIXEL * raster->width;
  u32 across = samples_across(raster, component);
  u8 *to = raster->plane[component] + (size_t)(first / 2) * across;
  for (u32 y = 0; y < rows; y += 2, to += across) {
    const u8 *upper = from + y * stride, *lower = y + 1 < rows ? upper + stride : upper;
    convert_rows(upper, lower, raster->width, &weights_of[component], to);
  }
}

void add_pixels(const Raster *raster, const u8 *from, u32 first, u32 rows) {
  size_t stride = (size_t)PIXEL * raster->width;
  for (u32 i = 0; i < raster->components; i++) {
    if (i && raster->max_v == 2) {
      halve_band(raster, i, from, first, rows);
      continue;
    }
    u8 *to = raster->plane[i] + (size_t)first * raster->width;
    for (u32 y = 0; y < rows; y++)
      convert_row(from + y * stride, raster->width, &weights_of[i], to + (size_t)y * raster->width);
  }
}
