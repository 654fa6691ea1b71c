// Google's SDK against one base URL. Runs from a folder where `@google/genai` is installed.
import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { assert, check, env, isGateway, model, pdf, pdfBytes, png, pngBytes, run, seen, seenOnce, throws } from './checks.mjs';

const httpOptions = { baseUrl: env.baseUrl };
const { models, chats } = new GoogleGenAI({ apiKey: env.key, httpOptions });
const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
};
const clock = { name: 'get_time', description: 'The time of a zone', parameters: { type: 'OBJECT', properties: { zone: { type: 'STRING' } }, required: ['zone'] } };
const tools = [{ functionDeclarations: [weather, clock] }];

async function fold(stream) {
  const r = { text: '', thoughts: '', calls: [], finish: [], usage: undefined, ids: new Set(), models: new Set(), chunks: 0 };
  for await (const chunk of await stream) {
    r.chunks++;
    if (chunk.responseId) r.ids.add(chunk.responseId);
    if (chunk.modelVersion) r.models.add(chunk.modelVersion);
    r.usage = chunk.usageMetadata ?? r.usage;
    for (const candidate of chunk.candidates ?? []) {
      for (const part of candidate.content?.parts ?? []) {
        if (part.functionCall) r.calls.push(part.functionCall);
        else if (part.thought) r.thoughts += part.text ?? '';
        else r.text += part.text ?? '';
      }
      if (candidate.finishReason) r.finish.push(candidate.finishReason);
    }
  }
  return r;
}

const thoughtsOf = (r) => r.candidates[0].content.parts.filter((p) => p.thought).map((p) => p.text).join('');

function sameUsage(usage, entry) {
  const u = entry.usage;
  assert.equal(usage.promptTokenCount, u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h, 'promptTokenCount');
  assert.equal(usage.candidatesTokenCount ?? 0, u.output, 'candidatesTokenCount');
  assert.equal(usage.thoughtsTokenCount ?? 0, u.reasoning, 'thoughtsTokenCount');
  assert.equal(usage.cachedContentTokenCount ?? 0, u.cache_read, 'cachedContentTokenCount');
  assert.equal(usage.totalTokenCount, usage.promptTokenCount + u.output + u.reasoning, 'totalTokenCount');
}

check('plain', async () => {
  const m = model('chat');
  const r = await models.generateContent({ model: m.name, contents: 'Hello there' });
  assert.match(r.text, /Hello there/);
  assert.equal(r.candidates.length, 1);
  assert.equal(r.candidates[0].content.role, 'model');
  assert.equal(r.candidates[0].finishReason, 'STOP');
  assert.equal(r.modelVersion, m.served);
  assert.ok(r.responseId);
  sameUsage(r.usageMetadata, await seenOnce(m));
});

check('a system instruction reaches the model', async () => {
  const m = model('chat');
  const r = await models.generateContent({ model: m.name, contents: 'Hi', config: { systemInstruction: 'Answer like a pirate captain' } });
  assert.ok(r.usageMetadata.promptTokenCount > 8);
  sameUsage(r.usageMetadata, await seenOnce(m));
});

check('streamed text equals the unstreamed text', async () => {
  const m = model('text-120');
  const whole = await models.generateContent({ model: m.name, contents: 'Go' });
  const r = await fold(models.generateContentStream({ model: m.name, contents: 'Go' }));
  assert.equal(r.text, whole.text);
  assert.ok(r.chunks > 20, `${r.chunks} chunks`);
  assert.deepEqual(r.finish, ['STOP']);
  assert.equal(r.ids.size, 1);
  assert.deepEqual([...r.models], [m.served]);
});

check('stream usage', async () => {
  const m = model('chat');
  const r = await fold(models.generateContentStream({ model: m.name, contents: 'Hi' }));
  sameUsage(r.usage, await seenOnce(m));
});

check('parallel tool calls', async () => {
  const ask = { model: model('chat').name, contents: '[[say Let me look]] [[tool get_weather {"city":"São Paulo \\"x\\"","days":3}]] [[tool get_time {"zone":"UTC"}]]', config: { tools } };
  const whole = await models.generateContent(ask);
  assert.deepEqual(whole.functionCalls.map((c) => [c.name, c.args]), [['get_weather', { city: 'São Paulo "x"', days: 3 }], ['get_time', { zone: 'UTC' }]]);
  const r = await fold(models.generateContentStream(ask));
  assert.deepEqual(r.calls.map((c) => [c.name, c.args]), whole.functionCalls.map((c) => [c.name, c.args]));
  assert.deepEqual(r.finish, ['STOP']);
});

