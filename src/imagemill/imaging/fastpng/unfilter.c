/* Undoes filters: clause 9.
 *
 * A vector holds four pixels of up to four bytes. Where a pixel has fewer, the rest of its lane is
 * overwritten by the next pixel. */
#include "filters.h"
#include "png.h"

static inline v128_t predict(u32 type, v128_t left, v128_t up, v128_t corner) {
  return type == SUB       ? left
         : type == AVERAGE ? predict_average(left, up)
                           : predict_paeth(left, up, corner);
}

/* One row of pixels of up to eight bytes. */
static inline void undo(u32 type, u8 *row, const u8 *filtered, const u8 *above, u32 bytes, u32 pixel) {
  v128_t left = wasm_i8x16_splat(0), corner = left;
#pragma clang loop unroll_count(4)
  for (u32 at = 0; at < bytes; at += pixel) {
    v128_t up = wasm_v128_load64_zero(above + at);
    left = wasm_i8x16_add(predict(type, left, up, corner), wasm_v128_load64_zero(filtered + at));
    corner = up;
    wasm_v128_store64_lane(row + at, left, 0);
  }
}

static void undo_up(u8 *row, const u8 *filtered, const u8 *above, u32 bytes) {
  for (u32 at = 0; at < bytes; at += VECTOR) {
    v128_t raw = wasm_v128_load(filtered + at), up = wasm_v128_load(above + at);
    wasm_v128_store(row + at, wasm_i8x16_add(raw, up));
  }
}

Status unfilter(u8 *row, const u8 *filtered, const u8 *above, u32 bytes, u32 pixel) {
  switch (*filtered++) {
    case NONE: __builtin_memcpy(row, filtered, bytes); return OK;
    case SUB: undo(SUB, row, filtered, above, bytes, pixel); return OK;
    case UP: undo_up(row, filtered, above, bytes); return OK;
    case AVERAGE: undo(AVERAGE, row, filtered, above, bytes, pixel); return OK;
    case PAETH: undo(PAETH, row, filtered, above, bytes, pixel); return OK;
    default: return DAMAGED;
  }
}

/* Four rows at once. In each step a lane is a pixel of another row, one px to the left of that of the
 * row above. So the pixels above are those of the step before, one lane further. */
typedef struct {
  v128_t pixels, up; /* of the step before */
  v128_t is_sub, is_up, is_average, is_paeth; /* lanes of rows with this filter */
} Wavefront;

/* Where the lanes are read or written in a step, less the position in the row. */
typedef struct { const u8 *of[4]; } Sources;
typedef struct { u8 *of[4]; } Targets;

static inline v128_t load_lanes(const Sources *from, i32 at) {
  v128_t lanes = wasm_v128_load32_zero(from->of[0] + at);
  lanes = wasm_v128_load32_lane(from->of[1] + at, lanes, 1);
  lanes = wasm_v128_load32_lane(from->of[2] + at, lanes, 2);
  return wasm_v128_load32_lane(from->of[3] + at, lanes, 3);
}

static inline void store_lanes(const Targets *to, i32 at, v128_t lanes) {
  wasm_v128_store32_lane(to->of[0] + at, lanes, 0);
  wasm_v128_store32_lane(to->of[1] + at, lanes, 1);
  wasm_v128_store32_lane(to->of[2] + at, lanes, 2);
  wasm_v128_store32_lane(to->of[3] + at, lanes, 3);
}

static inline v128_t predict_mixed(const Wavefront *w, v128_t up) {
  v128_t left = wasm_v128_and(w->pixels, w->is_sub);
  v128_t above = wasm_v128_and(up, w->is_up);
  v128_t average = wasm_v128_and(predict_average(w->pixels, up), w->is_average);
  v128_t paeth = wasm_v128_and(predict_paeth(w->pixels, up, w->up), w->is_paeth);
  return wasm_v128_or(wasm_v128_or(left, above), wasm_v128_or(average, paeth));
}

