/* Progressive scans: G.2.
 *
 * Of one or two samples on the side of a block only the first scan of each AC coefficient is read, not
 * its refinements, because those can only be read with all coefficients of the band. The missing bits
 * are replaced by their average value, and scans without needed coefficients are skipped unread. Of
 * more samples every scan is read, to its last bit. So are the DC coefficients of any number.
 */
#include "inverse_dct.h"
#include "progressive_ac.h"
#include "transform.h"

static Dequantizer dequantizers[MAX_COMPONENTS];

enum { UNSEEN = -1, SAID = 2, OF = 5 };

/* Position at which each of the kept × kept lowest coefficients is stored, by its zigzag index. */
static u8 place[LAST + 1];

static int reads_all(const Component *c) { return c->kept >= LEAST_WIDE; }

/* Coefficients stored of each block. */
static INLINE u32 stored_of(u32 kept) { return kept * (kept >= LEAST_WIDE ? BLOCK_SIDE : kept); }

static i16 *coefficients_of(const Component *c, size_t block) {
  return c->coefficients + block * stored_of(c->kept);
}

static Status allocate_nonzero(Component *c, size_t blocks) {
  c->nonzero = allocate(blocks * sizeof(u64));
  if (!c->nonzero) return NO_MEMORY;
  __builtin_memset(c->nonzero, 0, blocks * sizeof(u64));
  return OK;
}

Status allocate_coefficients(Image *image) {
  for (u32 i = 0; i < image->components; i++) {
    Component *c = &image->component[i];
    size_t blocks = (size_t)c->blocks_across * c->blocks_down;
    size_t bytes = blocks * stored_of(c->kept) * sizeof(i16);
    c->coefficients = allocate(bytes);
    if (!c->coefficients) return NO_MEMORY;
    __builtin_memset(c->coefficients, 0, bytes);
    if (image->is_checked || reads_all(c)) TRY(allocate_nonzero(c, blocks));
    if (reads_all(c)) make_dequantizer(&dequantizers[i], image->quantizer[c->quantizer], c->kept);
    __builtin_memset(c->precision, UNSEEN, sizeof c->precision);
  }
  return OK;
}

/* Table G.1 and G.1.1.1: DC has scans of its own, AC scans have one component, and each scan of a
 * coefficient adds one bit to the one before. */
static Status check_band(const Scan *scan) {
  if (scan->first > scan->last || scan->last > LAST || scan->low > 13) return CORRUPT;
  if (scan->first == 0 ? scan->last != 0 : scan->components != 1) return CORRUPT;
  if (scan->high && scan->low + 1 != scan->high) return CORRUPT;
  return OK;
}

static Status note_precision(Scan *scan) {
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    if (scan->first && c->precision[0] == UNSEEN) return UNSUPPORTED;
    for (u32 k = scan->first; k <= scan->last; k++) {
      if (c->precision[k] != (scan->high ? (i32)scan->high : UNSEEN)) return UNSUPPORTED;
      c->precision[k] = (signed char)scan->low;
    }
  }
  return OK;
}

static int is_of_use(const Scan *scan) {
  const Component *c = scan->component[0];
  return !scan->first || ((reads_all(c) || !scan->high) && scan->first <= c->last);
}

/* A skipped scan needs its table as well: without it other decoders refuse the file. */
static int is_readable(const Scan *scan) {
  return !scan->first || ac_tables[scan->component[0]->ac_table].is_defined;
}

static void find_places(u32 kept) {
  __builtin_memset(place, LAST, sizeof place);
  for (u32 v = 0; v < kept; v++)
    for (u32 u = 0; u < kept; u++) place[zigzag[v][u]] = (u8)(v * kept + u);
}

static Status begin(Scan *scan) {
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    Purpose purpose = reads_all(c) && !scan->high ? FOR_VALUES : FOR_SYMBOLS;
    c->prediction = 0;
    if (scan->first) TRY(prepare_table(&ac_tables[c->ac_table], purpose));
    else if (!scan->high) TRY(prepare_table(&dc_tables[c->dc_table], FOR_DC));
    if (scan->first && !reads_all(c)) find_places(c->kept);
  }
  return OK;
}

