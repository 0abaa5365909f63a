// Chromium with eyes: pages that report what a person would not see, and checks that every page must pass.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { screenshots } from "./paths.mjs";

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };
/** WCAG 2.2, 1.4.10: content reflows at this width. */
const NARROWEST = { width: 320, height: 640 };

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The browsers whose scripts are off. */
const scriptless = new WeakSet();

/** Debian's Chromium, or what `PORTAL_TEST_CHROMIUM` names, or else the build that Playwright fetched. */
function executable() {
  const candidates = [process.env.PORTAL_TEST_CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];
  return candidates.find((candidate) => candidate && existsSync(candidate));
}

export function launch() {
  return chromium.launch({
    executablePath: executable(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A browser of its own (cookies, storage) with one page.
 * `faults` collects console errors, script errors, policy violations and requests to anywhere but `origin`;
 * `close()` fails when there are any, so that no test can pass with one.
 */
export async function visit(browser, origin, { size = DESKTOP, scheme = "light", scripts = true } = {}) {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: size,
    colorScheme: scheme,
    // A page that is photographed or examined halfway through a transition is neither of its two states.
    reducedMotion: "reduce",
    javaScriptEnabled: scripts,
    locale: "en-AU",
    timezoneId: "Australia/Sydney",
    hasTouch: size === PHONE,
    isMobile: size === PHONE,
  });
  if (!scripts) scriptless.add(context);
  context.setDefaultTimeout(15_000);
  const faults = [];
  const tolerated = [];
  const documents = new Set();

  context.on("request", (request) => {
    if (request.isNavigationRequest()) documents.add(request.url());
    const { protocol, origin: to } = new URL(request.url());
    if (!["data:", "blob:", "about:"].includes(protocol) && to !== origin) {
      faults.push(`request to a foreign host: ${request.method()} ${request.url()}`);
    }
  });
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    // Chromium also reports pages that answer 4xx on purpose (a used link, say): that is an answer, not a fault.
    const refused = message.text().startsWith("Failed to load resource: the server responded with a status of 4");
    if (refused && documents.has(message.location().url)) return;
    faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => faults.push(`script error: ${error.error()?.stack ?? error.error()}`));
  if (scripts) {
    await context.exposeBinding("reportViolation", (_source, text) => faults.push(`policy violation: ${text}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        globalThis.reportViolation(`${event.violatedDirective} blocked ${event.blockedURI || "inline"}`);
      });
    });
  }

  return {
    context,
    page: await context.newPage(),
    faults,
    /** From here on, complaints like this are what the test provokes. */
    tolerate: (pattern) => tolerated.push(pattern),
    async close() {
      await context.close();
      const unexpected = faults.filter((fault) => !tolerated.some((pattern) => pattern.test(fault)));
      refuse(unexpected, "what the browser complained about");
    },
  };
}

/** What axe finds on the page as it stands: one text a violation, with the places. */
export async function violations(page) {
  if (scriptless.has(page.context())) throw new Error("axe needs scripts: look at this page in a browser that has them");
  await page.evaluate(axe);
  const results = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return results.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `    ${html}\n      ${failureSummary.replaceAll("\n", "\n      ")}`).join("\n")}`,
  );
}

/** How far the page is wider than its window, in CSS pixels: a phone must never scroll sideways. */
function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export async function screenshot(page, name) {
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });
}

/**
 * Looks at the page the way its readers will: phone and desktop, light and dark. Each look is kept as
 * `target/screenshots/NAME-WIDTH-SCHEME.png`, must be free of axe violations, and must not scroll sideways,
 * down to 320 pixels. Leaves the page in the size and scheme it had.
 */
export async function inspect(page, name) {
  const size = page.viewportSize();
  const scheme = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  const problems = [];
  for (const { width, height } of [PHONE, DESKTOP]) {
    await page.setViewportSize({ width, height });
    const excess = await overflow(page);
    if (excess > 0) problems.push(`${name} at ${width}: scrolls sideways by ${excess} px`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, `${name}-${width}-${colorScheme}`);
      const found = await violations(page);
      problems.push(...found.map((violation) => `${name} at ${width}, ${colorScheme}: ${violation}`));
    }
  }
  await page.setViewportSize(NARROWEST);
  const excess = await overflow(page);
  if (excess > 0) problems.push(`${name} at ${NARROWEST.width}: scrolls sideways by ${excess} px`);
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: scheme });
  refuse(problems, `what is wrong with the page "${name}"`);
}

/** Fails when there are any, and says which: not every version of Node.js shows a difference beside a message. */
function refuse(problems, what) {
  assert.ok(problems.length === 0, `${what}:\n${problems.join("\n")}`);
}

/** An empty directory for downloads and files to upload; `remove()` takes it away. */
export async function scratch() {
  const directory = await mkdtemp(path.join(tmpdir(), "portal-browser-"));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
