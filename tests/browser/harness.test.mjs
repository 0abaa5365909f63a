// The tests' own eyes are tested first: each check must see a planted fault, and must pass a page without one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { access, chmod, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { inspect, launch, PHONE, scratch, violations, visit } from "./browser.mjs";
import { screenshots, target } from "./paths.mjs";
import { links, signInLink, startMailServer } from "./mail.mjs";
import { eventually, run } from "./process.mjs";
import { startServer } from "./server.mjs";

const POLICY = { "content-security-policy": "default-src 'self'" };
const html = (body, head = "") =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Page</title>
   <meta name="viewport" content="width=device-width">${head}</head><body><main><h1>Heading</h1>${body}</main></body></html>`;
const PAGES = {
  "/clean": html("<p>Nothing to see.</p>"),
  "/no-alt": html('<img src="/dot.svg">'),
  "/console": html("", '<script src="/complain.js"></script>'),
  "/throws": html("", '<script src="/throw.js"></script>'),
  "/inline": html("<script>document.title = 'ran'</script>"),
  "/foreign": html('<img alt="" src="http://127.0.0.2:9/dot.svg">'),
  "/missing": html('<img alt="" src="/nothing.svg">'),
  "/wide": html("<svg width='700' height='10' role='img' aria-label='A long line'></svg>"),
  "/scripted": html("<p id=out>off</p>", '<script src="/switch.js" defer></script>'),
};
const FILES = {
  "/dot.svg": ["image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
  "/complain.js": ["text/javascript", "console.error('a complaint')"],
  "/throw.js": ["text/javascript", "throw new Error('a surprise')"],
  "/switch.js": ["text/javascript", "document.getElementById('out').textContent = 'on'"],
  "/favicon.ico": ["image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"],
};

let site;
let origin;
let browser;
before(async () => {
  site = createServer((request, response) => {
    if (request.url in PAGES) {
      response.writeHead(200, { "content-type": "text/html", ...POLICY }).end(PAGES[request.url]);
    } else if (request.url in FILES) {
      const [type, body] = FILES[request.url];
      response.writeHead(200, { "content-type": type }).end(body);
    } else if (request.url === "/gone") {
      response.writeHead(410, { "content-type": "text/html", ...POLICY }).end(html("<p>This link was used.</p>"));
    } else {
      response.writeHead(404).end();
    }
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  origin = `http://127.0.0.1:${site.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close();
  site?.closeAllConnections();
});

/** What the browser complains about on `path`. */
async function complaints(path, expected) {
  const visitor = await visit(browser, origin);
  await visitor.page.goto(path, { waitUntil: "networkidle" });
  await eventually(`a complaint about ${path}`, () => !expected || visitor.faults.length > 0);
  const faults = [...visitor.faults];
  visitor.faults.length = 0;
  await visitor.close();
  return faults.join("\n");
}

test("a page without faults is left alone", async () => {
  const visitor = await visit(browser, origin);
  await visitor.page.goto("/clean", { waitUntil: "networkidle" });
  assert.deepEqual(await violations(visitor.page), []);
  await visitor.close();
});

test("an accessibility violation is found, with its place", async () => {
  const visitor = await visit(browser, origin);
  await visitor.page.goto("/no-alt");
  const found = await violations(visitor.page);
  assert.equal(found.length, 1);
  assert.match(found[0], /^image-alt:[^]*<img src="\/dot\.svg">/);
  await visitor.close();
});

for (const [path, complaint] of [
  ["/console", /^console: a complaint/],
  ["/throws", /^script error: Error: a surprise/],
  ["/inline", /policy violation: script-src-elem blocked inline/],
  ["/foreign", /request to a foreign host: GET http:\/\/127\.0\.0\.2:9\/dot\.svg/],
  ["/missing", /console: Failed to load resource.*404/],
]) {
  test(`a fault is caught: ${path}`, async () => assert.match(await complaints(path, true), complaint));
}

test("a page that answers 410 on purpose is not a fault", async () => {
  assert.equal(await complaints("/gone", false), "");
});

