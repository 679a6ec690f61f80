/**
 * <plenum-chat group="..." theme="light|dark|system"></plenum-chat>
 *
 * One group of Plenum inside a portal's page. Load this file with a script element from the Plenum server (as a
 * classic script or as a module) and set the `token` property to the access token of the portal's user:
 *
 *   const chat = document.querySelector('plenum-chat');
 *   chat.token = await tokenOfMyUser();
 *   chat.addEventListener('plenum-token-needed', async () => { chat.token = await tokenOfMyUser(); });
 *   chat.addEventListener('plenum-unread', (event) => { badge.textContent = event.detail.unread; });
 *
 * Without a token the frame shows Plenum's own sign-in. Events: plenum-ready, plenum-signed-in, plenum-unread,
 * plenum-token-needed, plenum-error. The portal's origin must be in `plenum.web.frame-ancestors`.
 */
(() => {
  const script = document.currentScript?.src ?? [...document.scripts].map((s) => s.src).find((s) => s.endsWith('/embed/plenum-chat.js'));

  class PlenumChat extends HTMLElement {
    static observedAttributes = ['group', 'theme', 'src'];
    #frame = null;
    #token = null;
    #ready = false;
    #listen = (event) => this.#heard(event);

    /** The access token; set again to renew it. Never an attribute: attributes end up in logs and in the DOM. */
    set token(value) {
      this.#token = value;
      this.#hand();
    }

    get token() {
      return this.#token;
    }

    connectedCallback() {
      window.addEventListener('message', this.#listen);
      this.#build();
    }

    disconnectedCallback() {
      window.removeEventListener('message', this.#listen);
      this.#frame?.remove();
      this.#frame = null;
    }

    attributeChangedCallback(name, before, after) {
      if (this.#frame && before !== after) this.#build();
    }

    #address() {
      const base = this.getAttribute('src') ?? script;
      const url = new URL(base ? new URL('..', base) : '/plenum/', location.href);
      url.searchParams.set('embed', '1');
      url.searchParams.set('group', this.getAttribute('group') ?? '');
      const theme = this.getAttribute('theme');
      if (theme) url.searchParams.set('theme', theme);
      return url;
    }

    #build() {
      this.#frame?.remove();
      this.#ready = false;
      const frame = document.createElement('iframe');
      frame.src = this.#address().href;
      frame.title = this.getAttribute('label') ?? 'Group chat';
      frame.allow = 'clipboard-write';
      Object.assign(frame.style, {width: '100%', height: '100%', border: '0', display: 'block', minHeight: '320px'});
      if (!this.style.display) this.style.display = 'block';
      this.append(frame);
      this.#frame = frame;
    }

    #hand() {
      if (!this.#ready || !this.#token) return;
      this.#frame.contentWindow.postMessage({type: 'plenum:token', token: this.#token}, this.#address().origin);
    }

    #heard(event) {
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== this.#address().origin) return;
      const type = event.data?.type;
      if (typeof type !== 'string' || !type.startsWith('plenum:')) return;
      if (type === 'plenum:ready') {
        this.#ready = true;
        this.#hand();
      }
      this.dispatchEvent(new CustomEvent(type.replace(':', '-'), {detail: event.data, bubbles: true}));
    }
  }

  if (!customElements.get('plenum-chat')) customElements.define('plenum-chat', PlenumChat);
})();
