/** @file Load modules and style sheets on first use, and only once. */

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/**
 * @template T
 * @param {() => Promise<T>} make
 * @returns {() => Promise<T>} returns the same result every time; a failure is retried
 */
export function once(make) {
  /** @type {Promise<T> | null} */
  let done = null;
  return () => {
    done ??= make().catch((fault) => {
      done = null;
      throw fault;
    });
    return done;
  };
}

/**
 * @param {string} sheet
 * @returns {Promise<void>} resolves when the style sheet is applied
 */
export function styled(sheet) {
  const known = sheets.get(sheet);
  if (known) return known;
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: sheet });
  /** @type {Promise<void>} */
  const applied = new Promise((done, failed) => {
    link.onload = () => done();
    link.onerror = () => {
      sheets.delete(sheet);
      link.remove();
      failed(new Error(`${sheet} could not be loaded`));
    };
  });
  document.head.append(link);
  sheets.set(sheet, applied);
  return applied;
}
