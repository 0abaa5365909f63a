// Where things are, seen from this folder.
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import path from "node:path";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export const target = path.resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

export const screenshots = path.join(target, "screenshots");

/** The first of `candidates` that exists; `hint` says what to do when none does. */
export function existing(candidates, hint) {
  const found = candidates.find((candidate) => candidate && existsSync(candidate));
  if (!found) throw new Error(`none of ${candidates.filter(Boolean).join(", ")} exists: ${hint}`);
  return found;
}
