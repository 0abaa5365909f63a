// What a staff member does in the portal, found by roles and labels as a person finds it.
import assert from "node:assert/strict";

/** Opens the staff's door and signs in. */
export async function signIn(page, { email, password }) {
  await page.goto("/staff");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main", exact: true }).waitFor();
}

/** Leads to a place of the main navigation. */
export async function go(page, place) {
  await page.getByRole("navigation", { name: "Main", exact: true }).getByRole("link", { name: place }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** Leads to a tab of the matter that is open. */
export async function tab(page, name) {
  const tabs = page.getByRole("navigation", { name: "Matter", exact: true });
  await tabs.getByRole("link", { name: new RegExp(`^${name}`) }).click();
  await tabs.locator("[aria-current=page]", { hasText: name }).waitFor();
}

/** Adds a client; ends on their page. */
export async function addClient(page, { givenNames, familyName, email, phone = "" }) {
  await go(page, "Clients");
  await page.getByRole("link", { name: /^(New client|Add a client)$/ }).first().click();
  await page.getByLabel("Given names").fill(givenNames);
  await page.getByLabel("Family name").fill(familyName);
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Phone").fill(phone);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: new RegExp(familyName) }).waitFor();
}

/** Adds a matter for the client with this email address; ends on its overview and answers its address. */
export async function addMatter(page, { client, reference, title }) {
  await go(page, "Matters");
  await page.getByRole("link", { name: /^(New matter|Add a matter)$/ }).first().click();
  await page.getByLabel("Client", { exact: true }).fill(client);
  await page.getByLabel("Reference", { exact: true }).fill(reference);
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  return page.url();
}

/** Makes a checklist template of `items`, `{title, group, help, wanted}`, of which the first stands on its form already. */
export async function addTemplate(page, name, items) {
  await go(page, "Checklist templates");
  await page.getByRole("link", { name: /^(New template|Add a template)$/ }).first().click();
  await page.getByLabel("Name").fill(name);
  for (const { title, group, help, wanted = 1 } of items) {
    await page.getByLabel("What", { exact: true }).fill(title);
    await page.getByLabel("Group").fill(group);
    await page.getByLabel("Why it is asked").fill(help);
    await page.getByLabel("Files at least").fill(String(wanted));
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("listitem").filter({ hasText: title }).first().waitFor();
  }
}

/** Applies a template to the matter that is open. */
export async function applyTemplate(page, template, client) {
  await tab(page, "Checklist");
  const form = page.getByRole("form", { name: "Apply a template" });
  await form.getByLabel("Template").selectOption({ label: template });
  await form.getByLabel("For").selectOption({ label: client });
  await form.getByRole("button", { name: "Apply" }).click();
}

/** Opens the portal to the client of the matter that is open, with an invitation by mail or without; answers its address. */
export async function enableAccess(page, { invite = false } = {}) {
  await tab(page, "Portal access");
  await page.getByRole("button", { name: invite ? "Enable and invite" : "Enable without mail" }).click();
  const url = await page.locator(".copy .url").textContent();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/p\/[\w-]+$/);
  return url;
}

/** Takes the client's access away; answers as soon as the portal has said that it is done. */
export async function revokeAccess(page) {
  await tab(page, "Portal access");
  await page.getByText("Revoke access").first().click();
  await page.getByRole("button", { name: "Revoke access" }).click();
  await page.getByText("Restore access").first().waitFor();
}

/** Opens one request of the matter that is open, to decide about what was sent. */
export async function openRequest(page, title) {
  await tab(page, "Checklist");
  await page.getByRole("link", { name: new RegExp(title) }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** Opens a file of the request that is open. */
export async function openFile(page, name) {
  await page.getByRole("region", { name: /^Provided/ }).getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

/** Returns the file or request that is open. */
export async function returnWith(page, reason) {
  await page.getByLabel("Or in your own words").fill(reason);
  await page.getByRole("button", { name: "Return with this reason" }).click();
  await page.getByText(reason).first().waitFor();
}

/** Accepts the request that is open, with every file that waits for review. */
export async function accept(page) {
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  await page.getByText("is accepted").waitFor();
}
