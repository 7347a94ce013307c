/* Sequential scans, baseline and extended: F.2. */
#include "huffman.h"

#include <wasm_simd128.h>

#include "transform.h"

/* One of the blocks of an MCU, A.2.3, with everything needed to decode it. */
typedef struct {
  Component *component;
  const Table *dc, *ac;
  const u16 *quantizer;
  u8 *samples; /* position of the next MCU's samples */
  u32 step;    /* distance to those of the MCU after it */
} Unit;

typedef struct {
  Unit units[MAX_UNITS];
  u32 first, all; /* number of units of the first component, and of all */
} Mcu;

/* Reads a symbol that does not fit into the look-up table, and its value: F.2.2.2. */
static INLINE Status read_long(const Table *table, Bits *b, u32 *step, i32 *value) {
  refill(b);
  u32 symbol = decode_symbol(table, b);
  if (symbol == NO_SYMBOL) return DAMAGED;
  if (!(symbol & 15) && symbol != EOB && symbol != ZRL) return CORRUPT;
  *step = symbol == EOB ? ENDS : (symbol >> 4) + 1;
  *value = receive_extend(b, symbol & 15);
  refill(b);
  return OK;
}

/* Reads the coefficients up to `last`, in zigzag order, not yet dequantized: F.2.2.2. `*reached` is the
 * last one read or skipped, beyond LAST after an EOB. */
static INLINE Status read_low(const Table *table, Bits *b, u32 kept, u32 last, i16 *coefficients,
                              u32 *reached) {
  u32 k = 0;
  while (k < last) {
    if (kept > 2) refill(b); /* after a DC difference there are enough bits for four look-ups */
    u32 entry = table->value[peek(b, VALUE_BITS)], step = entry_step(entry);
    i32 value = entry_value(entry);
    if (is_escape(entry)) TRY(read_long(table, b, &step, &value));
    else drop(b, entry_bits(entry));
    k += step;
    coefficients[k] = (i16)value;
  }
  *reached = k;
  return OK;
}

/* Skips one coefficient, or EOB; `*reached` as above. */
static INLINE Status skip_one(const Table *table, Bits *b, u32 *reached) {
  refill(b);
  u32 symbol = decode_symbol(table, b), size = symbol & 15;
  if (symbol == NO_SYMBOL) return DAMAGED;
  if (!size && symbol != EOB && symbol != ZRL) return CORRUPT;
  drop(b, size);
  *reached = symbol == EOB ? LAST : *reached + (symbol >> 4) + 1;
  return *reached > LAST ? DAMAGED : OK;
}

/* Skips the coefficients of one look-up, unless that reaches the end of the block. `*seen` holds the bits
 * used and the coefficient reached before it, in the form of an entry, `*now` those after it. */
static INLINE int skip_some(const u16 *skips, Bits *b, u32 *seen, u32 *now) {
  u32 entry = skips[peek(b, SKIP_BITS)];
  *now = *seen + entry;
  if (*now >= make_skip(0, LAST)) return 0;
  b->bits <<= entry & 63;
  *seen = *now;
  return 1;
}

/* As many look-ups as refilled bits always suffice for; 0 if the end of the block was reached. */
static INLINE int skip_more(const u16 *skips, Bits *b, u32 *seen, u32 *now) {
  b->count -= skip_used(*seen);
  *seen -= skip_used(*seen);
  refill(b);
  return skip_some(skips, b, seen, now) && skip_some(skips, b, seen, now) &&
         skip_some(skips, b, seen, now);
}

/* Skips the rest of the block after coefficient k, several at a time. */
static INLINE Status skip_rest(const Table *table, Bits *b, u32 k) {
  const u16 *skips = table->skip;
  while (k < LAST) {
    u32 seen = make_skip(0, k), now;
    if (skip_more(skips, b, &seen, &now) && skip_more(skips, b, &seen, &now))
      skip_more(skips, b, &seen, &now);
    int is_ended = now - make_skip(0, SKIP_ENDS) < make_skip(0, LAST);
    if (is_ended || skip_passed(now) == LAST) { /* no EOB follows the last one */
      b->bits <<= skip_used(now - seen);
      b->count -= skip_used(now);
      return OK;
    }
    b->count -= skip_used(seen);
    k = skip_passed(seen);
    if (seen != now) TRY(skip_one(table, b, &k));
  }
  return OK;
}

static inline void clear(i16 *coefficients, u32 kept) {
  v128_t *to = (v128_t *)coefficients, zero = wasm_i64x2_const(0, 0);
  wasm_v128_store(to, zero);
  if (kept <= 2) return;
  for (u32 i = 1; i < 4; i++) wasm_v128_store(to + i, zero);
}

/* Decodes one block: the DC difference and the low AC coefficients; skips the others. */
static INLINE Status decode_block(Bits *b, Unit *unit, u32 kept) {
  _Alignas(16) i16 coefficients[2 * (LAST + 1)];
  Component *c = unit->component;
  i32 difference;
  u32 k = 0;
  TRY(read_difference(unit->dc, b, &difference));
  clear(coefficients, kept);
  if (kept > 1) TRY(read_low(unit->ac, b, kept, c->last, coefficients, &k));
  TRY(skip_rest(unit->ac, b, k));
  c->prediction += difference;
  coefficients[0] = (i16)c->prediction;
  transform(coefficients, unit->quantizer, kept, unit->samples, c->stride);
  unit->samples += unit->step;
  return OK;
}

