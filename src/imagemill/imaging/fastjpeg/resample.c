/* Resamples a plane: down its columns, then across its rows. */
#include "resample.h"

enum {
  BETWEEN = 6,  /* fraction bits of a sample after the vertical pass */
  CHUNK = 512,  /* columns summed before the next row: so that they stay in the first cache */
  GROUP = 4,    /* results of a row computed together */
  STEP = 32,    /* columns summed together */
  ROOM = 64,    /* bytes that vectors may touch behind the last column */
  MOST_AT_ONCE = 10, /* pairs of rows summed at once, with a loop of their own for each number */
};

static u32 smaller(u32 a, u32 b) { return a < b ? a : b; }

static u32 last_pair(const Axis *axis) { return (axis->samples - 1) / 2; }

/* The pairs of rows from the first that rows y to y + 3 use to behind the last. */
static u32 pairs_between(const Axis *down, u32 y) {
  return down->first[y + ROWS - 1] + down->pairs - down->first[y];
}

/* Returns the number of pairs of source rows that must have been held before rows y to y + 3. */
u32 pairs_before(const Plane *plane, u32 y) {
  const Axis *down = &plane->down;
  return smaller(down->first[y + ROWS - 1] + down->pairs, last_pair(down) + 1);
}

Status make_plane(Plane *plane, const Axis *across, const Axis *down) {
  u32 end = 2 * (across->first[across->count - 1] + across->pairs), capacity = 1;
  for (u32 y = 0; y < down->count; y += ROWS)
    if (pairs_between(down, y) > capacity) capacity = pairs_between(down, y);
  *plane = (Plane){.across = *across, .down = *down, .begin = 2 * across->first[0]};
  plane->end = smaller(end, across->samples);
  plane->capacity = capacity;
  plane->next = down->first[0];
  plane->pair_bytes = divide_up(2 * (plane->end - plane->begin) + ROOM, ROOM) * ROOM;
  plane->line = divide_up(across->count, LANES) * LANES;
  size_t columns = (size_t)ROWS * (end - plane->begin + 2 * STEP + 8) * sizeof(i16);
  plane->held = allocate((size_t)capacity * plane->pair_bytes);
  plane->sums = allocate(ROWS * CHUNK * sizeof(i16));
  plane->columns = allocate(columns);
  plane->lines = allocate((size_t)ROWS * plane->line * sizeof(i16));
  plane->results = allocate((size_t)ROWS * plane->line * sizeof(i16));
  if (!plane->held || !plane->sums || !plane->columns || !plane->lines || !plane->results)
    return NO_MEMORY;
  __builtin_memset(plane->columns, 0, columns);
  return OK;
}

static u8 *held_pair(const Plane *plane, u32 pair) {
  return plane->held + (size_t)(pair % plane->capacity) * plane->pair_bytes;
}

/* Returns the place of the next pair of rows, which the caller fills with the columns used. */
u8 *pair_to_hold(Plane *plane) { return held_pair(plane, plane->next++); }

/* Holds the next pair of rows. Reads up to 15 bytes behind the columns used. */
void hold_rows(Plane *plane, const u8 *upper, const u8 *lower) {
  u8 *to = pair_to_hold(plane);
  for (u32 x = plane->begin; x < plane->end; x += 16, to += 32) {
    v128_t u = wasm_v128_load(upper + x), l = wasm_v128_load(lower + x);
    wasm_v128_store(to, wasm_i8x16_shuffle(u, l, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7,
                                           23));
    wasm_v128_store(to + 16, wasm_i8x16_shuffle(u, l, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                                  14, 30, 15, 31));
  }
}

static INLINE v128_t add_products(v128_t sum, v128_t samples, v128_t weights) {
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(samples, weights));
}

/* The pairs of rows that make up one row of the result: as many as are added at once. */
typedef struct {
  const u8 *rows[MOST_AT_ONCE];
  v128_t weights[MOST_AT_ONCE];
} Pairs;

static INLINE void find_pairs(const Plane *plane, u32 y, u32 begin, u32 count, Pairs *pairs) {
  const Axis *down = &plane->down;
  const u32 *weights = down->weights + (size_t)y * down->stride + begin;
  u32 first = down->first[y] + begin, last = last_pair(down);
  for (u32 i = 0; i < count; i++) {
    /* Behind the last row the weights are zero. */
    pairs->rows[i] = held_pair(plane, smaller(first + i, last));
    pairs->weights[i] = wasm_v128_load32_splat(weights + i);
  }
}

