/* Blocks to tokens: F.1.2 for a baseline scan, G.1.2 for the scans of a progressive file. */
#include "encoder.h"
#include "tokens.h"

/* Where the blocks of a component are read, in one of its rows. */
typedef struct {
  const Blocks *blocks;
  const i16 *values;
  u32 x, y;
} Cursor;

/* Most tokens of a block: each coefficient a symbol and a piece of loose bits, and its end. */
enum { MOST_TOKENS = 2 * BLOCK_SAMPLES + 2 };

/* A bit for each coefficient from `first` to `last`. */
static INLINE u64 band_of(u32 first, u32 last) {
  return (~(u64)0 >> (LAST - last)) & (~(u64)0 << first);
}

/* Rows of blocks of a component in an MCU. */
static INLINE u32 rows_of_mcu(const Raster *raster, u32 component) {
  return component ? 1 : raster->max_v;
}

static Cursor start_row(const Blocks *blocks, u32 y) {
  u32 first = y < blocks->down ? blocks->row_values[y] : 0;
  return (Cursor){blocks, blocks->values + first, 0, y};
}

/* F.1.2.1: the difference from the previous block of the component. */
static INLINE void add_dc(Tokens *tokens, u32 table, i32 value, i32 *prediction) {
  i32 difference = value - *prediction;
  u32 size = size_of(difference);
  *prediction = value;
  add_symbol(tokens, table, size, low_bits(difference, size), size);
}

/* F.1.2.2: runs of zeros, and values; returns the index of the last coefficient. */
static INLINE u32 add_values(Tokens *tokens, u32 table, u64 nonzero, const i16 *values,
                             u32 previous) {
  for (; nonzero; nonzero &= nonzero - 1) {
    u32 k = (u32)__builtin_ctzll(nonzero), run = k - previous - 1;
    previous = k;
    for (; run > 15; run -= 16) add_symbol(tokens, table, ZERO_RUN, 0, 0);
    add_value(tokens, table, run, *values++);
  }
  return previous;
}

/* One block of an interleaved scan. A block beyond the component's own samples, which only fills
 * the MCU, repeats the previous DC coefficient. */
static INLINE void add_block(Tokens *tokens, Cursor *at, u32 is_chroma, i32 *prediction,
                             int is_dc_only) {
  const Blocks *blocks = at->blocks;
  u32 x = at->x++, reached = 0;
  size_t index = (size_t)at->y * blocks->across + x;
  int is_own = x < blocks->across && at->y < blocks->down;
  add_dc(tokens, DC_TABLES + is_chroma, is_own ? blocks->dc[index] : *prediction, prediction);
  if (is_dc_only) return;
  if (is_own) {
    u64 nonzero = blocks->nonzero[index];
    reached = add_values(tokens, AC_TABLES + is_chroma, nonzero, at->values, 0);
    at->values += __builtin_popcountll(nonzero);
  }
  if (reached != LAST) add_symbol(tokens, AC_TABLES + is_chroma, END_OF_BLOCK, 0, 0);
}

/* A.2.3: the blocks of a row of MCUs; with all coefficients, or those of DC only. */
static INLINE void add_mcus(Tokens *tokens, const Raster *raster, const Blocks *blocks, u32 y,
                            i32 *predictions, int is_dc_only) {
  Cursor cursors[MAX_WRITTEN][2];
  for (u32 i = 0; i < raster->components; i++)
    for (u32 v = 0; v < rows_of_mcu(raster, i); v++)
      cursors[i][v] = start_row(&blocks[i], y * rows_of_mcu(raster, i) + v);
  u32 mcus = divide_up(raster->width, 8 * raster->max_h);
  for (u32 x = 0; x < mcus; x++)
    for (u32 i = 0; i < raster->components; i++)
      for (u32 v = 0; v < rows_of_mcu(raster, i); v++)
        for (u32 h = 0; h < (i ? 1 : raster->max_h); h++)
          add_block(tokens, &cursors[i][v], i > 0, &predictions[i], is_dc_only);
}

static INLINE Status add_interleaved(Tokens *tokens, const Raster *raster, const Blocks *blocks,
                                     int is_dc_only) {
  i32 predictions[MAX_WRITTEN] = {0};
  u32 mcus = divide_up(raster->width, 8 * raster->max_h);
  size_t most = (size_t)mcus * MAX_UNITS * (is_dc_only ? 1 : MOST_TOKENS) * sizeof(u32);
  for (u32 y = 0; y < divide_up(raster->height, 8 * raster->max_v); y++) {
    TRY(make_room(tokens->at, most));
    add_mcus(tokens, raster, blocks, y, predictions, is_dc_only);
  }
  return OK;
}

/* G.1.2.2: blocks in a row that have nothing more in the band. The token for their number stands
 * where the run begins: in a refinement scan bits of the run's blocks follow it. */
typedef struct {
  u32 *at, length;
} Run;

