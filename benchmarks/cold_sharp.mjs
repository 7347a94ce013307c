// A new process of a handler with sharp, bundled by esbuild: clients, and an image if there is a path.
// Prints CPU ms of the whole process, and 0 where Python counts modules.
import { readFileSync } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import sharp from "sharp";

sharp.concurrency(1);
export const clients = [new S3Client({}), new DynamoDBClient({}), new EventBridgeClient({})];
const [path] = process.argv.slice(2);
if (path) await sharp(readFileSync(path)).rotate().resize(500, 500, { fit: "inside" }).jpeg({ quality: 82 }).toBuffer();
const { user, system } = process.cpuUsage();
process.stdout.write(`${(user + system) / 1000} 0\n`);
