import {View, html, nothing} from './base.js';
import {icons} from './icons.js';
import {closeButton} from './parts.js';

/** Limit of the server for one message, in bytes of UTF-8 (`plenum.group.max-message-bytes`). */
const LIMIT = 16_384;
const WARN = 500;

/** Where a message is written. Unfinished text is kept for each group. */
class Composer extends View {
  static properties = {...View.properties, group: {attribute: false}, name: {attribute: false}, replyTo: {attribute: false}, left: {state: true}, filled: {state: true}};

  constructor() {
    super();
    this.left = LIMIT;
    this.filled = false;
  }

  get #draftKey() {
    return `plenum.draft.${this.session.state.me.id}.${this.group}`;
  }

  get #field() {
    return this.querySelector('textarea');
  }

  firstUpdated() {
    this.#field.value = localStorage.getItem(this.#draftKey) ?? '';
    this.#measure();
    if (matchMedia('(hover: hover)').matches && !this.session.embedded) this.#field.focus();
  }

  render() {
    const over = this.left < 0;
    return html`
      <form class="composer ${over ? 'over' : ''}" @submit=${this.#submit} aria-label="Write a message">
        ${this.replyTo
          ? html`<div class="replying">${icons.reply}<span>Reply to <strong>${this.replyTo.by?.name}</strong>: ${this.replyTo.text}</span>${closeButton(() => this.#cancel(), 'Cancel the reply')}</div>`
          : nothing}
        <div class="compose-row">
          <textarea rows="1" placeholder="Message ${this.name}" aria-label="Message ${this.name}" @input=${this.#input} @keydown=${this.#key} enterkeyhint="send"></textarea>
          <button class="send" aria-label="Send" title="Send (Enter)" ?disabled=${!this.filled || over}>${icons.send}</button>
        </div>
        <p class="compose-foot">${this.left < WARN
          ? html`<span class=${over ? 'bad' : ''} role="status">${over ? `${-this.left} characters too long` : `${this.left} characters left`}</span>`
          : html`<span class="keys"><kbd>Enter</kbd> sends · <kbd>Shift</kbd>+<kbd>Enter</kbd> new line · <kbd>↑</kbd> edits your last</span>`}</p>
      </form>`;
  }

  #input = () => {
    this.#measure();
    const text = this.#field.value;
    try {
      if (text) localStorage.setItem(this.#draftKey, text);
      else localStorage.removeItem(this.#draftKey);
    } catch {
      // A draft that cannot be kept is still in the field.
    }
    if (text.trim()) this.session.typing(this.group);
  };

  #measure() {
    const field = this.#field;
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, 220)}px`;
    this.filled = field.value.trim() !== '';
    this.left = LIMIT - new TextEncoder().encode(field.value.trim()).length;
  }

  #key = (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.querySelector('form').requestSubmit();
    } else if (event.key === 'ArrowUp' && this.#field.value === '') {
      event.preventDefault();
      this.dispatchEvent(new CustomEvent('edit-last'));
    } else if (event.key === 'Escape' && this.replyTo) {
      event.preventDefault();
      this.#cancel();
    }
  };

  #cancel() {
    this.dispatchEvent(new CustomEvent('cancel-reply'));
    this.#field.focus();
  }

  #submit = (event) => {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (!text || this.left < 0) return;
    this.session.post(this.group, text, this.replyTo?.seq);
    this.#field.value = '';
    localStorage.removeItem(this.#draftKey);
    this.#measure();
    this.#field.focus();
    this.dispatchEvent(new CustomEvent('posted'));
  };
}
customElements.define('plenum-composer', Composer);
