/* Pixels of an image whose chroma is as fine as luma, or as fine as the file has it.
 *
 * Viewers convert whole images to RGB: chroma is interpolated, each pixel is rounded to bytes, and
 * colours beyond black and white are cut off. An image that is resized before that differs from the one
 * that they show: by half a level where chroma is even, by much more where colours are saturated. So rows
 * become RGB first, as libjpeg makes it, and are resized then. */
#include "lanes.h"
#include "resample.h"

enum {
  SHOWN = 3,     /* channels */
  BEFORE = 8,    /* samples that vectors may touch before a row of sums */
  BEHIND = 64,   /* and behind any row, bytes */
  CB = 1, CR = 2,
};

typedef struct {
  const Image *image;
  u32 begin, end;   /* the columns that are used */
  u32 across, down; /* luma samples on the sides of a chroma sample: 1 or 2 */
  i16 *sums;        /* a row of chroma between two rows */
  u8 *chroma[SHOWN];
  u8 *rows[2][SHOWN];
} Converter;

/* Luma samples for each chroma sample along a side: 1 or 2; 0 for anything else. */
static u32 ratio(u32 luma, u32 chroma) { return luma == chroma ? 1 : luma == 2 * chroma ? 2 : 0; }

static u32 ratio_across(const Component *luma, const Component *c) {
  return ratio(luma->h * luma->kept << c->halvings, c->h * c->kept << luma->halvings);
}

static u32 ratio_down(const Component *luma, const Component *c) {
  return ratio(luma->v * luma->kept << c->halvings, c->v * c->kept << luma->halvings);
}

/* True if `resample_rgb` can draw the image, and chroma is not coarser on both sides than the file's. */
int is_shown_as_rgb(const Image *image) {
  const Component *luma = &image->component[0], *cb = &image->component[CB], *cr = cb + 1;
  if (image->components != SHOWN || cb->h != cr->h || cb->v != cr->v || cb->kept != cr->kept) return 0;
  u32 across = ratio_across(luma, cb), down = ratio_down(luma, cb);
  int is_all = cb->kept == BLOCK_SIDE && !cb->halvings;
  return across && down && (is_all || across * down < 4);
}

static Status make_converter(Converter *converter, const Image *image, const Plane *plane) {
  const Component *luma = &image->component[0], *cb = &image->component[CB];
  u32 bytes = sample_columns(image, luma) + BEHIND;
  *converter = (Converter){image, plane->begin / LANES * LANES, plane->end, ratio_across(luma, cb),
                           ratio_down(luma, cb), 0, {0}, {{0}}};
  converter->sums = allocate((bytes + BEFORE) * sizeof(i16));
  if (!converter->sums) return NO_MEMORY;
  converter->sums += BEFORE;
  for (u32 i = 0; i < SHOWN; i++) {
    converter->chroma[i] = allocate(bytes);
    for (u32 row = 0; row < 2; row++) {
      converter->rows[row][i] = allocate(bytes);
      if (!converter->rows[row][i]) return NO_MEMORY;
    }
    if (!converter->chroma[i]) return NO_MEMORY;
  }
  return OK;
}

/* Three parts of a row of chroma and one of another: in fourths. With one row only, that row. */
static void sum_chroma(const u8 *near, const u8 *far, u32 columns, i16 *sums) {
  for (u32 x = 0; x < columns; x += LANES) {
    v128_t sum = wasm_u16x8_load8x8(near + x);
    if (near != far) {
      sum = wasm_i16x8_mul(sum, wasm_i16x8_splat(3));
      sum = wasm_i16x8_add(sum, wasm_u16x8_load8x8(far + x));
    }
    wasm_v128_store(sums + x, sum);
  }
  sums[-1] = sums[0];
  sums[columns] = sums[columns - 1];
}

/* The same across: the samples on both sides of each, in an order that rounds as libjpeg does. */
static void double_columns(const i16 *sums, u32 columns, i16 even, i16 odd, u32 shift, u8 *to) {
  for (u32 x = 0; x < columns; x += LANES) {
    v128_t threefold = wasm_i16x8_mul(wasm_v128_load(sums + x), wasm_i16x8_splat(3));
    v128_t left = wasm_i16x8_add(threefold, wasm_v128_load(sums + x - 1));
    v128_t right = wasm_i16x8_add(threefold, wasm_v128_load(sums + x + 1));
    left = wasm_i16x8_shr(wasm_i16x8_add(left, wasm_i16x8_splat(even)), shift);
    right = wasm_i16x8_shr(wasm_i16x8_add(right, wasm_i16x8_splat(odd)), shift);
    wasm_v128_store(to + 2 * x, wasm_u8x16_narrow_i16x8(LOW16(left, right), HIGH16(left, right)));
  }
}

static void round_columns(const i16 *sums, u32 columns, i16 half, u8 *to) {
  for (u32 x = 0; x < columns; x += LANES) {
    v128_t sum = wasm_i16x8_add(wasm_v128_load(sums + x), wasm_i16x8_splat(half));
    sum = wasm_i16x8_shr(sum, 2);
    wasm_v128_store64_lane(to + x, wasm_u8x16_narrow_i16x8(sum, sum), 0);
  }
}

