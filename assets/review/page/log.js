// What the reviewer did: events, hashed into a chain (protocol.py computes the same) and stored in IndexedDB before the
// page says "saved". Knows nothing of the screen but `status`, `banner` and `go`, which page.js defines.
const batch = JSON.parse(document.getElementById("batch").textContent);
const key = [batch.batch_id, batch.batch_hash, batch.reviewer].join(":");
const LETTERS = "ABCDEFGHIJ";
const blank = { verdict: null, tags: [], edits: [], comment: "" };
const $ = (id) => document.getElementById(id);
const el = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
};

// ------------------------------------------------------------------------------------------------ storage and events
let db = null, device = "", lang = "en", at = 0, exported = 0, editing = false;
let queue = Promise.resolve();
const events = [], undone = [], state = new Map(), shown = new Set(), drafts = new Map();
const wait = (request) => new Promise((ok, no) => {
  request.onsuccess = () => ok(request.result);
  request.onerror = () => no(request.error);
});
const open = () => {
  const request = indexedDB.open("pathcorpus-review", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("events", { keyPath: ["batch", "client_seq"] });
    request.result.createObjectStore("meta", { keyPath: ["batch", "name"] });
  };
  return wait(request);
};
const put = (store, row, how = "put") => db && new Promise((ok, no) => {
  const work = db.transaction(store, "readwrite", { durability: "strict" });
  work.objectStore(store)[how]({ batch: key, ...row });
  work.oncomplete = ok;
  work.onabort = work.onerror = () => no(work.error);
});
const remember = (name, value) => Promise.resolve(put("meta", { name, value })).catch(() => {});
// Half a surrogate pair has no UTF-8, and NUL no place in a table.
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const clean = (text) => text.replace(/\0/g, "").replace(LONE, "\ufffd").replace(/\r\n?/g, "\n").normalize("NFC");
const canonical = (v) => {
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  if (v === null || typeof v !== "object") return JSON.stringify(v);
  return `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`).join(",")}}`;
};
const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
const sha256 = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

let active = 0, since = performance.now();
const tick = () => {
  const now = performance.now();
  if (since !== null) active += now - since;
  since = document.hasFocus() && !document.hidden ? now : null;
};
for (const name of ["focus", "blur"]) window.addEventListener(name, tick);
document.addEventListener("visibilitychange", tick);

const origin = () => ({ batch_id: batch.batch_id, batch_hash: batch.batch_hash, reviewer: batch.reviewer,
  role: batch.role, device_id: device });
function save(item, change) {
  const before = state.get(item.subject_id) || blank;
  const after = { ...before, ...change };
  state.set(item.subject_id, after);
  tick();
  const payload = { ...after, comment: clean(after.comment), blind: !shown.has(item.pair_id),
    client_at: new Date().toISOString(), active_ms: Math.round(active) };
  active = 0;
  queue = queue.then(async () => {
    const last = events[events.length - 1];
    const event = {
      type: "event", ...origin(), client_seq: events.length + 1, subject_type: "sample", subject_id: item.subject_id,
      content_hash: item.content_hash, image_hash: item.image_hash, ratings: [], tool: batch.tool,
      prev_event_hash: last ? last.event_id : batch.batch_hash, ...payload,
    };
    event.event_id = await sha256(canonical(event));
    await put("events", { client_seq: event.client_seq, event }, "add");
    events.push(event);
  }).then(status, () => banner(TEXT[lang].twice, true));
  return before;
}
function act(item, change) { undone.push([item, save(item, change)]); }
function undo() {
  const step = undone.pop();
  if (!step) return;
  const [item, before] = step;
  save(item, before);
  go(batch.items.indexOf(item));
}
async function exportFile() {
  await queue;
  const head = events.length ? events[events.length - 1].event_id : batch.batch_hash;
  const manifest = {
    type: "manifest", format: batch.format, ...origin(), events: events.length, head, tool: batch.tool,
  };
  const lines = [manifest, ...events].map((line) => canonical(line) + "\n");
  const link = el("a");
  link.href = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  link.download = "annotations.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  exported = events.length;
  await remember("exported", exported);
  status();
}

