/* SSIMULACRA 2: how much an encoded image differs from its pixels before, the reference.
 *
 * The metric, its constants and weights are published by Cloudinary:
 * https://github.com/cloudinary/ssimulacra2. What depends on the reference alone is computed once. */
#ifndef SCORE_H
#define SCORE_H

#include <wasm_simd128.h>

#include "jpeg.h"

typedef double f64;

enum {
  SCALES = 5,       /* full size, then half of the last each time; the sixth has no weight */
  LEAST_SIDE = 8,   /* px: a smaller scale is left out */
  RADIUS = 4,       /* px of the blur on each side of its centre */
  MAPS = 3,         /* lost structure, added edges, lost edges */
  NUMBERS = 2 * MAPS, /* means of the maps, then of their fourth powers */
  PRODUCTS = 3,     /* of the reference and the difference from it, that are blurred */
  SPARE = 32,       /* values of room in each blurred row besides those of pixels */
  OPSINS = 3,       /* channels: red - green, brightness, blue - brightness */
  LANES = 4,
};

enum { RED_GREEN_OPSIN, BRIGHTNESS, BLUE_OPSIN };

/* Linear light, 0 to 1: each vector is the mean cone response and red, green and blue of a pixel. */
typedef struct {
  u32 width, height;
  v128_t *pixels;
} Linear;

/* A channel of the reference at one scale, and of every row of distance `down` its blurred values, and
 * twice their variances. */
typedef struct {
  u32 width, height, down;
  f32 *values, *means, *variances;
} Channel;

/* score_colour.c */
void read_pixels(const u8 *pixels, u32 width, u32 height, f32 *brightness, const Linear *half);
void halve(Linear *image);
void make_opsin(const Linear *from, u32 channel, f32 *to);

/* score_maps.c: `room` has PRODUCTS rows of blurred_room() values. */
u32 blurred_room(u32 width);
void blur_reference(const Channel *reference, f32 *room);
void compare(const Channel *reference, f32 *made, f32 *room, f64 *numbers);

#endif
