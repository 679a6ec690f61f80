import {brokerState, clip, percent, picture, productName, rate, replicas, sound, span, spoken, totals} from '../../main/webapp/app/core/cluster-picture.js';
import {same, yes} from './assert.js';

const node = (name, more = {}) => ({
  name,
  state: 'HERE',
  lastSeen: '2026-11-24T10:00:00.000Z',
  silentSeconds: 1,
  version: '1.0.0',
  startedAt: '2026-11-24T09:00:00.000Z',
  roles: ['business', 'reader', 'writer'],
  ready: true,
  reasons: [],
  writer: {leader: false, epoch: 0, queue: 0, waiting: 0, postsPerSecond: 0, commitsPerSecond: 0, forwardedPerSecond: 3},
  reader: {applier: false, epoch: 0, applied: 1000, behind: 0, lagMillis: 0, roomRevision: null, roomLag: null, snapshotAgeSeconds: 30, nearCacheBytes: 1},
  push: {sockets: 10, deliveriesPerSecond: 100, backlog: 0},
  topic: {state: 'WORKS', waiting: 0, sentPerSecond: 0, receivedPerSecond: 5, catchUpsPerSecond: 0},
  reports: null,
  backups: {newestAgeSeconds: 7200, failed: false},
  process: {cpu: 0.25, gc: 0.01, heapUsed: 1, heapMax: 2, threads: 100},
  databaseMillis: 0.5,
  ...more,
});
const leads = {writer: {leader: true, epoch: 7, queue: 2, waiting: 0, postsPerSecond: 1234, commitsPerSecond: 50, forwardedPerSecond: 0}};
const database = {
  product: 'PostgreSQL 18.0 (Debian 18.0-1)',
  reachable: true,
  millis: 0.44,
  fault: null,
  replicationVisible: true,
  standby: false,
  replicas: [{name: 'replica', state: 'streaming', sync: 'async', lagBytes: 120, lagMillis: 1}],
  slots: [{name: 'replica', connected: true, keptBytes: 4096}],
};
const cluster = (more = {}) => ({node: 'node1', at: '2026-11-24T10:00:00.000Z', verdict: 'All well', well: true, problems: [], nodes: [node('node1', leads), node('node2')], database, head: 1000, deadLetters: 1, ...more});
const silent = (name, more = {}) => node(name, {state: 'SILENT', silentSeconds: 14, ...more});

const box = (drawn, id) => drawn.boxes.find((it) => it.id === id);
const labels = (drawn) => drawn.lines.filter(({label}) => label).map(({label}) => label);

/** Nothing lies outside, and no two boxes overlap. */
function tidy({width, height, boxes, lines}) {
  for (const a of boxes) {
    yes(a.x >= 0 && a.y >= 0 && a.x + a.w <= width && a.y + a.h <= height, `${a.id} lies inside`);
    for (const b of boxes) {
      if (a !== b) yes(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y, `${a.id} and ${b.id} apart`);
    }
  }
  for (const line of lines) yes(line.d ? !line.d.includes('NaN') && !line.d.includes('undefined') : Number.isFinite(line.x + line.y), 'a line has an end');
}

