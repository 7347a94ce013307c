// ipx as a server of images in S3, with unstorage's driver as its documentation shows it: node on_request_ipx.mjs PORT
import { createServer } from "node:http";
import { createIPX, createIPXNodeServer, unstorageToIPXStorage } from "ipx";
import { createStorage } from "unstorage";
import s3Driver from "unstorage/drivers/s3";

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL, AWS_REGION, IMAGEMILL_ORIGINALS_BUCKET } = process.env;
const driver = s3Driver({
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  endpoint: AWS_ENDPOINT_URL,
  region: AWS_REGION,
  bucket: IMAGEMILL_ORIGINALS_BUCKET,
});
const ipx = createIPX({ storage: unstorageToIPXStorage(createStorage({ driver })) });
createServer(createIPXNodeServer(ipx)).listen(Number(process.argv[2]), "127.0.0.1");
