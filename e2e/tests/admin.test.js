// What whoever runs the server does on its pages.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { Client } from "../stage/api.js";
import { Chromium } from "../stage/browser.js";
import { PLAYER, furnish } from "../stage/house.js";
import { ADMIN, Keepsave, Machine, PASSWORD } from "../stage/keepsave.js";

let [chromium, house, visitor] = [];
before(async () => {
  [chromium, house] = await Promise.all([Chromium.launch(), furnish()]);
  visitor = await chromium.visitor(house.keepsave);
  await visitor.signIn(ADMIN, PASSWORD);
});
after(async () => {
  await chromium.close();
  await house.keepsave.stop();
});

test("a backup is downloaded, and brought back it is the same server", async () => {
  await visitor.open("/admin/storage");
  const begun = visitor.page.waitForEvent("download");
  await visitor.button("Download backup").click();
  const download = await begun;
  assert.match(download.suggestedFilename(), /^keepsave-\d{4}-\d\d-\d\d\.tar$/);
  const machine = await Machine.make();
  const file = path.join(machine.home, "keepsave.tar");
  await download.saveAs(file);
  const data = path.join(machine.home, "data");
  await machine.run("server", "restore", file, "--data", data);
  const twin = await Keepsave.start({ data });
  const marit = Client.of(twin, ADMIN, PASSWORD);
  const saves = ({ length }) => length;
  assert.equal(saves(await marit.get("/api/saves")), saves(await house.marit.get("/api/saves")));
  await twin.stop();
  await machine.clear();
});

test("a user is added, kept out and let in again", async () => {
  const { page } = visitor;
  await visitor.open("/admin/users");
  await page.getByLabel("Name", { exact: true }).fill("nils");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await visitor.button("Add user").click();
  await page.getByText("nils was added.").waitFor();
  const nils = Client.of(house.keepsave, "nils", PASSWORD);
  await nils.get("/api/users/me");

  const entry = await visitor.menu("More about nils");
  await entry("Let sign in no more").click();
  await page.getByText("nils can no longer sign in.").waitFor();
  assert.equal((await nils.ask("GET", "/api/users/me")).status, 401);
  await visitor.button("Undo").click();
  await page.getByText("nils can sign in again.").waitFor();
  await nils.get("/api/users/me");
});

test("a scan finds a new game, and everything is checked", async () => {
  const { page } = visitor;
  const folder = path.join(house.keepsave.data, "library/roms/gba");
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "Advance Wars (USA).gba"), "a game".repeat(400));
  await visitor.open("/admin/library");
  // It may have been found already: the library is watched.
  await visitor.button("Scan now").click();
  await page.getByText(/Last scan, /).waitFor();
  await visitor.button("Scan now").waitFor();
  const found = await house.marit.get("/api/roms?search_term=Advance+Wars");
  assert.equal(found.items.length, 1);

  await visitor.open("/admin/storage");
  await visitor.button("Check everything").click();
  await page.getByText(/All is well, /).waitFor();
});

test("the log is shown, and holds no secret", async () => {
  await visitor.open("/admin/log");
  const said = await visitor.page.locator("main").innerText();
  assert.match(said, /the library was scanned/);
  assert.ok(!said.includes(PASSWORD));
});

test("to others these pages are not there", async () => {
  const kai = await chromium.visitor(house.keepsave);
  await kai.signIn(PLAYER, PASSWORD);
  for (const page of ["users", "library", "storage", "settings", "log"]) {
    await kai.open(`/admin/${page}`, 404);
  }
  assert.equal(await kai.page.locator('a[href^="/admin"]').count(), 0);
});
