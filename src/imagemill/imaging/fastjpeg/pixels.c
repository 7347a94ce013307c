/* Resizes pixels of other formats, which the host puts in by bands of rows.
 *
 * A pixel is one byte, or four bytes of which three or four are used. Channels are separated when rows
 * arrive and joined again in the result. */
#include "resample.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
  CHANNELS = 4,
  FRACTION = 12,  /* fraction bits of the host's positions */
  BEHIND = 64,    /* bytes that vectors may touch behind a buffer */
  STEP = 16,      /* pixels separated together */
  MOST = (1 << 20) - 1, /* pixels of a side */
};

static struct {
  Plane planes[CHANNELS];
  u32 channels, bytes;  /* of a pixel: channels used, and bytes */
  u32 columns, rows;    /* of the source */
  u32 width, height, y; /* of the result; the next row */
  u32 row;              /* the next row of the source */
  u32 room_rows;
  u8 *room, *pixels;
  Range range;
  u8 *narrow; /* the result in the narrow range, or null */
} work;

/* exports.c */
u8 *reserve(u32 bytes);

static Status make_axes(u32 left, u32 top, u32 right, u32 bottom, Axis *across, Axis *down) {
  double px = 1.0 / (1 << FRACTION);
  TRY(make_axis(across, left * px, (right - left) * px, work.columns, work.width, 0));
  return make_axis(down, top * px, (bottom - top) * px, work.rows, work.height, 0);
}

static int is_side(u32 length) { return length && length <= MOST; }

/* True unless the part is empty, or its last result lies more than half outside of the source. */
static int is_part(u32 start, u32 end, u32 samples, u32 count) {
  return start < end && (end - (end - start) / count) >> FRACTION <= samples;
}

/* Begins to resize the part from left, top to right, bottom of columns × rows pixels to
 * width × height. The part is in 1/4096 px. Its last result may lie partly outside, as chroma of an odd
 * side does. `channels` is 1, or 3 or 4 of four bytes. */
EXPORT("begin_pixels")
Status begin_pixels(u32 channels, u32 columns, u32 rows, u32 left, u32 top, u32 right, u32 bottom,
                    u32 width, u32 height) {
  Axis across, down;
  reserve(0);
  work.height = 0;
  if (!is_side(columns) || !is_side(rows) || !is_side(width) || !is_side(height) ||
      !is_part(left, right, columns, width) || !is_part(top, bottom, rows, height))
    return UNSUPPORTED;
  u32 bytes = channels == 1 ? 1 : CHANNELS;
  work.channels = channels == 1 ? 1 : channels == 3 ? 3 : CHANNELS;
  work.bytes = bytes, work.columns = columns, work.rows = rows, work.width = width, work.height = height;
  work.y = work.row = work.room_rows = 0;
  work.narrow = 0;
  TRY(make_axes(left, top, right, bottom, &across, &down));
  for (u32 i = 0; i < work.channels; i++) TRY(make_plane(&work.planes[i], &across, &down));
  if (height > (UINT32_MAX / 2 - BEHIND) / (bytes * width)) return NO_MEMORY;
  work.pixels = allocate((size_t)bytes * width * height + BEHIND);
  return work.pixels ? OK : NO_MEMORY;
}

/* Returns the place for up to `rows` rows of the source, the same for all bands; 0 without memory. */
EXPORT("room_for_rows") u8 *room_for_rows(u32 rows) {
  size_t bytes = (size_t)work.bytes * work.columns;
  if (!work.height || work.room_rows || !rows || rows > (UINT32_MAX / 2 - BEHIND) / bytes) return 0;
  work.room = allocate(bytes * rows + BEHIND);
  work.room_rows = work.room ? rows : 0;
  return work.room;
}

