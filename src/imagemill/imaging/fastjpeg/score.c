/* Functions exported to the host for the score: pixels of a reference and of images made of it come in,
 * numbers go out. */
#include "score.h"

#include "encoder.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
  PIXEL = 4,            /* bytes: R, G, B, and one that is ignored */
  ROOM = 64,            /* bytes that vector instructions may access after the end of a buffer */
  MOST_PIXELS = 1 << 22,
};

/* Distances of the rows that are compared at each scale: all where they are few. */
static const u32 down_of[SCALES] = {4, 4, 2, 1, 1};

static u32 width, height;
static u8 *pixels;

/* The reference. Channels that are not wanted have no values. */
static Channel channels[SCALES][OPSINS];

/* Room for one channel of the other image, the means of its pixels, and blurred rows. */
static f32 *made, *rows;
static v128_t *means;

static f64 numbers[SCALES][OPSINS][NUMBERS];

/* Returns where the pixels of the reference, and then of each other image, belong; 0 if memory is short. */
EXPORT("room_for_scored") u8 *room_for_scored(u32 across, u32 down) {
  reserve(0);
  release(0);
  forget_planes();
  made = 0;
  if (!across || !down || across > MOST_PIXELS / down) return 0;
  width = across;
  height = down;
  return pixels = allocate((size_t)PIXEL * width * height + ROOM);
}

static f32 *values(size_t count) { return allocate(count * sizeof(f32) + ROOM); }

static u32 side_of(u32 side, u32 scale) { return divide_up(side, 1u << scale); }

static int allocate_channel(Channel *channel, u32 scale) {
  *channel = (Channel){side_of(width, scale), side_of(height, scale), down_of[scale], 0, 0, 0};
  size_t count = (size_t)channel->width * channel->height;
  size_t blurred = (size_t)channel->width * divide_up(channel->height, channel->down);
  channel->values = values(count);
  channel->means = values(blurred);
  channel->variances = values(blurred);
  return channel->values && channel->means && channel->variances;
}

/* Whether a channel of a scale is wanted, of images that are not too small for it. */
static int is_wanted(u32 wanted, u32 scale, u32 channel) {
  return (wanted >> (OPSINS * scale + channel) & 1) && side_of(width, scale) >= LEAST_SIDE &&
         side_of(height, scale) >= LEAST_SIDE;
}

static int allocate_all(u32 wanted) {
  for (u32 scale = 0; scale < SCALES; scale++)
    for (u32 c = 0; c < OPSINS; c++) {
      channels[scale][c].values = 0;
      if (is_wanted(wanted, scale, c) && !allocate_channel(&channels[scale][c], scale)) return 0;
    }
  size_t quarter = (size_t)side_of(width, 1) * side_of(height, 1);
  means = allocate(quarter * sizeof *means + ROOM);
  rows = values(PRODUCTS * (size_t)blurred_room(width));
  made = values((size_t)width * height);
  return means && rows && made;
}

/* Where the values of a channel belong: of the reference, or of the other image for a while. */
static f32 *values_of(u32 scale, u32 channel, int is_reference) {
  return is_reference ? channels[scale][channel].values : made;
}

static void take(u32 scale, u32 channel, int is_reference) {
  if (is_reference) blur_reference(&channels[scale][channel], rows);
  else compare(&channels[scale][channel], made, rows, numbers[scale][channel]);
}

/* Reads the pixels, of the reference or of another image, one channel after another. */
static void read_channels(int is_reference) {
  Linear half = {side_of(width, 1), side_of(height, 1), means};
  int is_large = channels[0][BRIGHTNESS].values != 0;
  read_pixels(pixels, width, height, is_large ? values_of(0, BRIGHTNESS, is_reference) : made, &half);
  if (is_large) take(0, BRIGHTNESS, is_reference);
  for (u32 scale = 1; scale < SCALES; scale++) {
    for (u32 c = 0; c < OPSINS; c++) {
      if (!channels[scale][c].values) continue;
      make_opsin(&half, c, values_of(scale, c, is_reference));
      take(scale, c, is_reference);
    }
    halve(&half);
  }
}

/* Takes the pixels as reference. `wanted` has a bit for each channel of each scale; only brightness of the
 * first. Returns 0 if memory is short. */
EXPORT("take_reference") u32 take_reference_of_host(u32 wanted) {
  if (!pixels || !allocate_all(wanted)) return 0;
  read_channels(1);
  return 1;
}

/* Compares the pixels with the reference. Returns the address of the numbers of each channel of each scale,
 * which are 0 where none is wanted or the image is too small; 0 without a reference. */
EXPORT("compare_pixels") f64 *compare_pixels(void) {
  if (!made) return 0;
  __builtin_memset(numbers, 0, sizeof numbers);
  read_channels(0);
  return &numbers[0][0][0];
}
