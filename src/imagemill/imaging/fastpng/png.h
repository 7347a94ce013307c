/* Types and functions shared by the C files. Clauses are those of the W3C's PNG specification, third
 * edition; inflate.h and inflate.c follow RFC 1950 and RFC 1951.
 *
 * Rows are decompressed into a window, and each is unfiltered, converted to 8 bits and averaged as
 * soon as it is complete. Nothing but the reduced rows is kept.
 *
 * The decoder is strict: any deviation from the standards gives a status other than OK, and the caller
 * uses a tolerant decoder instead. No input may make it hang or write outside its own memory; the
 * sandbox protects the host from mistakes in this code.
 */
#ifndef PNG_H
#define PNG_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t i16;
typedef int32_t i32;

typedef enum {
  OK = 0,
  UNSUPPORTED = 2, /* possibly valid, but not decoded here */
  NO_MEMORY = 4,
  DAMAGED = 5,     /* the compressed data do not belong to the image */
  WANTS_INPUT = 6, /* more of the file is needed */
  FULL = 7,        /* there is more output than fits */
} Status;

#define TRY(call)                     \
  do {                                \
    Status status_ = (call);          \
    if (status_ != OK) return status_; \
  } while (0)

enum {
  GREY = 0, COLOUR = 2, PALETTE = 3, GREY_ALPHA = 4, COLOUR_ALPHA = 6, /* 11.2.1: colour types */
  MAX_REDUCTION = 256, /* so that a column's sum of 8-bit samples fits into 16 bits */
  ROOM = 64,           /* bytes that vector instructions may access beyond the ends of a buffer */
};

typedef struct {
  u32 width, height; /* px */
  u32 bits;          /* per sample */
  u32 colour;        /* colour type */
  u32 has_alpha;     /* a transparent colour or palette entry is added to what the colour type has */
  u32 reduction;     /* factor by which both sides are reduced */
} Layout;

static inline u32 divide_up(u32 dividend, u32 divisor) { return (dividend + divisor - 1) / divisor; }

/* memory.c */
void *allocate(size_t bytes);
size_t mark(void);
void release(size_t to);

/* unfilter.c: clause 9. ROOM zeros precede each row; `filtered` begins with the filter type. `pixel` is
 * the number of bytes of a pixel, at least one. */
Status unfilter(u8 *row, const u8 *filtered, const u8 *above, u32 bytes, u32 pixel);
Status unfilter_four(u8 *const *rows, const u8 *filtered, const u8 *above, u32 bytes, u32 pixel);
u32 are_slow(const u8 *filtered, u32 bytes);

/* exports.c, filter.c: the buffers of one image replace those of another, whose work ends. */
u8 *make_row(size_t bytes);
void stop_decoding(void);
void stop_filtering(void);

/* pixels.c */
typedef struct {
  Layout layout;
  u32 channels;     /* of the converted samples: 1 L, 2 La, 3 RGB, 4 RGBa or RGBX */
  u32 key[3];       /* samples of the transparent colour */
  u8 palette[1024]; /* RGBA or RGBX, premultiplied */
} Pixels;

u32 samples_of(u32 colour);
Status check_layout(const Layout *layout);
void start_pixels(Pixels *pixels, const Layout *layout);
const u8 *convert(const Pixels *pixels, const u8 *row, u8 *to);

/* reduce.c */
typedef struct {
  u32 width, height, channels, reduction;
  u32 out_channels; /* 1 L, 2 La, 4 RGBX or RGBa */
  u32 across;       /* width of the reduced image */
  u32 taken;        /* rows taken so far */
  u16 *sums;        /* of the columns of the current group of rows */
} Reducer;

Status start_reducing(Reducer *reducer, const Layout *layout, u32 channels);
u8 *reduce_row(Reducer *reducer, const u8 *row, u8 *to);

#endif
