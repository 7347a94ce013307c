/* The part of an image that is decoded, for a result that shows no more.
 *
 * Blocks outside it are passed: their Huffman codes are read, but nothing is kept of them. No scan is
 * read beyond the last row of the part, so damage behind it is not noticed. */
#include "jpeg.h"

static void choose_blocks(const Image *image, Component *c) {
  c->first_column = image->columns.first * c->h;
  c->first_row = image->rows.first * c->v;
  c->blocks_across = (image->columns.end - image->columns.first) * c->h;
  c->blocks_down = (image->rows.end - image->rows.first) * c->v;
}

/* The part begins at a whole MCU, and is extended to whole ones. An empty one means the whole image. */
Status choose_part(Image *image, const Box *part) {
  u32 across = BLOCK_SIDE * image->max_h, down = BLOCK_SIDE * image->max_v;
  image->columns = (Span){0, image->mcus_across};
  image->rows = (Span){0, image->mcus_down};
  if (part->right) {
    if (part->left >= part->right || part->top >= part->bottom || part->right > image->width ||
        part->bottom > image->height || part->left % across || part->top % down)
      return UNSUPPORTED;
    image->columns = (Span){part->left / across, divide_up(part->right, across)};
    image->rows = (Span){part->top / down, divide_up(part->bottom, down)};
  }
  for (u32 i = 0; i < image->components; i++) choose_blocks(image, &image->component[i]);
  return OK;
}

static u32 length_of(Span mcus, u32 side, u32 whole) {
  u32 end = mcus.end * side;
  return (end < whole ? end : whole) - mcus.first * side;
}

/* The decoded planes are those of a smaller image: the part. */
void become_part(Image *image) {
  image->width = length_of(image->columns, BLOCK_SIDE * image->max_h, image->width);
  image->height = length_of(image->rows, BLOCK_SIDE * image->max_v, image->height);
}

/* The blocks of a component in these MCUs. */
Span blocks_of(Span mcus, u32 blocks) { return (Span){mcus.first * blocks, mcus.end * blocks}; }

/* True if rows follow that are not decoded. */
int ends_early(const Image *image) { return image->rows.end < image->mcus_down; }
