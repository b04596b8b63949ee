/* The keys that work on this page: loaded when ? is first pressed. */
// What a link or button says, without the count or the key beside it.
const text = (el) => {
  const bare = el.cloneNode(true);
  bare.querySelectorAll(".count, kbd").forEach((beside) => beside.remove());
  return bare.textContent;
};
export const open = () => {
  const dialog = document.getElementById("keys");
  if (dialog.open) return;
  const found = new Map(), words = document.body.dataset, all = (where) => document.querySelectorAll(`${where}[data-key]`);
  // What is particular to this page comes first.
  if (document.querySelector("[data-row]")) for (const [key, label] of [["j", words.keyJ], ["k", words.keyK], ["x", words.keyX]]) found.set(key, label);
  for (const el of [...all("main "), ...all("")]) {
    const label = el.dataset.keyLabel || el.getAttribute("aria-label") || el.labels?.[0]?.textContent || text(el);
    if (!found.has(el.dataset.key)) found.set(el.dataset.key, label.trim().replace(/\s+/g, " "));
  }
  dialog.querySelector("[data-keys]").replaceChildren(...[...found].flatMap(([key, label]) => {
    const [dt, dd] = ["dt", "dd"].map((tag) => document.createElement(tag));
    key.split(" ").forEach((part, n) => {
      if (n) dt.append(" ");
      dt.append(Object.assign(document.createElement("kbd"), { textContent: part }));
    });
    dd.textContent = label;
    return [dt, dd];
  }));
  dialog.showModal();
};
