// The journey that people use the portal for, from "portal enabled" to "passport page accepted" and to access revoked:
// staff at a desk, the client on a phone, mail over real SMTP, on both databases, with scripts and without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESKTOP, inspect, launch, PHONE, visit } from "./browser.mjs";
import * as client from "./client.mjs";
import { pdf, photo } from "./files.mjs";
import { DATABASES, install, OWNER } from "./installation.mjs";
import { signInCode, signInLink } from "./mail.mjs";
import { eventually } from "./process.mjs";
import * as staff from "./staff.mjs";

const AMINA = { givenNames: "Amina", familyName: "Haddad", email: "amina@example.test" };
const MATTER = { client: AMINA.email, reference: "HM-2041", title: "Partner visa 820" };
const PASSPORT = "Passport bio page";
const ITEMS = [
  { title: PASSPORT, group: "Identity", help: "The page with your photo, so that we can prove who you are.", wanted: 2 },
  { title: "Birth certificate", group: "Identity", help: "The Department asks for it." },
];
const REASON = "The bottom of the page is cut off. Please send it again with all four corners.";
/** From the moment staff are told that access is revoked, nothing may work for longer than this, in milliseconds. */
const AT_ONCE = 1_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const database of DATABASES) {
  for (const scripts of [true, false]) {
    test(`the journey on ${database}, scripts ${scripts ? "on" : "off"}`, { timeout: 600_000 }, async () => {
      const portal = await install(database);
      const desk = await visit(browser, portal.origin, { size: DESKTOP, scripts });
      const phone = await visit(browser, portal.origin, { size: PHONE, scripts });
      try {
        await journey(portal, desk, phone, scripts);
        await desk.close();
        await phone.close();
        await portal.stop();
      } catch (error) {
        // The server's own words, then everything is ended whatever state it is in.
        console.error(portal.log());
        await Promise.allSettled([desk.close(), phone.close()]);
        await portal.stop().catch(() => {});
        throw error;
      }
    });
  }
}

