// A client of the API, as the apps on people's devices are.

import { createHash } from "node:crypto";

export class Client {
  static of(keepsave, name, password) {
    return new Client(keepsave.url, `Basic ${btoa(`${name}:${password}`)}`);
  }

  static bearing(keepsave, token) {
    return new Client(keepsave.url, `Bearer ${token}`);
  }

  static nobody(keepsave) {
    return new Client(keepsave.url);
  }

  constructor(url, authorization) {
    this.url = url;
    this.headers = authorization ? { authorization } : {};
  }

  /** Asks, and gives the answer whatever its status. */
  ask(method, path, body, headers = {}) {
    const json = body !== undefined && !(body instanceof FormData);
    return fetch(this.url + path, {
      method,
      body: json ? JSON.stringify(body) : body,
      headers: {
        ...this.headers,
        ...(json ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      redirect: "manual",
    });
  }

  /** Asks, demands success and gives the body. */
  async demand(method, path, body) {
    const answer = await this.ask(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  get(path) {
    return this.demand("GET", path);
  }

  post(path, body = {}) {
    return this.demand("POST", path, body);
  }

  put(path, body) {
    return this.demand("PUT", path, body);
  }

  /** A device of this account: gives its id. */
  async device(name, more = {}) {
    const device = { name, hostname: name, ...more };
    return (await this.post("/api/devices", device)).device_id;
  }

  /** A game that the library has: gives its id. */
  async game(platform, file_name) {
    return (await this.post("/api/roms", { platform, file_name })).id;
  }

  /** Sends a save. The answer's status is whoever asks's to judge: 409 says that it diverged. */
  upload(rom, file, content, { device, slot = "autosave", screenshot, ...more } = {}) {
    const query = new URLSearchParams({ rom_id: rom, slot, ...more });
    if (device) query.set("device_id", device);
    const form = new FormData();
    form.append("saveFile", new Blob([content]), file);
    if (screenshot) form.append("screenshotFile", new Blob([screenshot]), `${file}.png`);
    return this.ask("POST", `/api/saves?${query}`, form);
  }

  /** Sends a save that is to be taken. */
  async save(rom, file, content, options) {
    const answer = await this.upload(rom, file, content, options);
    if (answer.status !== 200) throw new Error(`${file}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** A device shows what it has: `[[rom, file, content, slot]]`. */
  negotiate(device, held) {
    const saves = held.map(([rom_id, file_name, content, slot = "autosave"]) => ({
      rom_id,
      file_name,
      slot,
      emulator: null,
      content_hash: createHash("md5").update(content).digest("hex"),
      updated_at: "2026-11-20T20:00:00Z",
      file_size_bytes: Buffer.byteLength(content),
    }));
    return this.post("/api/sync/negotiate", { device_id: device, saves });
  }

  /** A device fetches a save and says that it holds it. */
  async fetch(save, device) {
    const path = `/api/saves/${save}/content?device_id=${device}&optimistic=false`;
    const answer = await this.ask("GET", path);
    const content = Buffer.from(await answer.arrayBuffer());
    await this.post(`/api/saves/${save}/downloaded`, { device_id: device });
    return content;
  }

  /** A device asks to be let in: its codes. */
  knock(name, scopes) {
    return this.post("/api/auth/device/init", {
      client_device_identifier: `e2e-${name}`,
      name,
      client: "argosy-launcher",
      platform: "android",
      client_version: "2.7",
      requested_scopes: scopes,
    });
  }
}
