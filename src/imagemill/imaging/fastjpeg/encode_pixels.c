/* Pixels to planes: YCbCr by T.871, clause 7, and chroma averaged over two by two pixels. */
#include <wasm_simd128.h>

#include "encoder.h"

enum {
  PIXEL = 4,    /* bytes of a pixel: R, G, B, and one that is ignored */
  GROUP = 16,   /* pixels of a row converted together */
  SCALE = 7,    /* fraction bits of a weighed sum: 255 still fits into 16 bits */
  OF_FOUR = 2,  /* binary logarithm of the pixels in a sum of two by two */
};

/* Eight pixels, or sums of pixels: a colour in 16 bits of each lane. */
typedef struct {
  v128_t red, green, blue;
} Eight;

/* Weights of R, G and B in fractions of 2^15, and the level of no colour. */
typedef struct {
  i16 red, green, blue, level;
} Weights;

static const Weights weights_of[MAX_WRITTEN] = {
    {9798, 19235, 3735, 0}, {-5529, -10855, 16384, 128}, {16384, -13720, -2664, 128}};

/* Red and green, or blue and the ignored byte, of eight pixels, each in one half of the vector. */
#define RED_GREEN(a, b) \
  wasm_i8x16_shuffle(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29)
#define BLUE(a, b) wasm_i8x16_shuffle(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31)

static INLINE Eight load_8(const u8 *from) {
  v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + 16), both = RED_GREEN(a, b);
  return (Eight){wasm_u16x8_extend_low_u8x16(both), wasm_u16x8_extend_high_u8x16(both),
                 wasm_u16x8_extend_low_u8x16(BLUE(a, b))};
}

static INLINE v128_t weigh_1(v128_t colour, i16 weight, u32 shift) {
  return wasm_i16x8_q15mulr_sat(wasm_i16x8_shl(colour, shift), wasm_i16x8_splat(weight));
}

/* One component of eight pixels, or of eight sums of 2^`scale` pixels. */
static INLINE v128_t weigh(const Eight *of, const Weights *weights, u32 scale) {
  u32 shift = SCALE - scale;
  v128_t sum = wasm_i16x8_splat((i16)((weights->level << SCALE) + (1 << (SCALE - 1))));
  sum = wasm_i16x8_add(sum, weigh_1(of->red, weights->red, shift));
  sum = wasm_i16x8_add(sum, weigh_1(of->green, weights->green, shift));
  sum = wasm_i16x8_add(sum, weigh_1(of->blue, weights->blue, shift));
  return wasm_u16x8_shr(sum, SCALE);
}

static INLINE v128_t add_pairs(v128_t first, v128_t second) {
  v128_t ones = wasm_i16x8_splat(1);
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_dot_i16x8(first, ones),
                                 wasm_i32x4_dot_i16x8(second, ones));
}

/* The sums of two by two pixels, of sixteen in each of two rows. */
static INLINE Eight add_squares(const Eight *upper, const Eight *lower) {
  return (Eight){add_pairs(wasm_i16x8_add(upper[0].red, lower[0].red),
                           wasm_i16x8_add(upper[1].red, lower[1].red)),
                 add_pairs(wasm_i16x8_add(upper[0].green, lower[0].green),
                           wasm_i16x8_add(upper[1].green, lower[1].green)),
                 add_pairs(wasm_i16x8_add(upper[0].blue, lower[0].blue),
                           wasm_i16x8_add(upper[1].blue, lower[1].blue))};
}

/* Stores the first `count` of sixteen samples. */
static INLINE void store(u8 *to, v128_t samples, u32 count) {
  u8 all[GROUP];
  if (count == GROUP) wasm_v128_store(to, samples);
  else if (count == GROUP / 2) wasm_v128_store64_lane(to, samples, 0);
  else {
    wasm_v128_store(all, samples);
    for (u32 i = 0; i < count; i++) to[i] = all[i];
  }
}

static INLINE void store_component(u8 *to, const Eight *pixels, u32 component, u32 count) {
  const Weights *weights = &weights_of[component];
  v128_t left = weigh(&pixels[0], weights, 0), right = weigh(&pixels[1], weights, 0);
  store(to, wasm_u8x16_narrow_i16x8(left, right), count);
}

static INLINE void store_halved(u8 *to, const Eight *sums, u32 component, u32 count) {
  v128_t eight = weigh(sums, &weights_of[component], OF_FOUR);
  store(to, wasm_u8x16_narrow_i16x8(eight, eight), count);
}

/* Loads sixteen pixels; at the right edge the last of `count` is repeated. */
static INLINE void load_16(const u8 *from, u32 count, Eight *to) {
  u8 edge[GROUP * PIXEL];
  for (u32 i = 0; count < GROUP && i < GROUP; i++)
    __builtin_memcpy(edge + PIXEL * i, from + PIXEL * (i < count ? i : count - 1), PIXEL);
  const u8 *at = count < GROUP ? edge : from;
  to[0] = load_8(at);
  to[1] = load_8(at + 8 * PIXEL);
}

static void convert_row(const Raster *raster, const u8 *from, u32 y) {
  size_t row = (size_t)y * raster->width;
  for (u32 x = 0; x < raster->width; x += GROUP) {
    Eight pixels[2];
    u32 count = raster->width - x < GROUP ? raster->width - x : GROUP;
    load_16(from + (size_t)PIXEL * x, count, pixels);
    for (u32 i = 0; i < MAX_WRITTEN; i++)
      store_component(raster->plane[i] + row + x, pixels, i, count);
  }
}

/* Two rows, chroma halved; they are the same row if the last stands alone. */
static void convert_rows(const Raster *raster, const u8 *upper, const u8 *lower, u32 y) {
  size_t row = (size_t)y * raster->width, half_row = (size_t)(y / 2) * samples_across(raster, 1);
  for (u32 x = 0; x < raster->width; x += GROUP) {
    Eight above[2], below[2];
    u32 count = raster->width - x < GROUP ? raster->width - x : GROUP;
    load_16(upper + (size_t)PIXEL * x, count, above);
    load_16(lower + (size_t)PIXEL * x, count, below);
    store_component(raster->plane[0] + row + x, above, 0, count);
    if (lower != upper)
      store_component(raster->plane[0] + row + raster->width + x, below, 0, count);
    Eight sums = add_squares(above, below);
    u32 half = count == GROUP ? 8 : divide_up(count, 2);
    store_halved(raster->plane[1] + half_row + x / 2, &sums, 1, half);
    store_halved(raster->plane[2] + half_row + x / 2, &sums, 2, half);
  }
}

void add_pixels(const Raster *raster, const u8 *from, u32 first, u32 rows) {
  size_t stride = (size_t)PIXEL * raster->width;
  for (u32 y = 0; y < rows; y += raster->max_v) {
    const u8 *row = from + y * stride;
    if (raster->max_v == 1) convert_row(raster, row, first + y);
    else convert_rows(raster, row, y + 1 < rows ? row + stride : row, first + y);
  }
}
