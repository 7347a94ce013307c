/* Marker segments, Annex B. Unusual files are left to other decoders. */
#include "jpeg.h"

#include <wasm_simd128.h>

/* Table B.1 */
enum {
  SOF0 = 0xC0, SOF2 = 0xC2, DHT = 0xC4, SOF15 = 0xCF, RST0 = 0xD0, RST7 = 0xD7, SOI = 0xD8,
  EOI = 0xD9, SOS = 0xDA, DQT = 0xDB, DRI = 0xDD, APP0 = 0xE0, APP14 = 0xEE, APP15 = 0xEF,
  COM = 0xFE,
};

enum { PADDING = 64 }; /* bytes that resampling may read after the samples */

/* B.2.4.1 */
static Status read_quantizers(Image *image, const u8 *at, const u8 *end) {
  if (image->has_scan) /* decoders disagree about the scans it applies to */
    return image->is_checked ? OK : UNSUPPORTED;
  while (at < end) {
    u32 bytes = at[0] >> 4 ? 2 : 1, target = at[0] & 15;
    if (at[0] >> 4 > 1 || target > 3 || end - at < 1 + 64 * (i32)bytes) return CORRUPT;
    at++;
    for (u32 k = 0; k <= LAST; k++, at += bytes)
      image->quantizer[target][k] = (u16)(bytes == 2 ? word(at) : *at);
    image->quantizer_defined[target] = 1;
  }
  return OK;
}

/* B.2.2: Ci, Hi, Vi, Tqi. A single component is not interleaved, with any sampling factors: A.2.2. */
static Status read_component(Image *image, Component *c, const u8 *at) {
  *c = (Component){.id = at[0], .h = at[1] >> 4, .v = at[1] & 15, .quantizer = at[2]};
  c->index = (u8)(c - image->component);
  if (c->quantizer > 3) return CORRUPT;
  if (c->h < 1 || c->h > 4 || c->v < 1 || c->v > 4) return CORRUPT;
  if (image->components == 1) c->h = c->v = 1;
  if (!image->is_checked && (c->h == 3 || c->v == 3)) return UNSUPPORTED;
  if (c->h > image->max_h) image->max_h = c->h;
  if (c->v > image->max_v) image->max_v = c->v;
  return OK;
}

/* To be drawn, no component may be finer than the first. No two have the same identifier. */
static Status check_sampling(const Image *image) {
  const Component *c = image->component;
  if (!image->is_checked && (c->h != image->max_h || c->v != image->max_v))
    return UNSUPPORTED;
  for (u32 i = 0; i < image->components; i++)
    for (u32 j = 0; j < i; j++)
      if (c[i].id == c[j].id) return UNSUPPORTED;
  return OK;
}

static void count_blocks(const Image *image, Component *c) {
  c->all_across = image->mcus_across * c->h;
  c->all_down = image->mcus_down * c->v;
  u32 across = divide_up(image->width * c->h, image->max_h);
  u32 down = divide_up(image->height * c->v, image->max_v);
  c->own_blocks_across = divide_up(across, BLOCK_SIDE);
  c->own_blocks_down = divide_up(down, BLOCK_SIDE);
}

static int is_number_of_components(const Image *image, u32 number) {
  if (image->is_checked) return number >= 1 && number <= MAX_COMPONENTS;
  return number == 1 || number == MAX_DRAWN;
}

/* B.2.2. Zero lines mean that a DNL segment gives the number: not decoded here. */
static Status read_frame(Image *image, u32 marker, const u8 *at, const u8 *end) {
  if (image->has_frame || end - at < 6) return CORRUPT;
  image->has_frame = 1;
  image->is_progressive = marker == SOF2;
  image->height = word(at + 1);
  image->width = word(at + 3);
  image->components = at[5];
  if (at[0] != 8 || !is_number_of_components(image, at[5])) return UNSUPPORTED;
  if (!image->height || !image->width) return UNSUPPORTED;
  if (end - at != 6 + 3 * (i32)image->components) return CORRUPT;
  for (u32 i = 0; i < image->components; i++)
    TRY(read_component(image, &image->component[i], at + 6 + 3 * i));
  image->mcus_across = divide_up(image->width, BLOCK_SIDE * image->max_h);
  image->mcus_down = divide_up(image->height, BLOCK_SIDE * image->max_v);
  for (u32 i = 0; i < image->components; i++) count_blocks(image, &image->component[i]);
  return check_sampling(image);
}

