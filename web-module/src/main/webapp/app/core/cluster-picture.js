/**
 * The data path of a cluster as boxes and lines: clients, balancer, nodes, broker, database, replicas. Plain data,
 * so that it can be tested without a browser; the page only draws it.
 */
import {bytes, short} from './report-figures.js';

const MOST_NODES = 8;
const MOST_REPLICAS = 3;

const business = (node) => node.roles.length === 0 || node.roles.includes('business');

/** Whether a node is as it should be; one without the role of a business node takes no requests and need not. */
export const sound = (node) => node.state === 'HERE' && (node.ready !== false || !business(node));

/** Sums over the nodes that are heard of. */
export function totals(cluster) {
  const here = cluster.nodes.filter(({state}) => state === 'HERE');
  const sum = (of) => here.reduce((total, node) => total + (of(node) ?? 0), 0);
  const behind = here.map((node) => node.reader?.behind).filter((it) => it != null);
  return {
    nodes: cluster.nodes.length,
    here: here.length,
    well: here.filter(sound).length,
    leader: here.filter((node) => node.writer?.leader).sort((a, b) => b.writer.epoch - a.writer.epoch)[0] ?? null,
    applier: here.find((node) => node.reader?.applier) ?? null,
    sockets: sum((node) => node.push?.sockets),
    deliveries: sum((node) => node.push?.deliveriesPerSecond),
    posts: sum((node) => node.writer?.postsPerSecond),
    waiting: sum((node) => (node.writer?.queue ?? 0) + (node.writer?.waiting ?? 0)),
    reports: sum((node) => (node.reports ? node.reports.waiting + (node.reports.lag ?? 0) : 0)),
    behind: behind.length ? Math.max(...behind) : null,
    letters: (cluster.deadLetters ?? 0) + sum((node) => node.reports?.deadLetters),
  };
}

/** A rate in few characters: 0, 0.4, 12, 1.2k. */
export function rate(number) {
  if (number == null) return '–';
  return number > 0 && number < 9.95 ? String(Math.max(0.1, Math.round(number * 10) / 10)) : short(number);
}

const sockets = (count) => `${short(count)} ${count === 1 ? 'socket' : 'sockets'}`;

/** A share as percent. */
export const percent = (share) => (share == null ? '–' : `${Math.round(share * 100)}%`);

