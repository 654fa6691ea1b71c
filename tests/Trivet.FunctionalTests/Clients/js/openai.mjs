// The official OpenAI SDK against one base URL. Runs from a folder where `openai` and `zod` are installed.
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { assert, check, env, isGateway, model, pdf, pdfBytes, png, pngBytes, run, seen, seenOnce, throws } from './checks.mjs';

const client = new OpenAI({ baseURL: `${env.baseUrl}/v1`, apiKey: env.key, maxRetries: 0 });
const chat = client.chat.completions;
const user = (content) => [{ role: 'user', content }];
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
  },
};
const clock = { type: 'function', function: { name: 'get_time', description: 'The time of a zone', parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } } };

async function fold(stream) {
  const r = { text: '', reasoning: '', calls: [], finish: [], usage: [], ids: new Set(), models: new Set(), roles: 0, chunks: 0 };
  for await (const chunk of stream) {
    r.chunks++;
    r.ids.add(chunk.id);
    r.models.add(chunk.model);
    if (chunk.usage) r.usage.push(chunk.usage);
    for (const choice of chunk.choices) {
      const d = choice.delta;
      if (d.role) r.roles++;
      r.text += d.content ?? '';
      r.reasoning += d.reasoning_content ?? '';
      for (const c of d.tool_calls ?? []) {
        const call = (r.calls[c.index] ??= { id: '', name: '', arguments: '', heads: 0 });
        if (c.id) (call.id = c.id), call.heads++;
        call.name += c.function?.name ?? '';
        call.arguments += c.function?.arguments ?? '';
      }
      if (choice.finish_reason) r.finish.push(choice.finish_reason);
    }
  }
  return r;
}

function sameUsage(usage, entry) {
  const u = entry.usage;
  assert.equal(usage.prompt_tokens, u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h, 'prompt_tokens');
  assert.equal(usage.completion_tokens, u.output + u.reasoning, 'completion_tokens');
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens, 'total_tokens');
  assert.equal(usage.prompt_tokens_details?.cached_tokens ?? 0, u.cache_read, 'cached_tokens');
}

check('plain', async () => {
  const m = model('chat');
  const r = await chat.create({ model: m.name, messages: user('Hello there') });
  assert.equal(r.object, 'chat.completion');
  assert.equal(r.model, m.served);
  assert.equal(r.choices.length, 1);
  assert.equal(r.choices[0].message.role, 'assistant');
  assert.match(r.choices[0].message.content, /Hello there/);
  assert.equal(r.choices[0].finish_reason, 'stop');
  assert.ok(r._request_id, 'x-request-id');
  sameUsage(r.usage, await seenOnce(m));
});

check('system and developer messages reach the model', async () => {
  const one = model('chat'), two = model('chat');
  const a = await chat.create({ model: one.name, messages: [{ role: 'system', content: 'Answer like a pirate captain' }, ...user('Hi')] });
  const b = await chat.create({ model: two.name, messages: [{ role: 'developer', content: 'Answer like a pirate captain' }, ...user('Hi')] });
  assert.equal(a.usage.prompt_tokens, b.usage.prompt_tokens);
  assert.ok(a.usage.prompt_tokens > 8);
  sameUsage(a.usage, await seenOnce(one));
});

check('streamed text equals the unstreamed text', async () => {
  const m = model('text-120');
  const whole = await chat.create({ model: m.name, messages: user('Go') });
  const r = await fold(await chat.create({ model: m.name, messages: user('Go'), stream: true }));
  assert.equal(r.text, whole.choices[0].message.content);
  assert.ok(r.chunks > 20, `${r.chunks} chunks`);
  assert.deepEqual(r.finish, ['stop']);
  assert.equal(r.ids.size, 1);
  assert.deepEqual([...r.models], [m.served]);
  assert.equal(r.roles, 1);
});

check('stream has no usage chunk unless asked for', async () => {
  const r = await fold(await chat.create({ model: model('chat').name, messages: user('Hi'), stream: true }));
  assert.equal(r.usage.length, 0);
});

check('stream usage when asked for', async () => {
  const m = model('chat');
  const r = await fold(await chat.create({ model: m.name, messages: user('Hi'), stream: true, stream_options: { include_usage: true } }));
  assert.equal(r.usage.length, 1);
  sameUsage(r.usage[0], await seenOnce(m));
});

check('stream helper folds to a completion', async () => {
  const m = model('chat');
  const stream = chat.stream({ model: m.name, messages: user('Say hello') });
  const final = await stream.finalChatCompletion();
  assert.match(final.choices[0].message.content, /Say hello/);
  assert.equal(final.choices[0].finish_reason, 'stop');
});

