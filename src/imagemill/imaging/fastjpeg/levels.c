/* Decoded planes at a half, a quarter and an eighth of their size, for results that need no more.
 *
 * The time of the vertical pass depends on the samples of the planes, hardly on the result: several
 * small results from large planes take as long as several large ones. A level is made when a result
 * first needs it, from the one before. */
#include "resample.h"

enum {
  MOST_LEVELS = 3,
  FINER = 3,   /* samples of a level for each pixel of the result, at least, along each side */
  BEHIND = 64, /* bytes that vectors may touch behind a plane */
  STEP = 16,
};

static Image levels[MOST_LEVELS];
static u32 made;

void forget_levels(Image *image) {
  made = 0;
  for (u32 i = 0; i < image->components; i++) image->component[i].halvings = 0;
}

u32 sample_columns(const Image *image, const Component *c) {
  u32 columns = divide_up(image->width * c->h * c->kept, BLOCK_SIDE * image->max_h);
  return divide_up(columns, 1u << c->halvings);
}

u32 sample_rows(const Image *image, const Component *c) {
  u32 rows = divide_up(image->height * c->v * c->kept, BLOCK_SIDE * image->max_v);
  return divide_up(rows, 1u << c->halvings);
}

/* Means of 2 × 2 samples; the last column and row may have to stand for two. */
static void halve_rows(const u8 *upper, const u8 *lower, u32 columns, u8 *to) {
  v128_t two = wasm_i16x8_splat(2);
  for (u32 x = 0; x < columns; x += STEP) {
    v128_t sums[2];
    for (u32 i = 0; i < 2; i++) {
      u32 at = 2 * x + STEP * i;
      v128_t sum = wasm_i16x8_add(wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(upper + at)),
                                  wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(lower + at)));
      sums[i] = wasm_u16x8_shr(wasm_i16x8_add(sum, two), 2);
    }
    wasm_v128_store(to + x, wasm_u8x16_narrow_i16x8(sums[0], sums[1]));
  }
}

static int halve_plane(const Image *finer, const Component *from, Image *image, Component *to) {
  to->halvings++;
  u32 columns = sample_columns(image, to), rows = sample_rows(image, to);
  u32 before = sample_columns(finer, from), last = sample_rows(finer, from) - 1;
  to->stride = divide_up(columns, STEP) * STEP;
  to->samples = allocate((size_t)to->stride * rows + BEHIND);
  if (!to->samples) return 0;
  for (u32 y = 0; y < rows; y++) {
    const u8 *upper = from->samples + (size_t)2 * y * from->stride;
    const u8 *lower = 2 * y < last ? upper + from->stride : upper;
    u8 *row = to->samples + (size_t)y * to->stride;
    halve_rows(upper, lower, columns, row);
    if (before % 2) row[columns - 1] = (u8)((upper[before - 1] + lower[before - 1] + 1) / 2);
  }
  return 1;
}

/* True if a plane has at least half of the luma's samples on each side: then it is halved as well. */
static int is_fine(const Image *image, const Component *c) {
  const Component *luma = &image->component[0];
  return 2 * sample_columns(image, c) >= sample_columns(image, luma) &&
         2 * sample_rows(image, c) >= sample_rows(image, luma);
}

static int halve(const Image *finer, Image *image) {
  *image = *finer;
  for (u32 i = 0; i < finer->components; i++) {
    const Component *c = &finer->component[i];
    if (is_fine(finer, c) && !halve_plane(finer, c, image, &image->component[i])) return 0;
  }
  return 1;
}

/* True if half of each side of the luma plane is enough. */
static int can_be_halved(const Image *image, const Box *box, u32 width, u32 height) {
  const Component *c = &image->component[0];
  u64 columns = (u64)(box->right - box->left) * sample_columns(image, c);
  u64 rows = (u64)(box->bottom - box->top) * sample_rows(image, c);
  u64 times = 2 * FINER;
  return columns >= times * width * image->width && rows >= times * height * image->height;
}

/* Returns the planes to draw a result from: the smallest that are fine enough. Memory that it allocates
 * is needed until the next file. */
const Image *level_for(const Image *image, const Box *box, u32 width, u32 height) {
  const Image *level = image;
  for (u32 i = 0; i < MOST_LEVELS && can_be_halved(level, box, width, height); i++) {
    size_t before = mark();
    if (i == made && !halve(level, &levels[made++])) {
      made--;
      release(before);
      return level;
    }
    level = &levels[i];
  }
  return level;
}
