/** @file Options for @uppy/aws-s3; tests/strangers has the plugin itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { uppyOptions } from "imagemill/uppy";

const FILE = { id: "uppy-a/jpg-1", name: "a.jpg", type: "image/jpeg", size: 3 };
const FORM = { id: "a", key: "uploads/a.jpg", url: "https://bucket.example.com", fields: { key: "uploads/a.jpg" } };

/** A client that keeps the requests for forms. */
function recorder() {
  const asked = [];
  return { asked, uploadForm: async (request) => (asked.push(request), FORM) };
}

test("version 6 gets the form of the file whose key it names", async () => {
  const client = recorder();
  const seen = [];
  const options = uppyOptions(client, { recipe: "hero", onForm: (file, form) => seen.push([file.id, form.id]) });

  const key = options.generateObjectKey(FILE);
  const signed = await options.signRequest({ method: "PUT", key, contentType: "image/jpeg" });

  assert.deepEqual(signed, { url: FORM.url, fields: FORM.fields });
  assert.deepEqual(client.asked, [{ filename: "a.jpg", content_type: "image/jpeg", bytes: 3, recipe: "hero" }]);
  assert.deepEqual(seen, [[FILE.id, "a"]]);
  assert.equal(options.shouldUseMultipart, false);
});

test("earlier versions get the form of a file", async () => {
  const parameters = await uppyOptions(recorder()).getUploadParameters(FILE);

  assert.deepEqual(parameters, { method: "POST", url: FORM.url, fields: FORM.fields });
});

test("a type that is no image is left out, because the bytes tell the format", async () => {
  const client = recorder();

  await uppyOptions(client).getUploadParameters({ ...FILE, type: "application/x-heic" });

  assert.equal(client.asked[0].content_type, "");
});

test("a request that is no upload of a known file is refused", async () => {
  const options = uppyOptions(recorder());

  await assert.rejects(options.signRequest({ method: "PUT", key: "unknown" }), TypeError);
  await assert.rejects(options.signRequest({ method: "DELETE", key: options.generateObjectKey(FILE) }), TypeError);
  await assert.rejects(options.getUploadParameters({ ...FILE, size: null }), /name and a size/);
});