export const tests = {
  'sums count the nodes that are heard of'() {
    const sum = totals(cluster({nodes: [node('node1', leads), node('node2', {reader: {...node('x').reader, behind: 40}}), silent('node3')]}));
    same([sum.nodes, sum.here, sum.well, sum.sockets, sum.deliveries, sum.posts, sum.waiting, sum.behind, sum.letters], [3, 2, 2, 20, 200, 1234, 2, 40, 1]);
    same(sum.leader.name, 'node1');
  },
  'of two that say they lead the higher epoch counts'() {
    same(totals(cluster({nodes: [node('a', leads), node('b', {writer: {...leads.writer, epoch: 8}})]})).leader.name, 'b');
  },
  'a node without the role need not take requests'() {
    yes(sound(node('w', {roles: ['writer'], ready: false})));
    yes(!sound(node('w', {ready: false})));
    yes(!sound(silent('w')));
  },
  'the picture holds every part, wide and narrow'() {
    for (const narrow of [false, true]) {
      const drawn = picture(cluster(), narrow);
      tidy(drawn);
      same(drawn.boxes.map(({id}) => id).sort(), ['balancer', 'broker', 'clients', 'database', 'node node1', 'node node2', 'replica replica']);
      same(box(drawn, 'node node1').mark, 'leads');
      yes(labels(drawn).includes('1.2k posts/s'), 'posts');
      yes(drawn.lines.every(({tone}) => tone !== 'bad') && drawn.boxes.every(({tone}) => tone !== 'bad'), 'nothing red');
    }
  },
  'a lone node has no balancer'() {
    for (const narrow of [false, true]) {
      const drawn = picture(cluster({nodes: [node('server', leads)], database: {...database, product: 'H2 2.3', replicas: [], slots: []}}), narrow);
      tidy(drawn);
      yes(!box(drawn, 'balancer'), 'no balancer');
    }
  },
  'what is broken is red'() {
    for (const narrow of [false, true]) {
      const drawn = picture(
        cluster({
          nodes: [node('node1', {databaseMillis: null, topic: {state: 'AWAY', waiting: 9}}), silent('node2', leads), node('node3', {ready: false, reasons: ['x']})],
          database: {...database, replicas: [], slots: [{name: 'replica', connected: false, keptBytes: 5 << 20}]},
        }),
        narrow,
      );
      tidy(drawn);
      same(['node node1', 'node node2', 'node node3', 'broker', 'database', 'replica replica'].map((id) => box(drawn, id).tone), ['', 'bad', 'bad', 'bad', '', 'bad']);
      same(box(drawn, 'node node2').mark, null);
      same(box(drawn, 'node node2').lines[0], 'silent for 14 s');
      yes(labels(drawn).includes('no leader'), 'no leader');
      yes(labels(drawn).includes('5.0 MB kept for it'), 'kept');
      yes(drawn.lines.some(({tone}) => tone === 'bad'), 'red lines');
    }
    same(box(picture(cluster({database: {...database, reachable: false, millis: null, fault: 'refused', replicas: [], slots: []}}), false), 'database').lines, ['does not answer']);
  },
  'a node that nothing is known of is drawn'() {
    const unknown = {name: 'node9', state: 'UNREADABLE', silentSeconds: 1, roles: [], ready: null, reasons: [], writer: null, reader: null, push: null, topic: null, reports: null, process: null, databaseMillis: null};
    for (const narrow of [false, true]) tidy(picture(cluster({nodes: [node('node1', leads), unknown]}), narrow));
    yes(spoken(cluster({nodes: [unknown]})).includes('node9: speaks another version.'));
  },
  'of many nodes the troubled and the leading ones are drawn'() {
    const nodes = Array.from({length: 30}, (_, i) => node(`node${i}`));
    nodes[25] = node('node25', leads);
    nodes[27] = silent('node27');
    for (const narrow of [false, true]) {
      const drawn = picture(cluster({nodes}), narrow);
      tidy(drawn);
      same(drawn.more, 22);
      yes(box(drawn, 'node node25') && box(drawn, 'node node27'), 'the ones that matter');
    }
  },
  'replicas are said as far as they can be seen'() {
    same(replicas(database)[0].text, 'follows');
    same(replicas({...database, replicas: [{name: 'r', state: null, sync: null, lagBytes: null}], replicationVisible: false})[0].text, 'lag not visible');
    same(replicas({...database, replicas: [{...database.replicas[0], lagBytes: 3 << 20}]})[0].text, '3.0 MB behind');
  },
  'the broker is what the nodes that are heard of say'() {
    same(brokerState(cluster()), 'OK');
    same(brokerState(cluster({nodes: [node('a', {topic: {state: 'OFF'}})]})), 'OFF');
    same(brokerState(cluster({nodes: [node('a'), node('b', {topic: {state: 'AWAY'}})]})), 'BAD');
    same(brokerState(cluster({nodes: [node('a'), silent('b', {topic: {state: 'AWAY'}})]})), 'OK');
  },
  'the picture in words says the same'() {
    const words = spoken(cluster());
    yes(words.includes('node1, leads: 10 sockets'), words);
    yes(words.includes('PostgreSQL 18.0 answers and takes 1.2k posts a second.'), words);
    yes(words.includes('Replica replica: streaming, follows.'), words);
  },
  'numbers and times are short'() {
    same([0, 0.02, 0.44, 9.94, 12.3, 1234, null].map(rate), ['0', '0.1', '0.4', '9.9', '12', '1.2k', '–']);
    same([5, 119, 150, 7200, 9000, 200_000, null, NaN].map(span), ['5 s', '119 s', '2 min', '2 h', '2 h 30 min', '2 d', '–', '–']);
    same([percent(0.256), percent(null)], ['26%', '–']);
    same([clip('node1', 6), clip('server@host', 6)], ['node1', 'serve…']);
    same([productName('H2 2.3.232 (2024-08-11)'), productName('')], ['H2 2.3.232', 'Database']);
  },
};
