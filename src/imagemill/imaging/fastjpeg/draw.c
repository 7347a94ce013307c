/* Resizes the decoded planes: to pixels, RGB by T.871 or grey, or each to a plane of bytes. */
#include "resample.h"

/* Samples of the plane per px of the image: its own sampling, and what was kept of each block. The box
 * of the plane is `right` times as wide and `bottom` times as high as that of the image. */
Status make_plane_axes(const Image *image, const Component *c, const Box *box, const Extent *extent,
                       Axis *across, Axis *down) {
  u32 halved = 1u << c->halvings;
  double x = (double)(c->h * c->kept) / (BLOCK_SIDE * image->max_h * halved);
  double y = (double)(c->v * c->kept) / (BLOCK_SIDE * image->max_v * halved);
  u32 columns = sample_columns(image, c), rows = sample_rows(image, c);
  double width = (box->right - box->left) * x * extent->right;
  double height = (box->bottom - box->top) * y * extent->bottom;
  /* Of chroma that is reduced the difference is not visible. */
  int is_whole = extent->is_doubled && c->kept == BLOCK_SIDE && !c->halvings;
  int is_thin = is_whole && 2 * c->h == image->max_h, is_low = is_whole && 2 * c->v == image->max_v;
  TRY(make_axis(across, box->left * x, width, columns, extent->width, is_thin));
  return make_axis(down, box->top * y, height, rows, extent->height, is_low);
}

static int are_alike(const Component *a, const Component *b) {
  return a->h == b->h && a->v == b->v && a->kept == b->kept && a->halvings == b->halvings;
}

/* Planes of equal size, such as the two of chroma, share their axes. */
static Status make_planes(const Image *image, const Box *box, const Extent *extent, Plane *planes) {
  Axis across, down;
  for (u32 i = 0; i < image->components; i++) {
    const Component *c = &image->component[i];
    if (!i || !are_alike(c, c - 1)) TRY(make_plane_axes(image, c, box, extent, &across, &down));
    TRY(make_plane(&planes[i], &across, &down));
  }
  return OK;
}

/* Makes four rows from the component's samples. */
static void make_rows(Plane *plane, const Component *c, u32 y) {
  u32 pairs = pairs_before(plane, y), last = plane->down.samples - 1;
  while (plane->next < pairs) {
    u32 upper = 2 * plane->next, lower = upper < last ? upper + 1 : last;
    hold_rows(plane, c->samples + (size_t)upper * c->stride, c->samples + (size_t)lower * c->stride);
  }
  resample_rows(plane, y);
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
  store_pixels(round_to_bytes(wasm_i16x8_add_sat(y, r)), round_to_bytes(wasm_i16x8_sub(y, g)),
               round_to_bytes(wasm_i16x8_add_sat(y, b)), wasm_i8x16_splat(-1), to);
}

static void write_grey_row(const Plane *plane, u32 row, u32 width, u8 *to) {
  const i16 *line = result_row(plane, row);
  for (u32 x = 0; x < width; x += LANES)
    wasm_v128_store64_lane(to + x, round_to_bytes(wasm_v128_load(line + x)), 0);
}

/* `to` has room for LANES more px than `width`. */
static void write_row(const Plane *planes, u32 components, u32 row, u32 width, u8 *to) {
  if (components == 1) {
    write_grey_row(planes, row, width, to);
    return;
  }
  const i16 *y = result_row(&planes[0], row);
  const i16 *cb = result_row(&planes[1], row), *cr = result_row(&planes[2], row);
  for (u32 x = 0; x < width; x += LANES)
    write_rgb(wasm_v128_load(y + x), wasm_v128_load(cb + x), wasm_v128_load(cr + x), to + 4 * x);
}

Status resample(const Image *image, const Box *box, u32 width, u32 height, u8 *pixels) {
  Plane planes[MAX_DRAWN];
  Extent extent = {width, height, 1, 1, 1};
  if (is_shown_as_rgb(image)) return resample_rgb(image, box, width, height, pixels);
  u32 components = image->components, bytes = components == 1 ? 1 : 4;
  TRY(make_planes(image, box, &extent, planes));
  for (u32 y = 0; y < height; y++) {
    for (u32 i = 0; i < components && y % ROWS == 0; i++)
      make_rows(&planes[i], &image->component[i], y);
    write_row(planes, components, y, width, pixels + (size_t)y * width * bytes);
  }
  return OK;
}

static void write_narrow_row(const Plane *plane, u32 row, u32 width, Range range, u8 *to) {
  const i16 *line = result_row(plane, row);
  for (u32 x = 0; x < width; x += LANES)
    wasm_v128_store64_lane(to + x, round_to_bytes(narrow_range(wasm_v128_load(line + x), range)), 0);
}

/* One plane of bytes, width × height. Writes up to LANES bytes behind it. */
Status resample_plane(const Image *image, u32 index, const Box *box, u32 width, u32 height,
                      float right, float bottom, const Drawn *to) {
  Plane plane;
  Axis across, down;
  Extent extent = {width, height, right, bottom, 0};
  const Component *c = &image->component[index];
  TRY(make_plane_axes(image, c, box, &extent, &across, &down));
  TRY(make_plane(&plane, &across, &down));
  Range range = index ? CHROMA_RANGE : LUMA_RANGE;
  for (u32 y = 0; y < height; y++) {
    if (y % ROWS == 0) make_rows(&plane, c, y);
    write_grey_row(&plane, y, width, to->full + (size_t)y * width);
    if (to->narrow) write_narrow_row(&plane, y, width, range, to->narrow + (size_t)y * width);
  }
  return OK;
}
