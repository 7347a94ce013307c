// A page's uploads, by Uppy and by the client of the JavaScript package itself; esbuild bundles it.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { Imagemill } from "imagemill";
import { uppyOptions } from "imagemill/uppy";

/** Upload files of Uppy, as [name, type, bytes], and return the state of their images by name. */
globalThis.uploadByUppy = async (options, files) => {
  const client = new Imagemill(options);
  const ids = new Map();
  const onForm = (file, form) => ids.set(file.id, form.id);
  const uppy = new Uppy().use(AwsS3, uppyOptions(client, { onForm }));
  for (const [name, type, bytes] of files) {
    uppy.addFile({ name, type, data: new Blob([new Uint8Array(bytes)], { type }) });
  }
  const { successful, failed } = await uppy.upload();
  const ends = successful.map(async ({ id, name }) => [name, (await client.wait(ids.get(id))).status]);
  return { ends: Object.fromEntries(await Promise.all(ends)), failed: failed.length };
};

/** Upload a file by the client, and return the reported progress. */
globalThis.uploadByClient = async (options, name, bytes) => {
  const seen = [];
  const file = new File([new Uint8Array(bytes)], name, { type: "image/jpeg" });
  await new Imagemill(options).upload(file, { onProgress: (sent, total) => seen.push([sent, total]) });
  return seen;
};

/** Abort an upload as soon as its form is there, and return the error. */
globalThis.abortUpload = async (options, bytes) => {
  const abort = new AbortController();
  const file = new File([new Uint8Array(bytes)], "a.jpg");
  const client = new Imagemill(options);
  const onForm = () => setTimeout(() => abort.abort());
  const onProgress = () => {};
  return client.upload(file, { signal: abort.signal, onForm, onProgress }).catch(({ name }) => name);
};
