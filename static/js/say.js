// One place where things are said: the page's status region, which screen readers listen to.
export function say(words) {
  const region = document.getElementById('flash');
  if (!region) return;
  const box = document.createElement('div');
  box.className = 'flash';
  box.append(Object.assign(document.createElement('p'), { textContent: words }));
  region.replaceChildren(box);
}
