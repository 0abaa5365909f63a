// Uploads in several goes with an existing client, through a wire that is cut.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { Upload } from "tus-js-client";
import { DATABASES, install, OWNER } from "./installation.mjs";
import { eventually, run } from "./process.mjs";
import { startProxy } from "./proxy.mjs";

const MB = 1_000_000;

for (const database of DATABASES) {
  test(`uploads in several goes on ${database}`, { timeout: 600_000 }, async (context) => {
    const portal = await install(database);
    try {
      const desk = await signIn(portal);
      await desk.ask("PATCH", "practice", { settings: { upload_most_bytes: 300 * MB } });
      const matter = await desk.ask("POST", "matters", { reference: "HM-1", title: "Partner visa 820" });
      await context.test("200 MB arrive whole though the connection is cut five times", () => fiveCuts(portal, desk, matter));
      await context.test("100 MB arrive whole though the server is killed twice", () => twoKills(portal, desk, matter));
      await context.test("a full disk says so, keeps nothing half, and is used again once there is room", () =>
        fullDisk(portal, desk, matter));
    } finally {
      await portal.stop();
    }
  });
}

async function fiveCuts(portal, desk, matter) {
  const file = pdf(200 * MB);
  const cuts = [0.001, 15, 60, 130, 195].map((megabytes) => megabytes * MB);
  const proxy = await startProxy(() => portal.origin, cuts);
  try {
    await expectWhole(desk, await upload(proxy, desk, matter, file), file);
    assert.equal(proxy.cuts, 5, "cuts");
    // Between the ends of a wire that is cut some bytes are lost, and are sent again: never those before them.
    assert.ok(proxy.sent < file.length + 50 * MB, `${proxy.sent} bytes were sent for ${file.length}`);
  } finally {
    await proxy.stop();
  }
}

async function twoKills(portal, desk, matter) {
  const file = pdf(100 * MB);
  const proxy = await startProxy(() => portal.origin, [45 * MB, 100 * MB], () => portal.killAndStart());
  try {
    await expectWhole(desk, await upload(proxy, desk, matter, file), file);
    assert.equal(proxy.cuts, 2, "kills");
    // A go acknowledges itself every 32 MiB: more is never sent twice for one kill.
    assert.ok(proxy.sent < file.length + 2 * 34 * MB + 20 * MB, `${proxy.sent} bytes were sent for ${file.length}`);
  } finally {
    await proxy.stop();
  }
}

/**
 * The largest file that the server's process may write is set below what it is sent: the operating system then refuses bytes
 * in the middle of a write, as it does on a full disk.
 */
async function fullDisk(portal, desk, matter) {
  const file = pdf(60 * MB);
  const room = (bytes) => run("prlimit", ["--pid", `${portal.pid}`, `--fsize=${bytes}:unlimited`]);
  const folders = await readdir(path.join(portal.blobs, "parts"));
  const parts = path.join(portal.blobs, "parts", ...folders);
  await room(40 * MB);
  let address;
  const full = await upload(portal, desk, matter, file, {
    retryDelays: null,
    onUploadUrlAvailable() {
      address = this.url ?? address;
    },
  }).catch((error) => error);
  assert.equal(full.originalResponse?.getStatus(), 507, `${full}`);
  assert.equal(JSON.parse(full.originalResponse.getBody()).type, "/problems/storage-full");
  // What was acknowledged stays, and nothing else takes room that there is none of.
  const [part] = await readdir(parts);
  const stands = await fetch(address, { method: "HEAD", headers: { ...desk.headers, "tus-resumable": "1.0.0" } });
  const acknowledged = Number(stands.headers.get("upload-offset"));
  assert.ok(acknowledged >= 32 * 1024 * 1024 && acknowledged < 40 * MB, `${acknowledged}`);
  assert.equal((await stat(path.join(parts, part))).size, acknowledged);
  const form = new FormData();
  form.append("file", new Blob([file], { type: "application/pdf" }), "evidence.pdf");
  const sent = await fetch(`${portal.origin}/api/v1/matters/${matter.id}/documents`, {
    method: "POST",
    headers: desk.headers,
    body: form,
  });
  assert.equal(sent.status, 507);
  assert.equal((await sent.json()).type, "/problems/storage-full");
  await eventually("the broken upload's bytes are gone", async () => (await readdir(path.join(portal.blobs, "tmp"))).length === 0);
  assert.equal((await fetch(`${portal.origin}/staff/sign-in`)).status, 200, "a page");
  const small = pdf(MB);
  await expectWhole(desk, await upload(portal, desk, matter, small), small);
  await room("unlimited");
  await expectWhole(desk, await upload(portal, desk, matter, file, { uploadUrl: address }), file);
  assert.deepEqual(await readdir(parts), []);
}

/** Uploads `file` to `server` as any user of the client would; answers the document's id. */
async function upload(server, desk, matter, file, options = {}) {
  let last;
  await new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: `${server.origin}/api/v1/uploads`,
      headers: desk.headers,
      metadata: { filename: "evidence.pdf", filetype: "application/pdf", matter_id: matter.id },
      retryDelays: [0, 50, 100, 200, 400, 800, 1600],
      onAfterResponse: (_, response) => (last = response),
      onError: reject,
      onSuccess: resolve,
      ...options,
    });
    if (options.onUploadUrlAvailable) upload.options.onUploadUrlAvailable = options.onUploadUrlAvailable.bind(upload);
    upload.start();
  });
  return last.getHeader("Portal-Document-Id");
}

/** The bytes of the document `id`, downloaded, must be `file`'s. */
async function expectWhole(desk, id, file) {
  const answer = await fetch(`${desk.origin}/api/v1/documents/${id}/content`, { headers: desk.headers });
  assert.equal(answer.status, 200);
  const hash = createHash("sha256");
  for await (const bytes of answer.body) hash.update(bytes);
  const expected = createHash("sha256").update(file).digest("hex");
  assert.equal(hash.digest("hex"), expected, "the document's bytes");
  assert.equal((await desk.ask("GET", `documents/${id}`)).file.sha256, expected, "the hash on record");
}

/** Noise that calls itself a PDF. */
function pdf(size) {
  const file = randomBytes(size);
  file.write("%PDF-1.7\n");
  return file;
}

/** The owner at the API. */
async function signIn(portal) {
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${portal.origin}/api/v1/${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: body && JSON.stringify(body),
    });
    const json = await answer.json();
    assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(json)}`);
    return json;
  };
  const tokens = await call("POST", "auth/sign-in", { email: OWNER.email, password: OWNER.password });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  return {
    get origin() {
      return portal.origin;
    },
    headers,
    ask: (method, path, body) => call(method, path, body, headers),
  };
}
