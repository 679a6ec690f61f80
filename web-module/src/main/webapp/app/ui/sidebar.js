import {shortTime} from '../core/format.js';
import {invitationsOf, unreadOf} from '../core/reducer.js';
import {chooseTheme, theme} from '../core/theme.js';
import {View, go, html, nothing, repeat} from './base.js';
import {icons, logo} from './icons.js';
import {avatar, skeleton, tile} from './parts.js';

const THEMES = [['system', 'System', icons.auto], ['light', 'Light', icons.sun], ['dark', 'Dark', icons.moon]];

const PLAIN = 'This network lets no WebSocket through. Messages come and go all the same; who is typing is not sent.';

class Sidebar extends View {
  static properties = {...View.properties, route: {attribute: false}, filter: {state: true}, menu: {state: true}};

  constructor() {
    super();
    this.filter = '';
    this.menu = false;
    this.closer = (event) => {
      if (this.menu && !event.composedPath().includes(this.querySelector('.me'))) this.menu = false;
    };
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener('click', this.closer);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener('click', this.closer);
  }

  render() {
    const {state, loaded} = this.session;
    const mine = Object.values(state.groups).filter((group) => group.role && group.status !== 'DISSOLVED');
    const wanted = this.filter.trim().toLocaleLowerCase();
    const shown = mine
      .filter((group) => !wanted || group.name.toLocaleLowerCase().includes(wanted))
      .sort((a, b) => (a.status === 'ARCHIVED') - (b.status === 'ARCHIVED') || String(b.head.at ?? '').localeCompare(String(a.head.at ?? '')));
    return html`
      <nav class="sidebar" aria-label="Groups">
        <header class="side-head">
          ${logo}<strong class="product">Plenum</strong>
          <button class="icon-button" type="button" aria-label="New group" title="New group" @click=${() => this.#ask('create')}>${icons.plus}</button>
        </header>
        <div class="side-search">
          <label class="search">${icons.search}<input type="search" placeholder="Find a group" aria-label="Find a group" aria-keyshortcuts="Control+K" .value=${this.filter}
            @input=${(event) => (this.filter = event.target.value)} @keydown=${(event) => this.#enter(event, shown)}><kbd class="shortcut" aria-hidden="true">Ctrl K</kbd></label>
        </div>
        <div class="side-links">
          ${this.#link('discover', icons.compass, 'Discover')}
          ${this.#link('invitations', icons.mail, 'Invitations', invitationsOf(state).length)}
          ${state.me?.admin ? html`${this.#link('admin', icons.shield, 'Administration')}${this.#link('cluster', icons.nodes, 'Cluster')}` : nothing}
        </div>
        <h2 class="side-title">Your groups</h2>
        <div class="side-list">
          ${!loaded ? skeleton(6) : nothing}
          ${loaded && mine.length === 0
            ? html`<p class="hint">You are in no group yet. <a href="#discover">Discover groups</a> or start one.</p>`
            : nothing}
          ${loaded && mine.length > 0 && shown.length === 0
            ? html`<p class="hint">None of your groups has that name. <a href="#discover">Search all groups</a></p>`
            : nothing}
          <ul role="list" @keydown=${this.#walk}>${repeat(shown, (group) => group.id, (group) => this.#row(group))}</ul>
        </div>
        ${this.#me(state.me)}
      </nav>`;
  }

  #link(route, icon, label, count = 0) {
    return html`<a class="side-link" href="#${route}" aria-current=${this.route.name === route ? 'page' : nothing}>${icon}<span>${label}</span>${count
      ? html`<span class="badge">${count}</span>`
      : nothing}</a>`;
  }

  #row(group) {
    const unread = unreadOf(group);
    const here = this.route.name === 'g' && this.route.id === group.id;
    const failed = this.session.outbox?.of(group.id).some((item) => item.state === 'failed');
    const preview = group.head.preview;
    const text = preview ? (preview.text ?? 'Message recalled') : group.topic || 'No messages yet';
    const name = preview?.by && preview.text != null ? (preview.by.id === this.session.state.me.id ? 'You: ' : `${preview.by.name.split(' ')[0]}: `) : '';
    return html`<li>
      <a class="group-row ${unread ? 'unread' : ''}" href="#g/${group.id}" aria-current=${here ? 'page' : nothing}>
        ${tile(group)}
        <span class="group-text">
          <span class="group-line"><span class="group-name">${group.name}</span><time>${shortTime(group.head.at)}</time></span>
          <span class="group-line"><span class="group-preview">${group.status === 'ARCHIVED' ? 'Archived' : html`${name}${text}`}</span>
            ${failed ? html`<span class="mark-bad" title="A message was not sent">${icons.warn}</span>` : nothing}
            ${unread ? html`<span class="badge strong" aria-label="${unread} unread">${unread > 99 ? '99+' : unread}</span>` : nothing}</span>
        </span>
      </a></li>`;
  }

  #me(me) {
    const chosen = theme();
    return html`<div class="me">
      ${this.menu
        ? html`<div class="menu up" role="menu" aria-label="Your account" @keydown=${this.#menuKey}>
            <p class="menu-note">Signed in as <strong>${me.name}</strong></p>
            ${this.#plain() ? html`<p class="menu-note">${PLAIN}</p>` : nothing}
            <div class="segments" role="group" aria-label="Appearance">
              ${THEMES.map(([value, label, icon]) => html`<button type="button" aria-pressed=${chosen === value} title=${label} @click=${() => {
                chooseTheme(value);
                this.requestUpdate();
              }}>${icon}<span>${label}</span></button>`)}
            </div>
            ${this.session.about?.realm === 'external' ? nothing : html`<button class="menu-item" role="menuitem" type="button" @click=${() => {
              this.menu = false;
              this.#ask('password', {account: me});
            }}>${icons.lock}Change password</button>`}
            <button class="menu-item" role="menuitem" type="button" @click=${() => this.session.signOut()}>${icons.exit}Sign out</button>
          </div>`
        : nothing}
      <button class="me-button" type="button" aria-haspopup="menu" aria-expanded=${this.menu} @click=${() => (this.menu = !this.menu)}>
        ${avatar({id: me.id, name: me.displayName})}
        <span class="me-name">${me.displayName}${this.#plain() ? html`<small>Basic connection</small>` : nothing}</span>
        <span class="connection-dot ${this.session.connection.online ? 'on' : ''}" title=${this.#connection()}></span>
      </button>
    </div>`;
  }

  /** Connected without a WebSocket: said, but it is no reason to worry. */
  #plain() {
    const {online, plain} = this.session.connection;
    return online && plain;
  }

  #connection() {
    if (!this.session.connection.online) return 'Not connected';
    return this.#plain() ? PLAIN : 'Connected';
  }

  #menuKey = (event) => {
    if (event.key !== 'Escape') return;
    this.menu = false;
    this.querySelector('.me-button').focus();
  };

  #enter(event, shown) {
    if (event.key === 'Enter' && shown.length) {
      go(`g/${shown[0].id}`);
      this.filter = '';
    } else if (event.key === 'Escape') {
      this.filter = '';
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      this.querySelector('.group-row')?.focus();
    }
  }

  /** Arrows go through the list. */
  #walk = (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    const rows = [...this.querySelectorAll('.group-row')];
    const at = rows.indexOf(document.activeElement) + step;
    if (at < 0) this.querySelector('.side-search input').focus();
    else rows[at]?.focus();
  };

  #ask(what, more = {}) {
    this.dispatchEvent(new CustomEvent('ask', {detail: {what, ...more}, bubbles: true}));
  }
}
customElements.define('plenum-sidebar', Sidebar);
