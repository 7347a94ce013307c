/* SSIMULACRA 2: how much an encoded image differs from its pixels before.
 *
 * The metric, its constants and weights are published by Cloudinary:
 * https://github.com/cloudinary/ssimulacra2. */
#ifndef SCORE_H
#define SCORE_H

#include "jpeg.h"

typedef float f32;
typedef double f64;

enum {
  SCALES = 5,       /* full size, then half of the last each time; the sixth has no weight */
  LEAST_SIDE = 8,   /* px: a smaller scale is left out */
  RADIUS = 5,       /* px of the blur on each side of its centre */
  MAPS = 3,         /* lost structure, added edges, lost edges */
  NUMBERS = 2 * MAPS, /* means of the maps, then of their fourth powers */
  ROWS = 6, SPARE = 32, /* rows of room that compare() needs, and values besides those of pixels */
  OPSINS = 3,       /* channels: red - green, brightness, blue - brightness */
};

enum { RED_GREEN_OPSIN, BRIGHTNESS, BLUE_OPSIN };

/* Linear light, 0 to 1, of red, green and blue. */
typedef struct {
  u32 width, height;
  f32 *plane[3];
} Linear;

/* Distances of the columns and rows that are compared: 1 or 2, and any. */
typedef struct {
  u32 across, down;
} Step;

/* score_colour.c */
void read_pixels(const u8 *pixels, u32 height, const Linear *two, f32 *const *channels,
                 const Linear *half);
void halve(Linear *image);
void make_opsin(const Linear *from, u32 channel, f32 *to);

/* score_maps.c */
void compare(const f32 *reference, const f32 *made, u32 width, u32 height, Step step, f32 *room,
             f64 *numbers);

#endif