static inline v128_t step(Wavefront *w, u32 is_mixed, v128_t filtered, const u8 *above) {
  v128_t up = wasm_i8x16_shuffle(wasm_v128_load32_zero(above), w->pixels, 0, 1, 2, 3, 16, 17, 18, 19, 20,
                                 21, 22, 23, 24, 25, 26, 27);
  v128_t predicted = is_mixed ? predict_mixed(w, up) : predict_paeth(w->pixels, up, w->up);
  w->pixels = wasm_i8x16_add(predicted, filtered);
  w->up = up;
  return w->pixels;
}

/* The arguments are copied, so that the compiler need not expect the stores to change them. */
static inline void undo_four(Wavefront w, u32 is_mixed, u8 *const *rows, const u8 *const *filtered,
                             const u8 *above, i32 bytes, i32 pixel) {
  const v128_t lanes = wasm_i32x4_make(0, 1, 2, 3);
  const Sources from = {
      {filtered[0], filtered[1] - pixel, filtered[2] - 2 * pixel, filtered[3] - 3 * pixel}};
  const Targets to = {{rows[0], rows[1] - pixel, rows[2] - 2 * pixel, rows[3] - 3 * pixel}};
  i32 at = 0, end = bytes + 3 * pixel;
  w.pixels = w.up = wasm_i8x16_splat(0);
  /* Rows that have not begun have pixels of nought, which is right for those left of a row. */
  for (i32 begun = 0; begun < 3; begun++, at += pixel) {
    v128_t all = step(&w, is_mixed, load_lanes(&from, at), above + at);
    w.pixels = wasm_v128_and(all, wasm_i32x4_le(lanes, wasm_i32x4_splat(begun)));
    store_lanes(&to, at, w.pixels);
  }
#pragma clang loop unroll_count(4)
  for (; at < end; at += pixel)
    store_lanes(&to, at, step(&w, is_mixed, load_lanes(&from, at), above + at));
}

static v128_t lanes_with(const u8 *const *filtered, u8 type) {
  u32 lanes[4];
  for (u32 i = 0; i < 4; i++) lanes[i] = filtered[i][-1] == type ? 0xFFFFFFFF : 0;
  return wasm_v128_load(lanes);
}

static void undo_four_of(const Wavefront *w, u32 is_mixed, u8 *const *rows, const u8 *const *filtered,
                         const u8 *above, u32 bytes, u32 pixel) {
  switch (pixel) {
    case 1: undo_four(*w, is_mixed, rows, filtered, above, (i32)bytes, 1); return;
    case 2: undo_four(*w, is_mixed, rows, filtered, above, (i32)bytes, 2); return;
    case 3: undo_four(*w, is_mixed, rows, filtered, above, (i32)bytes, 3); return;
    default: undo_four(*w, is_mixed, rows, filtered, above, (i32)bytes, 4); return;
  }
}

/* Undoes the filters of four rows of pixels of up to four bytes. */
Status unfilter_four(u8 *const *rows, const u8 *filtered, const u8 *above, u32 bytes, u32 pixel) {
  const u8 *starts[4];
  for (u32 i = 0; i < 4; i++) {
    starts[i] = filtered + i * (bytes + 1) + 1;
    if (starts[i][-1] > PAETH) return DAMAGED;
  }
  Wavefront w = {.is_sub = lanes_with(starts, SUB),
                 .is_up = lanes_with(starts, UP),
                 .is_average = lanes_with(starts, AVERAGE),
                 .is_paeth = lanes_with(starts, PAETH)};
  if (wasm_i32x4_all_true(w.is_paeth)) undo_four_of(&w, 0, rows, starts, above, bytes, pixel);
  else undo_four_of(&w, 1, rows, starts, above, bytes, pixel);
  return OK;
}

/* True if the four rows are undone faster together than one after the other. */
u32 are_slow(const u8 *filtered, u32 bytes) {
  u32 slow = 0;
  for (u32 i = 0; i < 4; i++) slow += filtered[i * (bytes + 1)] >= AVERAGE;
  return slow >= 2;
}
