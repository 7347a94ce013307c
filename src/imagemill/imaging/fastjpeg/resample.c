/* Resizes the planes to one small image: Lanczos in fixed point, then RGB by T.871. */
#include <wasm_simd128.h>

#include "jpeg.h"

enum {
  LOBES = 3,
  WEIGHT = 14,   /* fraction bits of a weight */
  BETWEEN = 6,   /* fraction bits of a sample after the vertical pass */
  RESULT = 6,    /* fraction bits of a sample after the horizontal pass */
  LANES = 8,
  GROUP = 4,     /* results computed together */
};

/* For each of `count` results the first sample used, and `taps` weights whose sum is 1. An incomplete
 * last group of results is filled with copies of the last one. */
typedef struct {
  i16 *weights;
  u32 *first;
  u32 taps, count, samples;
} Axis;

/* Two rows of samples, with their weights in the two halves of every lane. */
typedef struct {
  const u8 *upper, *lower;
  i32 weights;
} Pair;

typedef struct {
  const Component *component;
  Axis across, down;
  u32 begin, end; /* the columns used */
  Pair *pairs;
  i16 *column_sums;
  i16 *line;
} Plane;

/* sin(πx) by the Taylor series about the nearest integer; accurate to 2^-20 in the range used here. */
static float sin_pi(float x) {
  i32 nearest = (i32)(x < 0 ? x - 0.5f : x + 0.5f);
  float angle = (x - (float)nearest) * 3.14159265f, z = angle * angle;
  float series = 2.7557319e-6f;
  series = -1.9841270e-4f + z * series;
  series = 8.3333333e-3f + z * series;
  series = -0.16666667f + z * series;
  series = angle * (1 + z * series);
  return nearest & 1 ? -series : series;
}

/* sin(πx) sin(πx / 3) / (πx)² · 3, where sin(πx) is 3 s - 4 s³ of s = sin(πx / 3). */
static float lanczos(float x) {
  if (x < 0) x = -x;
  if (x >= LOBES) return 0;
  if (x < 1e-4f) return 1;
  float s = sin_pi(x * (1.0f / LOBES)), z = s * s;
  return z * (3 - 4 * z) * LOBES / (9.8696044f * x * x);
}

/* Rounds weights to a sum of exactly 1; the largest takes the rounding error. */
static void round_weights(const float *weights, float sum, u32 taps, i16 *rounded) {
  float scale = (1 << WEIGHT) / sum;
  i32 left = 1 << WEIGHT;
  u32 largest = 0;
  for (u32 i = 0; i < taps; i++) {
    float exact = weights[i] * scale;
    rounded[i] = (i16)(exact < 0 ? exact - 0.5f : exact + 0.5f);
    left -= rounded[i];
    if (rounded[i] > rounded[largest]) largest = i;
  }
  rounded[largest] = (i16)(rounded[largest] + left);
}

static void weigh(Axis *axis, u32 index, float centre, float stretch, float *exact) {
  float reach = LOBES * stretch, shrink = 1 / stretch, sum = 0;
  i32 first = (i32)(centre - reach - 0.5f);
  if (first < 0) first = 0;
  if (first > (i32)axis->samples - 1) first = (i32)axis->samples - 1;
  for (u32 i = 0; i < axis->taps; i++) {
    i32 at = first + (i32)i;
    float distance = ((float)at + 0.5f - centre) * shrink;
    exact[i] = at < (i32)axis->samples ? lanczos(distance) : 0;
    sum += exact[i];
  }
  axis->first[index] = (u32)first;
  round_weights(exact, sum, axis->taps, axis->weights + (size_t)index * axis->taps);
}

/* Maps `length` samples from `start`, out of `samples`, to `count` results. */
static Status make_axis(Axis *axis, float start, float length, u32 samples, u32 count) {
  float step = length / (float)count, stretch = step > 1 ? step : 1;
  u32 taps = ((u32)(2 * LOBES * stretch) + 2 + LANES - 1) / LANES * LANES;
  u32 groups = divide_up(count, GROUP);
  i16 *weights = allocate((size_t)groups * GROUP * taps * sizeof *weights);
  u32 *first = allocate((size_t)groups * GROUP * sizeof *first);
  float *exact = allocate(taps * sizeof *exact);
  if (!weights || !first || !exact) return NO_MEMORY;
  *axis = (Axis){weights, first, taps, count, samples};
  for (u32 i = 0; i < groups * GROUP; i++)
    weigh(axis, i, start + ((float)(i < count ? i : count - 1) + 0.5f) * step, stretch, exact);
  return OK;
}

