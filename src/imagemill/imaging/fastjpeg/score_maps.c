/* Compares one channel: structure by SSIM, edges that were added, and edges that were lost. */
#include "score.h"

enum { TAPS = 2 * RADIUS + 1 };

#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul
#define DIV wasm_f32x4_div
#define ALL wasm_f32x4_splat
#define LOAD wasm_v128_load
#define STORE wasm_v128_store

/* A Gaussian of standard deviation 1.5 px; its sum is 1. The metric's own has one more value at each end,
 * of 0.001. */
static const f32 taps[TAPS] = {0.0076144188f, 0.036074975f, 0.1095861f, 0.21344457f, 0.26656002f,
                               0.21344457f,   0.1095861f,   0.036074975f, 0.0076144188f};
/* C2 of SSIM, for values from 0 to 1. */
static const f32 c2 = 0.0009f;

/* The row at a distance from y, mirrored at the edges. */
static u32 mirrored(i32 y, u32 height) {
  i32 rows = (i32)height;
  while (y < 0 || y >= rows) y = y < 0 ? -y - 1 : 2 * rows - 1 - y;
  return (u32)y;
}

/* The rows that are blurred to row y. */
static void find_rows(const Channel *of, const f32 *plane, u32 y, const f32 **rows) {
  for (i32 k = 0; k < TAPS; k++)
    rows[k] = plane + (size_t)mirrored((i32)y + k - RADIUS, of->height) * of->width;
}

u32 blurred_room(u32 width) { return width + SPARE; }

/* Outside of the image all is 0. */
static void clear_edges(u32 width, f32 *room, u32 products) {
  for (u32 i = 0; i < products; i++, room += blurred_room(width)) {
    __builtin_memset(room, 0, RADIUS * sizeof *room);
    __builtin_memset(room + RADIUS + width, 0, (RADIUS + LANES) * sizeof *room);
  }
}

/* Four values blurred across; `at` is RADIUS values before the first. */
static INLINE v128_t blur_across(const f32 *at) {
  v128_t sum = ALL(0);
  for (u32 k = 0; k < TAPS; k++) sum = ADD(sum, MUL(ALL(taps[k]), LOAD(at + k)));
  return sum;
}

/* Blurs a row of the reference and its squares down. */
static void blur_values_down(const Channel *reference, u32 y, f32 *room) {
  const f32 *rows[TAPS];
  u32 next = blurred_room(reference->width);
  find_rows(reference, reference->values, y, rows);
  for (u32 x = 0; x < reference->width; x += LANES) {
    v128_t sums[2] = {ALL(0), ALL(0)};
    for (u32 k = 0; k < TAPS; k++) {
      v128_t value = LOAD(rows[k] + x), part = MUL(ALL(taps[k]), value);
      sums[0] = ADD(sums[0], part);
      sums[1] = ADD(sums[1], MUL(part, value));
    }
    for (u32 i = 0; i < 2; i++) STORE(room + i * next + RADIUS + x, sums[i]);
  }
  clear_edges(reference->width, room, 2);
}

/* Fills `means` and `variances`. */
void blur_reference(const Channel *reference, f32 *room) {
  u32 width = reference->width, next = blurred_room(width);
  for (u32 y = 0; y < reference->height; y += reference->down) {
    size_t to = (size_t)(y / reference->down) * width;
    blur_values_down(reference, y, room);
    for (u32 x = 0; x < width; x += LANES) {
      v128_t mean = blur_across(room + x), square = blur_across(room + next + x);
      v128_t variance = SUB(square, MUL(mean, mean));
      STORE(reference->means + to + x, mean);
      STORE(reference->variances + to + x, ADD(variance, variance));
    }
  }
}

/* Blurs a row of the difference, its squares and its products with the reference down. */
static void blur_difference_down(const Channel *reference, const f32 *difference, u32 y, f32 *room) {
  const f32 *values[TAPS], *differences[TAPS];
  u32 next = blurred_room(reference->width);
  find_rows(reference, reference->values, y, values);
  find_rows(reference, difference, y, differences);
  for (u32 x = 0; x < reference->width; x += LANES) {
    v128_t sums[PRODUCTS] = {ALL(0), ALL(0), ALL(0)};
    for (u32 k = 0; k < TAPS; k++) {
      v128_t value = LOAD(differences[k] + x), part = MUL(ALL(taps[k]), value);
      sums[0] = ADD(sums[0], part);
      sums[1] = ADD(sums[1], MUL(part, value));
      sums[2] = ADD(sums[2], MUL(part, LOAD(values[k] + x)));
    }
    for (u32 i = 0; i < PRODUCTS; i++) STORE(room + i * next + RADIUS + x, sums[i]);
  }
  clear_edges(reference->width, room, PRODUCTS);
}