/* Adds four columns of some pairs of rows. */
static INLINE v128_t add_four(v128_t sum, const Pairs *pairs, u32 count, u32 at) {
#pragma clang loop unroll(full)
  for (u32 i = 0; i < count; i++)
    sum = add_products(sum, wasm_u16x8_load8x8(pairs->rows[i] + at), pairs->weights[i]);
  return sum;
}

static INLINE void store_four(v128_t sum, i16 *to) {
  sum = wasm_i32x4_shr(sum, WEIGHT - BETWEEN);
  wasm_v128_store64_lane(to, wasm_i16x8_narrow_i32x4(sum, sum), 0);
}

/* Sums columns from `begin` of those used; `pairs` is known when this is compiled. wasmtime computes
 * nothing before it must be stored, so every four sums are stored before more is loaded: otherwise it
 * would run out of registers. */
static INLINE void sum_known(const Plane *plane, u32 y, u32 pairs, u32 begin, u32 count, i16 *to) {
  Pairs from;
  find_pairs(plane, y, 0, pairs, &from);
  const v128_t half = wasm_i32x4_splat(1 << (WEIGHT - BETWEEN - 1));
  for (u32 x = 0; x < count; x += STEP) {
#pragma clang loop unroll(full)
    for (u32 i = 0; i < STEP; i += 4)
      store_four(add_four(half, &from, pairs, 2 * (begin + x + i)), to + x + i);
  }
}

/* The same for any number of pairs, four at a time. */
static void sum_any(const Plane *plane, u32 y, u32 begin, u32 count, i16 *to) {
  enum { AT_ONCE = 4 };
  v128_t sums[CHUNK / 4];
  Pairs from;
  for (u32 i = 0; i < CHUNK / 4; i++) sums[i] = wasm_i32x4_splat(1 << (WEIGHT - BETWEEN - 1));
  /* The weights are zero from the last pair to the next multiple of four. */
  for (u32 pair = 0; pair < plane->down.pairs; pair += AT_ONCE) {
    find_pairs(plane, y, pair, AT_ONCE, &from);
    for (u32 x = 0; x < count; x += STEP) {
#pragma clang loop unroll(full)
      for (u32 i = x; i < x + STEP; i += 4)
        sums[i / 4] = add_four(sums[i / 4], &from, AT_ONCE, 2 * (begin + i));
    }
  }
  for (u32 x = 0; x < count; x += 4) store_four(sums[x / 4], to + x);
}

static void sum_columns(const Plane *plane, u32 y, u32 begin, u32 count, i16 *to) {
  switch (plane->down.pairs) {
    case 1: sum_known(plane, y, 1, begin, count, to); break;
    case 2: sum_known(plane, y, 2, begin, count, to); break;
    case 3: sum_known(plane, y, 3, begin, count, to); break;
    case 4: sum_known(plane, y, 4, begin, count, to); break;
    case 5: sum_known(plane, y, 5, begin, count, to); break;
    case 6: sum_known(plane, y, 6, begin, count, to); break;
    case 7: sum_known(plane, y, 7, begin, count, to); break;
    case 8: sum_known(plane, y, 8, begin, count, to); break;
    case 9: sum_known(plane, y, 9, begin, count, to); break;
    case 10: sum_known(plane, y, 10, begin, count, to); break;
    default: sum_any(plane, y, begin, count, to);
  }
}

#define LOW32(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define HIGH32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)

/* From four rows of sums to pairs of columns: in each vector two neighbours of every row. */
static void interleave_rows(const i16 *sums, u32 count, i16 *to) {
  for (u32 x = 0; x < count; x += LANES, to += ROWS * LANES) {
    v128_t r0 = wasm_v128_load(sums + x), r1 = wasm_v128_load(sums + CHUNK + x);
    v128_t r2 = wasm_v128_load(sums + 2 * CHUNK + x), r3 = wasm_v128_load(sums + 3 * CHUNK + x);
    v128_t a = LOW32(r0, r1), b = HIGH32(r0, r1), c = LOW32(r2, r3), d = HIGH32(r2, r3);
    wasm_v128_store(to, wasm_i64x2_shuffle(a, c, 0, 2));
    wasm_v128_store(to + LANES, wasm_i64x2_shuffle(a, c, 1, 3));
    wasm_v128_store(to + 2 * LANES, wasm_i64x2_shuffle(b, d, 0, 2));
    wasm_v128_store(to + 3 * LANES, wasm_i64x2_shuffle(b, d, 1, 3));
  }
}

