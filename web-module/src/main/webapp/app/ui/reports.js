import {dateTime, timeOf} from '../core/format.js';
import {bySource, bytes, drainRates, fill, hourly, rateBetween, short} from '../core/report-figures.js';
import {problemWords} from '../core/words.js';
import {View, html, nothing, repeat, svg} from './base.js';
import {icons} from './icons.js';
import {empty, skeleton} from './parts.js';

const EVERY = 2_000;
const HOURS = 24;
const ROW = 96;
const STREAM = {AWAY: ': not reached', UNSUPPORTED: ': its version is too old'};
const XMPP = {ELSEWHERE: 'On another node', CONNECTING: 'Connecting', CATCHING_UP: 'Reading the archive', LIVE: 'Live'};

/** The queue of reports of the node that answers: a live picture, consumer groups, dead letters, hours. */
class Reports extends View {
  static properties = {
    ...View.properties,
    now: {state: true},
    before: {state: true},
    letters: {state: true},
    refused: {state: true},
    summaries: {state: true},
    error: {state: true},
  };

  connectedCallback() {
    super.connectedCallback();
    this.#look();
    this.#lists();
    this.timer = setInterval(() => document.visibilityState === 'visible' && this.#look(), EVERY);
    this.slowTimer = setInterval(() => document.visibilityState === 'visible' && this.#lists(), 10 * EVERY);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.timer);
    clearInterval(this.slowTimer);
  }

  async #look() {
    try {
      const status = await this.session.api.get('/reports/status');
      if (this.now && this.now.deadLetters !== status.deadLetters) this.#lists();
      this.before = this.now;
      this.now = status;
      this.error = null;
    } catch (problem) {
      this.error = problem;
    }
  }

  async #lists() {
    const [letters, refused, summaries] = await Promise.all([
      this.session.api.get('/reports/dead-letters', {limit: 50}).catch(() => null),
      this.session.api.get('/reports/xmpp-letters', {limit: 50}).catch(() => null),
      this.session.api.get('/reports/summaries', {hours: HOURS}).catch(() => null),
    ]);
    if (letters) this.letters = letters.items;
    if (refused) this.refused = refused.items;
    if (summaries) this.summaries = summaries.items;
  }

  render() {
    const status = this.now;
    if (!status) return this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : skeleton(5);
    if (!status.enabled) return empty(icons.mail, 'This node takes no reports', 'It is switched off by plenum.report.enabled.');
    const rate = rateBetween(this.before, status);
    return html`
      ${this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : nothing}
      ${status.journal.failing ? html`<p class="verdict bad" role="alert">${icons.warn}<span><strong>Reports are refused.</strong> ${status.journal.failing}</span></p>` : nothing}
      <dl class="figures">
        ${this.#figure('Coming in', rate == null ? '–' : `${short(rate)}/s`)}
        ${this.#figure('Durable since the start', short(status.appended))}
        ${this.#figure('Write and fsync, p99', `${status.journal.flushP99Millis.toFixed(1)} ms`)}
        ${this.#figure('Journal', bytes(status.journal.bytes))}
        ${this.#figure('Dead letters', short(status.deadLetters), status.deadLetters ? 'bad' : '')}
      </dl>
      <section class="report-part"><h2>The queue of ${status.node}</h2>${this.#picture(status)}${this.#groups(status)}</section>
      <section class="report-part"><h2>Reports by the hour</h2>${this.#hours()}</section>
      <section class="report-part"><h2>Dead letters of consumer groups</h2>${this.#letters()}</section>
      <section class="report-part"><h2>XMPP connections</h2>${this.#xmpp(status.xmpp)}${this.#refused()}</section>
      <section class="report-part"><h2>Processing servers on this node</h2>${this.#streams(status.streams ?? [])}</section>`;
  }

