import {people} from '../core/format.js';
import {entrance} from '../core/permissions.js';
import {invitationsOf} from '../core/reducer.js';
import {groupOf} from '../core/shapes.js';
import {TYPE_NAME, problemWords} from '../core/words.js';
import {View, go, html, nothing, repeat} from './base.js';
import {icons} from './icons.js';
import {empty, skeleton, tile} from './parts.js';

const back = html`<button class="icon-button only-narrow" type="button" aria-label="Back to the groups" @click=${() => go('')}>${icons.back}</button>`;

/** All groups a person may find, with the way in. */
class Discover extends View {
  static properties = {...View.properties, items: {state: true}, next: {state: true}, query: {state: true}, error: {state: true}};

  constructor() {
    super();
    this.query = '';
    this.items = null;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  async #load(cursor) {
    const query = this.query;
    try {
      const page = await this.session.api.get('/groups/directory', {q: query, cursor, limit: 50});
      if (query !== this.query) return;
      const items = page.items.map(groupOf);
      this.items = cursor ? [...this.items, ...items] : items;
      this.next = page.next;
      this.error = null;
    } catch (problem) {
      this.error = problem;
    }
  }

  render() {
    return html`<div class="place">
      <header class="place-head">${back}<div><h1>Discover</h1><p>Groups of your organisation that you can find and join.</p></div></header>
      <div class="place-body">
        <label class="search large">${icons.search}<input type="search" placeholder="Search by name or topic" aria-label="Search groups" autofocus @input=${this.#typed}></label>
        ${this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : nothing}
        ${!this.items && !this.error ? skeleton(5) : nothing}
        ${this.items?.length === 0 ? empty(icons.compass, 'No group found', this.query ? 'Try another word, or start this group yourself.' : 'There is no group to discover yet. Start the first one.') : nothing}
        <ul class="cards" role="list">${repeat(this.items ?? [], (group) => group.id, (group) => this.#card(group))}</ul>
        ${this.next ? html`<button class="button" type="button" @click=${() => this.#load(this.next)}>Show more</button>` : nothing}
      </div></div>`;
  }

  #card(group) {
    const mine = this.session.state.groups[group.id]?.role;
    const relation = this.session.state.pending.find((pending) => pending.id === group.id)?.relation ?? group.relation;
    const invited = relation === 'INVITED';
    const way = entrance(group);
    const waits = relation === 'REQUESTED';
    return html`<li class="group-card">
      ${tile(group, 'big')}
      <div class="card-text"><h2><a href="#g/${group.id}">${group.name}</a></h2><p>${group.topic || 'No topic'}</p>
        <p class="meta">${TYPE_NAME[group.type]} · ${people(group.memberCount)}</p></div>
      ${mine
        ? html`<a class="button small" href="#g/${group.id}">Open</a>`
        : invited ? html`<a class="button small primary" href="#invitations">Answer the invitation</a>`
        : waits ? html`<span class="chip">Asked to join</span>`
        : way === 'join' ? html`<button class="button small primary" type="button" @click=${() => this.#join(group)}>Join</button>`
        : way === 'request' ? html`<button class="button small" type="button" @click=${() => this.#request(group)}>Ask to join</button>`
        : html`<span class="chip">${group.status === 'ARCHIVED' ? 'Archived' : 'By invitation'}</span>`}
    </li>`;
  }

  #typed = (event) => {
    this.query = event.target.value.trim();
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#load(), 200);
  };

  async #join(group) {
    if (await this.session.attempt(() => this.session.enter(group.id, 'join'))) go(`g/${group.id}`);
  }

  async #request(group) {
    await this.session.attempt(() => this.session.enter(group.id, 'request'), 'Your request was sent');
  }
}

/** Invitations that wait for my answer, and my requests that wait for theirs. */
class Invitations extends View {
  render() {
    const invitations = invitationsOf(this.session.state);
    const requests = this.session.state.pending.filter((group) => group.relation === 'REQUESTED');
    return html`<div class="place">
      <header class="place-head">${back}<div><h1>Invitations</h1><p>Groups that would like you to join, and those you asked.</p></div></header>
      <div class="place-body">
        ${invitations.length === 0 ? empty(icons.mail, 'No invitations', 'When somebody invites you to a group, it appears here.') : nothing}
        <ul class="cards" role="list">${repeat(invitations, (group) => group.id, (group) => html`<li class="group-card">
          ${tile(group, 'big')}
          <div class="card-text"><h2>${group.name}</h2><p>${group.topic || TYPE_NAME[group.type]}</p>
            <p class="meta">${TYPE_NAME[group.type]} · ${people(group.memberCount)}</p></div>
          <div class="row"><button class="button small" type="button" @click=${() => this.#answer(group, 'decline-invitation')}>Decline</button>
            <button class="button small primary" type="button" @click=${() => this.#answer(group, 'accept-invitation')}>Accept</button></div>
        </li>`)}</ul>
        ${requests.length ? html`<h2 class="sub">Your requests to join</h2>` : nothing}
        <ul class="cards" role="list">${repeat(requests, (group) => group.id, (group) => html`<li class="group-card">
          ${tile(group, 'big')}
          <div class="card-text"><h2>${group.name}</h2><p class="meta">An admin will answer.</p></div>
          <button class="button small" type="button" @click=${() => this.#withdraw(group)}>Withdraw</button>
        </li>`)}</ul>
      </div></div>`;
  }

  async #withdraw(group) {
    await this.session.attempt(async () => {
      await this.session.api.post(`/groups/${group.id}/members/${this.session.state.me.id}/decline`);
      await this.session.reload();
    }, 'Request withdrawn');
  }

  async #answer(group, how) {
    const accepted = how === 'accept-invitation';
    const worked = await this.session.attempt(() => this.session.enter(group.id, how), accepted ? `You joined ${group.name}` : 'Invitation declined');
    if (worked && accepted) go(`g/${group.id}`);
  }
}

customElements.define('plenum-discover', Discover);
customElements.define('plenum-invitations', Invitations);
