// The official OpenAI SDK's Responses client against one base URL. Runs from a folder where `openai` and `zod` are installed.
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { assert, check, env, isGateway, model, pdf, pdfBytes, png, pngBytes, run, seen, seenOnce, throws } from './checks.mjs';

const client = new OpenAI({ baseURL: `${env.baseUrl}/v1`, apiKey: env.key, maxRetries: 0 });
const responses = client.responses;
const weather = { type: 'function', name: 'get_weather', description: 'The weather of a city', strict: false, parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] } };
const clock = { type: 'function', name: 'get_time', description: 'The time of a zone', strict: false, parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] } };
const calls = (r) => r.output.filter((i) => i.type === 'function_call');

/** Folds a stream by its deltas and checks its grammar on the way. */
async function fold(stream) {
  const r = { text: '', reasoning: '', calls: [], types: [], items: [], final: null, deltas: 0 };
  const open = new Map();
  for await (const e of stream) {
    assert.equal(e.sequence_number, r.types.length, `sequence_number of ${e.type}`);
    r.types.push(e.type);
    if (e.type === 'response.output_item.added') open.set(e.output_index, e.item.id);
    if (e.type === 'response.output_item.done') {
      assert.equal(open.get(e.output_index), e.item.id, 'an item ends as it began');
      r.items.push(e.item);
    }
    if (e.type.endsWith('.delta')) r.deltas++;
    if (e.type === 'response.output_text.delta') r.text += e.delta;
    if (e.type === 'response.reasoning_summary_text.delta' || e.type === 'response.reasoning_text.delta') r.reasoning += e.delta;
    if (e.type === 'response.function_call_arguments.done') r.calls.push(e.arguments);
    if (['response.completed', 'response.incomplete', 'response.failed'].includes(e.type)) r.final = e.response;
  }
  assert.equal(r.types[0], 'response.created');
  assert.equal(r.types.at(-1), `response.${r.final?.status}`);
  assert.deepEqual(r.final.output.map((i) => i.id), r.items.map((i) => i.id), 'the answer holds the items that were streamed');
  return r;
}

function thoughts(response) {
  return response.output.filter((i) => i.type === 'reasoning').flatMap((i) => [...(i.content ?? []), ...(i.content?.length ? [] : i.summary)]).map((p) => p.text).join('');
}

function sameUsage(usage, entry) {
  const u = entry.usage;
  assert.equal(usage.input_tokens, u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h, 'input_tokens');
  assert.equal(usage.output_tokens, u.output + u.reasoning, 'output_tokens');
  assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens, 'total_tokens');
  assert.equal(usage.input_tokens_details?.cached_tokens ?? 0, u.cache_read, 'cached_tokens');
}

check('plain', async () => {
  const m = model('chat');
  const r = await responses.create({ model: m.name, input: 'Hello there' });
  assert.equal(r.object, 'response');
  assert.equal(r.status, 'completed');
  assert.equal(r.model, m.served);
  assert.match(r.output_text, /Hello there/);
  assert.ok(r.id.startsWith('resp_'), r.id);
  assert.ok(r.created_at > 1_600_000_000);
  assert.ok(r._request_id, 'x-request-id');
  sameUsage(r.usage, await seenOnce(m));
});

check('instructions and items of every role reach the model', async () => {
  const one = model('chat'), two = model('chat');
  const a = await responses.create({ model: one.name, instructions: 'Answer like a pirate captain', input: 'Hi' });
  const b = await responses.create({ model: two.name, input: [{ role: 'developer', content: 'Answer like a pirate captain' }, { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }] });
  assert.equal(a.usage.input_tokens, b.usage.input_tokens);
  assert.ok(a.usage.input_tokens > 8);
});

