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
  u32 count;
} Mcu;

/* Decodes a block to one or two samples each way; skips the higher coefficients. */
static INLINE Status decode_few(Bits *b, Unit *unit, u32 kept) {
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
  return OK;
}

/* Decodes a block to more samples. Of seven and eight no coefficient is skipped. */
static INLINE Status decode_more(Bits *b, Unit *unit, u32 kept) {
  _Alignas(16) i16 coefficients[BEYOND + 1];
  Component *c = unit->component;
  const Dequantizer *d = unit->dequantizer;
  i32 difference;
  u32 k;
  TRY(read_difference(unit->dc, b, &difference));
  for (u32 i = 0; i < kept; i++)
    wasm_v128_store(coefficients + BLOCK_SIDE * i, wasm_i64x2_const(0, 0));
  u32 last = kept == BLOCK_SIDE ? LAST : c->last;
  TRY(read_placed(unit->ac, b, d->place, last, coefficients, &k));
  if (kept < BLOCK_SIDE) TRY(skip_rest(unit->ac, b, k));
  c->prediction += difference;
  coefficients[0] = (i16)c->prediction;
  inverse_dct(coefficients, d, kept, k < ENDS ? k : k - ENDS, unit->samples, c->stride);
  return OK;
}

/* Decodes `count` units with as many samples kept. The number is known to the compiler. */
static INLINE Status decode_units(Reader *reader, Unit *unit, u32 count, u32 kept) {
  Bits b = reader->next;
  for (; count; count--, unit++) {
    TRY(kept < LEAST_WIDE ? decode_few(&b, unit, kept) : decode_more(&b, unit, kept));
    unit->samples += unit->step;
  }
  reader->next = b;
  return OK;
}

#define DECODE_UNITS(kept)                                                                           \
  static __attribute__((noinline)) Status decode_units_##kept(Reader *reader, Unit *unit, u32 count) { \
    return decode_units(reader, unit, count, kept);                                                  \
  }
DECODE_UNITS(1)
DECODE_UNITS(2)
DECODE_UNITS(3)
DECODE_UNITS(4)
DECODE_UNITS(5)
DECODE_UNITS(6)
DECODE_UNITS(8)

static Status decode_alike(Reader *reader, Unit *unit, u32 count) {
  switch (unit->component->kept) {
    case 1: return decode_units_1(reader, unit, count);
    case 2: return decode_units_2(reader, unit, count);
    case 3: return decode_units_3(reader, unit, count);
    case 4: return decode_units_4(reader, unit, count);
    case 5: return decode_units_5(reader, unit, count);
    case 6: return decode_units_6(reader, unit, count);
    default: return decode_units_8(reader, unit, count);
  }
}

/* Decodes consecutive MCUs of one row. */
static Status decode_mcus(Reader *reader, Mcu *mcu, u32 count) {
  for (; count; count--) {
    TRY(make_ready(reader));
    for (u32 i = 0; i < mcu->count; i += mcu->units[i].alike)
      TRY(decode_alike(reader, &mcu->units[i], mcu->units[i].alike));
  }
  return OK;
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

/* The units of the first MCU in row y: component by component, each row by row. */
static void begin_row(const Image *image, const Scan *scan, u32 y, Mcu *mcu) {
  int is_alone = scan->components == 1; /* A.2.2: its MCU is one block */
  mcu->count = 0;
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    u32 across = is_alone ? 1 : c->h, down = is_alone ? 1 : c->v;
    for (u32 v = 0; v < down; v++)
      for (u32 h = 0; h < across; h++)
        mcu->units[mcu->count++] = make_unit(image, c, across, y * down + v, h);
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
  TRY(begin(image, scan));
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
      TRY(decode_mcus(&reader, &mcu, count));
    }
  }
  return finish_reading(&reader, at);
}
