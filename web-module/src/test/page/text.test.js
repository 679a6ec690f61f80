import {backoff} from '../../main/webapp/app/core/backoff.js';
import {hueOf, initials, rowsOf} from '../../main/webapp/app/core/layout.js';
import {linkify} from '../../main/webapp/app/core/linkify.js';
import {actionsOn, entrance, mayInvite, mayRecall, postingObstacle} from '../../main/webapp/app/core/permissions.js';
import {groupOf, personOf} from '../../main/webapp/app/core/shapes.js';
import {problemWords, systemWords, togetherWords} from '../../main/webapp/app/core/words.js';
import {EventParser} from '../../main/webapp/app/core/transports.js';
import {uuid} from '../../main/webapp/app/core/uuid.js';
import {same, yes} from './assert.js';

const links = (text) => linkify(text).filter((part) => part.href).map((part) => part.href);
const group = (overrides = {}) => ({type: 'PUBLIC', status: 'ACTIVE', postingRule: 'EVERYONE', role: 'MEMBER', ...overrides});
const now = Date.parse('2026-11-22T20:00:00Z');
const later = '2026-11-22T21:00:00Z';

export const tests = {
  'events are cut out of a stream wherever its parts end': () => {
    const text = ': hello\n\nid: 7\ndata: {"a":1}\n\ndata: one\r\ndata:two\r\n\r\ndata: unfinished';
    for (let size = 1; size < text.length; size++) {
      const found = [];
      const parser = new EventParser((data) => found.push(data));
      for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
      same(found, ['{"a":1}', 'one\ntwo']);
    }
  },
  'an administrator of the platform who is a member moderates, but does not speak for the group': () => {
    const group = {role: 'MEMBER', status: 'ACTIVE', type: 'ANNOUNCEMENT', postingRule: 'ADMINS', privileged: true};
    same(actionsOn(group, {id: 2, role: 'ADMIN', status: 'ACTIVE'}, 1, 0), ['make-member', 'transfer', 'mute', 'remove', 'ban']);
    same(actionsOn(group, {id: 2, role: 'OWNER', status: 'ACTIVE'}, 1, 0), []);
    yes(mayRecall(group, {seq: 1, by: {id: 2}}, 1));
    yes(postingObstacle(group, 0) !== null);
    yes(!mayRecall({...group, role: null}, {seq: 1, by: {id: 2}}, 1));
  },
  'only http and https become links': () => {
    same(links('see https://a.example/x?y=1#z and http://b.example.'), ['https://a.example/x?y=1#z', 'http://b.example']);
    same(links('javascript:alert(1) data:text/html,x ftp://c.example file:///etc/passwd'), []);
  },
  'a link ends before punctuation and an unopened bracket': () => {
    same(links('(https://a.example/w_(x)) and https://b.example/y, then'), ['https://a.example/w_(x)', 'https://b.example/y']);
  },
  'the parts of a text are the whole text': () => {
    const text = '<b>x</b> https://a.example/"onclick=1 http:// https://.';
    same(linkify(text).map((part) => part.text).join(''), text);
  },
  'back-off grows to a bound and is spread': () => {
    same([backoff(0, () => 0), backoff(0, () => 1)], [250, 500]);
    same([backoff(30, () => 0), backoff(30, () => 1)], [15000, 30000]);
  },
  'messages of one person within minutes are joined, days and unread are divided': () => {
    const entry = (seq, at, by, extra = {}) => ({seq, at, by, kind: 'message.posted', ...extra});
    const ada = {id: 1, name: 'Ada'};
    const grace = {id: 2, name: 'Grace'};
    const rows = rowsOf(
      [
        entry(1, '2026-11-21T10:00:00Z', grace),
        entry(2, '2026-11-21T10:01:00Z', grace),
        entry(3, '2026-11-21T10:30:00Z', grace),
        {seq: 4, at: '2026-11-21T10:31:00Z', by: ada, kind: 'message.edited', target: 1},
        entry(5, '2026-11-22T10:00:00Z', grace),
        entry(6, '2026-11-22T10:01:00Z', grace, {replyTo: 5}),
        {seq: 7, at: '2026-11-22T10:02:00Z', by: ada, kind: 'member.joined', subject: ada},
      ],
      {readSeq: 3, me: 1, dayOf: (ms) => new Date(ms).toISOString().slice(0, 10)});
    same(rows.map((row) => row.type + (row.joined ? '+' : '')), ['day', 'message', 'message+', 'message', 'day', 'unread', 'message', 'message', 'system']);
  },
  'people who come, go or are added one after the other share a line': () => {
    const person = (id) => ({id, name: `P${id}`});
    const joined = (seq, id, by = id) => ({seq, at: '2026-11-22T10:00:00Z', kind: 'member.joined', by: person(by), subject: person(id)});
    const rows = rowsOf(
      [joined(1, 1), joined(2, 2), joined(3, 3, 1), joined(4, 4, 1), joined(5, 5, 2), joined(6, 6), {...joined(7, 7), kind: 'member.left'}],
      {readSeq: -1, me: 9, dayOf: String});
    same(rows.map((row) => row.more?.length ?? 0), [0, 1, 1, 0, 0, 0]);
    same(togetherWords([joined(1, 1), joined(2, 2)], 2), 'You and P1 joined');
    same(togetherWords([1, 2, 3, 4].map((id) => joined(id, id)), 9), 'P1, P2 and 2 others joined');
    same(togetherWords([joined(3, 3, 1), joined(4, 4, 1)], 4), 'P1 added you and P3');
    same(togetherWords([{...joined(1, 1), kind: 'member.left'}, {...joined(2, 1), kind: 'member.left'}], 9), 'P1 left');
  },
  'ids are made over plain HTTP too': () => {
    const plain = {getRandomValues: (bytes) => bytes.fill(0xff)};
    same(uuid(plain), 'ffffffff-ffff-4fff-bfff-ffffffffffff');
    same(uuid({randomUUID: () => 'own'}), 'own');
  },
  'initials and colours are stable': () => {
    same(['Ada Lovelace', 'plato', '', '李 小龍'].map(initials), ['AL', 'PL', '?', '李小']);
    same(hueOf('x'), hueOf('x'));
    yes(Array.from({length: 200}, (_, i) => hueOf(i)).every((hue) => hue >= 0 && hue < 12));
  },
  'system entries are said in plain words': () => {
    const by = {id: 1, name: 'Ada'};
    const subject = {id: 2, name: 'Grace'};
    same(systemWords({kind: 'member.joined', by, subject: by}, 1), 'You joined');
    same(systemWords({kind: 'member.joined', by, subject}, 9), 'Ada added Grace');
    same(systemWords({kind: 'role.changed', by, subject, role: 'ADMIN'}, 2), 'Ada made you an admin');
    same(systemWords({kind: 'something.new', by}, 2), 'Something changed in this group');
  },
  'every kind of entry has words of its own': () => {
    const kinds = 'group.created group.changed group.archived group.restored group.dissolved member.joined member.left member.requested request.declined member.invited invitation.declined member.removed member.banned member.unbanned member.muted member.unmuted role.changed ownership.transferred history.trimmed';
    for (const kind of kinds.split(' ')) {
      const words = systemWords({kind, by: {id: 1, name: 'A'}, subject: {id: 2, name: 'B'}}, 3);
      yes(words !== 'Something changed in this group' && !words.includes('undefined'), kind);
    }
  },
  'problems are said in plain words': () => {
    same(problemWords({code: 'GROUP_FULL', title: 'x'}), 'This group is full.');
    same(problemWords({code: 'NEW_ONE', title: 'Title', detail: 'Detail'}), 'Detail');
    yes(problemWords(new TypeError('x is undefined')).startsWith('Something went wrong'));
  },
  'a member is offered no moderation': () => {
    same(actionsOn(group(), {id: 2, role: 'MEMBER', status: 'ACTIVE'}, 1, now), []);
    same(mayInvite(group()), true);
    same(mayInvite(group({type: 'REQUEST'})), false);
  },
  'an admin acts on members only and the owner on everybody else': () => {
    const admin = group({role: 'ADMIN'});
    const owner = group({role: 'OWNER'});
    same(actionsOn(admin, {id: 2, role: 'MEMBER', status: 'ACTIVE'}, 1, now), ['mute', 'remove', 'ban']);
    same(actionsOn(admin, {id: 2, role: 'ADMIN', status: 'ACTIVE'}, 1, now), []);
    same(actionsOn(owner, {id: 2, role: 'ADMIN', status: 'ACTIVE', mutedUntil: later}, 1, now), ['make-member', 'transfer', 'unmute', 'remove', 'ban']);
    same(actionsOn(owner, {id: 1, role: 'OWNER', status: 'ACTIVE'}, 1, now), []);
    same(actionsOn(admin, {id: 2, status: 'REQUESTED'}, 1, now), ['approve', 'decline']);
    same(actionsOn(group({role: 'OWNER', status: 'ARCHIVED'}), {id: 2, role: 'MEMBER', status: 'ACTIVE'}, 1, now), ['remove', 'ban']);
  },
  'posting is hindered by archive, silence and announcement': () => {
    same(postingObstacle(group(), now), null);
    same(postingObstacle(group({type: 'ANNOUNCEMENT', role: 'ADMIN'}), now), null);
    for (const hindered of [{status: 'ARCHIVED'}, {mutedUntil: later}, {type: 'ANNOUNCEMENT'}, {postingRule: 'ADMINS'}, {role: null}]) {
      yes(postingObstacle(group(hindered), now) !== null, JSON.stringify(hindered));
    }
  },
  'ways in follow the kind of group': () => {
    same(['PUBLIC', 'ANNOUNCEMENT', 'REQUEST', 'PRIVATE'].map((type) => entrance(group({type}))), ['join', 'join', 'request', null]);
  },
  'a recalled message is not recalled again': () => {
    same(mayRecall(group(), {by: {id: 1}}, 1), true);
    same(mayRecall(group(), {by: {id: 2}}, 1), false);
    same(mayRecall(group({role: 'ADMIN'}), {by: {id: 2}}, 1), true);
    same(mayRecall(group(), {by: {id: 1}, recalledAt: 'T'}, 1), false);
  },
  'answers are read in the forms the server gives': () => {
    const mine = groupOf({group: {id: 'g', name: 'G', type: 'PUBLIC', memberCount: 3}, role: 'OWNER', head: {seq: 9, no: 4}, readPosition: {seq: 5, no: 2}});
    same([mine.role, mine.head.no - mine.read.no, mine.memberCount], ['OWNER', 2, 3]);
    same(groupOf({id: 'g', name: 'G', type: 'PUBLIC'}).role, null);
    same(personOf({account: {id: 3, name: 'Grace'}, role: 'ADMIN', status: 'ACTIVE'}).name, 'Grace');
  },
};
