// A wire between a client and a server that can be cut.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Forwards connections to `upstream()`, an origin. Each number in `cuts` is how many bytes may go towards the server, counted
 * over all connections, before what is connected then is cut off; `onCut(number)` runs before that. Answers its own origin,
 * how often it cut so far, and how many bytes went through.
 */
export async function startProxy(upstream, cuts, onCut = async () => {}) {
  const open = new Set();
  const waiting = [...cuts];
  const proxy = { cuts: 0, sent: 0 };
  const server = createServer((client) => {
    const { hostname, port } = new URL(upstream());
    const remote = connect(Number(port), hostname);
    const both = [client, remote];
    both.forEach((socket) => {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        both.forEach((end) => end.destroy());
      });
    });
    remote.pipe(client);
    client.on("data", async (bytes) => {
      proxy.sent += bytes.length;
      if (waiting.length > 0 && proxy.sent >= waiting[0]) {
        waiting.shift();
        client.pause();
        await onCut((proxy.cuts += 1));
        // Now with an end of the stream, now with a reset.
        both.forEach((end) => (proxy.cuts % 2 ? end.destroy() : end.resetAndDestroy()));
      } else if (!remote.write(bytes)) {
        client.pause();
        remote.once("drain", () => client.resume());
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, {
    origin: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      open.forEach((socket) => socket.destroy());
      server.close();
      await once(server, "close");
    },
  });
}
