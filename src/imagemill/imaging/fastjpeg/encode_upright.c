/* A decoded image to planes of samples: resized, and turned as its EXIF orientation says. */
#include <wasm_simd128.h>

#include "encoder.h"
#include "lanes.h"

enum { ROOM = 64 }; /* bytes that vector instructions may access after the end of a plane */

/* EXIF 2.32, tag 274: 5 to 8 exchange rows and columns, after any mirroring. */
static int is_sideways(u32 orientation) { return orientation >= 5; }

static int is_mirrored_across(u32 orientation) {
  return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

static int is_mirrored_down(u32 orientation) {
  return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

/* Eight rows of eight bytes become columns. */
static INLINE void transpose_bytes(const u8 *const *rows, v128_t *columns) {
  v128_t a[4];
  for (u32 i = 0; i < 4; i++)
    a[i] = wasm_i8x16_shuffle(wasm_v128_load64_zero(rows[2 * i]),
                              wasm_v128_load64_zero(rows[2 * i + 1]), 0, 16, 1, 17, 2, 18, 3, 19, 4,
                              20, 5, 21, 6, 22, 7, 23);
  v128_t b0 = LOW16(a[0], a[1]), b1 = HIGH16(a[0], a[1]);
  v128_t b2 = LOW16(a[2], a[3]), b3 = HIGH16(a[2], a[3]);
  columns[0] = LOW32(b0, b2);
  columns[1] = HIGH32(b0, b2);
  columns[2] = LOW32(b1, b3);
  columns[3] = HIGH32(b1, b3);
}

/* Eight rows of the source, which become eight columns; fewer at its end. */
static void turn_rows(const u8 *const *rows, u32 count, u32 width, int is_mirrored, u32 stride,
                      u8 *to) {
  u32 x = 0;
  for (; count == 8 && x + 8 <= width; x += 8) {
    v128_t columns[4];
    const u8 *at[8];
    for (u32 i = 0; i < 8; i++) at[i] = rows[i] + x;
    transpose_bytes(at, columns);
    for (u32 i = 0; i < 4; i++) {
      u32 y = is_mirrored ? width - 1 - x - 2 * i : x + 2 * i, next = is_mirrored ? y - 1 : y + 1;
      wasm_v128_store64_lane(to + (size_t)y * stride, columns[i], 0);
      wasm_v128_store64_lane(to + (size_t)next * stride, columns[i], 1);
    }
  }
  for (; x < width; x++)
    for (u32 i = 0; i < count; i++)
      to[(size_t)(is_mirrored ? width - 1 - x : x) * stride + i] = rows[i][x];
}

static void turn_sideways(const u8 *from, u32 width, u32 height, u32 orientation, u8 *to) {
  for (u32 y = 0; y < height; y += 8) {
    const u8 *rows[8];
    u32 count = height - y < 8 ? height - y : 8;
    for (u32 i = 0; i < count; i++) {
      u32 row = is_mirrored_down(orientation) ? height - 1 - y - i : y + i;
      rows[i] = from + (size_t)row * width;
    }
    turn_rows(rows, count, width, is_mirrored_across(orientation), height, to + y);
  }
}

static void mirror_row(const u8 *from, u32 width, u8 *to) {
  u32 x = 0;
  for (; x + 16 <= width; x += 16) {
    v128_t row = wasm_v128_load(from + width - 16 - x);
    row = wasm_i8x16_shuffle(row, row, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    wasm_v128_store(to + x, row);
  }
  for (; x < width; x++) to[x] = from[width - 1 - x];
}

static void turn(const u8 *from, u32 width, u32 height, u32 orientation, u8 *to) {
  if (is_sideways(orientation)) {
    turn_sideways(from, width, height, orientation, to);
    return;
  }
  for (u32 y = 0; y < height; y++, to += width) {
    const u8 *row = from + (size_t)(is_mirrored_down(orientation) ? height - 1 - y : y) * width;
    if (is_mirrored_across(orientation)) mirror_row(row, width, to);
    else __builtin_memcpy(to, row, width);
  }
}

/* Means of two by two samples; the last row and column may stand alone. */
static void halve(const u8 *from, u32 width, u32 height, u8 *to) {
  for (u32 y = 0; y < height; y += 2) {
    const u8 *upper = from + (size_t)y * width, *lower = y + 1 < height ? upper + width : upper;
    for (u32 x = 0; x < width; x += 2) {
      u32 next = x + 1 < width ? x + 1 : x;
      *to++ = (u8)((upper[x] + upper[next] + lower[x] + lower[next] + 2) >> 2);
    }
  }
}

/* The part of a decoded component at `across` × `down` samples, as stored. At half the width of an
 * odd number of pixels the last sample stands for one pixel more than there is. */
static Status draw(const Image *image, u32 component, const Turned *turned, u32 across, u32 down,
                   const Drawn *to) {
  float beyond_right = 1, beyond_bottom = 1;
  if (across < turned->width) beyond_right = (float)(2 * across) / (float)turned->width;
  if (down < turned->height) beyond_bottom = (float)(2 * down) / (float)turned->height;
  return resample_plane(image, component, &turned->box, across, down, beyond_right, beyond_bottom,
                        to);
}

/* True if chroma must be halved last: a last sample that stands for one pixel would come first. */
static int is_halved_last(const Turned *turned) {
  return (is_mirrored_across(turned->orientation) && turned->width & 1) ||
         (is_mirrored_down(turned->orientation) && turned->height & 1);
}

/* Room for samples in the ranges that `like` has. */
static Status make_drawn(Drawn *made, size_t samples, const Drawn *like) {
  made->full = allocate(samples + ROOM);
  made->narrow = like->narrow ? allocate(samples + ROOM) : 0;
  return made->full && (made->narrow || !like->narrow) ? OK : NO_MEMORY;
}

static Status draw_component(const Image *image, const Raster *raster, u32 component,
                             const Turned *turned) {
  int is_half = component && raster->max_h == 2, is_last = is_half && is_halved_last(turned);
  u32 part = is_half && !is_last ? 2 : 1;
  u32 across = divide_up(turned->width, part), down = divide_up(turned->height, part);
  Drawn to = {raster->plane[component], raster->narrow[component]}, stored, upright = to;
  if (turned->orientation == 1) return draw(image, component, turned, across, down, &to);
  TRY(make_drawn(&stored, (size_t)across * down, &to));
  if (is_last) TRY(make_drawn(&upright, (size_t)across * down, &to));
  TRY(draw(image, component, turned, across, down, &stored));
  turn(stored.full, across, down, turned->orientation, upright.full);
  if (to.narrow) turn(stored.narrow, across, down, turned->orientation, upright.narrow);
  if (is_last) halve(upright.full, raster->width, raster->height, to.full);
  if (is_last && to.narrow) halve(upright.narrow, raster->width, raster->height, to.narrow);
  return OK;
}

Status draw_upright(const Image *image, const Raster *raster, const Turned *turned) {
  for (u32 i = 0; i < raster->components; i++) {
    size_t before = mark();
    TRY(draw_component(image, raster, i, turned));
    release(before);
  }
  return OK;
}
