// A whole installation: a database, a real mail server, and the portal serving an empty practice with one owner.
import { writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { startMailServer } from "./mail.mjs";
import { createDatabase } from "./postgres.mjs";
import { command, dataDirectory, startServer } from "./server.mjs";

export const DATABASES = ["SQLite", "PostgreSQL"];

export const OWNER = { name: "Sam Keller", email: "sam@harbour.test", password: "correct horse battery staple" };

/** Starts one on `database`; `stop()` ends all of it, and fails when the server did not end cleanly. */
export async function install(database) {
  const data = await dataDirectory();
  const mail = await startMailServer();
  const stopMail = async () => {
    await mail.stop();
    await data.remove();
  };
  try {
    const url = database === "SQLite" ? `sqlite:${path.join(data.directory, "portal.db")}` : await createDatabase();
    const config = path.join(data.directory, "portal.toml");
    await writeFile(
      config,
      `[server]
listen = "127.0.0.1:0"
data_dir = "${data.directory}"
production = false

[database]
url = "${url}"

[smtp]
url = "smtp://${mail.host}:${mail.port}"
from = "portal@harbour.test"

[secrets]
master_key = "${randomBytes(32).toString("hex")}"
`,
    );
    await command(["migrate", "--config", config]);
    const owner = ["--name", OWNER.name, "--email", OWNER.email, "--password-stdin"];
    await command(["create-owner", "--config", config, "--practice", "Harbour Migration", ...owner], { input: OWNER.password });
    let server = await startServer(["serve", "--config", config]);
    return {
      get origin() {
        return server.url;
      },
      get pid() {
        return server.pid;
      },
      blobs: path.join(data.directory, "blobs"),
      mail,
      log: () => server.log(),
      /** Runs one of the binary's commands on the same data; answers its output. */
      run: (args) => command([...args, "--config", config]),
      /** Kills the server and starts it again on the same data, at another port. */
      async killAndStart() {
        await server.kill();
        server = await startServer(["serve", "--config", config]);
      },
      async stop() {
        try {
          await server.stop();
        } finally {
          await stopMail();
        }
      },
    };
  } catch (error) {
    await stopMail();
    throw error;
  }
}
