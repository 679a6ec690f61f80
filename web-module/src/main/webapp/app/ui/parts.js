import {hueOf, initials} from '../core/layout.js';
import {html, nothing} from './base.js';
import {icons, typeIcon} from './icons.js';

export const avatar = (person, size = '') =>
  html`<span class="avatar hue-${hueOf(person?.id ?? 0)} ${size}" aria-hidden="true">${initials(person?.name)}</span>`;

export const tile = (group, size = '') =>
  html`<span class="avatar tile hue-${hueOf(group.id)} ${size}" aria-hidden="true">${typeIcon(group.type)}</span>`;

export const empty = (icon, title, text, action = nothing) =>
  html`<div class="empty"><span class="empty-icon">${icon}</span><h2>${title}</h2><p>${text}</p>${action}</div>`;

export const skeleton = (rows) =>
  html`<div class="skeleton" aria-hidden="true">
    ${Array.from({length: rows}, (_, i) => html`<div class="bone-row"><span class="bone round"></span><span class="bone-lines"><span class="bone w${(i * 3) % 4}"></span><span class="bone thin w${(i * 5 + 1) % 4}"></span></span></div>`)}
  </div>`;

export const busyLabel = (busy, label) => (busy ? html`<span class="spinner" aria-hidden="true"></span>${label}` : label);

export const closeButton = (action, label = 'Close') =>
  html`<button class="icon-button" type="button" aria-label=${label} title=${label} @click=${action}>${icons.close}</button>`;
