/* Compares one channel: structure by SSIM, edges that were added, and edges that were lost. */
#include <wasm_simd128.h>

#include "score.h"

enum {
  PRODUCTS = 5, /* r, m, r², m², r × m of reference r and made m, each blurred */
  TAPS = 2 * RADIUS + 1,
  LANES = 4,
};

#define ADD wasm_f32x4_add
#define SUB wasm_f32x4_sub
#define MUL wasm_f32x4_mul
#define DIV wasm_f32x4_div
#define ALL wasm_f32x4_splat
#define EVEN(a, b) wasm_i32x4_shuffle(a, b, 0, 2, 4, 6)
#define ODD(a, b) wasm_i32x4_shuffle(a, b, 1, 3, 5, 7)

/* A Gaussian of standard deviation 1.5 px; its sum is 1. */
static const f32 taps[TAPS] = {0.00102838008f, 0.00759875814f, 0.0360007721f, 0.10936069f,
                               0.213005538f,   0.266011725f,   0.213005538f,  0.10936069f,
                               0.0360007721f,  0.00759875814f, 0.00102838008f};
/* C2 of SSIM, for values from 0 to 1. */
static const f32 c2 = 0.0009f;

/* Rows of the blurred products: all columns, or those at even and odd places apart. */
typedef struct {
  f32 *row[PRODUCTS];
  u32 width, odd; /* values between a row and its odd columns; 0 if all are together */
} Rows;

/* The row at a distance from y, mirrored at the edges. */
static u32 mirrored(i32 y, u32 height) {
  i32 rows = (i32)height;
  while (y < 0 || y >= rows) y = y < 0 ? -y - 1 : 2 * rows - 1 - y;
  return (u32)y;
}

/* The products of four columns, blurred down. */
static INLINE void blur_down(const f32 *const *r, const f32 *const *m, u32 x, v128_t *sums) {
  for (u32 i = 0; i < PRODUCTS; i++) sums[i] = ALL(0);
  for (u32 k = 0; k < TAPS; k++) {
    v128_t a = wasm_v128_load(r[k] + x), b = wasm_v128_load(m[k] + x);
    v128_t ta = MUL(ALL(taps[k]), a), tb = MUL(ALL(taps[k]), b);
    sums[0] = ADD(sums[0], ta);
    sums[1] = ADD(sums[1], tb);
    sums[2] = ADD(sums[2], MUL(ta, a));
    sums[3] = ADD(sums[3], MUL(tb, b));
    sums[4] = ADD(sums[4], MUL(ta, b));
  }
}

/* Blurs the products down the columns at a row. They begin RADIUS values into each row; outside of the
 * image all is 0. */
static void fill_rows(const Rows *rows, const f32 *reference, const f32 *made, u32 height, u32 y) {
  const f32 *r[TAPS], *m[TAPS];
  for (i32 k = 0; k < TAPS; k++) {
    size_t at = (size_t)mirrored((i32)y + k - RADIUS, height) * rows->width;
    r[k] = reference + at;
    m[k] = made + at;
  }
  for (u32 x = 0; x < rows->width; x += LANES) {
    v128_t sums[PRODUCTS];
    blur_down(r, m, x, sums);
    for (u32 i = 0; i < PRODUCTS; i++) wasm_v128_store(rows->row[i] + RADIUS + x, sums[i]);
  }
  for (u32 i = 0; i < PRODUCTS; i++)
    __builtin_memset(rows->row[i] + RADIUS + rows->width, 0, (RADIUS + LANES) * sizeof(f32));
}

/* Moves values at even places to the first half of each row, and those at odd places to `odd`. */
static void split_rows(const Rows *rows, f32 *spare) {
  u32 count = rows->width + 2 * RADIUS;
  for (u32 i = 0; i < PRODUCTS; i++) {
    f32 *row = rows->row[i];
    for (u32 x = 0; x < count; x += 2 * LANES) {
      v128_t a = wasm_v128_load(row + x), b = wasm_v128_load(row + x + LANES);
      wasm_v128_store(row + x / 2, EVEN(a, b));
      wasm_v128_store(spare + x / 2, ODD(a, b));
    }
    __builtin_memcpy(row + rows->odd, spare, (count / 2 + LANES) * sizeof(f32));
  }
}

