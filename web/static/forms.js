// Drafts save themselves, passages come into sight, files say how far they are. All works without it.
(() => {
  // A draft saves itself three seconds after the last change.
  const form = document.querySelector("form[data-autosave]");
  const said = document.querySelector("[data-saved]");
  if (form && said) {
    let wait, saving, changed = false, leaving = false;
    const send = async () => {
      const body = new URLSearchParams(new FormData(form));
      body.set("then", "autosave");
      const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
      if (answer?.ok && !answer.redirected) {
        const { version } = await answer.json();
        for (const each of document.querySelectorAll("input[name=version]")) each.value = version;
        said.textContent = said.dataset.at.replace("{time}", new Date().toLocaleTimeString());
        return;
      }
      changed = true;
      said.textContent = answer?.status === 409 ? said.dataset.stale : said.dataset.lost;
    };
    const save = async () => {
      if (saving) return;
      changed = false;
      saving = send();
      await saving;
      saving = null;
    };
    form.addEventListener("input", () => {
      changed = true;
      said.textContent = "";
      clearTimeout(wait);
      wait = setTimeout(save, 3000);
    });
    form.addEventListener("submit", async (event) => {
      clearTimeout(wait);
      leaving = true;
      if (!saving) return;
      event.preventDefault(); // else the two would take each other for another window
      await saving;
      form.requestSubmit(event.submitter);
    });
    addEventListener("beforeunload", (event) => {
      if ((changed || saving) && !leaving) event.preventDefault();
    });
    addEventListener("pageshow", () => { leaving = false; });
  }

  // Beside the form, the text of the file moves to a passage, and the form stays where it is.
  const source = document.querySelector(".source-text");
  const wide = matchMedia("(min-width: 70rem)");
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#passage-"]');
    if (!source || !link || !wide.matches || !event.detail) return; // the keyboard goes there
    event.preventDefault();
    const number = link.hash.slice("#passage-".length);
    const marks = [...source.querySelectorAll("mark")];
    for (const each of marks) each.classList.toggle("here", each.dataset.of.split(" ").includes(number));
    const first = source.querySelector(".here");
    if (!first) return;
    source.scrollTop += first.getBoundingClientRect().top - source.getBoundingClientRect().top - source.clientHeight / 4;
  });

  // What becomes of the files is looked after; only their lists are drawn anew.
  const live = document.querySelector("[data-live]");
  const told = document.querySelector("[data-told]");
  const tell = (text) => {
    told.hidden = false;
    setTimeout(() => { told.textContent = text; }, 50);
  };
  const fresh = async (query = {}) => {
    const address = new URL(upload.action);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || answer.redirected) return "";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    live.replaceChildren(...page.querySelector("[data-live]").childNodes);
    document.querySelector("#key").value = page.querySelector("#key").value;
    return page.querySelector("[data-told]").textContent;
  };
  let looking;
  const look = async () => {
    const answer = await fetch(live.dataset.live).catch(() => null);
    const states = answer?.ok && !answer.redirected ? await answer.json() : {};
    const moved = [...live.querySelectorAll("[data-file]")].filter(
      (each) => states[each.dataset.file] && states[each.dataset.file] !== each.dataset.state);
    if (moved.length) {
      const words = moved.map((each) => `${each.parentNode.querySelector("bdi").textContent}: ${states[each.dataset.file]}`);
      await fresh();
      tell(words.join("; "));
    }
    keepLooking();
  };
  const keepLooking = () => {
    clearTimeout(looking);
    if (live?.querySelector(".state-queued, .state-parsing")) looking = setTimeout(look, 1500);
  };
  keepLooking();

  // Files go one after the other, each with its progress.
  const upload = document.querySelector("form[data-upload]");
  const sending = document.querySelector("[data-sending]");
  const post = (body, progress) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.upload.onprogress = ({ loaded, total }) => { progress.value = loaded / total; };
    request.onload = () => done(request);
    request.onerror = () => done(null);
    request.open("POST", upload.action);
    request.send(body);
  });
  const row = (file) => {
    const line = document.createElement("li");
    const name = document.createElement("bdi");
    const progress = document.createElement("progress");
    name.textContent = file.name;
    progress.setAttribute("aria-label", sending.dataset.progress.replace("{file}", () => file.name));
    line.append(name, progress);
    sending.append(line);
    return { line, progress };
  };
  const refusal = (request) => {
    if (request?.status === 200) return "";
    const lines = [...request?.response?.querySelectorAll(".wrong li") ?? []].map((each) => each.textContent);
    return lines.join("; ") || request?.response?.querySelector("h1")?.textContent || sending.dataset.lost;
  };
  upload?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...upload.elements.file.files];
    const key = upload.elements.key.value;
    const button = upload.querySelector("button");
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    sending.replaceChildren();
    sending.hidden = false;
    const again = new DataTransfer();
    let kept = 0;
    const rows = files.map(row);
    for (const [number, file] of files.entries()) {
      const body = new FormData();
      body.set("csrf", upload.elements.csrf.value);
      body.set("key", `${key}.${number}`);
      body.set("file", file);
      const { line, progress } = rows[number];
      const answer = await post(body, progress);
      const why = refusal(answer);
      if (!why) kept += 1;
      if (!answer) again.items.add(file);
      const end = document.createElement(why ? "p" : "span");
      end.className = why ? "wrong-line" : "kind";
      end.textContent = why || sending.dataset.kept;
      progress.replaceWith(end);
    }
    upload.elements.file.files = again.files;
    sending.hidden = kept === files.length;
    button.removeAttribute("aria-disabled");
    tell(await fresh({ sent: files.length, kept }) || sending.dataset.lost);
    keepLooking();
  });
})();
