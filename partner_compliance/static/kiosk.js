/* A shared tablet: leaves a page that nobody touches, after keeping what was typed on it. */
(function () {
  "use strict";

  const TICK = 1000;
  const PING = 30000;

  document.addEventListener("DOMContentLoaded", () => {
    const { kioskHome: home, kioskAfter: after, kioskAlive: alive, kioskHold: hold } = document.body.dataset;
    if (!home || !after) return;
    const end = document.getElementById("kiosk-end");
    const form = document.querySelector("form[data-unsaved]");
    let touched = Date.now();
    let pinged = touched;
    let dirty = form !== null && form.dataset.unsaved === "now";
    let sending = false;
    let leaving = false;

    for (const sign of ["pointerdown", "pointermove", "keydown", "input", "scroll", "touchstart"]) {
      document.addEventListener(sign, () => (touched = Date.now()), { capture: true, passive: true });
    }
    if (form) {
      form.addEventListener("input", () => (dirty = true));
      form.addEventListener("change", () => (dirty = true));
      form.addEventListener("submit", () => (sending = true));
    }

    const post = (address, fields) =>
      fetch(address, { method: "POST", body: new URLSearchParams(fields), redirect: "manual", credentials: "same-origin" });

    /* As a draft where the page has drafts; else, or when that is refused, until the person is back. */
    async function keep() {
      if (!form || !hold || !dirty) return;
      const fields = new FormData(form);
      const draft = form.querySelector("button[value=draft]");
      if (draft) {
        fields.set(draft.name, draft.value);
        const answer = await post(form.getAttribute("action") || window.location.href, fields);
        /* a page that was saved leads to another one */
        if (answer.type === "opaqueredirect") return;
      }
      fields.set("page", window.location.pathname);
      await post(hold, fields);
    }

    /* a sign-in that has ended meanwhile, as after a sleep of the tablet, is left at once */
    async function ask() {
      try {
        const answer = await fetch(alive, { headers: { Accept: "application/json" }, credentials: "same-origin" });
        if (answer.ok && !(await answer.json()).alive) leave();
      } catch {
        /* without a network the next tick asks again */
      }
    }

    async function leave() {
      if (leaving || sending) return;
      leaving = true;
      try {
        await keep();
      } catch {
        /* without a network nothing can be kept: the page stays as it is, until there is one */
        leaving = false;
        touched = Date.now();
        const messages = document.querySelector(".messages");
        if (messages) messages.textContent = "通信ができないため、まだ終了していません。入力した内容は、この画面に残っています。";
        return;
      }
      document.documentElement.dataset.leaving = "";
      if (end) HTMLFormElement.prototype.submit.call(end);
      else window.location.replace(home);
    }

    if (end) {
      end.addEventListener("submit", (event) => {
        event.preventDefault();
        leave();
      });
    }

    window.setInterval(() => {
      const now = Date.now();
      if (now - touched >= Number(after) * 1000) {
        leave();
      } else if (alive && touched > pinged && now - pinged >= PING) {
        pinged = now;
        ask();
      }
    }, TICK);

    /* a page out of the browser's memory may be that of the person before */
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) window.location.reload();
    });
  });
})();
