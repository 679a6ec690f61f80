import {backoff} from './backoff.js';

const SILENCE = 40_000; // heartbeats come every 15 s
const PROBE = 6_000;
const OPENING = 15_000;
const STABLE = 10_000;

/**
 * The live connection: one WebSocket that comes back by itself, with back-off and jitter, and notices a silent
 * death by missing heartbeats. What is sent and resumed is decided by its owner.
 *
 * Owner: `url`, `token()` (may be a promise), `resume()` (group -> last sequence), `frame(frame)`,
 * `status({online, retryAt, everOnline})`, `refused()` (closed before the welcome).
 */
export class Stream {
  #owner;
  #socket = null;
  #attempt = 0;
  #timer = null;
  #watch = null;
  #stable = null;
  #heard = 0;
  #wanted = false;

  constructor(owner) {
    this.#owner = owner;
    this.online = false;
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

  /** @returns {boolean} whether the frame was handed to the socket */
  send(frame) {
    if (!this.online || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks for a sign of life; without one the connection is given up. */
  probe() {
    if (!this.#wanted) return;
    if (!this.online) {
      this.#now();
      return;
    }
    const asked = Date.now();
    const socket = this.#socket;
    this.send({type: 'ping'});
    setTimeout(() => {
      if (this.#socket === socket && this.#heard < asked) this.reconnect();
    }, PROBE);
  }

  /** Gives the connection up and makes a new one. */
  reconnect() {
    this.#drop(4000);
    this.#later();
  }

  #now() {
    if (!this.#wanted || this.online || this.#socket) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  async #open() {
    this.#tell(null);
    const opening = {};
    this.#socket = opening;
    let token;
    try {
      token = await this.#owner.token();
    } catch {
      token = null;
    }
    if (this.#socket !== opening) return;
    if (!this.#wanted || !token) {
      this.#socket = null;
      if (this.#wanted) this.#later();
      return;
    }
    const socket = new WebSocket(this.#owner.url, ['plenum.v1', `plenum.bearer.${token}`]);
    this.#socket = socket;
    this.#heard = Date.now();
    const deadline = setTimeout(() => this.#socket === socket && !this.online && this.reconnect(), OPENING);
    socket.onopen = () => socket.send(JSON.stringify({type: 'hello', resume: this.#owner.resume()}));
    socket.onmessage = (message) => {
      if (this.#socket !== socket) return;
      this.#heard = Date.now();
      let frame;
      try {
        frame = JSON.parse(message.data);
      } catch {
        return;
      }
      if (frame.type === 'welcome') {
        clearTimeout(deadline);
        this.online = true;
        this.#stable = setTimeout(() => (this.#attempt = 0), STABLE);
        this.#tell(null);
      }
      this.#owner.frame(frame);
    };
    socket.onclose = () => {
      clearTimeout(deadline);
      if (this.#socket !== socket) return;
      const welcomed = this.online;
      this.#drop(1000);
      if (!welcomed) this.#owner.refused();
      this.#later();
    };
  }

  #later() {
    if (!this.#wanted) return;
    clearTimeout(this.#timer);
    const wait = backoff(this.#attempt++);
    this.#timer = setTimeout(() => this.#open(), wait);
    this.#tell(Date.now() + wait);
  }

  #drop(code) {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#stable);
    this.online = false;
    if (socket?.close) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code);
    }
  }

  #check() {
    if (this.online && Date.now() - this.#heard > SILENCE) this.reconnect();
  }

  #tell(retryAt) {
    this.#owner.status({online: this.online, retryAt});
  }
}
