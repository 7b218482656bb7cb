// Every page there is: its name, where it is in the house, and who goes there. What a link leads to
// and is not in here fails `tests/pages.test.js`.

import { Client } from "./api.js";

const ADMIN = "admin";
const NOBODY = "nobody";
/** Before there is any user. */
const FIRST = "first";

/**
 * Those that are used where one plays are pictured on a handheld, too.
 * @type {{name: string, who: string, path: (house) => string | Promise<string>, status?: number, isPlayedOn?: boolean}[]}
 */
export const PAGES = [
  { name: "setup", who: FIRST, path: () => "/setup" },
  { name: "sign-in", who: NOBODY, path: () => "/login" },
  { name: "api", who: NOBODY, path: () => "/docs" },
  { name: "home", who: ADMIN, path: () => "/", isPlayedOn: true },
  { name: "library", who: ADMIN, path: () => "/library", isPlayedOn: true },
  { name: "library-none", who: ADMIN, path: () => "/library?q=goldn+sun" },
  { name: "devices", who: ADMIN, path: () => "/devices" },
  { name: "device", who: ADMIN, path: ({ devices }) => `/devices/${devices.deck}` },
  { name: "activity", who: ADMIN, path: () => "/activity" },
  { name: "session", who: ADMIN, path: async (house) => `/activity/${await session(house)}` },
  { name: "community", who: ADMIN, path: () => "/community" },
  { name: "game", who: ADMIN, path: ({ games }) => `/games/${games.sun}`, isPlayedOn: true },
  { name: "game-empty", who: ADMIN, path: ({ games }) => `/games/${games.fantasy}` },
  { name: "game-markup", who: ADMIN, path: ({ games }) => `/games/${games.emerald}` },
  { name: "game-states", who: ADMIN, path: ({ games }) => `/games/${games.sun}/states` },
  { name: "game-screenshots", who: ADMIN, path: ({ games }) => `/games/${games.sun}/screenshots` },
  { name: "game-playtime", who: ADMIN, path: ({ games }) => `/games/${games.sun}/playtime` },
  { name: "game-notes", who: ADMIN, path: ({ games }) => `/games/${games.sun}/notes` },
  { name: "slot", who: ADMIN, path: async (house) => `/games/${house.games.sun}/slots/${await slot(house)}` },
  { name: "version", who: ADMIN, path: async (house) => `/games/${house.games.sun}/versions/${await version(house)}` },
  { name: "conflicts", who: ADMIN, path: () => "/conflicts" },
  { name: "conflict", who: ADMIN, path: async (house) => `/conflicts/${await slot(house)}`, isPlayedOn: true },
  { name: "pair-code", who: ADMIN, path: () => "/pair/device" },
  {
    name: "pair-unknown",
    who: ADMIN,
    path: () => "/pair/device?user_code=AAAAAAAA",
    status: 404,
  },
  { name: "pair-device", who: ADMIN, path: knocking },
  { name: "pair-connected", who: ADMIN, path: () => "/pair/device/connected" },
  { name: "pair-refused", who: ADMIN, path: () => "/pair/device/refused" },
  { name: "account", who: ADMIN, path: () => "/account" },
  { name: "account-tokens", who: ADMIN, path: () => "/account/tokens" },
  { name: "account-sessions", who: ADMIN, path: () => "/account/sessions" },
  { name: "admin-users", who: ADMIN, path: () => "/admin/users" },
  { name: "admin-library", who: ADMIN, path: () => "/admin/library" },
  { name: "admin-storage", who: ADMIN, path: () => "/admin/storage" },
  { name: "admin-settings", who: ADMIN, path: () => "/admin/settings" },
  { name: "admin-log", who: ADMIN, path: () => "/admin/log" },
  { name: "sign-out", who: ADMIN, path: () => "/logout" },
  { name: "not-found", who: ADMIN, path: () => "/admin/nowhere", status: 404 },
];

/** The slot whose saves grew apart. */
async function slot({ marit, games }) {
  const timelines = await marit.get(`/api/keepsave/timelines?rom_id=${games.sun}`);
  return timelines.find((timeline) => timeline.slot === "autosave").id;
}

/** The first version of it, which is named after nothing else. */
async function version(house) {
  const versions = await house.marit.get(`/api/keepsave/timelines/${await slot(house)}/versions`);
  return versions.at(-1).id;
}

/** A sync that a device had. */
async function session({ marit }) {
  const [last] = await marit.get("/api/sync/sessions");
  return last.id;
}

/** A device whose name is not meant well waits at the door. */
async function knocking({ keepsave }) {
  const name = `<script>alert("1")</script>'s phone`;
  const scopes = ["assets.read", "assets.write", "roms.read", "devices.write", "me.read"];
  const codes = await Client.nobody(keepsave).knock(name, scopes);
  return codes.verification_path_complete;
}

/** Where a link of the shell leads that its page only passes on. */
const PASSED_ON = { "/admin": "/admin/users" };

/** Where links lead that are no pages: files, streams, other people's addresses. */
const NO_PAGE = [/^\/openapi\.json$/, /^\/api\//, /^\/assets\//, /\.zip$/];

/** A place as its route: `/games/12?slot=a` is `/games/{}`. */
export function route(place) {
  const path = place.replace(/[?#].*$/, "");
  return (PASSED_ON[path] ?? path)
    .replace(/\/\d+(?=\/|$)/g, "/{}")
    .replace(/\/[0-9a-f]{8}-[0-9a-f-]{27}(?=\/|$)/g, "/{}");
}

/** Whether a link leads to a page. */
export function isPage(place) {
  return !NO_PAGE.some((pattern) => pattern.test(place));
}
