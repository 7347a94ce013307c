/* Pixels to linear light, and to the channels that the score compares: positive XYB of JPEG XL. */
#include <wasm_simd128.h>

#include "score.h"

/* Red, green and blue in each cone response, and a bias that keeps the cube roots of black apart. */
static const f32 cones[OPSINS][3] = {
    {0.30f, 0.622f, 0.078f}, {0.23f, 0.692f, 0.078f}, {0.24342269f, 0.20476745f, 0.55180986f}};
static const f32 both_cones[3] = {0.265f, 0.657f, 0.078f};
static const f32 bias = 0.0037930733f, root_of_bias = 0.15595420f;

enum { VALUES = 256, PIXEL = 4 };

static f32 linear_of[VALUES];

/* x^(1/5), by Newton's method: for the exponent 2.4 of sRGB. */
static f64 fifth_root(f64 x) {
  f64 root = 1;
  for (u32 i = 0; i < 40; i++) root -= (root - x / (root * root * root * root)) / 5;
  return root;
}

/* IEC 61966-2-1. */
static f32 linear(f64 value) {
  if (value <= 0.04045) return (f32)(value / 12.92);
  f64 base = (value + 0.055) / 1.055;
  return (f32)(base * base * fifth_root(base * base));
}

/* Converts pixels, four bytes each, row after row. */
static void make_linear(const Linear *to, const u8 *pixels) {
  size_t count = (size_t)to->width * to->height;
  f32 *red = to->plane[0], *green = to->plane[1], *blue = to->plane[2];
  if (linear_of[VALUES - 1] == 0)
    for (u32 i = 0; i < VALUES; i++) linear_of[i] = linear(i / 255.0);
  for (size_t i = 0; i < count; i++, pixels += PIXEL) {
    red[i] = linear_of[pixels[0]];
    green[i] = linear_of[pixels[1]];
    blue[i] = linear_of[pixels[2]];
  }
}

/* Four sums of two by two values, of two rows. */
static INLINE v128_t sums_of_squares(const f32 *upper, const f32 *lower) {
  v128_t a = wasm_f32x4_add(wasm_v128_load(upper), wasm_v128_load(lower));
  v128_t b = wasm_f32x4_add(wasm_v128_load(upper + 4), wasm_v128_load(lower + 4));
  return wasm_f32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

/* Writes the means of two by two values of two rows; of one column by two at the end if it is odd. */
static void halve_rows(const f32 *upper, const f32 *lower, u32 width, f32 *to) {
  f32 last = (upper[width - 1] + lower[width - 1]) / 2;
  for (u32 x = 0; x < width / 2; x += 4) {
    v128_t sums = sums_of_squares(upper + 2 * x, lower + 2 * x);
    wasm_v128_store(to + x, wasm_f32x4_mul(sums, wasm_f32x4_splat(0.25f)));
  }
  if (width & 1) to[width / 2] = last;
}

/* Reads pixels two rows at a time into `two`: writes the channels whose planes are not null, and a linear
 * image of half the sides, rounded up. */
void read_pixels(const u8 *pixels, u32 height, const Linear *two, f32 *const *channels,
                 const Linear *half) {
  u32 width = two->width;
  for (u32 y = 0; y < height; y += 2) {
    Linear rows = *two;
    size_t at = (size_t)y * width;
    rows.height = y + 1 < height ? 2 : 1;
    make_linear(&rows, pixels + PIXEL * at);
    for (u32 i = 0; i < OPSINS; i++)
      if (channels[i]) make_opsin(&rows, i, channels[i] + at);
    for (u32 c = 0; c < 3; c++)
      halve_rows(rows.plane[c], rows.plane[c] + (rows.height - 1) * width, width,
                 half->plane[c] + (size_t)(y / 2) * half->width);
  }
}

/* Halves the sides, rounded up, in place: what is overwritten has been read. */
void halve(Linear *image) {
  u32 across = divide_up(image->width, 2), down = divide_up(image->height, 2);
  for (u32 c = 0; c < 3; c++)
    for (u32 y = 0; y < down; y++) {
      const f32 *upper = image->plane[c] + (size_t)2 * y * image->width;
      const f32 *lower = 2 * y + 1 < image->height ? upper + image->width : upper;
      halve_rows(upper, lower, image->width, image->plane[c] + (size_t)y * across);
    }
  image->width = across;
  image->height = down;
}

/* The cube roots of four numbers above 0, within 0.01%: a guess by a third of the exponent, in integers,
 * then Halley's method. */
static INLINE v128_t cube_roots(v128_t x) {
  v128_t root = wasm_i32x4_splat(709921077 + 120000);
  for (u32 shift = 2; shift <= 12; shift += 2)
    root = wasm_i32x4_add(root, wasm_u32x4_shr(x, shift));
  v128_t cube = wasm_f32x4_mul(wasm_f32x4_mul(root, root), root);
  v128_t above = wasm_f32x4_add(cube, wasm_f32x4_add(x, x));
  v128_t below = wasm_f32x4_add(wasm_f32x4_add(cube, cube), x);
  return wasm_f32x4_div(wasm_f32x4_mul(root, above), below);
}

static INLINE v128_t cone(const v128_t *colours, const f32 *weights) {
  v128_t sum = wasm_f32x4_splat(bias);
  for (u32 c = 0; c < 3; c++)
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(colours[c], wasm_f32x4_splat(weights[c])));
  return wasm_f32x4_sub(cube_roots(sum), wasm_f32x4_splat(root_of_bias));
}

static INLINE v128_t shifted(v128_t value, f32 times, f32 plus) {
  return wasm_f32x4_add(wasm_f32x4_mul(value, wasm_f32x4_splat(times)), wasm_f32x4_splat(plus));
}

/* One channel of four pixels. Brightness is the mean of the first two cones: here that of a cone between
 * them, in half the time. */
static INLINE v128_t opsin(const v128_t *colours, u32 channel) {
  if (channel == RED_GREEN_OPSIN)
    return shifted(wasm_f32x4_sub(cone(colours, cones[0]), cone(colours, cones[1])), 7.0f, 0.42f);
  v128_t brightness = cone(colours, both_cones);
  if (channel == BRIGHTNESS) return shifted(brightness, 1, 0.01f);
  return shifted(wasm_f32x4_sub(cone(colours, cones[2]), brightness), 1, 0.55f);
}

static INLINE void make_channel(const Linear *from, u32 channel, f32 *to) {
  size_t count = (size_t)from->width * from->height;
  for (size_t i = 0; i < count; i += 4) {
    v128_t colours[3];
    for (u32 c = 0; c < 3; c++) colours[c] = wasm_v128_load(from->plane[c] + i);
    wasm_v128_store(to + i, opsin(colours, channel));
  }
}

/* Writes one channel; up to three values behind its end are overwritten. */
void make_opsin(const Linear *from, u32 channel, f32 *to) {
  if (channel == RED_GREEN_OPSIN)
    make_channel(from, RED_GREEN_OPSIN, to);
  else if (channel == BRIGHTNESS)
    make_channel(from, BRIGHTNESS, to);
  else
    make_channel(from, BLUE_OPSIN, to);
}
