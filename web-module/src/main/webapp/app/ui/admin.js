import {dateTime, people} from '../core/format.js';
import {groupOf} from '../core/shapes.js';
import {TYPE_NAME, count, problemWords} from '../core/words.js';
import {View, go, html, nothing, repeat} from './base.js';
import {icons} from './icons.js';
import {avatar, busyLabel, empty, skeleton, tile} from './parts.js';
import './reports.js';

const TABS = {accounts: 'Accounts', groups: 'Groups', reports: 'Reports', letters: 'Dead letters', consistency: 'Consistency'};
const LISTS = {accounts: '/accounts', groups: '/groups/directory', letters: '/dead-letters'};
const STATES = {WAITING: 'Waiting', REPLAYED: 'Replayed', DISCARDED: 'Discarded'};
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What became of the comparison on a node. */
function nodeWords(node) {
  if (!node.compared) return `Not compared: ${node.reason}`;
  if (node.differences) return count(node.differences, 'value differs', 'values differ');
  if (node.roomRevision < 0) return 'The cache of the room did not answer';
  if (!node.complete) return 'The time was not enough for everything';
  return node.unsettled ? `${node.unsettled} changed too fast to be compared` : 'Nothing differs';
}

/** What platform administrators look after: accounts, groups, dead letters, the caches of the node. */
class Admin extends View {
  static properties = {
    ...View.properties,
    tab: {attribute: false},
    items: {state: true},
    next: {state: true},
    query: {state: true},
    status: {state: true},
    report: {state: true},
    busy: {state: true},
    error: {state: true},
  };

  constructor() {
    super();
    this.query = '';
    this.status = 'WAITING';
  }

  willUpdate(changes) {
    super.willUpdate(changes);
    if (changes.has('tab')) {
      this.query = '';
      this.#reload();
    }
  }

  updated(changes) {
    super.updated(changes);
    // On a narrow screen the tabs are wider than it.
    if (changes.has('tab')) this.querySelector('.tabs [aria-current]')?.scrollIntoView({block: 'nearest', inline: 'nearest'});
  }

