// The queue of scans that the server has not answered yet. It outlives a reload: IndexedDB "scans", store "queue".
// A scan: {nonce, raw, keys, at, task, wave, typed, user, page, chain}: what was read and where. Nothing of a buyer.
// With `aside` (when) it is sent no more until a person says so.
// Without IndexedDB (some private windows) the queue is in memory, and leaving the page is asked about.
(function () {
  "use strict";
  const scans = (window.boScans = window.boScans || {});
  const NAME = "scans";
  const QUEUE = "queue";
  const LATE = 1e12; // numbers of scans in memory: after all that are in the database
  let opened = null;
  let memory = [];
  let serial = 0;

  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  function open() {
    opened = opened || new Promise((resolve) => {
      let request;
      try {
        request = window.indexedDB.open(NAME, 1);
      } catch (_error) {
        resolve(null);
        return;
      }
      request.onupgradeneeded = () => request.result.createObjectStore(QUEUE, { keyPath: "n", autoIncrement: true });
      request.onsuccess = () => {
        const base = request.result;
        base.onversionchange = () => base.close();
        base.onclose = () => { opened = null; };
        resolve(base);
      };
      request.onerror = () => resolve(null);
      request.onblocked = () => resolve(null);
    });
    return opened;
  }
  // One transaction; `work` gets the store. Throws when there is no database.
  async function within(mode, work) {
    const base = await open();
    if (!base) throw new Error("no database");
    const transaction = base.transaction(QUEUE, mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    done.catch(() => {}); // told by the await below, unless `work` has failed first
    const result = await work(transaction.objectStore(QUEUE));
    await done;
    return result;
  }
  // Signing out in another window takes the database away under an open page: it is opened once more.
  async function surely(mode, work) {
    try {
      return await within(mode, work);
    } catch (_error) {
      opened = null;
      return within(mode, work);
    }
  }

  async function add(scan) {
    try {
      scan.n = await surely("readwrite", (store) => asked(store.add(scan)));
    } catch (_error) {
      memory.push({ ...scan, n: LATE + (serial += 1) });
    }
  }
  // Everything that waits, oldest first, also what other people have left.
  async function all() {
    let rows = [];
    try {
      rows = await surely("readonly", (store) => asked(store.getAll()));
    } catch (_error) {
      // memory is all there is
    }
    return [...rows, ...memory];
  }
  const moves = (scan, n, turn) => turn && scan.n > n && scan.chain === turn.chain;
  // Scan `n` is answered. `turn` {chain, task, wave}: it led there, so what was scanned after it is meant for there.
  async function done(n, turn) {
    memory = memory.filter((scan) => scan.n !== n);
    memory.filter((scan) => moves(scan, n, turn)).forEach((scan) => Object.assign(scan, { task: turn.task, wave: turn.wave }));
    try {
      await surely("readwrite", async (store) => {
        store.delete(n);
        if (!turn) return;
        const rows = await asked(store.getAll());
        rows.filter((scan) => moves(scan, n, turn)).forEach((scan) => store.put({ ...scan, task: turn.task, wave: turn.wave }));
      });
    } catch (_error) {
      // it was in memory
    }
  }
  // Scan `n` is out of the way: it stays here, but nothing waits for it. `turn` as above.
  async function aside(n, turn) {
    const marked = (scan) => {
      if (scan.n === n) return { ...scan, aside: Date.now() };
      return moves(scan, n, turn) ? { ...scan, task: turn.task, wave: turn.wave } : scan;
    };
    memory = memory.map(marked);
    try {
      await surely("readwrite", async (store) => (await asked(store.getAll())).forEach((scan) => store.put(marked(scan))));
    } catch (_error) {
      // it was in memory
    }
  }
  // Back into the queue, as its last: what was scanned after it has gone its own way by now.
  async function retry(nonces) {
    for (const { n, aside: _when, ...scan } of (await all()).filter((each) => each.aside && nonces.includes(each.nonce))) {
      await add(scan);
      await done(n, null);
    }
  }
  async function drop(nonces) {
    const rows = await all();
    for (const scan of rows.filter((each) => nonces.includes(each.nonce))) await done(scan.n, null);
  }

  // What may be written down ---------------------------------------------------------------------------------------------
  // A person types names and phones into the field, and a 2D code may hold a visiting card: only what looks like a code is
  // kept. A marking code holds any punctuation, so it is known by its beginning.
  const PLAIN = /^[\x1d\x21-\x7e]{3,600}$/;
  const MARKING = /^(?:\][a-z]\d)?\x1d?(?:01\d{14}21|\(01\)\d{14}\(21\))/i;
  const OURS = /^BO-[A-Z]-/i;
  const NAMED = /^[a-z][a-z-]*(?:;[^:]*)?:/i; // tel:, mailto:, https:, and each line of a card: TEL;TYPE=CELL:
  const PERSONAL = /@|begin:vcard|tel:|mailto:|\+[78]\d{10}(?!\d)/i;
  const NUMBERED = /^\d{5,}-\d{4}-\d{1,2}$/; // the number of a parcel that may begin like a phone
  function isPhone(text, typed) {
    const digits = text.replace(/[()\s.+-]/g, "");
    if (!/^\d{10,15}$/.test(digits)) return false;
    if (digits === text) return Boolean(typed) && /^[78]?9\d{9}$/.test(text); // a scanner reads barcodes of that length
    if (/^(?:\+|\(\d{3,5}\)|[78][(.-])/.test(text)) return true;
    return /^(?:[78]\d{10}|9\d{9})$/.test(digits) && !NUMBERED.test(text);
  }
  function keeps({ raw, keys, typed }) {
    const text = keys || raw;
    if (!PLAIN.test(text)) return false;
    if (MARKING.test(text) || OURS.test(text)) return true;
    return /\d/.test(text) && !NAMED.test(text) && !PERSONAL.test(text) && !isPhone(text, typed);
  }

  window.addEventListener("beforeunload", (event) => {
    if (memory.length) event.preventDefault();
  });
  scans.store = { add, all, done, aside, retry, drop, keeps };
})();