check('one tool call', async () => {
  const r = await chat.create({ model: model('chat').name, messages: user('[[tool get_weather {"city":"Oslo","days":3}]]'), tools: [weather, clock] });
  const [call] = r.choices[0].message.tool_calls;
  assert.equal(r.choices[0].message.tool_calls.length, 1);
  assert.equal(call.type, 'function');
  assert.ok(call.id);
  assert.equal(call.function.name, 'get_weather');
  assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Oslo', days: 3 });
  assert.equal(r.choices[0].finish_reason, 'tool_calls');
});

check('parallel tool calls', async () => {
  const r = await chat.create({ model: model('chat').name, messages: user('[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]'), tools: [weather, clock] });
  const calls = r.choices[0].message.tool_calls;
  assert.deepEqual(calls.map((c) => c.function.name), ['get_weather', 'get_time']);
  assert.notEqual(calls[0].id, calls[1].id);
});

check('streamed tool calls equal the unstreamed ones', async () => {
  const ask = { model: model('chat').name, messages: user('[[say Let me look]] [[tool get_weather {"city":"São Paulo \\"x\\""}]] [[tool get_time {"zone":"UTC"}]]'), tools: [weather, clock] };
  const whole = await chat.create(ask);
  const r = await fold(await chat.create({ ...ask, stream: true }));
  assert.deepEqual(r.calls.map((c) => [c.name, JSON.parse(c.arguments)]), whole.choices[0].message.tool_calls.map((c) => [c.function.name, JSON.parse(c.function.arguments)]));
  assert.deepEqual(r.calls.map((c) => c.heads), [1, 1]);
  assert.equal(r.text, whole.choices[0].message.content);
  assert.deepEqual(r.finish, ['tool_calls']);
});

check('tool results over several turns', async () => {
  const m = model('chat');
  const messages = user('[[tool get_weather {"city":"Oslo"}]]\n[[tool get_time {"zone":"UTC"}]]\n[[say It is: {{result}}]]');
  const called = [];
  for (let turn = 0; turn < 5; turn++) {
    const r = await chat.create({ model: m.name, messages, tools: [weather, clock] });
    const message = r.choices[0].message;
    messages.push(message);
    if (!message.tool_calls) break;
    for (const call of message.tool_calls) {
      called.push(call.function.name);
      messages.push({ role: 'tool', tool_call_id: call.id, content: `answer of ${call.function.name}` });
    }
  }
  assert.deepEqual(called, ['get_weather', 'get_time']);
  assert.equal(messages.at(-1).content, 'It is: answer of get_time');
});

check('runTools runs each tool once', async () => {
  const m = model('chat');
  const ran = [];
  const runner = chat.runTools({
    model: m.name,
    messages: user('[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]\n[[say Done: {{result}}]]'),
    tools: [
      { type: 'function', function: { ...weather.function, parse: JSON.parse, function: (a) => (ran.push(['weather', a.city]), 'sunny') } },
      { type: 'function', function: { ...clock.function, parse: JSON.parse, function: (a) => (ran.push(['time', a.zone]), 'noon') } },
    ],
  });
  const text = await runner.finalContent();
  assert.deepEqual(ran, [['weather', 'Oslo'], ['time', 'UTC']]);
  assert.match(text, /^Done: /);
  assert.equal((await seen(m)).length, 2);
});

check('tool_choice required, named and none', async () => {
  const m = model('chat');
  const ask = { model: m.name, messages: user('Hi'), tools: [weather, clock] };
  const required = await chat.create({ ...ask, tool_choice: 'required' });
  const named = await chat.create({ ...ask, tool_choice: { type: 'function', function: { name: 'get_time' } } });
  const none = await chat.create({ ...ask, messages: user('[[tool get_time {"zone":"UTC"}]]'), tool_choice: 'none' });
  assert.equal(required.choices[0].message.tool_calls.length, 1);
  assert.equal(named.choices[0].message.tool_calls[0].function.name, 'get_time');
  assert.equal(none.choices[0].message.tool_calls, undefined);
});

check('parallel_tool_calls false', async () => {
  const r = await chat.create({ model: model('chat').name, messages: user('[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]'), tools: [weather, clock], parallel_tool_calls: false });
  assert.deepEqual(r.choices[0].message.tool_calls.map((c) => c.function.name), ['get_weather']);
});

