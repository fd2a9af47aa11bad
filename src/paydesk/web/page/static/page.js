// Betters a page that works without it: groups digits, shows the card's brand, sends a form
// once, counts down, and goes on by itself when a payment is decided.
"use strict";
(() => {
  const { page, base } = document.documentElement.dataset;
  const one = (selector) => document.querySelector(selector);

  // A page that comes back out of the browser's memory may be out of date.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  const [visit] = performance.getEntriesByType("navigation");
  const isBack = visit && visit.type === "back_forward";

  const notice = one("[data-focus]");
  if (notice) notice.focus();

  const cart = one("[data-cart]");
  if (cart && matchMedia("(min-width: 60rem)").matches) cart.open = true;

  const digitsOf = (text) => text.replace(/\D/g, "");

  const brandOf = (digits) =>
    /^4/.test(digits) ? "visa"
    : /^3[47]/.test(digits) ? "amex"
    : /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/.test(digits) ? "mastercard"
    : "";

  const groupedNumber = (digits) => {
    const groups = brandOf(digits) === "amex" ? [4, 6, 9] : [4, 4, 4, 7];
    let at = 0;
    return groups.map((size) => digits.slice(at, (at += size))).filter(Boolean).join(" ");
  };

  const spacedExpiry = (digits, isDeleting) => {
    if (digits.length > 2 || (digits.length === 2 && !isDeleting)) {
      return digits.slice(0, 2) + " / " + digits.slice(2, 6);
    }
    return digits;
  };

  // Rewrites what is typed and keeps the caret behind the digit it stood behind.
  const shape = (input, digitsIn, written) => {
    if (!input) return;
    input.addEventListener("input", (event) => {
      const typed = input.value;
      // `2030-12` is how HTML names a month, and so how some wallets fill it in.
      if (event.isComposing || /[^\d\s/-]|^\d{4}-/.test(typed)) return;
      const caret = input.selectionStart;
      const shaped = written(digitsIn(typed), /^delete/.test(event.inputType || ""));
      if (shaped === typed) return;
      const before = digitsIn(typed.slice(0, caret)).length;
      input.value = shaped;
      let at = caret === typed.length ? shaped.length : 0;
      for (let seen = 0; seen < before && at < shaped.length; at += 1) {
        if (/\d/.test(shaped[at])) seen += 1;
      }
      input.setSelectionRange(at, at);
    });
  };

  const number = one("#card-number");
  const expiry = one("#card-expiry");
  const code = one("#card-security-code");
  shape(number, digitsOf, groupedNumber);
  // `4` and `4/` are April: no month of two digits begins so.
  shape(
    expiry,
    (text) => (/^\s*([2-9]|\d\s*[/-])/.test(text) ? "0" : "") + digitsOf(text),
    spacedExpiry,
  );

  if (number) {
    const marks = one(".marks");
    const show = () => {
      const brand = brandOf(digitsOf(number.value));
      if (brand) marks.dataset.brand = brand;
      else delete marks.dataset.brand;
    };
    number.addEventListener("input", show);
    show();
  }

  // What the card's issuer is told of the browser. Source: EMV 3-D Secure, browser data.
  const cardForm = number && number.form;
  if (cardForm) {
    const seen = document.createElement("input");
    seen.type = "hidden";
    seen.name = "browser";
    cardForm.append(seen);
    cardForm.addEventListener("submit", () => {
      // What was typed of another card stays here.
      if (one(".saved input:checked:not([value=new])")) number.value = "";
      seen.value = JSON.stringify({
        java: navigator.javaEnabled(),
        language: navigator.language,
        color_depth: screen.colorDepth,
        screen_width: screen.width,
        screen_height: screen.height,
        window_width: Math.round(innerWidth),
        window_height: Math.round(innerHeight),
        time_zone: new Date().getTimezoneOffset(),
      });
    });
  }

  // Test cards fill the form when they are pressed.
  for (const cell of number ? document.querySelectorAll("[data-card]") : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    button.addEventListener("click", () => {
      const put = (input, text) => {
        input.value = text;
        input.dispatchEvent(new Event("input"));
      };
      const year = String(new Date().getFullYear() + 4).slice(2);
      for (const choice of [one("#way-CARD"), one("#card-new")]) if (choice) choice.checked = true;
      put(number, button.textContent);
      put(code, brandOf(digitsOf(number.value)) === "amex" ? "1234" : "123");
      if (!expiry.value) put(expiry, "12 / " + year);
      const name = one("#card-name");
      if (!name.value) put(name, "T. Payer");
      number.focus();
    });
    cell.replaceChildren(button);
  }

  // One press, one post. The server keeps to that too; the lock is let go in case the browser
  // stopped the request.
  let sent = false;
  for (const form of document.forms) {
    form.addEventListener("submit", (event) => {
      if (sent) return event.preventDefault();
      sent = true;
      const button = form.querySelector("button");
      const label = button.querySelector("[data-label]");
      const said = label && label.textContent;
      button.setAttribute("aria-disabled", "true");
      if (label) {
        label.textContent = form.dataset.busy;
        one("[data-status]").textContent = form.dataset.busy;
      }
      setTimeout(() => {
        sent = false;
        button.removeAttribute("aria-disabled");
        if (label) label.textContent = said;
      }, 20000);
    });
  }

  // Paid and cancelled pages go on to the shop, unless the payer came back to them or stays.
  const countdown = one("[data-countdown]");
  if (countdown) {
    const stay = one("[data-stay]");
    let seconds = Number(countdown.dataset.countdown);
    const timer = setInterval(() => {
      seconds -= 1;
      countdown.textContent = countdown.dataset.text.replace("{seconds}", seconds);
      if (seconds > 0) return;
      clearInterval(timer);
      goOn("wait" in countdown.dataset);
    }, 1000);
    // The shop should hear of the payment before the payer is there, if it does not take too long.
    const goOn = async (isWaiting) => {
      while (isWaiting) {
        try {
          const answer = await fetch(base + "/state", { cache: "no-store" });
          isWaiting = answer.ok && (await answer.json()).wait > 0;
        } catch (lost) {
          isWaiting = false;
        }
        if (isWaiting) await new Promise((later) => setTimeout(later, 500));
      }
      if (!stays) location.assign(one("[data-onward]").href);
    };
    let stays = false;
    const stop = () => {
      stays = true;
      clearInterval(timer);
      countdown.hidden = stay.hidden = true;
    };
    stay.hidden = false;
    stay.addEventListener("click", stop);
    if (isBack) stop();
  }

  // Frames of ours say that something has changed; what it is, only the server says.
  const whenChanged = (frame, deed) =>
    addEventListener("message", (event) => {
      const isOurs = event.origin === location.origin && event.source === frame.contentWindow;
      if (isOurs && event.data === "paydesk:changed") deed();
    });

  // The issuer's method frame: go on when it reports, or when its time is up.
  const method = one("[data-method]");
  if (method) {
    let went = false;
    const goOn = async () => {
      if (went) return;
      went = true;
      try {
        const body = new URLSearchParams({ continue: method.dataset.token });
        await fetch(base + "/authentication/continue", { method: "POST", body });
      } catch (lost) {
        // The page shows how far it has come, and the payment goes on without us.
      }
      location.replace(base);
    };
    whenChanged(method, goOn);
    setTimeout(goOn, Number(method.dataset.method) * 1000);
  }

  const challenge = one("[data-challenge]");
  if (challenge) whenChanged(challenge, () => location.replace(base));
  // Chromium brings back the form that the frame sent, and the page's policy stops it: begin anew.
  if (challenge && isBack) addEventListener("load", () => (challenge.src = challenge.src));

  // On to the payer's bank, without a step in the history that would lead back here.
  const onward = one("[data-go]");
  if (onward) location.replace(onward.href);

  const clock = one("[data-clock]");
  if (clock) {
    const end = Date.now() + clock.dataset.clock * 1000;
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    };
    clock.hidden = false;
    tick();
    setInterval(tick, 1000);
  }

  // While a payment is being decided, ask how far it is and show the page it has come to.
  const pauses = {
    processing: 700, waiting: 3000, challenge: 3000, challenge_full: 3000,
    bank: 3000, scan: 2000, transfer: 5000,
  };
  if (page in pauses) {
    let pause = pauses[page];
    const shown = page === "challenge_full" ? "challenge" : page;
    const ask = async () => {
      try {
        const answer = await fetch(base + "/state", { cache: "no-store" });
        if (answer.ok && (await answer.json()).page !== shown) return location.replace(base);
      } catch (lost) {
        // The connection will come back; the payment does not wait for it.
      }
      pause = Math.min(pause * 1.15, 8000);
      setTimeout(ask, pause);
    };
    setTimeout(ask, pause);
  }
})();
