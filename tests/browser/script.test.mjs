// What the page script adds, and that it fails softly.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { launch, PHONE, scratch, visit } from "./browser.mjs";
import { eventually } from "./process.mjs";
import { renderSamples, serveSamples } from "./samples.mjs";

const LIVE = "/p/AZqk3nT0d7W9/live";
const FILES = "/p/AZqk3nT0d7W9/requests/1/files";

const WORKFLOW = "/staff/workflows/1/edit";

const FORM = `<form method="post" data-keep="note"><label>Note <input name="note"></label><label>Urgent <input type="checkbox" name="urgent" value="yes"></label>
  <label>Password <input type="password" name="password"></label><button>Save</button></form>`;

let browser;
let site;
let files;
let received;
let answer;
let live;
let signedIn;
before(async () => {
  await renderSamples();
  site = await serveSamples({
    "/form.html": (request, response) => {
      const [heading, session, form] =
        request.method === "GET" ? ["Note", `data-live="${LIVE}"`, FORM] : signedIn ? ["Saved", `data-live="${LIVE}"`, ""] : ["Sign in", "", ""];
      response.writeHead(200, { "content-type": "text/html" }).end(
        `<!doctype html><html lang="en"><title>${heading}</title><link rel="icon" href="/assets/favicon.svg">
         <script type="module" src="/assets/portal.js"></script><body ${session}><h1>${heading}</h1>${form}</body></html>`,
      );
    },
    [WORKFLOW]: (request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (part) => (body += part));
      request.on("end", () => {
        received.push(new URLSearchParams(body));
        answer(response, received.length);
      });
    },
    [LIVE]: (request, response) => response.writeHead(live).end(),
    [FILES]: (request, response) => {
      let body = "";
      request.setEncoding("latin1").on("data", (part) => (body += part));
      request.on("end", () => {
        received.push({ headers: request.headers, name: /filename="([^"]*)"/.exec(body)?.[1] });
        answer(response, received.length);
      });
    },
  });
  files = await scratch();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close();
  await files?.remove();
});
beforeEach(() => {
  received = [];
  live = 204;
  signedIn = false;
  answer = (response) => response.writeHead(201, { "content-type": "application/json" }).end("{}");
});

async function file(name, bytes = 2_000) {
  const made = path.join(files.directory, name);
  await writeFile(made, Buffer.alloc(bytes, 7));
  return made;
}

const open = async (name, options) => {
  const visitor = await visit(browser, site.origin, options);
  await visitor.page.goto(`/${name}.html`);
  return visitor;
};

test("each file is sent on its own, once, and the list is fetched afresh", async () => {
  const visitor = await open("client-request", { size: PHONE });
  const { page } = visitor;
  assert.ok(await page.getByText("Take a photo").isVisible());
  assert.ok(!(await page.getByRole("button", { name: "Send", exact: true }).isVisible()), "choosing sends");
  const again = page.waitForResponse((response) => response.url().endsWith("/client-request.html"));
  await page.locator("input[multiple]").setInputFiles([await file("one.pdf"), await file("two.pdf"), await file("three.pdf")]);
  await page.getByRole("status").filter({ hasText: "3 files sent" }).first().waitFor();
  await again;
  await page.locator(".uploads__item").first().waitFor({ state: "detached" });
  assert.deepEqual(received.map(({ name }) => name).sort(), ["one.pdf", "three.pdf", "two.pdf"]);
  assert.equal(new Set(received.map(({ headers }) => headers["idempotency-key"])).size, 3);
  assert.ok(received.every(({ headers }) => headers.accept === "application/json"));
  await visitor.close();
});

