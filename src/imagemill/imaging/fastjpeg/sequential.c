/* Sequential scans, baseline and extended: F.2. */
#include "huffman.h"

#include <wasm_simd128.h>

#include "transform.h"

/* An MCU, counted in MCUs, and the component of it that comes next. */
typedef struct {
  u32 x, y, first;
  int is_alone; /* A.2.2: one component's MCU is one block */
} Unit;

/* A symbol that the look-up table has no room for, together with its value: F.2.2.2. */
static INLINE Status read_long(const Table *table, u32 escape, Bits *b, u32 *step, i32 *value) {
  refill(b);
  u32 symbol = decode_symbol(table, escape, b);
  if (symbol == NO_SYMBOL) return CORRUPT;
  if (!(symbol & 15) && symbol != EOB && symbol != ZRL) return CORRUPT;
  *step = symbol == EOB ? ENDS : (symbol >> 4) + 1;
  *value = receive_extend(b, symbol & 15);
  refill(b);
  return OK;
}

/* Reads the coefficients up to `last` into their places, in zigzag order, undequantized: F.2.2.2.
 * `*reached` is the last one read or passed over, beyond LAST behind an EOB. */
static INLINE Status read_low(const Table *table, Bits *b, u32 last, i16 *coefficients,
                              u32 *reached) {
  u32 k = 0;
  while (k < last) {
    if (last > 4) refill(b); /* four look-ups have bits enough behind a DC difference */
    u32 entry = table->value[peek(b, VALUE_BITS)], step = entry_step(entry);
    i32 value = entry_value(entry);
    if (is_escape(entry)) TRY(read_long(table, entry, b, &step, &value));
    else drop(b, entry_bits(entry));
    k += step;
    coefficients[k] = (i16)value;
  }
  *reached = k;
  return OK;
}

/* Passes over one coefficient, or EOB; `*reached` as above. */
static INLINE Status skip_one(const Table *table, Bits *b, u32 *reached) {
  refill(b);
  u32 symbol = decode_any(table, b), size = symbol & 15;
  if (symbol == NO_SYMBOL || (!size && symbol != EOB && symbol != ZRL)) return CORRUPT;
  drop(b, size);
  *reached = symbol == EOB ? LAST : *reached + (symbol >> 4) + 1;
  return *reached > LAST ? CORRUPT : OK;
}

/* Passes over what one look-up tells, unless it reaches the end of the block. */
static INLINE int skip_some(const Table *table, Bits *b, u32 *k, Skip *skip) {
  u32 next = peek(b, SKIP_BITS);
  *skip = (Skip){table->skip_used[next], table->skip_passed[next]};
  if (*k + skip->passed >= LAST) return 0;
  drop(b, skip->used);
  *k += skip->passed;
  return 1;
}

/* Passes over the rest of the block behind coefficient k, several at a time. */
static INLINE Status skip_rest(const Table *table, Bits *b, u32 k) {
  while (k < LAST) {
    Skip skip;
    refill(b); /* two look-ups use 56 bits at the most */
    if (skip_some(table, b, &k, &skip) && skip_some(table, b, &k, &skip)) {
      refill(b);
      if (skip_some(table, b, &k, &skip) && skip_some(table, b, &k, &skip)) continue;
    }
    int is_last = k + skip.passed == LAST; /* then no EOB follows */
    int is_ended = skip.used && skip.passed >= SKIP_ENDS && k + skip.passed - SKIP_ENDS < LAST;
    if (is_last || is_ended) {
      drop(b, skip.used);
      return OK;
    }
    TRY(skip_one(table, b, &k));
  }
  return OK;
}

static inline void clear(i16 *coefficients, u32 kept) {
  v128_t *to = (v128_t *)coefficients, zero = wasm_i64x2_const(0, 0);
  wasm_v128_store(to, zero);
  if (kept <= 2) return;
  for (u32 i = 1; i < 4; i++) wasm_v128_store(to + i, zero);
}

