import {unreadOf} from './reducer.js';

/**
 * The page's side of `<plenum-chat>`: it stands in a frame of a portal, takes a token from its parent, and tells
 * it the number of unread messages. Which sites may frame the page is the server's decision (frame-ancestors).
 */
export function portal(session) {
  let origin = null;
  let unread = -1;
  const tell = (message) => origin && window.parent.postMessage(message, origin);

  window.addEventListener('message', (event) => {
    if (event.source !== window.parent || event.data?.type !== 'plenum:token') return;
    if (typeof event.data.token !== 'string') return;
    origin = event.origin;
    session.useToken(event.data.token).then(
      () => tell({type: 'plenum:signed-in', account: session.state.me}),
      (problem) => tell({type: 'plenum:error', code: problem.code ?? 'INTERNAL'}));
  });
  session.addEventListener('token-needed', () => tell({type: 'plenum:token-needed'}));
  session.addEventListener('change', () => {
    const group = session.state.groups[session.embedGroup];
    if (!group || unreadOf(group) === unread) return;
    unread = unreadOf(group);
    tell({type: 'plenum:unread', group: group.id, unread});
  });
  // Says nothing but "I am here": the parent answers with the token, which names its origin.
  window.parent.postMessage({type: 'plenum:ready'}, '*');
}
