/* Resampling of planes of bytes by a Lanczos filter, in fixed point.
 *
 * A plane is resampled down its columns first, then across its rows, four rows of the result at a time.
 * Rows of the source are held in pairs, the samples of both interleaved, so that one instruction
 * multiplies the samples of two rows with their weights and adds them. Only the pairs that four rows of
 * the result need are held.
 */
#ifndef RESAMPLE_H
#define RESAMPLE_H

#include <wasm_simd128.h>

#include "jpeg.h"

enum {
  WEIGHT = 14, /* fraction bits of a weight */
  RESULT = 6,  /* fraction bits of a resampled sample */
  LANES = 8,   /* samples of 16 bits in a vector */
  ROWS = 4,    /* rows of the result made together */
};

/* For each of `count` results the first pair of samples used, and the weights of `pairs` pairs whose
 * sum is 1: two weights in each word, `stride` words for a result. An incomplete last group of four
 * results is filled with copies of the last one. */
typedef struct {
  u32 *weights, *first;
  u32 pairs, stride, count, samples;
} Axis;

/* A plane of samples on its way to the result. Columns and rows count from the start of the source. */
typedef struct {
  Axis across, down;
  u32 begin, end;  /* the columns used; `begin` is even */
  u8 *held;        /* the last `capacity` pairs of rows, each `pair_bytes` long */
  u32 capacity, pair_bytes;
  u32 next;        /* the next pair of rows to be held */
  i16 *sums;       /* down the columns: some columns of four rows */
  i16 *columns;    /* the same of all columns, two neighbours of each row side by side */
  i16 *results;    /* four rows of the result, the four of a column side by side */
  i16 *lines;      /* four rows of the result, `line` samples apart */
  u32 line;
} Plane;

/* The result's size, and the size of the part that it shows as a multiple of the box. */
typedef struct {
  u32 width, height;
  double right, bottom;
  int is_doubled; /* subsampled chroma is doubled first, as libjpeg does before it shows it */
} Extent;

/* lanczos.c: maps `length` samples from `start`, out of `samples`, to `count` results. Of samples that
 * each stand for two, twice as many are made before: `is_doubled`. */
Status make_axis(Axis *axis, double start, double length, u32 samples, u32 count, int is_doubled);

/* draw.c: the axes of a component's plane. */
Status make_plane_axes(const Image *image, const Component *c, const Box *box, const Extent *extent,
                       Axis *across, Axis *down);

/* draw_rgb.c */
int is_shown_as_rgb(const Image *image);
Status resample_rgb(const Image *image, const Box *box, u32 width, u32 height, u8 *pixels);

/* resample.c */
Status make_plane(Plane *plane, const Axis *across, const Axis *down);
u8 *pair_to_hold(Plane *plane);
void hold_rows(Plane *plane, const u8 *upper, const u8 *lower);
u32 pairs_before(const Plane *plane, u32 y);
void resample_rows(Plane *plane, u32 y);

/* One result row of a plane as made by `resample_rows`. */
static inline const i16 *result_row(const Plane *plane, u32 row) {
  return plane->lines + (size_t)(row % ROWS) * plane->line;
}

/* Rounds eight samples of RESULT fraction bits to bytes, in the lower half of the vector. */
static inline v128_t round_to_bytes(v128_t values) {
  v128_t rounded = wasm_i16x8_add_sat(values, wasm_i16x8_splat(1 << (RESULT - 1)));
  rounded = wasm_i16x8_shr(rounded, RESULT);
  return wasm_u8x16_narrow_i16x8(rounded, rounded);
}

/* The narrow range of a sample, as video and WebP have it: ITU-R BT.601, 2.5.3. Black and white are 16
 * and 235, chroma lies 112 around 128. Values beyond the full range stay beyond the narrow one. */
typedef enum { LUMA_RANGE, CHROMA_RANGE } Range;

/* Eight samples of RESULT fraction bits from the full range to the narrow one. */
static inline v128_t narrow_range(v128_t values, Range range) {
  double factor = range == LUMA_RANGE ? 219 / 255.0 : 224 / 255.0;
  double black = range == LUMA_RANGE ? 16 : 128 - 128 * 224 / 255.0;
  v128_t scaled = wasm_i16x8_q15mulr_sat(values, wasm_i16x8_splat((i16)(factor * 32768 + 0.5)));
  return wasm_i16x8_add_sat(scaled, wasm_i16x8_splat((i16)(black * (1 << RESULT) + 0.5)));
}

/* Writes eight pixels of four bytes from the lower halves of four vectors. */
static inline void store_pixels(v128_t a, v128_t b, v128_t c, v128_t d, u8 *to) {
  v128_t ab = wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128_t cd = wasm_i8x16_shuffle(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  wasm_v128_store(to, wasm_i16x8_shuffle(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11));
  wasm_v128_store(to + 16, wasm_i16x8_shuffle(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15));
}

#endif