/* Samples of the plane per px of the image: its own sampling, and what was kept of each block. */
static Status make_axes_beyond(Plane *plane, const Image *image, const Box *box, u32 width, u32 height,
                               float beyond_right, float beyond_bottom) {
  const Component *c = plane->component;
  float across = (float)(c->h * c->kept) / (float)(BLOCK_SIDE * image->max_h);
  float down = (float)(c->v * c->kept) / (float)(BLOCK_SIDE * image->max_v);
  u32 columns = divide_up(image->width * c->h * c->kept, BLOCK_SIDE * image->max_h);
  u32 rows = divide_up(image->height * c->v * c->kept, BLOCK_SIDE * image->max_v);
  TRY(make_axis(&plane->across, (float)box->left * across,
                (float)(box->right - box->left) * across * beyond_right, columns, width));
  return make_axis(&plane->down, (float)box->top * down,
                   (float)(box->bottom - box->top) * down * beyond_bottom, rows, height);
}

static Status make_axes(Plane *plane, const Image *image, const Box *box, u32 width, u32 height) {
  return make_axes_beyond(plane, image, box, width, height, 1, 1);
}

static int are_alike(const Component *a, const Component *b) {
  return a->h == b->h && a->v == b->v && a->kept == b->kept;
}

/* Planes of equal size, such as the two of chroma, share their axes. */
static Status make_plane(Plane *plane, const Image *image, u32 index, const Box *box, u32 width,
                         u32 height) {
  const Component *c = plane->component = &image->component[index];
  if (index && are_alike(c, c - 1)) {
    plane->across = plane[-1].across;
    plane->down = plane[-1].down;
  } else {
    TRY(make_axes(plane, image, box, width, height));
  }
  plane->begin = plane->across.first[0];
  plane->end = plane->across.first[width - 1] + plane->across.taps;
  if (plane->end > plane->across.samples) plane->end = plane->across.samples;
  size_t sums = plane->across.samples + plane->across.taps + 2 * LANES;
  plane->column_sums = allocate(sums * sizeof(i16));
  plane->line = allocate((width + LANES) * sizeof(i16));
  plane->pairs = allocate(plane->down.taps / 2 * sizeof(Pair));
  if (!plane->column_sums || !plane->line || !plane->pairs) return NO_MEMORY;
  __builtin_memset(plane->column_sums, 0, sums * sizeof(i16));
  return OK;
}

static inline v128_t add_products(v128_t sum, v128_t samples, v128_t weights) {
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(samples, weights));
}

