// The official Anthropic SDK against one base URL. Runs from a folder where `@anthropic-ai/sdk` and `zod` are installed.
import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { assert, check, env, isGateway, model, pdf, pdfBytes, png, pngBytes, run, seen, seenOnce, throws } from './checks.mjs';

const client = new Anthropic({ baseURL: env.baseUrl, apiKey: env.key, maxRetries: 0 });
const user = (content) => [{ role: 'user', content }];
const create = (m, content, more = {}) => client.messages.create({ model: m.name ?? m, max_tokens: 1000, messages: user(content), ...more });
const weather = { name: 'get_weather', description: 'The weather of a city', input_schema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] } };
const clock = { name: 'get_time', description: 'The time of a zone', input_schema: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } };
const text = (message) => message.content.filter((b) => b.type === 'text').map((b) => b.text).join('');
const calls = (message) => message.content.filter((b) => b.type === 'tool_use');
const isTranslated = env.upstream !== 'anthropic-messages';

function sameUsage(usage, entry) {
  const u = entry.usage;
  // Chat has no field for cache writes: there they are plain input.
  const written = usage.cache_creation_input_tokens ?? 0;
  assert.equal(usage.input_tokens + written, u.input + u.cache_write_5m + u.cache_write_1h, 'input_tokens and cache_creation_input_tokens');
  assert.equal(usage.cache_read_input_tokens ?? 0, u.cache_read, 'cache_read_input_tokens');
  assert.equal(usage.output_tokens, u.output + u.reasoning, 'output_tokens');
  if (!isTranslated) assert.equal(written, u.cache_write_5m + u.cache_write_1h, 'cache_creation_input_tokens');
}

/** Reads a raw stream, holding it to the protocol's order, and folds it. */
async function fold(stream) {
  const r = { blocks: [], events: 0, start: null, delta: null, ended: false };
  let open = -1;
  for await (const e of stream) {
    r.events++;
    if (e.type === 'ping') continue;
    assert.ok(!r.ended, `${e.type} after message_stop`);
    assert.equal(r.start === null, e.type === 'message_start', `${e.type} before or beside message_start`);
    if (e.type === 'message_start') {
      r.start = e.message;
      assert.deepEqual(e.message.content, []);
    } else if (e.type === 'content_block_start') {
      assert.equal(open, -1, 'one block open at a time');
      assert.equal(e.index, r.blocks.length, 'dense indices');
      open = e.index;
      r.blocks.push({ ...e.content_block, json: '', signed: false });
      if (e.content_block.type === 'tool_use') assert.deepEqual(e.content_block.input, {});
    } else if (e.type === 'content_block_delta') {
      assert.equal(e.index, open, 'delta of the open block');
      const b = r.blocks[open];
      const kinds = { text_delta: 'text', input_json_delta: 'tool_use', thinking_delta: 'thinking', signature_delta: 'thinking' };
      assert.equal(b.type, kinds[e.delta.type], `${e.delta.type} in ${b.type}`);
      assert.ok(!b.signed, 'nothing after the signature');
      if (e.delta.type === 'text_delta') b.text += e.delta.text;
      if (e.delta.type === 'thinking_delta') b.thinking += e.delta.thinking;
      if (e.delta.type === 'input_json_delta') b.json += e.delta.partial_json;
      if (e.delta.type === 'signature_delta') (b.signature = e.delta.signature), (b.signed = true);
    } else if (e.type === 'content_block_stop') {
      assert.equal(e.index, open, 'stop of the open block');
      open = -1;
    } else if (e.type === 'message_delta') {
      assert.equal(open, -1);
      r.delta = e;
    } else if (e.type === 'message_stop') {
      assert.ok(r.delta, 'message_delta before message_stop');
      r.ended = true;
    }
  }
  assert.ok(r.ended, 'message_stop');
  r.text = r.blocks.filter((b) => b.type === 'text').map((b) => b.text).join('');
  assert.equal(r.delta.delta.stop_reason === 'tool_use', r.blocks.some((b) => b.type === 'tool_use'), 'tool_use as block and as reason');
  return r;
}

check('plain', async () => {
  const m = model('chat');
  const r = await create(m, 'Hello there');
  assert.equal(r.type, 'message');
  assert.equal(r.role, 'assistant');
  assert.equal(r.model, m.served);
  assert.match(text(r), /Hello there/);
  assert.equal(r.stop_reason, 'end_turn');
  assert.ok(r._request_id, 'request-id');
  sameUsage(r.usage, await seenOnce(m));
});

