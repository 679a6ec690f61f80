import {emptyState, gapOf, reduce, resumeMap, tellsAnotherHistory, typersOf, unreadOf} from '../../main/webapp/app/core/reducer.js';
import {dice, same, yes} from './assert.js';

const ADA = {id: 1, name: 'Ada Lovelace'};
const GRACE = {id: 2, name: 'Grace Hopper'};

function posted(seq, text = `m${seq}`, by = GRACE) {
  return {seq, kind: 'message.posted', at: '2026-11-22T20:00:00.000Z', by, no: seq, clientId: `c${seq}`, text};
}

function group(overrides = {}) {
  return {id: 'g', name: 'General', type: 'PUBLIC', status: 'ACTIVE', role: 'MEMBER', memberCount: 2, head: {seq: 0, no: 0}, read: {seq: 0, no: 0}, ...overrides};
}

function state(events = []) {
  return events.reduce(reduce, reduce(reduce(emptyState(), {type: 'signed-in', account: ADA}), {type: 'groups', items: [group()]}));
}

const page = (entries, head = entries.at(-1)?.seq ?? 0, firstSeq = 1) => ({type: 'page', group: 'g', page: {entries, firstSeq, head: {seq: head, no: head}}});
const live = (...entries) => ({type: 'entries', group: 'g', entries});
const seqs = (s) => s.timelines.g.entries.map((entry) => entry.seq);

