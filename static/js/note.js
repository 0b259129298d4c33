// The form of a note: Ctrl and Enter saves, a draft survives a reload, and photos are made small before they travel.
// A draft is kept only for somebody who is signed in, on their own device, and never while the note is anonymous.

const DAY = 86_400_000;
const LONGEST = 2048;
const MOST = 3;
const FIELDS = 'textarea, input:not([type=hidden]):not([type=file]):not([type=password]), select';

const form = () => document.querySelector('form[data-note]');
const key = (box) => `floorday-draft:${box.dataset.draft}`;
let photos = null; // what was chosen, so that an answer with a question does not lose it

function keep(box) {
  if (!box.dataset.draft) return;
  const typed = {};
  for (const field of box.querySelectorAll(FIELDS)) {
    if (field.type === 'radio' || field.type === 'checkbox') {
      if (field.checked) typed[field.name] = field.value;
    } else if (field.value) typed[field.name] = field.value;
  }
  if (!typed.text || typed.naming === 'anonymous') localStorage.removeItem(key(box));
  else localStorage.setItem(key(box), JSON.stringify({ at: Date.now(), typed }));
}

function restore(box) {
  let kept = null;
  try {
    kept = box.dataset.draft && JSON.parse(localStorage.getItem(key(box)));
  } catch {
    localStorage.removeItem(key(box));
  }
  if (!kept || box.elements.text.value) return;
  if (Date.now() - kept.at > DAY) return localStorage.removeItem(key(box));
  for (const field of box.querySelectorAll(FIELDS)) {
    if (!(field.name in kept.typed)) continue;
    if (field.type === 'radio' || field.type === 'checkbox') field.checked = field.value === kept.typed[field.name];
    else field.value = kept.typed[field.name];
  }
}

/** Draw a photo anew, no larger than needed: it travels faster, and says nothing of where it was taken. */
async function smaller(file) {
  if (!file.type.startsWith('image/') || file.type === 'image/gif') return file;
  try {
    const seen = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(seen.width, seen.height));
    const board = Object.assign(document.createElement('canvas'), {
      width: Math.round(seen.width * scale),
      height: Math.round(seen.height * scale),
    });
    const pen = board.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, board.width, board.height);
    pen.drawImage(seen, 0, 0, board.width, board.height);
    const drawn = await new Promise((done) => board.toBlob(done, 'image/jpeg', 0.85));
    return drawn ? new File([drawn], 'photo.jpg', { type: 'image/jpeg' }) : file;
  } catch {
    return file; // the server says what is wrong with it
  }
}

async function chosen(field) {
  const files = [...field.files];
  const small = files.length > MOST ? files : await Promise.all(files.map(smaller));
  const list = new DataTransfer();
  for (const file of small) list.items.add(file);
  field.files = list.files;
  photos = list.files;
}

document.addEventListener('input', (event) => {
  const box = event.target.closest('form[data-note]');
  if (box) keep(box);
});

/** Of all teams' pictures the chosen one's statements are shown; what was chosen of another team is chosen no more. */
function pictured(box) {
  const [held, team] = [box.querySelector('[data-pictures]'), box.elements.team];
  if (!held || !team) return;
  const none = held.querySelector('input[value=""]');
  let found = false;
  for (const one of held.querySelectorAll('[data-team]')) {
    const its = one.dataset.team === team.value;
    found ||= its;
    one.hidden = !its;
    if (its) one.open = true;
    else if (one.querySelector('input:checked')) none.checked = true;
  }
  held.hidden = !found;
}

document.addEventListener('change', (event) => {
  if (event.target.matches('form[data-note] [name=team]')) pictured(event.target.form);
  if (event.target.matches('form[data-note] input[type=file]')) chosen(event.target);
});

document.addEventListener('keydown', (event) => {
  const box = event.target.closest('form[data-note]');
  if (!box || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  box.requestSubmit(box.querySelector('button.go'));
});

/** After an answer: a note that was kept needs no draft, one that was asked about still has its photos. */
function ready() {
  const box = form();
  const asked = box?.elements.text.value;
  if (document.querySelector('#flash .flash, [data-kept]') && !asked) {
    const about = box?.dataset.draft ?? last;
    if (about) localStorage.removeItem(`floorday-draft:${about}`);
    photos = null;
  }
  if (!box) return;
  last = box.dataset.draft;
  const field = box.querySelector('input[type=file]');
  if (asked && photos?.length && !field.files.length) field.files = photos;
  restore(box);
  pictured(box);
}
let last = '';
document.addEventListener('floorday:new', ready);
ready();