check('system as string and as blocks', async () => {
  const one = model('chat'), two = model('chat');
  const a = await create(one, 'Hi', { system: 'Answer like a pirate captain' });
  const b = await create(two, 'Hi', { system: [{ type: 'text', text: 'Answer like ' }, { type: 'text', text: 'a pirate captain', cache_control: { type: 'ephemeral' } }] });
  const total = (u) => u.input_tokens + (u.cache_creation_input_tokens ?? 0) + (u.cache_read_input_tokens ?? 0);
  assert.ok(total(a.usage) > 8);
  assert.equal(total(a.usage), total(b.usage));
  sameUsage(b.usage, await seenOnce(two));
});

check('streamed text equals the unstreamed text, in a legal stream', async () => {
  const m = model('text-120');
  const whole = await create(m, 'Go');
  const r = await fold(await create(m, 'Go', { stream: true }));
  assert.equal(r.text, text(whole));
  assert.ok(r.events > 20, `${r.events} events`);
  assert.equal(r.start.model, m.served);
  assert.equal(r.delta.delta.stop_reason, 'end_turn');
});

check('stream helper folds to a message', async () => {
  const final = await client.messages.stream({ model: model('chat').name, max_tokens: 100, messages: user('Say hello') }).finalMessage();
  assert.match(text(final), /Say hello/);
  assert.equal(final.stop_reason, 'end_turn');
});

check('stream usage: an estimate at the start, the truth at the end', async () => {
  const m = model('chat');
  const r = await fold(await create(m, 'Tell me of the sea and of the sand. '.repeat(20), { stream: true }));
  assert.ok(r.start.usage.input_tokens > 0, 'message_start counts input');
  sameUsage({ ...r.start.usage, ...r.delta.usage }, await seenOnce(m));
});

check('one tool call', async () => {
  const r = await create(model('chat'), '[[tool get_weather {"city":"Oslo","days":3}]]', { tools: [weather, clock] });
  assert.equal(calls(r).length, 1);
  assert.match(calls(r)[0].id, /^[a-zA-Z0-9_-]+$/);
  assert.equal(calls(r)[0].name, 'get_weather');
  assert.deepEqual(calls(r)[0].input, { city: 'Oslo', days: 3 });
  assert.equal(r.stop_reason, 'tool_use');
});

check('parallel tool calls', async () => {
  const r = await create(model('chat'), '[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]', { tools: [weather, clock] });
  assert.deepEqual(calls(r).map((c) => c.name), ['get_weather', 'get_time']);
  assert.notEqual(calls(r)[0].id, calls(r)[1].id);
});

check('streamed tool calls equal the unstreamed ones', async () => {
  const m = model('chat');
  const prompt = '[[say Let me look]] [[tool get_weather {"city":"São Paulo \\"x\\""}]] [[tool get_time {"zone":"UTC"}]]';
  const whole = await create(m, prompt, { tools: [weather, clock] });
  const r = await fold(await create(m, prompt, { tools: [weather, clock], stream: true }));
  assert.deepEqual(r.blocks.filter((b) => b.type === 'tool_use').map((b) => [b.name, JSON.parse(b.json)]), calls(whole).map((c) => [c.name, c.input]));
  assert.equal(r.text, text(whole));
});

check('a tool call without arguments streams as an object', async () => {
  const now = { name: 'now', description: 'The time', input_schema: { type: 'object', properties: {} } };
  const final = await client.messages.stream({ model: model('chat').name, max_tokens: 100, messages: user('[[tool now]]'), tools: [now] }).finalMessage();
  assert.deepEqual(calls(final)[0].input, {});
});

check('tool results over several turns', async () => {
  const m = model('chat');
  const messages = user('[[tool get_weather {"city":"Oslo"}]]\n[[tool get_time {"zone":"UTC"}]]\n[[say It is: {{result}}]]');
  const called = [];
  for (let turn = 0; turn < 5; turn++) {
    const r = await client.messages.create({ model: m.name, max_tokens: 500, messages, tools: [weather, clock] });
    messages.push({ role: 'assistant', content: r.content });
    if (r.stop_reason !== 'tool_use') break;
    messages.push({ role: 'user', content: calls(r).map((c) => (called.push(c.name), { type: 'tool_result', tool_use_id: c.id, content: `answer of ${c.name}` })) });
  }
  assert.deepEqual(called, ['get_weather', 'get_time']);
  assert.equal(messages.at(-1).content.at(-1).text, 'It is: answer of get_time');
});

