/** @file The client of the REST API. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Imagemill, ImagemillError } from "imagemill";
import { fakeApi } from "./fake_api.js";

const PENDING = { id: "a", status: "pending" };
const READY = { id: "a", status: "ready" };
const BUSY = [503, { code: "throttled", detail: "slow down", request_id: "r1" }, { "retry-after": "0" }];

async function clientOf(answers, options = {}) {
  const api = await fakeApi(answers);
  return { api, client: new Imagemill({ api: `${api.url}/live/`, apiKey: "key", ...options }) };
}

/** A stack whose form leads to its own server. */
async function uploadClient(bucket) {
  const { api, client } = await clientOf({ "POST /bucket": bucket });
  const fields = { key: "uploads/a.jpg", policy: "p" };
  const form = { id: "a", key: fields.key, url: `${api.url}/bucket`, fields };
  api.answers["POST /live/uploads"] = [[201, form]];
  return { api, client };
}

test("the key of the API is sent, and a slash at the end of the URL is left out", async () => {
  const { api, client } = await clientOf({ "GET /live/images/a": [[200, READY]] });

  assert.deepEqual(await client.get("a"), READY);

  assert.equal(api.requests[0].headers["x-api-key"], "key");
});

test("the present token of a user is sent instead of a key", async () => {
  const tokens = ["first", "second"];
  const token = async () => tokens.shift();
  const { api, client } = await clientOf({ "GET /live/images/a": [[200, READY]] }, { token });

  await client.get("a");
  await client.get("a");

  assert.deepEqual(api.requests.map((one) => one.headers.authorization), ["Bearer first", "Bearer second"]);
  assert.equal(api.requests[0].headers["x-api-key"], undefined);
});

test("an id cannot leave the path of images", async () => {
  const { api, client } = await clientOf({});

  await assert.rejects(client.get("../health?a"), { code: "not_found" });

  assert.equal(api.requests[0].url, "/live/images/..%2Fhealth%3Fa");
});

test("a problem of the API has its code, detail, status and request id", async () => {
  const problem = { code: "gone", detail: "it was deleted", request_id: "r1" };
  const { client } = await clientOf({ "GET /live/images/a": [[410, problem]] });

  const error = await client.get("a").catch((one) => one);

  assert.ok(error instanceof ImagemillError);
  assert.deepEqual([error.code, error.message, error.status, error.requestId], ["gone", "it was deleted", 410, "r1"]);
  assert.equal(error.isTransient, false);
});

test("an answer that is no problem document is an error by its status", async () => {
  const { client } = await clientOf({ "GET /live/images/a": [[413, "too long"]] });

  await assert.rejects(client.get("a"), { code: "bad_request", status: 413 });
});

test("a request is repeated after a temporary error", async () => {
  const { api, client } = await clientOf({ "GET /live/images/a": [BUSY, [0], [200, READY]] });

  assert.deepEqual(await client.get("a"), READY);

  assert.equal(api.requests.length, 3);
});

test("a temporary error that does not end is thrown after the retries", async () => {
  const { api, client } = await clientOf({ "GET /live/images/a": [BUSY] }, { retries: 1 });

  await assert.rejects(client.get("a"), { code: "throttled", isTransient: true });

  assert.equal(api.requests.length, 2);
});

test("an API that does not answer is unreachable", async () => {
  const client = new Imagemill({ api: "http://127.0.0.1:9", retries: 0 });

  await assert.rejects(client.get("a"), { code: "unreachable" });
});

test("an aborted request ends with the reason of the signal, and is not repeated", async () => {
  const { client } = await clientOf({ "GET /live/images/a": [BUSY] }, { retries: 100 });
  const reason = new Error("the page was left");

  await assert.rejects(client.get("a", AbortSignal.abort(reason)), reason);
});

test("a wait between two attempts ends when the signal is aborted", async () => {
  const slow = [503, { code: "throttled" }, { "retry-after": "3600" }];
  const { api, client } = await clientOf({ "GET /live/images/a": [slow] });
  const abort = new AbortController();
  const end = client.get("a", abort.signal);
  while (!api.requests.length) await new Promise(setImmediate);

  abort.abort();

  await assert.rejects(end, { name: "AbortError" });
});

test("a file is posted with the fields of its form, and as the last field", async () => {
  const { api, client } = await uploadClient([[204, ""]]);
  const file = new File(["bytes of a photo"], "été.jpg", { type: "image/jpeg" });
  const seen = [];

  const choices = { recipe: "hero", focus: { x: 0.5, y: 0 } };
  const form = await client.upload(file, { ...choices, onForm: (one) => seen.push(one.id) });

  const [asked, sent] = api.requests;
  assert.deepEqual(JSON.parse(Buffer.from(asked.body, "latin1").toString()), {
    filename: "été.jpg",
    content_type: "image/jpeg",
    bytes: 16,
    ...choices,
  });
  const names = [...sent.body.matchAll(/form-data; name="(\w+)"/g)].map((match) => match[1]);
  assert.deepEqual(names, ["key", "policy", "file"]);
  assert.ok(sent.body.includes("bytes of a photo"));
  assert.equal(sent.headers["x-api-key"], undefined);
  assert.deepEqual([form.id, seen], ["a", ["a"]]);
});

