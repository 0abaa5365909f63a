// An approval from asking to proof: staff at a desk, the client on a phone, a document that is replaced in between, five answers
// at once, and a trail that an outsider checks. On both databases, with scripts and without.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { DESKTOP, inspect, launch, PHONE, scratch, screenshot, visit } from "./browser.mjs";
import * as client from "./client.mjs";
import { pdf } from "./files.mjs";
import { DATABASES, install, OWNER } from "./installation.mjs";
import { signInCode, signInLink } from "./mail.mjs";
import { eventually, run } from "./process.mjs";
import { binary } from "./server.mjs";
import * as staff from "./staff.mjs";

const AMINA = { givenNames: "Amina", familyName: "Haddad", email: "amina@example.test" };
const MATTER = { client: AMINA.email, reference: "HM-2041", title: "Partner visa 820" };
const TITLE = "Your statement, second draft";
const COMMENT = "Yes, this is what I want to say.";
const FIVE = ["January", "February", "March", "April", "May"].map((month) => `Hours worked in ${month}`);

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

for (const database of DATABASES) {
  for (const scripts of [true, false]) {
    test(`an approval on ${database}, scripts ${scripts ? "on" : "off"}`, { timeout: 600_000 }, async () => {
      const portal = await install(database);
      const desk = await visit(browser, portal.origin, { size: DESKTOP, scripts });
      const phone = await visit(browser, portal.origin, { size: PHONE, scripts });
      const files = await scratch();
      try {
        await approval({ portal, office: desk.page, mobile: phone.page, directory: files.directory, scripts });
        await desk.close();
        await phone.close();
        await portal.stop();
      } catch (error) {
        console.error(portal.log());
        for (const [name, { page }] of Object.entries({ desk, phone })) {
          await screenshot(page, `approvals/failed-${database}-${name}`).catch(() => {});
        }
        await Promise.allSettled([desk.close(), phone.close()]);
        await portal.stop().catch(() => {});
        throw error;
      } finally {
        await files.remove();
      }
    });
  }
}

async function approval(scene) {
  const { portal, office, mobile } = scene;
  const look = async (page, name) => {
    if (scene.scripts) await inspect(page, `approvals/${name}`);
  };
  await staff.signIn(office, OWNER);
  await staff.addClient(office, AMINA);
  const matter = await staff.addMatter(office, MATTER);
  await staff.enableAccess(office, { invite: true });

  // The client comes in, and there is nothing to answer.
  const invitation = await portal.mail.next({ to: AMINA.email, subject: /invites you/ });
  await client.enter(mobile, signInLink(invitation), signInCode(invitation));
  await client.tab(mobile, "Approvals");
  await mobile.getByRole("heading", { name: "Nothing to answer" }).waitFor();
  await look(mobile, "client-list-empty");

  await asksForADraft(scene, look);
  await opensItOnThePhone(scene, look);
  // A checkpoint that an outsider keeps from now on.
  const kept = await checkpoint(office);
  await look(office, "staff-checkpoint");
  await replacesADocument(scene, matter, look);
  await isRefusedAndApprovesTheNewOne(scene, look);
  const proof = await takesTheProofAlong(scene, look);
  await answersFiveAtOnce(scene, matter, look);
  await findsOneInTheHistory(scene, look);
  await staffSeeTheEvidence(scene, matter, proof, look);
  await anOutsiderChecksTheTrail(scene, proof, kept);
}

/** The client's box among those who may be asked. */
const asked = (office) => office.getByRole("group", { name: "Who has to answer" }).getByLabel("Amina Haddad");