check('tool results with an error and an image', async () => {
  const m = model('chat');
  const messages = user('[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]\n[[say Heard]]');
  const first = await client.messages.create({ model: m.name, max_tokens: 500, messages, tools: [weather, clock] });
  const [a, b] = calls(first);
  const second = await client.messages.create({
    model: m.name,
    max_tokens: 500,
    tools: [weather, clock],
    messages: [
      ...messages,
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: a.id, is_error: true, content: 'no such city' },
          { type: 'tool_result', tool_use_id: b.id, content: [{ type: 'text', text: 'a clock' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }] },
        ],
      },
    ],
  });
  assert.equal(text(second), 'Heard');
  const [, entry] = await seen(m);
  assert.ok(entry.usage.input > 100, 'the image was counted');
});

check('toolRunner runs each tool once', async () => {
  const m = model('chat');
  const ran = [];
  const tool = (spec, result) => ({ ...spec, type: 'custom', run: (input) => (ran.push([spec.name, Object.values(input)[0]]), result), parse: (x) => x });
  const final = await client.beta.messages.toolRunner({
    model: m.name,
    max_tokens: 500,
    messages: user('[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]\n[[say Done: {{result}}]]'),
    tools: [tool(weather, 'sunny'), tool(clock, 'noon')],
  });
  assert.deepEqual(ran, [['get_weather', 'Oslo'], ['get_time', 'UTC']]);
  assert.match(text(final), /^Done: /);
});

check('tool_choice any, tool and none', async () => {
  const m = model('chat');
  const any = await create(m, 'Hi', { tools: [weather, clock], tool_choice: { type: 'any' } });
  const named = await create(m, 'Hi', { tools: [weather, clock], tool_choice: { type: 'tool', name: 'get_time' } });
  const none = await create(m, '[[tool get_time {"zone":"UTC"}]]', { tools: [weather, clock], tool_choice: { type: 'none' } });
  assert.equal(calls(any).length, 1);
  assert.deepEqual(calls(named).map((c) => c.name), ['get_time']);
  assert.equal(calls(none).length, 0);
});

check('disable_parallel_tool_use', async () => {
  const r = await create(model('chat'), '[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]', { tools: [weather, clock], tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
  assert.deepEqual(calls(r).map((c) => c.name), ['get_weather']);
});

check('thinking, whole and streamed', async () => {
  const m = model('think-20');
  const thinking = { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2000 };
  const whole = await create(m, 'Hi', thinking);
  const r = await fold(await create(m, 'Hi', { ...thinking, stream: true }));
  assert.equal(whole.content[0].type, 'thinking');
  assert.ok(whole.content[0].thinking.length > 20);
  assert.equal(typeof whole.content[0].signature, 'string');
  assert.equal(r.blocks[0].type, 'thinking');
  assert.equal(r.blocks[0].thinking, whole.content[0].thinking);
  assert.equal(r.text, text(whole));
});

check('thinking comes back with its signature in a tool loop', async () => {
  const m = model('think-12-strict');
  const ask = { model: m.name, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, tools: [clock] };
  const messages = user('[[tool get_time {"zone":"UTC"}]]\n[[say It is {{result}}]]');
  const first = await client.messages.stream({ ...ask, messages }).finalMessage();
  assert.equal(first.content[0].type, 'thinking');
  const [call] = calls(first);
  const second = await client.messages.create({
    ...ask,
    messages: [...messages, { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'noon' }] }],
  });
  assert.equal(text(second), 'It is noon');
});

check('adaptive thinking', async () => {
  const r = await create(model('think-20'), 'Hi', { thinking: { type: 'adaptive' }, max_tokens: 2000 });
  assert.equal(r.content[0].type, 'thinking');
});

