/* Progressive scans: G.2. Scans without needed coefficients are skipped unread.
 *
 * Of each AC coefficient only the first scan is read, not its refinements, because those can only be
 * read with all coefficients of the band. The missing bits are replaced by their average value. DC
 * coefficients are read to the last bit.
 */
#include "progressive.h"
#include "transform.h"

enum { UNSEEN = -1, SAID = 2, OF = 5 };

/* Position at which each of the kept × kept lowest coefficients is stored, by its zigzag index. */
static u8 place[LAST + 1];

static i16 *coefficients_of(const Component *c, u32 x, u32 y) {
  return c->coefficients + ((size_t)y * c->blocks_across + x) * c->kept * c->kept;
}

static Status allocate_nonzero(Component *c) {
  size_t bytes = (size_t)c->blocks_across * c->blocks_down * sizeof(u64);
  c->nonzero = allocate(bytes);
  if (!c->nonzero) return NO_MEMORY;
  __builtin_memset(c->nonzero, 0, bytes);
  return OK;
}

Status allocate_coefficients(Image *image) {
  for (u32 i = 0; i < image->components; i++) {
    Component *c = &image->component[i];
    size_t bytes = (size_t)c->blocks_across * c->blocks_down * c->kept * c->kept * sizeof(i16);
    c->coefficients = allocate(bytes);
    if (!c->coefficients) return NO_MEMORY;
    __builtin_memset(c->coefficients, 0, bytes);
    if (image->is_checked) TRY(allocate_nonzero(c));
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
  if (scan->first == 0) return 1;
  return !scan->high && scan->first <= scan->component[0]->last;
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
  find_places(scan->component[0]->kept);
  for (u32 i = 0; i < scan->components; i++) {
    Component *c = scan->component[i];
    c->prediction = 0;
    if (scan->first) TRY(prepare_table(&ac_tables[c->ac_table], FOR_SYMBOLS));
    else if (!scan->high) TRY(prepare_table(&dc_tables[c->dc_table], FOR_DC));
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

static INLINE Status read_ac(Bits *bits, const Scan *scan, const Table *table, i16 *coefficients,
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

/* Content of a scan; a compile-time constant where blocks are decoded. */
typedef enum { DC, DC_REFINED, AC } Content;

static INLINE Status decode_block(Reader *reader, const Scan *scan, Component *c, Content content,
                                  u32 x, u32 y, u32 *end_of_band) {
  i16 *coefficients = coefficients_of(c, x, y);
  if (content == DC) return read_dc(&reader->next, scan, c, coefficients);
  if (content == DC_REFINED) {
    refine_dc(&reader->next, scan, coefficients);
    return OK;
  }
  if (!*end_of_band)
    return read_ac(&reader->next, scan, &ac_tables[c->ac_table], coefficients, end_of_band);
  --*end_of_band;
  return OK;
}

static INLINE Status decode_mcu(Reader *reader, const Scan *scan, Content content, u32 x, u32 y,
                                u32 *end_of_band) {
  if (scan->components == 1)
    return decode_block(reader, scan, scan->component[0], content, x, y, end_of_band);
  for (u32 i = 0; content != AC && i < scan->components; i++) {
    Component *c = scan->component[i];
    for (u32 v = 0; v < c->v; v++)
      for (u32 h = 0; h < c->h; h++)
        TRY(decode_block(reader, scan, c, content, x * c->h + h, y * c->v + v, end_of_band));
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

static __attribute__((noinline)) Status decode_dc(Image *image, Scan *scan, Reader *reader) {
  return decode_mcus(image, scan, reader, DC);
}

static __attribute__((noinline)) Status decode_ac(Image *image, Scan *scan, Reader *reader) {
  return decode_mcus(image, scan, reader, AC);
}

Status decode_progressive(Image *image, Scan *scan, const u8 **at, const u8 *end) {
  TRY(check_band(scan));
  TRY(note_precision(scan));
  if (!is_readable(scan)) return UNSUPPORTED;
  if (image->is_checked && scan->first) return check_ac_scan(image, scan, at, end);
  if (!is_of_use(scan)) return OK;
  Reader reader;
  TRY(begin(scan));
  TRY(start_reading(&reader, *at, end));
  if (scan->first) TRY(decode_ac(image, scan, &reader));
  else if (scan->high) TRY(decode_mcus(image, scan, &reader, DC_REFINED));
  else TRY(decode_dc(image, scan, &reader));
  return finish_reading(&reader, at);
}

static INLINE void transform_blocks(const Image *image, const Component *c, u32 kept) {
  const i16 *stored = c->coefficients;
  i16 coefficients[LAST + 1];
  for (u32 y = 0; y < c->blocks_down; y++) {
    u8 *samples = c->samples + (size_t)y * kept * c->stride;
    for (u32 x = 0; x < c->blocks_across; x++, samples += kept) {
      for (u32 v = 0; v < kept; v++)
        for (u32 u = 0; u < kept; u++) coefficients[zigzag[v][u]] = *stored++;
      transform(coefficients, image->quantizer[c->quantizer], kept, samples, c->stride);
    }
  }
}

/* Every needed coefficient must have been sent to its last bit, read or skipped. */
static Status check_precision(const Component *c) {
  for (u32 k = 0; k <= c->last; k++)
    if (c->precision[k] != 0) return UNSUPPORTED;
  return OK;
}

Status finish_progressive(Image *image) {
  for (u32 i = 0; i < image->components; i++) {
    Component *c = &image->component[i];
    TRY(check_precision(c));
    if (c->kept == 1) transform_blocks(image, c, 1);
    else if (c->kept == 2) transform_blocks(image, c, 2);
    else transform_blocks(image, c, c->kept);
  }
  return OK;
}