  #figure(label, value, tone = '') {
    return html`<div class="figure ${tone}"><dt>${label}</dt><dd>${value}</dd></div>`;
  }

  // ---- the picture

  #picture(status) {
    const height = Math.max(1, status.groups.length) * ROW + 24;
    const middle = height / 2;
    return html`<div class="picture"><svg viewBox="0 0 860 ${height}" role="img" aria-label=${this.#spoken(status)}>
      ${this.#arrow(4, middle, 24, middle)}
      ${this.#tank(24, middle - 44, 'First buffer', status.first, status.journal.failing ? 'bad' : '')}
      ${this.#arrow(164, middle, 196, middle)}
      <g class="box ${status.journal.failing ? 'bad' : ''}"><rect x="196" y=${middle - 44} width="144" height="88" rx="10"></rect>
        <text class="strong" x="268" y=${middle - 20}>Journal</text>
        <text x="268" y=${middle + 2}>to ${short(status.journal.last)}</text>
        <text x="268" y=${middle + 22}>${bytes(status.journal.bytes)} of ${bytes(status.journal.maxBytes)}</text></g>
      ${status.groups.map((group, i) => this.#lane(group, middle, 12 + i * ROW + ROW / 2))}
    </svg></div>`;
  }

  #lane(group, from, y) {
    const stored = group.abnormalSince != null;
    const active = group.primaryName === 'A' ? 0 : 1;
    return svg`<g class="lane ${stored ? 'abnormal' : ''}">
      <path class="flow ${stored ? 'idle' : ''}" d="M340 ${from} C 372 ${from}, 372 ${y - 12}, 404 ${y - 12}"></path>
      ${stored ? svg`<path class="flow storage" d="M340 ${from} C 372 ${from}, 368 ${y + 26}, 404 ${y + 26} L 620 ${y + 26} C 648 ${y + 26}, 648 ${y + 14}, 652 ${y + 3}"></path>` : nothing}
      ${this.#slot(404, y - 34, active === 0 ? group.primary : group.standby, active === 0, 'A', stored)}
      ${this.#slot(524, y - 34, active === 1 ? group.primary : group.standby, active === 1, 'B', stored)}
      <path class="flow ${stored ? 'idle' : ''}" d="M634 ${y - 12} L 648 ${y - 10}"></path>
      <circle class="consumer ${group.attached ? 'on' : ''}" cx="656" cy=${y - 6} r="7"></circle>
      <text class="left strong" x="674" y=${y - 10}>${group.name}</text>
      <text class="left" x="674" y=${y + 8}>${stored ? 'from storage, ' : ''}${short(group.lag)} behind</text>
    </g>`;
  }

  /** One of the two second buffers; the primary is drained, the standby fills. */
  #slot(x, y, buffer, primary, name, stored) {
    const width = 110 * fill(buffer);
    return svg`<g class="slot ${primary ? 'primary' : 'standby'} ${stored && !primary ? 'bad' : ''}">
      <rect class="frame" x=${x} y=${y} width="110" height="44" rx="8"></rect>
      <rect class="level" x=${x} y=${y} width=${width.toFixed(1)} height="44" rx="8"></rect>
      <text x=${x + 55} y=${y + 18}>${primary ? 'primary' : 'standby'} ${name}</text>
      <text x=${x + 55} y=${y + 35}>${short(buffer.count)}</text></g>`;
  }

  #tank(x, y, label, buffer, tone) {
    const level = 88 * fill(buffer);
    return svg`<g class="box ${tone}"><rect x=${x} y=${y} width="140" height="88" rx="10"></rect>
      <rect class="level" x=${x} y=${(y + 88 - level).toFixed(1)} width="140" height=${level.toFixed(1)} rx="10"></rect>
      <text class="strong" x=${x + 70} y=${y + 24}>${label}</text>
      <text x=${x + 70} y=${y + 46}>${short(buffer.count)} waiting</text>
      <text x=${x + 70} y=${y + 66}>${bytes(buffer.bytes)} of ${bytes(buffer.maxBytes)}</text></g>`;
  }

  #arrow(x1, y1, x2, y2) {
    return svg`<path class="flow" d="M${x1} ${y1} L ${x2} ${y2}"></path>`;
  }

  #spoken(status) {
    const groups = status.groups.map((group) => `${group.name} is ${group.lag} behind${group.abnormalSince ? ' and served from storage' : ''}`).join('; ');
    return `First buffer with ${status.first.count} reports, journal up to ${status.journal.last}. ${groups}.`;
  }

  #groups(status) {
    const rates = drainRates(this.before, status);
    return html`<div class="table-wrap"><table><thead><tr><th>Consumer group</th><th>Behind</th><th>Done</th><th>Swaps</th><th>From storage</th><th>State</th></tr></thead><tbody>
      ${repeat(status.groups, ({name}) => name, (group) => html`<tr><td><code>${group.name}</code></td><td>${short(group.lag)}</td>
        <td>${group.name in rates ? `${short(rates[group.name])}/s` : '–'}</td><td>${short(group.swaps)}</td><td>${short(group.readFromStorage)}</td>
        <td>${group.abnormalSince ? html`<span class="chip bad">Abnormal since ${timeOf(group.abnormalSince)}</span>` : html`<span class="chip">Normal</span>`}
          ${group.attached ? nothing : html`<span class="chip">No consumer</span>`}
          ${group.isolated ? html`<span class="chip bad">Attempt ${group.attempts} of one report</span>` : nothing}
          ${group.expired ? html`<span class="chip bad">${short(group.expired)} expired</span>` : nothing}</td></tr>`)}
    </tbody></table></div>`;
  }

  // ---- hours

  #hours() {
    if (!this.summaries) return skeleton(2);
    const bars = hourly(this.summaries, HOURS, Date.now());
    const most = Math.max(1, ...bars.map(({reports}) => reports));
    const total = bars.reduce((sum, {reports}) => sum + reports, 0);
    return html`<div class="picture"><svg viewBox="0 -10 860 160" role="img" aria-label="${total} reports in ${HOURS} hours, at most ${most} in one">
        ${bars.map(({at, reports}, i) => {
          const height = (100 * reports) / most;
          return svg`<g class="bar"><title>${dateTime(at)}: ${reports}</title>
            <rect x=${8 + i * 35.4} y=${(116 - height).toFixed(1)} width="26" height=${Math.max(reports ? 2 : 0.5, height).toFixed(1)} rx="4"></rect>
            ${i % 3 === 1 ? svg`<text x=${21 + i * 35.4} y="138">${timeOf(at)}</text>` : nothing}
            ${reports === most ? svg`<text class="strong" x=${21 + i * 35.4} y="11">${short(reports)}</text>` : nothing}</g>`;
        })}
      </svg></div>
      ${total === 0
        ? html`<p class="hint">No report was processed in the last ${HOURS} hours.</p>`
        : html`<div class="table-wrap"><table><thead><tr><th>Source</th><th>Reports in ${HOURS} hours</th></tr></thead><tbody>
            ${bySource(this.summaries, 8).map(({source, reports}) => html`<tr><td><code>${source}</code></td><td>${reports.toLocaleString()}</td></tr>`)}</tbody></table></div>`}`;
  }

  // ---- dead letters

  #letters() {
    if (!this.letters) return skeleton(2);
    if (this.letters.length === 0) return html`<p class="hint">None: every report was processed, or still waits for its turn.</p>`;
    return html`<div class="table-wrap"><table><thead><tr><th>Set aside</th><th>Report</th><th>Group</th><th>Reason</th><th><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${repeat(this.letters, ({id}) => id, (letter) => html`<tr><td class="nowrap">${dateTime(letter.at)}</td>
        <td><span class="clip" title=${letter.body ?? ''}><code>${letter.source}</code> ${letter.businessKey}</span></td><td><code>${letter.group}</code></td>
        <td><span class="clip" title=${letter.reason}>${letter.reason}</span></td>
        <td class="actions"><button class="button small" type="button" aria-label="Replay ${letter.businessKey}" @click=${() => this.#act(letter, 'replay', 'Replayed')}>Replay</button>
          <button class="button small danger-quiet" type="button" aria-label="Discard ${letter.businessKey}" @click=${() => this.#act(letter, 'discard', 'Discarded')}>Discard</button></td></tr>`)}
    </tbody></table></div>`;
  }

  async #act(letter, verb, done) {
    await this.session.attempt(() => this.session.api.post(`/reports/dead-letters/${letter.id}/${verb}`), done);
    await this.#lists();
  }

  // ---- processing servers

  #streams(streams) {
    if (streams.length === 0) return html`<p class="hint">No processing server is connected to this node.</p>`;
    return html`<div class="table-wrap"><table><thead><tr><th>Consumer group</th><th>Queues</th></tr></thead><tbody>
      ${streams.map((it) => html`<tr><td>${it.group}${it.inner ? ' (relayed by another node)' : ''}</td>
        <td>${it.queues.map((queue) => html`<span class="chip ${queue.state === 'OPEN' ? 'accent' : 'bad'}" title=${queue.detail}>${queue.node}${STREAM[queue.state] ?? ''}</span> `)}</td></tr>`)}
    </tbody></table></div>`;
  }

  // ---- XMPP

  /** Of all servers and nodes; what is wrong is in the message, so there is nothing to replay. */
  #refused() {
    if (!this.refused?.length) return nothing;
    return html`<h3>Messages that were no reports</h3><div class="table-wrap"><table><thead><tr><th>Refused</th><th>Sender</th><th>Reason</th><th><span class="hidden">Actions</span></th></tr></thead><tbody>
      ${repeat(this.refused, ({id}) => id, (it) => html`<tr><td class="nowrap">${dateTime(it.at)}</td>
        <td title=${`${it.source}: ${it.text ?? ''}`}><span class="clip">${it.sender}</span></td>
        <td><span class="clip" title=${`${it.code}: ${it.detail}`}>${it.detail || it.code}</span></td>
        <td class="actions"><button class="button small danger-quiet" type="button" aria-label="Discard the message of ${it.sender}" @click=${() => this.#discardRefused(it)}>Discard</button></td></tr>`)}
    </tbody></table></div>`;
  }

  async #discardRefused(it) {
    await this.session.attempt(() => this.session.api.post(`/reports/xmpp-letters/${it.id}/discard`), 'Discarded');
    await this.#lists();
  }

  #xmpp(connections) {
    if (connections.length === 0) return html`<p class="hint">No XMPP server is configured.</p>`;
    return html`<div class="table-wrap"><table><thead><tr><th>Server</th><th>State</th><th>Owner</th><th>Taken</th><th>Position</th><th>Last trouble</th></tr></thead><tbody>
      ${repeat(connections, ({name}) => name, (it) => html`<tr><td><code>${it.name}</code> ${it.server}</td>
        <td><span class="chip ${it.state === 'LIVE' ? 'accent' : it.state === 'CONNECTING' ? 'bad' : ''}">${XMPP[it.state] ?? it.state}</span></td><td>${it.owner}</td>
        <td>${short(it.received)}</td><td><span class="clip" title=${it.position ?? ''}>${it.position ?? '–'}</span></td>
        <td><span class="clip" title=${it.lastError ?? ''}>${it.lastError ?? (it.reconnects ? `${it.reconnects} reconnects` : '–')}</span></td></tr>`)}
    </tbody></table></div>`;
  }
}

customElements.define('plenum-reports', Reports);
