import {picture, percent, productName, rate, replicas, sound, span, spoken, totals} from '../core/cluster-picture.js';
import {dateTime} from '../core/format.js';
import {bytes, short} from '../core/report-figures.js';
import {problemWords} from '../core/words.js';
import {View, go, html, nothing, repeat, svg} from './base.js';
import {icons} from './icons.js';
import {skeleton} from './parts.js';

const EVERY = 2_000;
/** Older than this, what is shown is called old. */
const OLD = 7_000;
const NARROW = '(max-width: 720px)';

/** The cluster at a glance: a verdict, the data path as a picture, a card for each node. */
class Cluster extends View {
  static properties = {
    ...View.properties,
    now: {state: true},
    error: {state: true},
    narrow: {state: true},
    clock: {state: true},
  };

  #media = matchMedia(NARROW);
  #asking = false;
  #fits = () => (this.narrow = this.#media.matches);
  #seen = () => document.visibilityState === 'visible' && this.#look();

  connectedCallback() {
    super.connectedCallback();
    this.clock = Date.now();
    this.#fits();
    this.#media.addEventListener('change', this.#fits);
    document.addEventListener('visibilitychange', this.#seen);
    this.#look();
    this.timer = setInterval(this.#seen, EVERY);
    this.ticker = setInterval(() => (this.clock = Date.now()), 1_000);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#media.removeEventListener('change', this.#fits);
    document.removeEventListener('visibilitychange', this.#seen);
    clearInterval(this.timer);
    clearInterval(this.ticker);
  }

  async #look() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.now = await this.session.api.get('/cluster');
      this.gotAt = Date.now();
      this.error = null;
    } catch (problem) {
      this.error = problem;
    } finally {
      this.#asking = false;
    }
  }

  render() {
    return html`<div class="place cluster">
      <header class="place-head"><button class="icon-button only-narrow" type="button" aria-label="Back to the groups" @click=${() => go('')}>${icons.back}</button>
        <div><h1>Cluster</h1><p>${this.now ? `As ${this.now.node} sees it, every two seconds.` : 'Nodes, database and what joins them.'}</p></div></header>
      <div class="place-body">${this.#body()}</div></div>`;
  }

  #body() {
    const cluster = this.now;
    if (!cluster) return this.error ? html`<p class="error" role="alert">${problemWords(this.error)}</p>` : skeleton(5);
    const age = this.clock - this.gotAt;
    const old = age > OLD;
    return html`
      ${old
        ? html`<div class="notice" role="alert">${icons.clock}<span><strong>This is ${span(age / 1000)} old.</strong> ${this.error ? problemWords(this.error) : 'The server has not answered since.'}</span></div>`
        : nothing}
      <div class=${old ? 'is-old' : ''}>
        ${this.#verdict(cluster)}
        ${this.#figures(cluster)}
        <section class="report-part"><h2>The path of the data</h2>${this.#picture(cluster)}</section>
        <section class="report-part"><h2>Nodes</h2><ul class="node-cards" role="list">${repeat(cluster.nodes, ({name}) => name, (node) => this.#node(node, cluster))}</ul></section>
        <section class="report-part"><h2>Database</h2>${this.#database(cluster.database)}</section>
      </div>`;
  }

