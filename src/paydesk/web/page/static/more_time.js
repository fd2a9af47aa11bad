// While the page can be paid on: says when its time runs out, asks for more without losing what is
// typed, and lets the server know that somebody still looks at it.
(() => {
  const time = document.querySelector("[data-time]");
  const { base } = document.documentElement.dataset;
  const warning = time.querySelector("[data-warning]");
  const left = time.querySelector(".left");
  const form = time.querySelector("form");
  const until = document.querySelector("[data-until]");
  let ends = Date.now() + Number(time.dataset.time) * 1000;

  const show = () => {
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    const isNear = seconds <= Number(time.dataset.offered);
    if (isNear === time.hidden) {
      time.hidden = !isNear;
      // Said once, and only what comes into a status that is there is said; seconds are only seen.
      warning.textContent = "";
      setTimeout(() => (warning.textContent = warning.dataset.warning), 100);
    }
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (Date.now() > ends + 1500) location.replace(base);
  };

  const look = async () => {
    try {
      const answer = await fetch(base + "/state", { cache: "no-store" });
      if (!answer.ok) return;
      const now = await answer.json();
      if (!now.until) return location.replace(base);
      ends = Date.now() + now.seconds_left * 1000;
      until.textContent = now.until;
      if (form) form.hidden = !now.can_extend;
      show();
    } catch (lost) {
      // The clock goes on as it was.
    }
  };

  left.hidden = false;
  show();
  setInterval(show, 1000);
  setInterval(() => document.visibilityState === "visible" && look(), 60000);

  if (!form) return;
  // With script, it is all kept.
  form.querySelector("[data-forgets]").hidden = true;
  form.querySelector("button").addEventListener("click", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    try {
      await fetch(form.action, { method: "POST", body, redirect: "manual" });
    } catch (lost) {
      // Nothing was asked; the button is still there.
    }
    await look();
    // The new end is read out where the focus goes.
    if (time.hidden) until.focus();
  });
})();
