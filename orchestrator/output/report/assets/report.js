"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const {results, trend, consoles, hazards: found} = data;
  const STATUSES = ["FAIL", "ERROR", "MISS", "PASS", "DONE", "SKIP"];
  const byId = (id) => document.getElementById(id);

  /* The only way to the page: text stays text. */
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onclick") element.addEventListener("click", value);
      else element.setAttribute(name, value);
    }
    for (const child of children.flat())
      if (child !== undefined && child !== null)
        element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    return element;
  }

  const statusText = (status, flaky) =>
    make("span", {class: `status ${status}`}, status + (flaky ? " ~" : ""));

  function seconds(value) {
    if (value === undefined) return "";
    if (value < 60) return `${value.toFixed(1)} s`;
    return `${Math.floor(value / 60)} min ${String(Math.round(value % 60)).padStart(2, "0")} s`;
  }

  function table(titles, rows) {
    return make("table", {}, make("thead", {}, make("tr", {}, titles.map((t) => make("th", {scope: "col"}, t)))),
      make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell) =>
        cell instanceof HTMLTableCellElement ? cell : make("td", {}, cell))))));
  }

  const unique = (values) => [...new Set(values)];

  /* Browsers give no clipboard to a file; then the text is selected instead. */
  function copyButton(text, source) {
    const button = make("button", {type: "button", "aria-label": "Copy the command"}, "copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(source);
        button.textContent = "selected";
      }
    });
    return button;
  }

  function command(text) {
    const code = make("code", {}, text);
    return make("div", {class: "repro"}, code, copyButton(text, code));
  }

  function facts() {
    const run = results.run;
    const counts = STATUSES.filter((s) => results.counts[s]).map((s) => `${results.counts[s]} ${s}`).join(", ");
    const list = [["Results", counts || "none yet"], ["Variant", run.variant], ["Source", run.source],
      ["Altered", run.altered], ["Series", run.message_id], ["Started", run.started.replace("T", " ").slice(0, 19) + " UTC"],
      ["Took", run.complete ? seconds(run.seconds) : "not complete"], ["Host", run.host],
      ["Command", run.command], ["vifarm", run.version]];
    byId("run-status").append(statusText(results.status || "", false));
    for (const [name, value] of list)
      if (value) byId("facts").append(make("dt", {}, name), make("dd", {}, value));
  }

  /* Details of a test are made when they are wanted: a run can have megabytes of console. */
  const fills = new Map();

  function openTest(id) {
    const details = byId(`test-${id}`);
    details.hidden = false;
    details.open = true;
    details.scrollIntoView({block: "start"});
    details.querySelector("summary").focus({preventScroll: true});
  }

  function matrix() {
    const variants = unique(results.tests.map((t) => t.variant));
    const name = (t) => `${t.arch}/${t.board}${variants.length > 1 ? ` ${t.variant}` : ""}`;
    /* in the order of the terminal's matrix: bytes, not words of a language */
    const columns = unique(results.tests.map((t) => t.job)).sort();
    const rows = unique(results.tests.map(name));
    const find = (row, column) => results.tests.find((t) => name(t) === row && t.job === column);
    byId("matrix-table").append(table(["", ...columns], rows.map((row) => [make("th", {scope: "row"}, row),
      ...columns.map((column) => {
        const test = find(row, column);
        return test ? make("button", {type: "button", class: `cell ${test.status}`, title: test.reason,
          "aria-label": `${row} ${column}: ${test.status}${test.flaky ? ", flaky" : ""}`,
          onclick: () => openTest(test.id)}, test.status + (test.flaky ? " ~" : "")) : "";
      })])));
  }

  /* Outcomes of mutants: the status whose colour they have. */
  const OUTCOMES = {"unexpected red": "FAIL", survived: "FAIL", "red otherwise": "FAIL", undecided: "ERROR", pending: "MISS",
    caught: "PASS", red: "DONE", green: "PASS", "same kernel": "SKIP", skipped: "SKIP"};

  /* The outcome of a mutant on an architecture, with a link to the test that decided it. */
  function outcomeOf(mutant, arch) {
    const outcome = mutant.architectures[arch];
    if (!outcome) return "";
    const cell = mutant.cells.find((c) => c.arch === arch && c.outcome === outcome);
    const text = make("span", {class: `status ${OUTCOMES[outcome]}`}, outcome);
    return cell.test ? make("a", {href: `#test-${cell.test}`, title: cell.note || cell.reason || ""}, text) : text;
  }

  function mutation() {
    if (!results.mutation) return;
    const {score, architectures, mutants} = results.mutation;
    const number = (value) => make("td", {class: "number"}, value);
    const percent = (counts) => counts.score === undefined ? "-" : `${Math.floor(100 * counts.score)} %`;
    byId("mutation").hidden = byId("mutation-link").hidden = false;
    byId("mutation-score").append(table(["", "Mutants", "Caught", "Survived", "Undecided", "Score", "Unexpected red"],
      [...architectures, {arch: "all", ...score}].map((c) => [make("th", {scope: "row"}, c.arch), number(c.expected), number(c.caught),
        number(c.survived), number(c.undecided), number(percent(c)), number(c.unexpected)])));
    byId("mutation-table").append(table(["Mutant", "What is broken", ...architectures.map((a) => a.arch)],
      mutants.map((m) => [make("th", {scope: "row"}, m.variant), m.title, ...architectures.map((a) => outcomeOf(m, a.arch))])));
  }

  const hazardText = (class_) => `${class_} ${found.words[class_]}`;
  const numberCell = (value) => make("td", {class: "number"}, value);
  const HAZARDS_SHOWN = 8;
  const HAZARD_TITLES = ["Test", "Hazard", "Window", "At", "Aliases", "Physical", "Expected / found", "Times", "Bytes"];

  /* Those that decide the verdict, the most frequent first. */
  function hazardRows(test, attempt) {
    const deciding = [...found.attempts[`${test.id}-${attempt.number}`].deciding].sort((a, b) => b.count - a.count);
    return deciding.map((h) => [
      make("a", {href: `#test-${test.id}`}, test.name), hazardText(h.class), h.window,
      [h.pc_source || h.pc || "", h.caller_source ? make("div", {class: "reason"}, `called from ${h.caller_source}`) : null,
        h.origin_source ? make("div", {class: "reason"}, `written by ${h.origin_source}`) : null],
      `${h.va || ""} colour ${h.colour} / colour ${h.other_colour}`, h.pa || "",
      h.expected === undefined ? "" : `0x${h.expected.toString(16).padStart(2, "0")} / 0x${(h.found || 0).toString(16).padStart(2, "0")}`,
      numberCell(h.count), numberCell(h.bytes)]);
  }

  const plural = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  /* Those that do not, folded below a heading for each reason; a row for each function and line. */
  function otherHazards(groups) {
    const reason = (g) => `${hazardText(g.class)}, ${g.why}`;
    return unique(groups.map(reason)).map((text) => {
      const same = groups.filter((g) => reason(g) === text);
      const kinds = same.reduce((sum, g) => sum + g.kinds, 0);
      return make("details", {class: "others"},
        make("summary", {}, `${text} (${plural(kinds, "hazard")}, ${plural(same.length, "place")})`),
        make("div", {class: "wide"}, table(["At", "Windows", "Guests", "Hazards", "Times", "Bytes"], same.map((g) => [
          [g.at || "other places", g.caller ? make("div", {class: "reason"}, `called from ${g.caller}`) : null],
          g.windows.join(", "), numberCell(g.attempts), numberCell(g.kinds), numberCell(g.count), numberCell(g.bytes)]))));
    });
  }

  /* Of a test with many hazards the first, and a link to the others. */
  function firstRows(test, rows) {
    if (rows.length <= HAZARDS_SHOWN) return rows;
    const others = `${plural(rows.length - HAZARDS_SHOWN, "hazard")} that happened less often`;
    return [...rows.slice(0, HAZARDS_SHOWN), [make("a", {href: `#test-${test.id}`}, test.name),
      make("td", {colspan: HAZARD_TITLES.length - 1}, others)]];
  }

  function hazards() {
    const rows = results.tests.flatMap((test) => test.attempts.slice(-1).flatMap((a) => firstRows(test, hazardRows(test, a))));
    byId("hazard-table").append(rows.length ? table(HAZARD_TITLES, rows) : make("p", {}, "No hazard decided a verdict."));
    byId("hazards").append(...otherHazards(found.others));
  }

  function spans() {
    const time = (text) => Date.parse(text) / 1000;
    const builds = results.builds.filter((b) => !b.cached && b.seconds).map((b) => ({name: `build ${b.arch} ${b.variant}`,
      status: b.status, start: time(b.finished) - b.seconds, end: time(b.finished)}));
    const attempts = results.tests.flatMap((t) => t.attempts.map((a) => ({name: t.name + (a.number > 1 ? ` #${a.number}` : ""),
      status: a.status, start: time(a.started), end: time(a.started) + a.seconds, id: t.id})));
    return [...builds, ...attempts].sort((a, b) => a.start - b.start);
  }

  function timeline() {
    const all = spans();
    if (!all.length) {
      byId("gantt").append(make("p", {}, "Nothing was built or booted."));
      return;
    }
    const start = Math.min(...all.map((s) => s.start));
    const length = Math.max(...all.map((s) => s.end)) - start || 1;
    byId("gantt").append(...all.map((s) => make("div", {class: "gantt-row"},
      make("span", {class: "gantt-name"}, s.id ? make("a", {href: `#test-${s.id}`}, s.name) : s.name),
      make("div", {class: "gantt-track"}, bar(s, start, length)))));
    byId("gantt").append(make("div", {class: "gantt-row"}, make("span", {}),
      make("div", {class: "axis"}, make("span", {}, "0"), make("span", {}, seconds(length / 2)), make("span", {}, seconds(length)))));
  }

  function bar(span, start, length) {
    const text = `${span.name}: ${span.status}, from ${seconds(span.start - start)}, took ${seconds(span.end - span.start)}`;
    const element = make("div", {class: `gantt-bar ${span.status}`, role: "img", title: text, "aria-label": text});
    element.style.left = `${100 * (span.start - start) / length}%`;
    element.style.width = `${100 * (span.end - span.start) / length}%`;
    return element;
  }

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name.toLowerCase()}`).trim();
  const charts = [];

  function chart(title, series, values) {
    const box = make("div", {class: "chart", role: "img", "aria-label": `${title}; the table below has the figures`});
    byId("charts").append(box);
    const axis = {stroke: () => colour("text"), grid: {stroke: () => colour("line")}, ticks: {stroke: () => colour("line")}};
    charts.push(new uPlot({title, width: Math.min(byId("charts").clientWidth || 800, 1200), height: 220,
      series: [{}, ...series], axes: [axis, axis], scales: {y: {range: (u, low, high) => [0, Math.max(high, 1)]}}},
      [trend.map((r) => Date.parse(r.started) / 1000), ...values], box));
  }

  function trends() {
    byId("trend-table").append(table(["Run", ...STATUSES, "Took"], trend.map((r) => [r.id,
      ...STATUSES.map((s) => make("td", {class: "number"}, r.counts[s] || 0)), seconds(r.seconds)])));
    if (typeof uPlot === "undefined" || trend.length < 2) {
      byId("charts").append(make("p", {}, trend.length < 2 ? "A trend needs two runs." : "No charts in this build; the figures are below."));
      return;
    }
    const present = STATUSES.filter((s) => trend.some((r) => r.counts[s]));
    chart("Tests by status", present.map((s) => ({label: s, stroke: () => colour(s), width: 2})),
      present.map((s) => trend.map((r) => r.counts[s] || 0)));
    chart("Duration in seconds", [{label: "seconds", stroke: () => colour("link"), width: 2}], [trend.map((r) => r.seconds)]);
  }

  function consoleView(test, attempt) {
    const console_ = consoles[`${test.id}-${attempt.number}`];
    if (!console_) return null;
    const splats = new Set(console_.splats.filter((l) => l >= 0));
    const view = make("pre", {class: "console", tabindex: "0", "aria-label": `Console of ${test.name}, attempt ${attempt.number}`});
    if (console_.first) view.append(make("span", {class: "omitted"}, `[${console_.first} lines before]\n`));
    console_.lines.forEach((line, i) => view.append(splats.has(i) ? make("span", {class: "splat"}, line) : line, "\n"));
    if (console_.cut) view.append(make("span", {class: "omitted"}, "[more in the artefacts]\n"));
    const jump = splats.size ? make("button", {type: "button", class: "jump",
      onclick: () => view.querySelector(".splat").scrollIntoView({block: "center"})}, "jump to the splat") : null;
    return [make("h3", {}, "Console ", jump), view];
  }

  function cases(attempt) {
    if (!attempt.cases.length) return null;
    const failed = attempt.cases.filter((c) => c.status !== "PASS");
    const passed = attempt.cases.length - failed.length;
    return [make("h3", {}, `Cases: ${passed} of ${attempt.cases.length} passed`),
      failed.length ? table(["Case", "Status", "Detail"], failed.map((c) => [c.name, statusText(c.status), c.detail || ""])) : null];
  }

  function attemptView(test, attempt) {
    const notes = ["channel_error", "ktap_error", "model_error", "error"].map((key) => attempt[key]).filter(Boolean);
    const deciding = hazardRows(test, attempt);
    return [make("h3", {}, `Attempt ${attempt.number}: `, statusText(attempt.status), ` after ${seconds(attempt.seconds)}`),
      make("p", {}, attempt.reason), notes.map((n) => make("p", {class: "reason"}, n)), cases(attempt),
      deciding.length ? make("div", {class: "wide"}, table(HAZARD_TITLES, deciding)) : null,
      otherHazards(found.attempts[`${test.id}-${attempt.number}`].others),
      consoleView(test, attempt), attempt.directory ? make("p", {class: "reason"}, `Artefacts: ${attempt.directory}`) : null];
  }

  function testView(test) {
    const sums = [["kernel", test.kernel_sha256], ["initramfs", test.initramfs_sha256]].filter(([, sum]) => sum);
    const details = make("details", {class: "test", id: `test-${test.id}`},
      make("summary", {}, statusText(test.status, test.flaky), ` ${test.name} `, make("span", {class: "reason"}, test.reason)));
    function fill() {
      if (!fills.delete(details)) return;
      details.append(...[test.attempts.map((a) => attemptView(test, a)),
        test.reproducer ? [make("h3", {}, "Boot the same guest"), command(test.reproducer)] : null,
        sums.map(([name, sum]) => make("p", {class: "reason"}, `${name} sha256 ${sum}`))].flat(Infinity).filter(Boolean));
    }
    fills.set(details, fill);
    details.addEventListener("toggle", fill);
    return details;
  }

  function tests() {
    const order = (t) => STATUSES.indexOf(t.status);
    const sorted = [...results.tests].sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
    const views = sorted.map((test) => [test, testView(test)]);
    byId("test-list").append(...views.map(([, view]) => view));
    const present = STATUSES.filter((s) => results.counts[s]);
    const boxes = present.map((s) => [s, make("input", {type: "checkbox", id: `show-${s}`, checked: ""})]);
    byId("status-filters").append(...boxes.map(([s, box]) => make("label", {}, box, " ", statusText(s))));
    function update() {
      const words = byId("search").value.toLowerCase();
      const wanted = new Set(boxes.filter(([, box]) => box.checked).map(([s]) => s));
      let shown = 0;
      for (const [test, view] of views) {
        view.hidden = !wanted.has(test.status) || !`${test.name} ${test.reason}`.toLowerCase().includes(words);
        shown += !view.hidden;
      }
      byId("shown").textContent = `${shown} of ${views.length} tests`;
    }
    byId("filters").addEventListener("input", update);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    update();
  }

  function openNamed() {
    const match = /^#test-(\d+)$/.exec(location.hash);
    if (match && byId(`test-${match[1]}`)) openTest(match[1]);
  }

  /* the colours of a canvas do not follow the style sheet */
  function redraw() {
    for (const c of charts) c.redraw(false, true);
  }

  function theme() {
    byId("theme").addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      redraw();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  }

  facts(); matrix(); mutation(); hazards(); timeline(); trends(); tests(); theme(); openNamed();
  addEventListener("hashchange", openNamed);
  /* paper has no clicks */
  addEventListener("beforeprint", () => {
    for (const fill of [...fills.values()]) fill();
    document.querySelectorAll("details").forEach((d) => { d.open = true; });
  });
})();