static void sum_all_columns(const Plane *plane, u32 y) {
  u32 columns = plane->end - plane->begin;
  for (u32 begin = 0; begin < columns; begin += CHUNK) {
    u32 count = smaller(CHUNK, columns - begin);
    for (u32 i = 0; i < ROWS; i++)
      sum_columns(plane, y + i, begin, count, plane->sums + (size_t)i * CHUNK);
    interleave_rows(plane->sums, count, plane->columns + (size_t)ROWS * begin);
  }
}

/* Results of four rows, the four of a column side by side, become rows. */
static void separate_rows(const i16 *from, u32 count, i16 *to, u32 line) {
  for (u32 x = 0; x < count; x += GROUP, from += ROWS * GROUP) {
    v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + LANES);
    a = wasm_i16x8_shuffle(a, a, 0, 4, 1, 5, 2, 6, 3, 7);
    b = wasm_i16x8_shuffle(b, b, 0, 4, 1, 5, 2, 6, 3, 7);
    v128_t upper = LOW32(a, b), lower = HIGH32(a, b);
    wasm_v128_store64_lane(to + x, upper, 0);
    wasm_v128_store64_lane(to + line + x, upper, 1);
    wasm_v128_store64_lane(to + 2 * line + x, lower, 0);
    wasm_v128_store64_lane(to + 3 * line + x, lower, 1);
  }
}

/* Adds up to four pairs of columns of four rows. */
static INLINE v128_t add_pairs(v128_t sum, const i16 *from, const u32 *weights, u32 pairs) {
  v128_t four = wasm_v128_load(weights);
  sum = add_products(sum, wasm_v128_load(from), wasm_i32x4_shuffle(four, four, 0, 0, 0, 0));
  if (pairs > 1)
    sum = add_products(sum, wasm_v128_load(from + 8), wasm_i32x4_shuffle(four, four, 1, 1, 1, 1));
  if (pairs > 2)
    sum = add_products(sum, wasm_v128_load(from + 16), wasm_i32x4_shuffle(four, four, 2, 2, 2, 2));
  if (pairs > 3)
    sum = add_products(sum, wasm_v128_load(from + 24), wasm_i32x4_shuffle(four, four, 3, 3, 3, 3));
  return sum;
}

/* Sums across four rows; `pairs` is known when this is compiled, or a multiple of four. */
static INLINE void sum_rows_of(const Plane *plane, u32 pairs) {
  enum { SHIFT = WEIGHT + BETWEEN - RESULT };
  const Axis *axis = &plane->across;
  const i16 *columns = plane->columns - (size_t)ROWS * plane->begin;
  const u32 *weights = axis->weights, *first = axis->first;
  i16 *to = plane->results;
#pragma clang loop unroll_count(4)
  for (u32 x = 0; x < axis->count; x++, weights += axis->stride, to += ROWS) {
    const i16 *from = columns + (size_t)2 * ROWS * first[x];
    v128_t sum = wasm_i32x4_splat(1 << (SHIFT - 1));
    for (u32 i = 0; i < pairs; i += 4)
      sum = add_pairs(sum, from + 2 * ROWS * i, weights + i, pairs - i);
    sum = wasm_i32x4_shr(sum, SHIFT);
    wasm_v128_store64_lane(to, wasm_i16x8_narrow_i32x4(sum, sum), 0);
  }
  separate_rows(plane->results, axis->count, plane->lines, plane->line);
}

static void sum_rows(const Plane *plane) {
  switch (plane->across.pairs) {
    case 1: sum_rows_of(plane, 1); break;
    case 2: sum_rows_of(plane, 2); break;
    case 3: sum_rows_of(plane, 3); break;
    case 4: sum_rows_of(plane, 4); break;
    case 5: sum_rows_of(plane, 5); break;
    case 6: sum_rows_of(plane, 6); break;
    case 7: sum_rows_of(plane, 7); break;
    case 8: sum_rows_of(plane, 8); break;
    case 9: sum_rows_of(plane, 9); break;
    case 10: sum_rows_of(plane, 10); break;
    default: sum_rows_of(plane, (plane->across.pairs + 3) / 4 * 4);
  }
}

/* Makes rows y to y + 3 of the result; y is a multiple of four. */
void resample_rows(Plane *plane, u32 y) {
  sum_all_columns(plane, y);
  sum_rows(plane);
}
