/* Checks AC scans of a progressive image for damage: G.1.2.2 and G.1.2.3.
 *
 * Only the positions of nonzero coefficients are kept: a refinement cannot be read without them.
 */
#include "progressive.h"

static INLINE Status check_first(Bits *b, const Scan *scan, const Table *table, u64 *nonzero,
                                 u32 *end_of_band) {
  for (u32 k = scan->first; k <= scan->last; k++) {
    u32 symbol = read_symbol(table, b), run = symbol >> 4, size = symbol & 15;
    if (symbol == NO_SYMBOL) return DAMAGED;
    if (!size && run < 15) {
      read_end_of_band(b, run, end_of_band);
      break;
    }
    k += run;
    if (k > scan->last) return DAMAGED;
    drop(b, size);
    if (size) *nonzero |= 1ull << k;
  }
  return OK;
}

/* Skips the correction bits of nonzero coefficients and `run` zero coefficients. Returns the index of
 * the next zero coefficient, last + 1 if there is none. */
static INLINE u32 pass(Bits *b, u32 k, u32 last, u32 run, u64 nonzero) {
  u64 zeros = ~nonzero & band_bits(k, last);
  for (; run && zeros; run--) zeros &= zeros - 1;
  u32 to = zeros ? (u32)__builtin_ctzll(zeros) : last + 1;
  drop_many(b, count(nonzero & band_bits(k, to - 1)));
  return to;
}

static INLINE Status check_refined(Bits *b, const Scan *scan, const Table *table, u64 *nonzero,
                                   u32 *end_of_band) {
  for (u32 k = scan->first; k <= scan->last; k++) {
    u32 symbol = read_symbol(table, b), run = symbol >> 4, size = symbol & 15;
    if (symbol == NO_SYMBOL || size > 1) return DAMAGED;
    if (!size && run < 15) {
      read_end_of_band(b, run, end_of_band);
      drop_many(b, count(*nonzero & band_bits(k, scan->last)));
      break;
    }
    drop(b, size); /* its sign */
    k = pass(b, k, scan->last, run, *nonzero);
    if (size && k > scan->last) return DAMAGED;
    if (size) *nonzero |= 1ull << k;
  }
  return OK;
}

static INLINE Status check_block(Reader *reader, const Scan *scan, u64 *nonzero, u32 *end_of_band,
                                 int is_refined) {
  const Table *table = &ac_tables[scan->component[0]->ac_table];
  Bits *b = &reader->next;
  if (*end_of_band) {
    --*end_of_band;
    if (is_refined && *nonzero) drop_many(b, count(*nonzero & band_bits(scan->first, scan->last)));
    return OK;
  }
  return is_refined ? check_refined(b, scan, table, nonzero, end_of_band)
                    : check_first(b, scan, table, nonzero, end_of_band);
}

static INLINE Status check_blocks(Image *image, Scan *scan, Reader *reader, int is_refined) {
  Component *c = scan->component[0];
  u32 interval = image->restart_interval, left = interval, restarts = 0, end_of_band = 0;
  for (u32 y = 0; y < c->own_blocks_down; y++) {
    u64 *nonzero = c->nonzero + (size_t)y * c->all_across;
    for (u32 x = 0; x < c->own_blocks_across; x++, left--, nonzero++) {
      if (interval && !left) {
        TRY(begin_interval(reader, scan, restarts++, &end_of_band));
        left = interval;
      }
      TRY(make_ready(reader));
      TRY(check_block(reader, scan, nonzero, &end_of_band, is_refined));
    }
  }
  return end_of_band ? CORRUPT : OK;
}

static __attribute__((noinline)) Status check_all_first(Image *image, Scan *scan,
                                                        Reader *reader) {
  return check_blocks(image, scan, reader, 0);
}

static __attribute__((noinline)) Status check_all_refined(Image *image, Scan *scan,
                                                          Reader *reader) {
  return check_blocks(image, scan, reader, 1);
}

Status check_ac_scan(Image *image, Scan *scan, const u8 **at, const u8 *end) {
  Reader reader;
  TRY(prepare_table(&ac_tables[scan->component[0]->ac_table], FOR_SYMBOLS));
  TRY(start_reading(&reader, *at, end));
  TRY(scan->high ? check_all_refined(image, scan, &reader)
                 : check_all_first(image, scan, &reader));
  return finish_reading(&reader, at);
}
