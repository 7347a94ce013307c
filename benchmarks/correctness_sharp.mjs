// Makes renditions with sharp: one JSON request per line on stdin, answers on stdout.
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import sharp from "sharp";

const SIDE = 500;

async function run(request) {
  const data = await readFile(request.in);
  const { format, hasAlpha, pages } = await sharp(data).metadata();
  const animated = (pages ?? 1) > 1 && (format === "gif" || format === "webp");
  const keeps = ["jpeg", "png", "webp", "gif"].includes(format);
  const picture = sharp(data, { animated, failOn: "none" })
    .rotate()
    .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
    .toFormat(keeps ? format : hasAlpha ? "png" : "jpeg");
  await writeFile(request.out, await picture.toBuffer());
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer = {};
  try {
    await run(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error.message).slice(0, 200), kind: "refused" };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
