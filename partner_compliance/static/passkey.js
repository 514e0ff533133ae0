/* Asks the browser for a passkey and sends its answer with the form around the button.
   Without this file, or in a browser without passkeys, the button stays hidden; other ways remain. */
(function () {
  "use strict";

  const TEXTS = {
    NotAllowedError: "パスキーの操作が取り消されたか、時間がたちました。もう一度お試しください。",
    InvalidStateError: "この端末のパスキーは、すでに登録されています。",
    SecurityError: "このアドレスでは、パスキーを使えません。",
    other: "パスキーを使えませんでした。ページを開き直して、もう一度お試しください。",
  };

  const toBytes = (text) => {
    const plain = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(window.atob(plain), (char) => char.charCodeAt(0));
  };

  const toText = (buffer) => {
    let plain = "";
    for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
    return window.btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const known = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

  async function challenge(box) {
    const form = box.closest("form");
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("step", box.dataset.step);
    const answer = await fetch(box.dataset.challenge, { method: "POST", body, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function create(options) {
    return navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        user: { ...options.user, id: toBytes(options.user.id) },
        excludeCredentials: known(options.excludeCredentials),
      },
    });
  }

  function get(options) {
    return navigator.credentials.get({
      publicKey: {
        ...options,
        challenge: toBytes(options.challenge),
        allowCredentials: known(options.allowCredentials),
      },
    });
  }

  function written(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: {},
    });
  }

  function prepare(box) {
    const button = box.querySelector("button");
    const text = box.querySelector("[role=alert]");
    box.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      text.hidden = true;
      try {
        const options = await challenge(box);
        const credential = await (box.dataset.passkey === "create" ? create(options) : get(options));
        const form = box.closest("form");
        form.elements[box.dataset.field].value = written(credential);
        form.requestSubmit();
      } catch (error) {
        text.textContent = TEXTS[error.name] || TEXTS.other;
        text.hidden = false;
        button.disabled = false;
        button.focus();
      }
    });
  }

  /* comes back from the browser's memory of pages with the button as it was */
  window.addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("[data-passkey] button")) button.disabled = false;
  });

  const boxes = document.querySelectorAll("[data-passkey]");
  if (window.PublicKeyCredential && window.isSecureContext) {
    boxes.forEach(prepare);
  } else {
    const notice = document.getElementById("no-passkeys");
    if (notice) notice.hidden = false;
  }
})();
