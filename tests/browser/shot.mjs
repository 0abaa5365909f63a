// One picture of one page:
//   node tests/browser/shot.mjs URL OUT.png [--width 390] [--height 844] [--scheme dark] [--cookie name=value]..
//                                           [--viewport-only] [--no-scripts] [--scale 2]
import { parseArgs } from "node:util";
import { launch } from "./browser.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: "string", default: "1280" },
    height: { type: "string" },
    scheme: { type: "string", default: "light" },
    cookie: { type: "string", multiple: true, default: [] },
    scale: { type: "string", default: "1" },
    "viewport-only": { type: "boolean", default: false },
    "no-scripts": { type: "boolean", default: false },
  },
});
const [url, out] = positionals;
if (!url || !out || positionals.length > 2 || !["light", "dark"].includes(values.scheme)) {
  console.error("usage: node shot.mjs URL OUT.png [--width 390] [--scheme light|dark] [--cookie name=value]..");
  process.exit(2);
}
const width = Number(values.width);
const height = Number(values.height ?? (width < 600 ? 844 : 900));

const browser = await launch();
try {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: values.scheme,
    deviceScaleFactor: Number(values.scale),
    javaScriptEnabled: !values["no-scripts"],
    reducedMotion: "reduce",
  });
  const cookies = values.cookie.map((cookie) => {
    const at = cookie.indexOf("=");
    // `__Host-` cookies are set over https only, and sent without TLS to loopback.
    const origin = new URL(url).origin.replace(/^http:/, "https:");
    return { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: origin, secure: true };
  });
  await context.addCookies(cookies);
  const page = await context.newPage();
  const response = await page.goto(url);
  await page.screenshot({ path: out, fullPage: !values["viewport-only"] });
  console.log(`${response?.status()} ${page.url()} -> ${out}`);
} finally {
  await browser.close();
}
