// Drafts save themselves, and files say how far they are. Everything works without it.
(() => {
  const form = document.querySelector("form[data-autosave]");
  const said = document.querySelector("[data-saved]");
  if (form && said) {
    let wait, saving;
    const save = async () => {
      if (saving) return;
      saving = true;
      const body = new FormData(form);
      body.set("then", "autosave");
      const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
      saving = false;
      if (answer?.ok && !answer.redirected) {
        const { version } = await answer.json();
        for (const each of document.querySelectorAll("input[name=version]")) each.value = version;
        said.textContent = `Saved at ${new Date().toLocaleTimeString()}`;
      } else {
        said.textContent = answer?.status === 409
          ? "Not saved: it has been changed in another window. Press Save to compare."
          : "Not saved yet: there is no connection, or your session has ended.";
      }
    };
    form.addEventListener("input", () => {
      said.textContent = "";
      clearTimeout(wait);
      wait = setTimeout(save, 3000);
    });
    form.addEventListener("submit", () => { clearTimeout(wait); saving = true; });
  }

  const list = document.querySelector("[data-states]");
  const open = () => list?.querySelector(".state-queued, .state-parsing");
  const look = async () => {
    const answer = await fetch(list.dataset.states).catch(() => null);
    if (!answer?.ok) return;
    const states = await answer.json();
    for (const each of list.querySelectorAll("[data-upload-state]")) {
      const state = states[each.dataset.uploadState];
      if (state && each.textContent.trim() !== state) return location.reload();
    }
    setTimeout(look, 2000);
  };
  if (open()) setTimeout(look, 1000);
})();
