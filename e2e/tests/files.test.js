// What pages are made with: named after its content, packed, and kept by the browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Chromium } from "../stage/browser.js";
import { Keepsave } from "../stage/keepsave.js";
import { measure } from "../stage/looks.js";

let [chromium, keepsave] = [];
before(async () => {
  [chromium, keepsave] = await Promise.all([Chromium.launch(), Keepsave.start()]);
});
after(async () => {
  await chromium.close();
  await keepsave.stop();
});

test("files are sent once, packed, and then kept", async () => {
  const visitor = await chromium.visitor(keepsave);
  const heads = new Map();
  visitor.page.on("response", (answer) => heads.set(new URL(answer.url()).pathname, answer.headers()));
  await visitor.open("/setup");
  const first = (await measure(visitor.page)).files;
  const kinds = first.map(({ path }) => path.split(".").at(-1)).sort();
  assert.deepEqual(kinds, ["css", "js", "svg"]);
  for (const { path, sent, packed, whole } of first) {
    assert.match(path, /^\/assets\/[a-z]+-[0-9a-f]{12}\.[a-z]+$/);
    assert.ok(sent > 0, path);
    assert.ok(packed < whole * 0.6, `${path}: ${packed} of ${whole} bytes`);
    const head = heads.get(path);
    assert.equal(head["cache-control"], "public, max-age=31536000, immutable");
    assert.match(head["content-encoding"], /^(br|gzip)$/);
  }
  await visitor.open("/docs");
  for (const { path, sent } of (await measure(visitor.page)).files) {
    assert.equal(sent, 0, `${path} was sent again`);
  }
});

test("pages themselves are not kept", async () => {
  const visitor = await chromium.visitor(keepsave);
  const answer = await visitor.open("/setup");
  assert.equal(answer.headers()["cache-control"], "no-store");
  assert.match(answer.headers()["content-security-policy"], /^default-src 'none';/);
});
