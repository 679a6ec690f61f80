import {problemWords} from '../core/words.js';
import {View, html, nothing} from './base.js';
import {icons, logo} from './icons.js';
import {busyLabel} from './parts.js';

class SignIn extends View {
  static properties = {...View.properties, busy: {state: true}, error: {state: true}};

  render() {
    const external = this.session.about?.realm === 'external';
    return html`
      <main class="sign-in">
        <div class="card">
          <header class="brand">${logo}<h1>Plenum</h1></header>
          <p class="lead">Conversations for your whole organisation.</p>
          ${this.session.notice ? html`<p class="notice" role="status">${icons.warn}<span>${this.session.notice}</span></p>` : nothing}
          ${external ? this.#elsewhere() : this.#form()}
        </div>
        ${this.session.about ? html`<footer class="foot">Plenum ${this.session.about.version}</footer>` : nothing}
      </main>`;
  }

  #elsewhere() {
    return html`<p class="notice">${icons.lock}<span>Signing in happens at your organisation's portal. Please open Plenum from there.</span></p>`;
  }

  #form() {
    return html`
      <form @submit=${this.#submit} aria-label="Sign in">
        <label class="field"><span>Name</span>
          <input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100" autofocus></label>
        <label class="field"><span>Password</span>
          <input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
        <label class="check"><input type="checkbox" name="keep"><span>Stay signed in on this device</span></label>
        ${this.error ? html`<p class="error" role="alert">${this.error}</p>` : nothing}
        <button class="button primary wide" ?disabled=${this.busy}>${busyLabel(this.busy, 'Sign in')}</button>
      </form>`;
  }

  #submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const values = new FormData(form);
    this.busy = true;
    this.error = null;
    try {
      await this.session.signIn(values.get('name').trim(), values.get('password'), values.has('keep'));
    } catch (problem) {
      this.error = problemWords(problem);
      form.elements.password.select();
    } finally {
      this.busy = false;
    }
  };
}
customElements.define('plenum-sign-in', SignIn);
