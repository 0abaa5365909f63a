// Child processes that are always ended by their own handle, also when the test run is interrupted.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Starts `command`; `child.output` collects what it writes, for the message of a failure. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  child.output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text) => (child.output += text));
  }
  child.once("error", (error) => (child.output += `${error}\n`));
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Asks `child` to end, and waits until it has; kills it when it does not within `milliseconds`. */
export async function stop(child, milliseconds = 35_000) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "exit");
  const impatience = setTimeout(() => child.kill("SIGKILL"), milliseconds);
  child.kill("SIGTERM");
  const [code] = await ended;
  clearTimeout(impatience);
  return code;
}

/** Runs `command` to its end, giving it `input` to read; rejects, with its output, when it fails. Returns what it wrote. */
export async function run(command, args, { input = "", ...options } = {}) {
  const child = start(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
  // One that ends without reading its input is judged by how it ends.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}:\n${child.output}`);
  return child.output;
}

/** Waits until `probe` answers something truthy, and answers it; `what` names it when time runs out. */
export async function eventually(what, probe, { within = 15_000, every = 25 } = {}) {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${within} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** A port on loopback that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
