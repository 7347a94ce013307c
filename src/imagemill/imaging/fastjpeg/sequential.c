/* Sequential scans, baseline and extended: F.2. */
#include "ac.h"
#include "inverse_dct.h"
#include "transform.h"

static Dequantizer dequantizers[MAX_COMPONENTS];

/* One of the blocks of an MCU, A.2.3, with everything needed to decode it. */
typedef struct {
  Component *component;
  const Table *dc, *ac;
  const u16 *quantizer;
  const Dequantizer *dequantizer;
  u8 *samples; /* where the next MCU's go, */
  u32 step;    /* and how far off those of the one after it */
  u32 alike;   /* units from this one on with as many samples kept */
} Unit;

typedef struct {
  Unit units[MAX_UNITS];
  u32 first, count; /* number of units of the first component, and of all */
} Mcu;

/* Decodes a block to one or two samples each way; skips the higher coefficients. */
static INLINE Status decode_block(Bits *b, Unit *unit, u32 kept) {
  /* Some of them are read; any step, or EOB, may follow. */
  _Alignas(16) i16 coefficients[4 + ENDS];
  Component *c = unit->component;
  i32 difference;
  u32 k = 0;
  TRY(read_difference(unit->dc, b, &difference));
  wasm_v128_store(coefficients, wasm_i64x2_const(0, 0));
  if (kept > 1) TRY(read_lowest(unit->ac, b, c->last, coefficients, &k));
  TRY(skip_rest(unit->ac, b, k));
  c->prediction += difference;
  coefficients[0] = (i16)c->prediction;
  transform(coefficients, unit->quantizer, kept, unit->samples, c->stride);
  unit->samples += unit->step;
  return OK;
}

/* A block of which more samples are kept: read, to be transformed later. */
typedef struct {
  _Alignas(16) i16 coefficients[BEYOND + 8];
  u32 last; /* the last coefficient that may be other than zero */
} Block;

/* Reads the coefficients of a block for three and more samples each way; of eight none is skipped. */
static INLINE Status read_block(Bits *b, const Unit *unit, u32 kept, Block *block) {
  Component *c = unit->component;
  i32 difference;
  u32 k;
  TRY(read_difference(unit->dc, b, &difference));
  for (u32 i = 0; i < kept; i++)
    wasm_v128_store(block->coefficients + BLOCK_SIDE * i, wasm_i64x2_const(0, 0));
  u32 last = kept == BLOCK_SIDE ? LAST : c->last;
  TRY(read_placed(unit->ac, b, unit->dequantizer->place, last, block->coefficients, &k));
  if (kept < BLOCK_SIDE) TRY(skip_rest(unit->ac, b, k));
  c->prediction += difference;
  block->coefficients[0] = (i16)c->prediction;
  block->last = k < ENDS ? k : k - ENDS;
  return OK;
}

/* Decodes units to three and more samples. The blocks are transformed after all have been read: loading
 * a vector right after its coefficients have been stored one by one would stall the processor. */
static INLINE Status decode_more(Bits *b, Unit *units, const Unit *end, u32 kept) {
  static Block blocks[MAX_UNITS];
  Block *block = blocks;
  for (Unit *unit = units; unit < end; unit++) TRY(read_block(b, unit, kept, block++));
  block = blocks;
  for (Unit *unit = units; unit < end; unit++, block++) {
    inverse_dct(block->coefficients, unit->dequantizer, kept, block->last, unit->samples,
                unit->component->stride);
    unit->samples += unit->step;
  }
  return OK;
}

/* Decodes units to one or two samples. */
static INLINE Status decode_few(Bits *b, Unit *unit, const Unit *end, u32 kept) {
  for (; unit < end; unit++) TRY(decode_block(b, unit, kept));
  return OK;
}

/* Decodes units with as many samples kept. Their number is known to the compiler. */
static INLINE Status decode_units(Reader *reader, Unit *unit, Unit *end, u32 kept) {
  Bits b = reader->next;
  TRY(kept < LEAST_WIDE ? decode_few(&b, unit, end, kept) : decode_more(&b, unit, end, kept));
  reader->next = b;
  return OK;
}

