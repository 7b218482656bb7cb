// The built program: a server with an empty data directory, and machines that games are played on.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Who runs the servers of the tests. */
export const ADMIN = "marit";
export const PASSWORD = "a long password";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const program =
  process.env.KEEPSAVE_PROGRAM ??
  path.join(process.env.CARGO_TARGET_DIR ?? path.join(repository, "target"), "debug/keepsave");

async function room(name) {
  return mkdtemp(path.join(tmpdir(), `keepsave-e2e-${name}-`));
}

function start(directory, args, variables) {
  // Nothing of the environment of whoever runs the tests.
  const child = spawn(program, args, {
    cwd: directory,
    env: { HOME: directory, PATH: process.env.PATH, ...variables },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  return child;
}

/** A server that listens on a free port of this machine. */
export class Keepsave {
  static async start({ args = [], variables = {}, data: given } = {}) {
    const directory = await room("server");
    const data = given ?? path.join(directory, "data");
    const all = ["server", "--json", "--listen", "127.0.0.1:0", "--data", data, ...args];
    const child = start(directory, all, variables);
    let talk = "";
    child.stderr.on("data", (text) => (talk += text));
    const lines = createInterface(child.stdout);
    const ended = once(child, "close").then(() => {
      throw new Error(`the server did not start: ${talk}`);
    });
    const [line] = await Promise.race([once(lines, "line"), ended]);
    ended.catch(() => {});
    const ready = JSON.parse(line);
    return new Keepsave(child, directory, data, ready);
  }

  /** With its first user made at the start. */
  static withAdmin(options = {}) {
    const variables = {
      KEEPSAVE_ADMIN_USERNAME: ADMIN,
      KEEPSAVE_ADMIN_PASSWORD: PASSWORD,
      ...options.variables,
    };
    return Keepsave.start({ ...options, variables });
  }

  constructor(child, directory, data, ready) {
    Object.assign(this, { child, directory, data });
    /** `http://127.0.0.1:34567` */
    this.url = ready.listening;
    /** What the console shows for the first user; none where there is one. */
    this.code = ready.setup?.code;
  }

  async stop() {
    const ended = once(this.child, "close");
    this.child.kill("SIGTERM");
    await ended;
    await rm(this.directory, { recursive: true });
  }
}

/** A machine that games are played on: a home of its own, and the program run in it. */
export class Machine {
  static async make() {
    return new Machine(await room("machine"));
  }

  constructor(home) {
    this.home = home;
  }

  async write(name, content) {
    const file = path.join(this.home, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  async read(name) {
    return readFile(path.join(this.home, name), "utf8");
  }

  /** Starts the program. `said(pattern)` waits for its talk, `ended` is its exit code and output. */
  start(...args) {
    const child = start(this.home, args, { KEEPSAVE_RETRY_SECONDS: "0.01" });
    child.stdin.end();
    let [output, talk] = ["", ""];
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (talk += text));
    const ended = once(child, "close").then(([code]) => ({ code, output, talk }));
    const said = (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = talk.match(pattern);
          if (found) resolve(found);
        };
        child.stderr.on("data", look);
        look();
        ended.then(() => reject(new Error(`${pattern} was not said: ${talk}`)));
      });
    return { child, ended, said };
  }

  /** Runs the program to its end, demands that it did what it should, and gives its JSON. */
  async run(...args) {
    const { code, output, talk } = await this.start(...args, "--json").ended;
    if (code !== 0) {
      throw new Error(`keepsave ${args.join(" ")} ended with ${code}: ${output}${talk}`);
    }
    return JSON.parse(output);
  }

  async clear() {
    await rm(this.home, { recursive: true });
  }
}
