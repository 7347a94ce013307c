/* Functions exported to the host for the score: two images of pixels come in, numbers go out. */

#include "score.h"

#define EXPORT(name) __attribute__((export_name(name)))

enum {
  PIXEL = 4,            /* bytes: R, G, B, and one that is ignored */
  ROOM = 64,            /* bytes that vector instructions may access after the end of a buffer */
  MOST_PIXELS = 1 << 22,
};

/* Distances of the pixels that are compared at each scale: all where they are few. */
static const Step step_of[SCALES] = {{2, 4}, {2, 2}, {2, 2}, {1, 1}, {1, 1}};

static u32 width, height;
static u8 *pixels;
static f64 numbers[SCALES][OPSINS][NUMBERS];

/* Returns where the pixels of the reference belong, and behind them those of the other image; 0 if
 * memory is short. */
EXPORT("room_for_pair") u8 *room_for_pair(u32 across, u32 down) {
  reserve(0);
  release(0);
  pixels = 0;
  if (!across || !down || across > MOST_PIXELS / down) return 0;
  width = across;
  height = down;
  return pixels = allocate(2 * (size_t)PIXEL * width * height + ROOM);
}

/* Memory for one pair: `channels` of both images, their linear half, two linear rows, and rows of
 * products. */
typedef struct {
  f32 *channels[2][OPSINS], *rows;
  Linear half[2], two;
} Room;

static f32 *values(size_t count) { return allocate(count * sizeof(f32) + ROOM); }

static int allocate_linear(Linear *image, u32 across, u32 down) {
  image->width = across;
  image->height = down;
  for (u32 c = 0; c < 3; c++)
    if (!(image->plane[c] = values((size_t)across * down))) return 0;
  return 1;
}

static int allocate_room(Room *room, u32 channels) {
  *room = (Room){0};
  for (u32 i = 0; i < 2; i++) {
    for (u32 c = 0; c < OPSINS; c++)
      if (channels >> c & 1 && !(room->channels[i][c] = values((size_t)width * height))) return 0;
    if (!allocate_linear(&room->half[i], divide_up(width, 2), divide_up(height, 2))) return 0;
  }
  room->rows = values(ROWS * ((size_t)width + SPARE));
  return room->rows && allocate_linear(&room->two, width, 2);
}

static int is_wanted(u32 wanted, u32 scale, u32 channel) {
  return wanted >> (OPSINS * scale + channel) & 1;
}

static void compare_first(const Room *room) {
  for (u32 i = 0; i < 2; i++)
    read_pixels(pixels + i * (size_t)PIXEL * width * height, height, &room->two,
                room->channels[i], &room->half[i]);
  for (u32 c = 0; c < OPSINS; c++)
    if (room->channels[0][c])
      compare(room->channels[0][c], room->channels[1][c], width, height, step_of[0], room->rows,
              numbers[0][c]);
}

/* Compares a scale below the first; `planes` have room for a channel of both images. */
static void compare_scale(const Room *room, u32 scale, u32 wanted, f32 *const *planes) {
  for (u32 c = 0; c < OPSINS; c++) {
    if (!is_wanted(wanted, scale, c)) continue;
    for (u32 i = 0; i < 2; i++) make_opsin(&room->half[i], c, planes[i]);
    compare(planes[0], planes[1], room->half->width, room->half->height, step_of[scale],
            room->rows, numbers[scale][c]);
  }
}

/* Compares the pair. `wanted` has a bit for each channel of each scale, and one of the first at least.
 * Returns the address of their numbers, which are 0 where none is wanted or the image is too small; 0 if
 * memory is short. */
EXPORT("score_pair") f64 *score_pair(u32 wanted) {
  Room room;
  f32 *planes[2];
  size_t quarter = (size_t)divide_up(width, 2) * divide_up(height, 2);
  if (!pixels || !allocate_room(&room, wanted & 7)) return 0;
  for (u32 i = 0; i < 2; i++)
    if (!(planes[i] = values(quarter))) return 0;
  __builtin_memset(numbers, 0, sizeof numbers);
  if (width >= LEAST_SIDE && height >= LEAST_SIDE) compare_first(&room);
  for (u32 scale = 1; scale < SCALES; scale++) {
    if (room.half->width < LEAST_SIDE || room.half->height < LEAST_SIDE) break;
    compare_scale(&room, scale, wanted, planes);
    for (u32 i = 0; i < 2; i++) halve(&room.half[i]);
  }
  return &numbers[0][0][0];
}
