/**
 * The files of the UI. Whatever is no file is a page of it, whose address only the browser knows
 * how to read; files with a hash in their name never change.
 */
import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join, resolve, sep } from 'node:path';
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { findCompressedFiles } from './compressed-files.ts';

const FOREVER = 'public, max-age=31536000, immutable';
/** Kept, but asked for each time: the next version may have another one. */
const ASK_FIRST = 'no-cache';
const PAGE = /^\/(?!v1\/|socket\.io\/|assets\/)[^.]*$/u;
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;
const INDEX = 'index.html';

const isReading = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

/** Who navigates says so. For `curl /metrics/` a page would be a wrong answer that looks right. */
const wantsPage = (request: Request): boolean =>
  isReading(request) &&
  (request.path === '/' ||
    (PAGE.test(request.path) && (request.headers.accept ?? '').includes('text/html')));

const isStatus = (error: unknown, status: number): boolean =>
  typeof error === 'object' && error !== null && 'status' in error && error.status === status;

const isAborted = (error: Error): boolean => 'code' in error && error.code === 'ECONNABORTED';

/** Undefined: the pages were not built. */
export const makePages = (folder: string): RequestHandler | undefined => {
  const root = resolve(folder);
  if (!existsSync(join(root, INDEX))) return undefined;
  const compressed = findCompressedFiles(root);
  const assets = join(root, 'assets') + sep;
  // What is sent, not what was asked for: `/assets/../index.html` is no asset.
  const cacheControlOf = (path: string): string => (path.startsWith(assets) ? FOREVER : ASK_FIRST);
  const setHeaders = (response: ServerResponse, path: string): void => {
    response.setHeader('cache-control', cacheControlOf(path));
  };
  const files = {
    cacheControl: false,
    acceptRanges: false,
  } as const;
  /** In the best form that the browser reads. */
  const send = (file: string, request: Request, response: Response, next: NextFunction): void => {
    const accepts = (encoding: string): boolean => request.acceptsEncodings(encoding) === encoding;
    const form = compressed.choose(file, accepts);
    if (compressed.has(file)) response.vary('accept-encoding');
    const headers = {
      'cache-control': cacheControlOf(join(root, file)),
      ...(form === undefined
        ? {}
        : { 'content-type': form.type, 'content-encoding': form.encoding }),
    };
    response.sendFile(form?.file ?? file, { ...files, root, headers }, (error: unknown) => {
      if (!(error instanceof Error) || response.headersSent || isAborted(error)) return;
      // Other pages have been built meanwhile.
      next(isStatus(error, NOT_FOUND) ? undefined : error);
    });
  };
  const pages = express.Router();
  pages.use((request, response, next) => {
    const file = request.path.slice(1);
    if (isReading(request) && compressed.has(file)) send(file, request, response, next);
    else next();
  });
  pages.use(express.static(root, { ...files, index: false, redirect: false, setHeaders }));
  pages.use((request, response, next) => {
    if (wantsPage(request)) send(INDEX, request, response, next);
    else next();
  });
  // Of four parameters, as express wants it. A question that cannot be met is no fault of ours.
  pages.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (!response.headersSent) response.removeHeader('content-encoding');
    if (response.headersSent || !isStatus(error, PRECONDITION_FAILED)) next(error);
    else response.status(PRECONDITION_FAILED).end();
  });
  return pages;
};
