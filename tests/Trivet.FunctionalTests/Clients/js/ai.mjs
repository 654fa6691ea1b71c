// The Vercel AI SDK against one base URL, by each of its provider packages. Runs from a folder where `ai`, the packages and `zod` are installed.
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { z } from 'zod';
import { assert, check, env, model, png, run, seen, seenOnce } from './checks.mjs';

const openai = createOpenAI({ baseURL: `${env.baseUrl}/v1`, apiKey: env.key });
const anthropic = createAnthropic({ baseURL: `${env.baseUrl}/v1`, apiKey: env.key });
const google = createGoogleGenerativeAI({ baseURL: `${env.baseUrl}/v1beta`, apiKey: env.key });
const compatible = createOpenAICompatible({ name: 'trivet', baseURL: `${env.baseUrl}/v1`, apiKey: env.key, includeUsage: true, supportsStructuredOutputs: true });

const providers = {
  'openai': { of: (m) => openai(m.name), thinks: { openai: { forceReasoning: true, reasoningEffort: 'low', reasoningSummary: 'auto' } } },
  'openai.chat': { of: (m) => openai.chat(m.name), thinks: null }, // this package has no place for what Chat reasons
  'anthropic': { of: (m) => anthropic(m.name), thinks: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2048 } } } },
  'google': { of: (m) => google(m.name), thinks: { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } } },
  'openai-compatible': { of: (m) => compatible(m.name), thinks: {} },
};

/** One check for each provider package; its model is made for it. */
function each(name, body) {
  for (const [key, provider] of Object.entries(providers)) check(`${key}: ${name}`, () => body(provider, key));
}

const quiet = { maxRetries: 0, onError() {} };

function sameUsage(usage, entries) {
  const sum = (f) => entries.reduce((n, e) => n + f(e.usage), 0);
  assert.equal(usage.inputTokens, sum((u) => u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h), 'inputTokens');
  assert.equal(usage.outputTokens, sum((u) => u.output + u.reasoning), 'outputTokens');
}

/** Tools that count how often they ran. */
function toolbox() {
  const ran = [];
  return {
    ran,
    tools: {
      weather: tool({
        description: 'The weather of a city',
        inputSchema: z.object({ city: z.string(), days: z.number().optional() }),
        execute: async (input) => (ran.push(['weather', input]), `rain in ${input.city}`),
      }),
      clock: tool({
        description: 'The time of a zone',
        inputSchema: z.object({ zone: z.string() }),
        execute: async (input) => (ran.push(['clock', input]), { zone: input.zone, time: '12:00' }),
      }),
    },
  };
}

const script = `[[think Two cities]] [[tool weather {"city":"Bergen"}]] [[tool weather {"city":"Oslo","days":2}]]
[[tool clock {"zone":"UTC"}]]
[[say The clock said {{result}}]]`;

function assertScript(ran, text, entries) {
  assert.deepEqual(ran, [['weather', { city: 'Bergen' }], ['weather', { city: 'Oslo', days: 2 }], ['clock', { zone: 'UTC' }]]);
  assert.match(text, /The clock said .*12:00/s);
  assert.deepEqual(entries.map((e) => e.tool_calls.length), [2, 1, 0]);
  for (const result of ['rain in Bergen', 'rain in Oslo']) assert.ok(JSON.stringify(entries[1].body).includes(result), `${result} did not come back`);
}

each('text', async (p) => {
  const m = model('chat');
  const r = await generateText({ ...quiet, model: p.of(m), system: 'Be brief', prompt: 'Hello there' });
  assert.match(r.text, /Hello there/);
  assert.equal(r.finishReason, 'stop');
  sameUsage(r.usage, [await seenOnce(m)]);
});

each('streamed text equals the unstreamed text', async (p) => {
  const m = model('text-60');
  const whole = await generateText({ ...quiet, model: p.of(m), prompt: 'Go' });
  const r = streamText({ ...quiet, model: p.of(m), prompt: 'Go' });
  let text = '';
  let deltas = 0;
  for await (const delta of r.textStream) (text += delta), deltas++;
  assert.equal(text, whole.text);
  assert.ok(deltas > 10, `${deltas} deltas`);
  assert.equal(await r.finishReason, 'stop');
  const entries = await seen(m);
  assert.equal(entries.length, 2);
  assert.ok(entries[1].stream);
  sameUsage(await r.usage, [entries[1]]);
});

each('tools in a loop', async (p) => {
  const m = model('chat');
  const { ran, tools } = toolbox();
  const r = await generateText({ ...quiet, model: p.of(m), tools, stopWhen: stepCountIs(5), prompt: script });
  const entries = await seen(m);
  assertScript(ran, r.text, entries);
  assert.deepEqual(r.steps.map((s) => s.finishReason), ['tool-calls', 'tool-calls', 'stop']);
  sameUsage(r.totalUsage ?? r.usage, entries);
});

