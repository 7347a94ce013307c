/** @file What is in a folder that was dropped, and in the folders in it. */

const DEEPEST = 12;

/**
 * @param {FileSystemEntry} entry
 * @param {number} [deep] how many folders may still be gone down into
 * @returns {Promise<File[]>}
 */
export async function filesIn(entry, deep = DEEPEST) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return new Promise((done) => {
      file.file((one) => done([one]), () => done([]));
    });
  }
  if (!deep) return [];
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} a hundred at most, and none at the end */
    const some = await new Promise((done) => {
      reader.readEntries(done, () => done([]));
    });
    if (!some.length) return found;
    for (const one of some) found.push(...(await filesIn(one, deep - 1)));
  }
}