async function asksForADraft({ portal, office }, look) {
  await staff.tab(office, "Documents");
  await office.getByText("Add files", { exact: true }).first().click();
  await office.getByLabel("Who may see them, beside staff").selectOption("client");
  await office.getByLabel("Which client they belong to").selectOption({ label: "Amina Haddad" });
  await office.getByLabel("Files").setInputFiles([pdf("statement.pdf"), pdf("annex.pdf")]);
  await office.getByRole("button", { name: "Add files" }).click();
  await office.getByRole("link", { name: "statement.pdf", exact: true }).waitFor();
  await staff.tab(office, "Approvals");
  await look(office, "staff-matter-empty");
  // From the document's page: it is chosen, and the only person who can be asked.
  await staff.tab(office, "Documents");
  await office.getByRole("link", { name: "statement.pdf", exact: true }).click();
  await look(office, "staff-document");
  await office.getByRole("link", { name: "Ask for approval" }).click();
  assert.ok(await office.getByLabel("statement.pdf").isChecked());
  assert.ok(!(await office.getByLabel("annex.pdf").isChecked()));
  assert.ok(await asked(office).isChecked());
  await office.getByRole("button", { name: "Ask", exact: true }).click();
  await office.getByText("Please fill this in.").first().waitFor();
  await look(office, "staff-ask-error");
  await office.getByLabel("What is it?").selectOption("statement");
  await office.getByLabel("The question, in one line").fill(TITLE);
  await office.getByLabel("What it is about, and what the answer means").fill("Please read both.\nIs everything right?");
  assert.ok(await office.getByLabel("statement.pdf").isChecked(), "what is wrong is mended with the rest kept");
  await office.getByLabel("annex.pdf").check();
  await look(office, "staff-ask");
  await office.getByRole("button", { name: "Ask", exact: true }).click();
  await office.getByRole("heading", { level: 1, name: TITLE }).waitFor();
  await look(office, "staff-open");
  await portal.mail.next({ to: AMINA.email, subject: /asks for your approval/ });
}

/** It comes first on the home page, with its documents beside it. */
async function opensItOnThePhone({ mobile }, look) {
  await client.tab(mobile, "Home");
  await look(mobile, "client-home");
  await mobile.getByRole("link", { name: new RegExp(TITLE) }).click();
  await mobile.getByRole("heading", { level: 1, name: TITLE }).waitFor();
  await look(mobile, "client-approval");
  for (const name of ["statement.pdf", "annex.pdf"]) {
    const link = mobile.getByRole("link", { name: `Download ${name}` });
    const file = await mobile.request.get(await link.getAttribute("href"));
    assert.equal(file.status(), 200, name);
    assert.deepEqual(await file.body(), pdf(name).buffer);
  }
}

async function replacesADocument({ portal, office }, matter, look) {
  await office.goto(`${matter}/documents`);
  await office.getByRole("link", { name: "statement.pdf", exact: true }).click();
  await office.getByText("Add a new version").click();
  await look(office, "staff-new-version");
  await office.getByLabel("File", { exact: true }).setInputFiles(pdf("statement.pdf", "the third draft"));
  await office.getByRole("button", { name: "Add this version" }).click();
  await portal.mail.next({ to: AMINA.email, subject: /^Changed, please look again/ });
}

/** The page on the phone is old: it approves nothing, says why, and leads on. */
async function isRefusedAndApprovesTheNewOne({ mobile }, look) {
  await mobile.getByLabel("Comment").fill(COMMENT);
  await mobile.getByRole("button", { name: "Approve" }).click();
  const refused = mobile.getByRole("alert");
  await refused.getByText("Your answer was not taken").waitFor();
  await refused.getByText("We have replaced what you were looking at").waitFor();
  await look(mobile, "client-refused");
  await refused.getByRole("link", { name: "Look at the new version" }).click();
  await mobile.getByText("Version 2").waitFor();
  await mobile.getByLabel("Comment").fill(COMMENT);
  await mobile.getByRole("button", { name: "Approve" }).click();
  await mobile.getByText("You approved this").waitFor();
  await look(mobile, "client-answered");
  await mobile.reload();
  assert.equal(await mobile.getByRole("button", { name: "Approve" }).count(), 0, "it is answered once");
}

/** Where the client's and the staff's certificate are kept. */
const certificates = (directory) => ["certificate.pdf", "staff.pdf"].map((name) => path.join(directory, name));

/** Follows a link to a file and keeps it. */
async function keeps(page, link, file) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
  await download.saveAs(file);
}

