import {uuid} from './uuid.js';

/** An answer that is no success, as the problem document says it (RFC 9457). */
export class Problem extends Error {
  constructor({status, code, title, detail, retryAfter, correlationId}) {
    super(title ?? code ?? `HTTP ${status}`);
    Object.assign(this, {status, code, title, detail, retryAfter, correlationId});
  }

  get transient() {
    return this.status === 503 || this.status === 429 || this.code === 'OFFLINE';
  }
}

const TIMEOUT = 20_000;

/**
 * REST client of Plenum. It carries the position of what this page has written or read, so that no node shows
 * it an older truth.
 */
export class Api {
  /**
   * @param {string} base address of the API, without a slash at the end
   * @param {{token: () => string|null, rejected: (problem: Problem) => void}} auth
   */
  constructor(base, auth) {
    this.base = base;
    this.auth = auth;
    this.position = null;
  }

  get(path, query) {
    return this.#call('GET', path, {query});
  }

  post(path, body, key) {
    return this.#call('POST', path, {body: body ?? {}, key: key ?? uuid()});
  }

  patch(path, body) {
    return this.#call('PATCH', path, {body, key: uuid()});
  }

  put(path, body) {
    return this.#call('PUT', path, {body});
  }

  /** All items of a list, page by page, up to a bound. */
  async all(path, query = {}, bound = 1000) {
    const items = [];
    let cursor = null;
    do {
      const page = await this.get(path, {limit: 200, ...query, ...(cursor ? {cursor} : {})});
      items.push(...page.items);
      cursor = page.next;
    } while (cursor && items.length < bound);
    return items;
  }

  async #call(method, path, {query, body, key}) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) if (value != null && value !== '') parameters.set(name, value);
    const search = parameters.size ? `?${parameters}` : '';
    const headers = {Accept: 'application/json, application/problem+json'};
    const token = this.auth.token();
    if (token) headers.Authorization = `Bearer ${token}`;
    if (this.position) headers['Plenum-Position'] = this.position;
    if (key) headers['Idempotency-Key'] = key;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let response;
    try {
      response = await fetch(this.base + path + search, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: 'omit',
        cache: 'no-cache',
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new Problem({status: 0, code: 'OFFLINE'});
    }
    this.#advance(response.headers.get('Plenum-Position'));
    const text = await response.text().catch(() => '');
    const json = parse(text);
    if (response.ok) return json ?? {};
    const problem = new Problem({
      ...json,
      status: response.status,
      retryAfter: json?.retryAfter ?? (Number(response.headers.get('Retry-After')) || undefined),
    });
    // Writes of this page are stored before they are acknowledged: a position that is not stored is one of a
    // history that was given up by a restore, and the next call asks for what there is.
    if (problem.code === 'POSITION_NOT_REACHED') this.position = null;
    if (response.status === 401 && token) this.auth.rejected(problem);
    throw problem;
  }

  #advance(position) {
    if (!position || !/^\d{1,19}$/.test(position)) return;
    if (!this.position || BigInt(position) > BigInt(this.position)) this.position = position;
  }
}

function parse(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
