// The portal's own binary, as a person would start it.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { existing, target } from "./paths.mjs";
import { eventually, run, start, stop } from "./process.mjs";

const READY = /^ready (http:\/\/\S+)$/m;

/** The binary under test; `PORTAL_SERVER_BIN` names another than the workspace's debug build. */
export function binary() {
  return existing(
    [process.env.PORTAL_SERVER_BIN, path.join(target, "debug", "portal-server")],
    "build it with `cargo build --workspace --all-features`, or run scripts/test",
  );
}

/** A directory of its own for a server's data; `remove()` takes it away. */
export async function dataDirectory() {
  const directory = await mkdtemp(path.join(tmpdir(), "portal-data-"));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/**
 * Starts `portal-server ARGS` and waits for its `ready` line.
 * Answers its address, its log so far, `stop()`, which fails when the server did not end cleanly, and `kill()`.
 */
export async function startServer(args, env = {}) {
  // A file that outgrows a limit set for the process fails like one on a full disk, and does not end the process.
  const ignoring = ["-c", 'trap "" XFSZ; exec "$0" "$@"', binary(), ...args];
  const child = start("sh", ignoring, { env: { ...process.env, ...env } });
  const failed = (why) => new Error(`portal-server ${args.join(" ")} ${why}; it said:\n${child.output}`);
  const url = await eventually(
    "ready",
    () => {
      if (child.exitCode !== null) throw failed(`ended with ${child.exitCode}`);
      return READY.exec(child.output)?.[1];
    },
    { within: 60_000 },
  ).catch(async (error) => {
    await stop(child);
    throw error.message.includes("it said") ? error : failed("did not say that it is ready");
  });
  return {
    url,
    pid: child.pid,
    log: () => child.output,
    /** Ends it as a power cut would. */
    async kill() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      const code = await stop(child);
      if (code !== 0) throw new Error(`portal-server ended with ${code}:\n${child.output}`);
    },
  };
}

/** `portal-server demo` on a free port with its own data. */
export async function startDemo() {
  const data = await dataDirectory();
  const server = await startServer(["demo", "--listen", "127.0.0.1:0", "--data-dir", data.directory]);
  return {
    ...server,
    async stop() {
      await server.stop();
      await data.remove();
    },
  };
}

/** Runs one of the binary's commands that ends by itself, such as `migrate`; answers its output. */
export function command(args, options) {
  return run(binary(), args, options);
}
