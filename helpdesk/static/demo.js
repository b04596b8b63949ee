/* The bar of a demo: keeps its time, and the page's clocks, with the virtual clock, and shows news as it comes. */
(() => {
  "use strict";
  const bar = document.getElementById("demo"), meta = document.querySelector('meta[name="server-now"]');
  const part = (name) => bar.querySelector(`[data-${name}]`);
  const more = bar.querySelector("details"), wide = matchMedia("(min-width: 760px)");
  more.open = wide.matches;
  let news;
  const draw = (face) => {
    meta.content = face.now;
    meta.dataset.rate = face.rate;
    meta.at = Date.now() / 1000;
    part("time").textContent = face.time;
    part("rate").textContent = face.rate ? `×${face.rate}` : bar.dataset.stopped;
    part("why").textContent = face.why ? ` (${face.why})` : "";
    const run = part("run");
    if (!run.closest("form").dataset.sending) {
      run.value = face.rate ? 0 : 1;
      run.textContent = face.rate ? run.dataset.pause : run.dataset.continue;
    }
    // Live regions ask by themselves every few seconds, which is minutes of this day.
    if (news !== undefined && face.news !== news) window.htmx?.trigger(document.body, "desk:refresh");
    news = face.news;
  };
  const ask = () => {
    if (document.visibilityState !== "visible") return;
    fetch(bar.dataset.clock).then((answer) => answer.ok && answer.json()).then((face) => face && draw(face)).catch(() => {});
  };
  setInterval(ask, 1000);
})();
