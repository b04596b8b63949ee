/* The ticket page: typed text survives when the panel is drawn anew, a reload and a session that ended; the composer
   knows what its writer has seen. The page works without this file. */
(() => {
  "use strict";
  let kept = null, sent = false;

  // A draft stays in this tab, for this person, until it is sent.
  const composer = () => document.getElementById("composer");
  const place = `draft ${composer()?.dataset.writer} ${location.pathname}`;
  const field = document.getElementById("body");
  if (field && !field.value) field.value = sessionStorage.getItem(place) || "";
  document.addEventListener("htmx:beforeOnLoad", ({ detail: { elt, xhr } }) => {
    sent ||= elt.id === "composer" && xhr.getResponseHeader("HX-Redirect") === location.pathname;
  });
  addEventListener("pagehide", () => {
    const text = composer()?.querySelector("textarea")?.value;
    if (text && !sent) sessionStorage.setItem(place, text);
    else sessionStorage.removeItem(place);
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