/* Units from `begin` to before `end`, all with the same number of samples kept. */
static INLINE Status decode_alike(Bits *b, Mcu *mcu, u32 begin, u32 end, u32 kept) {
  for (u32 i = begin; i < end; i++) TRY(decode_block(b, &mcu->units[i], kept));
  return OK;
}

static INLINE Status decode_mixed(Bits *b, Mcu *mcu) {
  for (u32 i = 0; i < mcu->all; i++) {
    Unit *unit = &mcu->units[i];
    switch (unit->component->kept) {
      case 1: TRY(decode_block(b, unit, 1)); break;
      case 2: TRY(decode_block(b, unit, 2)); break;
      case 3: TRY(decode_block(b, unit, 3)); break;
      default: TRY(decode_block(b, unit, 4));
    }
  }
  return OK;
}

/* Samples kept per block side, of the first component and of the others. They are compile-time
 * constants for the common case of a large photo made small, where time matters most. */
typedef enum { ONES, TWOS_AND_ONES, TWOS, ANY } Kept;

static INLINE Status decode_mcus(Reader *reader, Mcu *mcu, u32 count, Kept kept) {
  for (; count; count--) {
    TRY(make_ready(reader));
    Bits b = reader->next;
    if (kept == ANY) {
      TRY(decode_mixed(&b, mcu));
    } else {
      TRY(decode_alike(&b, mcu, 0, mcu->first, kept == ONES ? 1 : 2));
      TRY(decode_alike(&b, mcu, mcu->first, mcu->all, kept == TWOS ? 2 : 1));
    }
    reader->next = b;
  }
  return OK;
}

#define DECODE_KEPT(name, kept)                                                               \
  static __attribute__((noinline)) Status decode_##name(Reader *reader, Mcu *mcu, u32 count) { \
    return decode_mcus(reader, mcu, count, kept);                                             \
  }
DECODE_KEPT(ones, ONES)
DECODE_KEPT(twos_and_ones, TWOS_AND_ONES)
DECODE_KEPT(twos, TWOS)
DECODE_KEPT(any, ANY)

static Kept kept_of(const Scan *scan) {
  u32 first = scan->component[0]->kept, others = first;
  for (u32 i = 1; i < scan->components; i++) {
    if (i > 1 && scan->component[i]->kept != others) return ANY;
    others = scan->component[i]->kept;
  }
  if (first == 2) return others == 2 ? TWOS : others == 1 ? TWOS_AND_ONES : ANY;
  return first == 1 && others == 1 ? ONES : ANY;
}

/* Decodes consecutive MCUs of one row. */
static Status decode_stretch(Reader *reader, Mcu *mcu, u32 count, Kept kept) {
  switch (kept) {
    case ONES: return decode_ones(reader, mcu, count);
    case TWOS_AND_ONES: return decode_twos_and_ones(reader, mcu, count);
    case TWOS: return decode_twos(reader, mcu, count);
    default: return decode_any(reader, mcu, count);
  }
}

/* The units of the first MCU in row y: component by component, each row by row. */
static void begin_row(const Image *image, const Scan *scan, u32 y, Mcu *mcu) {
  int is_alone = scan->components == 1; /* A.2.2: its MCU is one block */
  mcu->all = 0;
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    u32 across = is_alone ? 1 : c->h, down = is_alone ? 1 : c->v;
    for (u32 v = 0; v < down; v++)
      for (u32 h = 0; h < across; h++)
        mcu->units[mcu->all++] = (Unit){
            .component = c,
            .dc = &dc_tables[c->dc_table],
            .ac = &ac_tables[c->ac_table],
            .quantizer = image->quantizer[c->quantizer],
            .samples = c->samples + ((size_t)(y * down + v) * c->stride + h) * c->kept,
            .step = across * c->kept,
        };
    if (i == 0) mcu->first = mcu->all;
  }
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

Status decode_sequential(Image *image, Scan *scan, const u8 **at, const u8 *end) {
  Reader reader;
  Mcu mcu;
  Kept kept = kept_of(scan);
  TRY(begin(scan));
  TRY(start_reading(&reader, *at, end));
  int is_alone = scan->components == 1;
  u32 across = is_alone ? scan->component[0]->own_blocks_across : image->mcus_across;
  u32 down = is_alone ? scan->component[0]->own_blocks_down : image->mcus_down;
  u32 interval = image->restart_interval, left = interval, restarts = 0;
  for (u32 y = 0; y < down; y++) {
    begin_row(image, scan, y, &mcu);
    for (u32 x = 0, count; x < across; x += count, left -= count) {
      if (interval && !left) {
        TRY(begin_interval(&reader, scan, restarts++));
        left = interval;
      }
      count = interval && left < across - x ? left : across - x;
      TRY(decode_stretch(&reader, &mcu, count, kept));
    }
  }
  return finish_reading(&reader, at);
}
