// SPDX-License-Identifier: GPL-2.0-or-later
// Usage: node test.mjs INDEX.HTML CHROMIUM SCREENSHOTS. The report in a real browser.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const [page_path, chromium_path, screenshots] = process.argv.slice(2);
const {chromium} = createRequire(pathToFileURL(process.cwd() + "/"))("playwright-core");
const browser = await chromium.launch({executablePath: chromium_path, args: ["--no-sandbox"]});
let failed = 0, count = 0;

async function check(name, body, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, offline: true, ...options});
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) problems.push(message.text()); });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith("file:")) problems.push(`request ${request.url()}`); });
  count++;
  try {
    await page.goto(pathToFileURL(page_path).href);
    await body(page);
    assert.deepEqual(problems, [], "console errors, page errors or requests");
    console.log(`ok ${count} ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${count} ${name}\n# ${String(error.stack).replaceAll("\n", "\n# ")}`);
  }
  await context.close();
}

await check("matrix", async (page) => {
  assert.equal(await page.title(), "vifarm 20260102-030405-aaaa");
  assert.deepEqual(await page.locator("#matrix-table tbody th").allTextContents(),
    ["hppa/default", "mips64/default", "sparc64/default", "x86_64/default"]);
  assert.deepEqual(await page.locator("#matrix-table button").allTextContents(),
    ["PASS", "FAIL", "FAIL", "PASS ~", "MISS", "SKIP"]);
  assert.equal(await page.locator("#run-status").textContent(), "FAIL");
});

await check("a cell leads to the test and its evidence", async (page) => {
  await page.getByRole("button", {name: "hppa/default vflush: FAIL"}).click();
  const test = page.locator("details.test[open]");
  assert.equal(await test.count(), 1);
  await test.getByText("Attempt 2:").waitFor();
  const text = await test.textContent();
  assert.match(text, /vpeirq drivers\/media\/pci\/ttpci\/budget-core\.c:198/);
  assert.match(text, /0x80001000 colour 3 \/ colour 5/);
  assert.match(text, /qemu-system-test -append 'console=ttyS0 a=b'/);
});

await check("hazards of all tests", async (page) => {
  const last = page.locator("#hazard-table tbody tr").last();
  assert.equal(await page.locator("#hazard-table tbody tr").count(), 9);
  assert.equal(await page.locator("#hazard-table tbody tr td.number").first().textContent(), "110");
  assert.equal(await last.textContent(), "hppa/default/vflush/full4 hazards that happened less often");
  assert.deepEqual(await page.locator("#matrix-table thead th").allTextContents(), ["", "boot", "vflush"]);
  await last.locator("a").click();
  await page.locator("details.test[open]").getByText("Attempt 1:").waitFor();
});

await check("hazards that decide nothing are folded", async (page) => {
  const others = page.locator("#hazards details.others");
  assert.equal(await others.evaluate((d) => d.open), false);
  assert.equal(await others.locator("summary").textContent(),
    "P-armed purged store, harmless: nobody has read its bytes since (60 hazards, 1 place)");
  assert.deepEqual(await others.locator("tbody td").allTextContents(),
    ["blast <b>r4kcache.h</b>:313called from sync noncoherent.c:65", "a", "1", "60", "120", "3840"]);
  await page.getByRole("button", {name: "hppa/default boot: PASS"}).click();
  const row = page.locator("details.test[open] details.others tbody tr");
  await row.waitFor({state: "attached"});
  assert.equal(await row.count(), 1);
});

await check("filters", async (page) => {
  const visible = () => page.locator("details.test:not([hidden])").count();
  assert.equal(await visible(), 6);
  await page.locator("#show-PASS").uncheck();
  assert.equal(await visible(), 4);
  await page.locator("#search").fill("panic");
  assert.equal(await visible(), 1);
  assert.equal(await page.locator("#shown").textContent(), "1 of 6 tests");
  await page.keyboard.press("Enter");
  await page.locator("#search").fill("");
  await page.locator("#show-PASS").check();
  assert.equal(await visible(), 6);
});

await check("hostile console bytes stay text", async (page) => {
  await page.getByRole("button", {name: "mips64/default boot: FAIL"}).click();
  const view = page.locator("details.test[open] .console");
  await view.waitFor();
  const text = await view.textContent();
  assert.ok(text.includes('</script><script>document.title = "owned"</script>'));
  assert.ok(text.includes("\\x1b[31mred") && text.includes("\\xff\\xfe {{SCRIPT}}"));
  assert.equal(await page.locator("details.test img, details.test script, details.test b").count(), 0);
  assert.match(await page.title(), /^vifarm /);
  assert.match(await page.locator("details.test[open] summary").textContent(), /<script>alert\(1\)<\/script>/);
});

