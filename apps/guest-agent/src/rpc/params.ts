/** Reads the parameters of a call, each by its name, or says what is wrong with one. */
import { checkFields, isRecord, type JsonRecord } from '../http/json-body.ts';
import { INVALID_PARAMS, rpcFailure, type RpcError } from './rpc-error.ts';

/** Thrown by the readers below and caught by the dispatcher: calls have many parameters. */
export class BadParams extends Error {}

export const badParams = (message: string): never => {
  throw new BadParams(message);
};

export const paramsError = (error: BadParams): { readonly ok: false; readonly error: RpcError } =>
  rpcFailure(INVALID_PARAMS, error.message);

/** By name only: positions would have to be remembered by everybody. */
export const paramsOf = (params: unknown, known: readonly string[]): JsonRecord => {
  const record = params === undefined ? {} : params;
  if (!isRecord(record)) return badParams('params must be an object');
  const unknown = known.length === 0 ? Object.keys(record).length > 0 : checkFields(record, known);
  if (unknown === true) badParams('this method takes no parameters');
  return typeof unknown === 'string' ? badParams(unknown) : record;
};

export const textParam = (params: JsonRecord, name: string): string => {
  const value = params[name];
  return typeof value === 'string' ? value : badParams(`${name} must be a text`);
};

export const optionalText = (params: JsonRecord, name: string): string | undefined =>
  params[name] === undefined ? undefined : textParam(params, name);

export const flagParam = (params: JsonRecord, name: string, byDefault: boolean): boolean => {
  const value = params[name] ?? byDefault;
  return typeof value === 'boolean' ? value : badParams(`${name} must be true or false`);
};

export const secondsParam = (params: JsonRecord, name: string, max: number): number => {
  const value = params[name] ?? 0;
  return typeof value === 'number' && value >= 0 && value <= max
    ? value
    : badParams(`${name} must be a number from 0 to ${max}`);
};

export const encodingParam = (params: JsonRecord): 'utf8' | 'base64' => {
  const encoding = params['encoding'] ?? 'utf8';
  return encoding === 'utf8' || encoding === 'base64'
    ? encoding
    : badParams('encoding must be utf8 or base64');
};
