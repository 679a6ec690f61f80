import {unreadOf} from '../core/reducer.js';
import {View, html, keyed, nothing, repeat} from './base.js';
import {icons, logo} from './icons.js';
import {closeButton, empty} from './parts.js';
import './admin.js';
import './chat.js';
import './cluster.js';
import './dialogs.js';
import './discover.js';
import './sidebar.js';
import './sign-in.js';

/** The frame of the page: who is signed in, where the person is, what is on top. */
class App extends View {
  static properties = {...View.properties, route: {state: true}, asked: {state: true}};

  constructor() {
    super();
    this.route = routeOf(location.hash);
    this.asked = null;
    this.routed = () => {
      this.route = routeOf(location.hash);
      this.asked = null;
    };
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener('hashchange', this.routed);
    addEventListener('keydown', this.#shortcut);
    this.addEventListener('ask', (event) => (this.asked = event.detail));
    this.ticker = setInterval(() => {
      if (this.session && !this.session.connection.online) this.requestUpdate();
    }, 1000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.routed);
    removeEventListener('keydown', this.#shortcut);
    clearInterval(this.ticker);
  }

  updated() {
    const groups = Object.values(this.session?.state.groups ?? {});
    const unread = groups.reduce((sum, group) => sum + (group.role ? unreadOf(group) : 0), 0);
    const here = this.route.name === 'g' ? this.session?.state.groups[this.route.id]?.name : null;
    document.title = `${unread ? `(${unread > 99 ? '99+' : unread}) ` : ''}${here ? `${here} · ` : ''}Plenum`;
  }

  render() {
    const session = this.session;
    if (!session) return nothing;
    if (!session.state.me) {
      return html`<plenum-sign-in .session=${session}></plenum-sign-in>${this.#toasts()}`;
    }
    if (session.embedded) {
      return html`<div class="shell embedded">${this.#banner()}<main class="main">${this.#chat(session.embedGroup)}</main></div>
        ${this.#dialog()}${this.#toasts()}`;
    }
    return html`
      <div class="shell ${this.route.name === 'home' ? 'at-home' : 'at-place'}">
        <a class="skip" href="#main" @click=${this.#skip}>Skip to the conversation</a>
        <plenum-sidebar .session=${session} .route=${this.route}></plenum-sidebar>
        <main class="main" id="main" tabindex="-1">${this.#banner()}${this.#place()}</main>
      </div>
      ${this.#dialog()}${this.#toasts()}`;
  }

  #place() {
    switch (this.route.name) {
      case 'g':
        return this.#chat(this.route.id);
      case 'discover':
        return html`<plenum-discover .session=${this.session}></plenum-discover>`;
      case 'invitations':
        return html`<plenum-invitations .session=${this.session}></plenum-invitations>`;
      case 'admin':
        return this.session.state.me.admin ? html`<plenum-admin .session=${this.session} .tab=${this.route.id ?? 'accounts'}></plenum-admin>` : nothing;
      case 'cluster':
        return this.session.state.me.admin ? html`<plenum-cluster .session=${this.session}></plenum-cluster>` : nothing;
      default:
        return html`<div class="welcome">${empty(logo, `Welcome, ${this.session.state.me.displayName.split(' ')[0]}`, 'Choose a group on the left, discover one, or start your own.',
          html`<div class="row"><a class="button" href="#discover">${icons.compass}Discover</a>
            <button class="button primary" type="button" @click=${() => (this.asked = {what: 'create'})}>${icons.plus}New group</button></div>`)}</div>`;
    }
  }

  #chat(id) {
    return keyed(id, html`<plenum-chat-view .session=${this.session} .group=${id}></plenum-chat-view>`);
  }

  #banner() {
    const {online, retryAt, ever, lostAt} = this.session.connection;
    const lostFor = Date.now() - (lostAt ?? Date.now());
    if (online || (!ever && lostFor < 2500) || lostFor < 700) return nothing;
    const waiting = this.session.outbox?.items.filter((item) => item.state !== 'failed' && item.state !== 'acked').length ?? 0;
    const seconds = retryAt ? Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) : 0;
    return html`<div class="banner" role="status">
      ${icons.warn}<span><strong>No connection.</strong> ${waiting
        ? `${waiting === 1 ? 'One message waits' : `${waiting} messages wait`} and will be sent.`
        : 'New messages will appear when it is back.'}
        ${retryAt && seconds > 1 ? `Next attempt in ${seconds} s.` : 'Connecting…'}</span>
      <button class="button small" type="button" @click=${() => this.session.stream?.retryNow()}>Try now</button></div>`;
  }

  #dialog() {
    if (!this.asked) return nothing;
    return html`<plenum-dialog .session=${this.session} .asked=${this.asked} @done=${() => (this.asked = null)}></plenum-dialog>`;
  }

  #toasts() {
    return html`<div class="toasts" role="status" aria-live="polite">
      ${repeat(this.session.toasts, (toast) => toast.id, (toast) => html`<div class="toast ${toast.tone}">
        ${toast.tone === 'bad' ? icons.warn : toast.tone === 'good' ? icons.check : nothing}<span>${toast.text}</span>
        ${closeButton(() => this.session.dismiss(toast.id), 'Dismiss')}</div>`)}</div>`;
  }

  /** Ctrl+K finds a group, Alt with the arrows goes to the next one. */
  #shortcut = (event) => {
    if (this.asked || !this.session?.state.me || this.session.embedded) return;
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      const field = this.querySelector('.side-search input');
      if (field.offsetParent === null) location.hash = '';
      requestAnimationFrame(() => field.focus());
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const rows = [...this.querySelectorAll('.group-row')];
      if (rows.length === 0) return;
      event.preventDefault();
      const at = rows.findIndex((row) => row.hasAttribute('aria-current'));
      const step = event.key === 'ArrowDown' ? 1 : -1;
      rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : (at + step + rows.length) % rows.length].click();
    }
  };

  #skip = (event) => {
    event.preventDefault();
    this.querySelector('#main').focus();
  };
}

function routeOf(hash) {
  const [name, id] = hash.replace(/^#\/?/, '').split('/');
  return {name: name || 'home', id};
}

customElements.define('plenum-app', App);
