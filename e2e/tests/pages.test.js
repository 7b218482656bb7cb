// What holds for every page, whatever it shows.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Chromium, DESKTOP, HANDHELD, NARROWEST } from "../stage/browser.js";
import { furnish } from "../stage/house.js";
import { ADMIN, Keepsave, PASSWORD } from "../stage/keepsave.js";
import * as looks from "../stage/looks.js";
import { PAGES, isPage, route } from "../stage/pages.js";

/** With `SCREENS=1` every page is pictured in `docs/screens`. */
const SCREENS = process.env.SCREENS && fileURLToPath(new URL("../../docs/screens/", import.meta.url));

/** Asked for are 300 ms on a machine that does nothing else; one that compiles is slower. */
const PAINT_MS = 3000;
const WEIGHT_BYTES = 100_000;

let [chromium, house, empty] = [];
const paints = [];
let forms = 0;
before(async () => {
  [chromium, house, empty] = await Promise.all([
    Chromium.launch(),
    furnish(),
    Keepsave.start(),
  ]);
  if (SCREENS) await mkdir(SCREENS, { recursive: true });
});
after(async () => {
  await chromium.close();
  await Promise.all([house.keepsave.stop(), empty.stop()]);
  const slowest = paints.sort((one, other) => other.paint - one.paint);
  for (const { name, paint, server, weight } of slowest) {
    const figures = `${paint.toFixed(0)} ms to the first paint, of these ${server.toFixed(0)} ms the server's`;
    console.log(`${name}: ${figures}; ${(weight / 1000).toFixed(1)} kB`);
  }
});

/** Who looks at pages, by how they see them: each has one browser for all pages. */
const EYES = {
  light: { theme: "light" },
  dark: { theme: "dark", size: HANDHELD },
  german: { locale: "de-DE", size: NARROWEST },
};
const seats = new Map();

function seat(who, eyes) {
  const name = `${who}, ${eyes}`;
  if (!seats.has(name)) seats.set(name, sit(who, EYES[eyes]));
  return seats.get(name);
}

async function sit(who, options) {
  const visitor = await chromium.visitor(who === "first" ? empty : house.keepsave, options);
  if (who === "admin") await visitor.signIn(ADMIN, PASSWORD);
  return visitor;
}

for (const page of PAGES) {
  describe(page.name, () => {
    let [place, light, dark] = [];
    before(async () => {
      place = await page.path(house);
      light = await seat(page.who, "light");
      dark = await seat(page.who, "dark");
    });

    test("is accessible in the light and in the dark", async () => {
      await light.open(place, page.status);
      await looks.isWellFormed(light.page);
      await looks.isAccessible(light.page);
      await dark.open(place, page.status);
      await looks.isAccessible(dark.page);
    });

    test("fits a handheld, a narrow phone and large letters", async () => {
      await light.open(place, page.status);
      for (const size of [HANDHELD, NARROWEST]) {
        await light.page.setViewportSize(size);
        await looks.fitsItsWidth(light.page);
        await looks.showsAllItsText(light.page);
      }
      // A window of 1280 pixels in which everything is twice as large.
      await light.page.setViewportSize({ width: 640, height: 400 });
      await looks.fitsItsWidth(light.page);
      await looks.showsAllItsText(light.page);
      await light.page.setViewportSize(DESKTOP);
    });

    test("fits a narrow phone in German, too", async () => {
      const german = await seat(page.who, "german");
      await german.open(place, page.status);
      assert.equal(await german.page.locator("html").getAttribute("lang"), "de");
      await looks.fitsItsWidth(german.page);
      await looks.showsAllItsText(german.page);
    });

    test("is walked by keyboard alone", async () => {
      await light.open(place, page.status);
      await looks.isWalkedByKeyboard(light.page);
    });

    test("takes no form that came from elsewhere", async () => {
      await light.open(place, page.status);
      forms += await looks.takesNoForgedForm(light.page);
    });

    test("is light and soon there", async () => {
      await light.open(place, page.status);
      const { paint, document, server, files } = await looks.measure(light.page);
      const weight = files.reduce((sum, { packed }) => sum + packed, document);
      paints.push({ name: page.name, paint, server, weight });
      assert.ok(paint < PAINT_MS, `${paint} ms`);
      assert.ok(weight < WEIGHT_BYTES, `${weight} bytes`);
    });

    if (SCREENS) {
      test("is pictured", async () => {
        await light.open(place, page.status);
        await light.page.screenshot({ path: `${SCREENS}${page.name}.png` });
        if (!page.isPlayedOn) return;
        await dark.open(place, page.status);
        await dark.page.screenshot({ path: `${SCREENS}${page.name}-handheld.png` });
      });
    }
  });
}

test("there were forms to forge", () => assert.ok(forms > 20, `${forms} forms`));

test("every page that a link leads to is one of these", async () => {
  const visitor = await seat("admin", "light");
  const places = await Promise.all(PAGES.map((page) => page.path(house)));
  const known = new Set(places.map(route));
  const [seen, next, unknown] = [new Set(), ["/"], []];
  while (next.length) {
    const place = next.shift();
    await visitor.open(place);
    const links = await visitor.page.evaluate(() =>
      [...document.links]
        .filter((link) => link.origin === location.origin && !link.hasAttribute("download"))
        .map((link) => link.pathname + link.search),
    );
    for (const link of links.filter(isPage)) {
      if (seen.has(route(link))) continue;
      seen.add(route(link));
      next.push(link);
      if (!known.has(route(link))) unknown.push(`${link}, from ${place}`);
    }
  }
  assert.deepEqual(unknown, []);
});
