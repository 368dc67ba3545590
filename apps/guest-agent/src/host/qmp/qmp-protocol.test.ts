import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeText } from '../../platform/node/text.ts';
import { latin1Bytes } from '../../testing/latin1-bytes.ts';
import { makeQmpConversation, parseQmpLine, type QmpAnswer } from './qmp-protocol.ts';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}\r\n';
const EVENT =
  '{"timestamp": {"seconds": 1258551470, "microseconds": 802384}, "event": "POWERDOWN"}\r\n';

const converse = () => {
  const sent: string[] = [];
  const happened: string[] = [];
  const conversation = makeQmpConversation(nodeText, {
    write: (text) => sent.push(text),
    ready: () => happened.push('ready'),
    failed: (why) => happened.push(why),
  });
  const receive = (...texts: readonly string[]): void => {
    for (const text of texts) conversation.receive(latin1Bytes(text));
  };
  return { conversation, receive, sent, happened };
};

const readyConversation = () => {
  const made = converse();
  made.receive(GREETING, '{"return": {}, "id": 1}\r\n');
  return made;
};

describe('parseQmpLine', () => {
  it.each([
    ['the greeting', GREETING, { kind: 'greeting' }],
    ['an event', EVENT, { kind: 'event' }],
    [
      'an answer',
      '{"return": [1], "id": 3}',
      { kind: 'answer', id: 3, answer: { ok: true, value: [1] } },
    ],
    [
      'an answer of null',
      '{"return": null, "id": "x"}',
      { kind: 'answer', id: 'x', answer: { ok: true, value: null } },
    ],
    [
      'an error',
      '{"id": 4, "error": {"class": "DeviceNotActive", "desc": "No balloon device"}}',
      {
        kind: 'answer',
        id: 4,
        answer: { ok: false, class: 'DeviceNotActive', message: 'No balloon device' },
      },
    ],
    [
      'an error without any fields, and without an id',
      '{"error": {}}',
      { kind: 'answer', id: undefined, answer: { ok: false, class: '', message: '' } },
    ],
    ['no JSON', 'x', { kind: 'garbage' }],
    ['no object', '[]', { kind: 'garbage' }],
    ['another object', '{"hello": 1}', { kind: 'garbage' }],
    ['a return by inheritance only', '{"__proto__": {"return": 1}}', { kind: 'garbage' }],
  ])('reads %s', (_, text, message) => {
    expect(parseQmpLine(text)).toEqual(message);
  });
});

