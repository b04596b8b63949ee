/* The ticket page: words are kept on the server while they are typed, and survive when the panel is drawn anew, a reload
   and a session that ended; the composer knows what its writer has seen. The page works without this file. */
(() => {
  "use strict";
  let kept = null, sent = false, dirty = false, timer = 0, flight = null;

  // What the server has not taken yet stays in this tab, for this person.
  const composer = () => document.getElementById("composer");
  const place = `draft ${composer()?.dataset.writer} ${location.pathname}`;
  const words = () => {
    const data = new FormData(composer());
    data.delete("files");
    return data;
  };
  const later = () => { dirty = true; timer ||= setTimeout(keep, 1500); };
  const keep = async () => {
    const form = composer();
    timer = 0;
    if (!form?.dataset.keep || flight || !dirty) return;
    dirty = false;
    flight = new AbortController();
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: words(), signal: flight.signal, redirect: "error" });
      const said = await answer.json();
      document.getElementById("saved").textContent = said.words;
      if (answer.ok) form.elements.revision.value = said.revision;
    } catch { dirty = !sent; }
    flight = null;
    if (dirty) later();
  };
  const field = document.getElementById("body"), left = sessionStorage.getItem(place);
  if (field && left) { field.value = left; later(); }
  document.addEventListener("input", ({ target }) => target.form?.id === "composer" && target.type !== "file" && later());
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.id !== "composer") return;
    timer = clearTimeout(timer) || 0;
    flight?.abort();
  });
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { elt, xhr } }) => {
    if (elt.id !== "composer") return;
    dirty = false;
    sent ||= Boolean(xhr.getResponseHeader("HX-Redirect")?.startsWith("/desk/"));
  });
  addEventListener("pagehide", () => {
    const form = composer(), text = form?.querySelector("textarea")?.value;
    sessionStorage.removeItem(place);
    if (!dirty || sent || !form.dataset.keep) return;
    if (text) sessionStorage.setItem(place, text);
    navigator.sendBeacon(form.dataset.keep, words());
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, xhr } = event.detail;
    // A refusal that brings its own words, and the typed text back, is drawn in place of a toast.
    if (xhr?.getResponseHeader("X-Draw")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    // Only when the page asked by itself: after an action of one's own, its form is done with.
    if (target.id !== "acts" || requestConfig.verb !== "get") return;
    kept = {
      open: [...target.querySelectorAll("details[open]")].map((details) => details.id),
      texts: [...target.querySelectorAll("textarea")].filter((area) => area.value).map((area) => [area.id, area.value]),
    };
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (kept && event.target.id === "acts") {
      for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
      for (const [id, text] of kept.texts) {
        const area = document.getElementById(id);
        if (area && !area.value) area.value = text;
      }
      kept = null;
    }
    const body = document.getElementById("body"), newest = document.getElementById("said")?.dataset.newest;
    const seen = document.querySelector("#composer [name=seen]");
    // Who has begun to write saw the older ones only; the server shows them the new one before anything is sent.
    if (seen && newest && body && !body.value && document.activeElement !== body) seen.value = newest;
  });
})();