/* Row y of luma's rows, in luma's columns: as in libjpeg's "fancy upsampling". */
static const u8 *chroma_row(const Converter *converter, u32 index, u32 y) {
  const Component *c = &converter->image->component[index];
  u32 columns = sample_columns(converter->image, c), last = sample_rows(converter->image, c) - 1;
  u32 near = y / converter->down < last ? y / converter->down : last, far = near;
  if (converter->down == 2 && y % 2) far = near < last ? near + 1 : near;
  if (converter->down == 2 && y % 2 == 0) far = near ? near - 1 : 0;
  const u8 *row = c->samples + (size_t)near * c->stride;
  if (converter->across == 1 && near == far) return row;
  int is_between = near != far;
  u8 *to = converter->chroma[index];
  sum_chroma(row, c->samples + (size_t)far * c->stride, columns, converter->sums);
  if (converter->across == 1) round_columns(converter->sums, columns, y % 2 ? 2 : 1, to);
  else if (is_between) double_columns(converter->sums, columns, 8, 7, 4, to);
  else double_columns(converter->sums, columns, 1, 2, 2, to);
  return to;
}

/* Four sums of green: -0.344136 Cb - 0.714136 Cr. */
static INLINE v128_t green(v128_t pairs) {
  v128_t factors = wasm_i32x4_splat((i32)((u32)(u16)-23401 << 16 | (u16)-11277));
  v128_t sum = wasm_i32x4_add(wasm_i32x4_dot_i16x8(pairs, factors), wasm_i32x4_splat(1 << 14));
  return wasm_i32x4_shr(sum, 15);
}

static INLINE void store_bytes(v128_t values, u8 *to) {
  wasm_v128_store64_lane(to, wasm_u8x16_narrow_i16x8(values, values), 0);
}

/* T.871, 7, with chroma's share rounded before luma is added. */
static void convert_row(const Converter *converter, u32 y, u8 *const *to) {
  const Component *c = &converter->image->component[0];
  const u8 *luma = c->samples + (size_t)y * c->stride;
  const u8 *blue = chroma_row(converter, CB, y), *red = chroma_row(converter, CR, y);
  v128_t middle = wasm_i16x8_splat(128);
  for (u32 x = converter->begin; x < converter->end; x += LANES) {
    v128_t l = wasm_u16x8_load8x8(luma + x);
    v128_t cb = SUB(wasm_u16x8_load8x8(blue + x), middle), cr = SUB(wasm_u16x8_load8x8(red + x), middle);
    store_bytes(ADD(ADD(l, cr), times(cr, Q15(0.402))), to[0] + x);
    v128_t g = wasm_i16x8_narrow_i32x4(green(LOW16(cb, cr)), green(HIGH16(cb, cr)));
    store_bytes(ADD(l, g), to[1] + x);
    store_bytes(ADD(ADD(l, cb), times(cb, Q15(0.772))), to[2] + x);
  }
}

/* Makes four rows of each channel. */
static void make_rows(const Converter *converter, Plane *planes, u32 y) {
  u32 pairs = pairs_before(planes, y), last = planes->down.samples - 1;
  while (planes->next < pairs) {
    u32 upper = 2 * planes->next;
    convert_row(converter, upper, converter->rows[0]);
    if (upper < last) convert_row(converter, upper + 1, converter->rows[1]);
    u8 *const *lower = converter->rows[upper < last];
    for (u32 i = 0; i < SHOWN; i++) hold_rows(&planes[i], converter->rows[0][i], lower[i]);
  }
  for (u32 i = 0; i < SHOWN; i++) resample_rows(&planes[i], y);
}

static void write_row(const Plane *planes, u32 y, u32 width, u8 *to) {
  const i16 *r = result_row(planes, y), *g = result_row(planes + 1, y), *b = result_row(planes + 2, y);
  for (u32 x = 0; x < width; x += LANES)
    store_pixels(round_to_bytes(wasm_v128_load(r + x)), round_to_bytes(wasm_v128_load(g + x)),
                 round_to_bytes(wasm_v128_load(b + x)), wasm_i8x16_splat(-1), to + 4 * x);
}

/* RGBX pixels, with room for LANES more behind them. */
Status resample_rgb(const Image *image, const Box *box, u32 width, u32 height, u8 *pixels) {
  Plane planes[SHOWN];
  Axis across, down;
  Converter converter;
  Extent extent = {width, height, 1, 1, 0};
  TRY(make_plane_axes(image, &image->component[0], box, &extent, &across, &down));
  for (u32 i = 0; i < SHOWN; i++) TRY(make_plane(&planes[i], &across, &down));
  TRY(make_converter(&converter, image, planes));
  for (u32 y = 0; y < height; y++) {
    if (y % ROWS == 0) make_rows(&converter, planes, y);
    write_row(planes, y, width, pixels + (size_t)4 * y * width);
  }
  return OK;
}
