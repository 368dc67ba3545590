/** Takes apart what a server wrote to one connection, as an HTTP client would. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** `bodiless`: the answers are to HEAD, whose length announces a body that does not come. */
export const parseAnswers = (text: string, bodiless = false): readonly HttpAnswer[] => {
  const answers: HttpAnswer[] = [];
  let rest = Buffer.from(text, 'utf8');
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`not a whole answer: ${rest.toString('utf8')}`);
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) [\w ]+$/u.exec(statusLine)?.[1]);
    const headers = new Map(
      lines.map((line): [string, string] => {
        const [, name = '', value = ''] = /^([\w-]+): (.*)$/u.exec(line) ?? [];
        return [name.toLowerCase(), value];
      }),
    );
    const length = bodiless || status < 200 ? 0 : Number(headers.get('content-length'));
    const body = rest.subarray(end + 4, end + 4 + length);
    if (body.length < length) throw new Error('the body is shorter than its length');
    answers.push({ status, headers, body: body.toString('utf8') });
    rest = rest.subarray(end + 4 + length);
  }
  return answers;
};

export const statusesOf = (text: string): readonly number[] =>
  parseAnswers(text).map(({ status }) => status);
