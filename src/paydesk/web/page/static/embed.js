// A Paydesk checkout in a page of yours: in an element, or in a dialog. How it ended, your server
// hears by webhook; what this script says is for the payer's eyes.
"use strict";
window.Paydesk = (() => {
  const home = new URL(document.currentScript.src).origin;
  const handlers = {
    ready: "onReady",
    resize: "onResize",
    completed: "onCompleted",
    failed: "onFailed",
    cancelled: "onCancelled",
    expired: "onExpired",
    closed: "onClosed",
  };

  // Whether the default may follow: a handler that returns false takes care itself.
  const tell = (options, event) => {
    const handler = options[handlers[event.type]];
    return !handler || handler(event) !== false;
  };

  const goOn = (address) => {
    if (/^https?:\/\//.test(address)) location.assign(address);
  };

  const framed = (pageURL, options, defaults) => {
    const url = new URL(pageURL, home);
    if (url.origin !== home) throw new TypeError(`Paydesk: ${pageURL} is not a page of ${home}`);
    const frame = document.createElement("iframe");
    frame.title = options.title || "Checkout";
    frame.allow = "payment *; publickey-credentials-get *";
    frame.style.cssText = "display:block;width:100%;height:40rem;border:0";
    let loads = 0;
    let isOver = false;
    frame.addEventListener("load", () => {
      loads += 1;
      frame.contentWindow.postMessage({ paydesk: 1, type: "hello" }, home);
    });
    const hear = (event) => {
      if (event.origin !== home || event.source !== frame.contentWindow) return;
      const { paydesk, type, checkout, state, height, next, leave } = event.data || {};
      if (paydesk !== 1) return;
      if (type === "resize" && height > 0 && height < 20000) frame.style.height = `${height}px`;
      // A new page is read from its top.
      if (type === "ready" && loads > 1 && frame.getBoundingClientRect().top < 0) {
        frame.scrollIntoView();
      }
      const isOutcome = ["completed", "failed", "cancelled", "expired"].includes(type);
      if (isOutcome && isOver) return;
      isOver ||= isOutcome;
      const deed = defaults[type];
      const isKnown = type in handlers && type !== "closed";
      if ((!isKnown || tell(options, { type, checkout, state, height })) && deed) {
        deed({ next, leave });
      }
    };
    addEventListener("message", hear);
    frame.src = url.href;
    const remove = () => {
      removeEventListener("message", hear);
      frame.remove();
    };
    return { frame, remove, isOver: () => isOver };
  };

  const mount = (place, pageURL, options = {}) => {
    const element = typeof place === "string" ? document.querySelector(place) : place;
    if (!element) throw new TypeError(`Paydesk: there is no element ${place}`);
    const leaveTo = ({ next }) => goOn(next);
    const made = framed(pageURL, options, { completed: leaveTo, cancelled: leaveTo });
    element.replaceChildren(made.frame);
    return { close: made.remove };
  };

  const open = (pageURL, options = {}) => {
    let question = "";
    const close = () => dialog.close();
    const ask = () => (made.isOver() || !question || confirm(question)) && close();
    const made = framed(pageURL, options, {
      ready: ({ leave }) => (question = leave),
      completed: ({ next }) => goOn(next),
      cancelled: close,
      escape: ask,
    });
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", made.frame.title);
    // As dim inside as around it: the page's own ground stands out, and the cross floats above it,
    // whether the page is light or dark.
    dialog.style.cssText =
      "box-sizing:border-box;width:32rem;max-width:100%;max-height:100%;margin:auto;padding:0;" +
      "border:0;overflow:auto;background:rgb(0 0 0/.5);box-shadow:0 0 0 200vmax rgb(0 0 0/.5)";
    made.frame.style.borderRadius = "1rem";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", options.closeLabel || "Close");
    button.style.cssText =
      "display:block;margin:0 0 8px auto;padding:0;width:44px;height:44px;min-height:0;border:0;" +
      "border-radius:50%;background:#222;color:#fff;font:1.5rem/1 sans-serif;cursor:pointer";
    button.addEventListener("click", ask);
    dialog.append(button, made.frame);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      ask();
    });
    const root = document.documentElement;
    const before = root.style.overflow;
    dialog.addEventListener("close", () => {
      root.style.overflow = before;
      made.remove();
      dialog.remove();
      tell(options, { type: "closed" });
    });
    document.body.append(dialog);
    root.style.overflow = "hidden";
    dialog.showModal();
    return { close };
  };

  return { mount, open };
})();