each('streamed tools in a loop', async (p) => {
  const m = model('chat');
  const { ran, tools } = toolbox();
  const r = streamText({ ...quiet, model: p.of(m), tools, stopWhen: stepCountIs(5), prompt: script });
  const ids = [];
  for await (const part of r.fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'tool-call') ids.push(part.toolCallId);
  }
  assertScript(ran, await r.text, await seen(m));
  assert.equal(new Set(ids).size, 3, `call ids ${ids}`);
});

each('a loop with thinking', async (p) => {
  if (!p.thinks) return;
  const m = model('strict');
  const { ran, tools } = toolbox();
  const r = streamText({ ...quiet, model: p.of(m), tools, stopWhen: stepCountIs(5), prompt: script, providerOptions: p.thinks });
  for await (const part of r.fullStream) if (part.type === 'error') throw part.error;
  assertScript(ran, await r.text, await seen(m));
});

each('a forced tool', async (p) => {
  const m = model('chat');
  const { tools } = toolbox();
  delete tools.clock.execute;
  const r = await generateText({ ...quiet, model: p.of(m), tools, toolChoice: { type: 'tool', toolName: 'clock' }, prompt: 'Hello' });
  assert.deepEqual(r.toolCalls.map((c) => c.toolName), ['clock']);
  assert.equal(typeof r.toolCalls[0].input.zone, 'string');
});

each('structured output', async (p) => {
  const m = model('chat');
  const schema = z.object({ name: z.string(), count: z.number().int(), tags: z.array(z.string()) });
  const r = await generateText({ ...quiet, model: p.of(m), output: Output.object({ schema }), prompt: 'Fill it in' });
  assert.doesNotThrow(() => schema.parse(r.output));
});

each('reasoning', async (p) => {
  if (!p.thinks) return;
  const m = model('think-20');
  const r = streamText({ ...quiet, model: p.of(m), prompt: 'Hello', providerOptions: p.thinks });
  let reasoning = '';
  for await (const part of r.fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'reasoning-delta') reasoning += part.text;
  }
  assert.ok(reasoning.length > 20, `reasoning: '${reasoning}'`);
  assert.match(await r.text, /Hello/);
  sameUsage(await r.usage, [await seenOnce(m)]);
});

each('an image', async (p) => {
  const m = model('chat');
  const content = [{ type: 'text', text: 'What is this?' }, { type: 'image', image: Buffer.from(png, 'base64'), mediaType: 'image/png' }];
  const r = await generateText({ ...quiet, model: p.of(m), messages: [{ role: 'user', content }] });
  assert.match(r.text, /image\/png/);
});

each('a limit of tokens', async (p) => {
  const m = model('text-60');
  const r = await generateText({ ...quiet, model: p.of(m), maxOutputTokens: 20, prompt: 'Go' });
  assert.equal(r.finishReason, 'length');
  assert.equal((await seenOnce(m)).usage.output, 20);
});

each('a refused request keeps its status and words', async (p) => {
  const m = model('chat', '@400:message=The sky is too low');
  const e = await generateText({ ...quiet, model: p.of(m), prompt: 'Hello' }).then(() => null, (e) => e);
  assert.ok(APICallError.isInstance(e), String(e));
  assert.equal(e.statusCode, 400);
  assert.match(e.message, /The sky is too low/);
  assert.equal(e.isRetryable, false);
});

each('a vendor that is down for a moment', async (p) => {
  const m = model('chat', '@529:times=1');
  const r = await generateText({ model: p.of(m), maxRetries: 1, prompt: 'Hello there' });
  assert.match(r.text, /Hello there/);
});

// Slowly: what comes with an error in one piece was never shown, and is asked for once more.
each('an error in the middle of a stream', async (p) => {
  const m = model('text-60', '@slow:tps=200@error-event-after=20');
  const r = streamText({ ...quiet, model: p.of(m), prompt: 'Go' });
  let text = '';
  let error = null;
  try {
    for await (const part of r.fullStream) {
      if (part.type === 'text-delta') text += part.text;
      if (part.type === 'error') error = part.error;
    }
  } catch (e) {
    error = e;
  }
  assert.ok(text.length > 20, `text: '${text}'`);
  assert.ok(error, 'the error was shown as success');
});

each('leaving a stream', async (p) => {
  const m = model('text-400', '@slow:tps=100');
  const leave = new AbortController();
  const r = streamText({ ...quiet, model: p.of(m), prompt: 'Go', abortSignal: leave.signal });
  let deltas = 0;
  try {
    for await (const part of r.fullStream) if (part.type === 'text-delta' && ++deltas === 5) leave.abort();
  } catch {}
  const [entry] = await seen(m);
  assert.ok(entry.client_disconnected, 'the vendor was not told');
});

await run();