#define DECODE_UNITS(kept)                                                                        \
  static __attribute__((noinline)) Status decode_##kept(Reader *reader, Unit *unit, Unit *end) { \
    return decode_units(reader, unit, end, kept);                                                 \
  }
DECODE_UNITS(1)
DECODE_UNITS(2)
DECODE_UNITS(3)
DECODE_UNITS(4)
DECODE_UNITS(5)
DECODE_UNITS(6)
DECODE_UNITS(8)

static Status decode_alike(Reader *reader, Unit *unit, Unit *end) {
  switch (unit->component->kept) {
    case 1: return decode_1(reader, unit, end);
    case 2: return decode_2(reader, unit, end);
    case 3: return decode_3(reader, unit, end);
    case 4: return decode_4(reader, unit, end);
    case 5: return decode_5(reader, unit, end);
    case 6: return decode_6(reader, unit, end);
    default: return decode_8(reader, unit, end);
  }
}

/* Decodes consecutive MCUs of one row, with one call for units that are decoded alike. */
static Status decode_any(Reader *reader, Mcu *mcu, u32 count) {
  for (; count; count--) {
    TRY(make_ready(reader));
    for (u32 i = 0; i < mcu->count; i += mcu->units[i].alike)
      TRY(decode_alike(reader, &mcu->units[i], &mcu->units[i + mcu->units[i].alike]));
  }
  return OK;
}

/* The same without calls, for one and two samples of the first component and of the others: large
 * photos made small, where a call for each MCU would take a tenth of the time. */
static INLINE Status decode_small(Reader *reader, Mcu *mcu, u32 count, u32 first, u32 others) {
  Unit *units = mcu->units;
  for (; count; count--) {
    TRY(make_ready(reader));
    Bits b = reader->next;
    TRY(decode_few(&b, units, units + mcu->first, first));
    TRY(decode_few(&b, units + mcu->first, units + mcu->count, others));
    reader->next = b;
  }
  return OK;
}

#define DECODE_SMALL(first, others)                                                                       \
  static __attribute__((noinline)) Status decode_##first##_##others(Reader *reader, Mcu *mcu, u32 count) { \
    return decode_small(reader, mcu, count, first, others);                                               \
  }
DECODE_SMALL(1, 1)
DECODE_SMALL(2, 1)
DECODE_SMALL(2, 2)

static int keeps(const Mcu *mcu, u32 first, u32 others) {
  const Unit *other = &mcu->units[mcu->first];
  if (mcu->units->component->kept != first) return 0;
  if (mcu->first == mcu->count) return 1;
  return other->component->kept == others && other->alike == mcu->count - mcu->first;
}

/* Reads past consecutive MCUs of one row. Of their blocks only the DC differences count. */
static __attribute__((noinline)) Status pass_mcus(Reader *reader, Mcu *mcu, u32 count) {
  for (; count; count--) {
    TRY(make_ready(reader));
    Bits b = reader->next;
    for (Unit *unit = mcu->units; unit < mcu->units + mcu->count; unit++) {
      i32 difference;
      TRY(read_difference(unit->dc, &b, &difference));
      TRY(skip_rest(unit->ac, &b, 0));
      unit->component->prediction += difference;
    }
    reader->next = b;
  }
  return OK;
}

static Status decode_mcus(Reader *reader, Mcu *mcu, u32 count) {
  if (keeps(mcu, 1, 1)) return decode_1_1(reader, mcu, count);
  if (keeps(mcu, 2, 1)) return decode_2_1(reader, mcu, count);
  if (keeps(mcu, 2, 2)) return decode_2_2(reader, mcu, count);
  return decode_any(reader, mcu, count);
}

static u32 within(u32 value, u32 least, u32 most) {
  return value < least ? least : value > most ? most : value;
}