  #verdict({verdict, well, problems}) {
    const bad = problems.some((problem) => problem.bad);
    return html`<div class="verdict ${bad ? 'bad' : well ? 'good' : 'look'}" role="status">${well ? icons.check : icons.warn}<strong>${verdict}</strong></div>
      ${problems.length
        ? html`<ul class="troubles" role="list">${repeat(problems, ({kind, subject}) => `${kind} ${subject}`, (problem) => html`<li class=${problem.bad ? 'bad' : ''}>
            <p>${problem.text}</p><p class="hint">${problem.advice}</p></li>`)}</ul>`
        : nothing}`;
  }

  #figures(cluster) {
    const sum = totals(cluster);
    return html`<dl class="figures">
      ${figure('Nodes', `${sum.well} of ${sum.nodes}`, sum.well < sum.nodes ? 'bad' : '')}
      ${figure('Sockets', short(sum.sockets))}
      ${figure('Posts', `${rate(sum.posts)}/s`)}
      ${figure('Deliveries', `${rate(sum.deliveries)}/s`)}
      ${figure('Behind', sum.behind == null ? '–' : short(sum.behind))}
      ${figure('Waiting', short(sum.waiting))}
      ${figure('Dead letters', short(sum.letters))}
    </dl>`;
  }

  // ---- the picture

  #picture(cluster) {
    const {width, height, boxes, lines} = picture(cluster, this.narrow);
    return html`<div class="picture cluster-picture ${this.narrow ? 'narrow' : ''}"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label=${spoken(cluster)}>
      ${lines.filter(({d}) => d).map(({d, tone, thin}) => svg`<path class="flow ${tone} ${thin ? 'thin' : ''}" d=${d}></path>`)}
      ${boxes.map((box) => this.#box(box))}
      ${lines.filter(({label}) => label).map(({label, x, y, end, tone}) => svg`<text class="label ${end ? 'end' : ''} ${tone}" x=${x} y=${y}>${label}</text>`)}
    </svg></div>`;
  }

  #box({x, y, w, h, title, full, lines, tone, left, mark, leads}) {
    const at = left ? x + 16 : x + w / 2;
    const first = y + h / 2 - lines.length * 9 + 4;
    const wide = mark === 'leads' ? 50 : 58;
    return svg`<g class="box ${tone} ${leads ? 'leads' : ''}">${full ? svg`<title>${full}</title>` : nothing}
      <rect x=${x} y=${y} width=${w} height=${h} rx="10"></rect>
      <text class="strong ${left ? 'left' : ''}" x=${at} y=${first}>${title}</text>
      ${lines.map((line, i) => svg`<text class=${left ? 'left' : ''} x=${at} y=${first + 19 * (i + 1)}>${line}</text>`)}
      ${mark ? svg`<g class="mark ${mark}"><rect x=${x + w - wide - 10} y=${y + 9} width=${wide} height="20" rx="10"></rect><text x=${x + w - wide / 2 - 10} y=${y + 23}>${mark}</text></g>` : nothing}</g>`;
  }

  // ---- nodes

  #node(node, cluster) {
    const {writer, reader, push, topic, reports, backups, process} = node;
    const here = node.state === 'HERE';
    const uptime = node.startedAt ? (Date.parse(cluster.at) - Date.parse(node.startedAt)) / 1000 : null;
    return html`<li class="node-card ${sound(node) ? '' : 'trouble'}">
      <header><h3>${node.name}</h3><span>${chips(node)}</span></header>
      <p class="hint">${[
        node.version ? `Version ${node.version}` : null,
        node.roles.length ? node.roles.join(', ') : null,
        here ? (uptime == null ? null : `up ${span(uptime)}`) : `last seen ${dateTime(node.lastSeen)}`,
      ].filter(Boolean).join(' · ')}</p>
      ${node.reasons.length && here && !sound(node) ? html`<p class="error">${node.reasons.join('; ')}</p>` : nothing}
      ${writer && here
        ? html`<dl class="node-facts">
            ${fact('Behind', reader.behind == null ? 'unknown' : `${short(reader.behind)}${reader.lagMillis ? `, ${short(reader.lagMillis)} ms` : ''}`)}
            ${fact('Applied revision', reader.applied == null ? '–' : reader.applied.toLocaleString())}
            ${fact('Leads', writer.leader ? `epoch ${writer.epoch}` : 'no')}
            ${fact('Writes the cache', reader.applier ? `epoch ${reader.epoch}, revision ${reader.roomRevision?.toLocaleString() ?? '–'}` : 'no')}
            ${fact('Posts', writer.leader ? `${rate(writer.postsPerSecond)}/s in ${rate(writer.commitsPerSecond)} commits/s` : `${rate(writer.forwardedPerSecond ?? 0)}/s to the leader`)}
            ${fact('Commands waiting', short((writer.queue ?? 0) + (writer.waiting ?? 0)))}
            ${fact('Sockets', `${short(push.sockets)}, ${rate(push.deliveriesPerSecond)}/s out`)}
            ${fact('Update topic', `${{WORKS: 'works', AWAY: 'takes nothing', OFF: topic.receivedPerSecond == null ? 'not used' : 'listens'}[topic.state] ?? topic.state}${topic.waiting ? `, ${short(topic.waiting)} wait` : ''}`, topic.state === 'AWAY')}
            ${fact('Database answers in', node.databaseMillis == null ? 'no answer' : `${node.databaseMillis.toFixed(1)} ms`, node.databaseMillis == null)}
            ${fact('CPU, garbage collection', `${percent(process.cpu)}, ${percent(process.gc)}`)}
            ${fact('Heap', `${bytes(process.heapUsed)} of ${bytes(process.heapMax)}`)}
            ${fact('Snapshot', reader.snapshotAgeSeconds == null ? 'none' : `${span(reader.snapshotAgeSeconds)} old`)}
            ${fact('Newest backup', `${backups?.newestAgeSeconds == null ? 'none on this node' : `${span(backups.newestAgeSeconds)} old`}${backups?.failed ? ', the last one failed' : ''}`, backups?.failed)}
            ${fact('Reports', reports ? (reports.refusing ? 'refused' : `${short(reports.lag)} behind, ${rate(reports.perSecond)}/s`) : 'not taken here', reports?.refusing)}
          </dl>`
        : nothing}</li>`;
  }

  #database(database) {
    const found = replicas(database);
    return html`<p>${productName(database.product)} ${database.reachable ? `answers in ${database.millis.toFixed(1)} ms.` : html`<span class="chip bad">does not answer</span> ${database.fault}`}
        ${database.standby ? html`<span class="chip bad">A replica: takes no writes</span>` : nothing}</p>
      ${database.replicationVisible ? nothing : html`<p class="hint">How far replicas are is not visible: <code>GRANT pg_read_all_stats TO</code> the role of the connection pool.</p>`}
      ${found.length
        ? html`<div class="table-wrap"><table><thead><tr><th>Replica</th><th>State</th><th>Mode</th><th>Behind</th></tr></thead><tbody>
            ${repeat(found, (replica, i) => `${replica.name} ${i}`, (replica) => html`<tr><td><code>${replica.name}</code></td><td><span class="chip ${replica.away ? 'bad' : ''}">${replica.state}</span></td>
              <td>${replica.sync ?? '–'}</td><td>${replica.text}</td></tr>`)}</tbody></table></div>`
        : database.reachable ? html`<p class="hint">${database.product.startsWith('PostgreSQL') ? 'It has no replica: a lost disk would lose everything since the last backup.' : 'It is embedded and has no replica.'}</p>` : nothing}`;
  }
}

const figure = (label, value, tone = '') => html`<div class="figure ${tone}"><dt>${label}</dt><dd>${value}</dd></div>`;

const fact = (label, value, bad = false) => html`<div class=${bad ? 'bad' : ''}><dt>${label}</dt><dd>${value}</dd></div>`;

function chips(node) {
  if (node.state === 'SILENT') return html`<span class="chip bad">Silent for ${span(node.silentSeconds)}</span>`;
  if (node.state === 'UNREADABLE') return html`<span class="chip bad">Another version</span>`;
  return html`${node.writer?.leader ? html`<span class="chip accent">Leads</span>` : nothing}${node.reader?.applier ? html`<span class="chip accent">Applies</span>` : nothing}${sound(node)
    ? html`<span class="chip">${node.ready ? 'Ready' : 'Takes no requests'}</span>`
    : html`<span class="chip bad">Not ready</span>`}`;
}

customElements.define('plenum-cluster', Cluster);
