// In a merchant's frame: tells the page around it how tall this one is and how the payment ended.
// It is told to an origin that may frame this page, once that has said hello; never to others.
(() => {
  const { embed, checkout, page, next, leave } = document.documentElement.dataset;
  // Kept, because a frame that is being removed has another parent.
  const around = parent;
  if (around === window) return;
  const allowed = embed.split(" ");
  const outcomes = { paid: "completed", failed: "failed", cancelled: "cancelled", expired: "expired" };
  let embedder = "";

  const tell = (type, more) => {
    const message = { paydesk: 1, type, checkout, state: page, ...more };
    if (embedder) around.postMessage(message, embedder);
  };

  const tellHeight = () => {
    tell("resize", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
  };

  addEventListener("message", (event) => {
    const isEmbedder = event.source === around && allowed.includes(event.origin);
    const { paydesk, type } = event.data || {};
    if (embedder || !isEmbedder || paydesk !== 1 || type !== "hello") return;
    embedder = event.origin;
    tell("ready", { leave });
    // It tells the first height too.
    new ResizeObserver(tellHeight).observe(document.documentElement);
    if (page in outcomes) tell(outcomes[page], { next });
  });

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") tell("escape");
  });
})();