test("a refused file says why beside its name, and can be tried again", async () => {
  answer = (response, count) => {
    if (count > 1) return response.writeHead(201).end();
    const problem = { title: "Too large", status: 413, detail: "This file is 48 MB. The limit is 25 MB." };
    response.writeHead(413, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  };
  const visitor = await open("client-request");
  const { page } = visitor;
  await page.locator("input[multiple]").setInputFiles([await file("big.pdf")]);
  const failed = page.locator(".uploads__item.is-failed");
  await failed.getByText("This file is 48 MB. The limit is 25 MB.").waitFor();
  await failed.getByRole("button", { name: "Try again: big.pdf" }).click();
  await page.getByRole("status").filter({ hasText: "1 file sent" }).first().waitFor();
  assert.equal(received.length, 2);
  // Chromium reports the refusal itself; there must be nothing else.
  assert.ok(visitor.faults.every((fault) => fault.includes("413")), visitor.faults.join("\n"));
  visitor.faults.length = 0;
  await visitor.close();
});

test("a file on its way can be cancelled", async () => {
  let held;
  answer = (response) => (held = response);
  const visitor = await open("client-request");
  const { page } = visitor;
  await page.locator("input[multiple]").setInputFiles([await file("slow.pdf")]);
  await eventually("the file to arrive", () => held);
  await page.getByRole("button", { name: "Cancel slow.pdf" }).click();
  await page.locator(".uploads__item").waitFor({ state: "detached" });
  assert.ok(await page.locator("form.upload input[multiple]").evaluate((input) => !input.form.querySelector(".is-failed")));
  held.end();
  await visitor.close();
});

test("an open page ends within a second of its session", async () => {
  const visitor = await open("client-home");
  const { page } = visitor;
  await page.evaluate(() => (globalThis.stillHere = true));
  live = 401;
  const begun = performance.now();
  await page.waitForFunction(() => !globalThis.stillHere, undefined, { polling: 20 });
  assert.ok(performance.now() - begun < 1_500, `took ${Math.round(performance.now() - begun)} ms`);
  await eventually("the refusal to be reported", () => visitor.faults.length > 0);
  assert.ok(visitor.faults.every((fault) => fault.includes("401")), visitor.faults.join("\n"));
  visitor.faults.length = 0;
  live = 204;
  await visitor.close();
});

test("a destructive act asks first, and can be declined", async () => {
  const visitor = await open("styleguide-staff");
  const { page } = visitor;
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await page.locator("summary", { hasText: "Revoke access" }).click();
  const revoke = page.locator(".disclosure__panel button");
  await revoke.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Amina Haddad is signed out at once").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.deepEqual(sent, []);
  await revoke.click();
  await Promise.all([page.waitForRequest((request) => request.method() === "POST"), dialog.getByRole("button", { name: "Revoke access" }).click()]);
  await visitor.close();
});

test("what was typed survives a lost session, but not being sent, and secrets are never kept", async () => {
  const visitor = await open("form");
  const { page } = visitor;
  await page.getByLabel("Note").fill("Amina called about her passport");
  await page.getByLabel("Password").fill("correct horse");
  await page.getByLabel("Urgent").check();
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...sessionStorage })), /correct horse/);

  // Sent, but the session was over: the sign-in page follows, and then the form again.
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.waitForLoadState();
  await page.goto("/form.html");
  assert.equal(await page.getByLabel("Note").inputValue(), "Amina called about her passport");
  assert.equal(await page.getByLabel("Password").inputValue(), "");
  assert.ok(await page.getByLabel("Urgent").isChecked());

  // Sent, and a page of the living session follows.
  signedIn = true;
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Saved" }).waitFor();
  await page.waitForLoadState();
  await page.goto("/form.html");
  assert.equal(await page.getByLabel("Note").inputValue(), "");
  await visitor.close();
});

test("lists, search and menus answer to the keyboard", async () => {
  const visitor = await open("styleguide-staff");
  const { page } = visitor;
  await page.locator("h1").click();
  await page.keyboard.press("j");
  assert.match(await page.locator("tr.is-active").innerText(), /HM-2041/);
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  assert.ok(await page.getByLabel("Select HM-2042").isChecked());
  await page.keyboard.press("k");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /HM-2041/);

  await page.goto("/client-home.html");
  const menu = page.locator("details[data-menu]");
  await menu.locator("summary").click();
  assert.ok(await menu.getByRole("button", { name: "Sign out", exact: true }).isVisible());
  await page.keyboard.press("Escape");
  assert.equal(await menu.getAttribute("open"), null);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  await visitor.close();
});

