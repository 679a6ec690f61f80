import {Api} from './api.js';
import {Outbox} from './outbox.js';
import {emptyState, gapOf, reduce, resumeMap, tellsAnotherHistory} from './reducer.js';
import {Reporter, deviceName} from './reporter.js';
import {overRest} from './rest-frames.js';
import {groupOf} from './shapes.js';
import {Stream} from './stream.js';
import {uuid} from './uuid.js';
import {problemWords} from './words.js';

const KEY = 'plenum.session';
const PAGE = 50;
const ACK_WAIT = 15_000;
const KEPT_OPEN = 300;
/** Open timelines whose sequences fit into an address; other groups compare heads. */
const RESUMED_OPEN = 50;

/**
 * The signed-in person's page: state, API, live connection, outbox, and the rules that tie them together.
 * Components read `state`, `connection`, `outbox` and call the methods; every change fires a `change` event,
 * gathered to one a frame.
 */
export class Session extends EventTarget {
  #pending = false;
  #refreshTimer = null;
  #filling = new Set();
  #gapTimers = new Map();
  #typed = new Map();
  #toast = 0;
  #ackTimer = null;
  #listRefresh = null;
  #reporter = null;

  constructor(root) {
    super();
    this.root = root; // '/plenum/'
    this.api = new Api(`${root}api/v1`, {
      token: () => this.auth?.token ?? null,
      rejected: (problem) => this.#rejected(problem),
    });
    this.state = emptyState();
    this.connection = {online: false, retryAt: null, ever: false};
    this.toasts = [];
    this.auth = null;
    this.about = null;
    this.notice = null;
    this.loaded = false;
    this.outbox = null;
    this.stream = null;
    this.embedded = false;
  }

  // ---- signing in and out

  async start() {
    this.about = await this.api.get('/about').catch(() => null);
    const kept = this.#kept();
    if (kept) await this.#enter(kept).catch(() => this.#leave());
    this.changed();
  }

  async signIn(name, password, keep) {
    const auth = await this.api.post('/tokens', {name, password});
    this.#keep(auth, keep);
    await this.#enter(auth);
  }

  /** A portal hands over a token it got for its user. */
  async useToken(token) {
    this.auth = {token};
    if (this.state.me) {
      this.stream?.retryNow();
      return;
    }
    const me = await this.api.get('/me');
    await this.#enter({token, account: me.account ?? me, foreign: true});
  }

  signOut(notice = null) {
    this.#leave();
    this.notice = notice;
    this.changed();
  }

