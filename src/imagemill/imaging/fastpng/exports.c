/* Functions exported to the host. None is imported: the decoder sees only the bytes it is given. */
#include "inflate.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
  INPUT_BYTES = 1 << 16, /* of the file, at a time */
  /* Decompressed at a time, more if five rows need it. It stays in the cache. */
  OUTPUT_BYTES = 1 << 17,
};

typedef struct {
  Inflater inflater;
  Pixels pixels;
  Reducer reducer;
  u8 *input;            /* bytes of the file, with HEADER_BYTES before and ROOM after */
  u8 *output, *row_start; /* decompressed bytes; the first one that is not yet unfiltered */
  u32 row_bytes;        /* of a row without its filter type */
  u32 pixel_bytes;      /* 9.2: of a pixel, at least one */
  u32 left;             /* rows that are still filtered */
  u32 checksum;         /* Adler-32 of all unfiltered rows */
  u8 *rows[5];          /* unfiltered: the last one that was taken, and up to four new ones */
  u8 *converted;
  u8 *reduced, *reduced_end;
} Decoder;

static Decoder decoder;
static u32 is_started;

/* Returns `bytes` with ROOM zeros before and after them; null without memory. */
u8 *make_row(size_t bytes) {
  u8 *start = allocate(bytes + 2 * ROOM);
  if (!start) return 0;
  __builtin_memset(start, 0, bytes + 2 * ROOM);
  return start + ROOM;
}

void stop_decoding(void) { is_started = 0; }

static size_t output_bytes(void) {
  size_t rows = 5 * ((size_t)decoder.row_bytes + 1);
  return WINDOW + OUTPUT_MARGIN + (rows > OUTPUT_BYTES ? rows : OUTPUT_BYTES);
}

static Status make_buffers(const Layout *layout) {
  size_t width = layout->width, output = output_bytes();
  size_t most = output / (decoder.row_bytes + 1) / layout->reduction + 2;
  size_t reduced = most * decoder.reducer.across * decoder.reducer.out_channels;
  decoder.input = make_row(HEADER_BYTES + INPUT_BYTES);
  decoder.output = make_row(output);
  for (u32 i = 0; i < 5; i++)
    if (!(decoder.rows[i] = make_row(decoder.row_bytes))) return NO_MEMORY;
  decoder.converted = make_row(4 * width);
  decoder.reduced = make_row(reduced);
  u32 are_there = decoder.input && decoder.output && decoder.converted && decoder.reduced;
  return are_there ? OK : NO_MEMORY;
}

/* Begins an image. `palette` and `set_key` follow if its layout needs them. */
EXPORT("begin")
Status begin(u32 width, u32 height, u32 bits, u32 colour, u32 has_alpha, u32 reduction) {
  Layout layout = {width, height, bits, colour, has_alpha, reduction};
  stop_decoding();
  stop_filtering();
  release(0);
  TRY(check_layout(&layout));
  if (width > UINT32_MAX / 64 - ROOM) return NO_MEMORY;
  start_pixels(&decoder.pixels, &layout);
  decoder.row_bytes = divide_up(width * samples_of(colour) * bits, 8);
  decoder.pixel_bytes = divide_up(samples_of(colour) * bits, 8);
  TRY(start_reducing(&decoder.reducer, &layout, decoder.pixels.channels));
  TRY(make_buffers(&layout));
  decoder.row_start = decoder.output;
  decoder.left = height;
  decoder.checksum = 1;
  start_inflating(&decoder.inflater, decoder.output, decoder.output + output_bytes());
  decoder.inflater.next.at = decoder.inflater.end = decoder.input + HEADER_BYTES;
  is_started = 1;
  return OK;
}

/* The address of 256 colours of four bytes, for the host to write. */
EXPORT("palette") u8 *palette(void) { return decoder.pixels.palette; }

/* The samples of the transparent colour, grey as in the file, others in 8 bits. */
EXPORT("set_key") Status set_key(u32 first, u32 second, u32 third) {
  decoder.pixels.key[0] = first;
  decoder.pixels.key[1] = second;
  decoder.pixels.key[2] = third;
  return OK;
}

