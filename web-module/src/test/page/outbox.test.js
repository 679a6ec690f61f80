import {Outbox} from '../../main/webapp/app/core/outbox.js';
import {MemoryStorage, same} from './assert.js';

const message = (id, group = 'g', at = 1) => ({id, group, text: `text of ${id}`, at});
const ids = (items) => items.map((item) => item.id);

export const tests = {
  'only the oldest message of a group is under way': () => {
    const box = new Outbox(new MemoryStorage(), 1);
    box.add(message('a'));
    box.add(message('b'));
    box.add(message('c', 'other'));
    same(ids(box.due()), ['a', 'c']);
    box.sent('a', 10);
    same(ids(box.due()), ['c']);
    box.acked('a', 7);
    same(ids(box.due()), ['b', 'c']);
  },
  'unsent messages outlive the page with the same id': () => {
    const storage = new MemoryStorage();
    const box = new Outbox(storage, 1);
    box.add(message('b', 'g', 2));
    box.add(message('a', 'g', 1));
    box.sent('b', 10);
    same(ids(new Outbox(storage, 1).due()), ['a']);
    same(ids(new Outbox(storage, 1).items), ['a', 'b']);
    same(new Outbox(storage, 2).items.length, 0);
  },
  'a lost connection sends what had no answer again': () => {
    const box = new Outbox(new MemoryStorage(), 1);
    box.add(message('a'));
    box.sent('a', 10);
    same(box.overdue(30, 15), true);
    box.lost();
    same(ids(box.due()), ['a']);
  },
  'an acknowledged message is not kept and goes when its entry arrives': () => {
    const storage = new MemoryStorage();
    const box = new Outbox(storage, 1);
    box.add(message('a'));
    box.acked('a', 7);
    same([storage.length, box.items.length], [0, 1]);
    box.arrived([{seq: 7, clientId: 'a'}]);
    same(box.items.length, 0);
  },
  'an entry that arrives before its acknowledgement takes the message away': () => {
    const storage = new MemoryStorage();
    const box = new Outbox(storage, 1);
    box.add(message('a'));
    box.arrived([{seq: 7, clientId: 'a'}]);
    box.acked('a', 7);
    same([storage.length, box.items.length], [0, 0]);
  },
  'a refused message stays for its author and lets the next one go': () => {
    const storage = new MemoryStorage();
    const box = new Outbox(storage, 1);
    box.add(message('a'));
    box.add(message('b'));
    box.refused('a', 'You are muted');
    same(ids(box.due()), ['b']);
    same(new Outbox(storage, 1).items[0].state, 'failed');
    box.retry('a');
    same(ids(box.due()), ['a']);
    box.discard('a');
    same(new Outbox(storage, 1).items.length, 1);
  },
  'a damaged stored message is thrown away': () => {
    const storage = new MemoryStorage();
    storage.setItem('plenum.outbox.1.x', '{broken');
    same(new Outbox(storage, 1).items.length, 0);
    same(storage.length, 0);
  },
};
