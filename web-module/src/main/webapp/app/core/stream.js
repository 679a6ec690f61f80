import {backoff} from './backoff.js';
import {EventsTransport, SocketTransport} from './transports.js';

const SILENCE = 40_000; // heartbeats come every 15 s
const PROBE = 6_000;
const OPENING = 12_000;
const STABLE = 10_000;
const REFUSALS = 2;
const SOCKET_AGAIN = [30_000, 300_000];

/**
 * The live connection: it comes back by itself, with back-off and jitter, and notices a silent death by missing
 * heartbeats. What is sent and resumed is decided by its owner.
 *
 * It is a WebSocket. Where the server answers but handshakes fail twice in a row (a proxy refuses the upgrade),
 * it listens to server-sent events instead, and looks from time to time whether a WebSocket works by now.
 *
 * Owner: `urls` ({socket, events}), `token()` (may be a promise), `resume(plain)` (group -> last sequence; plain:
 * as few as needed), `frame(frame)`, `rest(frame)` (see EventsTransport), `status({online, retryAt, plain})`,
 * `refused()` (closed before the welcome; a promise of whether the server answers otherwise).
 */
export class Stream {
  #owner;
  #transport = null;
  #attempt = 0;
  #timer = null;
  #watch = null;
  #stable = null;
  #heard = 0;
  #wanted = false;
  #refusals = 0;
  #lookTimer = null;
  #looked = 0;
  #look = null;

  constructor(owner) {
    this.#owner = owner;
    this.online = false;
    /** Whether it listens to server-sent events. */
    this.plain = false;
    this.onOnline = () => this.#now();
    this.onVisible = () => document.visibilityState === 'visible' && this.probe();
  }

  start() {
    this.#wanted = true;
    addEventListener('online', this.onOnline);
    document.addEventListener('visibilitychange', this.onVisible);
    this.#watch = setInterval(() => this.#check(), 5_000);
    this.#open();
  }

  stop() {
    this.#wanted = false;
    removeEventListener('online', this.onOnline);
    document.removeEventListener('visibilitychange', this.onVisible);
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    this.#drop(1000);
  }

  /** Connects now instead of waiting for the end of the back-off. */
  retryNow() {
    this.#now();
  }

  /** @returns {boolean} whether the frame was handed over */
  send(frame) {
    return this.online && this.#transport.send(frame);
  }

  /** Asks for a sign of life; without one the connection is given up. */
  probe() {
    if (!this.#wanted) return;
    if (!this.online) {
      this.#now();
      return;
    }
    if (this.plain) {
      // Nothing can be asked here: a heartbeat that is overdue tells.
      if (Date.now() - this.#heard > SILENCE / 2) this.reconnect();
      return;
    }
    const asked = Date.now();
    const transport = this.#transport;
    this.send({type: 'ping'});
    setTimeout(() => {
      if (this.#transport === transport && this.#heard < asked) this.reconnect();
    }, PROBE);
  }

  /** Gives the connection up and makes a new one. */
  reconnect() {
    this.#drop(4000);
    this.#later();
  }

  #now() {
    if (!this.#wanted || this.online || this.#transport) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  async #open() {
    this.#tell(null);
    const opening = {};
    this.#transport = opening;
    let token;
    try {
      token = await this.#owner.token();
    } catch {
      token = null;
    }
    if (this.#transport !== opening) return;
    if (!this.#wanted || !token) {
      this.#transport = null;
      if (this.#wanted) this.#later();
      return;
    }
    this.#connect(token);
  }

  #connect(token) {
    let deadline = null;
    let transport = null;
    const ended = () => {
      clearTimeout(deadline);
      if (this.#transport === transport) this.#ended();
    };
    const handlers = {
      frame: (frame) => {
        if (this.#transport !== transport) return;
        this.#heard = Date.now();
        if (frame.type === 'welcome') {
          clearTimeout(deadline);
          this.#welcomed();
        }
        this.#owner.frame(frame);
      },
      closed: ended,
    };
    const {socket, events} = this.#owner.urls;
    transport = this.plain
      ? new EventsTransport({url: events, token, resume: () => this.#owner.resume(true), rest: (frame) => this.#owner.rest(frame)}, handlers)
      : new SocketTransport({url: socket, token, resume: () => this.#owner.resume(false)}, handlers);
    this.#transport = transport;
    this.#heard = Date.now();
    deadline = setTimeout(() => !this.online && ended(), OPENING);
  }

  #welcomed() {
    this.online = true;
    this.#refusals = 0;
    this.#stable = setTimeout(() => (this.#attempt = 0), STABLE);
    if (this.plain) this.#lookLater();
    this.#tell(null);
  }

  async #ended() {
    const welcomed = this.online;
    this.#drop(1000);
    if (!welcomed) {
      const attempt = this.#attempt;
      const answers = await this.#owner.refused();
      if (!this.#wanted || this.#transport || this.#attempt !== attempt) return;
      if (!answers) this.#refusals = 0;
      else if (this.plain) this.plain = false;
      else if (++this.#refusals >= REFUSALS) {
        this.plain = true;
        this.#looked = 0;
        this.#open();
        return;
      }
    }
    this.#later();
  }

  #later() {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    const wait = backoff(this.#attempt++);
    this.#timer = setTimeout(() => this.#open(), wait);
    this.#tell(Date.now() + wait);
  }

  /** Once in a while: is a WebSocket let through by now? The events go on meanwhile. */
  #lookLater() {
    clearTimeout(this.#lookTimer);
    this.#lookTimer = setTimeout(async () => {
      const token = await this.#owner.token();
      if (!this.online || !this.plain || !token) return;
      const done = (works) => {
        clearTimeout(limit);
        this.#look?.close(1000);
        this.#look = null;
        if (!this.online || !this.plain) return;
        if (works) {
          this.plain = false;
          this.#drop(1000);
          this.#open();
        } else {
          this.#lookLater();
        }
      };
      const limit = setTimeout(() => done(false), OPENING);
      this.#look = new SocketTransport({url: this.#owner.urls.socket, token}, {open: () => done(true), frame: () => {}, closed: () => done(false)});
    }, SOCKET_AGAIN[Math.min(this.#looked++, SOCKET_AGAIN.length - 1)]);
  }

  #drop(code) {
    const transport = this.#transport;
    this.#transport = null;
    clearTimeout(this.#stable);
    clearTimeout(this.#lookTimer);
    this.#look?.close(1000);
    this.#look = null;
    this.online = false;
    transport?.close?.(code);
  }

  #check() {
    if (this.online && Date.now() - this.#heard > SILENCE) this.reconnect();
  }

  #tell(retryAt) {
    this.#owner.status({online: this.online, retryAt, plain: this.plain});
  }
}