/* Returns the address for up to INPUT_BYTES of the file; unread bytes are moved before it. */
EXPORT("room") u8 *room(void) {
  Bits *next = &decoder.inflater.next;
  u8 *start = decoder.input + HEADER_BYTES;
  size_t unread = is_started ? (size_t)(decoder.inflater.end - next->at) : HEADER_BYTES + 1;
  if (unread > HEADER_BYTES) return 0;
  /* With the bytes before, which are in `bits` and may be put back. */
  enum { BEFORE = sizeof next->bits };
  __builtin_memmove(start - unread - BEFORE, next->at - BEFORE, unread + BEFORE);
  next->at = start - unread;
  decoder.inflater.end = start;
  return start;
}

/* Adds bytes that were written to the room. */
EXPORT("add") Status add_input(u32 bytes, u32 is_last) {
  u8 *end = decoder.input + HEADER_BYTES + bytes;
  if (!is_started || bytes > INPUT_BYTES) return UNSUPPORTED;
  decoder.inflater.end = end;
  decoder.inflater.is_last = is_last;
  __builtin_memset(end, 0, ROOM);
  return OK;
}

/* Undoes the filters of the next rows: of four if they are there and slow, else of one. */
static Status unfilter_next(u32 *count) {
  u32 bytes = decoder.row_bytes, pixel = decoder.pixel_bytes;
  const u8 *filtered = decoder.row_start;
  u8 **rows = decoder.rows;
  size_t there = (size_t)(decoder.inflater.out - filtered);
  u32 is_four = pixel <= 4 && decoder.left >= 4 && there >= 4 * ((size_t)bytes + 1);
  is_four = is_four && are_slow(filtered, bytes);
  *count = is_four ? 4 : 1;
  return is_four ? unfilter_four(rows + 1, filtered, rows[0], bytes, pixel)
                 : unfilter(rows[1], filtered, rows[0], bytes, pixel);
}

/* Unfilters, converts and reduces the next rows. */
static Status take_some(void) {
  u32 count;
  u8 **rows = decoder.rows, *last = rows[0];
  TRY(unfilter_next(&count));
  for (u32 i = 1; i <= count; i++) {
    const u8 *converted = convert(&decoder.pixels, rows[i], decoder.converted);
    decoder.reduced_end = reduce_row(&decoder.reducer, converted, decoder.reduced_end);
  }
  rows[0] = rows[count];
  rows[count] = last;
  decoder.row_start += count * (decoder.row_bytes + 1);
  decoder.left -= count;
  return OK;
}

static Status take_rows(void) {
  const u8 *start = decoder.row_start;
  while (decoder.left && decoder.row_start + decoder.row_bytes < decoder.inflater.out) TRY(take_some());
  decoder.checksum = adler32(decoder.checksum, start, (size_t)(decoder.row_start - start));
  return OK;
}

/* Moves the window and unfiltered bytes to the front of the output. */
static void make_room(void) {
  Inflater *inflater = &decoder.inflater;
  u32 is_full = inflater->out - decoder.output > WINDOW;
  u8 *from = is_full ? inflater->out - WINDOW : decoder.output;
  if (decoder.row_start < from) from = decoder.row_start;
  size_t by = (size_t)(from - decoder.output);
  __builtin_memmove(decoder.output, from, (size_t)(inflater->out - from));
  inflater->out -= by;
  inflater->oldest = decoder.output;
  decoder.row_start -= by;
}

/* Decodes until the output is FULL, more input is wanted, or all rows are done: OK. */
EXPORT("read") Status read(void) {
  if (!is_started) return UNSUPPORTED;
  Inflater *inflater = &decoder.inflater;
  decoder.reduced_end = decoder.reduced;
  make_room();
  Status status = inflate(inflater);
  TRY(take_rows());
  u32 has_ended = inflater->stage == ENDED;
  /* The zeros after the input can be codes: then the last rows are not those of the file. */
  if (has_run_out(inflater)) return DAMAGED;
  if (decoder.left) return status == OK ? DAMAGED : status;
  /* Data beyond the last row are ignored; without them the checksum must be right. */
  u32 is_exact = inflater->out == decoder.row_start;
  if (is_exact && has_ended && inflater->checksum != decoder.checksum) return DAMAGED;
  if (is_exact && !has_ended && status == WANTS_INPUT) return WANTS_INPUT;
  return OK;
}

/* The reduced rows of the last `read`. */
EXPORT("reduced") u8 *reduced(void) { return decoder.reduced; }
EXPORT("reduced_bytes") u32 reduced_bytes(void) {
  return (u32)(decoder.reduced_end - decoder.reduced);
}