/* Adds 16 columns of two rows, times their weights, to `sums`. */
static inline void add_rows(const u8 *upper, const u8 *lower, v128_t weights, v128_t *sums) {
  v128_t u = wasm_v128_load(upper), l = wasm_v128_load(lower);
  v128_t left = wasm_i8x16_shuffle(u, l, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128_t right =
      wasm_i8x16_shuffle(u, l, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  sums[0] = add_products(sums[0], wasm_u16x8_extend_low_u8x16(left), weights);
  sums[1] = add_products(sums[1], wasm_u16x8_extend_high_u8x16(left), weights);
  sums[2] = add_products(sums[2], wasm_u16x8_extend_low_u8x16(right), weights);
  sums[3] = add_products(sums[3], wasm_u16x8_extend_high_u8x16(right), weights);
}

static u32 taps_that_count(const i16 *weights, u32 taps) {
  while (taps > 2 && !weights[taps - 1] && !weights[taps - 2]) taps -= 2;
  return taps;
}

static const u8 *row_of(const Plane *plane, u32 row) {
  u32 last = plane->down.samples - 1;
  return plane->component->samples + (size_t)(row < last ? row : last) * plane->component->stride;
}

/* Finds the source rows of one result row; returns the number of pairs. */
static u32 find_pairs(const Plane *plane, u32 y) {
  const i16 *weights = plane->down.weights + (size_t)y * plane->down.taps;
  u32 first = plane->down.first[y], taps = taps_that_count(weights, plane->down.taps);
  for (u32 i = 0; i < taps; i += 2) {
    i32 both = (i32)((u16)weights[i] | (u32)(u16)weights[i + 1] << 16);
    plane->pairs[i / 2] = (Pair){row_of(plane, first + i), row_of(plane, first + i + 1), both};
  }
  return taps / 2;
}

/* One result row's sums down the columns, of as many pairs; 0 where the compiler does not know. */
static INLINE void sum_pairs(const Plane *plane, u32 pairs, u32 known) {
  const Pair *first = plane->pairs;
  u32 end = plane->end;
  i16 *sums_of = plane->column_sums;
  v128_t half = wasm_i32x4_splat(1 << (WEIGHT - BETWEEN - 1));
  for (u32 x = plane->begin; x < end; x += 16) {
    v128_t sums[4] = {half, half, half, half};
    if (known) {
#pragma clang loop unroll(full)
      for (u32 i = 0; i < known; i++)
        add_rows(first[i].upper + x, first[i].lower + x, wasm_v128_load32_splat(&first[i].weights), sums);
    } else {
#pragma clang loop unroll_count(3)
      for (u32 i = 0; i < pairs; i++)
        add_rows(first[i].upper + x, first[i].lower + x, wasm_v128_load32_splat(&first[i].weights), sums);
    }
    for (u32 i = 0; i < 4; i++) sums[i] = wasm_i32x4_shr(sums[i], WEIGHT - BETWEEN);
    wasm_v128_store(sums_of + x, wasm_i16x8_narrow_i32x4(sums[0], sums[1]));
    wasm_v128_store(sums_of + x + 8, wasm_i16x8_narrow_i32x4(sums[2], sums[3]));
  }
}

static void sum_columns(const Plane *plane, u32 y) {
  u32 pairs = find_pairs(plane, y);
  switch (pairs) {
    case 3: sum_pairs(plane, pairs, 3); break;
    case 4: sum_pairs(plane, pairs, 4); break;
    case 5: sum_pairs(plane, pairs, 5); break;
    case 6: sum_pairs(plane, pairs, 6); break;
    case 7: sum_pairs(plane, pairs, 7); break;
    case 8: sum_pairs(plane, pairs, 8); break;
    default: sum_pairs(plane, pairs, 0);
  }
}

/* The sums over the lanes of each of four vectors. */
static inline v128_t sum_lanes(const v128_t *v) {
  v128_t upper = wasm_i32x4_add(wasm_i32x4_shuffle(v[0], v[1], 0, 1, 4, 5),
                                wasm_i32x4_shuffle(v[0], v[1], 2, 3, 6, 7));
  v128_t lower = wasm_i32x4_add(wasm_i32x4_shuffle(v[2], v[3], 0, 1, 4, 5),
                                wasm_i32x4_shuffle(v[2], v[3], 2, 3, 6, 7));
  return wasm_i32x4_add(wasm_i32x4_shuffle(upper, lower, 0, 2, 4, 6),
                        wasm_i32x4_shuffle(upper, lower, 1, 3, 5, 7));
}

/* One result row; samples have RESULT fraction bits. */
static INLINE void sum_taps(const Plane *plane, u32 taps) {
  enum { SHIFT = WEIGHT + BETWEEN - RESULT };
  const Axis *axis = &plane->across;
  const i16 *weights = axis->weights;
  for (u32 x = 0; x < axis->count; x += GROUP) {
    v128_t sums[GROUP];
    for (u32 j = 0; j < GROUP; j++, weights += taps) {
      const i16 *from = plane->column_sums + axis->first[x + j];
      sums[j] = wasm_i32x4_const(1 << (SHIFT - 1), 0, 0, 0);
      for (u32 i = 0; i < taps; i += LANES)
        sums[j] = add_products(sums[j], wasm_v128_load(from + i), wasm_v128_load(weights + i));
    }
    v128_t line = wasm_i32x4_shr(sum_lanes(sums), SHIFT);
    wasm_v128_store64_lane(plane->line + x, wasm_i16x8_narrow_i32x4(line, line), 0);
  }
}

/* The usual numbers of taps are compile-time constants, so that the compiler unrolls the loop. */
static void sum_rows(const Plane *plane) {
  u32 taps = plane->across.taps;
  if (taps == LANES) sum_taps(plane, LANES);
  else if (taps == 2 * LANES) sum_taps(plane, 2 * LANES);
  else sum_taps(plane, taps);
}

static inline v128_t round_to_bytes(v128_t values) {
  v128_t rounded = wasm_i16x8_add_sat(values, wasm_i16x8_splat(1 << (RESULT - 1)));
  rounded = wasm_i16x8_shr(rounded, RESULT);
  return wasm_u8x16_narrow_i16x8(rounded, rounded);
}

/* T.871, 7: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb. Writes RGBX. */
static inline void write_rgb(v128_t y, v128_t cb, v128_t cr, u8 *to) {
  v128_t middle = wasm_i16x8_splat(128 << RESULT);
  cb = wasm_i16x8_sub(cb, middle);
  cr = wasm_i16x8_sub(cr, middle);
  v128_t r = wasm_i16x8_add(cr, wasm_i16x8_q15mulr_sat(cr, wasm_i16x8_splat(13173)));
  v128_t g = wasm_i16x8_add(wasm_i16x8_q15mulr_sat(cb, wasm_i16x8_splat(11277)),
                            wasm_i16x8_q15mulr_sat(cr, wasm_i16x8_splat(23401)));
  v128_t b = wasm_i16x8_add(cb, wasm_i16x8_q15mulr_sat(cb, wasm_i16x8_splat(25297)));
  r = round_to_bytes(wasm_i16x8_add_sat(y, r));
  g = round_to_bytes(wasm_i16x8_sub(y, g));
  b = round_to_bytes(wasm_i16x8_add_sat(y, b));
  v128_t rg = wasm_i8x16_shuffle(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128_t bx = wasm_i8x16_shuffle(b, wasm_i8x16_splat(-1), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21,
                                 6, 22, 7, 23);
  wasm_v128_store(to, wasm_i16x8_shuffle(rg, bx, 0, 8, 1, 9, 2, 10, 3, 11));
  wasm_v128_store(to + 16, wasm_i16x8_shuffle(rg, bx, 4, 12, 5, 13, 6, 14, 7, 15));
}

/* `to` has room for LANES more px than `width`. */
static void write_line(const Plane *planes, u32 components, u32 width, u8 *to) {
  for (u32 x = 0; x < width; x += LANES) {
    v128_t y = wasm_v128_load(planes[0].line + x);
    if (components == 1)
      wasm_v128_store64_lane(to + x, round_to_bytes(y), 0);
    else
      write_rgb(y, wasm_v128_load(planes[1].line + x), wasm_v128_load(planes[2].line + x),
                to + 4 * x);
  }
}

Status resample(const Image *image, const Box *box, u32 width, u32 height, u8 *pixels) {
  Plane planes[MAX_DRAWN];
  u32 components = image->components, bytes = components == 1 ? 1 : 4;
  for (u32 i = 0; i < components; i++)
    TRY(make_plane(&planes[i], image, i, box, width, height));
  for (u32 y = 0; y < height; y++) {
    for (u32 i = 0; i < components; i++) {
      sum_columns(&planes[i], y);
      sum_rows(&planes[i]);
    }
    write_line(planes, components, width, pixels + (size_t)y * width * bytes);
  }
  return OK;
}

static void forget_columns(Plane *plane, size_t sums) {
  if (plane->column_sums) __builtin_memset(plane->column_sums, 0, sums * sizeof(i16));
}

/* One plane of bytes, width × height, its last column and row repeated up to `stride` and `rows`. */
Status resample_plane(const Image *image, u32 index, const Box *box, u32 width, u32 height, u8 *to,
                      u32 stride, u32 rows, float beyond_right, float beyond_bottom) {
  Plane plane = {.component = &image->component[index]};
  TRY(make_axes_beyond(&plane, image, box, width, height, beyond_right, beyond_bottom));
  plane.begin = plane.across.first[0];
  plane.end = plane.across.first[width - 1] + plane.across.taps;
  if (plane.end > plane.across.samples) plane.end = plane.across.samples;
  size_t sums = plane.across.samples + plane.across.taps + 2 * LANES;
  plane.column_sums = allocate(sums * sizeof(i16));
  plane.line = allocate((width + LANES) * sizeof(i16));
  plane.pairs = allocate(plane.down.taps / 2 * sizeof(Pair));
  if (!plane.column_sums || !plane.line || !plane.pairs) return NO_MEMORY;
  forget_columns(&plane, sums);
  for (u32 y = 0; y < height; y++, to += stride) {
    sum_columns(&plane, y);
    sum_rows(&plane);
    for (u32 x = 0; x < width; x += LANES)
      wasm_v128_store64_lane(to + x, round_to_bytes(wasm_v128_load(plane.line + x)), 0);
    __builtin_memset(to + width, to[width - 1], stride - width);
  }
  for (u32 y = height; y < rows; y++, to += stride) __builtin_memcpy(to, to - stride, stride);
  return OK;
}

/* Four channels side by side. */
static INLINE void sum_pixels(const Plane *plane, u32 taps, u8 *to) {
  enum { SHIFT = WEIGHT + BETWEEN };
  const Axis *axis = &plane->across;
  for (u32 x = 0; x < axis->count; x += GROUP) {
    v128_t sums[GROUP];
    for (u32 j = 0; j < GROUP; j++) {
      const i16 *from = plane->column_sums + 4 * axis->first[x + j];
      const i16 *weights = axis->weights + (size_t)(x + j) * axis->taps;
      v128_t sum = wasm_i32x4_splat(1 << (SHIFT - 1));
      for (u32 i = 0; i < taps; i += 2) {
        v128_t two = wasm_v128_load(from + 4 * i);
        two = wasm_i16x8_shuffle(two, two, 0, 4, 1, 5, 2, 6, 3, 7);
        sum = add_products(sum, two, wasm_v128_load32_splat(weights + i));
      }
      sums[j] = wasm_i32x4_shr(sum, SHIFT);
    }
    v128_t low = wasm_i16x8_narrow_i32x4(sums[0], sums[1]), high = wasm_i16x8_narrow_i32x4(sums[2], sums[3]);
    wasm_v128_store(to + 4 * x, wasm_u8x16_narrow_i16x8(low, high));
  }
}

/* Pixels that come in bands of rows: only those that a band of the result needs are there at a time. */
static struct {
  Component component;
  Plane plane;
  u32 taps;
} bands;

Status begin_pixels(u32 across, u32 down, const Box *box, u32 width, u32 height) {
  Plane *plane = &bands.plane;
  bands.component = (Component){.stride = 4 * across};
  *plane = (Plane){.component = &bands.component};
  TRY(make_axis(&plane->across, (float)box->left, (float)(box->right - box->left), across, width));
  TRY(make_axis(&plane->down, (float)box->top, (float)(box->bottom - box->top), down, height));
  plane->begin = 4 * plane->across.first[0];
  plane->end = plane->across.first[width - 1] + plane->across.taps;
  if (plane->end > across) plane->end = across;
  plane->end *= 4;
  size_t sums = 4 * (across + plane->across.taps) + 2 * LANES;
  plane->column_sums = allocate(sums * sizeof(i16));
  plane->pairs = allocate(plane->down.taps / 2 * sizeof(Pair));
  if (!plane->column_sums || !plane->pairs) return NO_MEMORY;
  forget_columns(plane, sums);
  bands.taps = 2;
  for (u32 x = 0; x < width; x++) {
    u32 here = taps_that_count(plane->across.weights + (size_t)x * plane->across.taps, plane->across.taps);
    if (here > bands.taps) bands.taps = here;
  }
  return OK;
}

/* The rows of the source that make up rows of the result from `begin` to before `end`: first, or behind the last. */
u32 first_row(u32 y) { return bands.plane.down.first[y]; }

u32 row_behind(u32 y) {
  const Axis *down = &bands.plane.down;
  u32 end = down->first[y] + taps_that_count(down->weights + (size_t)y * down->taps, down->taps);
  return end > down->samples ? down->samples : end;
}

/* `from` is where row `first` of the source stands. */
void sum_band(const u8 *from, u32 first, u32 begin, u32 end, u8 *to) {
  Plane *plane = &bands.plane;
  u32 taps = bands.taps;
  bands.component.samples = (u8 *)from - (size_t)first * bands.component.stride;
  for (u32 y = begin; y < end; y++, to += 4 * plane->across.count) {
    sum_columns(plane, y);
    switch (taps) {
      case 8: sum_pixels(plane, 8, to); break;
      case 10: sum_pixels(plane, 10, to); break;
      case 12: sum_pixels(plane, 12, to); break;
      case 14: sum_pixels(plane, 14, to); break;
      case 16: sum_pixels(plane, 16, to); break;
      case 18: sum_pixels(plane, 18, to); break;
      case 20: sum_pixels(plane, 20, to); break;
      default: sum_pixels(plane, taps, to);
    }
  }
}

Status resample_pixels(u8 *from, u32 across, u32 down, const Box *box, u32 width, u32 height, u8 *to) {
  TRY(begin_pixels(across, down, box, width, height));
  sum_band(from, 0, 0, height, to);
  return OK;
}
