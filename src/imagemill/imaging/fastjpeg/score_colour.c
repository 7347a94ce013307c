/* Pixels to linear light, and to the channels that the score compares: positive XYB of JPEG XL. */
#include "score.h"

/* Red, green and blue in each cone response, and a bias that keeps the cube roots of black apart. */
static const f32 cones[OPSINS][3] = {
    {0.30f, 0.622f, 0.078f}, {0.23f, 0.692f, 0.078f}, {0.24342269f, 0.20476745f, 0.55180986f}};
static const f32 both_cones[3] = {0.265f, 0.657f, 0.078f};
static const f32 bias = 0.0037930733f, root_of_bias = 0.15595420f;

enum { VALUES = 256, PIXEL = 4, COLOURS = 3 };

/* The parts of each colour of a pixel in a vector of Linear. */
static v128_t parts[COLOURS][VALUES];

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

static void make_parts(void) {
  for (u32 i = 0; i < VALUES; i++) {
    f32 light = linear(i / 255.0);
    parts[0][i] = wasm_f32x4_make(both_cones[0] * light, light, 0, 0);
    parts[1][i] = wasm_f32x4_make(both_cones[1] * light, 0, light, 0);
    parts[2][i] = wasm_f32x4_make(both_cones[2] * light, 0, 0, light);
  }
}

static INLINE v128_t read_pixel(const u8 *pixel) {
  v128_t sum = wasm_f32x4_add(parts[0][pixel[0]], parts[1][pixel[1]]);
  return wasm_f32x4_add(sum, parts[2][pixel[2]]);
}

static INLINE v128_t quarter(v128_t a, v128_t b) {
  return wasm_f32x4_mul(wasm_f32x4_add(a, b), wasm_f32x4_splat(0.25f));
}

/* The mean of two by two pixels. */
static INLINE v128_t mean_of(const v128_t *square) {
  return quarter(wasm_f32x4_add(square[0], square[1]), wasm_f32x4_add(square[2], square[3]));
}

/* Reads two rows, which may be the same one: their cone responses, and the means of two by two pixels; at
 * the end of odd rows of one column. */
static void read_two(const u8 *upper, const u8 *lower, u32 width, f32 *first, f32 *second,
                     v128_t *half) {
  for (u32 x = 0; x < width; x += 2) {
    u32 at = PIXEL * x, next = x + 1 < width ? at + PIXEL : at;
    v128_t square[] = {read_pixel(upper + at), read_pixel(upper + next), read_pixel(lower + at),
                       read_pixel(lower + next)};
    wasm_v128_store32_lane(first + x, square[0], 0);
    wasm_v128_store32_lane(first + next / PIXEL, square[1], 0);
    wasm_v128_store32_lane(second + x, square[2], 0);
    wasm_v128_store32_lane(second + next / PIXEL, square[3], 0);
    half[x / 2] = mean_of(square);
  }
}

/* Halves the sides, rounded up, in place: the vectors that are overwritten have been read. */
void halve(Linear *image) {
  u32 across = divide_up(image->width, 2), down = divide_up(image->height, 2);
  v128_t *to = image->pixels;
  for (u32 y = 0; y < down; y++) {
    const v128_t *upper = image->pixels + (size_t)2 * y * image->width;
    const v128_t *lower = 2 * y + 1 < image->height ? upper + image->width : upper;
    for (u32 x = 0; x < image->width; x += 2) {
      u32 right = x + 1 < image->width ? x + 1 : x;
      v128_t square[] = {upper[x], upper[right], lower[x], lower[right]};
      *to++ = mean_of(square);
    }
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

/* The root of a cone response, 0 for black. */
static INLINE v128_t root_of(v128_t response) {
  v128_t root = cube_roots(wasm_f32x4_add(response, wasm_f32x4_splat(bias)));
  return wasm_f32x4_sub(root, wasm_f32x4_splat(root_of_bias));
}

static INLINE v128_t cone(const v128_t *colours, const f32 *weights) {
  v128_t sum = wasm_f32x4_splat(0);
  for (u32 c = 0; c < COLOURS; c++)
    sum = wasm_f32x4_add(sum, wasm_f32x4_mul(colours[c], wasm_f32x4_splat(weights[c])));
  return root_of(sum);
}

static INLINE v128_t shifted(v128_t value, f32 times, f32 plus) {
  return wasm_f32x4_add(wasm_f32x4_mul(value, wasm_f32x4_splat(times)), wasm_f32x4_splat(plus));
}

/* Brightness is the mean of the first two cones: here that of a cone between them, in half the time. */
static INLINE v128_t brightness_of(v128_t response) { return shifted(root_of(response), 1, 0.01f); }

/* One channel of four pixels, whose mean cone responses, reds, greens and blues are `colours`. */
static INLINE v128_t opsin(const v128_t *colours, u32 channel) {
  if (channel == BRIGHTNESS) return brightness_of(colours[0]);
  if (channel == BLUE_OPSIN)
    return shifted(wasm_f32x4_sub(cone(colours + 1, cones[2]), root_of(colours[0])), 1, 0.55f);
  v128_t red = cone(colours + 1, cones[0]), green = cone(colours + 1, cones[1]);
  return shifted(wasm_f32x4_sub(red, green), 7.0f, 0.42f);
}

static INLINE void transpose(const v128_t *from, v128_t *to) {
  v128_t a = wasm_i32x4_shuffle(from[0], from[1], 0, 4, 1, 5);
  v128_t b = wasm_i32x4_shuffle(from[2], from[3], 0, 4, 1, 5);
  v128_t c = wasm_i32x4_shuffle(from[0], from[1], 2, 6, 3, 7);
  v128_t d = wasm_i32x4_shuffle(from[2], from[3], 2, 6, 3, 7);
  to[0] = wasm_i64x2_shuffle(a, b, 0, 2);
  to[1] = wasm_i64x2_shuffle(a, b, 1, 3);
  to[2] = wasm_i64x2_shuffle(c, d, 0, 2);
  to[3] = wasm_i64x2_shuffle(c, d, 1, 3);
}

static INLINE void make_channel(const Linear *from, u32 channel, f32 *to) {
  size_t count = (size_t)from->width * from->height;
  for (size_t i = 0; i < count; i += LANES) {
    v128_t colours[LANES];
    transpose(from->pixels + i, colours);
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

/* Reads pixels: writes their brightness, and a linear image of half the sides, rounded up. Up to three
 * values behind the end of the first are overwritten. */
void read_pixels(const u8 *pixels, u32 width, u32 height, f32 *brightness, const Linear *half) {
  size_t count = (size_t)width * height;
  if (!wasm_v128_any_true(parts[0][VALUES - 1])) make_parts();
  for (u32 y = 0; y < height; y += 2) {
    size_t at = (size_t)y * width, next = y + 1 < height ? width : 0;
    read_two(pixels + PIXEL * at, pixels + PIXEL * (at + next), width, brightness + at,
             brightness + at + next, half->pixels + (size_t)(y / 2) * half->width);
  }
  for (size_t i = 0; i < count; i += LANES)
    wasm_v128_store(brightness + i, brightness_of(wasm_v128_load(brightness + i)));
}
