/** @file URLs of images on request, and the loaders that make them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { imageUrl, srcset } from "imagemill";
import { nextLoader } from "imagemill/next";
import imagemillProvider from "imagemill/nuxt";

const CDN = "https://cdn.example.com";
const { getImage } = imagemillProvider();

test("a URL asks for the best format of the browser", () => {
  assert.equal(imageUrl(`${CDN}/`, "holiday/a.jpg", { width: 640 }), `${CDN}/~/holiday/a.jpg?w=640&auto=format`);
});

test("a box is filled, unless another fit is asked for", () => {
  const box = { width: 64, height: 64 };

  assert.equal(imageUrl(CDN, "a.jpg", box), `${CDN}/~/a.jpg?w=64&h=64&fit=crop&auto=format`);
  assert.equal(imageUrl(CDN, "a.jpg", { ...box, fit: "max" }), `${CDN}/~/a.jpg?w=64&h=64&fit=max&auto=format`);
});

test("a format, a quality and a version are part of the URL", () => {
  const url = imageUrl(CDN, "a.jpg", { height: 9, format: "webp", quality: 60, version: "3sL4/k" });

  assert.equal(url, `${CDN}/~/a.jpg?h=9&fm=webp&q=60&v=3sL4%2Fk`);
});

test("a key with spaces, letters and commas fits into a source set", () => {
  const candidates = srcset(CDN, "a space, ünd #1/b.jpg", [320, 640]);

  assert.equal(candidates.split(", ").length, 2);
  assert.match(candidates, /^\S+\/~\/a%20space%2C%20%C3%BCnd%20%231\/b\.jpg\?w=320&auto=format 320w, \S+ 640w$/);
});

test("the heights of a source set have the ratio of the first box", () => {
  const candidates = srcset(CDN, "a.jpg", [300, 600], { height: 200 });

  assert.deepEqual([...candidates.matchAll(/h=(\d+)/g)].map((match) => match[1]), ["200", "400"]);
});

test("a key that a browser would change has no URL", () => {
  assert.throws(() => imageUrl(CDN, "holiday/../a.jpg"), TypeError);
});

test("the loader for next/image makes the URL of a key, also with a slash before it", () => {
  const loader = nextLoader(CDN);

  const url = `${CDN}/~/%C3%A9t%C3%A9/a.jpg?w=640&auto=format&q=75`;

  assert.equal(loader({ src: "/été/a.jpg", width: 640, quality: 75 }), url);
  assert.equal(loader({ src: "a.jpg", width: 640 }), `${CDN}/~/a.jpg?w=640&auto=format`);
});

test("the loader for next/image tells when it has no URL", () => {
  assert.throws(() => nextLoader(undefined), /expected the URL of images/);
});

test("the provider for @nuxt/image translates its modifiers", () => {
  const modifiers = { width: "640", height: 480, fit: "inside", format: "jpeg", quality: "60" };

  const { url } = getImage("/a.jpg", { modifiers, baseURL: CDN });

  assert.equal(url, `${CDN}/~/a.jpg?w=640&h=480&fit=max&fm=jpg&q=60`);
});

test("the placeholder of @nuxt/image is a small image", () => {
  const { url } = getImage("/a.jpg", { modifiers: { width: 10, height: 10, quality: 50, blur: 3 }, baseURL: CDN });

  assert.equal(url, `${CDN}/~/a.jpg?w=10&h=10&fit=crop&auto=format&q=50`);
});

test("the provider for @nuxt/image names a modifier, a format, a fit and an option that it lacks", () => {
  const ask = (modifiers) => () => getImage("/a.jpg", { modifiers, baseURL: CDN });

  assert.throws(ask({ background: "fff" }), /modifier, got background/);
  assert.throws(ask({ format: "gif" }), /format, got gif/);
  assert.throws(ask({ fit: "face" }), /fit, got face/);
  assert.throws(() => getImage("/a.jpg", {}), /baseURL/);
});
