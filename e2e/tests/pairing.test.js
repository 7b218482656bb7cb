// A device shows a code, a person lets it in on the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "../stage/api.js";
import { Chromium } from "../stage/browser.js";
import { ADMIN, Keepsave, Machine, PASSWORD } from "../stage/keepsave.js";

let [chromium, keepsave, visitor] = [];
before(async () => {
  [chromium, keepsave] = await Promise.all([Chromium.launch(), Keepsave.withAdmin()]);
  visitor = await chromium.visitor(keepsave);
  await visitor.signIn(ADMIN, PASSWORD);
});
after(async () => {
  await chromium.close();
  await keepsave.stop();
});

test("`keepsave login` is let in by its link, and is a device then", async () => {
  const machine = await Machine.make();
  const login = machine.start("login", keepsave.url, "--name", "Steam Deck", "--json");
  const [link] = await login.said(/http:\S+\?user_code=\w+/);
  await visitor.open(link);
  await visitor.heading("Connect Steam Deck?").waitFor();
  await visitor.page.getByLabel("Call it").fill("Deck on the couch");
  await visitor.button("Connect").click();
  await visitor.heading("Connected").waitFor();

  const { code, output, talk } = await login.ended;
  assert.equal(code, 0, talk);
  assert.equal(JSON.parse(output).user.name, ADMIN);
  const who = await machine.run("whoami");
  assert.equal(who.device.name, "Deck on the couch");
  await machine.clear();
});

test("an app is let in by a code that a person types", async () => {
  const app = Client.nobody(keepsave);
  const codes = await app.knock("Retroid Pocket 5", ["assets.read", "assets.write", "roms.read"]);
  await visitor.open("/pair/device");
  await visitor.page.getByLabel("Code").fill("aaaa-aaaa");
  await visitor.button("Next").click();
  await visitor.page.getByRole("alert").waitFor();
  await visitor.page.getByLabel("Code").fill(codes.user_code.toLowerCase());
  await visitor.button("Next").click();
  await visitor.heading("Connect Retroid Pocket 5?").waitFor();
  await visitor.page.getByText("argosy-launcher 2.7").waitFor();
  await visitor.button("Connect").click();
  await visitor.heading("Connected").waitFor();

  const path = "/api/auth/device/token";
  const { access_token } = await app.post(path, { device_code: codes.device_code });
  assert.deepEqual(await Client.bearing(keepsave, access_token).get("/api/saves"), []);
});

test("one that is refused learns it", async () => {
  const app = Client.nobody(keepsave);
  const codes = await app.knock("Not mine", ["assets.read"]);
  await visitor.open(codes.verification_path_complete);
  await visitor.button("Refuse").click();
  await visitor.heading("Refused").waitFor();
  const path = "/api/auth/device/token";
  const answer = await app.ask("POST", path, { device_code: codes.device_code });
  assert.equal(answer.status, 400);
  assert.deepEqual(await answer.json(), { detail: "access_denied" });
});

test("nobody lets a device in who is not signed in", async () => {
  const codes = await Client.nobody(keepsave).knock("Phone", ["assets.read"]);
  const stranger = await chromium.visitor(keepsave);
  await stranger.open(codes.verification_path_complete);
  assert.match(stranger.place, /^\/login\?next=/);
  await stranger.page.getByLabel("Name").fill(ADMIN);
  await stranger.page.getByLabel("Password").fill(PASSWORD);
  await stranger.button("Sign in").click();
  await stranger.heading("Connect Phone?").waitFor();
});
