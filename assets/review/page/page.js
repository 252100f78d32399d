// The screen: no network, no library, text set by textContent alone. Runs after texts.js and log.js in one function.
// ------------------------------------------------------------------------------------------------------------ drawing
const item = () => batch.items[at];
const now = () => state.get(item().subject_id) || blank;
const decided = () => batch.items.filter((i) => (state.get(i.subject_id) || blank).verdict).length;
const edited = (path, text) => {
  const edit = now().edits.find((e) => e.field_path === path);
  return edit ? edit.new_text : text;
};
const title = (name, path) => {
  const heading = el("h3", "", TEXT[lang][name]);
  if (edited(path, null) !== null) heading.append(el("span", "edited", TEXT[lang].edited));
  return heading;
};

function banner(text, bad) {
  $("banner").textContent = text;
  $("banner").className = bad ? "banner bad" : "banner";
  $("banner").hidden = !text;
}
function status() {
  const t = TEXT[lang], n = decided(), all = batch.items.length;
  $("barfill").style.width = `${all ? (100 * n) / all : 0}%`;
  $("bar").setAttribute("aria-valuemax", all);
  $("bar").setAttribute("aria-valuenow", n);
  $("count").textContent = `${n} ${t.of} ${all} ${t.reviewed}`;
  const open = events.length - exported;
  $("saved").textContent = !events.length ? "" : open ? `${t.saved} · ${open} ${t.unexported}` : t.saved;
  document.body.dataset.saved = events.length;
  if ($("banner").className !== "banner bad") banner(n === all && all ? t.done : "");
}
function turnView(turn, number) {
  const box = el("div", "turn"), i = item();
  box.append(el("p", "text question", turn.question));
  const answer = edited(`turns/${number}/answer`, turn.answer);
  if (number === 0 && i.options.length) {
    const list = el("ol", "options");
    i.options.forEach((text, n) => {
      const letter = LETTERS[n], line = el("li", letter === answer ? "right" : "");
      line.append(el("b", "", letter), el("span", "text", text));
      list.append(line);
    });
    box.append(list);
  }
  const reasoning = edited(`turns/${number}/reasoning`, turn.reasoning);
  if (reasoning) box.append(title("reasoning", `turns/${number}/reasoning`), el("p", "text reasoning", reasoning));
  const right = i.options[LETTERS.indexOf(answer)], spelt = right === undefined ? answer : `${answer}. ${right}`;
  box.append(title("answer", `turns/${number}/answer`), el("p", "text answer", spelt));
  return box;
}
function draw() {
  const t = TEXT[lang], i = item();
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t[node.dataset.t];
  $("lang").textContent = lang === "en" ? "中文" : "English";
  $("helplist").replaceChildren(...t.help.flatMap(([name, text]) => {
    const term = el("dt");
    term.append(el("kbd", "", name));
    return [term, el("dd", "", text)];
  }));
  if (!i) return;
  if ($("img").getAttribute("src") !== i.image) { $("img").src = i.image; zoom(1); }
  const chips = [i.image_kind, i.organ_system, i.task, i.difficulty].map((c) => t.names[c] || c.replace(/_/g, " "));
  $("chips").replaceChildren(...chips.map((text) => el("span", "chip", text)));
  $("where").textContent = `${at + 1} ${t.of} ${batch.items.length}`;
  const verdict = now().verdict;
  $("state").textContent = verdict ? t.states[verdict] : "";
  $("state").className = `state ${verdict || ""}`;
  $("turns").replaceChildren(...i.turns.map(editing ? editView : turnView));
  if (editing) $("turns").append(editBar());
  $("notes").hidden = editing;
  for (const id of ["accept", "revise", "reject", "undo", "prev", "next"]) $(id).disabled = editing;
  const cited = i.context.map((sentence) => el("p", "cite", sentence));
  $("captiontext").replaceChildren(el("p", "", `${i.label}  ${i.caption}`), ...cited);
  $("tags").replaceChildren(...batch.tags.map((code, n) => {
    const tag = now().tags.find((x) => x.code === code), button = el("button", tag ? tag.severity : "");
    button.type = "button";
    button.setAttribute("aria-pressed", tag ? "true" : "false");
    button.append(el("kbd", "", String(n + 1)), ` ${t.codes[code] || code}${tag ? ` · ${t[tag.severity]}` : ""}`);
    button.onclick = () => mark(code);
    return button;
  }));
  $("comment").value = now().comment;
  status();
  const following = batch.items[at + 1];
  if (following) new Image().src = following.image;
}
function go(to) {
  if (to < 0 || to >= batch.items.length) return;
  at = to;
  $("caption").open = false;
  $("scroll").scrollTop = 0;
  draw();
  remember("at", at);
}
function advance() {
  for (let step = 1; step <= batch.items.length; step++) {
    const to = (at + step) % batch.items.length;
    if (!(state.get(batch.items[to].subject_id) || blank).verdict) return go(to);
  }
  return draw();
}
function judge(verdict) { act(item(), { verdict, edits: [] }); advance(); }
function mark(code) {
  const tags = now().tags.filter((x) => x.code !== code), old = now().tags.find((x) => x.code === code);
  if (!old || old.severity === "major") tags.push({ code, severity: old ? "minor" : "major", field: "" });
  act(item(), { tags });
  draw();
}

