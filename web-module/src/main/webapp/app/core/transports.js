/**
 * The two ways a live connection takes: a WebSocket, or where a proxy lets none through, server-sent events with
 * REST for what the page sends. Both give the same frames.
 *
 * Handlers: `open()`, `frame(frame)`, `closed()` (once, unless it was closed from here).
 */
export class SocketTransport {
  #socket;

  constructor({url, token, resume}, handlers) {
    const socket = new WebSocket(url, ['plenum.v1', `plenum.bearer.${token}`]);
    this.#socket = socket;
    socket.onopen = () => {
      handlers.open?.();
      if (resume) socket.send(JSON.stringify({type: 'hello', resume: resume()}));
    };
    socket.onmessage = (message) => deliver(message.data, handlers);
    socket.onclose = () => handlers.closed();
  }

  /** @returns {boolean} whether the frame was handed over */
  send(frame) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  close(code) {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code);
  }
}

export class EventsTransport {
  #abort = new AbortController();
  #rest;
  #handlers;
  #ended = false;

  /** `rest(frame)` sends a client frame over REST; its promise is the answering frame, null for none. */
  constructor({url, token, resume, rest}, handlers) {
    this.#rest = rest;
    this.#handlers = handlers;
    this.#run(`${url}?${new URLSearchParams({resume: resumeText(resume())})}`, token);
  }

  send(frame) {
    const sent = this.#ended ? null : this.#rest(frame);
    if (!sent) return false;
    sent.then((answer) => answer && !this.#ended && this.#handlers.frame(answer));
    return true;
  }

  close() {
    this.#ended = true;
    this.#abort.abort();
  }

  async #run(url, token) {
    try {
      const response = await fetch(url, {
        headers: {Accept: 'text/event-stream', Authorization: `Bearer ${token}`},
        credentials: 'omit',
        cache: 'no-store',
        signal: this.#abort.signal,
      });
      if (response.ok) {
        this.#handlers.open?.();
        const parser = new EventParser((data) => deliver(data, this.#handlers));
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done && !this.#ended; part = await reader.read()) parser.push(part.value);
      }
    } catch {
      // Aborted from here, or the connection broke: the same end.
    }
    if (this.#ended) return;
    this.#ended = true;
    this.#abort.abort();
    this.#handlers.closed();
  }
}

/** Cuts a text stream into events and gives the data of each; comments and other fields are passed over. */
export class EventParser {
  #rest = '';
  #data = [];

  constructor(event) {
    this.event = event;
  }

  push(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (line === '') {
        if (this.#data.length) this.event(this.#data.join('\n'));
        this.#data = [];
      } else if (line.startsWith('data:')) {
        this.#data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5));
      }
    }
  }
}

const resumeText = (resume) => Object.entries(resume).map(([group, seq]) => `${group}:${seq}`).join(',');

function deliver(text, handlers) {
  let frame;
  try {
    frame = JSON.parse(text);
  } catch {
    return;
  }
  handlers.frame(frame);
}
