// Signing in and out, and what keeps others from doing it for someone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Chromium } from "../stage/browser.js";
import { ADMIN, Keepsave, PASSWORD } from "../stage/keepsave.js";

let [chromium, keepsave] = [];
before(async () => {
  [chromium, keepsave] = await Promise.all([Chromium.launch(), Keepsave.withAdmin()]);
});
after(async () => {
  await chromium.close();
  await keepsave.stop();
});

const cookie = async ({ context }, name) =>
  (await context.cookies()).find((cookie) => cookie.name === name);

test("one goes on to where one wanted to go, and out again", async () => {
  const visitor = await chromium.visitor(keepsave);
  const { page } = visitor;
  await visitor.open("/pair/device");
  assert.match(visitor.place, /^\/login\?next=/);
  await page.getByLabel("Name").fill(ADMIN);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("/pair/device");

  await visitor.open("/logout");
  await visitor.button("Sign out").click();
  await page.waitForURL("/login");
  await visitor.open("/");
  assert.equal(visitor.place, "/login");
});

test("no link leads elsewhere by way of signing in", async () => {
  for (const next of ["//example.org", "https://example.org", "/\\example.org", "javascript:1"]) {
    const visitor = await chromium.visitor(keepsave);
    await visitor.open(`/login?next=${encodeURIComponent(next)}`);
    await visitor.page.getByLabel("Name").fill(ADMIN);
    await visitor.page.getByLabel("Password").fill(PASSWORD);
    await visitor.button("Sign in").click();
    await visitor.page.waitForURL(`${keepsave.url}/`);
  }
});

test("a session that someone planted is not the one that is signed in", async () => {
  const visitor = await chromium.visitor(keepsave);
  const planted = "f".repeat(64);
  const { hostname } = new URL(keepsave.url);
  await visitor.context.addCookies([
    { name: "romm_session", value: planted, domain: hostname, path: "/" },
  ]);
  await visitor.signIn(ADMIN, PASSWORD);
  const session = await cookie(visitor, "romm_session");
  assert.notEqual(session.value, planted);
  assert.equal(session.httpOnly, true);
  assert.equal(session.sameSite, "Strict");

  // Nor does a sign-in over another one carry its session on.
  const other = await chromium.visitor(keepsave);
  await other.context.addCookies([session]);
  await visitor.open("/logout");
  await visitor.button("Sign out").click();
  await visitor.page.waitForURL("/login");
  await other.open("/");
  assert.equal(other.place, "/login", "it ended for whoever had a copy of it, too");
});

test("too many wrong passwords make a pause that is told in words", async () => {
  const visitor = await chromium.visitor(keepsave);
  const { page } = visitor;
  await visitor.open("/login");
  const tell = async () => {
    await page.getByLabel("Name").fill("nobody");
    await page.getByLabel("Password").fill("a wrong one");
    const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
    await visitor.button("Sign in").click();
    await (await answered).finished();
    return page.getByRole("alert").innerText();
  };
  const said = [];
  for (let tries = 0; tries < 11; tries += 1) said.push(await tell());
  assert.match(said[8], /1 try left, then a 5 minute pause/);
  assert.match(said[10], /Wait 5 minutes/);
});
