// Chromium without a window, and what every visit to a page must be like.

import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const DESKTOP = { width: 1280, height: 800 };
export const HANDHELD = { width: 640, height: 480 };
export const PHONE = { width: 390, height: 844 };
export const NARROWEST = { width: 320, height: 640 };

/** How long a page may take to become what a test waits for: machines are busy. */
const PATIENCE = 20_000;

export class Chromium {
  static async launch() {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    // It makes itself an empty profile, and removes that when it closes.
    return new Chromium(await chromium.launch({ executablePath, args: FLAGS }));
  }

  constructor(browser) {
    Object.assign(this, { browser, visits: [] });
  }

  /** A visitor with cookies of their own. */
  async visitor(keepsave, options = {}) {
    const { theme = "light", size = DESKTOP, scripts = true, ...more } = options;
    const context = await this.browser.newContext({
      baseURL: keepsave.url,
      colorScheme: theme,
      viewport: size,
      javaScriptEnabled: scripts,
      locale: "en-GB",
      reducedMotion: "reduce",
      ...more,
    });
    context.setDefaultTimeout(PATIENCE);
    const visitor = new Visitor(context, await context.newPage());
    this.visits.push(visitor);
    return visitor;
  }

  async close() {
    await this.browser.close();
    const faults = this.visits.flatMap((visitor) => visitor.faults);
    if (faults.length) throw new Error(`pages complained:\n${faults.join("\n")}`);
  }
}

/** Someone in front of a page. What a page complains about fails the run. */
export class Visitor {
  constructor(context, page) {
    Object.assign(this, { context, page, faults: [] });
    page.on("pageerror", (error) => this.faults.push(`${page.url()}: ${error}`));
    page.on("console", (message) => {
      // What a page or a form is answered with is said by its status, which tests look at.
      const status = /^Failed to load resource: the server responded with a status of (\d+)/;
      const isOwn = !message.location().url.includes("/assets/");
      if (message.type() === "error" && !(isOwn && status.test(message.text()))) {
        this.faults.push(`${page.url()}: ${message.text()}`);
      }
    });
  }

  /** Goes to a page, by default one that is there. */
  async open(place, status = 200) {
    const answer = await this.page.goto(place);
    if (answer.status() !== status) {
      throw new Error(`${place}: ${answer.status()} instead of ${status}`);
    }
    return answer;
  }

  /** Closes the page, which may listen to its server, before that stops. */
  leave() {
    return this.context.close();
  }

  async signIn(name, password) {
    await this.open("/login");
    await this.page.locator("#username").fill(name);
    await this.page.locator("#password").fill(password);
    await this.page.keyboard.press("Enter");
    await this.page.waitForURL((url) => url.pathname !== "/login");
  }

  button(name) {
    return this.page.getByRole("button", { name });
  }

  /** Opens a row's menu, and gives what is in it by name. */
  async menu(name) {
    const menu = this.page.locator("details.menu").filter({ hasText: name });
    await menu.locator("summary").click();
    return (entry) => menu.getByRole("button", { name: entry });
  }

  link(name) {
    return this.page.getByRole("link", { name });
  }

  heading(name) {
    return this.page.getByRole("heading", { name });
  }

  /** The path with its query. */
  get place() {
    const url = new URL(this.page.url());
    return url.pathname + url.search;
  }
}
