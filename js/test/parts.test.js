/** @file Uploads in parts. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Imagemill } from "imagemill";
import { fakeApi } from "./fake_api.js";

const BEGUN = { id: "a", status: "pending", key: "uploads/a.jpg", upload_id: "u/1", part_bytes: 4, parts: 3 };
const FILE = new File(["one.two.3"], "a.jpg", { type: "image/jpeg" });
const SUMS = ["one.", "two.", "3"].map((part) => createHash("sha256").update(part).digest("base64"));
const ENDED = [404, { code: "not_found", detail: "there is no such upload" }];

/** A stack with an upload of three parts, which are sent to its own server; `more` replaces answers. */
async function partsClient(more = {}) {
  const api = await fakeApi({
    "POST /live/multipart": [[201, BEGUN]],
    "GET /live/multipart/a/parts": [[200, { part_bytes: 4, parts: [{ number: 2, bytes: 4, sha256: SUMS[1] }] }]],
    "POST /live/multipart/a/complete": [[202, { id: "a" }]],
    "DELETE /live/multipart/a": [[202, { id: "a" }]],
    "PUT /bucket": [[200, ""]],
    ...more,
  });
  const signed = { url: `${api.url}/bucket`, headers: { "x-amz-checksum-sha256": "signed" } };
  api.answers["POST /live/multipart/a/parts"] ??= [[200, { parts: [{ number: 1, ...signed }] }]];
  return { api, client: new Imagemill({ api: `${api.url}/live`, apiKey: "key" }) };
}

function bodiesOf(api, method, url) {
  return api.requests.filter((one) => one.method === method && one.url === url).map(({ body }) => body);
}

function numbersOf(api) {
  return bodiesOf(api, "POST", "/live/multipart/a/parts").map((body) => JSON.parse(body).parts[0].number);
}

test("a large file is sent in parts with their checksums, and completed", async () => {
  const { api, client } = await partsClient();
  const sent = [];
  const seen = [];

  const onProgress = (...bytes) => sent.push(bytes);
  const found = await client.upload(FILE, { partsFrom: 9, recipe: "hero", onProgress, onForm: (one) => seen.push(one) });

  const announced = { filename: "a.jpg", content_type: "image/jpeg", bytes: 9, recipe: "hero" };
  assert.deepEqual(bodiesOf(api, "POST", "/live/multipart").map((one) => JSON.parse(one)), [announced]);
  const wanted = SUMS.map((sha256, at) => ({ upload_id: "u/1", parts: [{ number: at + 1, sha256 }] }));
  assert.deepEqual(bodiesOf(api, "POST", "/live/multipart/a/parts").map((one) => JSON.parse(one)), wanted);
  assert.deepEqual(bodiesOf(api, "PUT", "/bucket"), ["one.", "two.", "3"]);
  const put = api.requests.find(({ method }) => method === "PUT");
  assert.deepEqual([put.headers["x-amz-checksum-sha256"], put.headers["x-api-key"]], ["signed", undefined]);
  assert.deepEqual(JSON.parse(api.requests.at(-1).body), { upload_id: "u/1" });
  assert.deepEqual(sent, [[4, 9], [8, 9], [9, 9]]);
  assert.deepEqual([found, seen], [BEGUN, [BEGUN]]);
});

test("a smaller file is sent by a form", async () => {
  const { api, client } = await partsClient({ "POST /bucket": [[204, ""]] });
  api.answers["POST /live/uploads"] = [[201, { id: "b", url: `${api.url}/bucket`, fields: {} }]];

  assert.equal((await client.upload(FILE, { partsFrom: 10 })).id, "b");
  const form = await client.upload(FILE);
  assert.equal((await client.upload(FILE, { resume: form })).id, "b");
  assert.deepEqual(bodiesOf(api, "POST", "/live/multipart"), []);
});

test("a part is signed and sent again after a cut connection and an error of the bucket", async () => {
  const { api, client } = await partsClient({ "PUT /bucket": [[200, ""], [0], [503, ""], [200, ""]] });

  await client.upload(FILE, { partsFrom: 1 });

  assert.deepEqual(numbersOf(api), [1, 2, 2, 2, 3]);
});

test("a part that the bucket refuses ends the upload", async () => {
  const { api, client } = await partsClient({ "PUT /bucket": [[400, "<Error><Code>BadDigest</Code></Error>"]] });

  await assert.rejects(client.upload(FILE, { partsFrom: 1 }), { code: "upload_refused", message: /BadDigest/ });

  assert.deepEqual(numbersOf(api), [1]);
});

test("an upload is resumed with the parts that have not arrived", async () => {
  const { api, client } = await partsClient();

  assert.deepEqual(await client.upload(FILE, { resume: BEGUN }), BEGUN);

  assert.equal(api.requests[0].url, "/live/multipart/a/parts?upload_id=u%2F1");
  assert.deepEqual(bodiesOf(api, "PUT", "/bucket"), ["one.", "3"]);
  assert.deepEqual(bodiesOf(api, "POST", "/live/multipart"), []);
});

test("a part that has changed is sent again", async () => {
  const { api, client } = await partsClient();

  await client.upload(new File(["one.TWO.3"], "a.jpg"), { resume: BEGUN });

  assert.deepEqual(bodiesOf(api, "PUT", "/bucket"), ["one.", "TWO.", "3"]);
});

test("an upload that was completed unseen is not sent again", async () => {
  const { api, client } = await partsClient({ "GET /live/multipart/a/parts": [ENDED] });

  assert.deepEqual(await client.upload(FILE, { resume: BEGUN }), BEGUN);

  assert.deepEqual(bodiesOf(api, "PUT", "/bucket"), []);
});

test("an upload that has expired begins again", async () => {
  const { api, client } = await partsClient({
    "GET /live/multipart/a/parts": [ENDED],
    "POST /live/multipart/a/complete": [ENDED, [202, {}]],
  });

  await client.upload(FILE, { partsFrom: 1, resume: BEGUN });

  assert.equal(bodiesOf(api, "POST", "/live/multipart").length, 1);
  assert.deepEqual(bodiesOf(api, "PUT", "/bucket"), ["one.", "two.", "3"]);
});

for (const status of [404, 405]) {
  test(`an API that answers ${status} gets the file by a form`, async () => {
    const { api, client } = await partsClient({ "POST /live/multipart": [[status, ""]], "POST /bucket": [[204, ""]] });
    api.answers["POST /live/uploads"] = [[201, { id: "b", url: `${api.url}/bucket`, fields: {} }]];

    assert.equal((await client.upload(FILE, { partsFrom: 1 })).id, "b");
  });
}

test("an aborted upload removes its parts, and is not completed", { timeout: 10_000 }, async () => {
  const { api, client } = await partsClient();
  const abort = new AbortController();
  const reason = new Error("the user cancelled");
  const stop = (sent) => {
    if (sent === 9) abort.abort(reason);
  };

  await assert.rejects(client.upload(FILE, { partsFrom: 1, onProgress: stop, signal: abort.signal }), reason);

  while (api.requests.at(-1).method !== "DELETE") await new Promise((later) => setTimeout(later, 5));
  assert.equal(api.requests.at(-1).url, "/live/multipart/a?upload_id=u%2F1");
  assert.deepEqual(bodiesOf(api, "POST", "/live/multipart/a/complete"), []);
});
