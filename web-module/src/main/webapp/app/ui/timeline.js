import {dateTime, dayName, dayOf, fullTime, gutterTime, people, timeOf} from '../core/format.js';
import {rowsOf} from '../core/layout.js';
import {linkify} from '../core/linkify.js';
import {mayEdit, mayRecall, moderates, postingObstacle} from '../core/permissions.js';
import {problemWords, systemWords, togetherWords} from '../core/words.js';
import {View, html, nothing, repeat} from './base.js';
import {icons} from './icons.js';
import {avatar, empty, skeleton} from './parts.js';

const NEAR = 80;

/** Messages of one group: live at the end, older ones by scrolling up. */
class Timeline extends View {
  static properties = {
    ...View.properties,
    group: {attribute: false},
    readSeq: {attribute: false},
    editing: {attribute: false},
    away: {state: true},
    editError: {state: true},
    deliveries: {state: true},
  };

  #atEnd = true;
  #anchor = null;
  #placed = false;
  #seenTimer = null;
  #onFocus = () => this.#seen();
  #onResize = new ResizeObserver(() => this.#keep());

  connectedCallback() {
    super.connectedCallback();
    addEventListener('focus', this.#onFocus);
    document.addEventListener('visibilitychange', this.#onFocus);
    this.deliveryTimer = setInterval(() => this.#delivered(), 4_000);
    this.#delivered();
  }

  /** How far the clients of the others confirmed to have got messages; asked while it may still change. */
  async #delivered() {
    const mine = this.session.state.timelines[this.group]?.entries.findLast((entry) => this.#isMine(entry));
    if (!mine || document.visibilityState !== 'visible' || !this.session.connection.online) return;
    const others = (this.session.state.groups[this.group]?.memberCount ?? 1) - 1;
    if (this.deliveries && this.#deliveredTo(mine) >= others) return;
    const page = await this.session.api.get(`/groups/${this.group}/deliveries`).catch(() => null);
    if (page) this.deliveries = page.items;
  }

  #isMine(entry) {
    return entry.kind === 'message.posted' && !entry.recalledAt && entry.by?.id === this.session.state.me.id;
  }

  #deliveredTo(entry) {
    const me = this.session.state.me.name;
    return (this.deliveries ?? []).filter(({user, seq}) => user !== me && seq >= entry.seq).length;
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('focus', this.#onFocus);
    document.removeEventListener('visibilitychange', this.#onFocus);
    clearInterval(this.deliveryTimer);
    this.#onResize.disconnect();
    clearTimeout(this.#seenTimer);
  }

  /** Scrolls to the newest message. */
  toEnd() {
    this.#atEnd = true;
    this.away = false;
    this.requestUpdate();
  }

  get #box() {
    return this.querySelector('.timeline');
  }

  willUpdate(changes) {
    super.willUpdate(changes);
    const box = this.#box;
    // The row under the reader's eyes keeps its place when rows come in above or leave.
    this.#anchor = box && !this.#atEnd ? firstVisible(box) : null;
    if (changes.has('editing')) this.editError = null;
  }

  updated(changes) {
    const box = this.#box;
    const timeline = this.session.state.timelines[this.group];
    if (!box || !timeline) return;
    this.#onResize.observe(box);
    this.#onResize.observe(box.firstElementChild);
    if (!this.#placed) {
      this.#placed = true;
      const divider = box.querySelector('.unread-line');
      if (divider && box.scrollHeight - divider.offsetTop > box.clientHeight) {
        this.#atEnd = false;
        divider.scrollIntoView({block: 'start'});
        box.scrollTop -= 48;
      } else {
        box.scrollTop = box.scrollHeight;
      }
    } else {
      this.#keep();
    }
    if (changes.has('editing') && this.editing) this.#focusEditor();
    if (box.scrollHeight <= box.clientHeight + NEAR && !timeline.atStart) this.#older();
    this.#seenSoon();
  }

  #keep() {
    const box = this.#box;
    if (!box) return;
    if (this.#atEnd) box.scrollTop = box.scrollHeight;
    else if (this.#anchor?.row.isConnected) {
      const moved = this.#anchor.row.offsetTop - box.scrollTop - this.#anchor.offset;
      if (Math.abs(moved) > 1) box.scrollTop += moved;
    }
  }

  render() {
    const {state, outbox} = this.session;
    const timeline = state.timelines[this.group];
    const group = state.groups[this.group];
    if (!timeline || !group) return html`<div class="timeline-wrap"><div class="timeline" aria-busy="true"><div class="timeline-rows pad">${skeleton(7)}</div></div></div>`;
    const rows = this.#rows(timeline);
    this.lastMine = timeline.entries.findLast((entry) => this.#isMine(entry))?.seq;
    const bySeq = new Map(timeline.entries.map((entry) => [entry.seq, entry]));
    const pending = (outbox?.of(this.group) ?? []).filter((item) => !(item.state === 'acked' && item.seq <= timeline.to));
    return html`
      <div class="timeline-wrap">
        <div class="timeline" tabindex="0" role="log" aria-label="Messages" aria-live="polite" @scroll=${this.#scrolled}>
          <div class="timeline-rows">
            ${timeline.atStart
              ? this.#beginning(group, timeline)
              : html`<div class="more-above">${skeleton(2)}</div>`}
            ${repeat(rows, (row) => row.key, (row) => this.#row(row, group, bySeq))}
            ${repeat(pending, (item) => item.id, (item, i) => this.#pending(item, i, pending, bySeq))}
          </div>
        </div>
        ${this.away ? this.#jump(group, timeline) : nothing}
      </div>`;
  }

  #rows(timeline) {
    if (this.rowsFor !== timeline.entries || this.rowsRead !== this.readSeq) {
      this.rowsFor = timeline.entries;
      this.rowsRead = this.readSeq;
      this.rows = rowsOf(timeline.entries, {readSeq: this.readSeq, me: this.session.state.me.id, dayOf});
    }
    return this.rows;
  }

  #beginning(group, timeline) {
    if (timeline.firstSeq > 1) return html`<p class="start-note">Older messages were removed by the group's retention rule.</p>`;
    const messages = timeline.entries.some((entry) => entry.kind === 'message.posted');
    return messages
      ? html`<p class="start-note">This is the beginning of <strong>${group.name}</strong>.</p>`
      : empty(icons.chat, 'Nothing here yet', group.status === 'ARCHIVED' ? 'Nothing was written before the group was archived.'
          : postingObstacle(group, Date.now()) ? 'Messages will appear here.' : 'Say hello: the first message is yours.');
  }

  #row(row, group, bySeq) {
    switch (row.type) {
      case 'day':
        return html`<div class="day-line" role="separator"><span>${dayName(row.at)}</span></div>`;
      case 'unread':
        return html`<div class="unread-line" role="separator"><span>New messages</span></div>`;
      case 'system':
        return html`<div class="system" title=${fullTime(row.entry.at)}><span>${this.#said(row)}${row.entry.kind === 'member.requested' && moderates(group) && this.#waits(row.entry)
          ? html` <button class="link" type="button" @click=${() => this.#emit('people')}>Answer</button>` : nothing}</span><time>${timeOf(row.entry.at)}</time></div>`;
      default:
        return this.#message(row, group, bySeq);
    }
  }

  #said({entry, more}) {
    const me = this.session.state.me.id;
    return more ? togetherWords([entry, ...more], me) : systemWords(entry, me, dateTime);
  }

  /** Nobody has answered this request yet. */
  #waits(request) {
    const {entries} = this.session.state.timelines[this.group];
    const person = (request.subject ?? request.by)?.id;
    return !entries.some(({seq, kind, subject, by}) =>
      seq > request.seq && (subject ?? by)?.id === person && /^(member\.(joined|banned)|request\.declined)$/.test(kind));
  }

  #message({entry, joined}, group, bySeq) {
    const me = this.session.state.me.id;
    const editing = this.editing === entry.seq;
    return html`
      <article class="message ${joined ? 'joined' : ''} ${entry.by?.id === me ? 'mine' : ''} ${editing ? 'editing' : ''}" data-seq=${entry.seq} id="m${entry.seq}">
        ${joined ? html`<time class="gutter" title=${fullTime(entry.at)}>${gutterTime(entry.at)}</time>` : avatar(entry.by)}
        <div class="body">
          ${joined ? nothing : html`<header><strong>${entry.by?.name ?? 'System'}</strong><time title=${fullTime(entry.at)}>${timeOf(entry.at)}</time></header>`}
          ${entry.replyTo ? this.#quote(entry.replyTo, bySeq) : nothing}
          ${editing ? this.#editor(entry) : this.#text(entry)}
          ${entry.seq === this.lastMine ? this.#receipt(entry) : nothing}
        </div>
        ${editing || entry.recalledAt ? nothing : this.#tools(entry, group, me)}
      </article>`;
  }