/* The channels of sixteen pixels: each vector has the samples of one. */
static INLINE void separate(const u8 *from, v128_t *channels) {
  v128_t v[CHANNELS];
  for (u32 i = 0; i < CHANNELS; i++) {
    v[i] = wasm_v128_load(from + 16 * i);
    v[i] = wasm_i8x16_shuffle(v[i], v[i], 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  }
  v128_t a = wasm_i32x4_shuffle(v[0], v[1], 0, 4, 1, 5), b = wasm_i32x4_shuffle(v[2], v[3], 0, 4, 1, 5);
  v128_t c = wasm_i32x4_shuffle(v[0], v[1], 2, 6, 3, 7), d = wasm_i32x4_shuffle(v[2], v[3], 2, 6, 3, 7);
  channels[0] = wasm_i64x2_shuffle(a, b, 0, 2);
  channels[1] = wasm_i64x2_shuffle(a, b, 1, 3);
  channels[2] = wasm_i64x2_shuffle(c, d, 0, 2);
  channels[3] = wasm_i64x2_shuffle(c, d, 1, 3);
}

static INLINE void store_interleaved(v128_t u, v128_t l, u8 *to) {
  wasm_v128_store(to, wasm_i8x16_shuffle(u, l, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  wasm_v128_store(to + STEP, wasm_i8x16_shuffle(u, l, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
                                                30, 15, 31));
}

/* Holds a pair of rows of pixels of four bytes. */
static INLINE void hold_pixels(const u8 *upper, const u8 *lower, u32 channels) {
  u32 begin = work.planes[0].begin, end = work.planes[0].end;
  u8 *to[CHANNELS];
  for (u32 i = 0; i < channels; i++) to[i] = pair_to_hold(&work.planes[i]);
  for (u32 x = begin; x < end; x += STEP) {
    v128_t u[CHANNELS], l[CHANNELS];
    separate(upper + (size_t)CHANNELS * x, u);
    separate(lower + (size_t)CHANNELS * x, l);
    for (u32 i = 0; i < channels; i++) store_interleaved(u[i], l[i], to[i] + 2 * (x - begin));
  }
}

static void hold(const u8 *upper, const u8 *lower) {
  if (work.channels == 1) hold_rows(&work.planes[0], upper, lower);
  else if (work.channels == 3) hold_pixels(upper, lower, 3);
  else hold_pixels(upper, lower, CHANNELS);
}

/* Joins the channels of the next row. */
static void write_row(void) {
  const i16 *lines[CHANNELS];
  u8 *to = work.pixels + (size_t)work.bytes * work.width * work.y;
  for (u32 i = 0; i < CHANNELS; i++)
    lines[i] = result_row(&work.planes[i < work.channels ? i : 0], work.y);
  for (u32 x = 0; x < work.width; x += LANES) {
    v128_t c[CHANNELS];
    for (u32 i = 0; i < CHANNELS; i++) c[i] = round_to_bytes(wasm_v128_load(lines[i] + x));
    if (work.channels == 1) wasm_v128_store64_lane(to + x, c[0], 0);
    else store_pixels(c[0], c[1], c[2], work.channels == 3 ? wasm_i8x16_splat(-1) : c[3], to + 4 * x);
  }
}

static void write_narrow_row(void) {
  const i16 *line = result_row(&work.planes[0], work.y);
  u8 *to = work.narrow + (size_t)work.width * work.y;
  for (u32 x = 0; x < work.width; x += LANES)
    wasm_v128_store64_lane(to + x, round_to_bytes(narrow_range(wasm_v128_load(line + x), work.range)), 0);
}

/* Makes the rows for which all rows of the source are there. */
static void make_rows(void) {
  while (work.y < work.height && pairs_before(&work.planes[0], work.y) <= work.planes[0].next) {
    for (u32 i = 0; i < work.channels; i++) resample_rows(&work.planes[i], work.y);
    do {
      write_row();
      if (work.narrow) write_narrow_row();
    } while (++work.y % ROWS && work.y < work.height);
  }
}

/* Takes the next `count` rows from the room: an even number, unless they are the last. */
EXPORT("resize_rows") Status resize_rows(u32 count) {
  size_t stride = (size_t)work.bytes * work.columns;
  if (count > work.room_rows || count > work.rows - work.row) return UNSUPPORTED;
  if (count % 2 && count < work.rows - work.row) return UNSUPPORTED;
  for (u32 i = 0; i < count; i += 2) {
    const u8 *upper = work.room + stride * i, *lower = i + 1 < count ? upper + stride : upper;
    if (work.row / 2 == work.planes[0].next && work.y < work.height) hold(upper, lower);
    work.row += i + 1 < count ? 2 : 1;
    make_rows();
  }
  return OK;
}

/* Also makes the result in the narrow range, of one channel, before any rows are there: that of luma,
 * or of chroma. */
EXPORT("begin_narrow") Status begin_narrow(u32 is_chroma) {
  if (!work.height || work.row || work.channels != 1) return UNSUPPORTED;
  work.range = is_chroma ? CHROMA_RANGE : LUMA_RANGE;
  work.narrow = allocate((size_t)work.width * work.height + BEHIND);
  return work.narrow ? OK : NO_MEMORY;
}

/* Returns the result in the narrow range; 0 if rows are missing or it was not asked for. */
EXPORT("made_narrow") u8 *made_narrow(void) {
  return work.height && work.y == work.height ? work.narrow : 0;
}

/* Returns the resized pixels; 0 if rows are missing. */
EXPORT("made_pixels") u8 *made_pixels(void) {
  return work.height && work.y == work.height ? work.pixels : 0;
}
