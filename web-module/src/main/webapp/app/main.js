import {Session} from './core/session.js';
import {portal} from './core/portal.js';
import {applyTheme} from './core/theme.js';
import './ui/app.js';

applyTheme();

const root = new URL('../', import.meta.url).pathname;
const session = new Session(root);
const query = new URLSearchParams(location.search);
session.embedded = query.get('embed') === '1';
session.embedGroup = session.embedded ? query.get('group') : null;

const app = document.querySelector('plenum-app');
app.session = session;
if (session.embedded && window.parent !== window) portal(session);
document.addEventListener('visibilitychange', () => session.looked());
session.start();
