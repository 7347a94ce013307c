/** @file Webhooks are verified as tests/vectors/webhooks.json says, which the verifier in Python shares. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SIGNATURE_HEADER, WebhookInvalid, verifyWebhook } from "imagemill/webhooks";

const VECTORS = JSON.parse(readFileSync(new URL("../../tests/vectors/webhooks.json", import.meta.url), "utf8"));

function verify({ body, header, secrets, now, tolerance_s: toleranceS }) {
  return verifyWebhook(new TextEncoder().encode(body), header, secrets, { now, toleranceS });
}

for (const vector of VECTORS.verifying) {
  test(vector.name, async () => {
    const error = await verify(vector).then(() => null, (one) => one);

    assert.equal(error?.code ?? null, vector.error);
    assert.ok(error === null || error instanceof WebhookInvalid);
  });
}

for (const { name, body, header, secrets, timestamp: now } of VECTORS.signing.filter(({ body }) => body)) {
  test(`signed by the stack: ${name}`, async () => {
    const event = await verifyWebhook(body, header, secrets, { now });

    const { id, time, detail, "detail-type": detailType } = JSON.parse(body);
    assert.deepEqual(event, { id, detailType, time, detail });
  });
}

test("the header has the name of the vectors", () => assert.equal(SIGNATURE_HEADER, VECTORS.header));

test("the clock of the receiver is the default", async () => {
  const { body, secrets } = VECTORS.signing[0];
  const now = Math.floor(Date.now() / 1000);
  const signed = (time) => `t=${time},v1=${createHmac("sha256", secrets[0]).update(`${time}.${body}`).digest("hex")}`;

  await verifyWebhook(body, signed(now), secrets);

  await assert.rejects(verifyWebhook(body, signed(now - 3_600), secrets), { code: "signature_expired" });
});

test("an empty secret is a mistake of the receiver", async () => {
  const { body, header } = VECTORS.signing[0];

  for (const secrets of ["", [], ["secret", ""]]) await assert.rejects(verifyWebhook(body, header, secrets), TypeError);
});
