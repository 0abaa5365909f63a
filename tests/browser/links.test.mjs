// Sign-in links in real browsers: looking at one never uses it up, and one that is over offers the next in one press.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, launch, PHONE, visit } from "./browser.mjs";
import * as client from "./client.mjs";
import { DATABASES, install, OWNER } from "./installation.mjs";
import { signInCode, signInLink } from "./mail.mjs";
import * as staff from "./staff.mjs";

const clients = {
  amina: { givenNames: "Amina", familyName: "Haddad", email: "amina@example.test" },
  bao: { givenNames: "Bao", familyName: "Nguyen", email: "bao@example.test" },
  carla: { givenNames: "Carla", familyName: "Mendes", email: "carla@example.test" },
};

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const database of DATABASES) {
  test(`sign-in links on ${database}`, { timeout: 300_000 }, async (context) => {
    const portal = await install(database);
    try {
      const desk = await visit(browser, portal.origin);
      await staff.signIn(desk.page, OWNER);
      for (const person of Object.values(clients)) {
        await staff.addClient(desk.page, person);
        await staff.addMatter(desk.page, { client: person.email, reference: person.givenNames, title: "Partner visa 820" });
        person.address = await staff.enableAccess(desk.page);
      }
      await desk.close();
      await context.test("fifty looks do not use a link up; the press in the browser that asked does", () =>
        prefetches(portal, clients.amina));
      await context.test("a used link says so, and sends a new one in one press", () => usedLink(portal, clients.bao));
      await context.test("in another browser the mail's code is needed too", () => otherBrowser(portal, clients.carla));
    } finally {
      await portal.stop();
    }
  });
}

/** Asks for a link in `page`; answers the mail that it came in. */
async function askedFor(portal, page, person) {
  await client.askForLink(page, person.address);
  return portal.mail.next({ to: person.email, subject: /sign-in link/ });
}

async function prefetches(portal, person) {
  const phone = await visit(browser, portal.origin, { size: PHONE });
  const link = signInLink(await askedFor(portal, phone.page, person));
  // What mail programs and their scanners do: plain requests, HEAD among them, and a browser that runs scripts.
  for (let look = 0; look < 49; look += 1) {
    const answer = await fetch(link, { method: look % 2 ? "HEAD" : "GET" });
    assert.equal(answer.status, 200, `look ${look}`);
    assert.equal(answer.headers.get("set-cookie"), null, "looking must not sign anybody in");
  }
  const scanner = await visit(browser, portal.origin);
  await scanner.page.goto(link, { waitUntil: "networkidle" });
  await scanner.close();

  await client.enter(phone.page, link);
  await phone.close();
}

async function usedLink(portal, person) {
  const phone = await visit(browser, portal.origin, { size: PHONE });
  const link = signInLink(await askedFor(portal, phone.page, person));
  await client.enter(phone.page, link);
  await phone.context.clearCookies();

  await phone.page.goto(link);
  await phone.page.getByRole("heading", { level: 1, name: "This link no longer works" }).waitFor();
  await inspect(phone.page, "links/over");
  await phone.page.getByRole("button", { name: "Email me a new link" }).click();
  await phone.page.getByRole("heading", { level: 1, name: "Check your email" }).waitFor();
  await inspect(phone.page, "links/asked");
  const fresh = signInLink(await portal.mail.next({ to: person.email, subject: /sign-in link/ }));
  assert.notEqual(fresh, link);
  await client.enter(phone.page, fresh);
  await phone.close();
}

async function otherBrowser(portal, person) {
  const phone = await visit(browser, portal.origin, { size: PHONE });
  const mail = await askedFor(portal, phone.page, person);
  await phone.close();

  const computer = await visit(browser, portal.origin);
  const right = signInCode(mail);
  const wrong = right.replace(/\d$/, (digit) => (Number(digit) + 1) % 10);
  await computer.page.goto(signInLink(mail));
  await computer.page.getByLabel("8-digit code").fill(wrong);
  await computer.page.getByRole("button", { name: "Continue" }).click();
  await computer.page.getByRole("alert").waitFor();
  await inspect(computer.page, "links/wrong-code");
  await client.enter(computer.page, signInLink(mail), right);
  await computer.close();
}
