import {dateTime, people, shortTime} from '../core/format.js';
import {actionsOn, leads, mayInvite} from '../core/permissions.js';
import {personOf} from '../core/shapes.js';
import {ROLE_NAME, problemWords} from '../core/words.js';
import {View, html, nothing, repeat} from './base.js';
import {icons} from './icons.js';
import {avatar, closeButton, skeleton} from './parts.js';

const PRESENCE = {online: 'Online', away: 'Away', offline: 'Offline'};
const SECTIONS = {REQUESTED: 'Asking to join', INVITED: 'Invited', BANNED: 'Banned'};
const ACTION = {
  approve: 'Approve',
  decline: 'Decline',
  withdraw: 'Withdraw invitation',
  unban: 'Lift the ban',
  mute: 'Mute…',
  unmute: 'Unmute',
  remove: 'Remove from group',
  ban: 'Ban',
  'make-admin': 'Make admin',
  'make-member': 'Make member',
  transfer: 'Hand the group over',
};

const DONE = {
  approve: (name) => `${name} is a member now`,
  decline: (name) => `The request of ${name} was declined`,
  withdraw: (name) => `The invitation of ${name} was withdrawn`,
  unban: (name) => `${name} may come back`,
  unmute: (name) => `${name} may write again`,
  'make-admin': (name) => `${name} is an admin now`,
  'make-member': (name) => `${name} is a member now`,
};

/** The people of a group, with what my role allows me to do. */
class Members extends View {
  static properties = {
    ...View.properties,
    group: {attribute: false},
    lists: {state: true},
    next: {state: true},
    open: {state: true},
    error: {state: true},
    presence: {state: true},
  };

  constructor() {
    super();
    this.lists = null;
    this.open = null;
    this.presence = {};
    this.onMembers = (event) => {
      if (event.detail !== this.group) return;
      clearTimeout(this.soon);
      this.soon = setTimeout(() => this.#load(), 300);
    };
    this.onClick = (event) => {
      if (this.open && !event.composedPath().some((node) => node.classList?.contains('person-menu'))) this.open = null;
    };
  }

  connectedCallback() {
    super.connectedCallback();
    this.session.addEventListener('members', this.onMembers);
    document.addEventListener('click', this.onClick);
    this.#load();
    this.presenceTimer = setInterval(() => document.visibilityState === 'visible' && this.#look(), 10_000);
  }

  disconnectedCallback() {
    clearInterval(this.presenceTimer);
    super.disconnectedCallback();
    this.session.removeEventListener('members', this.onMembers);
    document.removeEventListener('click', this.onClick);
    clearTimeout(this.soon);
  }

  async #load() {
    const group = this.session.state.groups[this.group];
    const wanted = leads(group) ? ['ACTIVE', 'REQUESTED', 'INVITED', 'BANNED'] : ['ACTIVE'];
    try {
      const pages = await Promise.all(wanted.map((status) => this.session.api.get(`/groups/${this.group}/members`, {status, limit: 100})));
      this.lists = Object.fromEntries(wanted.map((status, i) => [status, pages[i].items.map((item) => ({...personOf(item), status}))]));
      this.next = pages[0].next;
      this.error = null;
      this.#look();
    } catch (problem) {
      this.error = problem;
    }
  }

  /** Who confirmed to be online or away. */
  async #look() {
    const ids = (this.lists?.ACTIVE ?? []).map(({id}) => id);
    if (ids.length === 0) return;
    try {
      this.presence = (await this.session.api.get('/presence', {accounts: ids.slice(0, 1000).join(',')})).accounts;
    } catch {
      this.presence = {};
    }
  }