await check("jump to the splat", async (page) => {
  await page.getByRole("button", {name: "mips64/default boot: FAIL"}).click();
  await page.getByRole("button", {name: "jump to the splat"}).click();
  const splat = page.locator("details.test[open] .splat");
  assert.equal(await splat.textContent(), "Kernel panic - not syncing: <b>hostile</b>");
  await page.waitForFunction(() => {
    const r = document.querySelector(".splat").getBoundingClientRect();
    return r.top >= 0 && r.bottom <= innerHeight;
  });
});

await check("timeline and trends", async (page) => {
  assert.equal(await page.locator("#gantt .gantt-bar").count(), 10);
  assert.equal(await page.locator("#charts .uplot canvas").count(), 2);
  assert.equal(await page.locator("#trend-table tbody tr").count(), 6);
});

await check("copy", async (page) => {
  await page.getByRole("button", {name: "hppa/default boot: PASS"}).click();
  const button = page.getByRole("button", {name: "Copy the command"});
  await button.click();
  await page.waitForFunction((b) => ["copied", "selected"].includes(b.textContent), await button.elementHandle());
});

await check("a link opens its test", async (page) => {
  await page.goto(pathToFileURL(page_path).href + "#test-8");
  await page.reload();
  await page.locator("#test-8[open]").waitFor();
});

await check("keyboard alone", async (page) => {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.locator("#matrix-table button").first().focus();
  await page.keyboard.press("Enter");
  await page.locator("details.test[open]").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
});

await check("dark and light", async (page) => {
  const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await back(), "rgb(255, 255, 255)");
  await page.locator("#theme").click();
  assert.equal(await back(), "rgb(13, 17, 23)");
  await page.screenshot({path: `${screenshots}/report-dark.png`});
}, {colorScheme: "light"});

await check("a dark system gets a dark page", async (page) => {
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(13, 17, 23)");
  await page.emulateMedia({colorScheme: "light"});
  await page.screenshot({path: `${screenshots}/report-light.png`, fullPage: true});
}, {colorScheme: "dark"});

/* Names for everything that can be used, a label for each input, enough contrast of the text. */
await check("accessible", async (page) => {
  const bad = await page.evaluate(() => {
    const luminance = (c) => c.match(/[\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const back = luminance(getComputedStyle(document.body).backgroundColor);
    const contrast = (e) => { const l = luminance(getComputedStyle(e).color);
      return (Math.max(l, back) + 0.05) / (Math.min(l, back) + 0.05); };
    return [...[...document.querySelectorAll("button, a, input")].filter((e) =>
        !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length)),
      ...[...document.querySelectorAll("section > .wide th")].filter((e) => e.textContent && !e.scope),
      ...[...document.querySelectorAll(".status, a, td, p, .reason")].filter((e) => contrast(e) < 4.5)]
      .map((e) => e.outerHTML.slice(0, 120));
  });
  assert.deepEqual(bad, []);
  assert.equal(await page.getAttribute("html", "lang"), "en");
});

await check("printable", async (page) => {
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({media: "print"});
  assert.equal(await page.locator("details:not([open])").count(), 0);
  assert.equal(await page.locator("nav").isVisible(), false);
  assert.match(await page.locator("#test-list").textContent(), /Boot the same guest/);
});

await check("an experiment", async (page) => {
  assert.equal(await page.locator("#mutation").isVisible(), false);
  await page.goto(pathToFileURL(page_path.replace("index.html", "mutation.html")).href);
  const rows = (id) => page.locator(`#${id} tbody tr`).evaluateAll((all) =>
    all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(await rows("mutation-score"), [["hppa", "4", "2", "1", "1", "66 %", "0"],
    ["x86_64", "0", "0", "0", "0", "-", "1"], ["all", "4", "2", "1", "1", "66 %", "1"]]);
  assert.deepEqual((await rows("mutation-table")).map((row) => [row[0], ...row.slice(2)]), [["full+caught", "caught", "green"],
    ["full+alive", "survived", "green"], ["full+loud", "caught", "unexpected red"], ["full+own", "green", "red"],
    ["full+late", "pending", "pending"]]);
  await page.getByRole("link", {name: "unexpected red"}).click();
  await page.locator("details.test[open]").waitFor();
});

console.log(`1..${count}`);
await browser.close();
process.exit(failed ? 1 : 0);