  #receipt(entry) {
    const count = this.#deliveredTo(entry);
    return count ? html`<p class="state delivered">${icons.check}<span>Delivered to ${people(count)}</span></p>` : nothing;
  }

  #text(entry) {
    if (entry.recalledAt) return html`<p class="text recalled">This message was recalled.</p>`;
    return html`<p class="text">${textOf(entry.text)}${entry.editedAt ? html`<span class="edited" title=${fullTime(entry.editedAt)}> (edited)</span>` : nothing}</p>`;
  }

  #quote(seq, bySeq) {
    const original = bySeq.get(seq);
    const text = !original ? 'an earlier message' : original.recalledAt ? 'Recalled message' : original.text;
    return html`<button class="quote" type="button" @click=${() => this.#jumpTo(seq)} aria-label="Go to the message this answers">
      ${original ? html`<strong>${original.by?.name}</strong>` : nothing}<span>${text}</span></button>`;
  }

  #tools(entry, group, me) {
    const now = Date.now();
    const may = postingObstacle(group, now) === null;
    return html`<div class="tools" role="toolbar" aria-label="Message actions">
      ${may ? this.#tool(icons.reply, 'Reply', () => this.#emit('reply', entry)) : nothing}
      ${mayEdit(group, entry, me, now) ? this.#tool(icons.edit, 'Edit', () => this.#emit('edit', entry.seq)) : nothing}
      ${mayRecall(group, entry, me) ? this.#tool(icons.recall, 'Recall', () => this.#recall(entry)) : nothing}
    </div>`;
  }

  #tool(icon, label, action) {
    return html`<button class="icon-button" type="button" aria-label=${label} title=${label} @click=${action}>${icon}</button>`;
  }

  #editor(entry) {
    return html`<form class="editor" @submit=${(event) => this.#save(event, entry)}>
      <textarea aria-label="Edit the message" rows="2" .value=${entry.text ?? ''} @keydown=${this.#editKey}></textarea>
      ${this.editError ? html`<p class="error" role="alert">${this.editError}</p>` : nothing}
      <div class="row end"><span class="hint">Escape cancels</span><button class="button small" type="button" @click=${() => this.#emit('edited')}>Cancel</button>
        <button class="button small primary">Save</button></div></form>`;
  }

  #pending(item, index, all, bySeq) {
    const failed = item.state === 'failed';
    const first = index === 0 || all[index - 1].state === 'failed';
    const me = this.session.state.me;
    return html`<article class="message mine pending ${failed ? 'failed' : ''} ${first ? '' : 'joined'}" aria-label=${failed ? 'Not sent' : 'Sending'}>
      ${first ? avatar({id: me.id, name: me.displayName}) : html`<span class="gutter"></span>`}
      <div class="body">
        ${first ? html`<header><strong>${me.displayName}</strong></header>` : nothing}
        ${item.replyTo ? this.#quote(item.replyTo, bySeq) : nothing}
        <p class="text">${textOf(item.text)}</p>
        ${failed
          ? html`<p class="state bad">${icons.warn}<span>Not sent. ${item.error ?? ''}</span>
              <button class="link" type="button" @click=${() => this.session.retry(item.id)}>Try again</button>
              <button class="link" type="button" @click=${() => this.session.outbox.discard(item.id)}>Discard</button></p>`
          : item.state === 'acked' ? nothing
          : html`<p class="state">${icons.clock}<span>${this.session.connection.online ? 'Sending…' : 'Waiting for the connection'}</span></p>`}
      </div></article>`;
  }

  #jump(group, timeline) {
    const below = this.session.state.groups[this.group];
    const fresh = Math.max(0, (below.head.no ?? 0) - (below.read.no ?? 0));
    return html`<button class="jump" type="button" @click=${() => this.toEnd()} aria-label="Jump to the latest message">${icons.down}
      ${fresh ? html`<span>${fresh > 99 ? '99+' : fresh} new</span>` : html`<span>Latest</span>`}</button>`;
  }

  #scrolled = () => {
    const box = this.#box;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    this.#atEnd = left < NEAR / 2;
    this.#anchor = this.#atEnd ? null : firstVisible(box);
    this.away = left > box.clientHeight * 0.6;
    if (box.scrollTop < 400) this.#older();
    this.#seenSoon();
  };

  #older() {
    this.session.older(this.group).catch((problem) => this.session.fail(problem));
  }

  #seenSoon() {
    clearTimeout(this.#seenTimer);
    this.#seenTimer = setTimeout(() => this.#seen(), 400);
  }

  /** What stood in the visible part of a focused window is read. */
  #seen() {
    const box = this.#box;
    const timeline = this.session.state.timelines[this.group];
    if (!box || !timeline || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    if (this.#atEnd) {
      this.session.markRead(this.group, timeline.to);
      return;
    }
    const bottom = box.getBoundingClientRect().bottom;
    let seq = 0;
    for (const row of box.querySelectorAll('[data-seq]')) {
      if (row.getBoundingClientRect().bottom > bottom + 4) break;
      seq = Number(row.dataset.seq);
    }
    if (seq) this.session.markRead(this.group, seq);
  }

  async #jumpTo(seq) {
    for (let turns = 0; turns < 20; turns++) {
      const timeline = this.session.state.timelines[this.group];
      if (timeline.entries.some((entry) => entry.seq === seq)) break;
      if (timeline.atStart) return;
      await this.session.older(this.group);
    }
    await this.updateComplete;
    const row = this.querySelector(`#m${seq}`);
    if (!row) return;
    this.#atEnd = false;
    row.scrollIntoView({block: 'center'});
    row.classList.add('flash');
    setTimeout(() => row.classList.remove('flash'), 1600);
  }

  #focusEditor() {
    const field = this.querySelector('.editor textarea');
    if (!field) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    field.closest('.message').scrollIntoView({block: 'nearest'});
  }

  #editKey = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      this.#emit('edited');
    }
  };

  async #save(event, entry) {
    event.preventDefault();
    const text = event.target.querySelector('textarea').value.trim();
    if (!text || text === entry.text) {
      this.#emit('edited');
      return;
    }
    try {
      await this.session.edit(this.group, entry.seq, text);
      this.#emit('edited');
    } catch (problem) {
      this.editError = problemWords(problem);
    }
  }

  #recall(entry) {
    this.dispatchEvent(
      new CustomEvent('ask', {
        bubbles: true,
        detail: {
          what: 'confirm',
          title: 'Recall this message?',
          text: 'Its text disappears for everybody. This cannot be undone.',
          quote: entry.text,
          action: 'Recall',
          run: () => this.session.recall(this.group, entry.seq),
        },
      }));
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, {detail}));
  }
}

function textOf(text) {
  return linkify(text ?? '').map((part) =>
    part.href ? html`<a href=${part.href} target="_blank" rel="noopener noreferrer nofollow">${part.text}</a>` : part.text);
}

function firstVisible(box) {
  for (const row of box.firstElementChild.children) {
    if (row.offsetTop + row.offsetHeight > box.scrollTop && row.hasAttribute('data-seq')) {
      return {row, offset: row.offsetTop - box.scrollTop};
    }
  }
  return null;
}

customElements.define('plenum-timeline', Timeline);