/** What is kept about the answer: the certificate, and a page and a file; answers what the file says. */
async function takesTheProofAlong({ mobile, directory }, look) {
  await keeps(mobile, "Download certificate", certificates(directory)[0]);
  await mobile.getByRole("link", { name: "What is kept about it" }).click();
  await mobile.getByRole("heading", { level: 1, name: "What is kept about your answer" }).waitFor();
  await mobile.getByText(COMMENT).waitFor();
  await mobile.getByText("127.0.0.1").first().waitFor();
  await mobile.getByText("All of it, byte for byte").click();
  await look(mobile, "client-evidence");
  const [download] = await Promise.all([
    mobile.waitForEvent("download"),
    mobile.getByRole("link", { name: "Download all of it" }).click(),
  ]);
  const file = JSON.parse(await readFile(await download.path(), "utf8"));
  const [proof] = file.items;
  assert.equal(proof.comment, COMMENT);
  await mobile.getByText(proof.shown.sha256).waitFor();
  await mobile.getByText(proof.canonical.sha256).waitFor();
  return proof;
}

async function answersFiveAtOnce({ portal, office, mobile }, matter, look) {
  for (const title of FIVE) {
    await office.goto(`${matter}/approvals/new`);
    await office.getByLabel("What is it?").selectOption("time-entry");
    await office.getByLabel("The question, in one line").fill(title);
    await asked(office).check();
    await office.getByRole("button", { name: "Ask", exact: true }).click();
    await office.getByRole("heading", { level: 1, name: title }).waitFor();
    await portal.mail.next({ to: AMINA.email, subject: /asks for your approval/ });
  }
  await client.tab(mobile, "Approvals");
  await mobile.getByText("Answer several at once").click();
  await mobile.getByRole("button", { name: "Approve these" }).click();
  await mobile.getByText("Choose which ones you answer.").first().waitFor();
  await look(mobile, "client-several-none-chosen");
  for (const title of FIVE) await mobile.getByLabel(title).check();
  await mobile.getByLabel("Comment for all of them").fill("All five are right.");
  await look(mobile, "client-several");
  await mobile.getByRole("button", { name: "Approve these" }).click();
  await mobile.getByText("You approved 5 of them.").waitFor();
  await mobile.getByRole("heading", { name: "Nothing to answer" }).waitFor();
  await look(mobile, "client-list-answered");
}

async function findsOneInTheHistory({ mobile }, look) {
  const search = async (words) => {
    await mobile.getByLabel("Search", { exact: true }).fill(words);
    await mobile.getByRole("button", { name: "Search" }).click();
  };
  await search("no such thing");
  await mobile.getByRole("heading", { name: "Nothing found" }).waitFor();
  await search("march HOURS");
  const found = mobile.getByRole("region", { name: "Answered, and over" }).getByRole("listitem");
  await found.filter({ hasText: "Hours worked in March" }).getByText("You approved").waitFor();
  assert.equal(await found.count(), 1, "and nothing else");
  await look(mobile, "client-history");
  await found.getByRole("link", { name: /Hours worked in March/ }).click();
  await mobile.getByText("All five are right.").waitFor();
}

