// Resizes images with sharp: one JSON request per line on stdin, answers on stdout, as in worker.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";

const SIDE = 500;
const QUALITY = 82;
sharp.concurrency(1);
sharp.cache(false);

function make(data, to) {
  const picture = sharp(data, { failOn: "none" })
    .rotate()
    .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true });
  if (to === "keep") return picture.toBuffer();
  return picture.toFormat(to, to === "jpeg" ? { quality: QUALITY } : {}).toBuffer();
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
  const made = await make(data, request.to);
  const used = process.cpuUsage(before);
  const said = { cpu_ms: (used.user + used.system) / 1000, bytes: made.length };
  if (request.peak) said.peak_bytes = residentBytes("VmHWM") - resident;
  if (request.out) writeFileSync(request.out, made);
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
