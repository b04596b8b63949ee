/* The queue: ranges and all rows at once, a peek at a ticket, and ticks and focus that outlive the live update.
   The page works without this file. */
(() => {
  "use strict";
  const on = (name, act) => document.addEventListener(name, act);
  const boxes = () => [...document.querySelectorAll("#rows [data-row] input")];
  const boxOf = (el) => el?.closest?.("#rows [data-row]")?.querySelector("input");
  let last;

  const range = (box) => {
    const all = boxes(), [from, to] = [all.findIndex((one) => one.value === last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of from < 0 ? [box] : all.slice(from, to + 1)) one.checked = true;
    last = box.value;
  };
  on("click", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (all) {
      event.preventDefault();
      const some = boxes().some((box) => !box.checked);
      for (const box of boxes()) box.checked = some;
    } else if (event.target === boxOf(event.target)) {
      if (event.shiftKey && event.target.checked) range(event.target);
      last = event.target.value;
    }
  });

  const peek = async (link) => {
    await window.htmx.ajax("GET", `${link.pathname}peek/`, "#peek");
    const dialog = document.getElementById("peek");
    if (dialog.firstElementChild && !dialog.open) dialog.showModal();
  };
  on("keydown", (event) => {
    const link = event.target.closest?.("#rows th > a");
    if (!link || document.documentElement.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") peek(link);
    else if (event.key === "X") range(boxOf(link));
    else return;
    event.preventDefault();
  });
  // The acts of the bar: for what is ticked, else for the row that has the focus.
  on("keydown", (event) => {
    const { key, target } = event, box = boxOf(target), act = document.querySelector(`#bulk :is(option, button)[data-key="${CSS.escape(key)}"]`);
    const off = document.documentElement.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey;
    if (!act || off || event.defaultPrevented || target.matches("select, textarea, input:not([type=checkbox])")) return;
    if (document.querySelector("dialog[open]") || !(box || boxes().some((one) => one.checked))) return;
    event.preventDefault();
    if (!boxes().some((one) => one.checked)) box.checked = true;
    act.selected = true;
    (act.matches("option") ? act.parentElement.nextElementSibling : act).click();
  });
  on("close", (event) => event.target.id === "peek" && event.target.replaceChildren());

  // Who comes back from a ticket goes on from its row.
  const from = /\/tickets\/(\d+)\//.exec(document.referrer)?.[1];
  const mark = () => boxes().find((box) => box.value === from)?.closest("tr").setAttribute("data-from", "");
  mark();
  on("htmx:afterSwap", mark);

  // Who has come to a ticket, or gone, is told at the foot of the list, and belongs into the ticket's line.
  on("htmx:oobAfterSwap", () => {
    for (const one of document.querySelectorAll("#rows th > [data-at]")) one.remove();
    for (const one of document.querySelectorAll("#at > [data-at]")) boxes().find((box) => box.value === one.dataset.at)?.closest("tr").querySelector("th").prepend(one);
  });

  // Who asks for the changes keeps their ticks and their place.
  let kept;
  on("htmx:beforeSwap", ({ detail: { target, shouldSwap, swapOverride } }) => {
    if (target.id !== "rows" || !shouldSwap || swapOverride) return;
    kept = { ticked: boxes().filter((box) => box.checked).map((box) => box.value), here: boxOf(document.activeElement)?.value };
  });
  on("htmx:afterSwap", () => {
    if (!kept) return;
    for (const box of boxes()) {
      if (kept.ticked.includes(box.value)) box.checked = true;
      if (box.value === kept.here) box.closest("[data-row]").querySelector("th > a").focus({ preventScroll: true });
    }
    kept = null;
  });
})();
