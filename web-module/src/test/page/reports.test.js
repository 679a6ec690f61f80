import {bySource, bytes, drainRates, fill, hourly, rateBetween, short} from '../../main/webapp/app/core/report-figures.js';
import {Reporter, deviceName} from '../../main/webapp/app/core/reporter.js';
import {same, yes} from './assert.js';

const at = (second, appended, acked) => ({node: 'n', at: `2026-11-24T10:00:0${second}.000Z`, appended, groups: [{name: 'g', acked}]});

/** A page that remembers what it reported; timers never run by themselves here. */
function page() {
  const sent = [];
  globalThis.setInterval ??= () => 1;
  globalThis.clearInterval ??= () => {};
  globalThis.setTimeout ??= () => 1;
  globalThis.clearTimeout ??= () => {};
  let ids = 0;
  const made = {sent, seen: true};
  made.reporter = new Reporter({send: (id, report) => sent.push({id, ...report}), device: 'page-1', visible: () => made.seen, newId: () => `id${++ids}`});
  return made;
}

export const tests = {
  'a rate follows from two looks and from nothing else'() {
    same(rateBetween(at(0, 100, 0), at(2, 300, 0)), 100);
    same(rateBetween(null, at(2, 300, 0)), null);
    same(rateBetween(at(0, 300, 0), at(2, 100, 0)), null);
    same(rateBetween({...at(0, 1, 0), node: 'other'}, at(2, 300, 0)), null);
    same(drainRates(at(0, 0, 10), at(2, 0, 50)), {g: 20});
  },
  'a buffer is as full as its nearer bound'() {
    same(fill({count: 5, bytes: 10, maxCount: 10, maxBytes: 100}), 0.5);
    same(fill({count: 5, bytes: 90, maxCount: 10, maxBytes: 100}), 0.9);
    same(fill({count: 50, bytes: 90, maxCount: 10, maxBytes: 100}), 1);
  },
  'hours without reports are there, and sources are summed'() {
    const rows = [{hour: '2026-11-24T10:00:00.000Z', source: 'a', kind: 'x', reports: 3}, {hour: '2026-11-24T10:00:00.000Z', source: 'b', kind: 'x', reports: 4}, {hour: '2026-11-24T08:00:00.000Z', source: 'a', kind: 'y', reports: 5}];
    same(hourly(rows, 3, Date.parse('2026-11-24T10:30:00Z')).map(({reports}) => reports), [5, 0, 7]);
    same(bySource(rows, 1), [{source: 'a', reports: 8}]);
  },
  'numbers are short'() {
    same([0, 999, 1000, 1234, 56_789, 1_000_000].map(short), ['0', '999', '1.0k', '1.2k', '57k', '1.0M']);
    same([0, 1023, 1024, 5 * 1024 * 1024].map(bytes), ['0 B', '1023 B', '1.0 KB', '5.0 MB']);
  },
  'the page confirms when it is connected, and nothing when it is not'() {
    const {reporter, sent} = page();
    reporter.confirm();
    same(sent.length, 0);
    reporter.online();
    same(sent.map(({kind, body}) => [kind, body.state]), [['state', 'online']]);
    yes(reporter.knows(sent[0].id));
    reporter.offline();
    reporter.confirm();
    same(sent.length, 1);
  },
  'a page that nobody looks at is away, and one that is left is offline'() {
    const made = page();
    made.seen = false;
    made.reporter.online();
    made.reporter.leave();
    same(made.sent.map(({body}) => body.state), ['away', 'offline']);
  },
  'deliveries are gathered and only go forward'() {
    const {reporter, sent} = page();
    for (const seq of [3, 4, 5]) reporter.got('g', seq);
    reporter.flush();
    reporter.got('g', 5);
    reporter.got('g', 2);
    reporter.flush();
    same(sent.map(({kind, body}) => [kind, body.group, body.seq]), [['delivery', 'g', 5]]);
  },
  'a browser keeps its name'() {
    const kept = new Map();
    const storage = {getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value)};
    const name = deviceName(storage, () => '12345678-9');
    same(name, 'page-12345678');
    same(deviceName(storage, () => 'other'), name);
  },
};