  render() {
    const group = this.session.state.groups[this.group];
    if (!group) return nothing;
    const active = this.lists?.ACTIVE ?? [];
    return html`
      <aside class="panel" aria-label="Members">
        <header class="panel-head"><h2>${people(group.memberCount)}</h2>
          ${mayInvite(group) ? html`<button class="button small" type="button" @click=${() => this.#ask({what: 'invite', group: this.group})}>${icons.plus}Invite</button>` : nothing}
          ${closeButton(() => this.dispatchEvent(new CustomEvent('close')), 'Close the members')}</header>
        <div class="panel-body">
          ${this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : nothing}
          ${!this.lists && !this.error ? skeleton(6) : nothing}
          ${Object.entries(SECTIONS).map(([status, title]) => (status === 'BANNED' ? nothing : this.#section(title, this.lists?.[status], group)))}
          ${['OWNER', 'ADMIN', 'MEMBER'].map((role) => this.#section(
            {OWNER: 'Owner', ADMIN: 'Admins', MEMBER: 'Members'}[role], active.filter((person) => person.role === role), group))}
          ${this.next ? html`<button class="button wide" type="button" @click=${() => this.#more()}>Show more</button>` : nothing}
          ${this.#section(SECTIONS.BANNED, this.lists?.BANNED, group)}
        </div>
      </aside>`;
  }

  #section(title, persons, group) {
    if (!persons?.length) return nothing;
    return html`<section><h3>${title}<span>${persons.length}</span></h3>
      <ul role="list">${repeat(persons, (person) => person.id, (person) => this.#person(person, group))}</ul></section>`;
  }

  #person(person, group) {
    const me = this.session.state.me.id;
    const actions = actionsOn(group, person, me, Date.now());
    const muted = person.mutedUntil && Date.parse(person.mutedUntil) > Date.now();
    const quick = actions.includes('approve');
    return html`<li class="person ${quick ? 'asks' : ''}">
      <span class="presence ${this.presence[person.id] ?? ''}">${avatar(person)}</span>
      <span class="person-text"><span class="person-name">${person.name}${person.id === me ? html` <em>(you)</em>` : nothing}</span>
        <span class="person-note">${this.presence[person.id] && person.status === 'ACTIVE' ? html`<span class="presence-word">${PRESENCE[this.presence[person.id]]}</span> · ` : nothing}${muted ? `Muted until ${dateTime(person.mutedUntil)}` : person.role && person.status === 'ACTIVE' ? ROLE_NAME[person.role] : person.since ? (quick ? shortTime(person.since) : `since ${dateTime(person.since)}`) : ''}</span></span>
      ${quick
        ? html`<button class="button small primary" type="button" @click=${() => this.#do('approve', person)}>Approve</button>
            <button class="icon-button" type="button" aria-label="Decline ${person.name}" title="Decline" @click=${() => this.#do('decline', person)}>${icons.close}</button>`
        : actions.length ? this.#menu(person, actions) : nothing}
    </li>`;
  }

  #menu(person, actions) {
    const open = this.open === person.id;
    return html`<span class="person-menu" @keydown=${(event) => this.#menuKey(event)}>
      <button class="icon-button" type="button" aria-haspopup="menu" aria-expanded=${open} aria-label="Actions for ${person.name}"
        @click=${(event) => this.#toggle(event, person)}>${icons.more}</button>
      ${open
        ? html`<div class="menu" role="menu">${actions.map((action) => html`<button class="menu-item ${/^(remove|ban)$/.test(action) ? 'danger' : ''}" role="menuitem" type="button" @click=${() => this.#choose(action, person)}>${ACTION[action]}</button>`)}</div>`
        : nothing}</span>`;
  }

  #toggle(event, person) {
    this.open = this.open === person.id ? null : person.id;
    const menu = event.currentTarget.parentElement;
    // Opened by the keyboard: the first action has the focus.
    if (this.open && event.detail === 0) this.updateComplete.then(() => menu.querySelector('[role=menuitem]')?.focus());
    if (this.open) this.updateComplete.then(() => menu.querySelector('.menu')?.scrollIntoView({block: 'nearest'}));
  }

  #menuKey(event) {
    const items = [...event.currentTarget.querySelectorAll('[role=menuitem]')];
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && items.length) {
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    } else if (event.key === 'Escape' && this.open) {
      event.preventDefault();
      event.currentTarget.querySelector('button').focus();
      this.open = null;
    }
  }

  #choose(action, person) {
    this.open = null;
    if (action === 'mute') {
      this.#ask({what: 'mute', group: this.group, person, done: () => this.#load()});
    } else if (['remove', 'ban', 'transfer'].includes(action)) {
      const words = {
        remove: [`Remove ${person.name}?`, 'They lose access to this group and its history.', 'Remove'],
        ban: [`Ban ${person.name}?`, 'They are removed and cannot come back until the ban is lifted.', 'Ban'],
        transfer: [`Hand the group over to ${person.name}?`, 'They become the owner, and you an admin.', 'Hand over'],
      }[action];
      this.#ask({what: 'confirm', title: words[0], text: words[1], action: words[2], danger: action !== 'transfer', run: () => this.#run(action, person)});
    } else {
      this.#do(action, person);
    }
  }

  async #do(action, person) {
    await this.session.attempt(() => this.#run(action, person), DONE[action]?.(person.name));
  }

  async #run(action, person) {
    const path = `/groups/${this.group}/members/${person.id}`;
    const body = {'make-admin': {role: 'ADMIN'}, 'make-member': {role: 'MEMBER'}}[action];
    const verb = body ? 'role' : action;
    await this.session.api.post(`${path}/${verb}`, body);
    await Promise.all([this.#load(), this.session.refreshGroup(this.group)]);
  }

  async #more() {
    const page = await this.session.attempt(() =>
      this.session.api.get(`/groups/${this.group}/members`, {status: 'ACTIVE', limit: 100, cursor: this.next}));
    if (!page) return;
    this.next = page.next;
    this.lists = {...this.lists, ACTIVE: [...this.lists.ACTIVE, ...page.items.map((item) => ({...personOf(item), status: 'ACTIVE'}))]};
  }

  #ask(detail) {
    this.dispatchEvent(new CustomEvent('ask', {detail, bubbles: true}));
  }
}
customElements.define('plenum-members', Members);
