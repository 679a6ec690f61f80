/** Everything the page says in its own words about events, errors, roles and kinds of groups. */

export const TYPE_NAME = {
  PUBLIC: 'Public',
  REQUEST: 'By request',
  PRIVATE: 'Private',
  ANNOUNCEMENT: 'Announcements',
};
export const TYPE_HINT = {
  PUBLIC: 'Anyone finds it and joins.',
  REQUEST: 'Anyone finds it; an admin lets people in.',
  PRIVATE: 'Only people who are invited see it.',
  ANNOUNCEMENT: 'Anyone joins; the owner and admins post.',
};
/** A number of things: 1 group, 4 groups. */
export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

export const ROLE_NAME = {OWNER: 'Owner', ADMIN: 'Admin', MEMBER: 'Member'};

/**
 * One sentence for an entry that is no message.
 *
 * @param {object} entry
 * @param {number} me my account id: "you" instead of my name
 * @param {(iso: string) => string} when how a time is written
 */
export function systemWords(entry, me, when = (iso) => iso) {
  const by = who(entry.by, me);
  const self = entry.subject && entry.by && entry.subject.id === entry.by.id;
  const subject = who(entry.subject, me, false);
  switch (entry.kind) {
    case 'group.created':
      return `${by} created the group`;
    case 'group.changed':
      return `${by} ${changeWords(entry.group)}`;
    case 'group.archived':
      return `${by} archived the group`;
    case 'group.restored':
      return `${by} restored the group`;
    case 'group.dissolved':
      return `${by} dissolved the group`;
    case 'member.joined':
      return self || !entry.subject ? `${by} joined` : `${by} added ${subject}`;
    case 'member.left':
      return `${by} left`;
    case 'member.requested':
      return `${by} asked to join`;
    case 'request.declined':
      return self ? `${by} withdrew the request to join` : `${by} declined the request of ${subject}`;
    case 'member.invited':
      return `${by} invited ${subject}`;
    case 'invitation.declined':
      return self ? `${by} declined the invitation` : `${by} withdrew the invitation of ${subject}`;
    case 'member.removed':
      return `${by} removed ${subject}`;
    case 'member.banned':
      return `${by} banned ${subject}`;
    case 'member.unbanned':
      return `${by} lifted the ban on ${subject}`;
    case 'member.muted':
      return `${by} muted ${subject}${entry.until ? ` until ${when(entry.until)}` : ''}`;
    case 'member.unmuted':
      return `${by} unmuted ${subject}`;
    case 'role.changed':
      return entry.role === 'ADMIN' ? `${by} made ${subject} an admin` : `${by} made ${subject} a member`;
    case 'ownership.transferred':
      return `${by} handed the group over to ${subject}`;
    case 'history.trimmed':
      return 'Older messages were removed by the retention rule';
    default:
      return 'Something changed in this group';
  }
}

/** One sentence for several who came, went, or were added by one person, one after the other. */
export function togetherWords(entries, me) {
  const {kind, by, subject} = entries[0];
  const added = kind === 'member.joined' && subject && subject.id !== by?.id;
  const people = entries.map((entry) => (added ? entry.subject : entry.by));
  const names = [...new Set(people.map((person) => who(person, me, !added)))].sort((a, b) => isMe(b) - isMe(a));
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} others`] : names;
  const all = shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
  if (added) return `${who(by, me)} added ${all}`;
  return `${all} ${kind === 'member.left' ? 'left' : 'joined'}`;
}

const isMe = (name) => name === 'You' || name === 'you';

function who(person, me, first = true) {
  if (!person) return first ? 'The system' : 'somebody';
  if (person.id === me) return first ? 'You' : 'you';
  return person.name;
}

function changeWords(group) {
  const words = [];
  if (group?.name != null) words.push(`name “${group.name}”`);
  if (group?.topic) words.push(`topic “${group.topic}”`);
  if (group?.postingRule === 'ADMINS') words.push('only admins post');
  if (group?.retentionDays) words.push(`messages kept ${group.retentionDays} days`);
  return words.length ? `updated the group: ${words.join(', ')}` : 'updated the group';
}

const PROBLEM = {
  WRONG_CREDENTIALS: 'Name or password is not right.',
  ACCOUNT_DISABLED: 'This account is disabled. Ask your administrator.',
  MEMBER_MUTED: 'You are muted in this group for now.',
  MEMBER_BANNED: 'You are banned from this group.',
  NOT_A_MEMBER: 'You are not a member of this group (any more).',
  ROLE_REQUIRED: 'Your role in this group does not allow this.',
  POSTING_RESTRICTED: 'Only the owner and admins post in this group.',
  FORBIDDEN: 'You are not allowed to do this.',
  GROUP_NOT_FOUND: 'This group does not exist, or you cannot see it.',
  ACCOUNT_NOT_FOUND: 'There is no such person.',
  GROUP_ARCHIVED: 'This group is archived: it can be read, but not changed.',
  GROUP_DISSOLVED: 'This group was dissolved.',
  GROUP_FULL: 'This group is full.',
  TOO_MANY_PENDING: 'Too many invitations and requests of this group wait for an answer.',
  OWNER_REQUIRED: 'A group needs an owner: hand it over to somebody first.',
  MESSAGE_RECALLED: 'This message was recalled.',
  NOTHING_TO_CHANGE: 'Nothing to change.',
  ACCOUNT_BANNED: 'This person is banned: lift the ban first.',
  MEMBER_NOT_FOUND: 'This person is not a member of the group.',
  ALREADY_MEMBER: 'Already a member of this group.',
  ALREADY_INVITED: 'Already invited.',
  ALREADY_REQUESTED: 'The request to join is already waiting.',
  ACCOUNT_NAME_TAKEN: 'Another account has this name.',
  PAYLOAD_TOO_LARGE: 'This is too long.',
  RATE_LIMITED: 'That was very fast. Please wait a moment.',
  WRITER_BUSY: 'The server is busy. Please try again in a moment.',
  WRITER_UNAVAILABLE: 'The server cannot store anything right now. Please try again in a moment.',
  READ_UNAVAILABLE: 'The server cannot read this right now. Please try again in a moment.',
  POSITION_NOT_REACHED: 'The server cannot show this yet. Please try again in a moment.',
  TIMEOUT: 'The server did not answer in time. Please try again.',
  REPORT_QUEUE_FULL: 'More reports wait than the server accepts. Please try again in a moment.',
  REPORT_STORAGE_FAILED: 'The server cannot store reports right now. Please try again in a moment.',
  REPORTS_UNAVAILABLE: 'The server takes no reports right now. Please try again in a moment.',
  TOKEN_EXPIRED: 'Your sign-in has expired. Please sign in again.',
  TOKEN_REJECTED: 'Your sign-in is not valid any more. Please sign in again.',
  UNAUTHENTICATED: 'Please sign in.',
  OFFLINE: 'The server cannot be reached. Check your connection.',
};

/** Plain words for a problem answer (or anything else that was thrown). */
export function problemWords(problem) {
  const code = problem?.code;
  if (code && PROBLEM[code]) return PROBLEM[code];
  if (problem?.detail) return String(problem.detail);
  if (problem?.title) return String(problem.title);
  return 'Something went wrong. Please try again.';
}