describe('makeQmpConversation', () => {
  it('negotiates when it is greeted, and is ready then', () => {
    const { conversation, receive, sent, happened } = converse();
    expect(conversation.isGreeted()).toBe(false);
    receive(GREETING);
    expect(conversation.isGreeted()).toBe(true);
    expect(conversation.isReady()).toBe(false);
    expect(sent).toEqual(['{"execute":"qmp_capabilities","id":1}\n']);
    receive(EVENT, '{"return": {}, "id": 1}\r\n');
    expect(conversation.isReady()).toBe(true);
    expect(happened).toEqual(['ready']);
  });

  it('asks several questions at once, and gives the answers in their order', () => {
    const { conversation, receive, sent } = readyConversation();
    const rounds: (readonly QmpAnswer[])[] = [];
    conversation.ask(['a', 'b'], (answers) => rounds.push(answers));
    expect(sent.slice(1)).toEqual(['{"execute":"a","id":2}\n{"execute":"b","id":3}\n']);
    receive('{"error": {"class": "C", "desc": "D"}, "id": 3}\r\n', EVENT);
    expect(rounds).toEqual([]);
    receive('{"return": 2, "id": 2}\r\n');
    expect(rounds).toEqual([
      [
        { ok: true, value: 2 },
        { ok: false, class: 'C', message: 'D' },
      ],
    ]);
  });

  it('takes no answer that it did not ask for, and none twice', () => {
    const { conversation, receive } = readyConversation();
    const rounds: (readonly QmpAnswer[])[] = [];
    conversation.ask(['a', 'b'], (answers) => rounds.push(answers));
    receive(
      '{"return": 9, "id": 1}\n{"return": 9, "id": "2"}\n{"return": 9}\n{"return": 2, "id": 2}\n',
    );
    receive('{"return": 9, "id": 2}\n{"return": 9, "id": 4}\n', '{"return": 3, "id": 3}\n');
    receive('{"return": 9, "id": 3}\n');
    expect(rounds).toEqual([
      [
        { ok: true, value: 2 },
        { ok: true, value: 3 },
      ],
    ]);
    expect(conversation.ignoredLines()).toBe(6);
  });

  it.each([
    ['does not greet', 'SSH-2.0-OpenSSH_9.2\r\n', 'the first line is no greeting'],
    ['sends no newline', 'x'.repeat(1024 * 1024 + 1), 'the first line is no greeting'],
    [
      'refuses',
      `${GREETING}{"error": {"class": "CommandNotFound", "desc": "no"}, "id": 1}\r\n`,
      'qmp_capabilities: no',
    ],
  ])('gives up a server that %s, and hears nothing more of it', (_, text, why) => {
    const { receive, happened, sent } = converse();
    receive(text);
    expect(happened).toEqual([why]);
    const before = sent.length;
    receive('\n', GREETING, '{"return": {}, "id": 1}\r\n');
    expect(happened).toEqual([why]);
    expect(sent).toHaveLength(before);
  });

  it('goes on after garbage and a second greeting once it is ready', () => {
    const { conversation, receive, happened } = readyConversation();
    receive('garbage\n', GREETING, 'x'.repeat(2 * 1024 * 1024), '\n');
    const rounds: (readonly QmpAnswer[])[] = [];
    conversation.ask(['a'], (answers) => rounds.push(answers));
    receive('{"return": 1, "id": 2}\n');
    expect(rounds).toHaveLength(1);
    expect(happened).toEqual(['ready']);
    expect(conversation.ignoredLines()).toBe(3);
  });

  it.each([
    ['garbage', 'x\n', 64, 'more than 64 unknown lines'],
    ['unknown objects', '{"x":1}\n', 64, 'more than 64 unknown lines'],
    ['answers to nobody', '{"return":1}\n', 64, 'more than 64 unknown lines'],
    ['events', EVENT, 1000, 'more than 1000 events without being asked'],
  ])('ends with a flood of %s, counted from one round to the next', (_, line, most, why) => {
    const { conversation, receive, happened } = readyConversation();
    receive(line.repeat(most));
    conversation.ask(['a'], () => undefined);
    receive(line.repeat(most));
    expect(happened).toEqual(['ready']);
    receive(line.repeat(1_000_000 / line.length));
    expect(happened).toEqual(['ready', why]);
    const ignored = conversation.ignoredLines();
    expect(ignored).toBe(line === EVENT ? 0 : 2 * most + 1);
    receive(line);
    expect(conversation.ignoredLines()).toBe(ignored);
  });

  it('gives each round its own answers, whatever comes between them and however it is cut', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom(EVENT, GREETING, 'garbage\n', '{"return": "wrong"}\n', '\r\n', '[]\n'),
        // Ids of answers long past, of none, and of other types.
        fc
          .constantFrom('0', '1', '-1', '"2"', 'null', '{}', '1e9', '2.5')
          .map((id) => `{"return": "wrong", "id": ${id}}\n`),
      ),
      { maxLength: 4 },
    );
    const rounds = fc.array(
      fc.array(fc.record({ fails: fc.boolean(), noise }), { minLength: 1, maxLength: 4 }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(
        rounds,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (list, sizes) => {
          const { conversation, receive } = readyConversation();
          let turn = 0;
          const receiveInPieces = (text: string): void => {
            for (let start = 0; start < text.length;) {
              const size = sizes[turn % sizes.length] ?? 1;
              turn += 1;
              receive(text.slice(start, start + size));
              start += size;
            }
          };
          let id = 1;
          for (const questions of list) {
            let got: readonly QmpAnswer[] | undefined;
            const expected: QmpAnswer[] = [];
            const messages: string[] = [];
            for (const { fails, noise: between } of questions) {
              id += 1;
              messages.push(...between);
              const error = { class: 'GenericError', desc: `e${id}` };
              messages.push(
                `${JSON.stringify(fails ? { id, error } : { return: { v: id }, id })}\r\n`,
              );
              expected.push(
                fails
                  ? { ok: false, class: error.class, message: error.desc }
                  : { ok: true, value: { v: id } },
              );
            }
            conversation.ask(
              questions.map(() => 'query'),
              (answers) => {
                got = answers;
              },
            );
            receiveInPieces(messages.join(''));
            expect(got).toEqual(expected);
          }
        },
      ),
    );
  });

  it('throws for no bytes at all', () => {
    const bytes = fc.array(
      fc.oneof(fc.uint8Array(), fc.constantFrom(GREETING, '\n', '{"return"').map(latin1Bytes)),
    );
    fc.assert(
      fc.property(bytes, (chunks) => {
        const { conversation } = converse();
        for (const chunk of chunks) conversation.receive(chunk);
        expect(conversation.isReady()).toBe(false);
      }),
    );
  });
});
