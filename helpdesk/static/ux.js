/* What scripts add to pages: ticking clocks, live regions, keys, toasts. Words come from data-* on <body>. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector) => document.querySelector(selector);
  const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (name, act, early) => document.addEventListener(name, act, early);
  const make = (tag, text = "", name = "") => Object.assign(document.createElement(tag), { textContent: text, className: name });
  const button = (text, act) => {
    const made = Object.assign(make("button", text, "btn"), { type: "button" });
    made.onclick = act;
    return made;
  };
  const stop = (event) => event.preventDefault();
  const words = (key, value = "") => (document.body.dataset[key] || "%s").replace("%s", value);

  /* Clocks */
  // The page was written when its first byte came, not when this script ran.
  // A demo's clock runs at another rate, and says so there.
  const server = $('meta[name="server-now"]');
  const arrived = performance.getEntriesByType("navigation")[0]?.responseStart || 0;
  server.at = (Date.now() - performance.now() + arrived) / 1000;
  const serverNow = () => Number(server.content) + (Date.now() / 1000 - server.at) * (server.dataset.rate || 1);

  const clock = (seconds) => {
    const s = Math.floor(Math.abs(seconds));
    const [h, m, r] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, String(s % 60).padStart(2, "0")];
    if (h >= 24) return `${Math.floor(h / 24)} d ${h % 24} h`;
    return h ? `${h}:${String(m).padStart(2, "0")}:${r}` : `${m}:${r}`;
  };
  const order = ["ok", "warn", "last", "late"];
  const levels = new Map();
  let spokenAt = 0;

  const tick = () => {
    const now = serverNow();
    for (const el of $$("time[data-window]")) {
      const left = Date.parse(el.dateTime) / 1e3 - now;
      const level = left <= 0 ? "late" : left <= Number(el.dataset.window) / 3 ? "warn" : "ok";
      const said = words(level === "late" ? "wordLate" : "wordLeft", clock(level === "late" ? -left : Math.ceil(left)));
      if (el.textContent !== said) el.textContent = said;
      if (!el.classList.contains(`is-${level}`)) {
        el.classList.remove("is-ok", "is-warn", "is-late");
        el.classList.add(`is-${level}`);
      }
      notice(el, level === "warn" && left <= 60 ? "last" : level, said, now);
    }
  };
  const notice = (el, level, said, now) => {
    const key = `${el.dataset.say || ""}|${el.dateTime}`;
    const before = levels.get(key);
    levels.set(key, level);
    if (!before || order.indexOf(level) <= order.indexOf(before)) return;
    if (level === "late") setTimeout(refresh, 1500);
    if (el.dataset.say && now - spokenAt > 60) {
      spokenAt = now;
      say(`${el.dataset.say}: ${said}`);
    }
  };
  const say = (text) => {
    const line = $("#say");
    if (line) line.textContent = text;
  };

  /* Live regions */
  // Regions say hx-trigger="desk:refresh from:body"; one in which somebody works waits for them.
  const refresh = () => document.visibilityState === "visible" && window.htmx?.trigger(document.body, "desk:refresh");
  // Regions that follow another one say "desk:changed": the server sends that when there is news.
  const news = ["desk:refresh", "desk:changed"];
  const isPoll = (config) => news.includes(config?.triggeringEvent?.type);
  const busy = (region) =>
    region.contains(document.activeElement.parentElement) || region.querySelector("[data-row] :checked, dialog[open], details[open]");

  const offer = (region) => {
    if ($(`[data-waits-for="${region.id}"]`)) return;
    const bar = make("div", "", "waiting"), show = button(words("wordChanges"), () => {
      bar.remove();
      region.dataset.now = "yes";
      for (const event of news) htmx.trigger(document.body, event);
    });
    bar.dataset.waitsFor = region.id;
    show.dataset.key = ".";
    bar.append(show);
    region.before(bar);
    say(show.textContent);
  };

  on("htmx:beforeSwap", (event) => {
    const { detail } = event, { target } = detail;
    // Who has come or gone is put beside the rest ("none"), which disturbs nobody.
    if (!isPoll(detail.requestConfig) || !detail.shouldSwap || detail.swapOverride === "none") return;
    if (target.dataset.now !== "yes" && busy(target)) {
      detail.shouldSwap = false;
      offer(target);
    } else $(`[data-waits-for="${target.id}"]`)?.remove();
    delete target.dataset.now;
  });
  on("htmx:afterSwap", () => { tick(); title(); });

  // A number stands in front of the title: that of an element with data-title-count, else what the bell counts.
  const bare = document.title, still = $("link[data-dot]")?.href;
  const title = () => {
    const count = Number($("[data-title-count]")?.dataset.titleCount ?? $("#bell .badge")?.textContent);
    document.title = count ? `(${count}) ${bare}` : bare;
    const mark = $("link[data-dot]");
    if (mark) mark.href = count ? mark.dataset.dot : still;
  };

  /* Trouble */
  const toast = (text, retry, polled, word = "wordRetry") => {
    const box = $("#toasts");
    // What became of a form stays.
    if (polled && box.querySelector(".toast:not([data-polled])")) return;
    const item = make("div", "", "toast");
    if (polled) item.dataset.polled = "";
    item.role = "alert";
    const done = (act) => () => { item.remove(); act?.(); };
    item.append(make("span", text));
    if (retry) item.append(button(words(word), done(retry)));
    item.append(button(words("wordDismiss"), done()));
    box?.replaceChildren(item);
  };
  const trouble = (event, text) => {
    const { elt, requestConfig, xhr } = event.detail;
    const number = xhr?.getResponseHeader?.("X-Request-ID");
    const polled = isPoll(requestConfig), pressed = requestConfig?.triggeringEvent?.submitter;
    const again = polled ? refresh : elt?.requestSubmit ? () => elt.requestSubmit(pressed) : () => elt?.click?.();
    toast(number ? `${text} (${number})` : text, again, polled);
  };
  // A sign-in lasts some hours; two minutes before its end the password renews it, and leads back here.
  const { ends, renew } = server.dataset;
  if (ends) setTimeout(() => toast(words("wordEnds"), () => { location = renew; }, false, "wordRenew"), ends * 1e3);

  on("htmx:sendError", (e) => trouble(e, words("wordOffline")));
  on("htmx:timeout", (e) => trouble(e, words("wordTimeout")));
  on("htmx:responseError", (e) => trouble(e, words("wordError", e.detail.xhr.status)));
  on("htmx:beforeRequest", (e) => isPoll(e.detail.requestConfig) || root.classList.add("is-loading"));
  on("htmx:afterRequest", (e) => {
    root.classList.remove("is-loading");
    if (e.detail.successful && isPoll(e.detail.requestConfig)) $(".toast[data-polled]")?.remove();
    // How many notifications wait, for the bell.
    const n = e.detail.xhr.getResponseHeader("X-Unread");
    if (n !== null) { $("#bell .badge")?.replaceChildren(n); title(); }
  });

  /* Forms */
  const labels = new Map();
  const sending = (form, button) => {
    form.dataset.sending = "yes";
    if (!button || labels.has(button)) return;
    labels.set(button, [...button.childNodes]);
    button.textContent = words("wordSending");
    button.ariaDisabled = "true";
  };
  const restore = () => {
    $$("form[data-sending]").forEach((form) => delete form.dataset.sending);
    labels.forEach((nodes, button) => { button.replaceChildren(...nodes); button.ariaDisabled = null; });
    labels.clear();
  };
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) { stop(event); event.stopImmediatePropagation(); return; }
    // After this turn: a later listener may still refuse, and the pressed button's name must be sent as it is.
    setTimeout(() => (!event.defaultPrevented || form.matches("[hx-post], [data-hx-post]")) && sending(form, event.submitter));
  }, true);
  on("htmx:afterRequest", (e) => e.detail.elt.matches?.("form") && setTimeout(restore));
  addEventListener("pageshow", (e) => e.persisted && (restore(), refresh()));

  // Browsers draw these fields in their own language: the time is said in that of the page, too.
  on("input", ({ target }) => {
    if (target.type !== "datetime-local") return;
    const said = target.nextElementSibling || target.parentNode.appendChild(make("output", "", "muted small"));
    said.textContent = target.value && new Date(target.value).toLocaleString(root.lang, { dateStyle: "full", timeStyle: "short" });
  });

  /* Keys */
  // Links, buttons and fields say data-key="a" (or "g d"); by event.key, so any keyboard layout works.
  const seen = (el) => el.getClientRects().length > 0 && !el.closest("[inert]");
  const find = (key) => $$("[data-key]").find((el) => el.dataset.key === key && (seen(el) || el.tagName === "A"));
  const typing = (el) => el.matches("textarea, select, input:not([type=checkbox], [type=radio])");
  let first = "", firstAt = 0;

  const walk = (step) => {
    const all = $$("[data-row]").filter(seen), here = all.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? $("[data-from]") || all[0] : all[Math.min(all.length - 1, Math.max(0, here + step))];
    (next?.querySelector("[data-row-link]") || next?.querySelector("a"))?.focus();
    return next;
  };
  const listKeys = {
    j: () => walk(1),
    k: () => walk(-1),
    x: () => {
      const box = document.activeElement.closest("[data-row]")?.querySelector("input[type=checkbox]");
      box?.click();
      return box;
    },
  };

  // The command palette and the list of keys come when they are first asked for; what is typed until then is no shortcut.
  let loading;
  const load = (event, name) => {
    const place = $(`[data-${name}]`)?.dataset[name];
    if (!place) return;
    stop(event);
    loading = import(place).then((it) => it.open()).finally(() => { loading = 0; });
  };

  const press = (el) => {
    if (typing(el)) { el.focus(); el.select?.(); return; }
    if (!el.matches("[open] > summary")) el.click();
    if (el.matches("summary")) el.focus();
    const field = document.getElementById(el.dataset.keyFocus);
    field?.focus();
    // Who comes back to words goes on behind them.
    if (field?.matches("textarea") && !field.selectionEnd) field.selectionStart = 1e6;
  };

  on("keydown", (event) => {
    const { target: el, key } = event, mod = event.ctrlKey || event.metaKey;
    const saves = key === "s" && $("form[data-saves]");
    if (mod && (key === "Enter" || saves)) {
      const form = saves || el.closest?.("form[method=post]");
      if (form) { stop(event); (form.querySelector("[data-default]") || form.querySelector("button:not([type=button])"))?.click(); }
      return;
    }
    if (mod && key === "k") load(event, "palette");
    if (key === "Escape") {
      // One step back at a time: a dialog (by the browser), a menu, a field, the page.
      const menus = $$("details.menu[open]");
      menus.forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
      if (menus.length || event.isComposing || $("dialog[open]")) return;
      if (typing(el)) el.blur();
      else find("Esc")?.click();
      return;
    }
    if (loading || root.dataset.shortcuts === "off" || mod || event.altKey || event.isComposing || typing(el) || $("dialog[open]")) return;
    if (key === "?") return load(event, "keys");
    const now = Date.now(), pair = first && now - firstAt < 1200 ? find(`${first} ${key}`) : null;
    first = "";
    const target = pair || find(key);
    if (target) { stop(event); press(target); return; }
    if (listKeys[key]?.()) return stop(event);
    if ($$("[data-key]").some((k) => k.dataset.key.startsWith(`${key} `))) { first = key; firstAt = now; }
  });

  // A menu closes when the hand or the focus goes elsewhere.
  const leave = (event) => $$("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
  on("focusin", leave);
  on("click", (event) => {
    leave(event);
    const pressed = event.target.closest?.("[commandfor]"), name = pressed?.getAttribute("commandfor");
    if (name === "keys") load(event, "keys");
    // Browsers before invoker commands.
    else if (name && !("commandForElement" in pressed)) $(`#${name}`)?.[pressed.getAttribute("command") === "close" ? "close" : "showModal"]();
  });

  tick();
  title();
  setInterval(tick, server.dataset.tick || 1000);
  // A page that nobody has touched for two minutes asks a third as often.
  let untouched = 0;
  for (const name of ["pointermove", "pointerdown", "keydown"]) on(name, () => { untouched = 0; });
  setInterval(() => (++untouched < 24 || untouched % 3 === 0) && refresh(), 5000);
  on("visibilitychange", () => { tick(); refresh(); });
  addEventListener("online", refresh);
})();