check('tool results over several turns', async () => {
  const m = model('chat');
  const contents = [{ role: 'user', parts: [{ text: '[[tool get_weather {"city":"Oslo"}]] [[tool get_weather {"city":"Rome"}]]\n[[tool get_time {"zone":"UTC"}]]\n[[say It is: {{result}}]]' }] }];
  const called = [];
  let last;
  for (let turn = 0; turn < 5; turn++) {
    last = await models.generateContent({ model: m.name, contents, config: { tools } });
    contents.push(last.candidates[0].content);
    if (!last.functionCalls) break;
    // As the documentation does it: without ids.
    contents.push({ role: 'user', parts: last.functionCalls.map((c) => (called.push(c.name), { functionResponse: { name: c.name, response: { result: `answer of ${c.name}` } } })) });
  }
  assert.deepEqual(called, ['get_weather', 'get_weather', 'get_time']);
  assert.equal(last.text, 'It is: answer of get_time');
});

check('a chat keeps its history', async () => {
  const m = model('chat');
  const chat = chats.create({ model: m.name, config: { tools } });
  const first = await chat.sendMessage({ message: '[[tool get_time {"zone":"UTC"}]]\n[[say It is {{result}}]]' });
  const [call] = first.functionCalls;
  const second = await chat.sendMessage({ message: { functionResponse: { id: call.id, name: call.name, response: { output: 'noon' } } } });
  assert.equal(second.text, 'It is noon');
  assert.equal((await seen(m)).length, 2);
});

check('function calling modes', async () => {
  const ask = (config, contents = 'Hi') => models.generateContent({ model: model('chat').name, contents, config: { tools, toolConfig: { functionCallingConfig: config } } });
  assert.equal((await ask({ mode: FunctionCallingConfigMode.ANY })).functionCalls.length, 1);
  assert.equal((await ask({ mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] })).functionCalls[0].name, 'get_time');
  assert.equal((await ask({ mode: FunctionCallingConfigMode.NONE }, '[[tool get_time {"zone":"UTC"}]]')).functionCalls, undefined);
});

check('thoughts, whole and streamed', async () => {
  const ask = { model: model('think-20').name, contents: 'Hi', config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } };
  const whole = await models.generateContent(ask);
  const r = await fold(models.generateContentStream(ask));
  assert.ok(thoughtsOf(whole).length > 20);
  assert.equal(r.thoughts, thoughtsOf(whole));
  assert.equal(r.text, whole.text);
  assert.ok(whole.usageMetadata.thoughtsTokenCount > 0);
});

check('thoughts in the history of a tool loop', async () => {
  const config = { tools, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } };
  const m = model('think-12-strict');
  const contents = [{ role: 'user', parts: [{ text: '[[tool get_time {"zone":"UTC"}]]\n[[say It is {{result}}]]' }] }];
  const first = await models.generateContent({ model: m.name, contents, config });
  contents.push(first.candidates[0].content, { role: 'user', parts: [{ functionResponse: { name: 'get_time', response: { result: 'noon' } } }] });
  const second = await models.generateContent({ model: m.name, contents, config });
  assert.equal(second.text, 'It is noon');
});

check('images and documents', async () => {
  const r = await models.generateContent({
    model: model('echo').name,
    contents: [{ role: 'user', parts: [{ text: 'See' }, { inlineData: { mimeType: 'image/png', data: png } }, { inlineData: { mimeType: 'application/pdf', data: pdf } }] }],
  });
  assert.ok(r.text.includes(`[image image/png ${pngBytes} bytes]`), r.text);
  assert.ok(r.text.includes(`[document application/pdf ${pdfBytes} bytes]`), r.text);
});

check('structured output', async () => {
  const schema = { type: 'object', properties: { colour: { type: 'string', enum: ['red', 'blue'] }, count: { type: 'integer', minimum: 2 } }, required: ['colour', 'count'] };
  const ask = (config) => models.generateContent({ model: model('chat').name, contents: 'Hi', config: { responseMimeType: 'application/json', ...config } });
  assert.deepEqual(JSON.parse((await ask({ responseJsonSchema: schema })).text), { colour: 'red', count: 2 });
  const old = { type: 'OBJECT', properties: { colour: { type: 'STRING', enum: ['red', 'blue'] } }, required: ['colour'] };
  assert.deepEqual(JSON.parse((await ask({ responseSchema: old })).text), { colour: 'red' });
});

