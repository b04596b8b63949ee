/* The ticket page: words are kept on the server while they are typed, and survive when the panel is drawn anew, a reload
   and a session that ended; the composer knows what its writer has seen. The page works without this file. */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id), on = (name, act) => document.addEventListener(name, act);
  let kept = null, sent = false, dirty = false, timer = 0, flight = null;

  // What the server has not taken yet stays in this tab, for this person.
  const form = $("composer"), place = `draft ${form?.dataset.writer} ${location.pathname}`, url = form?.dataset.keep;
  const words = (...but) => {
    const data = new FormData($("composer"));
    for (const name of ["files", ...but]) data.delete(name);
    return data;
  };
  const later = () => { dirty = true; timer ||= setTimeout(keep, 1500); };
  const keep = async () => {
    timer = 0;
    if (!url || flight || !dirty || !$("saved")) return;
    dirty = false;
    flight = new AbortController();
    try {
      const answer = await fetch(url, { method: "POST", body: words(), signal: flight.signal });
      const said = await answer.json();
      $("saved").textContent = said.words;
      if (answer.ok) $("revision").value = said.revision;
    } catch { dirty = !sent; }
    flight = null;
    if (dirty) later();
  };
  const left = sessionStorage.getItem(place);
  if (url && left) { $("body").value = left; later(); }
  on("input", ({ target }) => {
    if (target.form?.id !== "composer" || target.type === "file") return;
    later();
    // A slash that begins a line asks for a text, an @ in a note for a colleague.
    const call = /(^|\n)\/$|(^|\s)@$/.exec(target.value)?.[0];
    if (call) $(call.endsWith("@") ? "mention" : "pick")?.focus();
    $("take")?.removeAttribute("hidden");
  });
  on("keydown", ({ key, target }) => key === "Enter" && target.matches("#pick, #mention, #macro") && target.nextElementSibling.click());
  on("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.id !== "composer") return;
    timer = clearTimeout(timer);
    flight?.abort();
  });
  on("htmx:beforeOnLoad", ({ detail: { elt, xhr } }) => {
    if (elt.id !== "composer") return;
    dirty = false;
    sent ||= xhr.getResponseHeader("HX-Redirect")?.startsWith("/desk/");
  });
  addEventListener("pagehide", () => {
    sessionStorage.removeItem(place);
    if (!url || !dirty || sent) return;
    sessionStorage.setItem(place, $("body").value);
    // A saving may be on its way still: what was typed last is kept, whichever revision it began with.
    navigator.sendBeacon(url, words("revision"));
  });

  // Files go up as soon as they are chosen, pasted, or dropped anywhere on the page; typing goes on meanwhile.
  // Tables and documents are copied as words and as a picture of them: the words are meant.
  const take = (e, data) => {
    if (!url || !data.files.length || data.getData("text")) return;
    e.preventDefault();
    $("files").files = data.files;
    $("attach").click();
  };
  on("change", ({ target }) => target.id === "files" && $("attach").click());
  on("paste", (e) => take(e, e.clipboardData));
  on("dragover", (e) => e.preventDefault());
  on("drop", (e) => take(e, e.dataTransfer));
  on("htmx:xhr:progress", ({ detail: { elt, loaded, total } }) => {
    if (elt.id === "attach") $("saved").textContent = `${Math.round((loaded / total) * 100)} %`;
  });

  on("htmx:beforeSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    // A refusal that brings its own words, and the typed text back, is drawn in place of a toast.
    if (xhr?.getResponseHeader("X-Draw")) Object.assign(event.detail, { shouldSwap: true, isError: false });
    // Only when the page asked by itself: after an action of one's own, its form is done with.
    if (target.id !== "acts" || requestConfig.verb !== "get") return;
    const all = (what) => [...target.querySelectorAll(what)];
    kept = [all("details[open]").map(({ id }) => id), all("textarea").map(({ id, value }) => [id, value])];
  });
  on("htmx:afterSettle", ({ target: { id } }) => {
    if (kept && id === "acts") {
      for (const id of kept[0]) $(id)?.setAttribute("open", "");
      for (const [id, text] of kept[1]) if ($(id)) $(id).value ||= text;
      kept = null;
    }
    const body = $("body"), newest = $("said")?.dataset.newest, seen = $("seen");
    // Who had a text or a name put in goes on writing behind it.
    if (id === "composer" && body.autofocus) body.selectionStart = 1e6;
    // Who has begun to write saw the older ones only; the server shows them the new one before anything is sent.
    if (seen && newest && !body.value && document.activeElement !== body) seen.value = newest;
  });
})();