check('streamed text equals the unstreamed text', async () => {
  const m = model('text-120');
  const whole = await responses.create({ model: m.name, input: 'Go' });
  const r = await fold(await responses.create({ model: m.name, input: 'Go', stream: true }));
  assert.equal(r.text, whole.output_text);
  assert.ok(r.deltas > 20, `${r.deltas} deltas`);
  assert.equal(r.final.status, 'completed');
  assert.equal(r.final.model, m.served);
  sameUsage(r.final.usage, (await seen(m)).at(-1));
});

check('stream helper folds to a response', async () => {
  const stream = responses.stream({ model: model('chat').name, input: 'Say hello' });
  const final = await stream.finalResponse();
  assert.match(final.output_text, /Say hello/);
  assert.equal(final.status, 'completed');
});

check('parallel tool calls, whole and streamed', async () => {
  const ask = { model: model('chat').name, input: '[[say Let me look]] [[tool get_weather {"city":"São Paulo \\"x\\""}]] [[tool get_time {"zone":"UTC"}]]', tools: [weather, clock] };
  const whole = await responses.create(ask);
  const r = await fold(await responses.create({ ...ask, stream: true }));
  assert.deepEqual(calls(whole).map((c) => c.name), ['get_weather', 'get_time']);
  assert.deepEqual(calls(whole).map((c) => JSON.parse(c.arguments)), [{ city: 'São Paulo "x"' }, { zone: 'UTC' }]);
  assert.notEqual(calls(whole)[0].call_id, calls(whole)[1].call_id);
  assert.deepEqual(calls(r.final).map((c) => [c.name, JSON.parse(c.arguments)]), calls(whole).map((c) => [c.name, JSON.parse(c.arguments)]));
  assert.deepEqual(r.calls.map((a) => JSON.parse(a)), calls(whole).map((c) => JSON.parse(c.arguments)));
  assert.equal(r.text, whole.output_text);
});

check('a tool loop over three calls', async () => {
  const m = model('chat');
  const input = [{ role: 'user', content: '[[tool get_weather {"city":"Oslo"}]]\n[[tool get_time {"zone":"UTC"}]]\n[[tool get_weather {"city":"Rome"}]]\n[[say It is: {{result}}]]' }];
  const called = [];
  let r;
  for (let turn = 0; turn < 6; turn++) {
    r = await responses.create({ model: m.name, input, tools: [weather, clock], store: false });
    input.push(...r.output);
    if (calls(r).length === 0) break;
    for (const call of calls(r)) {
      called.push(call.name);
      input.push({ type: 'function_call_output', call_id: call.call_id, output: `answer of ${call.name}` });
    }
  }
  assert.deepEqual(called, ['get_weather', 'get_time', 'get_weather']);
  assert.equal(r.output_text, 'It is: answer of get_weather');
});

check('a free-form tool and its output', async () => {
  const m = model('chat');
  const tools = [{ type: 'custom', name: 'patch', description: 'Applies a patch' }];
  const input = [{ role: 'user', content: '[[tool patch {"input":"*** begin"}]]\n[[say Done: {{result}}]]' }];
  const first = await responses.create({ model: m.name, input, tools, store: false });
  const call = first.output.find((i) => i.type === 'custom_tool_call');
  assert.ok(call, JSON.stringify(first.output));
  assert.equal(call.name, 'patch');
  assert.match(call.input, /begin/);
  const second = await responses.create({ model: m.name, tools, store: false, input: [...input, ...first.output, { type: 'custom_tool_call_output', call_id: call.call_id, output: 'applied' }] });
  assert.equal(second.output_text, 'Done: applied');
});

check('tools of a namespace', async () => {
  const tools = [{ type: 'namespace', name: 'mcp', description: 'Files', tools: [{ type: 'function', name: 'get_time', parameters: clock.parameters }] }];
  const m = model('chat');
  const name = env.upstream === 'openai-responses' ? 'get_time' : 'mcp__get_time';
  const r = await responses.create({ model: m.name, input: `[[tool ${name} {"zone":"UTC"}]]`, tools });
  assert.deepEqual(calls(r).map((c) => [c.namespace, c.name, JSON.parse(c.arguments)]), [['mcp', 'get_time', { zone: 'UTC' }]]);
});