check('reasoning, whole and streamed', async () => {
  const m = model('think-20');
  const whole = await chat.create({ model: m.name, messages: user('Hi') });
  const r = await fold(await chat.create({ model: m.name, messages: user('Hi'), stream: true }));
  assert.ok(whole.choices[0].message.reasoning_content.length > 20);
  assert.equal(r.reasoning, whole.choices[0].message.reasoning_content);
  assert.equal(r.text, whole.choices[0].message.content);
  assert.ok(!whole.choices[0].message.content.includes(whole.choices[0].message.reasoning_content));
});

check('reasoning_effort makes a model think, and its tokens are counted', async () => {
  const m = model('chat');
  const r = await chat.create({ model: m.name, messages: user('Hi'), reasoning_effort: 'low' });
  const entry = await seenOnce(m);
  assert.ok(entry.usage.reasoning > 0);
  assert.equal(r.usage.completion_tokens, entry.usage.output + entry.usage.reasoning);
});

check('reasoning in the history of a tool loop', async () => {
  const m = model('think-12-strict');
  const messages = user('[[tool get_time {"zone":"UTC"}]]\n[[say It is {{result}}]]');
  const first = await chat.create({ model: m.name, messages, tools: [clock] });
  const message = first.choices[0].message;
  assert.ok(message.reasoning_content);
  const second = await chat.create({ model: m.name, tools: [clock], messages: [...messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'noon' }] });
  assert.equal(second.choices[0].message.content, 'It is noon');
});

check('images as data and as URL', async () => {
  const r = await chat.create({
    model: model('echo').name,
    messages: user([
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
    ]),
  });
  assert.ok(r.choices[0].message.content.includes(`[image image/png ${pngBytes} bytes]`), r.choices[0].message.content);
  assert.ok(r.choices[0].message.content.includes('[image https://example.com/cat.png]'), r.choices[0].message.content);
});

check('documents', async () => {
  const r = await chat.create({
    model: model('echo').name,
    messages: user([{ type: 'text', text: 'Read' }, { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } }]),
  });
  assert.ok(r.choices[0].message.content.includes(`[document application/pdf ${pdfBytes} bytes]`), r.choices[0].message.content);
});

check('structured output', async () => {
  const schema = { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'blue'] }, count: { type: 'integer', minimum: 2 } }, required: ['colour', 'count'], additionalProperties: false };
  const r = await chat.create({ model: model('chat').name, messages: user('Hi'), response_format: { type: 'json_schema', json_schema: { name: 'pick', strict: true, schema } } });
  assert.deepEqual(JSON.parse(r.choices[0].message.content), { colour: 'red', count: 2 });
});

check('structured output with the parse helper, whole and streamed', async () => {
  const Pick = z.object({ colour: z.enum(['red', 'blue']), items: z.array(z.string()) });
  const ask = { model: model('chat').name, messages: user('Hi'), response_format: zodResponseFormat(Pick, 'pick') };
  const r = await chat.parse(ask);
  assert.equal(r.choices[0].message.parsed.colour, 'red');
  const streamed = await chat.stream(ask).finalChatCompletion();
  assert.deepEqual(streamed.choices[0].message.parsed, r.choices[0].message.parsed);
});

check('stop sequences', async () => {
  const ask = { model: model('chat').name, messages: user('[[say one two HALT three]]'), stop: ['HALT', 'never'] };
  const whole = await chat.create(ask);
  const r = await fold(await chat.create({ ...ask, stream: true }));
  assert.equal(whole.choices[0].message.content.trim(), 'one two');
  assert.equal(r.text.trim(), 'one two');
  assert.equal(whole.choices[0].finish_reason, 'stop');
});

check('max_tokens and max_completion_tokens', async () => {
  const m = model('text-60');
  for (const limit of [{ max_tokens: 20 }, { max_completion_tokens: 20 }]) {
    const r = await chat.create({ model: m.name, messages: user('Go'), ...limit });
    assert.equal(r.choices[0].finish_reason, 'length');
    assert.equal(r.usage.completion_tokens, 20);
  }
});

check('401 wrong key', async () => {
  const wrong = new OpenAI({ baseURL: `${env.baseUrl}/v1`, apiKey: 'sk-wrong-key-of-nobody', maxRetries: 0 });
  const e = await throws(() => wrong.chat.completions.create({ model: model('chat').name, messages: user('Hi') }), OpenAI.AuthenticationError);
  assert.equal(e.status, 401);
  assert.ok(e.requestID, 'x-request-id');
  assert.ok(e.message.length > 10);
  assert.ok(!e.message.includes('sk-wrong-key-of-nobody'), 'the key is not repeated');
});