check('images as data and as URL', async () => {
  const r = await create(model('echo'), [
    { type: 'text', text: 'See' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
    { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
  ]);
  assert.ok(text(r).includes(`[image image/png ${pngBytes} bytes]`), text(r));
  assert.ok(text(r).includes('[image https://example.com/cat.png]'), text(r));
});

check('documents', async () => {
  const r = await create(model('echo'), [{ type: 'text', text: 'Read' }, { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf }, title: 'a.pdf' }]);
  assert.ok(text(r).includes(`[document application/pdf ${pdfBytes} bytes]`), text(r));
});

check('structured output', async () => {
  const schema = { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'blue'] }, count: { type: 'integer', minimum: 2 } }, required: ['colour', 'count'], additionalProperties: false };
  const r = await create(model('chat'), 'Hi', { output_config: { format: { type: 'json_schema', schema } } });
  assert.deepEqual(JSON.parse(text(r)), { colour: 'red', count: 2 });
});

check('structured output with the parse helper', async () => {
  const Pick = z.object({ colour: z.string(), items: z.array(z.string()) }); // 0.128 turns an enum into a description
  const r = await client.messages.parse({ model: model('chat').name, max_tokens: 200, messages: user('Hi'), output_config: { format: zodOutputFormat(Pick) } });
  assert.equal(typeof r.parsed_output.colour, 'string');
  assert.ok(Array.isArray(r.parsed_output.items));
});

check('stop sequences', async () => {
  const m = model('chat');
  const whole = await create(m, '[[say one two HALT three]]', { stop_sequences: ['HALT', 'never'] });
  const r = await fold(await create(m, '[[say one two HALT three]]', { stop_sequences: ['HALT', 'never'], stream: true }));
  assert.equal(text(whole).trim(), 'one two');
  assert.equal(r.text.trim(), 'one two');
  if (!isTranslated) {
    // Others do not tell a stop sequence from an end.
    assert.equal(whole.stop_reason, 'stop_sequence');
    assert.equal(whole.stop_sequence, 'HALT');
  }
});

check('max_tokens', async () => {
  const r = await create(model('text-60'), 'Go', { max_tokens: 20 });
  assert.equal(r.stop_reason, 'max_tokens');
  assert.equal(r.usage.output_tokens, 20);
});

check('token counting', async () => {
  const m = model('chat');
  const messages = user('Tell me of the sea and of the sand. '.repeat(20));
  const counted = await client.messages.countTokens({ model: m.name, messages, system: 'Short.', tools: [weather] });
  const r = await client.messages.create({ model: m.name, max_tokens: 50, messages, system: 'Short.', tools: [weather] });
  if (isTranslated) {
    // No counter at the upstream: an estimate, which must be of the right size.
    assert.ok(counted.input_tokens > r.usage.input_tokens / 2 && counted.input_tokens < r.usage.input_tokens * 2, `${counted.input_tokens} for ${r.usage.input_tokens}`);
  } else {
    assert.equal(counted.input_tokens, r.usage.input_tokens);
  }
});

check('401 wrong key', async () => {
  const wrong = new Anthropic({ baseURL: env.baseUrl, apiKey: 'sk-wrong-key-of-nobody', maxRetries: 0 });
  const e = await throws(() => wrong.messages.create({ model: model('chat').name, max_tokens: 10, messages: user('Hi') }), Anthropic.AuthenticationError);
  assert.equal(e.status, 401);
  assert.equal(e.error.error.type, 'authentication_error');
  assert.ok(e.requestID, 'request-id');
  assert.ok(!e.message.includes('sk-wrong-key-of-nobody'), 'the key is not repeated');
});

check('404 unknown model', async () => {
  const e = await throws(() => create(isGateway ? 'no-such-model' : model('chat', '@404'), 'Hi'), Anthropic.NotFoundError);
  assert.equal(e.error.error.type, 'not_found_error');
  assert.ok(e.requestID);
});

check('404 of the upstream', async () => {
  const e = await throws(() => create(model('chat', '@404'), 'Hi'), Anthropic.NotFoundError);
  assert.ok(e.requestID);
});

check('400 bad request', async () => {
  const e = await throws(() => client.messages.create({ model: model('chat').name, max_tokens: 10, messages: [{ role: 'nobody', content: 'Hi' }] }), Anthropic.BadRequestError);
  assert.equal(e.error.type, 'error');
  assert.equal(e.error.error.type, 'invalid_request_error');
  assert.ok(e.requestID);
  const empty = await throws(() => client.messages.create({ model: model('chat').name, max_tokens: 10 }), Anthropic.BadRequestError);
  assert.match(empty.message, /messages/);
});

