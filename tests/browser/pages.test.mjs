// Every sample page (long German names, Arabic ones, nothing, much, errors) at phone and desktop width, light and dark:
// axe finds nothing, nothing scrolls sideways, the policy forbids nothing they need. Screenshots are kept.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { inspect, launch, visit } from "./browser.mjs";
import { renderSamples, serveSamples } from "./samples.mjs";

let browser;
let site;
let names;
before(async () => {
  const folder = await renderSamples();
  names = (await readdir(folder)).filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5));
  site = await serveSamples();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  site?.close();
});

test("every sample page is sound at every width and in both schemes", async (context) => {
  assert.ok(names.length > 20, `only ${names.length} sample pages`);
  for (const name of names) {
    await context.test(name, async () => {
      const visitor = await visit(browser, site.origin);
      await visitor.page.goto(`/${name}.html`);
      await inspect(visitor.page, `samples/${name}`);
      await visitor.close();
    });
  }
});

test("a page zoomed to 200 % loses nothing, and its tab bar gives way", async () => {
  const visitor = await visit(browser, site.origin, { size: { width: 640, height: 400 } });
  await visitor.page.goto("/client-home-german.html");
  assert.equal(await visitor.page.locator(".tabbar").evaluate((bar) => getComputedStyle(bar).position), "static");
  assert.equal(await visitor.page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  await visitor.close();
});

test("without scripts a request can still be answered", async () => {
  const visitor = await visit(browser, site.origin, { scripts: false });
  await visitor.page.goto("/client-request.html");
  const form = visitor.page.locator("form.upload");
  assert.ok(await form.getByRole("button", { name: "Send" }).isVisible());
  assert.ok(await form.locator("input[multiple]").isVisible());
  await visitor.close();
});
