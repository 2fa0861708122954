// Completion of what is typed. Everything works without it.
(() => {
  const box = document.querySelector("#q");
  const list = document.querySelector("#completions");
  if (!box || !list) return;
  const { lang } = document.documentElement;
  let wait, last;
  box.addEventListener("input", () => {
    clearTimeout(wait);
    wait = setTimeout(async () => {
      const q = box.value.trim();
      if (q.length < 2 || q === last) return;
      last = q;
      const address = `${list.dataset.from}?${new URLSearchParams({ q, lang })}`;
      const answer = await fetch(address).catch(() => null);
      if (!answer?.ok || box.value.trim() !== q) return;
      const { items } = await answer.json();
      list.replaceChildren(...items.map(({ text }) => new Option(text, text)));
    }, 150);
  });
})();
