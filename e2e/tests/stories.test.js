// What people come for: a first save, a save that moves between devices, one that grew apart, and
// yesterday's back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "../stage/api.js";
import { Chromium, HANDHELD } from "../stage/browser.js";
import { ADMIN, Keepsave, PASSWORD } from "../stage/keepsave.js";
import { picture } from "../stage/picture.js";
import { Player } from "../stage/player.js";

const FILE = "Golden Sun (USA, Europe).srm";

let chromium;
before(async () => (chromium = await Chromium.launch()));
after(() => chromium.close());

/** A server of its own with one game and two devices that really sync, and its page. */
async function scene(t, options) {
  const keepsave = await Keepsave.withAdmin();
  const marit = Client.of(keepsave, ADMIN, PASSWORD);
  const rom = await marit.game("gba", "Golden Sun (USA, Europe).gba");
  const [deck, miyoo] = [
    await Player.of(keepsave, marit, "Steam Deck", rom),
    await Player.of(keepsave, marit, "Miyoo Mini Plus", rom),
  ];
  const visitor = await chromium.visitor(keepsave, options);
  await visitor.signIn(ADMIN, PASSWORD);
  t.after(async () => {
    await visitor.leave();
    await Promise.all([deck.leave(), miyoo.leave()]);
    await keepsave.stop();
  });
  return { keepsave, marit, rom, deck, miyoo, visitor, page: visitor.page, game: `/games/${rom}` };
}

/** Both play on from the same save, and the Miyoo's app comes too late. */
async function growApart({ marit, rom, deck, miyoo }) {
  await deck.plays("Vale");
  await deck.syncs();
  await miyoo.syncs();
  await deck.plays("Vale, then Kolima");
  await miyoo.plays("Vale, then Imil");
  await deck.syncs();
  const { device } = miyoo;
  const late = await marit.upload(rom, FILE, "Vale, then Imil", { device });
  assert.equal(late.status, 409);
}

const file = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });

test("from the first visit to the first saved game", async (t) => {
  const keepsave = await Keepsave.start();
  const visitor = await chromium.visitor(keepsave);
  t.after(async () => {
    await visitor.leave();
    await keepsave.stop();
  });
  const { page } = visitor;
  await visitor.open("/");
  await page.getByLabel("Code").fill(keepsave.code);
  await page.getByLabel("Name").fill(ADMIN);
  await page.getByLabel("Password").fill(PASSWORD);
  await visitor.button("Create").click();
  await page.waitForURL("/");
  const marit = Client.of(keepsave, ADMIN, PASSWORD);
  const rom = await marit.game("gba", "Golden Sun (USA, Europe).gba");

  await visitor.open(`/games/${rom}`);
  await page.getByText("Upload a save").click();
  await page.getByLabel("File", { exact: true }).setInputFiles(file(FILE, "Vale"));
  await page.getByLabel("Screenshot, if you like").setInputFiles({
    name: "vale.png",
    mimeType: "image/png",
    buffer: picture(1),
  });
  await page.getByLabel("Slot", { exact: true }).fill("autosave");
  await visitor.button("Send").click();
  await page.getByText(`${FILE} is the current save of autosave.`).first().waitFor();
  await page.getByText("Current save").first().waitFor();
  const [save] = await marit.get(`/api/saves?rom_id=${rom}`);
  assert.equal(save.slot, "autosave");
  assert.ok(save.screenshot);
});

test("a device's sync is seen while one looks", async (t) => {
  const { deck, miyoo, page, visitor, game } = await scene(t);
  await visitor.open(game);
  await page.getByText("No save yet").first().waitFor();
  let loads = 0;
  page.on("load", () => (loads += 1));
  await deck.plays("Vale");
  await deck.syncs();
  await page.getByText("Current save").first().waitFor();
  await page.getByText("Steam Deck is here").waitFor();
  assert.equal(await miyoo.syncs(), "Vale");
  await page.getByText("Miyoo Mini Plus is here").waitFor();
  assert.equal(loads, 0, "nothing was loaded anew");
});

test("yesterday's save comes back, on every device", async (t) => {
  const { deck, miyoo, page, visitor, game } = await scene(t);
  for (const content of ["Vale", "Vale, then a bad idea"]) {
    await deck.plays(content);
    await deck.syncs();
  }
  assert.equal(await miyoo.syncs(), "Vale, then a bad idea");
  await visitor.open(game);
  await visitor.button("Make current").locator("visible=true").first().click();
  await page.getByText("is current on every device now.").first().waitFor();
  assert.equal(await deck.syncs(), "Vale");
  assert.equal(await miyoo.syncs(), "Vale");

  // And it was no bad idea after all.
  await visitor.open(game);
  await visitor.button("Make current").locator("visible=true").first().click();
  await page.getByText("is current on every device now.").first().waitFor();
  await visitor.button("Undo").click();
  await page.getByText("Taken back.").first().waitFor();
  assert.equal(await miyoo.syncs(), "Vale");
});