test("bytes need a name, and a type that is no image is left out", async () => {
  const { api, client } = await uploadClient([[204, ""]]);

  await assert.rejects(client.upload(new Uint8Array(3)), TypeError);
  await client.upload(new Uint8Array(3), { filename: "a.heic", contentType: "text/plain" });

  assert.deepEqual(JSON.parse(api.requests[0].body), { filename: "a.heic", content_type: "", bytes: 3 });
});

test("a file is sent again with the same form after an error of the bucket", async () => {
  const { api, client } = await uploadClient([[503, "<Code>SlowDown</Code>"], [0], [204, ""]]);

  await client.upload(new File(["a"], "a.jpg"));

  assert.deepEqual(api.requests.map((one) => one.url), ["/live/uploads", "/bucket", "/bucket", "/bucket"]);
});

test("a file that the bucket refuses is not sent again, and the error has the bucket's reason", async () => {
  const { api, client } = await uploadClient([[400, "<Error><Code>EntityTooLarge</Code></Error>"]]);

  const error = { code: "upload_refused", status: 400, message: /EntityTooLarge/ };
  await assert.rejects(client.upload(new File(["a"], "a.jpg")), error);

  assert.equal(api.requests.length, 2);
});

test("an image is read until it is final", async () => {
  const { client } = await clientOf({ "GET /live/images/a": [[200, PENDING], [200, PENDING], [200, READY]] });

  assert.deepEqual(await client.wait("a"), READY);
});

test("a wait that is too short ends with an error", async () => {
  const { client } = await clientOf({ "GET /live/images/a": [[200, PENDING]] });

  await assert.rejects(client.wait("a", { timeoutMs: 0 }), { code: "wait_timeout" });
});

test("all pages are listed, also after an empty one", async () => {
  const pages = [[{ id: "a" }], [], [{ id: "b" }]];
  const answers = pages.map((images, page) => [200, { images, cursor: page < 2 ? `c${page}` : null }]);
  const { api, client } = await clientOf({ "GET /live/images": answers });

  const found = [];
  for await (const image of client.images({ status: "ready", public: true })) found.push(image.id);

  assert.deepEqual(found, ["a", "b"]);
  assert.deepEqual(api.requests.map((one) => one.url), [
    "/live/images?limit=100&status=ready&public=true",
    "/live/images?limit=100&status=ready&public=true&cursor=c0",
    "/live/images?limit=100&status=ready&public=true&cursor=c1",
  ]);
});

test("a search is read page by page with its filters", async () => {
  const answers = [
    [200, { images: [], cursor: "c0" }],
    [200, { images: [{ id: "a" }], cursor: null }],
  ];
  const { api, client } = await clientOf({ "GET /live/search": answers });

  const found = [];
  const filters = { name: "a b", format: "", min_bytes: 0, sort: "oldest" };
  for await (const image of client.searchImages(filters)) found.push(image.id);

  assert.deepEqual(found, ["a"]);
  assert.deepEqual(api.requests.map((one) => one.url), [
    "/live/search?limit=100&name=a+b&min_bytes=0&sort=oldest",
    "/live/search?limit=100&name=a+b&min_bytes=0&sort=oldest&cursor=c0",
  ]);
});

test("a folder is read with its options", async () => {
  const page = { prefix: "a/", breadcrumbs: [], folders: [{ name: "b", prefix: "a/b/" }], images: [], cursor: null };
  const { api, client } = await clientOf({ "GET /live/folders": [[200, page]] });

  const found = await client.folders({ prefix: "a/", recursive: true, public: false, since: "2026-05-04" });

  assert.deepEqual(found, page);
  assert.equal(api.requests[0].url, "/live/folders?prefix=a%2F&recursive=true&public=false&since=2026-05-04");
});

test("a wrong search is an error with its code", async () => {
  const { client } = await clientOf({ "GET /live/search": [[422, { code: "invalid_request", detail: "format" }]] });

  await assert.rejects(client.search({ format: "JPEG!" }), { code: "invalid_request", status: 422 });
});

test("a focal point is set and removed", async () => {
  const { api, client } = await clientOf({ "PATCH /live/images/a": [[202, READY]] });

  await client.setFocus("a", { x: 0.1, y: 1 });
  await client.setFocus("a", null);

  assert.deepEqual(api.requests.map((one) => one.body), ['{"focus":{"x":0.1,"y":1}}', '{"focus":null}']);
});

test("an image that is made again is awaited", async () => {
  const again = { ...READY, processed_at: "2026-05-04T13:00:00.000Z" };
  const { api, client } = await clientOf({
    "POST /live/images/a/reprocess": [[202, READY]],
    "GET /live/images/a": [[200, READY], [200, again]],
  });

  const found = await client.wait("a", { after: await client.reprocess("a") });

  assert.equal(found.processed_at, again.processed_at);
  assert.deepEqual(api.requests.map((one) => one.method), ["POST", "GET", "GET"]);
});

test("an image moves to a folder", async () => {
  const moved = { id: "b", status: "pending", key: "x/a.jpg", links: { self: "/images/b" } };
  const { api, client } = await clientOf({ "POST /live/images/a/move": [[202, moved]] });

  assert.deepEqual(await client.move("a", "x/"), moved);
  assert.deepEqual(JSON.parse(api.requests[0].body), { prefix: "x/" });
});

test("the deletion of a deleted image succeeds", async () => {
  const answers = [[202, {}], [410, { code: "gone" }], [403, { code: "read_only" }]];
  const { client } = await clientOf({ "DELETE /live/images/a": answers });

  await client.delete("a");
  await client.delete("a");

  await assert.rejects(client.delete("a"), { code: "read_only" });
});