async function staffSeeTheEvidence({ office, directory }, matter, proof, look) {
  await staff.go(office, "Approvals");
  await look(office, "staff-queue-empty");
  await office.getByRole("navigation", { name: "By state" }).getByRole("link", { name: "Approved" }).click();
  for (const title of [TITLE, ...FIVE]) await office.getByRole("link", { name: title }).waitFor();
  await look(office, "staff-queue");
  await office.getByLabel("Search", { exact: true }).first().fill("statement second");
  await office.getByRole("button", { name: "Filter" }).click();
  await office.getByRole("link", { name: TITLE }).click();
  await office.getByText(COMMENT).waitFor();
  await look(office, "staff-answered");
  await office.getByRole("link", { name: "Evidence" }).click();
  await office.getByRole("heading", { level: 2, name: "Amina Haddad approved" }).waitFor();
  await office.getByText(COMMENT).waitFor();
  await office.getByText(proof.canonical.sha256).waitFor();
  await look(office, "staff-evidence");
  const [theirs, ours] = certificates(directory);
  await keeps(office, /^Download certificate/, ours);
  assert.deepEqual(await readFile(ours), await readFile(theirs), "the same bytes, whoever asks and when");
  // The same as JSON, with the cookie of the page: the bytes have the hashes that both pages say.
  const json = await office.request.get(await office.getByRole("link", { name: "As JSON" }).getAttribute("href"));
  assert.equal(json.status(), 200);
  assert.deepEqual((await json.json()).items, [proof]);
  for (const part of [proof.shown, proof.canonical]) {
    const hash = createHash("sha256").update(Buffer.from(part.bytes, "base64")).digest("hex");
    assert.equal(hash, part.sha256);
  }
  assert.deepEqual(
    proof.shown.content.documents.map(({ name, number }) => [name, number]),
    [["statement.pdf", 2], ["annex.pdf", 1]],
  );
  await office.goto(`${matter}/activity`);
  await office.getByText(`approved ${TITLE}`).waitFor();
  await office.goto(`${matter}/approvals`);
  await look(office, "staff-matter");
}

/** The page of the newest checkpoint: the signed note and the public key. */
async function checkpoint(office) {
  await eventually("a checkpoint", async () => {
    await office.goto("/staff/audit/checkpoint");
    return office.getByRole("region", { name: "The signed checkpoint" }).isVisible();
  });
  return {
    note: await office.getByRole("region", { name: "The signed checkpoint" }).textContent(),
    key: await office.getByRole("region", { name: /^A public key/ }).first().textContent(),
  };
}

/** The export, verified without the server, against a checkpoint that was kept; then with one byte changed. */
async function anOutsiderChecksTheTrail({ office, directory }, proof, kept) {
  const [exported, changed, older] = ["audit.jsonl", "changed.jsonl", "old.checkpoint"].map((name) => path.join(directory, name));
  await writeFile(older, kept.note);
  const verify = (file) => run(binary(), ["verify-audit", file, "--key", kept.key, "--checkpoint", older]);
  // Sealing takes a second or so: until the answer's own entry is in it.
  const position = await eventually("the answer's entry in the export", async () => {
    await office.goto("/staff/audit");
    const link = office.getByRole("link", { name: "Export" });
    const [download] = await Promise.all([office.waitForEvent("download"), link.click()]);
    await download.saveAs(exported);
    const lines = (await readFile(exported, "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
    const entry = lines.find(({ fields }) => fields?.id === proof.audit.entry_id);
    if (!entry) return undefined;
    const fact = (name) => entry.personal.find((it) => it.name === name)?.value;
    assert.equal(fact("detail.evidence"), JSON.stringify(proof.canonical.sha256));
    assert.equal(fact("detail.sha256"), JSON.stringify(proof.shown.sha256));
    return entry;
  });
  const [certificate] = certificates(directory);
  const proven = await run(binary(), ["verify-audit", certificate, "--key", kept.key]);
  assert.match(proven, new RegExp(`^verified: "Amina Haddad" approved "${TITLE}"`));
  assert.match(proven, /pages: they say just this/);
  const forged = await readFile(certificate);
  const hash = forged.indexOf(proof.shown.sha256);
  forged[hash] = forged[hash] === 0x30 ? 0x31 : 0x30;
  await writeFile(changed, forged);
  await assert.rejects(run(binary(), ["verify-audit", changed, "--key", kept.key]), /NOT VERIFIED/);

  const said = await verify(exported);
  assert.match(said, /^verified: \d+ entries/);
  assert.match(said, /consistent with 1 older checkpoint/);

  const bytes = await readFile(exported);
  // One byte of the hash of the evidence.
  const at = bytes.indexOf(proof.canonical.sha256);
  bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30;
  await writeFile(changed, bytes);
  await assert.rejects(verify(changed), (error) => {
    assert.match(error.message, /NOT VERIFIED/);
    assert.match(error.message, new RegExp(`line ${position.line}, entry ${position.position}: the entry was changed`));
    return true;
  });
}
