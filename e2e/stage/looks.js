// What can be said of any page by looking at it.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** No rule of WCAG 2.2 AA is broken, nor a habit that axe calls a best practice. */
export async function isAccessible(page) {
  // Not by a script tag: the policy of the pages lets none in.
  const source = await source_of_axe();
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => window.axe.run(document));
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`,
  );
  assert.deepEqual(found, [], page.url());
}

let source;
async function source_of_axe() {
  source ??= await (await import("node:fs/promises")).readFile(axe, "utf8");
  return source;
}

/** Nothing has to be scrolled sideways. */
export async function fitsItsWidth(page) {
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 40)}`);
  });
  assert.deepEqual(wide, [], `${page.url()} is wider than its window`);
}

/** No text is cut off by the box that it stands in. */
export async function showsAllItsText(page) {
  const cut = await page.evaluate(() => {
    const clips = (style) => [style.overflowX, style.overflowY].some((it) => /hidden|clip/.test(it));
    const isShown = (box) => box.width > 2 && box.height > 2;
    return [...document.body.querySelectorAll("*")]
      .filter((element) => {
        const style = getComputedStyle(element);
        return (
          element.innerText?.trim() &&
          clips(style) &&
          isShown(element.getBoundingClientRect()) &&
          (element.scrollWidth > element.clientWidth + 1 ||
            element.scrollHeight > element.clientHeight + 1)
        );
      })
      .map((element) => `${element.tagName}.${element.className} ${element.innerText.slice(0, 60)}`);
  });
  assert.deepEqual(cut, [], `${page.url()} cuts text off`);
}

/** One heading of the first rank, a way past the navigation, a title, a language. */
export async function isWellFormed(page) {
  const facts = await page.evaluate(() => ({
    doctype: document.compatMode,
    language: Boolean(document.documentElement.lang),
    title: document.title.endsWith("Keepsave"),
    headings: document.querySelectorAll("h1").length,
    main: document.querySelectorAll("main").length,
    skip: document.querySelector("a")?.getAttribute("href"),
    unnamedNavigation: document.querySelectorAll(
      "nav:not([aria-label]):not([aria-labelledby])",
    ).length,
    styled: document.querySelectorAll("[style], style").length,
    handlers: [...document.querySelectorAll("*")].filter((element) =>
      [...element.attributes].some(({ name }) => name.startsWith("on")),
    ).length,
  }));
  assert.deepEqual(
    facts,
    {
      doctype: "CSS1Compat",
      language: true,
      title: true,
      headings: 1,
      main: 1,
      skip: "#main",
      unnamedNavigation: 0,
      styled: 0,
      handlers: 0,
    },
    page.url(),
  );
}

/** What the browser itself measured of the visit that it just made. */
export async function measure(page) {
  return page.evaluate(async () => {
    const paint = await new Promise((resolve) => {
      new PerformanceObserver((list, observer) => {
        const [first] = list.getEntriesByName("first-contentful-paint");
        if (!first) return;
        observer.disconnect();
        resolve(first.startTime);
      }).observe({ type: "paint", buffered: true });
    });
    const [visit] = performance.getEntriesByType("navigation");
    const files = performance.getEntriesByType("resource").map((file) => ({
      path: new URL(file.name).pathname,
      sent: file.transferSize,
      packed: file.encodedBodySize,
      whole: file.decodedBodySize,
    }));
    return { paint, document: visit.transferSize, server: visit.responseStart - visit.requestStart, files };
  });
}