static int is_enough(const Image *image, const Component *c, u32 kept, u64 width, u64 height) {
  return (u64)image->width * c->h * kept >= width * BLOCK_SIDE * image->max_h &&
         (u64)image->height * c->v * kept >= height * BLOCK_SIDE * image->max_v;
}

/* The smallest number of samples on the side of a block that makes the planes large enough, or all eight.
 * Seven are hardly faster than eight. */
static u32 choose_kept(const Image *image, const Component *c, u32 width, u32 height) {
  u32 kept = 1;
  while (kept < BLOCK_SIDE && !is_enough(image, c, kept, width, height)) kept++;
  return kept == 7 ? BLOCK_SIDE : kept;
}

/* Of kept × kept coefficients the last in zigzag order. Of two each way the one that changes in both
 * directions adds nothing that shows where there are half as many samples again as are wanted. */
static u32 choose_last(const Image *image, const Component *c, u64 width, u64 height) {
  static const u8 last_kept[BLOCK_SIDE + 1] = {0, 0, 4, 12, 24, 40, 60, 63, 63};
  int is_plenty = is_enough(image, c, c->kept, width * 3 / 2, height * 3 / 2);
  return c->kept == 2 && is_plenty ? 2 : last_kept[c->kept];
}

static Status allocate_samples(Component *c) {
  enum { SURPLUS = 8 }; /* samples that the last block of a row writes beyond its own */
  c->stride = c->blocks_across * c->kept + SURPLUS;
  c->samples = allocate((size_t)c->stride * c->blocks_down * c->kept + PADDING);
  return c->samples ? OK : NO_MEMORY;
}

static Status choose_sizes(Image *image, const Wanted *wanted) {
  TRY(choose_part(image, &wanted->part));
  for (u32 i = 0; i < image->components; i++) {
    Component *c = &image->component[i];
    u32 width = i ? wanted->chroma_width : wanted->luma_width;
    u32 height = i ? wanted->chroma_height : wanted->luma_height;
    c->kept = choose_kept(image, c, width, height);
    c->last = choose_last(image, c, width, height);
    if (!image->quantizer_defined[c->quantizer]) return UNSUPPORTED;
    TRY(allocate_samples(c));
  }
  return image->is_progressive ? allocate_coefficients(image) : OK;
}

static Component *find_component(Image *image, u32 id) {
  for (u32 i = 0; i < image->components; i++)
    if (image->component[i].id == id) return &image->component[i];
  return 0;
}

/* B.2.3: limit of the blocks of an MCU; it does not apply to a single component. */
static int is_small_enough(const Scan *scan) {
  u32 units = 0;
  for (u32 i = 0; i < scan->components; i++) units += scan->component[i]->h * scan->component[i]->v;
  return scan->components == 1 || units <= MAX_UNITS;
}

/* B.2.3; the components are in the order of the frame. */
static Status read_scan(Image *image, Scan *scan, const u8 *at, const u8 *end) {
  if (end - at < 1) return CORRUPT;
  scan->components = at[0];
  if (!at[0] || at[0] > image->components) return CORRUPT;
  if (end - at != 4 + 2 * (i32)scan->components) return CORRUPT;
  at++;
  for (u32 i = 0; i < scan->components; i++, at += 2) {
    Component *c = find_component(image, at[0]);
    if (!c || at[1] >> 4 > 3 || (at[1] & 15) > 3) return CORRUPT;
    if (i && c <= scan->component[i - 1]) return CORRUPT;
    c->dc_table = at[1] >> 4;
    c->ac_table = at[1] & 15;
    scan->component[i] = c;
  }
  scan->first = at[0];
  scan->last = at[1];
  scan->high = at[2] >> 4;
  scan->low = at[2] & 15;
  return is_small_enough(scan) ? OK : CORRUPT;
}

/* Three components are YCbCr unless the file says otherwise: T.871, and Adobe's marker. */
static int is_rgb_by_name(const Image *image) {
  const Component *c = image->component;
  return image->components == 3 && c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B';
}

