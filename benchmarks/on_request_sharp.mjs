// A function that makes a size of an image on its first request, on Node with sharp: JSON requests on stdin, as in
// function_worker.py. It does the job of AWS's sample for image optimization: get, resize, put, answer.
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import sharp from "sharp";

const s3 = new S3Client({ forcePathStyle: true });
const { IMAGEMILL_ORIGINALS_BUCKET, IMAGEMILL_PROCESSED_BUCKET } = process.env;
const FORMATS = { jpg: "jpeg", webp: "webp", avif: "avif" };

async function answer({ key, width, extension, quality, out }) {
  const original = await s3.send(new GetObjectCommand({ Bucket: IMAGEMILL_ORIGINALS_BUCKET, Key: key }));
  const image = sharp(await original.Body.transformToByteArray(), { failOn: "none", animated: true });
  const { orientation } = await image.metadata();
  const resized = image.resize({ width });
  const body = await (orientation ? resized.rotate() : resized).toFormat(FORMATS[extension], { quality: quality ?? undefined }).toBuffer();
  const place = { Bucket: IMAGEMILL_PROCESSED_BUCKET, Key: `sharp/${key}/width=${width}.${extension}` };
  await s3.send(new PutObjectCommand({ ...place, Body: body, ContentType: `image/${FORMATS[extension]}` }));
  if (out) writeFileSync(out, body);
  return { statusCode: 200, body: body.toString("base64"), isBase64Encoded: true };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { records } = JSON.parse(line);
  const used = process.cpuUsage();
  const begun = performance.now();
  const answers = await Promise.all(records.map(answer));
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(used);
  const done = answers.filter(({ statusCode }) => statusCode === 200).length;
  process.stdout.write(JSON.stringify({ wall_ms: wall, cpu_ms: (user + system) / 1000, done }) + "\n");
}