// By the script, without it, and with a handheld's keys alone.
describe("saves that grew apart", () => {
  test("are settled on their page", async (t) => {
    const stage = await scene(t);
    await growApart(stage);
    const { deck, miyoo, page, visitor, game } = stage;
    await visitor.open(game);
    await visitor.link("Compare and choose").first().click();
    await visitor.heading(/Which .* save do you want to play on/).waitFor();
    await visitor.button("Keep Miyoo Mini Plus's save").click();
    await page.getByText("Miyoo Mini Plus's save is current.").first().waitFor();
    assert.equal(await deck.syncs(), "Vale, then Imil");
    assert.equal(await miyoo.syncs(), "Vale, then Imil");
    await visitor.open("/conflicts");
    await visitor.heading("Nothing needs you").waitFor();
  });

  test("are both kept, without JavaScript", async (t) => {
    const stage = await scene(t, { scripts: false });
    await growApart(stage);
    const { marit, rom, page, visitor } = stage;
    await visitor.open("/conflicts");
    await page.locator("main li a").first().click();
    await visitor.button("Keep both").click();
    await page.getByText("Both are kept").first().waitFor();
    const saves = await marit.get(`/api/saves?rom_id=${rom}`);
    const slots = new Set(saves.map(({ slot }) => slot));
    assert.deepEqual([...slots].sort(), ["autosave", "autosave (Miyoo Mini Plus)"]);
  });

  test("are settled on a handheld's first screen, by keys alone", async (t) => {
    const stage = await scene(t, { size: HANDHELD });
    await growApart(stage);
    const { deck, page, visitor, game } = stage;
    const isOnScreen = async (locator) => {
      const { y, height } = await locator.boundingBox();
      return y >= 0 && y + height <= HANDHELD.height;
    };
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await visitor.open(game);
    assert.ok(await isOnScreen(visitor.link("Compare and choose").first()));
    // The first arrow goes to what needs one.
    await press("ArrowDown", "Enter");
    await page.waitForURL(/\/conflicts\/\d+/);
    const keep = visitor.button("Keep Steam Deck's save");
    assert.ok(await isOnScreen(keep));
    await press("ArrowDown");
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    for (let steps = 0; steps < 4 && (await focused()) !== "Keep Steam Deck's save"; steps += 1) {
      await press("ArrowRight");
    }
    assert.equal(await focused(), "Keep Steam Deck's save");
    await press("Enter");
    await page.getByText("Steam Deck's save is current.").first().waitFor();
    assert.equal(await deck.syncs(), "Vale, then Kolima");
  });

  test("wait for a device that has only told of its own", async (t) => {
    const { deck, miyoo, page, visitor } = await scene(t);
    await deck.plays("Vale");
    await deck.syncs();
    await miyoo.syncs();
    await deck.plays("Vale, then Kolima");
    await deck.syncs();
    await miyoo.plays("Vale, then Imil");
    await miyoo.syncs({ expected: 1 });
    await visitor.open("/conflicts");
    await page.getByText("Miyoo Mini Plus has a save that has not come yet").first().waitFor();
    assert.equal(await miyoo.holds(), "Vale, then Imil");
  });
});

test("a file that is dropped on the page is offered to be sent", async (t) => {
  const { page, visitor, game, marit, rom } = await scene(t);
  await visitor.open(game);
  const transfer = await page.evaluateHandle((name) => {
    const data = new DataTransfer();
    data.items.add(new File(["Vale"], name));
    return data;
  }, FILE);
  await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await page.getByLabel("Slot", { exact: true }).fill("autosave");
  await visitor.button("Send").click();
  await page.getByText("is the current save of autosave.").first().waitFor();
  assert.equal((await marit.get(`/api/saves?rom_id=${rom}`)).length, 1);
});

test("another person's game page shows none of one's saves", async (t) => {
  const { keepsave, marit, deck, game } = await scene(t);
  await deck.plays("Vale");
  await deck.syncs();
  await marit.post("/api/users", { username: "kai", password: PASSWORD, email: "", role: "user" });
  const kai = await chromium.visitor(keepsave);
  await kai.signIn("kai", PASSWORD);
  await kai.open(game);
  await kai.page.getByText("No save yet").first().waitFor();
  const [save] = await marit.get("/api/saves");
  const version = `${game}/versions/${save.id}`;
  await kai.open(version, 404);
  await kai.leave();
});
