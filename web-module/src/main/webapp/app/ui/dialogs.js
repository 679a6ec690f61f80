import {dateTime} from '../core/format.js';
import {moderates, owns} from '../core/permissions.js';
import {personOf} from '../core/shapes.js';
import {TYPE_HINT, TYPE_NAME, problemWords} from '../core/words.js';
import {View, go, html, nothing, repeat} from './base.js';
import {icons, typeIcon} from './icons.js';
import {avatar, busyLabel, closeButton} from './parts.js';

const HOURS = [[1, '1 hour'], [8, '8 hours'], [24, '1 day'], [168, '1 week'], [720, '30 days'], ['until', 'Until…']];

const LETTER = [
  ['detail', 'Reason'],
  ['code', 'Code'],
  ['command', 'Command'],
  ['businessKey', 'Business key'],
  ['messageId', 'Message'],
  ['messageType', 'Type of message'],
  ['attempts', 'Attempts'],
  ['receivedAt', 'Received', dateTime],
  ['status', 'State', (status) => status.toLowerCase()],
  ['changedAt', 'Last changed', dateTime],
  ['changedBy', 'By'],
  ['group', 'Group'],
];

/** The one dialog on top: create, settings, invite, mute, confirm, read a dead letter, new account. */
class Dialog extends View {
  static properties = {...View.properties, asked: {attribute: false}, busy: {state: true}, error: {state: true}, chosen: {state: true}, found: {state: true}, type: {state: true}, until: {state: true}};

  constructor() {
    super();
    this.chosen = [];
    this.found = null;
    this.type = 'PUBLIC';
  }

  firstUpdated() {
    const dialog = this.querySelector('dialog');
    dialog.addEventListener('close', () => this.dispatchEvent(new CustomEvent('done')));
    dialog.showModal();
  }

