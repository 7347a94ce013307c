/* The pixels that a file shows: samples are quantized and dequantized, without coding them. */
#include "forward_dct.h"
#include "inverse_dct.h"

enum {
  PIXEL = 4,     /* bytes: R, G, B, and one that is ignored */
  GROUP = 8,     /* samples of a row converted together */
  SPARE = 64,    /* bytes that vector instructions may access after the end of a buffer */
  SCALE = 7,     /* fraction bits of a colour: 255 still fits into 16 bits */
  NO_COLOUR = 128,
};

/* Bits of the coefficients that change less than four times across and down. */
static const u64 low = 0x0F0F0F0F;

/* The samples of a component that are shown, padded to whole blocks. */
typedef struct {
  u32 stride, height;
  u8 *samples;
} Shown;

/* A row of chroma, less NO_COLOUR, as long as one of luma; and sums of two rows, between copies of the
 * first and the last. */
typedef struct {
  i16 *row[2], *sums;
} Chroma;

static INLINE void show_block(const u8 *from, u32 stride, const Quantizer *quantizer,
                              const Dequantizer *back, u8 *to, u32 to_stride) {
  _Alignas(16) i16 coefficients[BLOCK_SAMPLES];
  u64 nonzero = quantize(from, stride, quantizer, coefficients);
  if (nonzero & ~low) transform_columns(coefficients, back, BLOCK_SIDE, 0, to, to_stride);
  else transform_columns(coefficients, back, BLOCK_SIDE, 1, to, to_stride);
}

/* A number of samples in whole blocks. */
static u32 padded(u32 samples) { return divide_up(samples, BLOCK_SIDE) * BLOCK_SIDE; }

/* One row of blocks, of at most eight rows of samples. */
static void show_row(const u8 *from, u32 width, u32 rows, const Quantizer *quantizer,
                     const Dequantizer *back, u8 *to, u32 stride) {
  for (u32 x = 0; x < width; x += BLOCK_SIDE) {
    u8 edge[BLOCK_SAMPLES];
    if (x + BLOCK_SIDE <= width && rows >= BLOCK_SIDE) {
      show_block(from + x, width, quantizer, back, to + x, stride);
      continue;
    }
    u32 columns = width - x;
    copy_edge(from + x, width, columns < BLOCK_SIDE ? columns : BLOCK_SIDE,
              rows < BLOCK_SIDE ? rows : BLOCK_SIDE, edge);
    show_block(edge, BLOCK_SIDE, quantizer, back, to + x, stride);
  }
}

static Status show_component(const Raster *raster, u32 component, u32 quality, Shown *shown) {
  u32 width = samples_across(raster, component), height = samples_down(raster, component);
  Quantizer quantizer;
  Dequantizer back;
  u16 steps[BLOCK_SAMPLES];
  make_quantizer(&quantizer, quality);
  for (u32 k = 0; k < BLOCK_SAMPLES; k++) steps[k] = quantizer.steps[k];
  make_dequantizer(&back, steps, BLOCK_SIDE);
  *shown = (Shown){padded(width), height, 0};
  shown->samples = allocate((size_t)shown->stride * padded(height) + SPARE);
  if (!shown->samples) return NO_MEMORY;
  for (u32 y = 0; y < height; y += BLOCK_SIDE)
    show_row(raster->plane[component] + (size_t)y * width, width, height - y, &quantizer, &back,
             shown->samples + (size_t)y * shown->stride, shown->stride);
  return OK;
}

/* Each value is three quarters of the nearer sample and a quarter of the farther one, across and down, as
 * libjpeg has it. `across` is the number of samples of chroma. */
static void double_row(const u8 *near, const u8 *far, u32 across, const Chroma *chroma, i16 *to) {
  i16 *sums = chroma->sums + GROUP;
  v128_t three = wasm_i16x8_splat(3);
  for (u32 x = 0; x < across; x += GROUP) {
    v128_t above = wasm_u16x8_load8x8(near + x), below = wasm_u16x8_load8x8(far + x);
    wasm_v128_store(sums + x, ADD(wasm_i16x8_mul(above, three), below));
  }
  sums[-1] = sums[0];
  sums[across] = sums[across - 1];
  for (u32 x = 0; x < across; x += GROUP) {
    v128_t here = wasm_i16x8_mul(wasm_v128_load(sums + x), three);
    here = SUB(here, wasm_i16x8_splat(16 * NO_COLOUR));
    v128_t left = ADD(ADD(here, wasm_v128_load(sums + x - 1)), wasm_i16x8_splat(8));
    v128_t right = ADD(ADD(here, wasm_v128_load(sums + x + 1)), wasm_i16x8_splat(7));
    left = wasm_i16x8_shr(left, 4);
    right = wasm_i16x8_shr(right, 4);
    wasm_v128_store(to + 2 * x, LOW16(left, right));
    wasm_v128_store(to + 2 * x + GROUP, HIGH16(left, right));
  }
}

