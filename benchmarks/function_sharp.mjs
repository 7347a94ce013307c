// The job of the resize function on Node with sharp: JSON requests on stdin, as in function_worker.py.
// It processes the images of a batch concurrently, which is the fastest way on Node.
import { createInterface } from "node:readline";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import sharp from "sharp";

sharp.concurrency(1);
sharp.cache(false);
const s3 = new S3Client({ forcePathStyle: true });
const dynamodb = new DynamoDBClient({});
const { IMAGEMILL_ORIGINALS_BUCKET, IMAGEMILL_PROCESSED_BUCKET, IMAGEMILL_TABLE } = process.env;

async function resize(key) {
  const original = await s3.send(new GetObjectCommand({ Bucket: IMAGEMILL_ORIGINALS_BUCKET, Key: key }));
  const { data, info } = await sharp(await original.Body.transformToByteArray(), { failOn: "none" })
    .rotate()
    .resize(500, 500, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 82 })
    .toBuffer({ resolveWithObject: true });
  await s3.send(new PutObjectCommand({ Bucket: IMAGEMILL_PROCESSED_BUCKET, Key: key, Body: data }));
  const size = { width: { N: String(info.width) }, height: { N: String(info.height) } };
  const item = { id: { S: key }, status: { S: "ready" }, ...size };
  await dynamodb.send(new PutItemCommand({ TableName: IMAGEMILL_TABLE, Item: item }));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { records } = JSON.parse(line);
  const used = process.cpuUsage();
  const begun = performance.now();
  await Promise.all(records.map((record) => resize(record.key)));
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(used);
  const said = { wall_ms: wall, cpu_ms: (user + system) / 1000, done: records.length };
  process.stdout.write(JSON.stringify(said) + "\n");
}
