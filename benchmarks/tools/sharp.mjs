// Makes images with sharp: one JSON request per line on stdin, answers on stdout, as in serve.py.
//
//     node sharp.mjs            with sharp's defaults, as its documentation shows: a clone per image
//     node sharp.mjs tuned      one decode for all images, and the encoder efforts of imagemill
//     node sharp.mjs tuned 2    the same with another effort of AVIF
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

const isTuned = process.argv[2] === "tuned";
// imagemill's settings in sharp's terms: AVIF effort is 9 minus the speed.
const avif = { effort: Number(process.argv[3] ?? 0), chromaSubsampling: "4:2:0" };
const TUNED = { webp: { effort: 2 }, avif };
const LOSSY = ["jpeg", "webp", "avif"];
sharp.concurrency(1);
sharp.cache(false);

const opened = (data, options = {}) => sharp(data, { failOn: "none", ...options });

function resized(picture, { width, height, fit, words }) {
  const small = picture.resize(width, height, { fit, withoutEnlargement: true });
  if (words === "gamut=keep") return small.keepIccProfile();
  return words === "hdr=keep" ? small.keepGainMap() : small;
}

function encoded(picture, { format, quality }) {
  if (format === "keep") return picture.toBuffer();
  const options = LOSSY.includes(format) ? { quality } : {};
  return picture.toFormat(format, { ...options, ...(isTuned && TUNED[format]) }).toBuffer();
}

async function asDocumented(data, targets) {
  // Without `animated` sharp reads the first frame of a GIF; `keep` keeps animations.
  const isAnimated = targets.some(({ format }) => format === "keep");
  const source = opened(data, { animated: isAnimated }).rotate();
  return Promise.all(targets.map((target) => encoded(resized(source.clone(), target), target)));
}

// Each size is shrunk from the next larger one, in raw pixels.
async function onceDecoded(data, targets) {
  if (targets.length === 1) return asDocumented(data, targets);
  const order = [...targets].sort((a, b) => b.width * b.height - a.width * a.height);
  const made = new Map();
  let source = opened(data).rotate();
  for (const target of order) {
    const { width, height, fit } = target;
    const key = `${width}x${height}:${fit}`;
    if (!made.has(key)) {
      const { data: pixels, info } = await resized(source, target).raw().toBuffer({ resolveWithObject: true });
      made.set(key, () => sharp(pixels, { raw: info }));
      if (fit === "inside") source = made.get(key)();
    }
    target.made = await encoded(made.get(key)(), target);
  }
  return targets.map((target) => target.made);
}

function residentBytes(name) {
  const found = readFileSync("/proc/self/status", "utf8").match(new RegExp(`${name}:\\s+(\\d+) kB`));
  return Number(found[1]) * 1024;
}

async function answer(request) {
  const data = readFileSync(request.path);
  if (request.peak) writeFileSync("/proc/self/clear_refs", "5");
  const resident = request.peak ? residentBytes("VmRSS") : 0;
  const before = process.cpuUsage();
  const made = await (isTuned ? onceDecoded : asDocumented)(data, request.targets);
  const used = process.cpuUsage(before);
  const said = { cpu_ms: (used.user + used.system) / 1000, bytes: made.map((each) => each.length) };
  if (request.peak) said.peak_bytes = residentBytes("VmHWM") - resident;
  (request.outs ?? []).forEach((path, at) => writeFileSync(path, made[at]));
  return said;
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = await answer(JSON.parse(line));
  } catch (error) {
    said = { error: String(error.message).slice(0, 200) };
  }
  process.stdout.write(JSON.stringify(said) + "\n");
}