  #reload() {
    this.items = null;
    this.next = null;
    this.error = null;
    if (LISTS[this.tab]) this.#load();
  }

  async #load(cursor) {
    const {tab, query, status} = this;
    try {
      const page = await this.session.api.get(LISTS[tab], {...(tab === 'letters' ? {status} : {q: query}), cursor, limit: 50});
      if (tab !== this.tab || query !== this.query || status !== this.status) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
      this.error = null;
    } catch (problem) {
      if (tab === this.tab) this.error = problem;
    }
  }

  render() {
    const tab = TABS[this.tab] ? this.tab : 'accounts';
    return html`<div class="place">
      <header class="place-head"><button class="icon-button only-narrow" type="button" aria-label="Back to the groups" @click=${() => go('')}>${icons.back}</button>
        <div><h1>Administration</h1><p>Accounts, groups, reports, and messages that could not be processed.</p></div></header>
      <nav class="tabs" aria-label="Administration">${Object.entries(TABS).map(([name, label]) => html`<a href="#admin/${name}" aria-current=${tab === name ? 'page' : nothing}>${label}</a>`)}</nav>
      <div class="place-body">
        ${{accounts: () => this.#accountTools(), groups: () => this.#groupTools(), letters: () => this.#letterTools(), consistency: () => this.#consistency(), reports: () => html`<plenum-reports .session=${this.session}></plenum-reports>`}[tab]()}
        ${this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : nothing}
        ${LISTS[tab] && !this.items && !this.error ? skeleton(5) : nothing}
        ${this.items ? {accounts: () => this.#accounts(), groups: () => this.#groups(), letters: () => this.#letters()}[tab]?.() : nothing}
        ${this.next ? html`<button class="button" type="button" @click=${() => this.#load(this.next)}>Show more</button>` : nothing}
      </div></div>`;
  }

  #search(label) {
    return html`<label class="search large">${icons.search}<input type="search" placeholder=${label} aria-label=${label} .value=${this.query} @input=${this.#typed}></label>`;
  }

  // ---- accounts

  get #local() {
    return this.session.about?.realm !== 'external';
  }

  #accountTools() {
    return html`<div class="row tools-row">${this.#search('Search accounts')}
      ${this.#local ? html`<button class="button primary" type="button" @click=${() => this.#ask({what: 'account', done: () => this.#load()})}>${icons.plus}New account</button>` : nothing}</div>`;
  }

  #accounts() {
    if (this.items.length === 0) return empty(icons.people, 'No account found', 'Try another name.');
    return html`<div class="table-wrap"><table><thead><tr><th>Person</th><th>Name</th><th>State</th><th><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${repeat(this.items, (account) => account.id, (account) => html`<tr class=${account.disabled ? 'off' : ''}>
        <td><span class="cell">${avatar({id: account.id, name: account.displayName}, 'small')}${account.displayName}</span></td><td><code>${account.name}</code></td>
        <td>${account.admin ? html`<span class="chip accent">Administrator</span>` : nothing}${account.disabled ? html`<span class="chip bad">Disabled</span>` : html`<span class="chip">Active</span>`}</td>
        <td class="actions">${this.#local ? html`<button class="button small" type="button" aria-label="Password of ${account.displayName}" @click=${() => this.#ask({what: 'password', account})}>Password</button>` : nothing}
          ${account.id === this.session.state.me.id ? nothing : html`<button class="button small ${account.disabled ? '' : 'danger-quiet'}" type="button"
            aria-label="${account.disabled ? 'Enable' : 'Disable'} ${account.displayName}" @click=${() => this.#able(account)}>${account.disabled ? 'Enable' : 'Disable'}</button>`}</td></tr>`)}
    </tbody></table></div>`;
  }

  #able(account) {
    const set = async (verb, done) => {
      await this.session.api.post(`/accounts/${account.id}/${verb}`);
      await this.#load();
      this.session.toast(`${account.displayName} is ${done}`, 'good');
    };
    if (account.disabled) {
      this.session.attempt(() => set('enable', 'enabled'));
      return;
    }
    this.#ask({
      what: 'confirm',
      title: `Disable ${account.displayName}?`,
      text: 'They are signed out and cannot sign in until the account is enabled again. Their messages and memberships stay.',
      action: 'Disable',
      run: () => set('disable', 'disabled'),
    });
  }

  // ---- groups

  #groupTools() {
    return html`<div class="row tools-row">${this.#search('Search groups, or paste the id of a private one')}</div>
      <p class="hint">As a member of a group you change its settings, manage its members and recall anybody’s message, whatever your role.</p>`;
  }

  #groups() {
    if (ID.test(this.query) && this.items.length === 0) {
      return empty(icons.lock, 'A group by its id', 'Private groups are in no list. With its id you can join one.',
        html`<button class="button primary" type="button" ?disabled=${this.busy} @click=${() => this.#seat(this.query.toLowerCase())}>${busyLabel(this.busy, 'Join this group')}</button>`);
    }
    if (this.items.length === 0) return empty(icons.compass, 'No group found', 'Try another word.');
    return html`<ul class="cards" role="list">${repeat(this.items, (item) => item.group.id, (item) => {
      const group = groupOf(item);
      return html`<li class="group-card">${tile(group, 'big')}
        <div class="card-text"><h2><a href="#g/${group.id}">${group.name}</a></h2><p>${group.topic || 'No topic'}</p>
          <p class="meta">${TYPE_NAME[group.type]} · ${people(group.memberCount)}${group.status === 'ARCHIVED' ? ' · Archived' : ''}</p></div>
        ${this.session.state.groups[group.id]?.role
          ? html`<a class="button small" href="#g/${group.id}">Open</a>`
          : html`<button class="button small" type="button" ?disabled=${this.busy} aria-label="Join ${group.name}" @click=${() => this.#seat(group.id)}>Join</button>`}</li>`;
    })}</ul>`;
  }

  async #seat(id) {
    this.busy = true;
    const worked = await this.session.attempt(() => this.session.takeSeat(id), 'You joined as an administrator');
    this.busy = false;
    if (worked) go(`g/${id}`);
  }

  // ---- dead letters

  #letterTools() {
    return html`<div class="row tools-row"><div class="segments inline" role="group" aria-label="State">${Object.entries(STATES).map(([status, label]) => html`<button type="button" aria-pressed=${this.status === status} @click=${() => {
      this.status = status;
      this.#reload();
    }}>${label}</button>`)}</div>
      <button class="button" type="button" @click=${() => this.#reload()}>${icons.retry}Refresh</button></div>`;
  }

  #letters() {
    if (this.items.length === 0) {
      return this.status === 'WAITING'
        ? empty(icons.check, 'No dead letters', 'Everything that came over the queue was processed.')
        : empty(icons.mail, `None ${STATES[this.status].toLowerCase()}`, 'Dead letters that were dealt with appear here.');
    }
    return html`<div class="table-wrap"><table><thead><tr><th>Received</th><th>Command</th><th>Reason</th><th><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${repeat(this.items, (letter) => letter.id, (letter) => html`<tr><td class="nowrap">${dateTime(letter.receivedAt)}</td>
        <td><code>${letter.command ?? letter.messageType}</code></td>
        <td><span class="clip" title=${letter.detail}>${letter.detail || letter.code}</span></td>
        <td class="actions"><button class="button small" type="button" aria-label="Read the dead letter of ${dateTime(letter.receivedAt)}" @click=${() => this.#read(letter)}>Read</button></td></tr>`)}
    </tbody></table></div>`;
  }

  async #read(letter) {
    const full = await this.session.attempt(() => this.session.api.get(`/dead-letters/${letter.id}`));
    if (!full) return;
    const act = (verb) => async () => {
      await this.session.api.post(`/dead-letters/${letter.id}/${verb}`);
      this.session.toast(verb === 'replay' ? 'Replayed' : 'Discarded', 'good');
      await this.#load();
    };
    this.#ask({what: 'letter', letter: full, replay: act('replay'), discard: act('discard')});
  }

  // ---- consistency

  #consistency() {
    const report = this.report;
    return html`<p>What every node holds in memory, and the cache of the room as it sees it, is compared with the database: groups, runs of entries, accounts and recent updates, up to 200 of each.</p>
      <div class="row tools-row"><button class="button primary" type="button" ?disabled=${this.busy} @click=${this.#compare}>${busyLabel(this.busy, 'Compare now')}</button></div>
      ${report
        ? html`<div class="verdict ${report.consistent && report.complete ? 'good' : 'bad'}" role="status">${report.consistent && report.complete ? icons.check : icons.warn}
            <span><strong>${report.consistent ? 'Nothing differs' : count(report.differences.length, 'value differs', 'values differ')}${report.complete ? '.' : ', and not everything was compared.'}</strong>
              Compared ${count(report.groups, 'group')}, ${count(report.segments, 'run of entries', 'runs of entries')} and ${count(report.accounts, 'account')} in memory, at revision ${report.revision}.</span></div>
          <div class="table-wrap"><table><thead><tr><th>Node</th><th>Memory</th><th>Room</th><th>Revision</th><th>State</th></tr></thead><tbody>
            ${report.nodes.map((node) => html`<tr class=${node.compared ? '' : 'off'}><td>${node.node}</td><td data-label="Memory">${node.groups + node.segments + node.accounts + node.updates}</td><td data-label="Room">${node.room}</td><td data-label="Revision">${node.revision}</td><td>${nodeWords(node)}</td></tr>`)}</tbody></table></div>
          ${report.differences.length
            ? html`<div class="table-wrap"><table><thead><tr><th>Node</th><th>Cache</th><th>Kind</th><th>Key</th><th>What differs</th></tr></thead><tbody>
                ${report.differences.map((found) => html`<tr><td>${found.node}</td><td>${found.cache}</td><td>${found.kind}</td><td><code>${found.key}</code></td><td>${found.detail}</td></tr>`)}</tbody></table></div>`
            : nothing}`
        : nothing}`;
  }

  #compare = async () => {
    this.busy = true;
    const report = await this.session.attempt(() => this.session.api.get('/consistency', {sample: 200}));
    this.busy = false;
    if (report) this.report = report;
  };

  #typed = (event) => {
    this.query = event.target.value.trim();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#load(), 200);
  };

  #ask(detail) {
    this.dispatchEvent(new CustomEvent('ask', {detail, bubbles: true}));
  }
}

customElements.define('plenum-admin', Admin);
