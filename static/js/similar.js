// While a note is typed: which issues it may already be about. Without this script a button asks the same.
const WAIT = 350;
const ENOUGH = 8;

function watch(region) {
  const form = region.closest('form');
  const box = form?.querySelector('textarea[name=text]');
  if (!box || region.dataset.watched) return;
  region.dataset.watched = 'yes';
  region.querySelector('[data-look]')?.setAttribute('hidden', '');
  const list = region.querySelector('[data-known]');
  let timer;
  let asked = '';
  let going;

  async function look() {
    const text = box.value.trim();
    if (text === asked) return;
    asked = text;
    going?.abort();
    if (text.length < ENOUGH) return list.replaceChildren();
    going = new AbortController();
    const body = new URLSearchParams({ text, part: '1', csrf: form.elements.csrf?.value ?? '' });
    try {
      const answer = await fetch(region.dataset.similar, { method: 'POST', body, signal: going.signal, headers: { accept: 'text/html' } });
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (!list.contains(document.activeElement)) list.replaceChildren(...next.body.childNodes);
    } catch {
      asked = ''; // the next letter tries again; a note can be saved without this
    }
  }

  box.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
  if (box.value) look();
}

const all = () => document.querySelectorAll('[data-similar]').forEach(watch);
document.addEventListener('floorday:new', all);
all();
