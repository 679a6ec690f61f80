const EVERY = 60_000;
const HOLDS_SECONDS = 150;
const LINGER = 1_500;
const MOST_REMEMBERED = 1_000;

/**
 * What this page reports while it is connected: that its messaging service is online, again and again so that the
 * confirmation never runs out, and up to where it has got the messages of each group. A report that is lost is
 * followed by the next one.
 */
export class Reporter {
  #confirming = null;
  #delivering = null;
  #got = new Map();
  #told = new Map();
  #sent = new Set();

  /**
   * @param {{send: (id: string, report: object) => unknown, device: string, visible: () => boolean, newId: () => string}} page
   */
  constructor(page) {
    this.page = page;
  }

  /** The connection is up. */
  online() {
    clearInterval(this.#confirming);
    this.#confirming = setInterval(() => this.confirm(), EVERY);
    this.confirm();
  }

  /** The connection is down: the last confirmation runs out by itself. */
  offline() {
    clearInterval(this.#confirming);
    clearTimeout(this.#delivering);
    this.#confirming = null;
    this.#delivering = null;
  }

  /** Signing out: others need not wait for the confirmation to run out. */
  leave() {
    if (this.#confirming) this.#send('state', {state: 'offline', seconds: HOLDS_SECONDS});
    this.offline();
  }

  confirm() {
    if (this.#confirming) this.#send('state', {state: this.page.visible() ? 'online' : 'away', seconds: HOLDS_SECONDS});
  }

  /** Messages of a group up to here are in this page; several at once are one report. */
  got(group, seq) {
    if (!seq || seq <= (this.#told.get(group) ?? 0)) return;
    this.#got.set(group, seq);
    this.#delivering ??= setTimeout(() => this.flush(), LINGER);
  }

  flush() {
    clearTimeout(this.#delivering);
    this.#delivering = null;
    for (const [group, seq] of this.#got) {
      this.#told.set(group, seq);
      this.#send('delivery', {group, seq});
    }
    this.#got.clear();
  }

  /** Whether a frame with this id answers a report of this page. */
  knows(id) {
    return this.#sent.has(id);
  }

  #send(kind, body) {
    const id = this.page.newId();
    this.#sent.add(id);
    if (this.#sent.size > MOST_REMEMBERED) this.#sent.delete(this.#sent.values().next().value);
    this.page.send(id, {kind, device: this.page.device, body});
  }
}

/** A name of this browser for confirmations, the same after a reload. */
export function deviceName(storage, newId) {
  const key = 'plenum.device';
  try {
    const kept = storage.getItem(key);
    if (kept) return kept;
    const made = `page-${newId().slice(0, 8)}`;
    storage.setItem(key, made);
    return made;
  } catch {
    return 'page';
  }
}
