// A screen on a wall asks for its page again and again, and keeps the old one until the new one is whole.
const EVERY = 60_000;

async function renew() {
  const said = document.getElementById('said');
  try {
    const answer = await fetch(location.href, { cache: 'no-store', signal: AbortSignal.timeout(20_000) });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const main = page.getElementById('main');
    if (!main) throw new Error('half a page');
    document.getElementById('main').replaceWith(document.adoptNode(main));
  } catch {
    if (said) {
      said.textContent = said.dataset.late;
      said.classList.add('hot');
    }
  }
}

setInterval(renew, EVERY);
