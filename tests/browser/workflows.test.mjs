// Set and forget: staff build a workflow, the system of record says where a case is in words of its own, and the client is
// asked and told by themselves. Then the telephone answers STOP, and the next message is held back and says why.
// On both databases, with text messages captured as on telephones.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, inspect, launch, PHONE, scratch, screenshot, visit } from "./browser.mjs";
import * as client from "./client.mjs";
import { DATABASES, install, OWNER } from "./installation.mjs";
import { signInCode, signInLink } from "./mail.mjs";
import { eventually } from "./process.mjs";
import * as staff from "./staff.mjs";

const AMINA = { givenNames: "Amina", familyName: "Haddad", email: "amina@example.test", phone: "+61 491 570 156" };
const NUMBER = "+61491570156";
const MATTER = { client: AMINA.email, reference: "HM-2041", title: "T visa" };
const WORKFLOW = "Immigration - T-Visa + Filing";
const TAXONOMY = `dimension,value,parent,alias
Practice area,Immigration,,
Practice area,T-Visa,Immigration,
Case stage,Intake,,
Case stage,Filing,,Filing (USCIS)
Case stage,Decision,,
`;
const ASKED = ["Passport bio page", "Personal statement"];
const TEXT = "{{ client.first_name }}, your case {{ matter.reference }} is now at {{ matter.stage }}.";
const TOLD = "Amina, your case HM-2041 is now at Filing.";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const database of DATABASES) {
  test(`a workflow on ${database}`, { timeout: 600_000 }, async () => {
    const portal = await install(database);
    const desk = await visit(browser, portal.origin, { size: DESKTOP });
    const phone = await visit(browser, portal.origin, { size: PHONE });
    const files = await scratch();
    try {
      await day(portal, desk.page, phone.page, files.directory);
      await desk.close();
      await phone.close();
      await portal.stop();
    } catch (error) {
      console.error(portal.log());
      await screenshot(desk.page, `workflows/failed-${database}`).catch(() => {});
      await Promise.allSettled([desk.close(), phone.close()]);
      await portal.stop().catch(() => {});
      throw error;
    } finally {
      await files.remove();
    }
  });
}

