// Databases of their own in the server that scripts/test starts.
import { randomUUID } from "node:crypto";
import { run } from "./process.mjs";

/** Creates an empty database; answers its URL. */
export async function createDatabase() {
  const server = process.env.PORTAL_TEST_POSTGRES;
  if (!server) throw new Error("PORTAL_TEST_POSTGRES is not set: run scripts/test, or this command through scripts/with-postgres");
  const name = `journey_${randomUUID().replaceAll("-", "")}`;
  await run("psql", ["--no-psqlrc", "--quiet", "--command", `create database ${name}`, server]);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