  async #enter(auth) {
    this.auth = auth;
    this.notice = null;
    const me = auth.account;
    this.#dispatch({type: 'signed-in', account: me});
    this.outbox = new Outbox(localStorage, me.id, () => this.changed());
    this.changed();
    this.#planRefresh();
    this.stream = new Stream({
      urls: {socket: this.#socketUrl(), events: `${this.root}api/v1/events`},
      token: () => this.auth?.token,
      resume: (plain) => resumeMap(this.state, plain ? RESUMED_OPEN : Infinity),
      frame: (frame) => this.#frame(frame),
      rest: (frame) => (this.auth ? overRest(this.api, frame) : null),
      status: (status) => this.#status(status),
      refused: () => this.#refused(),
    });
    this.#reporter = new Reporter({
      send: (id, report) => this.stream?.send({type: 'report', id, report}),
      device: deviceName(sessionStorage, () => crypto.randomUUID()),
      visible: () => document.visibilityState === 'visible',
      newId: () => crypto.randomUUID(),
    });
    await this.reload();
    if (!this.auth) return;
    this.stream.start();
    this.#ackTimer = setInterval(() => {
      if (this.outbox?.overdue(Date.now(), ACK_WAIT)) this.stream?.reconnect();
    }, 3_000);
  }

  /** Lists of groups and invitations. */
  async reload() {
    try {
      const [groups, invitations] = await Promise.all([
        this.api.all('/groups'),
        this.api.get('/invitations', {limit: 200}).catch(() => ({items: []})),
      ]);
      this.#dispatch({type: 'groups', items: groups.map(groupOf)});
      this.#dispatch({type: 'pending', items: invitations.items.map(groupOf)});
      this.loaded = true;
    } catch (problem) {
      if (problem.status === 401) return;
      this.fail(problem);
      setTimeout(() => this.auth && this.reload(), 5_000);
    }
  }

  #leave() {
    this.#reporter?.leave();
    this.#reporter = null;
    this.stream?.stop();
    this.stream = null;
    clearTimeout(this.#refreshTimer);
    clearInterval(this.#ackTimer);
    for (const timer of this.#gapTimers.values()) clearTimeout(timer);
    this.#gapTimers.clear();
    this.auth = null;
    this.api.position = null;
    this.outbox = null;
    this.loaded = false;
    this.connection = {online: false, retryAt: null, ever: false};
    this.state = emptyState();
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  }

  #kept() {
    for (const storage of [sessionStorage, localStorage]) {
      try {
        const auth = JSON.parse(storage.getItem(KEY));
        if (auth?.token && expiryOf(auth) > Date.now()) return auth;
      } catch {
        storage.removeItem(KEY);
      }
    }
    return null;
  }

  /** In this window only, so that two windows may be two people; on request on this device. */
  #keep(auth, onDevice) {
    sessionStorage.setItem(KEY, JSON.stringify(auth));
    if (onDevice) localStorage.setItem(KEY, JSON.stringify(auth));
  }

  #planRefresh() {
    clearTimeout(this.#refreshTimer);
    const expiry = expiryOf(this.auth);
    if (!Number.isFinite(expiry)) return;
    const wait = Math.max(5_000, (expiry - Date.now()) * 0.75);
    this.#refreshTimer = setTimeout(() => this.#refresh(), Math.min(wait, 2 ** 31 - 1));
  }

  async #refresh() {
    if (!this.auth) return;
    if (this.auth.foreign) {
      this.dispatchEvent(new Event('token-needed'));
      return;
    }
    try {
      const fresh = await this.api.post('/tokens/refresh');
      const auth = {...this.auth, ...fresh};
      this.auth = auth;
      this.#keep(auth, localStorage.getItem(KEY) !== null);
      this.#planRefresh();
    } catch (problem) {
      if (problem.transient && expiryOf(this.auth) > Date.now()) this.#refreshTimer = setTimeout(() => this.#refresh(), 10_000);
    }
  }

  #rejected(problem) {
    if (!this.auth) return;
    if (this.auth.foreign) {
      this.dispatchEvent(new Event('token-needed'));
      return;
    }
    this.signOut(problemWords(problem));
  }

  // ---- the live connection

  #socketUrl() {
    const url = new URL(`${this.root}api/v1/stream`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
  }

  #status({online, retryAt, plain}) {
    if (this.connection.online && !online) {
      this.outbox?.lost();
      this.#reporter?.offline();
    }
    this.connection = {online, retryAt, plain, ever: this.connection.ever || online, lostAt: online ? null : (this.connection.lostAt ?? Date.now())};
    this.changed();
  }

  /** The handshake was refused, or there is no server: the API says which. True when it answers. */
  async #refused() {
    if (!this.auth || !navigator.onLine) return false;
    return this.api.get('/me').then(() => true, () => false);
  }

  #frame(frame) {
    switch (frame.type) {
      case 'welcome':
        this.#dispatch({type: 'heads', heads: frame.heads ?? {}});
        this.#missed(frame.heads ?? {});
        this.outbox.lost();
        this.#flush();
        this.#reporter?.online();
        break;
      case 'updates':
        this.outbox.arrived(frame.updates);
        this.#dispatch({type: 'entries', group: frame.group, entries: frame.updates});
        this.outbox.passed(frame.group, this.state.timelines[frame.group]?.to ?? 0);
        this.#fill(frame.group, 300);
        this.#membersChanged(frame.group, frame.updates);
        this.#reporter?.got(frame.group, frame.updates.at(-1)?.seq);
        break;
      case 'heartbeat':
        this.#dispatch({type: 'heads', heads: frame.heads ?? {}});
        for (const group of Object.keys(frame.heads ?? {})) this.#fill(group, 1500);
        this.#missed(frame.heads ?? {});
        break;
      case 'resync':
        if (tellsAnotherHistory(frame)) {
          this.#anotherHistory(frame);
          break;
        }
        this.#dispatch({type: 'heads', heads: {[frame.group]: {seq: frame.head}}});
        if (this.state.timelines[frame.group]) this.#fill(frame.group, 0);
        else this.#reloadSoon();
        break;
      case 'ack':
        if (frame.report) break;
        this.outbox.acked(frame.id, frame.seq);
        this.outbox.passed(frame.group, this.state.timelines[frame.group]?.to ?? 0);
        this.#flush();
        break;
      case 'error':
        this.#answeredBadly(frame);
        break;
      case 'membership':
        this.#reloadSoon(frame.group);
        break;
      case 'read':
        this.#dispatch(frame);
        break;
      case 'typing':
        this.#dispatch({...frame, now: Date.now()});
        setTimeout(() => this.changed(), 5_100);
        break;
      case 'bye':
        if (frame.code === 'TOKEN_EXPIRED' || frame.code === 'TOKEN_REJECTED') this.#refresh();
        break;
      default:
    }
  }

  /** Groups unknown, read elsewhere, or in the list only and behind their head: the list is read again. */
  #missed(heads) {
    const behind = Object.entries(heads).some(([id, head]) => {
      const group = this.state.groups[id];
      if (!group || head.read > group.read.seq) return true;
      return !this.state.timelines[id] && (head.seq ?? head) > group.head.seq;
    });
    if (behind) this.#reloadSoon();
  }

  #anotherHistory({group, head}) {
    const shown = this.state.timelines[group];
    this.api.position = null;
    this.#dispatch({type: 'another-history', group, head});
    this.#reloadSoon();
    if (shown) this.open(group).catch(() => this.#reloadSoon());
  }

  #reloadSoon(group) {
    if (group) this.dispatchEvent(new CustomEvent('membership', {detail: group}));
    this.#listRefresh ??= setTimeout(() => {
      this.#listRefresh = null;
      if (this.auth) this.reload();
    }, 400);
  }

  #membersChanged(group, entries) {
    if (entries.some((entry) => /^(member|request|invitation|role|ownership)\./.test(entry.kind))) {
      this.dispatchEvent(new CustomEvent('members', {detail: group}));
    }
    // A ban takes a member out of the count, or somebody who never was one: the entry does not say which.
    if (entries.some((entry) => entry.kind === 'member.banned')) this.#reloadSoon();
    const me = this.state.me?.id;
    const gone = entries.some(
      (entry) =>
        (entry.kind === 'member.left' && (entry.subject ?? entry.by)?.id === me) ||
        (/^member\.(removed|banned)$/.test(entry.kind) && entry.subject?.id === me) ||
        entry.kind === 'group.dissolved');
    if (gone) this.#reloadSoon(group);
  }

  #answeredBadly(frame) {
    const known = this.outbox.items.some((item) => item.id === frame.id);
    if (!known) {
      if (this.#reporter?.knows(frame.id)) return;
      if (frame.id) this.toast(problemWords(frame), 'bad');
      return;
    }
    if (frame.status === 503 || frame.status === 429) {
      setTimeout(() => {
        this.outbox?.postponed(frame.id);
        this.#flush();
      }, Math.min(30, frame.retryAfter ?? 2) * 1000);
      return;
    }
    this.outbox.refused(frame.id, problemWords(frame));
    this.#flush();
  }

  #flush() {
    if (!this.stream?.online) return;
    for (const item of this.outbox.due()) {
      const {id, group, text, replyTo} = item;
      if (this.stream.send({type: 'post', id, group, text, ...(replyTo ? {replyTo} : {})})) this.outbox.sent(id, Date.now());
    }
  }

  // ---- timelines

  async open(group) {
    if (!this.state.timelines[group]) {
      const page = await this.api.get(`/groups/${group}/entries`, {limit: PAGE});
      this.#dispatch({type: 'page', group, page});
    }
    this.outbox?.arrived(this.state.timelines[group]?.entries ?? []);
    this.outbox?.passed(group, this.state.timelines[group]?.to ?? 0);
    this.#reporter?.got(group, this.state.timelines[group]?.to);
    this.#fill(group, 0);
  }

  /** People look at this page, or do not any more. */
  looked() {
    this.#reporter?.confirm();
  }

  /** A timeline that is not shown keeps no long history. */
  shelve(group) {
    if ((this.state.timelines[group]?.entries.length ?? 0) > KEPT_OPEN) this.#dispatch({type: 'close-timeline', group});
  }

  async older(group) {
    const timeline = this.state.timelines[group];
    if (!timeline || timeline.atStart || this.#filling.has(`<${group}`)) return;
    this.#filling.add(`<${group}`);
    try {
      const before = timeline.entries[0]?.seq ?? timeline.to + 1;
      const page = await this.api.get(`/groups/${group}/entries`, {before, limit: 100});
      this.#dispatch({type: 'page', group, page, before: true});
    } finally {
      this.#filling.delete(`<${group}`);
    }
  }

  /** Fetches what is missing, after a grace in which it may still arrive by itself. */
  #fill(group, grace) {
    if (!gapOf(this.state, group) || this.#gapTimers.has(group)) return;
    this.#gapTimers.set(
      group,
      setTimeout(async () => {
        let again = 0;
        try {
          for (let gap = gapOf(this.state, group); gap; gap = gapOf(this.state, group)) {
            const page = await this.api.get(`/groups/${group}/entries`, {from: gap.from, limit: 200});
            const first = page.entries[0]?.seq;
            if (first === undefined || first > gap.from) {
              // Trimmed meanwhile: start over from the end.
              this.#dispatch({type: 'close-timeline', group});
              await this.open(group);
              break;
            }
            this.outbox?.arrived(page.entries);
            this.#dispatch({type: 'entries', group, entries: page.entries});
          }
        } catch (problem) {
          if (problem.transient) again = 3_000;
        } finally {
          this.#gapTimers.delete(group);
        }
        if (again && this.auth) this.#fill(group, again);
      }, grace));
  }

  post(group, text, replyTo) {
    this.outbox.add({id: uuid(), group, text, replyTo, at: Date.now()});
    this.#flush();
  }

  retry(id) {
    this.outbox.retry(id);
    this.#flush();
  }

  async edit(group, target, text) {
    await this.api.patch(`/groups/${group}/messages/${target}`, {text});
  }

  async recall(group, target) {
    await this.api.post(`/groups/${group}/messages/${target}/recall`);
  }

  markRead(group, seq) {
    const known = this.state.groups[group];
    if (!known?.role || seq <= known.read.seq) return;
    const entry = this.state.timelines[group]?.entries.findLast((e) => e.seq <= seq && e.no != null);
    const before = known.read.no;
    this.#dispatch({type: 'read', group, seq, no: seq >= known.head.seq ? known.head.no : (entry?.no ?? before)});
    if (!this.stream?.send({type: 'read', group, seq})) {
      this.api.put(`/groups/${group}/read-position`, {seq}).catch(() => {});
    }
  }

  typing(group) {
    const now = Date.now();
    if (now - (this.#typed.get(group) ?? 0) < 2_500) return;
    this.#typed.set(group, now);
    this.stream?.send({type: 'typing', group});
  }

  // ---- groups and members

  /** A group's settings and my place in it, read anew. */
  async refreshGroup(id) {
    const group = groupOf(await this.api.get(`/groups/${id}`));
    this.#dispatch({type: 'group', group});
    return group;
  }

  async enter(id, how) {
    await this.api.post(`/groups/${id}/${how}`);
    await this.reload();
  }

  /** A platform administrator takes a seat in a group, also in one that is not open. */
  async takeSeat(id) {
    await this.api.post(`/groups/${id}/members/${this.state.me.id}/add`);
    await this.reload();
  }

  async create(settings) {
    const made = await this.api.post('/groups', settings);
    await this.reload();
    return made.group?.id ?? made.id ?? made.group;
  }

  async leave(id) {
    await this.api.post(`/groups/${id}/leave`);
    this.#dispatch({type: 'group-left', group: id});
  }

  forget(id) {
    this.#dispatch({type: 'group-left', group: id});
  }

  // ---- messages to the person

  toast(text, tone = 'plain') {
    const id = ++this.#toast;
    this.toasts = [...this.toasts.slice(-3), {id, text, tone}];
    this.changed();
    setTimeout(() => this.dismiss(id), tone === 'bad' ? 8_000 : 4_000);
  }

  dismiss(id) {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
    this.changed();
  }

  fail(problem) {
    if (problem?.status === 401) return;
    this.toast(problemWords(problem), 'bad');
    if (problem && !('status' in problem)) console.error(problem);
  }

  /** Runs an action of the person; a refusal becomes a toast. */
  async attempt(action, done) {
    try {
      const result = await action();
      if (done) this.toast(done, 'good');
      return result ?? true;
    } catch (problem) {
      this.fail(problem);
      return false;
    }
  }

  #dispatch(event) {
    const next = reduce(this.state, event);
    if (next === this.state) return;
    this.state = next;
    this.changed();
  }

  changed() {
    if (this.#pending) return;
    this.#pending = true;
    queueMicrotask(() => {
      this.#pending = false;
      this.dispatchEvent(new Event('change'));
    });
  }
}

function expiryOf(auth) {
  const value = auth?.expiresAt;
  if (value == null) return Infinity;
  return typeof value === 'number' ? value * (value < 1e12 ? 1000 : 1) : Date.parse(value);
}
