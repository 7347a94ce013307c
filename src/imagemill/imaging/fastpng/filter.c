/* Filters the rows of an image that is to be compressed: clause 9.
 *
 * Each row gets the filter after which its bytes, taken as signed numbers, have the least sum of
 * absolute values: 12.7. */
#include "filters.h"
#include "png.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* The bytes to filter, and their neighbours: `pixel` bytes to the left, above, and both. */
typedef struct { v128_t raw, left, up, corner; } Around;

static struct {
  u32 bytes, pixel; /* of a row without its filter type; of a pixel */
  u32 most;         /* rows at a time; none before the beginning */
  u8 *given;        /* the rows, one after another */
  u8 *filtered;     /* the same, each after its filter type */
  u8 *row, *above;  /* the current row and the one before, ROOM zeros before each */
} rows;

void stop_filtering(void) { rows.most = 0; }

static inline Around load_around(const u8 *row, const u8 *above, u32 pixel) {
  Around around = {wasm_v128_load(row), wasm_v128_load(row - pixel), wasm_v128_load(above),
                   wasm_v128_load(above - pixel)};
  return around;
}

static inline v128_t filter(u32 type, const Around *at) {
  v128_t predicted = type == NONE      ? wasm_i8x16_splat(0)
                     : type == SUB     ? at->left
                     : type == UP      ? at->up
                     : type == AVERAGE ? predict_average(at->left, at->up)
                                       : predict_paeth(at->left, at->up, at->corner);
  return wasm_i8x16_sub(at->raw, predicted);
}

/* The absolute values of signed bytes, summed up by fours. -128 counts as 128. */
static inline v128_t magnitudes(v128_t bytes, v128_t are_counted) {
  v128_t absolute = wasm_v128_and(wasm_i8x16_abs(bytes), are_counted);
  return wasm_u32x4_extadd_pairwise_u16x8(wasm_u16x8_extadd_pairwise_u8x16(absolute));
}

/* All ones in the lanes of the bytes that are left of a row. */
static inline v128_t lanes_within(u32 left) {
  const v128_t lanes = wasm_u8x16_make(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return wasm_u8x16_lt(lanes, wasm_i8x16_splat((signed char)(left < VECTOR ? left : VECTOR)));
}

static u32 sum_lanes(v128_t lanes) {
  return wasm_u32x4_extract_lane(lanes, 0) + wasm_u32x4_extract_lane(lanes, 1) +
         wasm_u32x4_extract_lane(lanes, 2) + wasm_u32x4_extract_lane(lanes, 3);
}

/* Returns the filter with the least sum, of equal ones the first. */
static u32 choose(void) {
  v128_t sums[FILTERS] = {0};
  for (u32 at = 0; at < rows.bytes; at += VECTOR) {
    Around around = load_around(rows.row + at, rows.above + at, rows.pixel);
    v128_t within = lanes_within(rows.bytes - at);
#pragma clang loop unroll(full)
    for (u32 type = NONE; type < FILTERS; type++)
      sums[type] = wasm_i32x4_add(sums[type], magnitudes(filter(type, &around), within));
  }
  u32 best = NONE;
  for (u32 type = SUB; type < FILTERS; type++)
    if (sum_lanes(sums[type]) < sum_lanes(sums[best])) best = type;
  return best;
}

static inline void filter_by(u32 type, u8 *to) {
  *to++ = (u8)type;
  for (u32 at = 0; at < rows.bytes; at += VECTOR) {
    Around around = load_around(rows.row + at, rows.above + at, rows.pixel);
    wasm_v128_store(to + at, filter(type, &around));
  }
}

static void filter_row(u8 *to) {
  switch (choose()) {
    case NONE: filter_by(NONE, to); return;
    case SUB: filter_by(SUB, to); return;
    case UP: filter_by(UP, to); return;
    case AVERAGE: filter_by(AVERAGE, to); return;
    default: filter_by(PAETH, to); return;
  }
}

/* Begins an image whose rows have `bytes`, in pixels of `pixel` bytes; `most` rows come at a time. */
EXPORT("begin_filtering") Status begin_filtering(u32 bytes, u32 pixel, u32 most) {
  stop_decoding();
  stop_filtering();
  release(0);
  u64 all = ((u64)bytes + 1) * most;
  if (!bytes || !pixel || pixel > 4 || !most) return UNSUPPORTED;
  if (all > INT32_MAX) return NO_MEMORY;
  rows.bytes = bytes;
  rows.pixel = pixel;
  rows.given = make_row((size_t)all);
  rows.filtered = make_row((size_t)all);
  rows.row = make_row(bytes);
  rows.above = make_row(bytes);
  if (!rows.given || !rows.filtered || !rows.row || !rows.above) return NO_MEMORY;
  rows.most = most;
  return OK;
}

/* The address where the host writes rows, and that where it reads them filtered. */
EXPORT("given_rows") u8 *given_rows(void) { return rows.most ? rows.given : 0; }
EXPORT("filtered_rows") u8 *filtered_rows(void) { return rows.most ? rows.filtered : 0; }

/* Filters the next rows; the first of an image has zeros above it. */
EXPORT("filter_rows") Status filter_rows(u32 count) {
  if (count > rows.most) return UNSUPPORTED;
  u8 *to = rows.filtered;
  for (u32 i = 0; i < count; i++, to += rows.bytes + 1) {
    u8 *above = rows.row;
    rows.row = rows.above;
    rows.above = above;
    __builtin_memcpy(rows.row, rows.given + (size_t)i * rows.bytes, rows.bytes);
    filter_row(to);
  }
  return OK;
}
