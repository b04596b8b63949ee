/* The command palette: loaded when Ctrl or Cmd with K is first pressed. What it shows comes from this page and the server. */
const form = document.querySelector("[data-palette]");
let box, input, list, found, asked, later;

const options = () => [...list.querySelectorAll("[role=option]")];
const choose = (option) => {
  options().forEach((other) => { other.ariaSelected = other === option; });
  input.setAttribute("aria-activedescendant", option?.id || "");
  option?.scrollIntoView({ block: "nearest" });
};
const settle = () => {
  options().forEach((option, n) => { option.id = `palette-${n}`; });
  choose(options()[0]);
  const said = box.querySelector("[role=status]");
  said.textContent = said.dataset.words.replace("%s", options().length);
};

// What a link or button says, without the count or the key beside it.
const text = (el) => {
  const bare = el.cloneNode(true);
  bare.querySelectorAll(".count, kbd").forEach((beside) => beside.remove());
  return bare.textContent;
};

// What one can do here: everything with a key, the navigation, the buttons of the page.
const actions = () => {
  const known = new Map();
  for (const el of document.querySelectorAll("a[data-key], button[data-key], .sidenav a, .page-actions :is(a, button), .menu-box a")) {
    const label = (el.dataset.keyLabel || el.ariaLabel || text(el)).trim().replace(/\s+/g, " ");
    if ((el.href || el.getClientRects().length) && !known.has(label)) known.set(label, el);
  }
  return known;
};
const drawActions = () => {
  const words = input.value.toLowerCase().split(/\s+/), group = list.firstElementChild;
  const fit = [...actions()].filter(([label]) => words.every((word) => label.toLowerCase().includes(word))).slice(0, 9);
  group.hidden = !fit.length;
  group.replaceChildren(group.firstElementChild, ...fit.map(([label, el]) => {
    const option = document.createElement("div");
    option.role = "option";
    option.textContent = label;
    option.onclick = () => { box.close(); el.click(); };
    return option;
  }));
  settle();
};
const read = async (query, how) => {
  const answer = await fetch(`${form.action}palette/${query}`, how);
  if (!answer.ok || answer.redirected) throw answer;
  return answer.text();
};
const ask = async () => {
  const query = `?q=${encodeURIComponent(input.value)}`;
  asked?.abort();
  asked = new AbortController();
  try {
    found.innerHTML = await read(query, asked);
    settle();
  } catch (error) {
    if (error.name !== "AbortError") location = form.action + query;
  }
};
const pressed = (event) => {
  const all = options(), here = all.findIndex((option) => option.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(all[(here + step + all.length) % all.length]);
  else if (event.key === "Enter" && !event.isComposing) all[here]?.click();
  else return;
  event.preventDefault();
};

export const open = async () => {
  if (!box) {
    document.body.insertAdjacentHTML("beforeend", await read(""));
    box = document.getElementById("palette");
    input = box.querySelector("input");
    list = box.querySelector("[role=listbox]");
    found = list.lastElementChild;
    input.oninput = () => {
      drawActions();
      clearTimeout(later);
      later = setTimeout(ask, 150);
    };
    input.onkeydown = pressed;
  }
  if (box.open) return;
  box.showModal();
  input.value = "";
  found.replaceChildren();
  drawActions();
};

// Once it is here it opens at once, so that who types on loses no letter.
addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.stopPropagation();
  open();
}, true);
