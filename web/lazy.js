/** @file What the first view does not need: fetched when it is first wanted, and once. */

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/**
 * @template T
 * @param {() => Promise<T>} make
 * @returns {() => Promise<T>} the same every time; tried again where it failed
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
 * @returns {Promise<void>} settled once the sheet applies
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
      failed(new Error(`${sheet} could not be fetched`));
    };
  });
  document.head.append(link);
  sheets.set(sheet, applied);
  return applied;
}
