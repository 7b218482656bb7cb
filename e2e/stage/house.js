// A house where people play: a server with two people, their devices, games, saves and a conflict.

import { Client } from "./api.js";
import { ADMIN, Keepsave, PASSWORD } from "./keepsave.js";
import { picture } from "./picture.js";

/** Who plays here, too, and runs nothing. */
export const PLAYER = "kai";

/** Names of files and of devices are people's text. */
const MARKUP = `<b onclick="alert(1)">'Half'&quot;</b>.srm`;

const KIB = 1024;

/** A save of so many bytes that differs from every other by its text. */
function content(text, bytes = 32 * KIB) {
  return text.padEnd(bytes, "\0");
}

/** The house, furnished. Its ids are known by name. */
export async function furnish() {
  const keepsave = await Keepsave.withAdmin();
  const marit = Client.of(keepsave, ADMIN, PASSWORD);
  await marit.post("/api/users", { username: PLAYER, password: PASSWORD, email: "", role: "user" });
  const kai = Client.of(keepsave, PLAYER, PASSWORD);

  const games = {
    sun: await marit.game("gba", "Golden Sun (USA, Europe).gba"),
    fusion: await marit.game("gba", "Metroid Fusion (Europe).gba"),
    emerald: await marit.game("gba", "Pokemon Emerald (USA).gba"),
    fantasy: await marit.game("psx", "Final Fantasy VII (USA)"),
    trigger: await marit.game("snes", "Chrono Trigger (USA).sfc"),
    metroid: await marit.game("snes", "Super Metroid (Japan, USA) (En,Ja).sfc"),
  };
  const devices = {
    deck: await marit.device("Steam Deck", { client: "tender", platform: "linux" }),
    pocket: await marit.device("Retroid Pocket 5", { client: "argosy", platform: "android" }),
    miyoo: await marit.device("Miyoo Mini Plus", { client: "grout", platform: "onion" }),
    odd: await marit.device("<i>Odd</i> & \"sons'\"", { client: "grout" }),
  };

  // Played on the deck, carried on the Miyoo, and on the Pocket from an older version.
  const [file, emulator] = ["Golden Sun (USA, Europe).srm", "mgba"];
  const save = (device, text, screenshot) =>
    marit.save(games.sun, file, content(text), { device: devices[device], emulator, screenshot });
  await save("deck", "Vale, the beginning", picture(1));
  const eleven = await save("deck", "Sol Sanctum");
  await marit.fetch(eleven.id, devices.miyoo);
  await marit.fetch(eleven.id, devices.pocket);
  await save("deck", "Kolima forest", picture(2));
  const head = await save("deck", "Mercury Lighthouse", picture(3));
  const refused = await marit.upload(games.sun, file, content("Lost in Imil"), {
    device: devices.pocket,
    emulator,
    screenshot: picture(4),
  });
  if (refused.status !== 409) throw new Error(`the saves did not part: ${refused.status}`);
  await marit.negotiate(devices.miyoo, [[games.sun, file, content("Sol Sanctum")]]);

  await marit.save(games.sun, file, content("no djinn"), { slot: "no-djinn run", emulator });
  await marit.save(games.fusion, "Metroid Fusion (Europe).srm", content("Sector 3"), {
    device: devices.miyoo,
    emulator,
  });
  await marit.save(games.emerald, MARKUP, content("markup"), { device: devices.odd });
  await kai.save(games.trigger, "Chrono Trigger (USA).srm", content("1000 AD", 8 * KIB));
  const shared = await kai.save(games.metroid, "Super Metroid.srm", content("100 %", 8 * KIB));
  await kai.put(`/api/saves/${shared.id}/visibility`, { is_public: true });

  await state(marit, games.sun, "Golden Sun (USA, Europe).state1", picture(5));
  await gallery(marit, games.sun, "lighthouse.png", picture(6));
  await play(marit, devices.deck, games.sun);
  return { keepsave, marit, kai, games, devices, saves: { head, shared } };
}

async function state(client, rom, file, screenshot) {
  const form = new FormData();
  form.append("stateFile", new Blob([content(file, 300 * KIB)]), file);
  form.append("screenshotFile", new Blob([screenshot]), `${file}.png`);
  await client.post(`/api/states?rom_id=${rom}&emulator=mgba`, form);
}

async function gallery(client, rom, file, screenshot) {
  const form = new FormData();
  form.append("screenshotFile", new Blob([screenshot]), file);
  await client.post(`/api/screenshots?rom_id=${rom}`, form);
}

async function play(client, device_id, rom_id) {
  const start = Date.parse("2026-11-20T18:00:00Z");
  const at = (hours) => new Date(start + hours * 3_600_000).toISOString();
  const session = (from, to) => ({
    rom_id,
    save_slot: "autosave",
    start_time: at(from),
    end_time: at(to),
    duration_ms: (to - from) * 3_600_000,
  });
  await client.post("/api/play-sessions", {
    device_id,
    sessions: [session(0, 2), session(24, 25)],
  });
}
