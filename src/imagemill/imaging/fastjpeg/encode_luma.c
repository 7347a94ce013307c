/* Luma that keeps the luminance of each pixel, although its chroma is shared with its neighbours.
 *
 * A decoder interpolates halved chroma, so at the edges of colours each pixel gets a little of the
 * colour beside it. Luma is the same, but luminance is not: it grows faster than the samples do. It is
 * taken here as the weighed sum of the squares of red, green and blue, and luma is changed by the
 * difference divided by the sum's slope.
 */
#include <wasm_simd128.h>

#include "encoder.h"

enum {
  PIXEL = 4,  /* bytes of a pixel: R, G, B, and one that is ignored */
  GROUP = 4,  /* pixels of a row that are changed together */
  LANES = 8,  /* samples of a row that are interpolated together */
  PARTS = 16, /* unit of interpolated chroma: 1/16 of a level */
};

/* T.871, clause 7: weights of red, green and blue in luma; chroma per unit of colour minus luma. */
#define RED 0.299f
#define GREEN 0.587f
#define BLUE 0.114f
#define PER_RED (0.5f / (1 - RED))
#define PER_BLUE (0.5f / (1 - BLUE))
#define LEVEL (128 * PARTS)

/* Darker pixels are treated as this bright: their slope is so small that the change would be large. */
#define LEAST_LUMA 16.0f

#define F(x) wasm_f32x4_splat(x)
#define MUL wasm_f32x4_mul

/* Interpolated chroma of one row, and a row between two rows of samples, from its second value on. */
static u16 *interpolated[2], *between;

int reserve_luma_rows(u32 width) {
  size_t bytes = (width + 4 * LANES) * sizeof(u16);
  interpolated[0] = allocate(bytes);
  interpolated[1] = allocate(bytes);
  return (between = allocate(bytes)) && interpolated[0] && interpolated[1];
}

static INLINE v128_t tripled(v128_t a) { return wasm_i16x8_add(a, wasm_i16x8_shl(a, 1)); }

/* Weighs two rows of samples: the first counts three times. */
static void blend_rows(const u8 *near, const u8 *far, u32 count) {
  for (u32 i = 0; i < count; i += LANES)
    wasm_v128_store(between + 1 + i, wasm_i16x8_add(tripled(wasm_u16x8_load8x8(near + i)),
                                                    wasm_u16x8_load8x8(far + i)));
  between[0] = between[1];
  between[count + 1] = between[count];
}

/* The nearer of two samples counts three times: in both directions, as decoders do. */
static void interpolate(const Raster *raster, u32 component, u32 y, u16 *to) {
  u32 across = samples_across(raster, component), down = samples_down(raster, component);
  u32 near = y / 2, far = y & 1 ? near + 1 : near - (near > 0);
  const u8 *plane = raster->plane[component];
  blend_rows(plane + (size_t)near * across, plane + (size_t)(far < down ? far : near) * across,
             across);
  for (u32 i = 0; i < across; i += LANES) {
    v128_t own = tripled(wasm_v128_load(between + 1 + i));
    v128_t even = wasm_i16x8_add(own, wasm_v128_load(between + i));
    v128_t odd = wasm_i16x8_add(own, wasm_v128_load(between + 2 + i));
    wasm_v128_store(to + 2 * i, wasm_i16x8_shuffle(even, odd, 0, 8, 1, 9, 2, 10, 3, 11));
    wasm_v128_store(to + 2 * i + LANES, wasm_i16x8_shuffle(even, odd, 4, 12, 5, 13, 6, 14, 7, 15));
  }
}

/* One of four bytes of each pixel. */
static INLINE v128_t colour(v128_t pixels, u32 shift) {
  v128_t bytes = wasm_v128_and(wasm_u32x4_shr(pixels, shift), wasm_i32x4_splat(255));
  return wasm_f32x4_convert_i32x4(bytes);
}

/* Decoded colour minus luma, of four pixels. */
static INLINE v128_t difference(const u16 *chroma, f32 per_colour) {
  v128_t level = wasm_i32x4_sub(wasm_u32x4_load16x4(chroma), wasm_i32x4_splat(LEVEL));
  return MUL(wasm_f32x4_convert_i32x4(level), F(1 / (PARTS * per_colour)));
}

/* A colour's part of the excess of half the luminance, if it is off by so much. */
static INLINE v128_t excess(v128_t of, v128_t off, f32 weight) {
  return MUL(MUL(F(weight), off), wasm_f32x4_add(of, MUL(off, F(0.5f))));
}

/* The luma of four pixels whose decoded chroma will be `cb` and `cr`, in the lowest bytes. */
static INLINE v128_t luma_of(v128_t pixels, const u16 *cb, const u16 *cr) {
  v128_t red = colour(pixels, 0), green = colour(pixels, 8), blue = colour(pixels, 16);
  v128_t luma = wasm_f32x4_add(MUL(F(RED), red),
                               wasm_f32x4_add(MUL(F(GREEN), green), MUL(F(BLUE), blue)));
  v128_t off_red = wasm_f32x4_sub(difference(cr, PER_RED), wasm_f32x4_sub(red, luma));
  v128_t off_blue = wasm_f32x4_sub(difference(cb, PER_BLUE), wasm_f32x4_sub(blue, luma));
  v128_t off_green = wasm_f32x4_add(MUL(F(-RED / GREEN), off_red), MUL(F(-BLUE / GREEN), off_blue));
  v128_t all = wasm_f32x4_add(excess(red, off_red, RED),
                              wasm_f32x4_add(excess(green, off_green, GREEN),
                                             excess(blue, off_blue, BLUE)));
  v128_t change = wasm_f32x4_div(all, wasm_f32x4_max(luma, F(LEAST_LUMA)));
  v128_t made = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_sub(wasm_f32x4_add(luma, F(0.5f)), change));
  v128_t words = wasm_i16x8_narrow_i32x4(made, made);
  return wasm_u8x16_narrow_i16x8(words, words);
}

void correct_luma(const Raster *raster, const u8 *from, u32 first, u32 rows) {
  u32 width = raster->width;
  for (u32 y = first; y < first + rows; y++, from += (size_t)PIXEL * width) {
    u8 *row = raster->plane[0] + (size_t)y * width;
    for (u32 i = 0; i < 2; i++) interpolate(raster, i + 1, y, interpolated[i]);
    for (u32 x = 0; x < width; x += GROUP) {
      v128_t luma = luma_of(wasm_v128_load(from + (size_t)PIXEL * x), interpolated[0] + x,
                            interpolated[1] + x);
      u32 four = (u32)wasm_i32x4_extract_lane(luma, 0);
      __builtin_memcpy(row + x, &four, width - x < GROUP ? width - x : GROUP);
    }
  }
}
