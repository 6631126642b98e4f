// A real server over a fresh data directory that holds the imported WordPress test data.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const here = resolve(import.meta.dirname, "..", "..");
const binary = process.env.EMDASH ?? join(here, "target/debug/emdash");
const wordpressExport = join(here, "fixtures/import/themeunittestdata.wordpress.xml");

/** Starts a server with content and answers its address and the administrator's token. */
export async function startServer() {
  if (!existsSync(binary)) throw new Error(`${binary} is missing: run cargo build --package emdash first`);
  const data = mkdtempSync(join(tmpdir(), "emdash-e2e-"));
  const run = (...words) => JSON.parse(execFileSync(binary, [...words, "--data", data, "--json"], { encoding: "utf8", maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "inherit"] }));
  const { token } = run("init", "--title", "Theme Unit Test", "--email", "owner@example.com");
  const report = run("import", "wordpress", wordpressExport);
  const server = spawn(binary, ["serve", "--data", data, "--listen", "127.0.0.1:0", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const line = await firstLine(server);
  return { url: JSON.parse(line).site, token, report, stop: () => stop(server, data) };
}

function firstLine(server) {
  return new Promise((answer, fail) => {
    createInterface({ input: server.stdout }).once("line", answer);
    server.once("exit", (code) => fail(new Error(`the server ended with ${code} before it listened`)));
  });
}

function stop(server, data) {
  return new Promise((stopped) => {
    server.removeAllListeners("exit");
    server.once("exit", () => {
      rmSync(data, { recursive: true, force: true });
      stopped();
    });
    server.kill("SIGTERM");
  });
}