/* Adds positive values and their fourth powers to the sums of a map. */
static INLINE void add_map(v128_t *sums, v128_t values) {
  v128_t positive = wasm_f32x4_pmax(ALL(0), values), square = MUL(positive, positive);
  sums[0] = ADD(sums[0], positive);
  sums[MAPS] = ADD(sums[MAPS], MUL(square, square));
}

/* Four pixels: their values, and blurred those and twice their variances. */
typedef struct {
  v128_t value, mean, variances;
} Four;

/* Adds four pixels. The difference d is blurred to b[0], its squares and its products with the reference r
 * to b[1] and b[2]; lanes outside of `valid` are 0. The variances of r and r + d are twice that of r, that
 * of d, and twice the covariance of both. So the structure that SSIM finds alike is all but the variance
 * of d. */
static INLINE void add_pixels(v128_t *sums, const Four *r, v128_t d, const v128_t *b, v128_t valid) {
  v128_t bias = MUL(b[0], b[0]), variance = SUB(b[1], bias);
  v128_t covariance = SUB(b[2], MUL(r->mean, b[0]));
  v128_t below = ADD(ADD(r->variances, ADD(covariance, covariance)), ADD(variance, ALL(c2)));
  v128_t noise = DIV(variance, below), lost = ADD(noise, SUB(bias, MUL(bias, noise)));
  v128_t edge = SUB(r->value, r->mean), made = wasm_f32x4_abs(ADD(edge, SUB(d, b[0])));
  edge = wasm_f32x4_abs(edge);
  v128_t added = DIV(SUB(made, edge), ADD(edge, ALL(1)));
  add_map(sums, wasm_v128_and(lost, valid));
  add_map(sums + 1, wasm_v128_and(added, valid));
  add_map(sums + 2, wasm_v128_and(wasm_f32x4_neg(added), valid));
}

static void add_row(const Channel *reference, const f32 *difference, u32 y, const f32 *room,
                    f64 *numbers) {
  v128_t sums[NUMBERS] = {0};
  u32 width = reference->width, next = blurred_room(width);
  size_t row = (size_t)y * width, blurred_row = (size_t)(y / reference->down) * width;
  for (u32 x = 0; x < width; x += LANES) {
    v128_t blurred[PRODUCTS], lane = wasm_i32x4_make(0, 1, 2, 3);
    v128_t valid = wasm_i32x4_lt(lane, wasm_i32x4_splat((i32)(width - x)));
    Four four = {LOAD(reference->values + row + x), LOAD(reference->means + blurred_row + x),
                 LOAD(reference->variances + blurred_row + x)};
    for (u32 i = 0; i < PRODUCTS; i++) blurred[i] = blur_across(room + i * next + x);
    add_pixels(sums, &four, LOAD(difference + row + x), blurred, valid);
  }
  for (u32 i = 0; i < NUMBERS; i++)
    numbers[i] += (f64)wasm_f32x4_extract_lane(sums[i], 0) + wasm_f32x4_extract_lane(sums[i], 1) +
                  wasm_f32x4_extract_lane(sums[i], 2) + wasm_f32x4_extract_lane(sums[i], 3);
}

/* Computes the mean of each map, and of its fourth powers, at some rows. `made` becomes its difference
 * from the reference. */
void compare(const Channel *reference, f32 *made, f32 *room, f64 *numbers) {
  size_t count = (size_t)reference->width * reference->height;
  for (size_t i = 0; i < count; i += LANES)
    STORE(made + i, SUB(LOAD(made + i), LOAD(reference->values + i)));
  __builtin_memset(numbers, 0, NUMBERS * sizeof *numbers);
  for (u32 y = 0; y < reference->height; y += reference->down) {
    blur_difference_down(reference, made, y, room);
    add_row(reference, made, y, room, numbers);
  }
  for (u32 i = 0; i < NUMBERS; i++)
    numbers[i] /= (f64)reference->width * divide_up(reference->height, reference->down);
}
