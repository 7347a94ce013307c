/* AC scans of a progressive image: G.1.2.2 and G.1.2.3.
 *
 * Of one or two samples on the side of a block only the lowest coefficients are stored, from their
 * first scans. Of more all scans are read. A bit mask then tells which coefficients of a block are not
 * zero: a refinement has one bit for each of those, and symbols for the others.
 */
#include "progressive.h"

enum {
  SAID = 2, OF = 5,  /* of the bits that are missing: their average value as a fraction */
  BLOCKS_AT_ONCE = 8 /* together at most MOST_OF_MCU bytes, each 63 coefficients of 16 + 15 bits */
};

/* What the blocks of a scan have in common. */
typedef struct {
  const Table *table;
  const u8 *place; /* index of each coefficient in zigzag order */
  u32 first, last, low;
} Band;

/* What is read of a scan; known to the compiler where blocks are decoded. */
typedef enum { LOWEST, FIRST, REFINED } Content;

/* Reads a symbol and its value. `*step` is the distance to the coefficient, ENDS if the band ends. */
static INLINE Status read_step(const Table *table, Bits *b, u32 *step, i32 *value, u32 *end_of_band) {
  refill(b);
  u32 entry = table->value[peek(b, VALUE_BITS)];
  *step = entry_step(entry);
  *value = entry_value(entry);
  if (!is_escape(entry)) {
    drop(b, entry_bits(entry));
    return OK;
  }
  u32 symbol = decode_symbol(table, b), run = symbol >> 4, size = symbol & 15;
  if (symbol == NO_SYMBOL) return DAMAGED;
  *step = run + 1;
  *value = receive_extend(b, size);
  if (size || run == 15) return OK;
  read_end_of_band(b, run, end_of_band);
  *step = ENDS;
  return OK;
}

/* G.1.2.2 */
static INLINE Status read_band(Bits *bits, const Band *band, i16 *coefficients, u64 *nonzero,
                               u32 *end_of_band) {
  Bits b = *bits;
  u64 mask = *nonzero;
  u32 k = band->first - 1, step;
  i32 value;
  do {
    TRY(read_step(band->table, &b, &step, &value, end_of_band));
    if (step == ENDS) break;
    k += step;
    if (k > band->last) return DAMAGED;
    coefficients[band->place[k]] = (i16)(value * (1 << band->low));
    mask |= (u64)(value != 0) << k;
  } while (k < band->last);
  *nonzero = mask;
  *bits = b;
  return OK;
}

/* Reads a correction bit for each coefficient in `which`, the lowest first: Figure G.7. */
static INLINE void correct(Bits *b, const Band *band, u64 which, i16 *coefficients) {
  i32 bit = 1 << band->low;
  while (which) {
    refill(b);
    u32 left = count(which) < 32 ? count(which) : 32, corrections = peek(b, left);
    drop(b, left);
    if (!corrections && left < 32) return;
    for (; left; left--, which &= which - 1) {
      i16 *c = &coefficients[band->place[__builtin_ctzll(which)]];
      i32 is_set = (i32)(corrections >> (left - 1) & 1), sign = (*c >> 15) | 1;
      *c = (i16)(*c + is_set * sign * bit); /* without a branch: half of the bits are set */
    }
  }
}

/* One symbol of a refinement that is not an end of band: a new coefficient, or sixteen zeros. Moves
 * `zeros` and `others`, the coefficients not yet passed, past it: Figure G.7. */
static INLINE Status refine_one(Bits *b, const Band *band, u32 symbol, i16 *coefficients, u64 *zeros,
                                u64 *others, u64 *added) {
  u32 run = symbol >> 4, size = symbol & 15;
  i32 value = size && !peek(b, 1) ? -(1 << band->low) : 1 << band->low;
  drop(b, size);
  u64 left = *zeros;
  for (; run && left; run--) left &= left - 1;
  if (size && !left) return DAMAGED;
  u64 at = left & -left, passed = *others & (at - 1); /* all if no zero is left */
  correct(b, band, passed, coefficients);
  *others &= ~passed;
  *zeros = left & ~at;
  if (!size) return OK;
  coefficients[band->place[__builtin_ctzll(at)]] = (i16)value;
  *added |= at;
  return OK;
}

/* G.1.2.3 */
static INLINE Status refine_band(Bits *bits, const Band *band, i16 *coefficients, u64 *nonzero,
                                 u32 *end_of_band) {
  Bits b = *bits;
  u64 all = band_bits(band->first, band->last), others = *nonzero & all, zeros = all & ~others;
  u64 added = 0;
  while (!*end_of_band && (zeros | others)) {
    u32 symbol = read_symbol(band->table, &b), run = symbol >> 4, size = symbol & 15;
    if (symbol == NO_SYMBOL || size > 1) return DAMAGED;
    if (size || run == 15) {
      TRY(refine_one(&b, band, symbol, coefficients, &zeros, &others, &added));
      continue;
    }
    read_end_of_band(&b, run, end_of_band);
    ++*end_of_band; /* this block included */
  }
  if (*end_of_band) {
    correct(&b, band, others, coefficients);
    --*end_of_band;
  }
  *nonzero |= added;
  *bits = b;
  return OK;
}