/* Four blurred values of a product, from the place `at` on. */
static INLINE v128_t blur_across(const Rows *rows, u32 product, u32 at) {
  const f32 *row = rows->row[product] + at;
  v128_t sum = ALL(0);
  for (u32 k = 0; k < TAPS; k++) {
    const f32 *from = !rows->odd ? row + k : k % 2 ? row + rows->odd + k / 2 : row + k / 2;
    sum = ADD(sum, MUL(ALL(taps[k]), wasm_v128_load(from)));
  }
  return sum;
}

/* Adds positive values and their fourth powers to the sums of a map. */
static INLINE void add_map(v128_t *sums, v128_t values) {
  v128_t positive = wasm_f32x4_pmax(ALL(0), values), square = MUL(positive, positive);
  sums[0] = ADD(sums[0], positive);
  sums[MAPS] = ADD(sums[MAPS], MUL(square, square));
}

static INLINE v128_t edge_of(v128_t value, v128_t mean) {
  return ADD(ALL(1), wasm_f32x4_abs(SUB(value, mean)));
}

/* Adds four pixels: r and m are their values, b the blurred products; lanes outside of `valid` are 0. */
static INLINE void add_pixels(v128_t *sums, v128_t r, v128_t m, const v128_t *b, v128_t valid) {
  v128_t product = MUL(b[0], b[1]), covariance = SUB(b[4], product);
  v128_t variances = SUB(ADD(b[2], b[3]), ADD(MUL(b[0], b[0]), MUL(b[1], b[1])));
  v128_t between = SUB(b[0], b[1]), alike = SUB(ALL(1), MUL(between, between));
  v128_t above = MUL(alike, ADD(ADD(covariance, covariance), ALL(c2)));
  v128_t lost = SUB(ALL(1), DIV(above, ADD(variances, ALL(c2))));
  v128_t edge = SUB(DIV(edge_of(m, b[1]), edge_of(r, b[0])), ALL(1));
  add_map(sums, wasm_v128_and(lost, valid));
  add_map(sums + 1, wasm_v128_and(edge, valid));
  add_map(sums + 2, wasm_v128_and(wasm_f32x4_neg(edge), valid));
}

/* Four pixels at every column or every second one, from place `at` on. */
static INLINE v128_t load_at(const f32 *row, const Rows *rows, u32 at) {
  if (!rows->odd) return wasm_v128_load(row + at);
  v128_t first = wasm_v128_load(row + 2 * at), second = wasm_v128_load(row + 2 * at + LANES);
  return EVEN(first, second);
}

static INLINE void add_row(const Rows *rows, const f32 *reference, const f32 *made, u32 count,
                           f64 *numbers) {
  v128_t sums[NUMBERS] = {0};
  for (u32 at = 0; at < count; at += LANES) {
    v128_t blurred[PRODUCTS], lane = wasm_i32x4_make(0, 1, 2, 3);
    v128_t valid = wasm_i32x4_lt(lane, wasm_i32x4_splat((i32)(count - at)));
    for (u32 i = 0; i < PRODUCTS; i++) blurred[i] = blur_across(rows, i, at);
    add_pixels(sums, load_at(reference, rows, at), load_at(made, rows, at), blurred, valid);
  }
  for (u32 i = 0; i < NUMBERS; i++)
    numbers[i] += (f64)wasm_f32x4_extract_lane(sums[i], 0) + wasm_f32x4_extract_lane(sums[i], 1) +
                  wasm_f32x4_extract_lane(sums[i], 2) + wasm_f32x4_extract_lane(sums[i], 3);
}

/* Computes the mean of each map, and of its fourth powers, at some columns and rows. `room` has ROWS rows,
 * each SPARE values longer than the image. */
void compare(const f32 *reference, const f32 *made, u32 width, u32 height, Step step, f32 *room,
             f64 *numbers) {
  u32 stride = width + SPARE, across = divide_up(width, step.across);
  Rows rows = {{0}, width, step.across == 1 ? 0 : stride / 2};
  for (u32 i = 0; i < PRODUCTS; i++) rows.row[i] = room + i * stride;
  __builtin_memset(numbers, 0, NUMBERS * sizeof *numbers);
  for (u32 y = 0; y < height; y += step.down) {
    const f32 *r = reference + (size_t)y * width, *m = made + (size_t)y * width;
    for (u32 i = 0; i < PRODUCTS; i++) __builtin_memset(rows.row[i], 0, RADIUS * sizeof(f32));
    fill_rows(&rows, reference, made, height, y);
    if (rows.odd) split_rows(&rows, room + PRODUCTS * stride);
    add_row(&rows, r, m, across, numbers);
  }
  for (u32 i = 0; i < NUMBERS; i++) numbers[i] /= (f64)across * divide_up(height, step.down);
}
