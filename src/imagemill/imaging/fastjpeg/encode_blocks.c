/* The quantized blocks of a component: their nonzero coefficients. */
#include "forward_dct.h"

u32 samples_across(const Raster *raster, u32 component) {
  return component ? divide_up(raster->width, raster->max_h) : raster->width;
}

u32 samples_down(const Raster *raster, u32 component) {
  return component ? divide_up(raster->height, raster->max_v) : raster->height;
}

/* Stores the coefficients of the block `index`; returns the end of the values. */
static INLINE i16 *add_block(const u8 *from, u32 stride, const Quantizer *quantizer,
                             const Blocks *blocks, size_t index, i16 *values) {
  _Alignas(16) i16 coefficients[BLOCK_SAMPLES];
  i16 ordered[BLOCK_SAMPLES];
  u64 mask = quantize(from, stride, quantizer, coefficients) & ~(u64)1, in_order = 0, large = 0;
  for (; mask; mask &= mask - 1) {
    u32 at = (u32)__builtin_ctzll(mask), k = zigzag_order[at];
    in_order |= (u64)1 << k;
    large |= (u64)((u32)(coefficients[at] + 1) > 2) << k;
    ordered[k] = coefficients[at];
  }
  blocks->dc[index] = coefficients[0];
  blocks->nonzero[index] = in_order;
  blocks->large[index] = large;
  for (; in_order; in_order &= in_order - 1) *values++ = ordered[__builtin_ctzll(in_order)];
  return values;
}

/* One row of blocks, of at most eight rows of samples. */
static i16 *add_row(const Blocks *blocks, u32 y, const u8 *from, u32 width, u32 rows,
                    const Quantizer *quantizer, i16 *values) {
  size_t first = (size_t)y * blocks->across;
  u32 whole = rows < 8 ? 0 : width / 8;
  for (u32 x = 0; x < whole; x++)
    values = add_block(from + 8 * x, width, quantizer, blocks, first + x, values);
  for (u32 x = whole; x < blocks->across; x++) {
    u8 edge[BLOCK_SAMPLES];
    u32 columns = width - 8 * x;
    copy_edge(from + 8 * x, width, columns < 8 ? columns : 8, rows < 8 ? rows : 8, edge);
    values = add_block(edge, 8, quantizer, blocks, first + x, values);
  }
  return values;
}

Status make_blocks(Blocks *blocks, const Raster *raster, u32 component,
                   const Quantizer *quantizer) {
  u32 width = samples_across(raster, component), height = samples_down(raster, component);
  blocks->across = divide_up(width, 8);
  blocks->down = divide_up(height, 8);
  size_t all = (size_t)blocks->across * blocks->down;
  blocks->dc = allocate(all * sizeof *blocks->dc);
  blocks->nonzero = allocate(all * sizeof *blocks->nonzero);
  blocks->large = allocate(all * sizeof *blocks->large);
  blocks->row_values = allocate(blocks->down * sizeof *blocks->row_values);
  i16 *values = blocks->values = allocate(0);
  if (!blocks->dc || !blocks->nonzero || !blocks->large || !blocks->row_values || !values)
    return NO_MEMORY;
  for (u32 y = 0; y < blocks->down; y++) {
    TRY(make_room(values, (size_t)blocks->across * LAST * sizeof *values));
    blocks->row_values[y] = (u32)(values - blocks->values);
    values = add_row(blocks, y, raster->plane[component] + (size_t)y * 8 * width, width,
                     height - 8 * y, quantizer, values);
  }
  release((size_t)values);
  return OK;
}
