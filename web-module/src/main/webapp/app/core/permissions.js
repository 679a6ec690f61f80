/**
 * What the page offers to a person. It mirrors the rules of the server so that nobody is shown a button that
 * is refused; the server decides.
 */
const RANK = {OWNER: 3, ADMIN: 2, MEMBER: 1};

/** By role: the owner and admins. */
export const leads = (group) => RANK[group.role] >= RANK.ADMIN;
/** By role, or as an administrator of the platform (`privileged`) who is a member. */
export const moderates = (group) => leads(group) || Boolean(group.privileged && group.role);
/** May do what the owner may. */
export const owns = (group) => group.role === 'OWNER' || Boolean(group.privileged && group.role);
const writable = (group) => group.status === 'ACTIVE';

/** How an outsider gets in: 'join', 'request' or null (by invitation only). */
export function entrance(group) {
  if (!writable(group)) return null;
  if (group.type === 'REQUEST') return 'request';
  return group.type === 'PRIVATE' ? null : 'join';
}

export function mayInvite(group) {
  return writable(group) && (moderates(group) || (group.type === 'PUBLIC' && group.role === 'MEMBER'));
}

/** Why the person may not post now, in words; null when posting is allowed. */
export function postingObstacle(group, now) {
  if (group.status === 'ARCHIVED') return 'This group is archived. It can be read, but not written to.';
  if (group.status === 'DISSOLVED') return 'This group was dissolved.';
  if (!group.role) return 'You are not a member of this group.';
  if (group.mutedUntil && Date.parse(group.mutedUntil) > now) return 'You are muted in this group for now.';
  const announcing = group.type === 'ANNOUNCEMENT' || group.postingRule === 'ADMINS';
  if (announcing && !leads(group)) return 'Only the owner and admins post in this group.';
  return null;
}

/**
 * The actions my role offers on another person of the group.
 *
 * @param {{role: string, status: string}} group as I see it
 * @param {{id: number, role?: string, status: string, mutedUntil?: string}} person
 * @returns {string[]} names of actions, in the order of a menu
 */
export function actionsOn(group, person, myId, now) {
  if (person.id === myId) return group.privileged && group.role === 'MEMBER' && writable(group) ? ['make-admin'] : [];
  if (!moderates(group)) return [];
  if (!writable(group) && person.status !== 'ACTIVE') return [];
  switch (person.status) {
    case 'REQUESTED':
      return ['approve', 'decline'];
    case 'INVITED':
      return ['withdraw'];
    case 'BANNED':
      return ['unban'];
    default: {
      if (person.role === 'OWNER' || (RANK[person.role] >= RANK[group.role] && !group.privileged)) return [];
      if (!writable(group)) return ['remove', 'ban'];
      const muted = person.mutedUntil && Date.parse(person.mutedUntil) > now;
      const actions = [muted ? 'unmute' : 'mute', 'remove', 'ban'];
      if (owns(group)) actions.unshift(person.role === 'ADMIN' ? 'make-member' : 'make-admin', 'transfer');
      return actions;
    }
  }
}

export function mayEdit(group, entry, myId, now) {
  return entry.by?.id === myId && !entry.recalledAt && postingObstacle(group, now) === null;
}

export function mayRecall(group, entry, myId) {
  return writable(group) && Boolean(group.role) && !entry.recalledAt && (entry.by?.id === myId || moderates(group));
}