check('429 with its wait', async () => {
  const e = await throws(() => create(model('chat', '@429:retry-after=7'), 'Hi'), Anthropic.RateLimitError);
  assert.equal(e.error.error.type, 'rate_limit_error');
  assert.equal(e.headers.get('retry-after'), '7');
});

check('500, 503 and 529', async () => {
  for (const status of [500, 503, 529]) {
    const e = await throws(() => create(model('chat', `@${status}`), 'Hi'), Anthropic.InternalServerError);
    assert.ok(e.status >= 500);
    assert.equal(e.error.type, 'error');
    assert.ok(e.requestID);
  }
});

check('a passing fault is retried', async () => {
  const patient = new Anthropic({ baseURL: env.baseUrl, apiKey: env.key, maxRetries: 3 });
  const r = await patient.messages.create({ model: model('chat', '@503:times=1').name, max_tokens: 50, messages: user('Hi') });
  assert.equal(r.stop_reason, 'end_turn');
});

check('an error in the stream is an exception', async () => {
  const m = model('text-60', '@error-event-after=5@slow:tps=40');
  let events = 0;
  const e = await throws(async () => {
    for await (const _ of await create(m, 'Go', { stream: true })) events++;
  }, Anthropic.APIError);
  assert.ok(events > 2, 'what came before it came through');
  assert.equal(e.error.type, 'error');
});

check('a stream cut in the middle is an exception', async () => {
  const m = model('text-60', '@cut-after=5@slow:tps=40');
  await throws(() => client.messages.stream({ model: m.name, max_tokens: 200, messages: user('Go') }).finalMessage(), isGateway ? Anthropic.APIError : Error);
});

check('an aborted stream ends at the vendor', async () => {
  const m = model('text-400', '@slow:tps=20');
  const stream = await create(m, 'Go', { stream: true });
  let events = 0;
  for await (const _ of stream) if (++events === 5) stream.controller.abort();
  const entry = await seenOnce(m);
  assert.equal(entry.complete, false);
  assert.ok(entry.disconnected_after_event > 0, `after event ${entry.disconnected_after_event}`);
});

check('an aborted request ends at the vendor', async () => {
  const m = model('chat', '@silent:ms=20000');
  const controller = new AbortController();
  const pending = client.messages.create({ model: m.name, max_tokens: 50, messages: user('Go') }, { signal: controller.signal });
  pending.catch(() => {});
  while ((await seen(m, { finished: false })).length === 0);
  controller.abort();
  await throws(() => pending, Anthropic.APIUserAbortError);
  const entry = await seenOnce(m);
  assert.equal(entry.client_disconnected, true);
});

check('model list and retrieve', async () => {
  const ids = [];
  for await (const m of client.models.list()) {
    assert.equal(m.type, 'model');
    assert.ok(m.display_name);
    assert.ok(!Number.isNaN(Date.parse(m.created_at)));
    ids.push(m.id);
  }
  assert.ok(ids.length > 0);
  assert.equal(new Set(ids).size, ids.length, 'no name twice');
  const one = await client.models.retrieve(ids[0]);
  assert.equal(one.id, ids[0]);
  await throws(() => client.models.retrieve('no-such-model'), Anthropic.NotFoundError);
});

check('usage adds up with cache breakpoints', async () => {
  const m = model('chat');
  const ask = { system: [{ type: 'text', text: 'Long prompt. '.repeat(50), cache_control: { type: 'ephemeral' } }] };
  const first = await create(m, 'Hi', ask);
  const second = await create(m, 'Hi', ask);
  const [a, b] = await seen(m);
  sameUsage(first.usage, a);
  sameUsage(second.usage, b);
  if (!isTranslated) assert.ok(second.usage.cache_read_input_tokens > 50);
});

check('beta headers reach a vendor of the same protocol', async () => {
  const m = model('chat');
  await client.messages.create({ model: m.name, max_tokens: 50, messages: user('Hi') }, { headers: { 'anthropic-beta': 'context-1m-2025-08-07,some-future-beta' } });
  const entry = await seenOnce(m);
  if (!isTranslated) {
    assert.equal(entry.headers['anthropic-beta'], 'context-1m-2025-08-07,some-future-beta');
    assert.match(entry.headers['anthropic-version'], /^20/);
  }
});

await run();
