/** @file List the files of a dropped folder and of its subfolders. */

/** Levels of subfolders that are read. */
const DEEPEST = 12;

/**
 * @param {FileSystemEntry} entry
 * @param {number} [deep] how many levels of subfolders to list
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
    /** @type {FileSystemEntry[]} a batch, which is empty at the end */
    const some = await new Promise((done) => {
      reader.readEntries(done, () => done([]));
    });
    if (!some.length) return found;
    for (const one of some) found.push(...(await filesIn(one, deep - 1)));
  }
}