async function journey(portal, desk, phone, scripts) {
  /** Keeps and examines the page; axe needs scripts, and the pages are the same without. */
  const look = async (page, name) => {
    if (scripts) await inspect(page, `journey/${name}`);
  };
  const office = desk.page;
  const mobile = phone.page;

  // Staff set the matter up.
  await office.goto("/staff");
  await look(office, "staff-sign-in");
  await staff.signIn(office, OWNER);
  await look(office, "staff-home-empty");
  await staff.go(office, "Matters");
  await look(office, "staff-matters-empty");
  await staff.go(office, "Clients");
  await look(office, "staff-clients-empty");
  await staff.go(office, "Checklist templates");
  await look(office, "staff-templates-empty");
  await staff.addTemplate(office, "Partner visa", ITEMS);
  await look(office, "staff-template");
  await staff.addClient(office, AMINA);
  await look(office, "staff-client");
  const matter = await staff.addMatter(office, MATTER);
  await look(office, "staff-matter-overview-new");
  await staff.applyTemplate(office, "Partner visa", "Amina Haddad");
  await office.getByRole("link", { name: new RegExp(PASSPORT) }).waitFor();
  await look(office, "staff-matter-checklist");
  const address = await staff.enableAccess(office, { invite: scripts });
  await look(office, "staff-matter-access");
  assert.ok(address.startsWith(`${portal.origin}/p/`), address);

  // The client comes in: by the invitation, with the code that stands in it; or by asking, on the phone that opens it.
  await mobile.goto(address);
  await look(mobile, "client-ask");
  if (!scripts) await client.askForLink(mobile, address);
  const mail = await portal.mail.next({ to: AMINA.email, subject: scripts ? /invites you/ : /sign-in link/ });
  const link = signInLink(mail);
  assert.equal(mail.from.name, "Harbour Migration");
  assert.ok(link.startsWith(`${portal.origin}/p/sign-in/`), link);
  assert.ok(mail.html.includes(link), "the HTML part holds the link too");
  await mobile.goto(link);
  await look(mobile, "client-confirm");
  await client.enter(mobile, link, scripts ? signInCode(mail) : undefined);
  await look(mobile, "client-home");

  // The client provides two files for one request.
  await client.openRequest(mobile, PASSPORT);
  await look(mobile, "client-request-empty");
  await client.send(mobile, [pdf("passport.pdf"), photo("passport-photo.png")], { scripts });
  await mobile.getByRole("heading", { level: 2, name: "What you sent 2" }).waitFor();
  await mobile.getByRole("heading", { level: 2, name: "Send more" }).waitFor();
  await look(mobile, "client-request-sent");
  await client.tab(mobile, "Documents");
  await look(mobile, "client-documents");

  // Staff are told, and return one of them.
  await eventually("a notification for staff", async () => {
    await office.reload();
    return office.getByRole("link", { name: /^Notifications, [1-9]\d* unread/ }).isVisible();
  });
  await staff.go(office, "Notifications");
  await look(office, "staff-notifications");
  await office.getByRole("button", { name: /HM-2041/ }).first().click();
  await office.getByRole("heading", { level: 1 }).waitFor();
  await office.goto(matter);
  await look(office, "staff-matter-overview");
  await staff.tab(office, "Documents");
  await look(office, "staff-matter-documents");
  await staff.openRequest(office, PASSPORT);
  await look(office, "staff-review");
  await staff.openFile(office, "passport.pdf");
  await look(office, "staff-document");
  await staff.returnWith(office, REASON);
  const returned = await portal.mail.next({ to: AMINA.email, subject: /^Please replace passport\.pdf/ });
  assert.ok(returned.text.includes(REASON) && returned.html.includes(REASON), "the mail says why");

  // The client reads why, and sends it again.
  await client.openRequest(mobile, PASSPORT);
  await mobile.getByText(REASON).first().waitFor();
  await look(mobile, "client-request-returned");
  await client.replace(mobile, "passport.pdf", pdf("passport-whole.pdf"), { scripts });
  await mobile.getByRole("heading", { level: 2, name: "What you sent 2" }).waitFor();
  await client.sent(mobile, "passport-whole.pdf").getByText("1 earlier version").waitFor();
  assert.equal(await client.sent(mobile, "passport.pdf").count(), 0, "the old file is only an earlier version");
  await look(mobile, "client-request-replaced");

  // Staff accept it.
  await office.goto(matter);
  await staff.openRequest(office, PASSPORT);
  await staff.accept(office);
  await look(office, "staff-review-accepted");
  await office.goto(matter);
  await staff.tab(office, "Activity");
  await look(office, "staff-matter-activity");
  await client.tab(mobile, "Home");
  await look(mobile, "client-home-accepted");
  await client.openRequest(mobile, PASSPORT);
  await mobile.getByText("Accepted").first().waitFor();

  await revocation(portal, desk, phone, scripts);
  await look(office, "staff-matter-access-revoked");
  await look(mobile, "client-ended");
}

/** Takes the access away while the client looks at a page, and holds a signed address of a file. */
async function revocation(portal, desk, phone, scripts) {
  const { page, context } = phone;
  const http = context.request;
  await client.tab(page, "Documents");
  const open = page.url();
  const file = await page.getByRole("link", { name: "passport-whole.pdf" }).getAttribute("href");
  const signed = await signedAddress(http, new URL(file, portal.origin).href);
  assert.equal((await http.get(signed)).status(), 200);
  assert.equal((await http.get(open, { maxRedirects: 0 })).status(), 200);

  await staff.revokeAccess(desk.page);
  const since = performance.now();
  // The open page asks whether it may still be shown; the answer that it may not is what ends it, and no fault.
  phone.tolerate(/Failed to load resource: the server responded with a status of 4\d\d/);
  const dead = await Promise.all([
    http.get(signed).then((answer) => answer.status()),
    http.get(open, { maxRedirects: 0 }).then((answer) => answer.status()),
    scripts && page.getByRole("heading", { level: 1, name: "You are signed out" }).waitFor({ timeout: AT_ONCE }),
  ]);
  const took = performance.now() - since;
  assert.ok(dead[0] >= 400 && dead[0] < 500, `the signed address answered ${dead[0]}`);
  assert.notEqual(dead[1], 200, "the session still opens the page");
  assert.ok(took < AT_ONCE, `it took ${took} ms until everything was dead`);
  if (!scripts) {
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "You are signed out" }).waitFor();
  }
}

/** Where a download link leads: the address that is signed, and that needs no cookie. */
async function signedAddress(http, href) {
  const answer = await http.get(href, { maxRedirects: 0 });
  const to = answer.headers().location;
  return to ? new URL(to, href).href : href;
}