/* G.1.2.1 */
static INLINE Status read_dc(Bits *b, const Scan *scan, Component *c, i16 *coefficients) {
  i32 difference;
  TRY(read_difference(&dc_tables[c->dc_table], b, &difference));
  c->prediction += difference;
  coefficients[0] = (i16)(c->prediction * (1 << scan->low));
  return OK;
}

static INLINE void refine_dc(Bits *b, const Scan *scan, i16 *coefficients) {
  refill(b);
  coefficients[0] |= (i16)(peek(b, 1) << scan->low);
  drop(b, 1);
}

/* Estimated value of a coefficient whose lowest bits are missing. */
static i32 estimate(i32 value, u32 low) {
  i32 missing = (1 << low) * SAID / OF;
  return value * (1 << low) + (low < 2 ? 0 : value > 0 ? missing : -missing);
}

/* G.1.2.2 for one or two samples kept: only the lowest coefficients are stored. */
static INLINE Status read_lowest(Bits *bits, const Scan *scan, const Table *table, i16 *coefficients,
                                 u32 *end_of_band) {
  Bits b = *bits;
  for (u32 k = scan->first; k <= scan->last; k++) {
    u32 symbol = read_symbol(table, &b), run = symbol >> 4, size = symbol & 15;
    if (symbol == NO_SYMBOL) return DAMAGED;
    if (!size && run < 15) {
      read_end_of_band(&b, run, end_of_band);
      break;
    }
    k += run;
    if (k > scan->last) return DAMAGED;
    i32 value = receive_extend(&b, size);
    if (size && place[k] != LAST) coefficients[place[k]] = (i16)estimate(value, scan->low);
  }
  *bits = b;
  return OK;
}

/* What a scan holds; known to the compiler where blocks are decoded. */
typedef enum { DC, DC_REFINED, AC_LOWEST, AC, AC_REFINED } Content;

static INLINE Status decode_block(Reader *reader, const Scan *scan, Component *c, Content content,
                                  size_t block, u32 *end_of_band) {
  Bits *b = &reader->next;
  i16 *coefficients = coefficients_of(c, block);
  const Table *table = &ac_tables[c->ac_table];
  const Band band = {table, dequantizers[c->index].place, scan->first, scan->last, scan->low};
  if (content == DC) return read_dc(b, scan, c, coefficients);
  if (content == AC_REFINED) return refine_band(b, &band, coefficients, &c->nonzero[block], end_of_band);
  if (content == DC_REFINED) {
    refine_dc(b, scan, coefficients);
    return OK;
  }
  if (*end_of_band) {
    --*end_of_band;
    return OK;
  }
  if (content == AC) return read_band(b, &band, coefficients, &c->nonzero[block], end_of_band);
  return read_lowest(b, scan, table, coefficients, end_of_band);
}

static INLINE Status decode_mcu(Reader *reader, const Scan *scan, Content content, u32 x, u32 y,
                                u32 *end_of_band) {
  Component *c = scan->component[0];
  if (scan->components == 1 || content >= AC_LOWEST)
    return decode_block(reader, scan, c, content, (size_t)y * c->blocks_across + x, end_of_band);
  for (u32 i = 0; i < scan->components; i++) {
    c = scan->component[i];
    for (u32 v = 0; v < c->v; v++)
      for (u32 h = 0; h < c->h; h++) {
        size_t block = (size_t)(y * c->v + v) * c->blocks_across + x * c->h + h;
        TRY(decode_block(reader, scan, c, content, block, end_of_band));
      }
  }
  return OK;
}

static INLINE Status decode_mcus(Image *image, Scan *scan, Reader *reader, Content content) {
  int is_alone = scan->components == 1;
  u32 across = is_alone ? scan->component[0]->own_blocks_across : image->mcus_across;
  u32 down = is_alone ? scan->component[0]->own_blocks_down : image->mcus_down;
  u32 interval = image->restart_interval, left = interval, restarts = 0, end_of_band = 0;
  for (u32 y = 0; y < down; y++) {
    for (u32 x = 0; x < across; x++, left--) {
      if (interval && !left) {
        TRY(begin_interval(reader, scan, restarts++, &end_of_band));
        left = interval;
      }
      TRY(make_ready(reader));
      TRY(decode_mcu(reader, scan, content, x, y, &end_of_band));
    }
  }
  if (has_run_out(reader)) return DAMAGED;
  return end_of_band ? CORRUPT : OK;
}

