// A receiver of Paydesk's webhooks with Node alone: verify, remember, answer.
//
// Run it: WEBHOOK_SECRET=whsec_… PORT=3000 node receiver.mjs
// With VERIFY=x-signature it goes by the reference's own header, which a replay passes.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOLERANCE_SECONDS = 300;
const BODY_BYTES_MAX = 64 * 1024;

// Whether Paydesk sent this in the last minutes. body is a Buffer of what arrived, before any
// parsing. The key is what the secret's text after whsec_ decodes to. There are two signatures
// while one secret replaces another.
export function verify(body, headers, secret, nowSeconds) {
  const id = headers["webhook-id"] ?? "";
  const sentAt = headers["webhook-timestamp"] ?? "";
  if (!/^[0-9]{1,12}$/.test(sentAt)) return false;
  if (Math.abs(nowSeconds - Number(sentAt)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const made = createHmac("sha256", key)
    .update(Buffer.from(`${id}.${sentAt}.`, "latin1"))
    .update(body)
    .digest("base64");
  const signatures = (headers["webhook-signature"] ?? "").split(" ");
  return signatures.some((signature) => isSame(`v1,${made}`, signature));
}

// The reference's own header. Its key is the secret's text; the time is not signed in it.
export function verifyXSignature(body, headers, secret) {
  const made = createHmac("sha256", secret).update(body).digest("hex");
  return isSame(made, headers["x-signature"] ?? "");
}

function isSame(made, given) {
  const [one, other] = [Buffer.from(made, "latin1"), Buffer.from(given, "latin1")];
  return one.length === other.length && timingSafeEqual(one, other);
}

// In earnest: a table with the id as its key, written in the transaction of what follows.
const seen = new Set();

const server = createServer(async (request, response) => {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) {
      response.writeHead(413, { Connection: "close" }).end();
      return;
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const secret = process.env.WEBHOOK_SECRET;
  const isGenuine =
    process.env.VERIFY === "x-signature"
      ? verifyXSignature(body, request.headers, secret)
      : verify(body, request.headers, secret, Date.now() / 1000);
  if (!isGenuine) {
    response.writeHead(400).end();
    return;
  }
  const event = JSON.parse(body.toString("utf8"));
  if (!seen.has(event.id)) {
    seen.add(event.id);
    console.log(JSON.stringify({ id: event.id, event: event.event }));
  }
  response.writeHead(204).end();
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
