import {people} from '../core/format.js';
import {entrance, postingObstacle} from '../core/permissions.js';
import {invitationsOf, typersOf} from '../core/reducer.js';
import {TYPE_HINT, TYPE_NAME, problemWords} from '../core/words.js';
import {View, go, html, nothing} from './base.js';
import {icons, typeIcon} from './icons.js';
import {empty, skeleton, tile} from './parts.js';
import './composer.js';
import './members.js';
import './timeline.js';

/** One group: its head, timeline, composer, and the panel of members. */
class ChatView extends View {
  static properties = {
    ...View.properties,
    group: {attribute: false},
    panel: {state: true},
    replyTo: {state: true},
    editing: {state: true},
    error: {state: true},
    busy: {state: true},
  };

  constructor() {
    super();
    this.panel = false;
    this.onMembership = (event) => {
      if (event.detail === this.group) this.#load();
    };
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
    this.session.addEventListener('membership', this.onMembership);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.session.removeEventListener('membership', this.onMembership);
    this.session.shelve(this.group);
  }

  /** The group went out of my list, while I was away perhaps: its door is shown, or that it is gone. */
  updated() {
    const {state, loaded} = this.session;
    if (loaded && this.ready && !this.error && !state.groups[this.group]) this.#load();
  }

  async #load() {
    this.ready = false;
    this.error = null;
    try {
      const known = this.session.state.groups[this.group];
      const group = known?.role ? known : await this.session.refreshGroup(this.group);
      // The divider stays where reading began, not where it is now.
      this.readSeq ??= group.role ? group.read.seq : -1;
      if (group.role) {
        await this.session.open(this.group);
        this.session.refreshGroup(this.group).catch(() => {});
      }
    } catch (problem) {
      this.error = problem;
    }
    this.ready = true;
    this.requestUpdate();
  }

  render() {
    const {state} = this.session;
    const group = state.groups[this.group];
    if (this.error && !state.timelines[this.group]) {
      return html`<div class="chat">${this.#bareHead()}${empty(icons.warn, 'This group cannot be shown', problemWords(this.error),
        html`<button class="button" type="button" @click=${() => this.#load()}>${icons.retry}Try again</button>`)}</div>`;
    }
    if (!group) return html`<div class="chat">${this.#bareHead()}<div class="pad">${skeleton(7)}</div></div>`;
    if (!group.role) return html`<div class="chat">${this.#head(group, false)}${this.#door(group)}</div>`;
    const obstacle = postingObstacle(group, Date.now());
    const typers = typersOf(state, this.group, Date.now());
    return html`
      <div class="chat ${this.panel ? 'with-panel' : ''}" @keydown=${this.#key}>
        <div class="chat-main">
          ${this.#head(group, true)}
          <plenum-timeline .session=${this.session} .group=${this.group} .readSeq=${this.readSeq ?? -1} .editing=${this.editing}
            @reply=${this.#reply} @edit=${(event) => (this.editing = event.detail)} @edited=${this.#edited} @people=${() => (this.panel = true)}></plenum-timeline>
          <div class="typing" aria-live="polite">${typers.length ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>${typingWords(typers)}` : nothing}</div>
          ${obstacle
            ? html`<div class="obstacle" role="note">${icons.lock}<span>${obstacle}</span></div>`
            : html`<plenum-composer .session=${this.session} .group=${this.group} .name=${group.name} .replyTo=${this.replyTo}
                @cancel-reply=${() => (this.replyTo = null)} @edit-last=${this.#editLast} @posted=${this.#posted}></plenum-composer>`}
        </div>
        ${this.panel
          ? html`<plenum-members .session=${this.session} .group=${this.group} @close=${() => (this.panel = false)}></plenum-members>`
          : nothing}
      </div>`;
  }

  #bareHead() {
    return html`<header class="chat-head">${this.#back()}</header>`;
  }

  #back() {
    return this.session.embedded
      ? nothing
      : html`<button class="icon-button only-narrow" type="button" aria-label="Back to the groups" @click=${() => go('')}>${icons.back}</button>`;
  }

  #head(group, member) {
    return html`<header class="chat-head">
      ${this.#back()}
      ${tile(group)}
      <div class="chat-title">
        <h1>${group.name}${group.status === 'ARCHIVED' ? html`<span class="chip">Archived</span>` : nothing}</h1>
        <p title=${group.topic}><span class="kind">${TYPE_NAME[group.type]}</span>${group.topic ? html` · ${group.topic}` : nothing}</p>
      </div>
      ${member
        ? html`<button class="button quiet" type="button" aria-pressed=${this.panel} aria-label="Members: ${people(group.memberCount)}" title="Members"
              @click=${() => (this.panel = !this.panel)}>${icons.people}<span class="count">${group.memberCount}</span></button>
            <button class="icon-button" type="button" aria-label="Group settings" title="Group settings" @click=${() => this.#ask({what: 'settings', group: group.id})}>${icons.settings}</button>`
        : nothing}
    </header>`;
  }

  #door(group) {
    const invited = invitationsOf(this.session.state).some((invitation) => invitation.id === group.id) || group.relation === 'INVITED';
    const way = entrance(group);
    let action = nothing;
    let text = `${people(group.memberCount)}. ${TYPE_HINT[group.type]}`;
    if (invited) {
      text += ' You are invited.';
      action = html`<div class="row"><button class="button" type="button" ?disabled=${this.busy} @click=${() => this.#enter('decline-invitation', 'Invitation declined')}>Decline</button>
        <button class="button primary" type="button" ?disabled=${this.busy} @click=${() => this.#enter('accept-invitation')}>Accept</button></div>`;
    } else if (group.relation === 'REQUESTED' || this.requested) {
      text += ' You asked to join; an admin will answer.';
    } else if (group.relation === 'BANNED') {
      text = 'You are banned from this group.';
    } else if (way === 'join') {
      action = html`<button class="button primary" type="button" ?disabled=${this.busy} @click=${() => this.#enter('join')}>Join the group</button>`;
    } else if (way === 'request') {
      action = html`<button class="button primary" type="button" ?disabled=${this.busy} @click=${() => this.#enter('request', 'Your request was sent')}>Ask to join</button>`;
    } else if (group.status !== 'ACTIVE') {
      text = group.status === 'ARCHIVED' ? 'This group is archived.' : 'This group was dissolved.';
    }
    if (this.session.state.me.admin && way !== 'join' && group.relation !== 'BANNED' && group.status !== 'DISSOLVED') {
      action = html`${action}<p class="hint">You administer this platform. <button class="link" type="button" ?disabled=${this.busy} @click=${this.#seat}>Join without asking</button></p>`;
    }
    return empty(typeIcon(group.type), group.name, group.topic ? html`${group.topic}<br>${text}` : text, action);
  }

  async #enter(how, done) {
    this.busy = true;
    const worked = await this.session.attempt(() => this.session.enter(this.group, how), done);
    this.busy = false;
    if (!worked) return;
    if (how === 'request') this.requested = true;
    await this.#load();
  }

  #seat = async () => {
    this.busy = true;
    const worked = await this.session.attempt(() => this.session.takeSeat(this.group), 'You joined as an administrator');
    this.busy = false;
    if (worked) await this.#load();
  };

  #reply = (event) => {
    this.replyTo = event.detail;
    this.querySelector('plenum-composer textarea')?.focus();
  };

  #posted = () => {
    this.replyTo = null;
    this.readSeq = Number.MAX_SAFE_INTEGER;
    this.querySelector('plenum-timeline')?.toEnd();
  };

  #edited = () => {
    this.editing = null;
    this.querySelector('plenum-composer textarea')?.focus();
  };

  #editLast = () => {
    const me = this.session.state.me.id;
    const last = this.session.state.timelines[this.group]?.entries.findLast(
      (entry) => entry.kind === 'message.posted' && entry.by?.id === me && !entry.recalledAt);
    if (last) this.editing = last.seq;
  };

  #key = (event) => {
    if (event.key === 'Escape' && this.panel && !event.defaultPrevented) this.panel = false;
  };

  #ask(detail) {
    this.dispatchEvent(new CustomEvent('ask', {detail, bubbles: true}));
  }
}

function typingWords(names) {
  const first = names.map((name) => name.split(' ')[0]);
  if (first.length === 1) return `${first[0]} is typing`;
  if (first.length === 2) return `${first[0]} and ${first[1]} are typing`;
  return 'Several people are typing';
}

customElements.define('plenum-chat-view', ChatView);