#define DECODE_SCAN(name, content)                                                                   \
  static __attribute__((noinline)) Status decode_##name(Image *image, Scan *scan, Reader *reader) { \
    return decode_mcus(image, scan, reader, content);                                                \
  }
DECODE_SCAN(dc, DC)
DECODE_SCAN(dc_refined, DC_REFINED)
DECODE_SCAN(ac_lowest, AC_LOWEST)
DECODE_SCAN(ac, AC)
DECODE_SCAN(ac_refined, AC_REFINED)

/* Without pointers to functions: the sandbox has no room for a table of them. */
static Status decode_content(Image *image, Scan *scan, Reader *reader) {
  if (!scan->first && !scan->high) return decode_dc(image, scan, reader);
  if (!scan->first) return decode_dc_refined(image, scan, reader);
  if (!reads_all(scan->component[0])) return decode_ac_lowest(image, scan, reader);
  if (!scan->high) return decode_ac(image, scan, reader);
  return decode_ac_refined(image, scan, reader);
}

Status decode_progressive(Image *image, Scan *scan, const u8 **at, const u8 *end) {
  Reader reader;
  TRY(check_band(scan));
  TRY(note_precision(scan));
  if (!is_readable(scan)) return UNSUPPORTED;
  if (image->is_checked && scan->first) return check_ac_scan(image, scan, at, end);
  if (!is_of_use(scan)) return OK;
  TRY(begin(scan));
  TRY(start_reading(&reader, *at, end));
  TRY(decode_content(image, scan, &reader));
  return finish_reading(&reader, at);
}

/* One block to samples. Of the coefficients of few samples the zigzag order is made again. */
static INLINE void transform_block(const Image *image, const Component *c, size_t block, u32 kept,
                                   u8 *samples) {
  const i16 *stored = c->coefficients + block * stored_of(kept);
  if (kept >= LEAST_WIDE) {
    u32 last = c->nonzero[block] >> 10 ? LAST : 0; /* 10: enough to tell low blocks */
    inverse_dct(stored, &dequantizers[c->index], kept, last, samples, c->stride);
    return;
  }
  i16 coefficients[5];
  for (u32 v = 0; v < kept; v++)
    for (u32 u = 0; u < kept; u++) coefficients[zigzag[v][u]] = *stored++;
  transform(coefficients, image->quantizer[c->quantizer], kept, samples, c->stride);
}

static INLINE void transform_blocks(const Image *image, const Component *c, u32 kept) {
  size_t block = 0;
  for (u32 y = 0; y < c->blocks_down; y++) {
    u8 *samples = c->samples + (size_t)y * kept * c->stride;
    for (u32 x = 0; x < c->blocks_across; x++, samples += kept)
      transform_block(image, c, block++, kept, samples);
  }
}

/* The number of samples is known to the compiler. */
static void transform_component(const Image *image, const Component *c) {
  switch (c->kept) {
    case 1: transform_blocks(image, c, 1); break;
    case 2: transform_blocks(image, c, 2); break;
    case 3: transform_blocks(image, c, 3); break;
    case 4: transform_blocks(image, c, 4); break;
    case 5: transform_blocks(image, c, 5); break;
    case 6: transform_blocks(image, c, 6); break;
    default: transform_blocks(image, c, 8);
  }
}

/* All that was kept must have come to its last bit, read or passed over. */
static Status check_precision(const Component *c) {
  for (u32 k = 0; k <= c->last; k++)
    if (c->precision[k] != 0) return UNSUPPORTED;
  return OK;
}

Status finish_progressive(Image *image) {
  for (u32 i = 0; i < image->components; i++) {
    TRY(check_precision(&image->component[i]));
    transform_component(image, &image->component[i]);
  }
  return OK;
}
