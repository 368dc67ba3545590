/** `/files?path=`: reads and writes files below the allowed folders. */
import type { CallerOf } from '../auth/caller.ts';
import type { GuestFiles } from '../files/files.ts';
import { modeText } from '../files/list-folder.ts';
import { parseRange, type ReadBytes } from '../files/read-file.ts';
import { jsonAnswer, refuse } from '../http/answer.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { invalid, type Route } from './route.ts';

const MODE = /^0?[0-7]{3}$/u;

const bytesAnswer = ({ bytes, facts, part }: ReadBytes): HttpResponse => ({
  status: part === undefined ? 200 : 206,
  contentType: 'application/octet-stream',
  body: '',
  bytes,
  headers: {
    'Last-Modified': new Date(facts.modifiedMs).toUTCString(),
    'File-Mode': modeText(facts.mode),
    'Accept-Ranges': 'bytes',
    ...(part !== undefined && {
      'Content-Range': `bytes ${part.first}-${part.first + bytes.length - 1}/${part.total ?? '*'}`,
    }),
  },
});

const flagOf = (text: string | undefined): boolean | undefined => {
  if (text === undefined || text === 'false') return false;
  return text === 'true' ? true : undefined;
};

export const makeFilesRoute = (files: GuestFiles, callerOf: CallerOf): Route => {
  const read = ({ headers }: HttpRequest, path: string): HttpResponse => {
    const outcome = files.read(path, parseRange(headers.get('range')), callerOf(headers).subject);
    if (!outcome.ok) return refuse(outcome.refusal);
    return 'bytes' in outcome.value ? bytesAnswer(outcome.value) : jsonAnswer(outcome.value);
  };

  const write = ({ headers, query, body }: HttpRequest, path: string): HttpResponse => {
    const mode = query.get('mode')?.[0];
    if (mode !== undefined && !MODE.test(mode)) {
      return refuse(invalid('mode must be three octal digits, such as 0644'));
    }
    const makeFolders = flagOf(query.get('create_folders')?.[0]);
    if (makeFolders === undefined) return refuse(invalid('create_folders must be true or false'));
    const options = {
      mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
      makeFolders,
    };
    const outcome = files.write(path, body, options, callerOf(headers).subject);
    return outcome.ok ? jsonAnswer(outcome.value) : refuse(outcome.refusal);
  };

  return {
    path: '/files',
    methods: ['GET', 'PUT'],
    access: { scope: 'files', beforeEnrolment: 'nobody', openToLoopback: false },
    query: ['path', 'mode', 'create_folders'],
    handle: (request) => {
      const [path, ...others] = request.query.get('path') ?? [];
      if (path === undefined || others.length > 0) {
        return refuse(invalid('path is missing, or twice'));
      }
      return request.method === 'PUT' ? write(request, path) : read(request, path);
    },
  };
};
