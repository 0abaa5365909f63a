// What a client does in the portal, found by roles and labels as a person finds it.

/** Opens the portal's address and asks for a link; ends on the page that says to look for the mail. */
export async function askForLink(page, portalUrl) {
  await page.goto(portalUrl);
  await page.getByRole("button", { name: "Email me a sign-in link" }).click();
  await page.getByRole("heading", { level: 1, name: "Check your email" }).waitFor();
}

/** Opens a sign-in link and presses the button, with the mail's code where it is asked for. */
export async function enter(page, link, code) {
  await page.goto(link);
  if (code) await page.getByLabel("8-digit code").fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("navigation", { name: "Your portal" }).waitFor();
}

/** Leads to a tab of the portal. */
export async function tab(page, name) {
  const tabs = page.getByRole("navigation", { name: "Your portal" });
  await tabs.getByRole("link", { name: new RegExp(`^${name}`) }).click();
  await tabs.locator("[aria-current=page]", { hasText: name }).waitFor();
}

/** Opens one of the things asked for. */
export async function openRequest(page, title) {
  await tab(page, "To provide");
  await page.getByRole("link", { name: new RegExp(title) }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** Sends files on the request that is open, and waits until they are listed; without scripts there is a button. */
export async function send(page, files, { scripts = true } = {}) {
  const form = page.getByRole("region", { name: /^Send/ }).getByRole("form");
  await form.getByLabel("Choose files").setInputFiles(files);
  if (!scripts) await form.getByRole("button", { name: "Send" }).click();
  for (const { name } of files) await sent(page, name).waitFor();
}

/** Puts `file` in the place of the one called `name`, which was returned. */
export async function replace(page, name, file, { scripts = true } = {}) {
  const form = page.getByRole("form", { name: `Send ${name} again` });
  await form.getByLabel("Replace this file").setInputFiles(file);
  if (!scripts) await form.getByRole("button", { name: "Send" }).click();
  await sent(page, file.name).waitFor();
}

/** A file in the list of what was sent, by the name that it has now. */
export function sent(page, name) {
  const files = page.getByRole("region", { name: /^What you sent/ }).locator(".file");
  return files.filter({ has: page.locator(".file__name", { hasText: new RegExp(`^${name.replaceAll(".", "\\.")}$`) }) });
}
