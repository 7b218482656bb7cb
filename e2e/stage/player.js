// Someone's device with the real program on it: one game, one save, synced by a manifest.

import { Machine } from "./keepsave.js";

export class Player {
  /** Signs a machine in as a device of the client's account. */
  static async of(keepsave, client, name, rom) {
    const machine = await Machine.make();
    const scopes = ["assets.read", "assets.write", "devices.read", "devices.write", "me.read", "roms.read"];
    const token = await client.post("/api/client-tokens", { name, scopes });
    await machine.write("token.txt", token.raw_token);
    await machine.run("login", keepsave.url, "--token-file", "token.txt");
    const device = await client.device(name);
    const saves = [{ rom_id: rom, path: "saves/game.srm", slot: "autosave" }];
    await machine.write("saves.json", JSON.stringify({ saves }));
    return new Player(machine, device);
  }

  constructor(machine, device) {
    Object.assign(this, { machine, device });
  }

  /** Plays on: the save on this device is this now. */
  async plays(content) {
    await this.machine.write("saves/game.srm", content);
  }

  /** Syncs, and gives what the save is afterwards. A conflict fails, unless it is `expected`. */
  async syncs({ expected = 0 } = {}) {
    const args = ["sync", "run", "--manifest", "saves.json", "--device-id", this.device];
    const { code, output, talk } = await this.machine.start(...args, "--json").ended;
    if (code !== expected) throw new Error(`the sync ended with ${code}: ${output}${talk}`);
    return this.holds();
  }

  holds() {
    return this.machine.read("saves/game.srm");
  }

  leave() {
    return this.machine.clear();
  }
}
