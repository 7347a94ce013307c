/** @file The layout of the wall: rows of the same width, images with their own aspect ratio. */

/** @import {Box} from "./types.js" */

/**
 * Lay images out in full rows of about `height`; only the last row may be short.
 * @param {number[]} ratios width divided by height of each image
 * @param {{width: number, height: number, gap: number}} room
 * @param {Box[]} [former] boxes of the first images, which have not changed; their last row is laid out again
 * @returns {{boxes: Box[], height: number}}
 */
export function arrange(ratios, room, former = []) {
  const last = former.at(-1)?.y ?? 0;
  const boxes = former.slice(0, former.findIndex((box) => box.y === last));
  let y = last;
  for (const row of split(ratios.slice(boxes.length), room)) {
    const gaps = room.gap * (row.length - 1);
    const sum = row.reduce((total, ratio) => total + ratio, 0);
    const full = (room.width - gaps) / sum;
    const isLast = boxes.length + row.length === ratios.length;
    const height = isLast ? Math.min(full, room.height * 1.15) : full;
    let x = 0;
    for (const ratio of row) {
      boxes.push({ x, y, width: ratio * height, height });
      x += ratio * height + room.gap;
    }
    y += height + room.gap;
  }
  return { boxes, height: Math.max(0, y - room.gap) };
}

/**
 * Break each row where its height is nearest to `height`.
 * @param {number[]} ratios
 * @param {{width: number, height: number, gap: number}} room
 * @returns {number[][]}
 */
function split(ratios, room) {
  /** @type {number[][]} */
  const rows = [];
  /** @type {number[]} */
  let row = [];
  for (const ratio of ratios) {
    const before = heightOf(row, room);
    const after = heightOf([...row, ratio], room);
    if (row.length && room.height - after > before - room.height) {
      rows.push(row);
      row = [];
    }
    row.push(ratio);
  }
  return row.length ? [...rows, row] : rows;
}

/**
 * @param {number[]} row
 * @param {{width: number, gap: number}} room
 */
function heightOf(row, room) {
  const sum = row.reduce((total, ratio) => total + ratio, 0);
  return sum ? (room.width - room.gap * (row.length - 1)) / sum : Infinity;
}