/** A duration in the one or two units that matter: 8 s, 3 min, 2 h 5 min, 4 d. */
export function span(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return '–';
  const s = Math.max(0, Math.floor(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 172_800) return `${Math.floor(s / 3600)} h${Math.floor((s % 3600) / 60) ? ` ${Math.floor((s % 3600) / 60)} min` : ''}`;
  return `${Math.floor(s / 86_400)} d`;
}

/** A text that fits. */
export const clip = (text, most) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** Product and version without what a distribution adds to it. */
export const productName = (product) => (product || 'Database').split(' ').slice(0, 2).join(' ');

/** Connected replicas and those that have a place but are away. */
export function replicas({replicas: there, slots, replicationVisible}) {
  const connected = there.map(({name, state, sync, lagBytes}) => ({
    name,
    sync,
    away: false,
    text: replicationVisible && lagBytes != null ? (lagBytes < 1024 ? 'follows' : `${bytes(lagBytes)} behind`) : 'lag not visible',
    state: state ?? 'connected',
  }));
  const away = slots.filter((slot) => !slot.connected).map(({name, keptBytes}) => ({name, away: true, text: `${bytes(keptBytes)} kept for it`, state: 'not connected'}));
  return [...away, ...connected];
}

/** Whether the update topic takes what is sent: BAD, OK or OFF. */
export function brokerState(cluster) {
  const states = cluster.nodes.filter(({state}) => state === 'HERE').map((node) => node.topic?.state);
  if (states.includes('AWAY')) return 'BAD';
  return states.includes('WORKS') ? 'OK' : 'OFF';
}

function nodeLines(node) {
  if (node.state === 'SILENT') return [`silent for ${span(node.silentSeconds)}`, 'clients are on the others'];
  if (node.state === 'UNREADABLE') return ['speaks another version', ''];
  const behind = node.reader?.behind;
  const second = `${behind == null ? 'lag unknown' : behind === 0 ? 'nothing behind' : `${short(behind)} behind`} · CPU ${percent(node.process?.cpu)}`;
  if (!sound(node)) return ['takes no requests', second];
  if (!business(node)) return [node.roles.join(', '), second];
  return [`${sockets(node.push?.sockets)} · ${rate(node.push?.deliveriesPerSecond)}/s out`, second];
}

/** The nodes that are drawn: all, or the troubled and the leading first, and how many are left out. */
function drawn(cluster) {
  const weight = (node) => (sound(node) ? 0 : 4) + (node.writer?.leader ? 2 : 0) + (node.reader?.applier ? 1 : 0);
  const nodes = [...cluster.nodes].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (nodes.length <= MOST_NODES) return {nodes, more: 0};
  const chosen = new Set([...nodes].sort((a, b) => weight(b) - weight(a)).slice(0, MOST_NODES));
  return {nodes: nodes.filter((node) => chosen.has(node)), more: nodes.length - MOST_NODES};
}

function nodeBox(node, at, most) {
  return {
    id: `node ${node.name}`,
    ...at,
    left: true,
    title: clip(node.name, node.writer?.leader || node.reader?.applier ? most - 3 : most),
    full: node.name,
    lines: nodeLines(node),
    tone: sound(node) ? '' : 'bad',
    mark: node.state === 'HERE' && node.writer?.leader ? 'leads' : node.state === 'HERE' && node.reader?.applier ? 'applies' : null,
    leads: node.state === 'HERE' && Boolean(node.writer?.leader),
  };
}

function brokerBox(cluster, at) {
  const state = brokerState(cluster);
  return {id: 'broker', ...at, title: 'Broker', lines: [{OK: 'carries updates', BAD: 'takes nothing', OFF: 'not used'}[state]], tone: {OK: '', BAD: 'bad', OFF: 'off'}[state]};
}

function databaseBox(cluster, at) {
  const {database} = cluster;
  return {
    id: 'database',
    ...at,
    title: productName(database.product),
    lines: [database.reachable ? `answers in ${database.millis < 10 ? database.millis.toFixed(1) : Math.round(database.millis)} ms` : 'does not answer'],
    tone: database.reachable && !database.standby ? '' : 'bad',
  };
}

/** What a line to a part looks like. */
const flow = (tone, live) => (tone === 'bad' ? 'bad' : live ? '' : 'idle');

/**
 * The picture.
 *
 * @param {object} cluster an answer of /cluster
 * @param {boolean} narrow from top to bottom, for small screens
 * @returns {{width: number, height: number, boxes: object[], lines: object[], more: number}}
 */
export function picture(cluster, narrow) {
  return narrow ? tall(cluster) : wide(cluster);
}

function wide(cluster) {
  const {nodes, more} = drawn(cluster);
  const several = cluster.nodes.length > 1;
  const sum = totals(cluster);
  const reps = replicas(cluster.database).slice(0, MOST_REPLICAS);
  const rightHeight = 62 + 66 + 76 + (reps.length ? 40 + reps.length * 58 : 0);
  const height = Math.max(rightHeight, nodes.length * 88 - 14 + (more ? 26 : 0)) + 32;
  const middle = (height - (more ? 26 : 0)) / 2;
  const lines = [];
  const clients = {id: 'clients', x: 12, y: middle - 34, w: 128, h: 68, title: 'Clients', lines: [sockets(sum.sockets), `${rate(sum.deliveries)}/s delivered`], tone: ''};
  const balancer = several ? {id: 'balancer', x: 190, y: middle - 26, w: 104, h: 52, title: 'Balancer', lines: ['by readiness'], tone: ''} : null;
  const nx = several ? 350 : 260;
  const nw = several ? 246 : 280;
  const top = middle - (nodes.length * 88 - 14) / 2;
  const boxes = nodes.map((node, i) => nodeBox(node, {x: nx, y: top + i * 88, w: nw, h: 74}, 22));
  const rx = 744;
  const rightTop = (height - rightHeight) / 2;
  const broker = brokerBox(cluster, {x: rx, y: rightTop, w: 144, h: 62});
  const database = databaseBox(cluster, {x: rx, y: rightTop + 62 + 66, w: 144, h: 76});
  if (balancer) lines.push({d: `M140 ${middle} L 190 ${middle}`, tone: ''});
  const from = balancer ?? clients;
  nodes.forEach((node, i) => {
    const box = boxes[i];
    const y = box.y + 37;
    const x0 = from.x + from.w;
    const tone = box.tone === 'bad' ? 'bad' : business(node) ? '' : 'idle';
    lines.push({d: `M${x0} ${middle} C ${(x0 + nx) / 2} ${middle}, ${(x0 + nx) / 2} ${y}, ${nx} ${y}`, tone});
    const x1 = nx + nw;
    const bend = (x1 + rx) / 2;
    const by = broker.y + 31;
    const dy = database.y + 38;
    const silent = node.state !== 'HERE';
    const topic = node.topic?.state;
    if (!silent && topic !== 'OFF') {
      lines.push({d: `M${x1} ${y - 12} C ${bend} ${y - 12}, ${bend} ${by}, ${rx} ${by}`, tone: topic === 'AWAY' ? 'bad' : 'quiet', thin: true});
    }
    if (!silent) {
      const lost = node.databaseMillis == null;
      lines.push({
        d: `M${x1} ${y + 12} C ${bend} ${y + 12}, ${bend} ${dy}, ${rx} ${dy}`,
        tone: lost || database.tone === 'bad' ? 'bad' : box.leads ? '' : 'quiet',
        thin: !box.leads,
      });
    }
  });
  const leader = sum.leader;
  const led = boxes.find(({leads}) => leads);
  const label = led ? {x: (nx + nw + rx) / 2, y: (led.y + 49 + database.y + 38) / 2} : {x: rx + 72, y: database.y - 28};
  lines.push({label: leader ? `${rate(sum.posts)} posts/s` : 'no leader', ...label, tone: leader ? '' : 'bad'});
  if (sum.waiting) lines.push({label: `${short(sum.waiting)} waiting`, x: label.x, y: label.y + 16, tone: ''});
  const all = [clients, ...(balancer ? [balancer] : []), ...boxes, broker, database];
  reps.forEach((replica, i) => {
    const y = database.y + 76 + 40 + i * 58;
    all.push({id: `replica ${replica.name}`, x: rx, y, w: 144, h: 48, title: clip(replica.name, 16), full: replica.name, lines: [replica.state], tone: replica.away ? 'bad' : ''});
    if (i === 0) lines.push({d: `M${rx + 72} ${database.y + 76} L ${rx + 72} ${y}`, tone: flow(replica.away ? 'bad' : database.tone, true)});
    lines.push({label: replica.text, x: rx - 8, y: y + 28, end: true, tone: replica.away ? 'bad' : ''});
  });
  if (more) lines.push({label: `and ${more} more`, x: nx + nw / 2, y: height - 14, tone: ''});
  return {width: 900, height, boxes: all, lines, more};
}

function tall(cluster) {
  const {nodes, more} = drawn(cluster);
  const several = cluster.nodes.length > 1;
  const sum = totals(cluster);
  const reps = replicas(cluster.database).slice(0, MOST_REPLICAS);
  const lines = [];
  const boxes = [];
  let y = 10;
  boxes.push({id: 'clients', x: 10, y, w: 320, h: 50, title: 'Clients', lines: [`${sockets(sum.sockets)} · ${rate(sum.deliveries)}/s delivered`], tone: ''});
  y += 50;
  if (several) {
    lines.push({d: `M170 ${y} L 170 ${y + 18}`, tone: ''});
    y += 18;
    boxes.push({id: 'balancer', x: 10, y, w: 320, h: 34, title: 'Balancer', lines: [], tone: ''});
    y += 34;
  }
  const spine = y;
  y += 20;
  let leaderY = null;
  let last = spine;
  for (const node of nodes) {
    const box = nodeBox(node, {x: 40, y, w: 262, h: 74}, 23);
    boxes.push(box);
    const tone = box.tone === 'bad' ? 'bad' : business(node) ? '' : 'idle';
    lines.push({d: `M22 ${y + 37} L 40 ${y + 37}`, tone});
    if (node.state === 'HERE') lines.push({d: `M302 ${y + 37} L 320 ${y + 37}`, tone: node.databaseMillis == null ? 'bad' : box.leads ? '' : 'quiet', thin: !box.leads});
    if (box.leads) leaderY = y + 37;
    last = y + 37;
    y += 88;
  }
  lines.unshift({d: `M22 ${spine} L 22 ${last}`, tone: ''});
  if (more) {
    lines.push({label: `and ${more} more`, x: 171, y: y + 4, tone: ''});
    y += 20;
  }
  y += 14;
  const broker = brokerBox(cluster, {x: 10, y, w: 140, h: 62});
  const database = databaseBox(cluster, {x: 186, y, w: 144, h: 62});
  const tone = flow(database.tone, leaderY != null);
  lines.unshift({d: `M320 ${leaderY ?? spine + 57} L 320 ${y}`, tone});
  lines.push({label: leaderY == null ? 'no leader' : `${rate(sum.posts)} posts/s`, x: 310, y: y - 8, end: true, tone: leaderY == null ? 'bad' : ''});
  lines.push({d: `M80 ${last + 37} L 80 ${y}`, tone: flow(broker.tone, broker.tone !== 'off'), thin: true});
  boxes.push(broker, database);
  y += 62;
  reps.forEach((replica, i) => {
    const at = y + 30 + i * 58;
    if (i === 0) lines.push({d: `M258 ${y} L 258 ${at}`, tone: flow(replica.away ? 'bad' : database.tone, true)});
    boxes.push({id: `replica ${replica.name}`, x: 186, y: at, w: 144, h: 48, title: clip(replica.name, 16), full: replica.name, lines: [replica.state], tone: replica.away ? 'bad' : ''});
    lines.push({label: replica.text, x: 178, y: at + 28, end: true, tone: replica.away ? 'bad' : ''});
  });
  if (reps.length) y += 30 + reps.length * 58 - 10;
  return {width: 340, height: y + 12, boxes, lines, more};
}

/** The picture in words, for those who do not see it. */
export function spoken(cluster) {
  const sum = totals(cluster);
  const {database} = cluster;
  const sentences = [
    `Clients hold ${sockets(sum.sockets)} and get ${rate(sum.deliveries)} deliveries a second.`,
    ...cluster.nodes.map((node) => {
      const roles = [node.writer?.leader && node.state === 'HERE' ? 'leads' : null, node.reader?.applier && node.state === 'HERE' ? 'applies to the cache' : null].filter(Boolean);
      return `${[node.name, ...roles].join(', ')}: ${nodeLines(node).filter(Boolean).join(', ')}.`;
    }),
    {OK: 'The broker carries updates.', BAD: 'The broker takes no updates.', OFF: 'No broker is used.'}[brokerState(cluster)],
    database.reachable ? `${productName(database.product)} answers and takes ${rate(sum.posts)} posts a second.` : `The database does not answer: ${database.fault}.`,
    ...replicas(database).map(({name, state, text}) => `Replica ${name}: ${state}, ${text}.`),
  ];
  return sentences.join(' ');
}
