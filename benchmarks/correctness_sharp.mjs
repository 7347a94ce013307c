// Makes renditions with sharp: one JSON request per line on stdin, answers on stdout, as in correctness_worker.py.
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import sharp from "sharp";

const FITS = { inside: "inside", cover: "cover", pad: "contain" };
const KEPT = ["jpeg", "png", "webp", "gif", "avif"];
const ANIMATED = ["gif", "webp"];

class BeyondOptions extends Error {}

function format(metadata, to) {
  if (to !== "keep") return to;
  const found = metadata.compression === "av1" ? "avif" : metadata.format;
  return KEPT.includes(found) ? found : metadata.hasAlpha ? "png" : "jpeg";
}

async function run(request) {
  if (request.max_bytes || request.score || request.focus) throw new BeyondOptions();
  const data = await readFile(request.in);
  const metadata = await sharp(data).metadata();
  const to = format(metadata, request.to);
  const animated = (metadata.pages ?? 1) > 1 && ANIMATED.includes(to);
  const isFlat = to === "jpeg" || request.background;
  const background = request.background ? `#${request.background}` : "white";
  let image = sharp(data, { animated, failOn: "none" }).rotate();
  if (isFlat && metadata.hasAlpha) image = image.flatten({ background });
  image = image.resize(request.width, request.height, {
    fit: FITS[request.fit],
    position: request.place || "centre",
    background,
    withoutEnlargement: request.fit !== "pad",
  });
  if (request.keeps_gamut) image = image.keepIccProfile();
  if (request.keeps_gain_map) image = image.keepGainMap();
  await writeFile(request.out, await image.toFormat(to).toBuffer());
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer = {};
  try {
    await run(JSON.parse(line));
  } catch (error) {
    const kind = error instanceof BeyondOptions ? "beyond" : "refused";
    answer = { error: String(error.message).slice(0, 200), kind };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
