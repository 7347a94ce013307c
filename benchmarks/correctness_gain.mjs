// Reads the gain map of a JPEG by gainmap-js: writes its image, and prints its numbers for the first channel.
// Arguments: the folder of packages, the JPEG, and the image to write.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, original, out] = process.argv.slice(2);
const load = createRequire(join(folder, "package.json"));
const { extractGainmapFromJPEG } = await import(pathToFileURL(load.resolve("@monogrid/gainmap-js")));

let answer;
try {
  const { gainMap, metadata } = await extractGainmapFromJPEG(new Uint8Array(readFileSync(original)));
  writeFileSync(out, Buffer.from(gainMap));
  const [min, max, gamma] = [metadata.gainMapMin, metadata.gainMapMax, metadata.gamma].map((each) => each[0]);
  answer = { min, max, gamma };
} catch (error) {
  answer = { error: String(error.message) };
}
console.log(JSON.stringify(answer));