// ------------------------------------------------------------------------------------------------------------ editing
function editView(turn, number) {
  const box = el("div", "turn"), draft = drafts.get(item().subject_id) || {};
  box.append(el("p", "text question", turn.question));
  for (const name of ["reasoning", "answer"]) {
    const field = turn.fields[name];
    if (!field) continue;
    const letters = name === "answer" && number === 0 && item().options.length;
    const input = el(letters ? "select" : "textarea", "edit");
    if (letters) input.append(...item().options.map((text, n) => new Option(`${LETTERS[n]}. ${text}`, LETTERS[n])));
    else input.rows = name === "reasoning" ? 9 : 4;
    input.value = draft[field.path] ?? edited(field.path, turn[name]);
    Object.assign(input.dataset, { path: field.path, base: field.base_hash });
    input.setAttribute("aria-label", `${TEXT[lang][name]} ${number + 1}`);
    input.oninput = () => {
      drafts.set(item().subject_id, Object.fromEntries(inputs().map((x) => [x.dataset.path, x.value])));
      remember("drafts", [...drafts]);
    };
    box.append(el("h3", "", TEXT[lang][name]), input);
  }
  return box;
}
const inputs = () => [...document.querySelectorAll(".edit")];
function editBar() {
  const bar = el("div", "editbar"), problem = el("span", "problem");
  const keep = el("button", "primary", TEXT[lang].save), drop = el("button", "", TEXT[lang].cancel);
  keep.type = drop.type = "button";
  keep.id = "save";
  problem.id = "problem";
  problem.setAttribute("role", "alert");
  keep.onclick = saveEdit;
  drop.onclick = endEdit;
  bar.append(keep, drop, problem);
  return bar;
}
function startEdit() {
  if (!item().turns.some((turn) => turn.fields.reasoning)) return;
  editing = true;
  draw();
  inputs()[0].focus();
}
function endEdit() {
  drafts.delete(item().subject_id);
  remember("drafts", [...drafts]);
  editing = false;
  draw();
}
function saveEdit() {
  const texts = Object.fromEntries(item().turns.flatMap((turn) =>
    Object.entries(turn.fields).map(([name, field]) => [field.path, clean(turn[name]).trim()])));
  const edits = inputs()
    .map((x) => ({ field_path: x.dataset.path, base_hash: x.dataset.base, new_text: clean(x.value).trim() }))
    .filter((edit) => edit.new_text !== texts[edit.field_path]);
  const wrong = !edits.length ? "unchanged" : edits.some((e) => !e.new_text) ? "empty"
    : edits.some((e) => /<\/?(think|answer)>|<image>/i.test(e.new_text)) ? "marks" : null;
  if (wrong) { $("problem").textContent = TEXT[lang][wrong]; return; }
  act(item(), { verdict: "revise", edits });
  endEdit();
  advance();
}