check('404 unknown model', async () => {
  const e = await throws(() => chat.create({ model: isGateway ? 'no-such-model' : model('chat', '@404').name, messages: user('Hi') }), OpenAI.NotFoundError);
  assert.equal(e.code, 'model_not_found');
  assert.ok(e.requestID);
});

check('404 of the upstream', async () => {
  const e = await throws(() => chat.create({ model: model('chat', '@404').name, messages: user('Hi') }), OpenAI.NotFoundError);
  assert.ok(e.requestID);
});

check('400 bad request', async () => {
  const e = await throws(() => chat.create({ model: model('chat').name, messages: [{ role: 'nobody', content: 'Hi' }] }), OpenAI.BadRequestError);
  assert.equal(e.type, 'invalid_request_error');
  assert.ok(e.requestID);
  const empty = await throws(() => chat.create({ model: model('chat').name }), OpenAI.BadRequestError);
  assert.match(empty.message, /messages/);
});

check('429 with its wait', async () => {
  const e = await throws(() => chat.create({ model: model('chat', '@429:retry-after=7').name, messages: user('Hi') }), OpenAI.RateLimitError);
  assert.equal(e.headers.get('retry-after'), '7');
});

check('500 and 503', async () => {
  for (const status of [500, 503]) {
    const e = await throws(() => chat.create({ model: model('chat', `@${status}`).name, messages: user('Hi') }), OpenAI.InternalServerError);
    assert.ok(e.status >= 500);
    assert.ok(e.requestID);
  }
});

check('a passing fault is retried', async () => {
  const patient = new OpenAI({ baseURL: `${env.baseUrl}/v1`, apiKey: env.key, maxRetries: 3 });
  const r = await patient.chat.completions.create({ model: model('chat', '@503:times=1').name, messages: user('Hi') });
  assert.equal(r.choices[0].finish_reason, 'stop');
});

check('an error in the stream is an exception', async () => {
  const m = model('text-60', '@error-event-after=5@slow:tps=40');
  let text = '';
  await throws(async () => {
    for await (const chunk of await chat.create({ model: m.name, messages: user('Go'), stream: true })) text += chunk.choices[0]?.delta?.content ?? '';
  }, OpenAI.APIError);
  assert.ok(text.length > 0, 'what came before it came through');
});

check('a stream cut in the middle is an exception', async () => {
  const m = model('text-60', '@cut-after=5@slow:tps=40');
  await throws(async () => {
    for await (const _ of await chat.create({ model: m.name, messages: user('Go'), stream: true }));
  }, isGateway ? OpenAI.APIError : Error);
});

check('an aborted stream ends at the vendor', async () => {
  const m = model('text-400', '@slow:tps=20');
  const stream = await chat.create({ model: m.name, messages: user('Go'), stream: true });
  let chunks = 0;
  for await (const _ of stream) if (++chunks === 3) stream.controller.abort();
  const entry = await seenOnce(m);
  assert.equal(entry.complete, false);
  assert.ok(entry.disconnected_after_event > 0, `after event ${entry.disconnected_after_event}`);
});

check('an aborted request ends at the vendor', async () => {
  const m = model('chat', '@silent:ms=20000');
  const controller = new AbortController();
  const pending = chat.create({ model: m.name, messages: user('Go') }, { signal: controller.signal });
  pending.catch(() => {});
  while ((await seen(m, { finished: false })).length === 0);
  controller.abort();
  await throws(() => pending, OpenAI.APIUserAbortError);
  const entry = await seenOnce(m);
  assert.equal(entry.client_disconnected, true);
});

check('model list', async () => {
  const ids = [];
  for await (const m of client.models.list()) {
    assert.equal(m.object, 'model');
    ids.push(m.id);
  }
  assert.ok(ids.length > 0);
  assert.equal(new Set(ids).size, ids.length, 'no name twice');
});

check('model retrieve', async () => {
  const [first] = (await client.models.list()).data;
  const one = await client.models.retrieve(first.id);
  assert.equal(one.id, first.id);
  assert.equal(one.object, 'model');
  await throws(() => client.models.retrieve('no-such-model'), OpenAI.NotFoundError);
});

check('usage adds up over a cached conversation', async () => {
  const m = model('chat-cached');
  const ask = { model: m.name, messages: [{ role: 'system', content: 'Long prompt. '.repeat(50) }, ...user('Hi')] };
  const first = await chat.create(ask);
  const second = await chat.create(ask);
  const [a, b] = await seen(m);
  sameUsage(first.usage, a);
  sameUsage(second.usage, b);
  assert.ok(second.usage.prompt_tokens_details.cached_tokens > 50);
});

await run();