  render() {
    const ask = this.asked;
    const [title, body] = {
      create: () => ['New group', this.#create()],
      settings: () => ['Group settings', this.#settings()],
      invite: () => ['Invite people', this.#invite()],
      mute: () => [`Mute ${ask.person.name}`, this.#mute()],
      confirm: () => [ask.title, this.#confirm()],
      letter: () => ['Dead letter', this.#letter()],
      account: () => ['New account', this.#account()],
      password: () => [ask.account.id === this.session.state.me.id ? 'Change your password' : `New password for ${ask.account.displayName}`, this.#password()],
    }[ask.what]();
    return html`<dialog class="dialog ${ask.what}" aria-labelledby="dialog-title" @click=${this.#outside}>
      <div class="dialog-box">
        <header><h2 id="dialog-title">${title}</h2>${closeButton(() => this.#close())}</header>
        ${body}
      </div></dialog>`;
  }

  #error() {
    return this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing;
  }

  #buttons(label, {danger = false} = {}) {
    return html`${this.#error()}<footer class="row end"><button class="button" type="button" @click=${() => this.#close()}>Cancel</button>
      <button class="button ${danger ? 'danger' : 'primary'}" ?disabled=${this.busy}>${busyLabel(this.busy, label)}</button></footer>`;
  }

  #create() {
    return html`<form @submit=${(event) => this.#submit(event, async (values) => {
      const id = await this.session.create({
        type: this.type,
        name: values.name.trim(),
        topic: values.topic.trim(),
        postingRule: this.type === 'ANNOUNCEMENT' ? 'ADMINS' : 'EVERYONE',
        retentionDays: 0,
        members: this.chosen.map((person) => person.id),
      });
      this.#close();
      if (id) go(`g/${id}`);
    })}>
      <label class="field"><span>Name</span><input name="name" required maxlength="80" autocomplete="off" autofocus></label>
      <label class="field"><span>Topic <em>optional</em></span><input name="topic" maxlength="500" autocomplete="off"></label>
      <fieldset class="choices"><legend>Who gets in</legend>
        ${Object.keys(TYPE_NAME).map((type) => html`<label class="choice"><input type="radio" name="type" value=${type} .checked=${this.type === type} @change=${() => (this.type = type)}>
          <span class="choice-icon">${typeIcon(type)}</span><span><strong>${TYPE_NAME[type]}</strong><small>${TYPE_HINT[type]}</small></span></label>`)}
      </fieldset>
      ${this.#picker('Members from the start')}
      ${this.#buttons('Create group')}</form>`;
  }

  #invite() {
    return html`<form @submit=${(event) => this.#submit(event, async () => {
      const failures = [];
      for (const person of this.chosen) {
        await this.session.api.post(`/groups/${this.asked.group}/invitations`, {accountId: person.id})
          .catch((problem) => failures.push(`${person.name}: ${problemWords(problem)}`));
      }
      if (failures.length) {
        this.error = failures.join(' ');
        return;
      }
      if (this.chosen.length) this.session.toast(this.chosen.length === 1 ? `${this.chosen[0].name} is invited` : `${this.chosen.length} people are invited`, 'good');
      this.#close();
    })}>${this.#picker('Search people', true)}${this.#buttons('Invite')}</form>`;
  }

  #picker(label, focus = false) {
    return html`<div class="picker">
      <label class="field"><span>${label}</span>
        <input type="search" placeholder="Name" autocomplete="off" ?autofocus=${focus} @input=${this.#search} @keydown=${this.#pickFirst} aria-controls="picker-list"></label>
      ${this.chosen.length
        ? html`<div class="tags">${this.chosen.map((person) => html`<span class="tag">${avatar(person, 'tiny')}${person.name}
            <button type="button" class="icon-button tiny" aria-label="Take ${person.name} off" @click=${() => (this.chosen = this.chosen.filter((p) => p !== person))}>${icons.close}</button></span>`)}</div>`
        : nothing}
      <ul id="picker-list" class="pick-list" role="list">${repeat(this.#offered(), (person) => person.id, (person) => html`<li><button type="button" class="pick" @click=${() => this.#pick(person)}>
        ${avatar(person, 'small')}<span>${person.name}</span><small>${person.login ? `@${person.login}` : ''}</small></button></li>`)}</ul>
      ${this.found && this.found.length === 0 ? html`<p class="hint">Nobody has that name.</p>` : nothing}
    </div>`;
  }

  #offered() {
    const me = this.session.state.me.id;
    return (this.found ?? []).filter((person) => person.id !== me && !this.chosen.some((p) => p.id === person.id)).slice(0, 8);
  }

  #search = (event) => {
    const q = event.target.value.trim();
    clearTimeout(this.searching);
    if (!q) {
      this.found = null;
      return;
    }
    this.searching = setTimeout(async () => {
      const page = await this.session.attempt(() => this.session.api.get('/accounts', {q, limit: 12}));
      if (page) this.found = page.items.map(personOf);
    }, 180);
  };

  #pickFirst = (event) => {
    if (event.key !== 'Enter') return;
    const offered = this.#offered();
    if (!event.target.value && this.chosen.length) return;
    event.preventDefault();
    if (offered.length) this.#pick(offered[0]);
  };

  #pick(person) {
    this.chosen = [...this.chosen, person];
    this.found = null;
    const field = this.querySelector('.picker input');
    field.value = '';
    field.focus();
  }