check('tool_choice required, named, allowed and none', async () => {
  const ask = { model: model('chat').name, input: 'Hi', tools: [weather, clock] };
  const required = await responses.create({ ...ask, tool_choice: 'required' });
  const named = await responses.create({ ...ask, tool_choice: { type: 'function', name: 'get_time' } });
  const allowed = await responses.create({ ...ask, tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_time' }] } });
  const none = await responses.create({ ...ask, input: '[[tool get_time {"zone":"UTC"}]]', tool_choice: 'none' });
  assert.equal(calls(required).length, 1);
  assert.equal(calls(named)[0].name, 'get_time');
  assert.equal(calls(allowed)[0].name, 'get_time');
  assert.equal(calls(none).length, 0);
});

check('parallel_tool_calls false', async () => {
  const r = await responses.create({ model: model('chat').name, input: '[[tool get_weather {"city":"Oslo"}]] [[tool get_time {"zone":"UTC"}]]', tools: [weather, clock], parallel_tool_calls: false });
  assert.deepEqual(calls(r).map((c) => c.name), ['get_weather']);
});

check('reasoning, whole and streamed', async () => {
  const ask = { model: model('think-20').name, input: 'Hi', reasoning: { effort: 'low', summary: 'auto' } };
  const whole = await responses.create(ask);
  const r = await fold(await responses.create({ ...ask, stream: true }));
  assert.ok(thoughts(whole).length > 20, JSON.stringify(whole.output));
  assert.equal(r.reasoning, thoughts(whole));
  assert.equal(thoughts(r.final), thoughts(whole));
  assert.equal(r.text, whole.output_text);
});

check('reasoning tokens are counted', async () => {
  const m = model('chat');
  const r = await responses.create({ model: m.name, input: 'Hi', reasoning: { effort: 'low' } });
  const entry = await seenOnce(m);
  assert.ok(entry.usage.reasoning > 0);
  assert.equal(r.usage.output_tokens, entry.usage.output + entry.usage.reasoning);
});

check('reasoning in the history of a tool loop', async () => {
  const m = model('think-12');
  const ask = { model: m.name, tools: [clock], store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'low', summary: 'auto' } };
  const input = [{ role: 'user', content: '[[tool get_time {"zone":"UTC"}]]\n[[say It is {{result}}]]' }];
  const first = await responses.create({ ...ask, input });
  assert.ok(first.output.some((i) => i.type === 'reasoning'));
  const second = await responses.create({ ...ask, input: [...input, ...first.output, { type: 'function_call_output', call_id: calls(first)[0].call_id, output: 'noon' }] });
  assert.equal(second.output_text, 'It is noon');
});

check('images and documents', async () => {
  const r = await responses.create({
    model: model('echo').name,
    input: [{
      role: 'user',
      content: [
        { type: 'input_text', text: 'See' },
        { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
        { type: 'input_image', image_url: 'https://example.com/cat.png', detail: 'auto' },
        { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
      ],
    }],
  });
  assert.ok(r.output_text.includes(`[image image/png ${pngBytes} bytes]`), r.output_text);
  assert.ok(r.output_text.includes('[image https://example.com/cat.png]'), r.output_text);
  assert.ok(r.output_text.includes(`[document application/pdf ${pdfBytes} bytes]`), r.output_text);
});

check('structured output', async () => {
  const schema = { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'blue'] }, count: { type: 'integer', minimum: 2 } }, required: ['colour', 'count'], additionalProperties: false };
  const r = await responses.create({ model: model('chat').name, input: 'Hi', text: { format: { type: 'json_schema', name: 'pick', strict: true, schema } } });
  assert.deepEqual(JSON.parse(r.output_text), { colour: 'red', count: 2 });
});