/* Consecutive MCUs of one row from `x` on; those outside the wanted columns are passed. */
static Status decode_wanted(Reader *reader, Mcu *mcu, Span wanted, u32 x, u32 count) {
  u32 end = x + count, first = within(wanted.first, x, end), last = within(wanted.end, first, end);
  if (x < first) TRY(pass_mcus(reader, mcu, first - x));
  if (first < last) TRY(decode_mcus(reader, mcu, last - first));
  return last < end ? pass_mcus(reader, mcu, end - last) : OK;
}

static Unit make_unit(const Image *image, Component *c, u32 across, u32 row, u32 column) {
  return (Unit){
      .component = c,
      .dc = &dc_tables[c->dc_table],
      .ac = &ac_tables[c->ac_table],
      .quantizer = image->quantizer[c->quantizer],
      .dequantizer = &dequantizers[c - image->component],
      .samples = c->samples + ((size_t)row * c->stride + column) * c->kept,
      .step = across * c->kept,
      .alike = 1,
  };
}

/* Notes how many units follow that are decoded in the same way. */
static void count_alike(Mcu *mcu) {
  for (u32 i = mcu->count - 1; i; i--) {
    Unit *unit = &mcu->units[i - 1];
    if (unit->component->kept == unit[1].component->kept) unit->alike = unit[1].alike + 1;
  }
}

/* The units of the first MCU in row y of the part: component by component, each row by row. */
static void begin_row(const Image *image, const Scan *scan, u32 y, Mcu *mcu) {
  int is_alone = scan->components == 1; /* A.2.2: its MCU is one block */
  mcu->count = 0;
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    u32 across = is_alone ? 1 : c->h, down = is_alone ? 1 : c->v;
    for (u32 v = 0; v < down; v++)
      for (u32 h = 0; h < across; h++)
        mcu->units[mcu->count++] = make_unit(image, c, across, y * down + v, h);
    if (!i) mcu->first = mcu->count;
  }
  count_alike(mcu);
}

static Status begin(const Image *image, Scan *scan) {
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    if (c->is_decoded) return UNSUPPORTED;
    c->is_decoded = 1;
    c->prediction = 0;
    if (c->kept >= LEAST_WIDE)
      make_dequantizer(&dequantizers[c - image->component], image->quantizer[c->quantizer], c->kept);
    TRY(prepare_table(&dc_tables[c->dc_table], FOR_DC));
    /* Of all samples of all blocks nothing is skipped. */
    int is_whole = c->blocks_across == c->all_across && !c->first_row;
    TRY(prepare_table(&ac_tables[c->ac_table], c->kept == BLOCK_SIDE && is_whole ? FOR_VALUES : FOR_AC));
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
  TRY(begin(image, scan));
  TRY(start_reading(&reader, *at, end));
  int is_alone = scan->components == 1;
  u32 across = is_alone ? scan->component[0]->own_blocks_across : image->mcus_across;
  u32 down = is_alone ? scan->component[0]->own_blocks_down : image->mcus_down;
  Span columns = blocks_of(image->columns, is_alone ? scan->component[0]->h : 1);
  Span rows = blocks_of(image->rows, is_alone ? scan->component[0]->v : 1);
  u32 interval = image->restart_interval, left = interval, restarts = 0;
  for (u32 y = 0; y < down && y < rows.end; y++) {
    Span wanted = y < rows.first ? (Span){0, 0} : columns;
    begin_row(image, scan, y < rows.first ? 0 : y - rows.first, &mcu);
    for (u32 x = 0, count; x < across; x += count, left -= count) {
      if (interval && !left) {
        TRY(begin_interval(&reader, scan, restarts++));
        left = interval;
      }
      count = interval && left < across - x ? left : across - x;
      TRY(decode_wanted(&reader, &mcu, wanted, x, count));
    }
  }
  if (!ends_early(image)) return finish_reading(&reader, at);
  return has_run_out(&reader) ? DAMAGED : OK;
}
