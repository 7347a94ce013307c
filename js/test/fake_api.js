/** @file A server with the routes of the API that the client uses, and a bucket for forms. */

import { createServer } from "node:http";
import { after } from "node:test";

/**
 * Start a server until the tests of the file have ended.
 *
 * `answers` has the next answers by method and path, each as [status, body, headers]; a route without one is 404. The
 * last answer of a route is repeated. `requests` has what was received.
 */
export async function fakeApi(answers = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString("latin1") });
    const waiting = answers[`${method} ${url.split("?")[0]}`] ?? [[404, { code: "not_found", detail: "no route" }]];
    const [status, body, more] = waiting.length > 1 ? waiting.shift() : waiting[0];
    if (status === 0) return request.socket.destroy();
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}`, requests, answers };
}
