// From an empty directory to being signed in, and every way of signing in and out.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Chromium } from "../stage/browser.js";
import { Keepsave } from "../stage/keepsave.js";

let chromium;
before(async () => (chromium = await Chromium.launch()));
after(() => chromium.close());

test("the code of the console makes the first user", async () => {
  const keepsave = await Keepsave.start();
  const visitor = await chromium.visitor(keepsave);
  await visitor.open("/");
  assert.equal(visitor.place, "/setup");
  const { page } = visitor;
  await page.getByLabel("Code").fill("AAAA-AAAA");
  await page.getByLabel("Name").fill("marit");
  await page.getByLabel("Password").fill("a long password");
  await visitor.button("Create").click();
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByLabel("Name").inputValue(), "marit");
  assert.equal(await page.getByLabel("Password").inputValue(), "");

  const { code } = keepsave;
  await page.getByLabel("Code").fill(`${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase());
  await page.getByLabel("Password").fill("a long password");
  await visitor.button("Create").click();
  await page.waitForURL("/");
  await page.getByText("marit").first().waitFor();

  await visitor.open("/setup");
  assert.equal(visitor.place, "/", "it works once");
  await visitor.leave();
  await keepsave.stop();
});

test("who guesses the code is told to wait", async () => {
  const keepsave = await Keepsave.start();
  const visitor = await chromium.visitor(keepsave);
  const { page } = visitor;
  const guess = async () => {
    await visitor.open("/setup");
    await page.getByLabel("Code").fill("AAAA-AAAA");
    await page.getByLabel("Name").fill("mallory");
    await page.getByLabel("Password").fill("a long password");
    await visitor.button("Create").click();
    return page.getByRole("alert").innerText();
  };
  for (let tries = 0; tries < 10; tries += 1) assert.match(await guess(), /not the code/);
  assert.match(await guess(), /Too many tries\. Wait/);
  await visitor.leave();
  await keepsave.stop();
});