check('structured output with the parse helper', async () => {
  const Pick = z.object({ colour: z.enum(['red', 'blue']), items: z.array(z.string()) });
  const r = await responses.parse({ model: model('chat').name, input: 'Hi', text: { format: zodTextFormat(Pick, 'pick') } });
  assert.equal(r.output_parsed.colour, 'red');
});

check('max_output_tokens ends the answer', async () => {
  const ask = { model: model('text-60').name, input: 'Go', max_output_tokens: 20 };
  const whole = await responses.create(ask);
  const r = await fold(await responses.create({ ...ask, stream: true }));
  for (const answer of [whole, r.final]) {
    assert.equal(answer.status, 'incomplete');
    assert.equal(answer.incomplete_details.reason, 'max_output_tokens');
    assert.equal(answer.usage.output_tokens, 20);
  }
});

check('401 wrong key', async () => {
  const wrong = new OpenAI({ baseURL: `${env.baseUrl}/v1`, apiKey: 'sk-wrong-key-of-nobody', maxRetries: 0 });
  const e = await throws(() => wrong.responses.create({ model: model('chat').name, input: 'Hi' }), OpenAI.AuthenticationError);
  assert.ok(e.requestID, 'x-request-id');
  assert.ok(!e.message.includes('sk-wrong-key-of-nobody'), 'the key is not repeated');
});

check('404 unknown model', async () => {
  const e = await throws(() => responses.create({ model: isGateway ? 'no-such-model' : model('chat', '@404').name, input: 'Hi' }), OpenAI.NotFoundError);
  assert.equal(e.code, 'model_not_found');
});

check('400 bad request', async () => {
  const e = await throws(() => responses.create({ model: model('chat').name, input: [{ role: 'nobody', content: 'Hi' }] }), OpenAI.BadRequestError);
  assert.equal(e.type, 'invalid_request_error');
  assert.ok(e.requestID);
  assert.match(e.message, /nobody|input/);
});

check('429 with its wait', async () => {
  const e = await throws(() => responses.create({ model: model('chat', '@429:retry-after=7').name, input: 'Hi' }), OpenAI.RateLimitError);
  assert.equal(e.headers.get('retry-after'), '7');
});

check('500 and 503', async () => {
  for (const status of [500, 503]) {
    const e = await throws(() => responses.create({ model: model('chat', `@${status}`).name, input: 'Hi' }), OpenAI.InternalServerError);
    assert.ok(e.status >= 500);
  }
});

check('an error in the stream is an exception', async () => {
  let text = '';
  let failed = false;
  try {
    for await (const e of await responses.create({ model: model('text-60', '@error-event-after=5@slow:tps=40').name, input: 'Go', stream: true })) {
      if (e.type === 'response.output_text.delta') text += e.delta;
      failed ||= e.type === 'response.failed' || e.type === 'error';
    }
  } catch (e) {
    assert.ok(e instanceof OpenAI.APIError, String(e));
    failed = true;
  }
  assert.ok(failed, 'the failure is told');
  assert.ok(text.length > 0, 'what came before it came through');
});

check('a stream cut in the middle never looks complete', async () => {
  const types = [];
  try {
    for await (const e of await responses.create({ model: model('text-60', '@cut-after=5@slow:tps=40').name, input: 'Go', stream: true })) types.push(e.type);
  } catch {
    // an exception says it as well
  }
  assert.ok(types.includes('response.output_text.delta'));
  assert.ok(!types.includes('response.completed'), types.at(-1));
});

check('an aborted stream ends at the vendor', async () => {
  const m = model('text-400', '@slow:tps=20');
  const abort = new AbortController();
  let count = 0;
  await responses.create({ model: m.name, input: 'Go', stream: true }, { signal: abort.signal }).then(async (stream) => {
    for await (const _ of stream) if (++count === 6) abort.abort();
  }).catch(() => {});
  const [entry] = await seen(m);
  assert.ok(entry.client_disconnected);
});

await run();