test("closing a page with faults fails its test", async () => {
  const visitor = await visit(browser, origin);
  await visitor.page.goto("/console");
  await eventually("the complaint", () => visitor.faults.length > 0);
  await assert.rejects(visitor.close(), /a complaint/);
});

test("every look at a page is kept, and a page that scrolls sideways on a phone is refused", async () => {
  const visitor = await visit(browser, origin, { size: PHONE, scheme: "dark" });
  await visitor.page.goto("/clean");
  await inspect(visitor.page, "harness-clean");
  for (const look of ["390-light", "390-dark", "1280-light", "1280-dark"]) {
    await access(path.join(screenshots, `harness-clean-${look}.png`));
  }
  assert.deepEqual(visitor.page.viewportSize(), PHONE);
  assert.ok(await visitor.page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches));

  await visitor.page.goto("/wide");
  await assert.rejects(inspect(visitor.page, "harness-wide"), /harness-wide at 390: scrolls sideways/);
  await visitor.close();
});

test("scripts can be off", async () => {
  for (const [scripts, out] of [[true, "on"], [false, "off"]]) {
    const visitor = await visit(browser, origin, { scripts });
    await visitor.page.goto("/scripted");
    assert.equal(await visitor.page.locator("#out").textContent(), out);
    await visitor.close();
  }
});

test("axe is refused, not hung, where scripts are off", async () => {
  const visitor = await visit(browser, origin, { scripts: false });
  await visitor.page.goto("/no-alt");
  await assert.rejects(violations(visitor.page), /axe needs scripts/);
  await visitor.close();
});

test("mail sent over SMTP is received once, with its parts and its sign-in link", async () => {
  const mail = await startMailServer();
  try {
    const send = `
import smtplib, sys
from email.message import EmailMessage
for subject in ("First", "Ihr Zugang: grüße"):
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = "Harbour <portal@example.test>", "amina@example.test", subject
    m.set_content("Open http://127.0.0.1:1/p/sign-in/abc-DEF_1\\n\\nor read http://127.0.0.1:1/help")
    m.add_alternative("<p>Hello</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as s: s.send_message(m)
`;
    await run(path.join(target, "test-venv", "bin", "python"), ["-c", send, String(mail.port)]);
    const first = await mail.next({ to: "amina@example.test" });
    const second = await mail.next({ to: "amina@example.test" });
    assert.deepEqual([first.subject, second.subject].sort(), ["First", "Ihr Zugang: grüße"]);
    assert.equal(second.from.name, "Harbour");
    assert.match(second.html, /<p>Hello<\/p>/);
    assert.equal(signInLink(second), "http://127.0.0.1:1/p/sign-in/abc-DEF_1");
    assert.deepEqual(links(second), ["http://127.0.0.1:1/p/sign-in/abc-DEF_1", "http://127.0.0.1:1/help"]);
    assert.equal((await mail.all()).length, 2);
  } finally {
    await mail.stop();
  }
});

test("a server is waited for until it is ready, and one that fails says why", async () => {
  const box = await scratch();
  const fake = path.join(box.directory, "portal-server");
  const before = process.env.PORTAL_SERVER_BIN;
  process.env.PORTAL_SERVER_BIN = fake;
  try {
    await writeFile(fake, "#!/bin/sh\ntrap 'exit 0' TERM\necho starting; echo ready http://127.0.0.1:4321\nwhile :; do sleep 0.1; done\n");
    await chmod(fake, 0o755);
    const server = await startServer(["serve"]);
    assert.equal(server.url, "http://127.0.0.1:4321");
    await server.stop();
    assert.throws(() => process.kill(server.pid, 0), { code: "ESRCH" });

    await writeFile(fake, "#!/bin/sh\necho 'no public URL is set' >&2; exit 1\n");
    await assert.rejects(startServer(["serve"]), /serve ended with 1; it said:\nno public URL is set/);
  } finally {
    if (before === undefined) delete process.env.PORTAL_SERVER_BIN;
    else process.env.PORTAL_SERVER_BIN = before;
    await box.remove();
  }
});
