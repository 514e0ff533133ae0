/* Small comforts. Every page works without this file. */
(function () {
  "use strict";

  document.documentElement.classList.add("js");

  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* The menu of a phone */
  function menu() {
    const button = document.querySelector(".menu-button");
    if (!button) return;
    const isOpen = () => button.getAttribute("aria-expanded") === "true";
    const show = (open) => button.setAttribute("aria-expanded", String(open));
    button.addEventListener("click", () => show(!isOpen()));
    const account = document.querySelector("details.account");
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (account?.open) {
        account.open = false;
        account.querySelector("summary").focus();
      } else if (isOpen()) {
        show(false);
        button.focus();
      }
    });
    const groups = all("details.menu-group");
    document.addEventListener("keydown", (event) => {
      const opened = event.key === "Escape" && groups.find((group) => group.open);
      if (opened) {
        opened.open = false;
        opened.querySelector("summary").focus();
      }
    });
    document.addEventListener("click", (event) => {
      if (account && !account.contains(event.target)) account.open = false;
      for (const group of groups) {
        if (!group.contains(event.target)) group.open = false;
      }
    });
  }

  /* The check sheet */
  const NEEDS_NOTE = ["not_ok", "unsure"];

  const chosen = (item) => item.querySelector("input[type=radio]:checked")?.value ?? null;

  const choose = (item, value) => {
    for (const input of all("input[type=radio]", item)) input.checked = input.value === value;
  };

  function sheet(form) {
    const items = all("[data-item]", form);
    const nothing = form.querySelector("input[data-covered]");
    const covered = nothing ? nothing.dataset.covered.split(/[\s,]+/) : [];
    const isCovered = (item) => covered.includes(item.dataset.item);
    const before = new Map();

    function draw() {
      for (const item of items) {
        const note = item.querySelector(".note");
        if (!note) continue;
        const text = note.querySelector("textarea");
        note.hidden = !NEEDS_NOTE.includes(chosen(item)) && text.value.trim() === "";
      }
      const done = items.filter((item) => chosen(item) !== null).length;
      for (const bar of all("progress[data-answered]", form)) bar.value = done;
      for (const output of all("[data-answered-text]", form)) {
        const text = items.length + "項目中 " + done + "項目 回答済み";
        if (output.textContent !== text) output.textContent = text;
      }
    }

    function cover() {
      for (const item of items.filter(isCovered)) {
        item.classList.toggle("is-covered", nothing.checked);
        if (nothing.checked) {
          if (!before.has(item)) before.set(item, chosen(item));
          choose(item, "not_applicable");
        }
      }
    }

    function uncover(exception) {
      for (const item of items.filter(isCovered)) {
        item.classList.remove("is-covered");
        if (item !== exception) choose(item, before.has(item) ? before.get(item) : null);
        before.delete(item);
      }
    }

    form.addEventListener("change", (event) => {
      const item = event.target.closest("[data-item]");
      if (event.target === nothing) {
        nothing.checked ? cover() : uncover(null);
      } else if (nothing && nothing.checked && item && isCovered(item) && chosen(item) !== "not_applicable") {
        nothing.checked = false;
        uncover(item);
      }
      draw();
    });
    /* runs after the browser has put back what was typed; the answers under a saved switch are
       the switch's doing, not a choice to go back to */
    window.addEventListener("pageshow", () => {
      if (nothing && nothing.checked) {
        for (const item of items.filter(isCovered)) if (!before.has(item)) before.set(item, null);
        cover();
      }
      draw();
    });
    draw();
  }

  /* Sending once, and not losing what was typed */
  function forms() {
    let dirty = false;
    let sending = false;
    const release = () => {
      sending = false;
      for (const form of all("form[data-sent]")) {
        delete form.dataset.sent;
        for (const button of all("button[data-held]", form)) button.disabled = false;
      }
    };

    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
      if ("sent" in form.dataset) return event.preventDefault();
      form.dataset.sent = "";
      if ("unsaved" in form.dataset) sending = true;
      /* only after the browser has collected the form, so that the pressed button is part of it */
      window.setTimeout(() => {
        for (const button of all("button:enabled:not([type=button])", form)) {
          button.dataset.held = "";
          button.disabled = true;
        }
      }, 0);
      window.setTimeout(release, 15000);
    });
    window.addEventListener("pageshow", release);

    for (const form of all("form[data-unsaved]")) {
      /* a page that came back with errors holds text that is not saved yet */
      if (form.dataset.unsaved === "now") dirty = true;
      form.addEventListener("input", () => (dirty = true));
    }
    window.addEventListener("beforeunload", (event) => {
      /* a shared tablet that nobody touches any more has kept what was typed, and asks nobody */
      if (!dirty || sending || "leaving" in document.documentElement.dataset) return;
      event.preventDefault();
      event.returnValue = "";
    });
  }

  /* Errors first, passwords on request */
  function fields() {
    const summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
    for (const button of all("button[data-reveal]")) {
      const input = document.getElementById(button.dataset.reveal);
      button.hidden = !input;
      button.addEventListener("click", () => {
        const hide = input.type === "text";
        input.type = hide ? "password" : "text";
        button.textContent = hide ? "パスワードを表示" : "パスワードを隠す";
      });
    }
    for (const button of all("button[data-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    }
  }

  /* Work in the background */
  function job(bar) {
    const text = document.getElementById(bar.dataset.pollText);
    const link = document.getElementById(bar.dataset.pollLink);
    async function ask() {
      try {
        const answer = await fetch(bar.dataset.poll, { headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const { done, total, finished, url } = await answer.json();
        bar.max = total || 1;
        bar.value = done;
        if (text) text.textContent = finished ? "できあがりました。" : total + "件中 " + done + "件 できました";
        if (finished) {
          const target = new URL(url || "", window.location.href);
          if (!link || !url || target.origin !== window.location.origin) return;
          link.href = target.href;
          link.hidden = false;
          return;
        }
      } catch {
        if (text) text.textContent = "進みぐあいを確かめられません。ページを開き直してください。";
      }
      window.setTimeout(ask, 2000);
    }
    ask();
  }

  document.addEventListener("DOMContentLoaded", () => {
    menu();
    all("form[data-sheet]").forEach(sheet);
    forms();
    fields();
    all("progress[data-poll]").forEach(job);
  });
})();
