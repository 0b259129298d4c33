// Lists with boxes to tick (form[data-ticks]): shift and a click tick all between two, and it is said how many are ticked.

let last = null;

const boxes = (form) => [...form.querySelectorAll('input[type=checkbox][name=issue]')];

function count(form) {
  const line = form.querySelector('[data-ticked]');
  if (!line) return;
  line.dataset.none ??= line.textContent;
  const many = boxes(form).filter((box) => box.checked).length;
  line.textContent = many ? line.dataset.said.replace('#', many) : line.dataset.none;
}

document.addEventListener('click', (event) => {
  const box = event.target.closest('form[data-ticks] input[type=checkbox][name=issue]');
  if (!box) return;
  const all = boxes(box.form);
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  last = box;
});

document.addEventListener('change', (event) => {
  const form = event.target.closest('form[data-ticks]');
  if (event.target.closest('[data-tick-all]')) for (const box of boxes(form)) box.checked = event.target.checked;
  if (form) queueMicrotask(() => count(form));
});

function ready() {
  document.querySelectorAll('form[data-ticks]').forEach(count);
  for (const all of document.querySelectorAll('[data-tick-all]')) all.hidden = false;
}
document.addEventListener('floorday:new', ready);
ready();
