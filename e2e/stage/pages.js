// Every page there is: its name, where it is in the house, and who goes there. What a link leads to
// and is not in here fails `tests/pages.test.js`.

import { Client } from "./api.js";

const ADMIN = "admin";
const NOBODY = "nobody";
/** Before there is any user. */
const FIRST = "first";

/** @type {{name: string, who: string, path: (house) => string | Promise<string>, status?: number}[]} */
export const PAGES = [
  { name: "setup", who: FIRST, path: () => "/setup" },
  { name: "sign-in", who: NOBODY, path: () => "/login" },
  { name: "api", who: NOBODY, path: () => "/docs" },
  { name: "home", who: ADMIN, path: () => "/" },
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
  { name: "sign-out", who: ADMIN, path: () => "/logout" },
];

/** A device whose name is not meant well waits at the door. */
async function knocking({ keepsave }) {
  const name = `<script>alert("1")</script>'s phone`;
  const scopes = ["assets.read", "assets.write", "roms.read", "devices.write", "me.read"];
  const codes = await Client.nobody(keepsave).knock(name, scopes);
  return codes.verification_path_complete;
}

/** Where links lead that are no pages: files, streams, other people's addresses. */
const NO_PAGE = [/^\/openapi\.json$/, /^\/api\//, /^\/assets\//];

/** A place as its route: `/games/12?slot=a` is `/games/{}`. */
export function route(place) {
  return place
    .replace(/[?#].*$/, "")
    .replace(/\/\d+(?=\/|$)/g, "/{}")
    .replace(/\/[0-9a-f]{8}-[0-9a-f-]{27}(?=\/|$)/g, "/{}");
}

/** Whether a link leads to a page. */
export function isPage(place) {
  return !NO_PAGE.some((pattern) => pattern.test(place));
}