export const tests = {
  'after a restore the group begins at the head that there is, lower than before': () => {
    const s = state([page([posted(1), posted(2), posted(3)]), {type: 'another-history', group: 'g', head: 1}]);
    same(s.groups.g.head.seq, 1);
    same(s.timelines.g, undefined);
    const opened = [page([posted(1)]), live(posted(2, 'anew'))].reduce(reduce, s);
    same(seqs(opened), [1, 2]);
    same(opened.timelines.g.entries[1].text, 'anew');
  },

  'a resync with a head below what the page has is no other history, and takes nothing away': () => {
    const told = {type: 'resync', group: 'g', head: 2};
    same(tellsAnotherHistory(told), false);
    same(tellsAnotherHistory({...told, history: 'other'}), true);
    const s = state([page([posted(1), posted(2), posted(3)]), {type: 'heads', heads: {g: {seq: told.head}}}]);
    same(seqs(s), [1, 2, 3]);
    same(gapOf(s, 'g'), null);
  },
  'a resume in few words names open timelines only, up to a bound': () => {
    const s = state([page([posted(1), posted(2)])]);
    const two = reduce(s, {type: 'groups', items: [...Object.values(s.groups), group({id: 'h', head: {seq: 9, no: 9}})]});
    same(resumeMap(two), {g: 2, h: 9});
    same(resumeMap(two, 50), {g: 2});
    same(resumeMap(two, 0), {});
  },
  'nobody types any more after the message is there': () => {
    const typing = reduce(state([page([posted(1)])]), {type: 'typing', group: 'g', by: GRACE, now: 1000});
    same(typersOf(typing, 'g', 1001), ['Grace Hopper']);
    same(typersOf(reduce(typing, live(posted(2))), 'g', 1001), []);
  },
  'live entries are appended in order and doubles are ignored': () => {
    const s = state([page([posted(1), posted(2)]), live(posted(3)), live(posted(2), posted(3), posted(4))]);
    same(seqs(s), [1, 2, 3, 4]);
    same(gapOf(s, 'g'), null);
  },
  'an entry beyond a hole waits until the hole is filled': () => {
    const s = state([page([posted(1)]), live(posted(4))]);
    same(seqs(s), [1]);
    same(gapOf(s, 'g'), {from: 2, upTo: 4});
    const filled = reduce(s, live(posted(2), posted(3)));
    same(seqs(filled), [1, 2, 3, 4]);
    same(gapOf(filled, 'g'), null);
  },
  'a head of a heartbeat beyond the timeline is a gap': () => {
    const s = state([page([posted(1)]), {type: 'heads', heads: {g: 3}}]);
    same(gapOf(s, 'g'), {from: 2, upTo: 3});
    same(gapOf(reduce(s, live(posted(2), posted(3))), 'g'), null);
  },
  'any order and any doubling of the same entries give the same timeline': () => {
    const seed = 20261122;
    const random = dice(seed);
    for (let round = 0; round < 50; round++) {
      const all = Array.from({length: 30}, (_, i) => posted(i + 2));
      const shuffled = [...all, ...all.filter(() => random() < 0.4)].sort(() => random() - 0.5);
      let s = state([page([posted(1)])]);
      while (shuffled.length) s = reduce(s, live(...shuffled.splice(0, 1 + Math.floor(random() * 5))));
      yes(seqs(s).length === 31 && seqs(s).every((seq, i) => seq === i + 1), `seed ${seed} round ${round}: ${seqs(s)}`);
      same(unreadOf(s.groups.g), 31 - s.groups.g.read.no);
    }
  },
  'an edit changes the text of its message and a recall takes it away': () => {
    const edited = {seq: 3, kind: 'message.edited', at: 'T1', by: GRACE, target: 2, text: 'better', no: 2};
    const recalled = {seq: 4, kind: 'message.recalled', at: 'T2', by: GRACE, target: 2, no: 2};
    let s = state([page([posted(1), posted(2)]), live(edited)]);
    same([s.timelines.g.entries[1].text, s.timelines.g.entries[1].editedAt], ['better', 'T1']);
    s = reduce(s, live(recalled));
    same(s.timelines.g.entries.filter((e) => e.text === 'better').length, 0);
    same(s.timelines.g.entries[1].recalledAt, 'T2');
  },
  'older pages come in above without touching the end': () => {
    let s = state([page([posted(51), posted(52)], 52)]);
    same(s.timelines.g.atStart, false);
    s = reduce(s, {...page([posted(49), posted(50), posted(51)], 60), before: true});
    same(seqs(s), [49, 50, 51, 52]);
    same(s.timelines.g.to, 52);
  },
  'resuming starts at the last entry without a hole': () => {
    const s = state([page([posted(1)]), live(posted(4))]);
    same(resumeMap(s), {g: 1});
  },
  'a closed group resumes at the head the list told': () => {
    const s = reduce(state(), {type: 'groups', items: [group({head: {seq: 9, no: 5}})]});
    same(resumeMap(s), {g: 9});
  },
  'unread is the head minus the read position and my own message is read': () => {
    let s = state([live(posted(1), posted(2))]);
    same(unreadOf(s.groups.g), 2);
    s = reduce(s, {type: 'read', group: 'g', seq: 2, no: 2});
    same(unreadOf(s.groups.g), 0);
    s = reduce(s, live(posted(3, 'mine', ADA)));
    same(unreadOf(s.groups.g), 0);
  },
  'the read position never goes back': () => {
    let s = state([live(posted(1), posted(2)), {type: 'read', group: 'g', seq: 2, no: 2}]);
    s = reduce(s, {type: 'read', group: 'g', seq: 1, no: 1});
    same(s.groups.g.read, {seq: 2, no: 2});
  },
  'an older view of a group does not undo what the stream has told': () => {
    const s = state([live(posted(1), posted(2))]);
    same(reduce(s, {type: 'groups', items: [group()]}).groups.g.head.seq, 2);
  },
  'settings, role and silence follow the stream': () => {
    const s = state([
      live({seq: 1, kind: 'group.changed', at: 'T', by: GRACE, group: {name: 'Renamed', topic: null}}),
      live({seq: 2, kind: 'role.changed', at: 'T', by: GRACE, subject: ADA, role: 'ADMIN'}),
      live({seq: 3, kind: 'member.muted', at: 'T', by: GRACE, subject: ADA, until: 'U'}),
      live({seq: 4, kind: 'group.archived', at: 'T', by: GRACE}),
    ]);
    const {name, role, mutedUntil, status} = s.groups.g;
    same([name, role, mutedUntil, status], ['Renamed', 'ADMIN', 'U', 'ARCHIVED']);
  },
  'a removed person has no role any more': () => {
    const s = state([live({seq: 1, kind: 'member.removed', at: 'T', by: GRACE, subject: ADA})]);
    same(s.groups.g.role, null);
    same(resumeMap(s), {});
  },
  'trimmed history leaves the timeline': () => {
    const s = state([page([posted(1), posted(2), posted(3)]), live({seq: 4, kind: 'history.trimmed', at: 'T', upTo: 2, no: 3})]);
    same(seqs(s), [3, 4]);
  },
  'typing ends by itself': () => {
    const s = state([{type: 'typing', group: 'g', by: GRACE, now: 1000}]);
    same(typersOf(s, 'g', 2000), ['Grace Hopper']);
    same(typersOf(s, 'g', 7000), []);
  },
};
