// The pages that the Rust tests render from samples, served as the portal serves them: with the strict policy, and the
// real assets. Posts are answered by the `answers` a test gives, by path.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { root, target } from "./paths.mjs";
import { run } from "./process.mjs";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");
const TYPES = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };
const places = { pages: path.join(target, "tmp", "pages"), assets: path.join(root, "portal-server", "assets") };

/** Renders the sample pages afresh, with the features that scripts/test has built already; answers where they are. */
export async function renderSamples() {
  await run("cargo", ["test", "--quiet", "--workspace", "--all-features", "--test", "pages"], { cwd: root });
  return places.pages;
}

/** Serves `/NAME.html` and `/assets/..`; `answers[path]` is a function of request and response for anything else. */
export async function serveSamples(answers = {}) {
  const site = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://samples");
    if (pathname in answers) return answers[pathname](request, response);
    const [folder, name] = pathname.startsWith("/assets/") ? [places.assets, pathname.slice(8)] : [places.pages, pathname.slice(1)];
    try {
      const body = await readFile(path.join(folder, path.basename(name)));
      response.writeHead(200, { "content-type": TYPES[path.extname(name)] ?? "text/plain", "content-security-policy": POLICY });
      response.end(body);
    } catch {
      // What a page asks for in passing, such as whether its session lives.
      response.writeHead(204).end();
    }
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  return {
    origin: `http://127.0.0.1:${site.address().port}`,
    close() {
      site.close();
      site.closeAllConnections();
    },
  };
}
