// A check is a named async function. Each prints one JSON line {name, ok, detail}; the C# test makes one test case of each line.
// CHECKS=1 prints the names only.
import assert from 'node:assert/strict';

export const env = {
  baseUrl: process.env.BASE_URL, // without /v1
  key: process.env.API_KEY,
  prefix: process.env.MODEL_PREFIX, // what stands before the kind in a model name that this base URL takes
  served: process.env.SERVED_PREFIX, // the same in the model name that answers carry
  upstream: process.env.UPSTREAM, // the protocol that is spoken in the end: openai-chat or anthropic-messages
  target: process.env.TARGET, // sandbox (no gateway in between), via-chat or via-messages
  sandboxUrl: process.env.SANDBOX_URL,
};

export const isGateway = env.target !== 'sandbox';

const checks = [];

export function check(name, body) {
  checks.push({ name, body });
}

/** A model name of its own, so that the sandbox's log tells this check's requests from all others. */
export function model(kind, faults = '') {
  const tag = 'q' + Array.from({ length: 10 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
  return {
    tag,
    name: `${env.prefix}${kind}-${tag}${faults}`,
    served: `${env.served}${kind}-${tag}${faults}`,
  };
}

const since = (await (await fetch(`${env.sandboxUrl}/sandbox/state`)).json()).log_last_id;

/** What the sandbox saw for a model of model(), oldest first, once all of it is finished: the request with what was served beside it. */
export async function seen(m, { finished = true } = {}) {
  for (let i = 0; ; i++) {
    const { entries } = await (await fetch(`${env.sandboxUrl}/sandbox/log?since=${since}`)).json();
    const ours = entries.filter((e) => e.model?.includes(m.tag) && !e.path.endsWith('/count_tokens')).map((e) => ({ ...e, ...e.served }));
    if ((ours.length > 0 && (!finished || ours.every((e) => e.finished))) || i === 100) return ours;
    await new Promise((r) => setTimeout(r, 50));
  }
}

/** The one request that the sandbox saw for this model. */
export async function seenOnce(m) {
  const entries = await seen(m);
  assert.equal(entries.length, 1, `the sandbox saw ${entries.length} requests`);
  return entries[0];
}

export async function throws(action, type) {
  try {
    await action();
  } catch (e) {
    assert.ok(e instanceof type, `expected ${type.name}, got ${e?.constructor?.name}: ${e?.message}`);
    return e;
  }
  assert.fail(`expected ${type.name}, got an answer`);
}

export async function run() {
  if (process.env.CHECKS) {
    console.log(JSON.stringify(checks.map((c) => c.name)));
    return;
  }
  for (const { name, body } of checks) {
    let timer;
    const limit = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('no end after 30 s')), 30_000)));
    try {
      await Promise.race([body(), limit]);
      console.log(JSON.stringify({ name, ok: true, detail: '' }));
    } catch (e) {
      console.log(JSON.stringify({ name, ok: false, detail: String(e?.stack ?? e) }));
    } finally {
      clearTimeout(timer);
    }
  }
  process.exit(0); // an abandoned check may still hold a socket
}

export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const pngBytes = Buffer.from(png, 'base64').length;
export const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n').toString('base64');
export const pdfBytes = Buffer.from(pdf, 'base64').length;
export { assert };