static Status decode_scan(Image *image, const Wanted *wanted, const u8 *segment, const u8 **at,
                          const u8 *end) {
  Scan scan;
  if (!image->has_frame) return CORRUPT;
  if (!image->is_checked && (image->says_rgb || is_rgb_by_name(image))) return UNSUPPORTED;
  if (!image->has_scan) TRY(choose_sizes(image, wanted));
  image->has_scan = 1;
  TRY(read_scan(image, &scan, segment, *at));
  if (image->is_progressive) return decode_progressive(image, &scan, at, end);
  if (scan.first != 0 || scan.last != LAST || scan.high || scan.low) return UNSUPPORTED;
  return decode_sequential(image, &scan, at, end);
}

/* B.2.4.4 */
static Status read_restart_interval(Image *image, const u8 *at, const u8 *end) {
  if (end - at != 2) return CORRUPT;
  image->restart_interval = word(at);
  return OK;
}

/* Adobe Technical Note 5116, section 18: the transform is the twelfth byte; 1 is YCbCr. */
static void read_adobe(Image *image, const u8 *at, const u8 *end) {
  if (end - at >= 12 && at[0] == 'A' && at[1] == 'd' && at[2] == 'o' && at[3] == 'b' &&
      at[4] == 'e')
    image->says_rgb = at[11] != 1 && image->components != 1;
}

static Status read_segment(Image *image, u32 marker, const u8 *at, const u8 *end) {
  if (marker >= SOF0 && marker <= SOF2) return read_frame(image, marker, at, end);
  if (marker == DHT) return define_tables(at, end);
  if (marker == DQT) return read_quantizers(image, at, end);
  if (marker == DRI) return read_restart_interval(image, at, end);
  if (marker == APP14) read_adobe(image, at, end);
  if ((marker >= APP0 && marker <= APP15) || marker == COM) return OK;
  return UNSUPPORTED;
}

/* Returns the position of the next marker that is not a restart, `end` if there is none. */
const u8 *next_marker(const u8 *at, const u8 *end) {
  v128_t ff = wasm_i8x16_splat(-1);
  for (;;) {
    while (end - at >= 16 && !wasm_v128_any_true(wasm_i8x16_eq(wasm_v128_load(at), ff))) at += 16;
    while (at < end && *at != 0xFF) at++;
    if (end - at < 2) return end;
    if (at[1] == 0xFF) at++;
    else if (at[1] == 0x00 || (at[1] >= RST0 && at[1] <= RST7)) at += 2;
    else return at;
  }
}

static Status finish(Image *image) {
  if (!image->has_scan) return CORRUPT;
  if (image->is_progressive) return finish_progressive(image);
  for (u32 i = 0; i < image->components; i++)
    if (!image->component[i].is_decoded) return UNSUPPORTED;
  return OK;
}

/* Decodes up to EOI. It is required: without it the file may have been cut short. */
Status decode_file(Image *image, const u8 *data, size_t bytes, const Wanted *wanted) {
  const u8 *at = data + 2, *end = data + bytes;
  static const Wanted nothing = {1, 1, 1, 1, {0}};
  *image = (Image){.is_checked = !wanted};
  if (!wanted) wanted = &nothing;
  forget_tables();
  if (bytes < 4 || data[0] != 0xFF || data[1] != SOI) return CORRUPT;
  for (;;) {
    while (end - at >= 2 && at[0] == 0xFF && at[1] == 0xFF) at++; /* fill bytes: B.1.1.2 */
    if (end - at < 2 || at[0] != 0xFF) return CORRUPT;
    u32 marker = at[1];
    if (marker == EOI) return finish(image);
    if (end - at < 4 || word(at + 2) < 2 || word(at + 2) > (size_t)(end - at - 2)) return CORRUPT;
    const u8 *segment = at + 4;
    at += 2 + word(at + 2);
    if (marker == SOS) {
      TRY(decode_scan(image, wanted, segment, &at, end));
      at = next_marker(at, end); /* if the scan was skipped, or not read to its end */
    } else {
      TRY(read_segment(image, marker, segment, at));
    }
  }
}
