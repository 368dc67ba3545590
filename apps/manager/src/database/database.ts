/** Postgres as the other parts see it. */

export interface Statement {
  /** Prepared under this name on each connection; left out where the text varies. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** The rows come as Postgres gives them; whoever asks parses them. */
export interface Result {
  readonly rows: readonly unknown[];
  readonly rowCount: number;
}

export interface Queryable {
  query(statement: Statement): Promise<Result>;
}

export interface Database extends Queryable {
  /** Rolled back when the work throws; the error goes on to the caller. */
  transaction<Value>(work: (transaction: Queryable) => Promise<Value>): Promise<Value>;
}

/** Postgres cannot be reached, is starting, or went away during the statement. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}
