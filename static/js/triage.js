// The queue under the fingers: j and k choose, t, o, d, s, q, e and r open what their buttons open, u takes back.
// Without this script every key's button is there, and each answer is a page of its own.

const OFF = 'floorday-keys-off';
const region = () => document.getElementById('triage');
const keysOff = () => localStorage.getItem(OFF) === '1' || document.getElementById('keys')?.open;
let going;
let heading = ''; // where a visit is under way
let shown = document.getElementById('chosen')?.dataset.number;

/** Give the focus to what was chosen, unless it is what it was and something that is seen has the focus. */
function settle() {
  const at = document.activeElement;
  const number = document.getElementById('chosen')?.dataset.number;
  const same = number === shown;
  shown = number;
  if (same && at && at !== document.body && at !== document.getElementById('main') && at.checkVisibility?.()) return;
  document.getElementById('errors')?.focus();
  if (document.activeElement?.id !== 'errors') (document.getElementById('chosen-title') ?? document.getElementById('main'))?.focus({ preventScroll: true });
}

/** Show an address of the queue in the place of this one. */
async function visit(href, { push = true } = {}) {
  going?.abort();
  const mine = (going = new AbortController());
  heading = href;
  try {
    const answer = await fetch(href, { signal: mine.signal, headers: { accept: 'text/html' } });
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('triage');
    if (!next) return location.assign(href);
    const top = document.querySelector('.queue .waiting')?.scrollTop ?? 0;
    const ticked = new Set([...document.querySelectorAll('.waiting input:checked')].map((box) => box.value));
    region().replaceWith(document.adoptNode(next));
    for (const box of document.querySelectorAll('.waiting input')) box.checked = ticked.has(box.value);
    if (push) history.pushState({ triage: true }, '', href);
    const list = document.querySelector('.queue .waiting');
    if (list) list.scrollTop = top;
    document.dispatchEvent(new Event('floorday:new'));
    document.getElementById('chosen-title')?.focus({ preventScroll: true });
  } catch (lost) {
    if (lost.name !== 'AbortError') location.assign(href);
  } finally {
    if (mine === going) heading = '';
  }
}

const first = (pick) => document.querySelector(pick);

/** Choose the next or the one before, from where the last key was going, however fast they come. */
function walk(rel) {
  const rows = [...document.querySelectorAll('.waiting a')];
  const at = rows.findIndex((row) => (heading ? row.href === heading : row.getAttribute('aria-current')));
  const link = rows[at + (rel === 'next' ? 1 : -1)] ?? first(`#chosen .walk a[rel=${rel}]`);
  if (link) visit(link.href);
  return Boolean(link);
}

/** Open a button's form and go to its first field; the same key again goes on to what else can be picked there. */
function open(key) {
  const button = first(`#chosen [data-act="${key}"]`);
  if (!button) return false;
  const box = button.closest('details') ?? first(button.getAttribute('href'));
  if (box.tagName === 'DETAILS') box.open = true;
  const picks = [...box.querySelectorAll('[data-pick]')];
  const at = picks.indexOf(document.activeElement);
  const field = picks[(at + 1) % picks.length] ?? box.querySelector('input:not([type=hidden]), textarea, select, button');
  field?.focus();
  return Boolean(field);
}

function undo() {
  const form = first('#flash form');
  form?.requestSubmit();
  return Boolean(form);
}

function tick() {
  const box = first('.waiting .current input[type=checkbox]');
  box?.click();
  return Boolean(box);
}

function filter() {
  const box = document.getElementById('filter');
  if (!box) return false;
  box.open = true;
  box.querySelector('select')?.focus();
  return true;
}

const ACTS = {
  j: () => walk('next'), ArrowDown: () => walk('next'), k: () => walk('prev'), ArrowUp: () => walk('prev'),
  x: tick, u: undo, '/': filter,
  ...Object.fromEntries([...'todsqer'].map((key) => [key, () => open(key)])),
};

// Before the keys of every page, which would walk the rows without choosing.
document.addEventListener('keydown', (event) => {
  if (!region() || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  const writes = typing && !typing.matches('[type=checkbox]');
  if (event.key === 'Enter' && event.ctrlKey && typing?.form?.matches('#chosen form')) {
    event.preventDefault();
    return typing.form.requestSubmit(typing.form.querySelector('button.go'));
  }
  if (event.key === 'Escape' && writes && !keysOff()) return document.getElementById('chosen-title')?.focus();
  if (event.ctrlKey || writes || keysOff()) return;
  if (typing && event.key.startsWith('Arrow')) return;
  if (event.key.startsWith('Arrow') && event.target.closest('summary, [role=radio]')) return;
  if (ACTS[event.key]?.()) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, { capture: true });

document.addEventListener('click', (event) => {
  const link = event.target.closest('#triage .waiting a, #chosen .walk a');
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  visit(link.href);
});

// A ready sentence stands where own words go on from it.
document.addEventListener('change', (event) => {
  if (!event.target.matches('#chosen input[name=ready]')) return;
  const box = event.target.form.elements.because;
  box.value = event.target.value;
});

function ready() {
  const here = region();
  if (!here) return;
  const flash = first('#flash form[action^="/triage/"]');
  if (flash) flash.dataset.swap = '#triage';
  if (here.dataset.url && here.dataset.url !== location.pathname + location.search) history.replaceState(history.state, '', here.dataset.url);
}
document.addEventListener('floorday:new', () => {
  ready();
  settle();
});
ready();