async function day(portal, office, mobile, directory) {
  const look = (page, name) => inspect(page, `workflows/${name}`);
  /** What the system of record exports: where the case is, in its own words. */
  const imports = async (area, stage) => {
    const file = path.join(directory, "matters.csv");
    await writeFile(file, `reference,title,practice_area,stage\n${MATTER.reference},${MATTER.title},${area},${stage}\n`);
    await portal.run(["import", file]);
  };

  // Whose case it is, and how they come in.
  await staff.signIn(office, OWNER);
  await staff.addClient(office, AMINA);
  const matter = await staff.addMatter(office, MATTER);
  const address = await staff.enableAccess(office, { invite: true });
  const mail = await portal.mail.next({ to: AMINA.email, subject: /invites you/ });
  await mobile.goto(address);
  await mobile.goto(signInLink(mail));
  await client.enter(mobile, signInLink(mail), signInCode(mail));

  // The words that workflows match by.
  await staff.go(office, "Workflows");
  await office.goto("/staff/taxonomy/import");
  await office.getByLabel("Kind").selectOption("csv");
  await office.getByLabel("The file's text").fill(TAXONOMY);
  await confirmed(office, "Replace");
  await office.getByRole("heading", { level: 1, name: "Taxonomy", exact: true }).waitFor();

  await build(office);
  await look(office, "builder");
  // The dry run comes before the switch. The case is nowhere yet, so it matches nothing.
  await office.getByRole("button", { name: "Save the draft and see its dry run" }).click();
  await office.getByRole("heading", { level: 1, name: "Dry run" }).waitFor();
  await office.getByText("No open matter matches today").waitFor();
  await look(office, "dry-run-empty");
  // Were it at that stage, this is what would happen.
  await imports('" t visa "', "Filing");
  await office.reload();
  const would = office.getByRole("listitem").filter({ hasText: MATTER.reference }).first();
  for (const what of [...ASKED, "Amina Haddad"]) await would.getByText(what).first().waitFor();
  await look(office, "dry-run");
  await imports("Immigration", "Intake");
  await office.reload();
  await office.getByText("No open matter matches today").waitFor();
  await office.getByRole("button", { name: "Switch on" }).click();
  await office.getByText(`${WORKFLOW} is on.`).waitFor();
  await look(office, "list");
  await office.getByRole("link", { name: WORKFLOW, exact: true }).click();
  await office.getByRole("heading", { level: 1, name: WORKFLOW }).waitFor();
  await look(office, "workflow");

  // The case moves, in words nobody cleaned.
  await imports('" t visa "', "FILING (USCIS)");
  await office.goto(matter);
  await staff.tab(office, "Checklist");
  for (const title of ASKED) await office.getByRole("link", { name: new RegExp(title) }).waitFor();
  await look(office, "checklist");
  await client.tab(mobile, "Home");
  for (const title of ASKED) await mobile.getByText(title).first().waitFor();
  await look(mobile, "client-home");

  // The text message arrives on the telephone, which reports that it did.
  const telephone = office.getByRole("article", { name: `Telephone ${NUMBER}` });
  await eventually("the text message", async () => {
    await office.goto("/dev/outbox");
    return telephone.getByText(TOLD).isVisible();
  });
  await look(office, "telephone");
  await telephone.getByRole("button", { name: "Report delivered" }).click();
  await telephone.getByText("Delivered", { exact: true }).waitFor();
  await staff.go(office, "Inbox");
  await office.getByRole("link", { name: /Amina Haddad/ }).click();
  const message = office.getByRole("listitem").filter({ hasText: TOLD }).last();
  await message.getByText("Delivered").waitFor();
  await look(office, "inbox-delivered");

  // A STOP.
  await office.goto("/dev/outbox");
  await telephone.getByLabel(`Reply from ${NUMBER}`).fill("Stop.");
  await telephone.getByRole("button", { name: "Send" }).click();
  await telephone.getByText("Stop.", { exact: true }).waitFor();
  await staff.go(office, "Inbox");
  await office.getByRole("link", { name: /Amina Haddad/ }).click();
  await office.getByRole("listitem").filter({ hasText: "Stop." }).last().waitFor();
  await look(office, "inbox-stop");

  // The next message is held back, and says why.
  await imports("T-Visa", "Intake");
  await imports("t-visa", "filing");
  const held = office.getByRole("listitem").filter({ hasText: "Held back" }).filter({ hasText: "They asked for no more text messages" });
  await eventually("the message that is held back", async () => {
    await office.reload();
    return held.last().isVisible();
  });
  await look(office, "inbox-held");
  await office.goto("/dev/outbox");
  assert.equal(await telephone.getByText(/is now at/).count(), 1, "the telephone got one message and no more");
  await office.goto(matter);
  await look(office, "matter");
}

/** Fills in the builder, and looks at what it says meanwhile. */
async function build(page) {
  await page.goto("/staff/workflows");
  await page.getByRole("link", { name: /^(New workflow|Add a workflow)$/ }).first().click();
  await page.getByLabel("Name of the workflow").fill(WORKFLOW);
  await page.getByLabel("Practice area", { exact: true }).selectOption("one-of");
  await page.getByRole("group", { name: "Values of Practice area" }).getByLabel("T-Visa").check();
  await page.getByLabel("Case stage", { exact: true }).selectOption("one-of");
  await page.getByRole("group", { name: "Values of Case stage" }).getByLabel("Filing").check();
  for (const [number, title] of ASKED.entries()) {
    const document = page.getByRole("group", { name: `Document ${number + 1}`, exact: true });
    if (!(await document.isVisible())) await page.getByRole("button", { name: "Add a document" }).click();
    await document.getByLabel("Title").fill(title);
  }
  await page.getByRole("button", { name: /text message/i }).first().click();
  const text = page.getByRole("group", { name: /^Text message, \d$/ });
  await text.getByLabel("Language").first().fill("en");
  await text.getByRole("textbox", { name: /^(Text|Message)/ }).fill(TEXT);
  await page.getByRole("button", { name: "Check", exact: true }).last().click();
  await text.getByText(/HM-2041 is now at/).waitFor();
}

/** Presses a button whose form asks once more. */
async function confirmed(page, name) {
  await page.getByRole("button", { name }).click();
  await page.getByRole("dialog").getByRole("button", { name }).click();
}
