import {dateTime} from '../core/format.js';
import {problemWords} from '../core/words.js';
import {View, go, html, nothing, repeat} from './base.js';
import {icons} from './icons.js';
import {avatar, empty, skeleton} from './parts.js';

const LISTS = {accounts: '/accounts', letters: '/dead-letters'};

/** Accounts and dead letters, for platform administrators. */
class Admin extends View {
  static properties = {...View.properties, tab: {attribute: false}, items: {state: true}, next: {state: true}, query: {state: true}, error: {state: true}};

  constructor() {
    super();
    this.query = '';
  }

  willUpdate(changes) {
    super.willUpdate(changes);
    if (changes.has('tab')) {
      this.items = null;
      this.#load();
    }
  }

  async #load(cursor) {
    const tab = this.tab;
    const query = this.query;
    try {
      const page = await this.session.api.get(LISTS[tab] ?? LISTS.accounts, {q: tab === 'accounts' ? query : null, cursor, limit: 50});
      if (tab !== this.tab || query !== this.query) return;
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
      this.error = null;
    } catch (problem) {
      this.error = problem;
    }
  }

  render() {
    const accounts = this.tab === 'accounts';
    return html`<div class="place">
      <header class="place-head"><button class="icon-button only-narrow" type="button" aria-label="Back to the groups" @click=${() => go('')}>${icons.back}</button>
        <div><h1>Administration</h1><p>Accounts of this realm, and messages from the queue that could not be processed.</p></div></header>
      <nav class="tabs" aria-label="Administration"><a href="#admin/accounts" aria-current=${accounts ? 'page' : nothing}>Accounts</a>
        <a href="#admin/letters" aria-current=${accounts ? nothing : 'page'}>Dead letters</a></nav>
      <div class="place-body">
        ${accounts ? this.#tools() : nothing}
        ${this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : nothing}
        ${!this.items && !this.error ? skeleton(5) : nothing}
        ${this.items ? (accounts ? this.#accounts() : this.#letters()) : nothing}
        ${this.next ? html`<button class="button" type="button" @click=${() => this.#load(this.next)}>Show more</button>` : nothing}
      </div></div>`;
  }

  #tools() {
    return html`<div class="row tools-row"><label class="search large">${icons.search}<input type="search" placeholder="Search accounts" aria-label="Search accounts" @input=${this.#typed}></label>
      ${this.session.about?.realm === 'external' ? nothing : html`<button class="button primary" type="button" @click=${() => this.#ask({what: 'account', done: () => this.#load()})}>${icons.plus}New account</button>`}</div>`;
  }

  #accounts() {
    if (this.items.length === 0) return empty(icons.people, 'No account found', 'Try another name.');
    return html`<div class="table-wrap"><table><thead><tr><th>Person</th><th>Name</th><th>State</th><th><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${repeat(this.items, (account) => account.id, (account) => html`<tr class=${account.disabled ? 'off' : ''}>
        <td><span class="cell">${avatar({id: account.id, name: account.displayName}, 'small')}${account.displayName}</span></td><td><code>${account.name}</code></td>
        <td>${account.admin ? html`<span class="chip accent">Administrator</span>` : nothing}${account.disabled ? html`<span class="chip bad">Disabled</span>` : html`<span class="chip">Active</span>`}</td>
        <td class="actions">${this.session.about?.realm === 'external' ? nothing : html`<button class="button small" type="button" @click=${() => this.#ask({what: 'password', account})}>Password</button>`}
          ${account.id === this.session.state.me.id ? nothing : html`<button class="button small ${account.disabled ? '' : 'danger-quiet'}" type="button" @click=${() => this.#able(account)}>${account.disabled ? 'Enable' : 'Disable'}</button>`}</td></tr>`)}
    </tbody></table></div>`;
  }

  #letters() {
    if (this.items.length === 0) return empty(icons.check, 'No dead letters', 'Everything that came over the queue was processed.');
    return html`<div class="table-wrap"><table><thead><tr><th>Received</th><th>Reason</th><th>State</th><th><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${repeat(this.items, (letter) => letter.id, (letter) => html`<tr><td>${whenOf(letter)}</td>
        <td><span class="clip" title=${letter.detail ?? letter.reason ?? ''}>${letter.detail ?? letter.reason ?? letter.code ?? 'Unknown'}</span></td>
        <td><span class="chip">${String(letter.status ?? letter.state ?? 'OPEN').toLowerCase()}</span></td>
        <td class="actions"><button class="button small" type="button" @click=${() => this.#read(letter)}>Read</button></td></tr>`)}
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

  async #able(account) {
    const verb = account.disabled ? 'enable' : 'disable';
    if (await this.session.attempt(() => this.session.api.post(`/accounts/${account.id}/${verb}`))) await this.#load();
  }

  #typed = (event) => {
    this.query = event.target.value.trim();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#load(), 200);
  };

  #ask(detail) {
    this.dispatchEvent(new CustomEvent('ask', {detail, bubbles: true}));
  }
}

function whenOf(letter) {
  const at = letter.at ?? letter.receivedAt ?? letter.createdAt;
  return at ? dateTime(at) : '';
}

customElements.define('plenum-admin', Admin);
