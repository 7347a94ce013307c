// Shows a JPEG XL by jxl-oxide: writes each frame as PNG in sRGB, and prints how long each is shown, in ms.
// Arguments: the folder of packages, the JPEG XL, and the path of the frames, to which their numbers are added.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, original, out] = process.argv.slice(2);
const home = join(folder, "node_modules", "jxl-oxide-wasm");
const { JxlImage, initSync } = await import(pathToFileURL(join(home, "jxl_oxide_wasm.js")));
initSync({ module: readFileSync(join(home, "jxl_oxide_wasm_bg.wasm")) });

const image = new JxlImage();
image.forceSrgb = true;
image.feedBytes(new Uint8Array(readFileSync(original)));
if (!image.tryInit()) throw new Error("the file ends within its header");
const durations = [];
for (let at = 0; at < image.numLoadedKeyframes; at += 1) {
  const frame = image.render(at);
  durations.push(image.animated ? frame.duration / 1000 : 0);
  writeFileSync(`${out}.${at}`, frame.encodeToPng());
}
console.log(JSON.stringify(durations));
