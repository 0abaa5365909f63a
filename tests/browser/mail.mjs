// A real SMTP server (aiosmtpd) that keeps what it is given, and a reader for it.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import PostalMime from "postal-mime";
import { existing, target } from "./paths.mjs";
import { eventually, freePort, start, stop } from "./process.mjs";

function greets(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (yes) => (socket.destroy(), resolve(yes));
    socket.once("data", (bytes) => answer(bytes.toString().startsWith("220")));
    socket.once("error", () => answer(false));
  });
}

/** One message as its reader sees it; `raw` is what came over the wire. */
async function parse(raw) {
  const message = await PostalMime.parse(raw);
  const header = (name) => message.headers.find(({ key }) => key === name.toLowerCase())?.value;
  return {
    from: message.from,
    to: message.to?.map(({ address }) => address) ?? [],
    subject: message.subject,
    text: message.text,
    html: message.html,
    messageId: message.messageId,
    header,
    raw: raw.toString("utf8"),
  };
}

/** All addresses of the web in a message's text part, in order. */
export function links(mail) {
  return [...mail.text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([link]) => link);
}

/** The sign-in link of a message; fails when there is none, or two that differ. */
export function signInLink(mail) {
  const found = new Set(links(mail).filter((link) => new URL(link).pathname.startsWith("/p/sign-in/")));
  if (found.size !== 1) throw new Error(`${found.size} sign-in links in "${mail.subject}":\n${mail.text}`);
  return [...found][0];
}

/** The short code of a sign-in mail, without the space between its groups. */
export function signInCode(mail) {
  const found = /\b(\d{4}) ?(\d{4})\b/.exec(mail.text);
  if (!found) throw new Error(`no code in "${mail.subject}":\n${mail.text}`);
  return found[1] + found[2];
}

/** When a message was put in its mailbox, in microseconds: its file's name begins `SECONDS.MMICROSECONDS`. */
function arrival(name) {
  const [, seconds, microseconds] = /^(\d+)\.M(\d+)/.exec(name);
  return Number(seconds) * 1e6 + Number(microseconds);
}

/** Starts the server. `next({to, subject})` waits for a message that was not handed out before. */
export async function startMailServer() {
  const directory = await mkdtemp(path.join(tmpdir(), "portal-mail-"));
  const mailbox = path.join(directory, "box");
  const port = await freePort();
  const python = existing(
    [process.env.PORTAL_TEST_PYTHON, path.join(target, "test-venv", "bin", "python")],
    "run scripts/install-tools",
  );
  const child = start(python, [
    ...["-m", "aiosmtpd", "--nosetuid", "--listen", `127.0.0.1:${port}`],
    ...["--class", "aiosmtpd.handlers.Mailbox", mailbox],
  ]);
  await eventually("a greeting from the SMTP server", () => {
    if (child.exitCode !== null) throw new Error(`aiosmtpd ended with ${child.exitCode}:\n${child.output}`);
    return greets(port);
  });

  const read = new Map();
  const taken = new Set();
  /** Every message so far, oldest first. */
  async function all() {
    const folder = path.join(mailbox, "new");
    // The folder appears with the first message.
    const names = await readdir(folder).catch(() => []);
    for (const name of names.sort((one, other) => arrival(one) - arrival(other))) {
      if (!read.has(name)) read.set(name, await parse(await readFile(path.join(folder, name))));
    }
    return [...read.entries()].map(([name, mail]) => ({ name, ...mail }));
  }
  async function next({ to, subject = /(?:)/ }) {
    const mail = await eventually(
      `a new message to ${to} with a subject like ${subject}`,
      async () =>
        (await all()).find((mail) => !taken.has(mail.name) && mail.to.includes(to) && subject.test(mail.subject)),
      { within: 20_000 },
    ).catch(async (error) => {
      const seen = (await all()).map((mail) => `  ${mail.to}: ${mail.subject}`).join("\n");
      throw new Error(`${error.message}; received so far:\n${seen}`);
    });
    taken.add(mail.name);
    return mail;
  }
  return {
    host: "127.0.0.1",
    port,
    all,
    next,
    async stop() {
      await stop(child);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
