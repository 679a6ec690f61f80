import {LitElement, html, nothing, svg} from '../../vendor/lit-element/lit-element.js';

export {html, nothing, svg};
export {repeat} from '../../vendor/lit-html/directives/repeat.js';
export {classMap} from '../../vendor/lit-html/directives/class-map.js';
export {live} from '../../vendor/lit-html/directives/live.js';
export {ref, createRef} from '../../vendor/lit-html/directives/ref.js';
export {keyed} from '../../vendor/lit-html/directives/keyed.js';

/**
 * A component of the page. It renders into the document itself, styled by the page's style sheets, and renders
 * again whenever the session changes.
 */
export class View extends LitElement {
  static properties = {session: {attribute: false}};
  #subscribed = null;
  #changed = () => this.requestUpdate();

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#subscribe();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#subscribed?.removeEventListener('change', this.#changed);
    this.#subscribed = null;
  }

  willUpdate() {
    this.#subscribe();
  }

  #subscribe() {
    if (!this.session || this.#subscribed === this.session || !this.isConnected) return;
    this.#subscribed?.removeEventListener('change', this.#changed);
    this.session.addEventListener('change', this.#changed);
    this.#subscribed = this.session;
  }
}

export const go = (route) => {
  location.hash = route;
};