/* One block: the difference of its DC coefficient, the low AC coefficients, and past the others. */
static INLINE Status decode_block(Bits *b, const u16 *quantizer, Component *c, u32 kept,
                                  u8 *samples) {
  _Alignas(16) i16 coefficients[2 * (LAST + 1)];
  const Table *ac = &ac_tables[c->ac_table];
  i32 difference;
  u32 k = 0;
  TRY(read_difference(&dc_tables[c->dc_table], b, &difference));
  c->prediction += difference;
  clear(coefficients, kept);
  if (kept > 1) TRY(read_low(ac, b, last_kept(kept), coefficients, &k));
  TRY(skip_rest(ac, b, k));
  coefficients[0] = (i16)c->prediction;
  transform(coefficients, quantizer, kept, samples, c->stride);
  return OK;
}

/* A component's blocks within one MCU, across × down of them, row by row: A.2.3. */
static INLINE Status decode_blocks(Bits *b, const Picture *picture, Component *c, u32 kept,
                                   const Unit *unit) {
  u32 across = unit->is_alone ? 1 : c->h, down = unit->is_alone ? 1 : c->v;
  u8 *row = c->samples + (size_t)(unit->y * down * c->stride + unit->x * across) * kept;
  for (u32 v = 0; v < down; v++, row += c->stride * kept)
    for (u32 h = 0; h < across; h++)
      TRY(decode_block(b, picture->quantizer[c->quantizer], c, kept, row + h * kept));
  return OK;
}

/* The components from `unit->first` on that have as many samples kept; moves it behind them. */
static INLINE Status decode_alike(Reader *reader, const Picture *picture, const Scan *scan,
                                  u32 kept, Unit *unit) {
  Bits b = reader->next;
  u32 i = unit->first;
  do {
    TRY(decode_blocks(&b, picture, scan->component[i++], kept, unit));
  } while (i < scan->components && scan->component[i]->kept == kept);
  unit->first = i;
  reader->next = b;
  return OK;
}

/* One for each number of samples kept, so that the compiler knows it. */
#define DECODE_KEPT(kept)                                                       \
  static __attribute__((noinline)) Status decode_##kept(                        \
      Reader *reader, const Picture *picture, const Scan *scan, Unit *unit) {   \
    return decode_alike(reader, picture, scan, kept, unit);                     \
  }
DECODE_KEPT(1)
DECODE_KEPT(2)
DECODE_KEPT(3)
DECODE_KEPT(4)

static Status decode_mcu(Reader *reader, const Picture *picture, Scan *scan, u32 x, u32 y) {
  Unit unit = {x, y, 0, scan->components == 1};
  while (unit.first < scan->components) {
    switch (scan->component[unit.first]->kept) {
      case 1: TRY(decode_1(reader, picture, scan, &unit)); break;
      case 2: TRY(decode_2(reader, picture, scan, &unit)); break;
      case 3: TRY(decode_3(reader, picture, scan, &unit)); break;
      default: TRY(decode_4(reader, picture, scan, &unit));
    }
  }
  return OK;
}

static Status begin(Scan *scan) {
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    if (c->is_decoded) return UNSUPPORTED;
    c->is_decoded = 1;
    c->prediction = 0;
    TRY(prepare_table(&dc_tables[c->dc_table], FOR_DC));
    TRY(prepare_table(&ac_tables[c->ac_table], FOR_AC));
  }
  return OK;
}

static Status begin_interval(Reader *reader, Scan *scan, u32 number) {
  for (u32 i = 0; i < scan->components; i++) scan->component[i]->prediction = 0;
  return restart(reader, number);
}

Status decode_sequential(Picture *picture, Scan *scan, const u8 **at, const u8 *end) {
  Reader reader;
  TRY(begin(scan));
  TRY(start_reading(&reader, *at, end));
  int is_alone = scan->components == 1;
  u32 across = is_alone ? scan->component[0]->own_blocks_across : picture->mcus_across;
  u32 down = is_alone ? scan->component[0]->own_blocks_down : picture->mcus_down;
  u32 interval = picture->restart_interval, left = interval, restarts = 0;
  for (u32 y = 0; y < down; y++) {
    for (u32 x = 0; x < across; x++, left--) {
      if (interval && !left) {
        TRY(begin_interval(&reader, scan, restarts++));
        left = interval;
      }
      TRY(make_ready(&reader));
      TRY(decode_mcu(&reader, picture, scan, x, y));
    }
  }
  *at = reader.source;
  return has_run_out(&reader) ? CORRUPT : OK;
}