check('stop sequences and the output bound', async () => {
  const ask = { model: model('chat').name, contents: '[[say one two HALT three]]', config: { stopSequences: ['HALT', 'never'] } };
  assert.equal((await models.generateContent(ask)).text.trim(), 'one two');
  assert.equal((await fold(models.generateContentStream(ask))).text.trim(), 'one two');
  const r = await models.generateContent({ model: model('text-60').name, contents: 'Go', config: { maxOutputTokens: 20 } });
  assert.equal(r.candidates[0].finishReason, 'MAX_TOKENS');
  assert.equal(r.usageMetadata.candidatesTokenCount, 20);
});

check('countTokens', async () => {
  const m = model('chat');
  const few = await models.countTokens({ model: m.name, contents: 'Hello there' });
  const many = await models.countTokens({ model: m.name, contents: 'Hello there. '.repeat(200) });
  assert.ok(few.totalTokens > 0);
  assert.ok(many.totalTokens > few.totalTokens + 200, `${few.totalTokens} and ${many.totalTokens}`);
});

check('model list and retrieve', async () => {
  if (!isGateway) return; // the sandbox lists no models in this protocol
  const names = [];
  for await (const m of await models.list({ config: { pageSize: 2 } })) names.push(m.name);
  assert.ok(names.length > 2);
  assert.equal(new Set(names).size, names.length, 'no name twice');
  assert.ok(names.every((n) => n.startsWith('models/')));
  const one = await models.get({ model: names[0] });
  assert.equal(one.name, names[0]);
  assert.ok((await throws(() => models.get({ model: 'no-such-model' }), ApiError)).status === 404);
});

check('wrong key', async () => {
  const wrong = new GoogleGenAI({ apiKey: 'AIza-wrong-key-of-nobody', httpOptions });
  const e = await throws(() => wrong.models.generateContent({ model: model('chat').name, contents: 'Hi' }), ApiError);
  assert.ok(e.status === 400 || e.status === 401, `${e.status}`);
  assert.ok(!e.message.includes('AIza-wrong-key-of-nobody'), 'the key is not repeated');
});

check('errors have their status', async () => {
  for (const [faults, status] of [['@404', 404], ['@429:retry-after=7', 429], ['@500', 500], ['@503', 503]]) {
    const e = await throws(() => models.generateContent({ model: model('chat', faults).name, contents: 'Hi' }), ApiError);
    assert.ok(status < 500 ? e.status === status : e.status >= 500, `${faults} became ${e.status}: ${e.message}`);
    assert.ok(JSON.parse(e.message).error.status, e.message);
  }
});

check('an unknown model and an unknown method', async () => {
  if (!isGateway) return;
  assert.equal((await throws(() => models.generateContent({ model: 'no-such-model', contents: 'Hi' }), ApiError)).status, 404);
  assert.equal((await throws(() => models.embedContent({ model: model('chat').name, contents: 'Hi' }), ApiError)).status, 404);
});

check('a bad request', async () => {
  const e = await throws(() => models.generateContent({ model: model('chat').name, contents: [{ role: 'nobody', parts: [{ text: 'Hi' }] }] }), ApiError);
  assert.equal(e.status, 400);
});

check('an error in the stream is an exception', async () => {
  let text = '';
  await throws(async () => {
    for await (const chunk of await models.generateContentStream({ model: model('text-60', '@error-event-after=5@slow:tps=40').name, contents: 'Go' })) text += chunk.text ?? '';
  }, Error);
  assert.ok(text.length > 0, 'what came before it came through');
});

check('the stream of a client that asks for no events is one JSON array', async () => {
  const m = model('text-60');
  const ask = (name, key) => fetch(`${env.baseUrl}/v1beta/models/${name}:streamGenerateContent${key}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text: 'Go' }] }] }) });
  const response = await ask(m.name, `?key=${env.key}`);
  assert.match(response.headers.get('content-type'), /application\/json/);
  const elements = JSON.parse(await response.text());
  assert.ok(elements.length > 10);
  assert.equal(elements.at(-1).candidates[0].finishReason, 'STOP');
  const failed = JSON.parse(await (await ask(model('text-60', '@error-event-after=5@slow:tps=40').name, `?key=${env.key}`)).text());
  assert.ok(failed.at(-1).error.code >= 400);
});

await run();
