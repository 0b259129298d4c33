// Forms marked data-swap="#region" change that region instead of the page. Without this script they are plain forms.
import { say } from './say.js';

const REGIONS = ['#flash', '.side nav'];

/** Find what has the focus, so that it can have it again in the new markup. */
function held() {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  if (at.id) return () => document.getElementById(at.id);
  const row = at.closest('[data-key]')?.dataset.key;
  return row ? () => document.querySelector(`[data-key="${CSS.escape(row)}"] :is(a, button, input, select)`) : null;
}

function exchange(next, regions) {
  for (const region of regions) {
    const now = document.querySelector(region);
    const then = next.querySelector(region);
    if (now && then && region === '#flash') now.replaceChildren(...then.childNodes); // the live region itself must stay
    else if (now && then) now.replaceWith(document.adoptNode(then));
  }
}

/** Put a whole answer in place, as following a link would. */
function moveTo(next, url) {
  history.pushState(null, '', url);
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
  document.getElementById('main')?.focus({ preventScroll: true });
  scrollTo(0, 0);
  document.dispatchEvent(new Event('floorday:new'));
}

function show(next, form, answer) {
  const regions = form.dataset.swap.split(',').map((region) => region.trim());
  const elsewhere = answer.redirected && new URL(answer.url).pathname !== location.pathname;
  if (elsewhere || !regions.some((region) => next.querySelector(region))) {
    if (answer.ok) return moveTo(next, answer.url);
    return say(next.querySelector('[data-sentence]')?.textContent ?? document.body.dataset.lost);
  }
  const back = held();
  exchange(next, [...new Set([...regions, ...REGIONS])]);
  const errors = document.getElementById('errors');
  const target = errors ?? back?.() ?? document.querySelector(regions[0])?.querySelector('h1, h2, h3');
  if (target && !target.matches('a, button, input, select, textarea')) target.tabIndex = -1;
  target?.focus({ preventScroll: !errors });
  document.dispatchEvent(new Event('floorday:new'));
}

async function send(form, button) {
  const typed = new FormData(form, button);
  const body = form.enctype === 'multipart/form-data' ? typed : new URLSearchParams(typed);
  form.setAttribute('aria-busy', 'true');
  try {
    // formAction would answer the page's own address where the attribute is absent
    const to = button?.getAttribute('formaction') ?? form.getAttribute('action');
    const answer = await fetch(to, { method: 'POST', body, headers: { accept: 'text/html' } });
    show(new DOMParser().parseFromString(await answer.text(), 'text/html'), form, answer);
  } catch {
    say(document.body.dataset.lost);
  } finally {
    form.removeAttribute('aria-busy');
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (form.getAttribute('aria-busy') === 'true') return event.preventDefault(); // a second tap
  if (!form.matches('[data-swap]')) {
    form.setAttribute('aria-busy', 'true');
    return;
  }
  event.preventDefault();
  send(form, event.submitter);
});

// A page that comes back from the browser's memory may be sent again.
addEventListener('pageshow', () => document.querySelectorAll('form[aria-busy]').forEach((form) => form.removeAttribute('aria-busy')));
addEventListener('popstate', () => location.reload());
document.getElementById('errors')?.focus();
