/**
 * Messages that were written here and are not acknowledged yet. Each is kept under a storage key of its own, so
 * that two windows of one person never overwrite each other, and always carries the same client id: sent twice,
 * it is stored once.
 *
 * Per group only the oldest message is under way; the next follows its acknowledgement. That keeps the order in
 * which they were written.
 */
export class Outbox {
  /**
   * @param {Storage} storage
   * @param {number} account
   * @param {() => void} changed called after each change
   */
  constructor(storage, account, changed = () => {}) {
    this.storage = storage;
    this.prefix = `plenum.outbox.${account}.`;
    this.changed = changed;
    this.items = [];
    this.#load();
  }

  add({id, group, text, replyTo, at}) {
    this.items.push({id, group, text, replyTo, at, state: 'queued'});
    this.#save(id);
    this.changed();
  }

  /** Those to send now: the first of each group, unless it is under way or refused. */
  due() {
    const seen = new Set();
    return this.items.filter((item) => {
      if (item.state === 'acked' || item.state === 'failed') return false;
      if (seen.has(item.group)) return false;
      seen.add(item.group);
      return item.state === 'queued';
    });
  }

  sent(id, now) {
    this.#change(id, {state: 'sent', sentAt: now});
  }

  /** The connection went: whatever was under way is sent again with the same id. */
  lost() {
    for (const item of this.items) if (item.state === 'sent') item.state = 'queued';
    this.changed();
  }

  /** Stored by the server; stays visible until its entry arrives in the timeline. */
  acked(id, seq) {
    this.storage.removeItem(this.prefix + id);
    this.#change(id, {state: 'acked', seq}, false);
  }

  /** Refused for good: the person decides. */
  refused(id, words) {
    this.#change(id, {state: 'failed', error: words});
  }

  /** Not now; again after the connection's next turn. */
  postponed(id) {
    this.#change(id, {state: 'queued'});
  }

  retry(id) {
    this.#change(id, {state: 'queued', error: undefined});
  }

  discard(id) {
    this.storage.removeItem(this.prefix + id);
    this.items = this.items.filter((item) => item.id !== id);
    this.changed();
  }

  /** The entry of the message is in the timeline. */
  arrived(entries) {
    const ids = new Set(entries.map((entry) => entry.clientId).filter(Boolean));
    if (!this.items.some((item) => ids.has(item.id))) return;
    for (const item of this.items) if (ids.has(item.id)) this.storage.removeItem(this.prefix + item.id);
    this.items = this.items.filter((item) => !ids.has(item.id));
    this.changed();
  }

  /** Acknowledged entries that the timeline passed are done, even if it never carried their client id. */
  passed(group, to) {
    const before = this.items.length;
    this.items = this.items.filter((item) => !(item.group === group && item.state === 'acked' && item.seq <= to));
    if (this.items.length !== before) this.changed();
  }

  of(group) {
    return this.items.filter((item) => item.group === group);
  }

  /** Oldest message under way that has no answer since `now - wait`. */
  overdue(now, wait) {
    return this.items.some((item) => item.state === 'sent' && now - item.sentAt > wait);
  }

  #change(id, change, save = true) {
    const item = this.items.find((candidate) => candidate.id === id);
    if (!item) return;
    Object.assign(item, change);
    if (save) this.#save(id);
    this.changed();
  }

  #save(id) {
    const item = this.items.find((candidate) => candidate.id === id);
    try {
      const state = item.state === 'failed' ? 'failed' : 'queued';
      this.storage.setItem(this.prefix + id, JSON.stringify({...item, state}));
    } catch {
      // Storage is full or forbidden: the message still goes out from memory.
    }
  }

  #load() {
    const keys = [];
    for (let i = 0; i < this.storage.length; i++) keys.push(this.storage.key(i));
    for (const key of keys) {
      if (!key.startsWith(this.prefix)) continue;
      try {
        this.items.push(JSON.parse(this.storage.getItem(key)));
      } catch {
        this.storage.removeItem(key);
      }
    }
    this.items.sort((a, b) => a.at - b.at);
  }
}
