// The public site as readers meet it: every kind of page, phone and desk, light and dark.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

import { startServer } from "./server.mjs";

const artifacts = resolve(import.meta.dirname, "..", "artifacts");
const widths = [320, 375, 1280];
let server;
let browser;
let pages;

before(async () => {
  mkdirSync(artifacts, { recursive: true });
  server = await startServer();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  pages = await findPages();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** One address of every kind of page, found by following the site's own links. */
async function findPages() {
  const page = await browser.newPage();
  await page.goto(server.url);
  const found = { home: "/", second: "/page/2", search: "/search?q=markup", nothing: "/search?q=zzzzqqqq", missing: "/no-such-page" };
  const sitemap = await (await fetch(`${server.url}/sitemap-posts.xml`)).text();
  const posts = [...sitemap.matchAll(/<loc>([^<]+)<\/loc>/g)].map((match) => new URL(match[1]).pathname);
  assert.ok(posts.length > 20, "the imported posts are in the sitemap");
  found.post = posts.find((path) => path.includes("markup-html-tags")) ?? posts[0];
  found.gallery = posts.find((path) => path.includes("gallery")) ?? posts[1];
  found.longTitle = posts.find((path) => path.includes("antidisestablishmentarianism")) ?? posts[2];
  await page.goto(server.url + found.post);
  for (const kind of ["category", "tag", "author"]) {
    found[kind] = await page.locator(`a[href*="/${kind}/"]`).first().getAttribute("href");
  }
  const pagesSitemap = await (await fetch(`${server.url}/sitemap-pages.xml`)).text();
  found.page = new URL(pagesSitemap.match(/<loc>([^<]+)<\/loc>/)[1]).pathname;
  await page.close();
  return found;
}

async function open(address, { width = 1280, colorScheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    // Imported pictures still live at their source; the theme itself must ask nobody else.
    if (url.origin !== server.url && request.resourceType() !== "image" && request.resourceType() !== "media" && request.frame() === page.mainFrame()) problems.push(`asks ${url.origin}`);
  });
  await context.route((url) => url.origin !== server.url, (route) => route.abort());
  const response = await page.goto(new URL(address, server.url).href, { waitUntil: "load" });
  return { page, response, problems: problems.filter((text) => !text.includes("net::ERR_FAILED")), close: () => context.close() };
}

describe("every kind of page", () => {
  for (const kind of ["home", "second", "post", "gallery", "longTitle", "page", "category", "tag", "author", "search", "nothing", "missing"]) {
    test(`${kind} is accessible, quiet and fits the screen`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        for (const width of widths) {
          const { page, response, problems, close } = await open(pages[kind], { width, colorScheme });
          assert.equal(response.status(), kind === "missing" ? 404 : 200);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(overflow <= 0, `${kind} at ${width} px overflows by ${overflow} px`);
          if (width !== 320) {
            const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).exclude("iframe").analyze();
            assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${kind} at ${width} px, ${colorScheme}`);
            await page.screenshot({ path: join(artifacts, `${kind}-${width}-${colorScheme}.png`) });
          }
          const expected = kind === "missing" ? (text) => !text.includes("404") : () => true;
          assert.deepEqual(problems.filter(expected), []);
          await close();
        }
      }
    });
  }
});

test("a reader finds their way with the keyboard alone", async () => {
  const { page, close } = await open("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main", "the first stop is the skip link");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#main$/);
  await close();
});

test("nothing on the site needs a script", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  assert.equal(await page.locator("script:not([type='application/ld+json'])").count(), 0);
  await page.getByRole("link", { name: "Search" }).first().click();
  await page.locator("input[name=q]").first().fill("template");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/search\?q=template/);
  assert.ok((await page.locator("main a").count()) > 0, "the search finds something");
  await context.close();
});

test("a page says who it is to machines", async () => {
  const { page, close } = await open(pages.post);
  const head = await page.evaluate(() => ({
    canonical: document.querySelector("link[rel=canonical]")?.href,
    title: document.querySelector("meta[property='og:title']")?.content,
    data: [...document.querySelectorAll("script[type='application/ld+json']")].map((script) => JSON.parse(script.textContent)),
    headings: document.querySelectorAll("h1").length,
    language: document.documentElement.lang,
  }));
  assert.equal(head.canonical, server.url + pages.post);
  assert.ok(head.title);
  assert.ok(JSON.stringify(head.data).includes("BlogPosting"));
  assert.equal(head.headings, 1);
  assert.equal(head.language, "en");
  await close();
});

test("the setup and marketplace pages are accessible", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, response, close } = await open("/marketplace", { colorScheme });
    assert.equal(response.status(), 200);
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    await page.screenshot({ path: join(artifacts, `marketplace-${colorScheme}.png`) });
    await close();
  }
});
