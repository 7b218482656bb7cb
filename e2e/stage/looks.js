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

/** Tab leads to everything that can be used, each time with a ring that is seen. */
export async function isWalkedByKeyboard(page) {
  const stops = await page.evaluate(() => {
    const usable = "a[href], button, summary, input:not([type=hidden]), select, textarea";
    const all = [...document.querySelectorAll(usable)].filter((element) => {
      const isShown = element.checkVisibility({ visibilityProperty: true });
      // Of radio buttons Tab leads to the one that is chosen.
      const isPassed = element.type === "radio" && !element.checked;
      return isShown && !element.disabled && !isPassed && element.tabIndex >= 0;
    });
    document.activeElement.blur();
    return all.length;
  });
  const seen = new Set();
  const ringless = [];
  for (let presses = 0; presses < stops; presses += 1) {
    await page.keyboard.press("Tab");
    const { name, index, hasRing } = await page.evaluate(() => {
      const focused = document.activeElement;
      const rings = (element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
      };
      // A field in a frame may have its ring around that.
      const around = [focused, focused.parentElement, focused.parentElement?.parentElement];
      return {
        name: `${focused.tagName} ${focused.textContent.trim().slice(0, 40)}`,
        index: [...document.querySelectorAll("*")].indexOf(focused),
        hasRing: around.some((element) => element && rings(element)),
      };
    });
    seen.add(index);
    if (!hasRing) ringless.push(name);
  }
  assert.deepEqual(ringless, [], `${page.url()}: focus is not seen`);
  assert.equal(seen.size, stops, `${page.url()}: Tab does not lead to everything`);
}

/** No form is taken that does not come from its own page. Gives how many forms there are. */
export async function takesNoForgedForm(page) {
  const answers = await page.evaluate(async () => {
    const forms = [...document.querySelectorAll("form[method=post]")];
    // A form may be sent to more than one place: its buttons say which.
    const places = (form) => {
      const named = [...form.elements].map((element) => element.getAttribute("formaction"));
      return [...new Set([form.getAttribute("action"), ...named])].filter(Boolean);
    };
    const send = async ([form, action], token) => {
      const fields = new URLSearchParams(
        [...new FormData(form)].filter(([, value]) => typeof value === "string"),
      );
      fields.delete("csrf_token");
      if (token) fields.set("csrf_token", token);
      const answer = await fetch(action, { method: "POST", body: fields, redirect: "manual" });
      return { action, status: answer.status };
    };
    const tokens = [null, "x", "0".repeat(64)];
    const sendings = forms.flatMap((form) => places(form).map((action) => [form, action]));
    return Promise.all(sendings.flatMap((sending) => tokens.map((token) => send(sending, token))));
  });
  const taken = answers.filter(({ status }) => status !== 403);
  assert.deepEqual(taken, [], page.url());
  return answers.length / 3;
}