static void copy_row(const u8 *from, u32 width, i16 *to) {
  for (u32 x = 0; x < width; x += GROUP)
    wasm_v128_store(to + x, SUB(wasm_u16x8_load8x8(from + x), wasm_i16x8_splat(NO_COLOUR)));
}

/* Makes the row of Cb or Cr that belongs to row y of luma. */
static void fill_chroma(const Raster *raster, const Shown *shown, u32 y, const Chroma *chroma,
                        i16 *to) {
  if (raster->max_v == 1) {
    copy_row(shown->samples + (size_t)y * shown->stride, raster->width, to);
    return;
  }
  u32 near = y / 2, far = y % 2 ? near + 1 : near - 1;
  if (far >= shown->height) far = near;
  double_row(shown->samples + (size_t)near * shown->stride,
             shown->samples + (size_t)far * shown->stride, samples_across(raster, 1), chroma, to);
}

/* A colour of eight pixels, of luma and a change, both times 2^SCALE. */
static INLINE v128_t colour(v128_t luma, v128_t change) {
  v128_t sum = wasm_i16x8_add_sat(luma, change);
  v128_t rounded = wasm_i16x8_add_sat(sum, wasm_i16x8_splat(1 << (SCALE - 1)));
  rounded = wasm_i16x8_shr(rounded, SCALE);
  return wasm_u8x16_narrow_i16x8(rounded, rounded);
}

/* YCbCr to RGB: T.871, clause 7. */
static INLINE void store_pixels(v128_t luma, v128_t blue_change, v128_t red_change, u8 *to) {
  v128_t y = wasm_i16x8_shl(luma, SCALE), b = wasm_i16x8_shl(blue_change, SCALE),
         r = wasm_i16x8_shl(red_change, SCALE), zero = wasm_i64x2_const(0, 0);
  v128_t red = colour(y, ADD(r, times(r, Q15(0.402)))), blue = colour(y, ADD(b, times(b, Q15(0.772))));
  v128_t green =
      colour(y, SUB(zero, ADD(times(b, Q15(0.344136286)), times(r, Q15(0.714136286)))));
  v128_t first = wasm_i8x16_shuffle(red, green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  v128_t second = wasm_i8x16_shuffle(blue, zero, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  wasm_v128_store(to, LOW16(first, second));
  wasm_v128_store(to + 2 * GROUP, HIGH16(first, second));
}

static Status allocate_chroma(u32 width, Chroma *chroma) {
  size_t bytes = (width + 4 * GROUP) * sizeof(i16);
  chroma->row[0] = allocate(bytes);
  chroma->row[1] = allocate(bytes);
  chroma->sums = allocate(bytes);
  if (!chroma->row[0] || !chroma->row[1] || !chroma->sums) return NO_MEMORY;
  for (u32 i = 0; i < 2; i++) __builtin_memset(chroma->row[i], 0, bytes);
  return OK;
}

/* Rows are written from top to bottom, so that the surplus of one is overwritten by the next. */
static Status show_rows(const Raster *raster, const Shown *shown, u8 *pixels) {
  Chroma chroma;
  TRY(allocate_chroma(raster->width, &chroma));
  for (u32 y = 0; y < raster->height; y++) {
    const u8 *luma = shown->samples + (size_t)y * shown->stride;
    u8 *to = pixels + (size_t)PIXEL * y * raster->width;
    for (u32 i = 1; i < raster->components; i++)
      fill_chroma(raster, &shown[i], y, &chroma, chroma.row[i - 1]);
    for (u32 x = 0; x < raster->width; x += GROUP)
      store_pixels(wasm_u16x8_load8x8(luma + x), wasm_v128_load(chroma.row[0] + x),
                   wasm_v128_load(chroma.row[1] + x), to + PIXEL * x);
  }
  return OK;
}

Status show_raster(const Raster *raster, u32 quality, u8 *pixels) {
  Shown shown[MAX_WRITTEN];
  size_t end = mark();
  Status status = OK;
  for (u32 i = 0; status == OK && i < raster->components; i++)
    status = show_component(raster, i, quality, &shown[i]);
  if (status == OK) status = show_rows(raster, shown, pixels);
  release(end);
  return status;
}