/* Estimated value of a coefficient whose lowest bits are missing. */
static i32 estimate(i32 value, u32 low) {
  i32 missing = (1 << low) * SAID / OF;
  return value * (1 << low) + (low < 2 ? 0 : value > 0 ? missing : -missing);
}

/* G.1.2.2 for one or two samples kept. */
static INLINE Status read_lowest(Bits *bits, const Band *band, i16 *coefficients, u32 *end_of_band) {
  Bits b = *bits;
  for (u32 k = band->first; k <= band->last; k++) {
    u32 symbol = read_symbol(band->table, &b), run = symbol >> 4, size = symbol & 15;
    if (symbol == NO_SYMBOL) return DAMAGED;
    if (!size && run < 15) {
      read_end_of_band(&b, run, end_of_band);
      break;
    }
    k += run;
    if (k > band->last) return DAMAGED;
    i32 value = receive_extend(&b, size);
    if (size && band->place[k] != NOT_KEPT) coefficients[band->place[k]] = (i16)estimate(value, band->low);
  }
  *bits = b;
  return OK;
}

static INLINE Status decode_block(Bits *b, const Band *band, Component *c, u32 x, u32 y, Content content,
                                  u32 *end_of_band) {
  i16 *coefficients = coefficients_of(c, x, y);
  if (content == LOWEST) return read_lowest(b, band, coefficients, end_of_band);
  u64 *nonzero = &c->nonzero[(size_t)y * c->all_across + x];
  if (content == FIRST) return read_band(b, band, coefficients, nonzero, end_of_band);
  return refine_band(b, band, coefficients, nonzero, end_of_band);
}

/* Decodes consecutive blocks of row y. A first scan has nothing for those in an end-of-band run. */
static INLINE Status decode_blocks(Reader *reader, const Band *band, Component *c, u32 x, u32 y,
                                   u32 count, Content content, u32 *end_of_band) {
  u32 end = x + count;
  while (x < end) {
    if (content != REFINED && *end_of_band) {
      u32 passed = *end_of_band < end - x ? *end_of_band : end - x;
      *end_of_band -= passed;
      x += passed;
      continue;
    }
    TRY(make_ready(reader));
    Bits b = reader->next;
    for (u32 i = 0; i < BLOCKS_AT_ONCE && x < end; i++, x++) {
      if (content != REFINED && *end_of_band) break;
      TRY(decode_block(&b, band, c, x, y, content, end_of_band));
    }
    reader->next = b;
  }
  return OK;
}

static INLINE Status decode_rows(const Image *image, Scan *scan, Reader *reader, Content content) {
  Component *c = scan->component[0];
  const Band band = {&ac_tables[c->ac_table], c->place, scan->first, scan->last, scan->low};
  u32 across = c->own_blocks_across, down = c->own_blocks_down;
  u32 end = blocks_of(image->rows, c->v).end, interval = image->restart_interval, left = interval;
  u32 restarts = 0, end_of_band = 0;
  for (u32 y = 0; y < down && y < end; y++) {
    for (u32 x = 0, count; x < across; x += count, left -= count) {
      if (interval && !left) {
        TRY(begin_interval(reader, scan, restarts++, &end_of_band));
        left = interval;
      }
      count = interval && left < across - x ? left : across - x;
      TRY(decode_blocks(reader, &band, c, x, y, count, content, &end_of_band));
    }
  }
  if (has_run_out(reader)) return DAMAGED;
  return end_of_band && !ends_early(image) ? CORRUPT : OK;
}

static __attribute__((noinline)) Status decode_lowest(const Image *image, Scan *scan, Reader *reader) {
  return decode_rows(image, scan, reader, LOWEST);
}

static __attribute__((noinline)) Status decode_first(const Image *image, Scan *scan, Reader *reader) {
  return decode_rows(image, scan, reader, FIRST);
}

static __attribute__((noinline)) Status decode_refined(const Image *image, Scan *scan, Reader *reader) {
  return decode_rows(image, scan, reader, REFINED);
}

Status decode_ac_scan(const Image *image, Scan *scan, const u8 **at, const u8 *end) {
  Component *c = scan->component[0];
  int is_first = c->kept >= LEAST_WIDE && !scan->high;
  Reader reader;
  TRY(prepare_table(&ac_tables[c->ac_table], is_first ? FOR_VALUES : FOR_SYMBOLS));
  TRY(start_reading(&reader, *at, end));
  if (is_first) TRY(decode_first(image, scan, &reader));
  else if (scan->high) TRY(decode_refined(image, scan, &reader));
  else TRY(decode_lowest(image, scan, &reader));
  return ends_early(image) ? OK : finish_reading(&reader, at);
}
