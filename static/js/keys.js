// Keys for those who like them: j and k walk the rows, / searches, ? lists them, and they can be switched off.
import { say } from './say.js';

const OFF = 'floorday-keys-off';
const off = () => localStorage.getItem(OFF) === '1';
const overlay = () => document.getElementById('keys');

function open() {
  const box = overlay();
  if (!box || box.open) return;
  box.querySelector('[data-keys-switch]').checked = !off();
  box.showModal();
}

function step(by) {
  const rows = [...document.querySelectorAll('[data-row]')];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const to = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  to.querySelector('a, button')?.focus();
  return true;
}

const ACTS = {
  j: () => step(1),
  k: () => step(-1),
  '/': () => {
    const field = document.getElementById('search');
    field?.focus();
    return Boolean(field);
  },
  '?': () => {
    open();
    return true;
  },
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off() || overlay()?.open) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  if (ACTS[event.key]?.()) event.preventDefault();
});

document.addEventListener('change', (event) => {
  if (!event.target.matches('[data-keys-switch]')) return;
  if (event.target.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, '1');
});

document.addEventListener('click', async (event) => {
  if (event.target.closest('[data-open-keys]')) open();
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    await navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
    say(copy.dataset.said);
  }
  const menu = document.querySelector('details.menu[open]');
  if (menu && !menu.contains(event.target)) menu.open = false;
});

// What somebody was writing is not left behind for the next at this computer.
document.addEventListener('submit', (event) => {
  if (event.target.getAttribute('action') !== '/sign-out') return;
  for (const name of Object.keys(localStorage)) if (name.startsWith('floorday-draft:')) localStorage.removeItem(name);
});

/** Show what only works with this script. */
function ready() {
  for (const control of document.querySelectorAll('[data-open-keys], [data-copy]')) control.hidden = false;
}
document.addEventListener('floorday:new', ready);
ready();