static INLINE void end_run(Tokens *tokens, Run *run) {
  if (!run->length) return;
  u32 size = 31 - (u32)__builtin_clz(run->length), symbol = size << 4;
  tokens->counts[AC_TABLES * SYMBOLS + symbol]++;
  *run->at = token(AC_TABLES, symbol, run->length & ((1u << size) - 1), size);
  run->length = 0;
}

static INLINE void extend_run(Tokens *tokens, Run *run) {
  if (run->length == MAX_END_OF_BAND) end_run(tokens, run);
  if (!run->length++) run->at = tokens->at++;
}

/* The coefficients of a block from which the low bits that later scans add are cut off: G.1.2.1. */
static INLINE u32 add_high_bits(Tokens *tokens, u64 nonzero, u64 large, const i16 *values,
                                u32 previous) {
  for (; large; large &= large - 1) {
    u64 here = large & -large;
    u32 k = (u32)__builtin_ctzll(large), run = k - previous - 1;
    i32 value = values[__builtin_popcountll(nonzero & (here - 1))];
    previous = k;
    for (; run > 15; run -= 16) add_symbol(tokens, AC_TABLES, ZERO_RUN, 0, 0);
    add_value(tokens, AC_TABLES, run, value / 2);
  }
  return previous;
}

/* A block of the first scan of a band. `nonzero` and `values` are those inside of it. */
static INLINE void add_first(Tokens *tokens, Run *run, const WrittenScan *scan, u64 nonzero,
                             u64 large, const i16 *values) {
  u32 reached = scan->first - 1u;
  if (scan->low ? large : nonzero) {
    end_run(tokens, run);
    reached = scan->low ? add_high_bits(tokens, nonzero, large, values, reached)
                        : add_values(tokens, AC_TABLES, nonzero, values, reached);
  }
  if (reached != scan->last) extend_run(tokens, run);
}

/* G.1.2.3: the last bit of a block's coefficients. The correction bits of those that are nonzero
 * already come after the next symbol. */
static INLINE void add_last_bits(Tokens *tokens, Run *run, const WrittenScan *scan, u64 nonzero,
                                 u64 large, const i16 *values) {
  u64 fresh = nonzero & ~large, corrections = 0;
  u32 count = 0, zeros = 0, previous = scan->first - 1u;
  for (; nonzero; nonzero &= nonzero - 1) {
    u32 k = (u32)__builtin_ctzll(nonzero);
    i32 value = *values++;
    zeros += k - previous - 1;
    previous = k;
    /* Only zeros before another symbol are coded. */
    for (; zeros > 15 && fresh; zeros -= 16, count = 0) {
      end_run(tokens, run);
      add_symbol(tokens, AC_TABLES, ZERO_RUN, 0, 0);
      add_bits(tokens, corrections, count);
    }
    if (large >> k & 1) {
      corrections = corrections << 1 | (value & 1);
      count++;
      continue;
    }
    end_run(tokens, run);
    add_symbol(tokens, AC_TABLES, zeros << 4 | 1, value > 0, 1);
    add_bits(tokens, corrections, count);
    count = zeros = 0;
    fresh &= fresh - 1;
  }
  if (previous == scan->last && !count) return;
  extend_run(tokens, run);
  add_bits(tokens, corrections, count);
}

/* One row of blocks of a scan of AC coefficients. */
static INLINE void add_band_row(Tokens *tokens, const Blocks *blocks, u32 y,
                                const WrittenScan *scan, Run *run) {
  u64 band = band_of(scan->first, scan->last), before = band_of(0, scan->first - 1u);
  size_t index = (size_t)y * blocks->across;
  const i16 *values = blocks->values + blocks->row_values[y];
  for (u32 x = 0; x < blocks->across; x++, index++) {
    u64 all = blocks->nonzero[index], large = blocks->large[index] & band;
    const i16 *here = values + __builtin_popcountll(all & before);
    if (scan->high) add_last_bits(tokens, run, scan, all & band, large, here);
    else add_first(tokens, run, scan, all & band, large, here);
    values += __builtin_popcountll(all);
  }
}

static Status add_band(Tokens *tokens, const Blocks *blocks, const WrittenScan *scan) {
  Run run = {0, 0};
  for (u32 y = 0; y < blocks->down; y++) {
    TRY(make_room(tokens->at, (size_t)blocks->across * MOST_TOKENS * sizeof(u32)));
    add_band_row(tokens, blocks, y, scan, &run);
  }
  end_run(tokens, &run);
  return OK;
}

Status make_tokens(Tokens *tokens, const Raster *raster, const Blocks *blocks,
                   const WrittenScan *scan) {
  if (scan->first) return add_band(tokens, &blocks[scan->component], scan);
  return scan->last ? add_interleaved(tokens, raster, blocks, 0)
                    : add_interleaved(tokens, raster, blocks, 1);
}