  #settings() {
    const group = this.session.state.groups[this.asked.group];
    if (!group) return nothing;
    const may = moderates(group) && group.status === 'ACTIVE';
    return html`
      <form @submit=${(event) => this.#submit(event, async (values) => {
        const change = {};
        if (values.name.trim() !== group.name) change.name = values.name.trim();
        if (values.topic.trim() !== group.topic) change.topic = values.topic.trim();
        if (values.postingRule && values.postingRule !== group.postingRule) change.postingRule = values.postingRule;
        if (values.retentionDays !== undefined && Number(values.retentionDays) !== group.retentionDays) change.retentionDays = Number(values.retentionDays);
        if (Object.keys(change).length) {
          await this.session.api.patch(`/groups/${group.id}`, change);
          await this.session.refreshGroup(group.id);
          this.session.toast('Settings saved', 'good');
        }
        this.#close();
      })}>
        <fieldset class="plain" ?disabled=${!may}>
          <label class="field"><span>Name</span><input name="name" required maxlength="80" .value=${group.name} autocomplete="off"></label>
          <label class="field"><span>Topic</span><input name="topic" maxlength="500" .value=${group.topic} autocomplete="off"></label>
          <div class="pair">
            <label class="field"><span>Who posts</span><select name="postingRule" ?disabled=${group.type === 'ANNOUNCEMENT'}>
              <option value="EVERYONE" ?selected=${group.postingRule === 'EVERYONE' && group.type !== 'ANNOUNCEMENT'}>Every member</option>
              <option value="ADMINS" ?selected=${group.postingRule === 'ADMINS' || group.type === 'ANNOUNCEMENT'}>Owner and admins</option></select></label>
            <label class="field"><span>Messages are kept</span><select name="retentionDays" ?disabled=${!owns(group)} title=${owns(group) ? nothing : 'Only the owner changes this'}>
              ${this.#retentions(group.retentionDays).map(([days, label]) => html`<option value=${days} ?selected=${days === group.retentionDays}>${label}</option>`)}</select></label>
          </div>
        </fieldset>
        ${may ? this.#buttons('Save') : html`<p class="hint">${group.status === 'ACTIVE' ? 'The owner and admins change these.' : 'An archived group cannot be changed.'}</p>`}
      </form>
      <section class="zone">
        ${group.status === 'ACTIVE' && owns(group) ? this.#zone('Archive', 'Everybody can read, nobody can write.', 'Archive', () => this.#act(group, 'archive', 'Archived')) : nothing}
        ${group.status === 'ARCHIVED' && owns(group) ? this.#zone('Restore', 'Makes the group writable again.', 'Restore', () => this.#act(group, 'restore', 'Restored')) : nothing}
        ${owns(group)
          ? this.#zone('Dissolve', 'Ends the group for everybody. This cannot be undone.', 'Dissolve', () => this.#sure(`Dissolve “${group.name}”?`, 'All members lose the group and its messages for good.', 'Dissolve', async () => {
              await this.session.api.post(`/groups/${group.id}/dissolve`);
              this.session.forget(group.id);
              go('');
            }), true)
          : nothing}
        ${group.role === 'OWNER'
          ? html`<p class="hint">To leave, hand the group over to another member first.</p>`
          : this.#zone('Leave', 'You no longer see this group.', 'Leave', () => this.#sure(`Leave “${group.name}”?`, group.type === 'PRIVATE' ? 'You need a new invitation to come back.' : 'You can come back later.', 'Leave', async () => {
              await this.session.leave(group.id);
              go('');
            }), true)}
      </section>`;
  }

  #retentions(days) {
    const known = [[0, 'For ever'], [7, '7 days'], [30, '30 days'], [90, '90 days'], [365, '1 year']];
    return known.some(([value]) => value === days) ? known : [...known, [days, `${days} days`]];
  }

  #zone(title, text, label, action, danger = false) {
    return html`<div class="zone-row"><span><strong>${title}</strong><small>${text}</small></span>
      <button class="button small ${danger ? 'danger-quiet' : ''}" type="button" @click=${action}>${label}</button></div>`;
  }

  async #act(group, verb, done) {
    const worked = await this.session.attempt(async () => {
      await this.session.api.post(`/groups/${group.id}/${verb}`);
      await this.session.refreshGroup(group.id);
    }, done);
    if (worked) this.#close();
  }

  /** Asks the frame, whose question this is: a question set here is gone as soon as the frame renders again. */
  #sure(title, text, action, run) {
    this.dispatchEvent(new CustomEvent('ask', {bubbles: true, detail: {what: 'confirm', title, text, action, danger: true, run}}));
  }

  #mute() {
    return html`<form @submit=${(event) => this.#submit(event, async (values) => {
      const until = values.hours === 'until' ? new Date(values.until).toISOString() : new Date(Date.now() + Number(values.hours) * 3_600_000).toISOString();
      await this.session.api.post(`/groups/${this.asked.group}/members/${this.asked.person.id}/mute`, {until});
      this.asked.done?.();
      this.session.toast(`${this.asked.person.name} is muted`, 'good');
      this.#close();
    })} @change=${(event) => event.target.name === 'hours' && (this.until = event.target.value === 'until')}><p>They can read, but not write, for:</p>
      <div class="segments big">${HOURS.map(([hours, label], i) => html`<label><input type="radio" name="hours" value=${hours} ?checked=${i === 1}><span>${label}</span></label>`)}</div>
      ${this.until
        ? html`<label class="field"><span>Until</span><input name="until" type="datetime-local" required min=${localTime(Date.now() + 60_000)} .value=${localTime(Date.now() + 86_400_000)}></label>`
        : nothing}
      ${this.#buttons('Mute')}</form>`;
  }

  #confirm() {
    const {text, quote, action, danger = true, run} = this.asked;
    return html`<form @submit=${(event) => this.#submit(event, async () => {
      await run();
      this.#close();
    })}><p>${text}</p>${quote ? html`<blockquote>${quote}</blockquote>` : nothing}${this.#buttons(action, {danger})}</form>`;
  }

  #letter() {
    const {letter, replay, discard} = this.asked;
    return html`<dl class="facts">${LETTER.filter(([field]) => letter[field] != null && letter[field] !== '' && letter[field] !== 0)
        .map(([field, label, shown]) => html`<dt>${label}</dt><dd>${shown ? shown(letter[field]) : letter[field]}</dd>`)}</dl>
      <pre class="source" tabindex="0" aria-label="Body">${letter.body ?? 'The body was not kept.'}</pre>
      ${letter.truncated ? html`<p class="hint">The body is longer than what is kept.</p>` : nothing}
      ${this.#error()}
      ${letter.status === 'WAITING'
        ? html`<footer class="row end"><button class="button danger-quiet" type="button" @click=${() => this.#letterDo(discard)}>Discard</button>
            <button class="button primary" type="button" @click=${() => this.#letterDo(replay)}>Replay</button></footer>`
        : html`<footer class="row end"><button class="button" type="button" @click=${() => this.#close()}>Close</button></footer>`}`;
  }

  async #letterDo(action) {
    try {
      await action();
      this.#close();
    } catch (problem) {
      this.error = problemWords(problem);
    }
  }

  #account() {
    return html`<form @submit=${(event) => this.#submit(event, async (values) => {
      await this.session.api.post('/accounts', {name: values.name.trim(), displayName: values.displayName.trim(), password: values.password, admin: values.admin === 'on'});
      this.asked.done?.();
      this.#close();
    })}>
      <label class="field"><span>Name</span><input name="name" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" autofocus></label>
      <label class="field"><span>Shown as</span><input name="displayName" required maxlength="100" autocomplete="off"></label>
      <label class="field"><span>Password</span><input name="password" type="password" required minlength="8" maxlength="200" autocomplete="new-password"></label>
      <label class="check"><input type="checkbox" name="admin"><span>Administers the platform</span></label>
      ${this.#buttons('Create account')}</form>`;
  }

  #password() {
    const own = this.asked.account.id === this.session.state.me.id;
    return html`<form @submit=${(event) => this.#submit(event, async (values) => {
      const {account} = this.asked;
      await this.session.api.put(`/accounts/${account.id}/password`, {password: values.password, ...(own ? {currentPassword: values.current} : {})});
      this.session.toast('Password changed', 'good');
      this.#close();
    })}>
      ${own ? html`<label class="field"><span>Present password</span><input name="current" type="password" required maxlength="200" autocomplete="current-password" autofocus></label>` : nothing}
      <label class="field"><span>New password</span><input name="password" type="password" required minlength="8" maxlength="200" autocomplete="new-password" ?autofocus=${!own}></label>
      ${this.#buttons('Change password')}</form>`;
  }

  async #submit(event, action) {
    event.preventDefault();
    this.busy = true;
    this.error = null;
    try {
      await action(Object.fromEntries(new FormData(event.target)));
    } catch (problem) {
      this.error = problemWords(problem);
    } finally {
      this.busy = false;
    }
  }

  #outside = (event) => {
    if (event.target === event.currentTarget) this.#close();
  };

  #close() {
    this.querySelector('dialog')?.close();
  }
}
/** A time as a field of the reader's own zone takes it. */
function localTime(ms) {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

customElements.define('plenum-dialog', Dialog);
