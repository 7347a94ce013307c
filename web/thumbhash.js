/**
 * @file Decode a ThumbHash, a preview image of about 30 bytes, by the description of Evan Wallace
 * (https://evanw.github.io/thumbhash/).
 *
 * A hash has a few terms of a cosine transform: of lightness (L), of two colour differences (P: yellow
 * minus blue, Q: red minus green), and of alpha if the image has it. The terms of a channel are the
 * upper left triangle of a small grid. Its first term is the mean and is stored separately.
 */

const LONGEST = 32;
/** Factor for the colour channels, which compensates for the encoder's rounding. */
const VIVID = 1.25;

/** @typedef {{across: number, down: number, mean: number, terms: number[]}} Channel */

/**
 * @param {string} text base64
 * @returns {ImageData | null} null if the text is no ThumbHash
 */
export function decode(text) {
  const bytes = bytesOf(text);
  if (bytes.length < 5) return null;
  const { light, yellow, red, alpha } = channels(bytes);
  const ratio = light.across / light.down;
  const width = Math.round(ratio > 1 ? LONGEST : LONGEST * ratio);
  const height = Math.round(ratio > 1 ? LONGEST / ratio : LONGEST);
  const image = new ImageData(width, height);
  const acrossAll = waves(width, 7);
  const downAll = waves(height, 7);
  for (let at = 0, y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      const [l, p, q, a] = [light, yellow, red, alpha].map((channel) =>
        channel ? value(channel, acrossAll[x] ?? [], downAll[y] ?? []) : 1,
      );
      image.data.set(rgba(l ?? 0, p ?? 0, q ?? 0, a ?? 1), at);
    }
  }
  return image;
}

/**
 * @param {string | null} text base64
 * @returns {boolean} whether the image is transparent somewhere, also if its hash is not known
 */
export function isClear(text) {
  return !text || ((bytesOf(text)[2] ?? 0) & 128) !== 0;
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/**
 * Read the header of five or six bytes, and the terms after it, four bits each.
 * @param {Uint8Array} bytes
 * @returns {{light: Channel, yellow: Channel, red: Channel, alpha: Channel | null}}
 */
function channels(bytes) {
  const byte = (/** @type {number} */ at) => bytes[at] ?? 0;
  const head = byte(0) | (byte(1) << 8) | (byte(2) << 16);
  const tail = byte(3) | (byte(4) << 8);
  const clear = head >> 23 === 1;
  const long = clear ? 5 : 7;
  const wide = tail >> 15 === 1;
  const short = Math.max(3, tail & 7);
  let next = clear ? 12 : 10;
  const half = () => {
    const pair = byte(next >> 1);
    const bits = next % 2 ? pair >> 4 : pair & 15;
    next += 1;
    return bits / 7.5 - 1;
  };
  const channel = (/** @type {number} */ mean, /** @type {number} */ scale, /** @type {number} */ across, /** @type {number} */ down) => {
    /** @type {number[]} */
    const terms = [];
    for (const _ of places(across, down)) terms.push(half() * scale);
    return { across, down, mean, terms };
  };
  const light = channel((head & 63) / 63, ((head >> 18) & 31) / 31, wide ? long : short, wide ? short : long);
  const yellow = channel(((head >> 6) & 63) / 31.5 - 1, (VIVID * ((tail >> 3) & 63)) / 63, 3, 3);
  const red = channel(((head >> 12) & 63) / 31.5 - 1, (VIVID * ((tail >> 9) & 63)) / 63, 3, 3);
  const alpha = clear ? channel((byte(5) & 15) / 15, (byte(5) >> 4) / 15, 5, 5) : null;
  return { light, yellow, red, alpha };
}

/**
 * Yield the grid positions of a channel's terms, in their order.
 * @param {number} across
 * @param {number} down
 * @returns {Generator<[number, number], void>}
 */
function* places(across, down) {
  for (let v = 0; v < down; v += 1) {
    for (let u = v ? 0 : 1; u * down < across * (down - v); u += 1) yield [u, v];
  }
}

/**
 * @param {Channel} channel
 * @param {number[]} across the cosines at this column
 * @param {number[]} down the cosines at this row
 */
function value(channel, across, down) {
  let sum = channel.mean;
  let at = 0;
  for (const [u, v] of places(channel.across, channel.down)) {
    sum += (channel.terms[at] ?? 0) * (across[u] ?? 0) * (down[v] ?? 0) * 2;
    at += 1;
  }
  return sum;
}

/**
 * @param {number} length
 * @param {number} count
 * @returns {number[][]} cosines by position, then by frequency
 */
function waves(length, count) {
  return Array.from({ length }, (_, at) =>
    Array.from({ length: count }, (__, wave) => Math.cos((Math.PI / length) * (at + 0.5) * wave)),
  );
}

/**
 * @param {number} l
 * @param {number} p
 * @param {number} q
 * @param {number} a
 */
function rgba(l, p, q, a) {
  const blue = l - (2 / 3) * p;
  const red = (3 * l - blue + q) / 2;
  return [red, red - q, blue, a].map((one) => Math.max(0, Math.min(1, one)) * 255);
}
