// One's own account: tokens, pairing codes, browsers, password, language.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../stage/api.js";
import { Chromium } from "../stage/browser.js";
import { ADMIN, Keepsave, Machine, PASSWORD } from "../stage/keepsave.js";

let [chromium, keepsave] = [];
before(async () => {
  [chromium, keepsave] = await Promise.all([Chromium.launch(), Keepsave.withAdmin()]);
});
after(async () => {
  await chromium.close();
  await keepsave.stop();
});

async function signedIn(options) {
  const visitor = await chromium.visitor(keepsave, options);
  await visitor.signIn(ADMIN, PASSWORD);
  return visitor;
}

async function makeToken(visitor, name) {
  await visitor.open("/account/tokens");
  await visitor.page.getByLabel("Name", { exact: true }).fill(name);
  await visitor.page.getByLabel("An app that syncs saves").check();
  await visitor.button("Make token").click();
  await visitor.page.getByLabel("Secret").waitFor();
  return visitor.page.getByLabel("Secret").inputValue();
}

// Without the script, too: it must only make things quicker.
for (const scripts of [true, false]) {
  const how = scripts ? "" : ", without JavaScript";

  test(`a token works from when it is made until it is revoked${how}`, async () => {
    const visitor = await signedIn({ scripts });
    const { page } = visitor;
    const secret = await makeToken(visitor, "Living room");
    assert.match(secret, /^rmm_[0-9a-f]{64}$/);
    const client = Client.bearing(keepsave, secret);
    await client.get("/api/saves");

    await visitor.open("/account/tokens");
    assert.equal(await page.getByText(secret).count(), 0, "it is shown once");
    const entry = await visitor.menu("More about Living room");
    await entry("Revoke").click();
    await page.getByText("Living room was revoked.").waitFor();
    assert.equal((await client.ask("GET", "/api/saves")).status, 401);
    await visitor.open("/account/tokens");
    assert.equal(await page.getByText("Living room was revoked.").count(), 0, "it is said once");
  });
}

test("a pairing code signs `keepsave login` in", async () => {
  const visitor = await signedIn();
  await makeToken(visitor, "Steam Deck");
  await visitor.button("Pairing code instead").click();
  const code = await visitor.page.locator(".code-shown").innerText();
  const machine = await Machine.make();
  const told = await machine.run("login", keepsave.url, "--code", code);
  assert.equal(told.user.name, ADMIN);
  await machine.clear();
});

test("another browser is signed out from afar", async () => {
  const [desk, phone] = [await signedIn(), await signedIn()];
  await desk.open("/account/sessions");
  await desk.page.getByText("This browser").waitFor();
  await desk.button("Sign out all others").click();
  await desk.page.getByText("signed out.").waitFor();
  await phone.open("/account");
  assert.equal(phone.place, "/login?next=%2Faccount");
  await desk.open("/account");
  assert.equal(desk.place, "/account");
});

test("a language is chosen, and stays", async () => {
  const visitor = await signedIn();
  await visitor.open("/account");
  await visitor.button("Deutsch").click();
  await visitor.heading("Konto").waitFor();
  await visitor.open("/account/tokens");
  assert.equal(await visitor.page.locator("html").getAttribute("lang"), "de");
  await visitor.heading("Neuer Schlüssel").waitFor();
});

test("another password needs the one before", async () => {
  const [desk, phone] = [await signedIn(), await signedIn()];
  const change = async (current, next) => {
    await desk.open("/account");
    await desk.page.getByLabel("Password now").fill(current);
    await desk.page.getByLabel("New password").fill(next);
    await desk.button("Change password").click();
  };
  await change("not it", "a better password");
  await desk.page.getByText("That is not your password.").waitFor();
  await change(PASSWORD, "a better password");
  await desk.page.getByText("Your password was changed.").waitFor();
  await phone.open("/account");
  assert.match(phone.place, /^\/login/);
  await phone.signIn(ADMIN, "a better password");
  // As it was, for whoever tests next.
  await change("a better password", PASSWORD);
  await desk.page.getByText("Your password was changed.").waitFor();
});