test("text is copied, and the page says so", async () => {
  const visitor = await open("styleguide-staff");
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visitor.page.getByRole("button", { name: "Copy", exact: true }).click();
  await visitor.page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
  assert.equal(await visitor.page.evaluate(() => navigator.clipboard.readText()), "copied text");
  await visitor.close();
});

test("a form that is tried out shows what came back, asks once for what is typed in one go, and leaves what is typed alone", async () => {
  const visitor = await open("staff-workflow-form");
  const { page } = visitor;
  answer = (response, number) =>
    response.writeHead(200, { "content-type": "text/html" }).end(
      `<!doctype html><title>x</title><div id="trial-count"><p>${number} of them match</p></div><div id="a0_l0_preview"><p>Hello Amina</p></div>
       <input id="a0_l0_language" value="not yours">`,
    );
  await page.locator("#a0_l0_text").fill("");
  await page.locator("#a0_l0_text").pressSequentially("Hello {{ client.first_name }}");
  await page.getByText("1 of them match").waitFor();
  assert.equal(await page.locator("#a0_l0_preview").textContent(), "Hello Amina");
  assert.equal(await page.locator("#a0_l0_text").inputValue(), "Hello {{ client.first_name }}");
  assert.equal(await page.locator("#a0_l0_language").inputValue(), "de");
  assert.equal(await page.evaluate(() => document.activeElement.id), "a0_l0_text");
  assert.equal(received.length, 1, "typed without a pause, asked once");
  assert.equal(received[0].get("do"), "preview");
  assert.equal(received[0].get("a0_l0_text"), "Hello {{ client.first_name }}");
  // An answer that is no page leaves what is shown.
  visitor.tolerate(/status of 401/);
  answer = (response) => response.writeHead(401).end();
  await page.locator("#name").fill("Another");
  await eventually("the second look", () => received.length === 2);
  assert.equal(await page.locator("#trial-count").textContent(), "1 of them match");
  await visitor.close();
});

test("of a condition only those values are shown that it can take, without scripts too", async () => {
  const visitor = await open("staff-workflow-form", { scripts: false });
  const { page } = visitor;
  assert.ok(await page.locator("input[name=c0_value]").first().isVisible());
  assert.ok(await page.locator("#c0_below").isHidden());
  await page.locator("#c0_test").selectOption("below");
  assert.ok(await page.locator("#c0_below").isVisible());
  assert.ok(await page.locator("input[name=c0_value]").first().isHidden());
  await page.locator("#c0_test").selectOption("");
  assert.ok(await page.locator("#c0_below").isHidden());
  await visitor.close();
});

test("a text message says how many segments it has, as networks count", async () => {
  const visitor = await open("staff-inbox");
  const { page } = visitor;
  const field = page.getByLabel("Answer by text message");
  const said = page.locator("[data-segments]");
  for (const [text, words] of [
    ["Hello", "5 signs, 1 segment"],
    ["a".repeat(160), "160 signs, 1 segment"],
    ["a".repeat(161), "161 signs, 2 segments"],
    ["\u20ac".repeat(80), "160 signs, 1 segment"],
    ["a".repeat(152) + "\u20ac".repeat(77), "306 signs, 3 segments"],
    ["\u0436".repeat(70), "70 signs, 1 segment"],
    ["\u0436".repeat(71), "71 signs, 2 segments"],
    ["\u{1f600}".repeat(35), "70 signs, 1 segment"],
    ["", ""],
  ]) {
    await field.fill(text);
    assert.equal(await said.textContent(), words, text.slice(0, 3));
  }
  await visitor.close();
});