// --------------------------------------------------------------------------------------------------- picture and keys
let scale = 1, x = 0, y = 0, hold = null;
function zoom(to, dx = x, dy = y) {
  scale = Math.min(8, Math.max(1, to));
  [x, y] = scale === 1 ? [0, 0] : [dx, dy];
  $("img").style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  $("stage").classList.toggle("zoomed", scale > 1);
}
const stage = $("stage");
stage.ondblclick = () => zoom(scale > 1 ? 1 : 2.5);
stage.onpointerdown = (e) => {
  if (scale === 1) return;
  hold = [e.clientX - x, e.clientY - y];
  stage.setPointerCapture(e.pointerId);
  e.preventDefault();
};
stage.onpointermove = (e) => { if (hold) zoom(scale, e.clientX - hold[0], e.clientY - hold[1]); };
stage.onpointerup = stage.onpointercancel = () => { hold = null; };
stage.addEventListener("wheel", (e) => {
  e.preventDefault();
  zoom(scale * (e.deltaY < 0 ? 1.2 : 1 / 1.2));
}, { passive: false });

const KEYS = {
  a: () => judge("accept"), r: () => judge("reject"), e: startEdit, u: undo,
  z: () => zoom(scale > 1 ? 1 : 2.5), "+": () => zoom(scale * 1.4), "=": () => zoom(scale * 1.4),
  "-": () => zoom(scale / 1.4), c: () => { $("caption").open = !$("caption").open; }, m: () => $("comment").focus(),
  "?": () => $("help").showModal(), arrowleft: () => go(at - 1), arrowright: () => go(at + 1),
};
document.addEventListener("keydown", (e) => {
  const typing = /^(TEXTAREA|SELECT|INPUT)$/.test(e.target.tagName);
  if (e.isComposing || $("help").open || !batch.items.length) return;
  if (editing) {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); saveEdit(); }
    if (e.key === "Escape") endEdit();
    return;
  }
  if (typing) { if (e.key === "Escape") e.target.blur(); return; }
  if (e.ctrlKey || e.metaKey || e.altKey || e.repeat) return;
  const tag = batch.tags[Number(e.key) - 1], action = tag ? () => mark(tag) : KEYS[e.key.toLowerCase()];
  if (action) { e.preventDefault(); action(); }
});
let typed = null;
const keepComment = () => {
  clearTimeout(typed);
  const text = clean($("comment").value);
  if (item() && text !== now().comment) act(item(), { comment: text });
};
$("comment").onchange = keepComment;
$("comment").oninput = () => { clearTimeout(typed); typed = setTimeout(keepComment, 800); };
$("caption").addEventListener("toggle", () => {
  if (!$("caption").open || !item()) return;
  shown.add(item().pair_id);
  remember("shown", [...shown]);
});
function switchLanguage() {
  lang = lang === "en" ? "zh" : "en";
  remember("lang", lang);
  draw();
}
const press = {
  accept: KEYS.a, reject: KEYS.r, revise: KEYS.e, undo: KEYS.u, prev: KEYS.arrowleft, next: KEYS.arrowright,
  keys: KEYS["?"], export: exportFile, closehelp: () => $("help").close(), lang: switchLanguage,
};
for (const [id, action] of Object.entries(press)) {
  $(id).onclick = (e) => { keepComment(); e.currentTarget.blur(); action(); };
}

async function start() {
  lang = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
  let problem = "";
  try {
    db = await open();
    const range = IDBKeyRange.bound([key], [key, []]);
    const read = (store) => wait(db.transaction(store).objectStore(store).getAll(range));
    for (const row of await read("events")) {
      const { verdict, tags, edits, comment, subject_id } = row.event;
      const owner = batch.items.find((i) => i.subject_id === subject_id);
      undone.push([owner, state.get(subject_id) || blank]);
      events.push(row.event);
      state.set(subject_id, { verdict, tags, edits, comment });
    }
    const meta = Object.fromEntries((await read("meta")).map((row) => [row.name, row.value]));
    device = meta.device || "";
    lang = meta.lang || lang;
    exported = meta.exported || 0;
    at = Math.min(meta.at || 0, Math.max(0, batch.items.length - 1));
    for (const pair of meta.shown || []) shown.add(pair);
    for (const [subject, draft] of meta.drafts || []) drafts.set(subject, draft);
  } catch { problem = TEXT[lang].nostore; db = null; }
  if (!device) {
    device = hex(crypto.getRandomValues(new Uint8Array(16)));
    await remember("device", device);
  }
  if (problem) banner(problem, true);
  draw();
  if (item() && drafts.has(item().subject_id)) startEdit();
  document.body.dataset.ready = "1";
}
start();
