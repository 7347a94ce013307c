/** @file Accept files that are dropped, pasted or chosen, and folders with their files. */

/**
 * @param {(files: File[]) => void} onFiles
 * @param {HTMLElement} veil shown while files are dragged over the page
 */
export function takeDrops(onFiles, veil) {
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (carries(event)) veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) veil.hidden = true;
  });
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!event.dataTransfer || !carries(event)) return;
    event.preventDefault();
    veil.hidden = true;
    void unpacked(event.dataTransfer).then(onFiles);
  });
}

/** @param {(files: File[]) => void} onFiles */
export function takePastes(onFiles) {
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) onFiles(files);
  });
}

/**
 * @param {HTMLInputElement} input
 * @param {(files: File[]) => void} onFiles
 */
export function takeChoices(input, onFiles) {
  input.addEventListener("change", () => {
    const files = visible([...(input.files ?? [])]);
    input.value = "";
    if (files.length) onFiles(files);
  });
}

/**
 * Read the entries at once: the transfer is empty after its event.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
async function unpacked(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = items.map((item) => item.getAsFile());
  const found = await Promise.all(
    entries.map(async (entry, at) => {
      if (entry?.isDirectory) return (await import("./folders.js")).filesIn(entry);
      const file = loose[at];
      return file ? [file] : [];
    }),
  );
  return visible(found.flat());
}

/** @param {File[]} files */
function visible(files) {
  return files.filter(({ name }) => !name.startsWith(".") && !/^(Thumbs\.db|desktop\.ini)$/i.test(name));
}
