/**
 * Samples that wait to be written: columns in typed arrays, in chunks that are made and given back
 * as rows come and go. Rows are numbered from the first one that ever came. When it is full, the
 * oldest row makes room for the newest and is counted, unless it was being written just then and
 * the write succeeds.
 */
import { FIELD_COUNT } from './sample-row.ts';
import { makeBatch, type SampleBatch } from './sample-batch.ts';

const CHUNK_ROWS = 1024;
/** Key, moment, origin and the values. */
export const ROW_BYTES = 4 + 8 + 1 + 4 * FIELD_COUNT;

interface Chunk {
  readonly keys: Int32Array;
  readonly moments: Float64Array;
  readonly origins: Uint8Array;
  /** Row by row; NaN stands for unknown, and only in here and in batches. */
  readonly values: Float32Array;
}

const makeChunk = (): Chunk => ({
  keys: new Int32Array(CHUNK_ROWS),
  moments: new Float64Array(CHUNK_ROWS),
  origins: new Uint8Array(CHUNK_ROWS),
  values: new Float32Array(CHUNK_ROWS * FIELD_COUNT),
});

export class ColumnBuffer {
  readonly capacity: number;
  private readonly chunks: Chunk[] = [];
  private spare: Chunk | undefined;
  /** Of the oldest row that is still here, and of the next that comes. */
  private first = 0;
  private next = 0;
  private takenUntil: number | undefined;
  private lostWhileTaken = 0;
  private lost = 0;

  constructor(capacityBytes: number) {
    this.capacity = Math.max(1, Math.floor(capacityBytes / ROW_BYTES));
  }

  get rows(): number {
    return this.next - this.first;
  }

  /** Rows that made room for newer ones and were not written. */
  get dropped(): number {
    return this.lost;
  }

  get oldestMoment(): number | undefined {
    if (this.rows === 0) return undefined;
    return this.chunkOf(this.first).moments[this.first % CHUNK_ROWS];
  }

  /** The values in the order of METRIC_FIELDS, NaN where one is unknown. */
  append(vmKey: number, moment: number, origin: number, values: ArrayLike<number>): void {
    if (this.rows === this.capacity) this.loseOldest();
    if (this.next % CHUNK_ROWS === 0) {
      this.chunks.push(this.spare ?? makeChunk());
      this.spare = undefined;
    }
    const chunk = this.chunkOf(this.next);
    const row = this.next % CHUNK_ROWS;
    chunk.keys[row] = vmKey;
    chunk.moments[row] = moment;
    chunk.origins[row] = origin;
    for (let field = 0; field < FIELD_COUNT; field++) {
      chunk.values[row * FIELD_COUNT + field] = values[field] ?? Number.NaN;
    }
    this.next++;
  }

  /**
   * A copy of the oldest rows whose moments are within the limits. They stay until `settle` says
   * what became of them; until then there is no other batch.
   */
  take(maxRows: number, oldest: number, newest: number): SampleBatch {
    if (this.takenUntil !== undefined) throw new Error('a batch of samples is already under way');
    const count = Math.min(maxRows, this.rows);
    this.takenUntil = this.first + count;
    const first = this.first;
    const placeOf = (index: number): number => (first + index) % CHUNK_ROWS;
    return makeBatch(count, oldest, newest, {
      keyAt: (index) => this.chunkOf(first + index).keys[placeOf(index)] ?? 0,
      momentAt: (index) => this.chunkOf(first + index).moments[placeOf(index)] ?? 0,
      originAt: (index) => this.chunkOf(first + index).origins[placeOf(index)] ?? 0,
      copyValues: (index, into, at) => {
        const { values } = this.chunkOf(first + index);
        const from = placeOf(index) * FIELD_COUNT;
        // A loop: for so few numbers, set and subarray cost more than they copy.
        for (let field = 0; field < FIELD_COUNT; field++) {
          into[at + field] = values[from + field] ?? Number.NaN;
        }
      },
    });
  }

  settle(done: boolean): void {
    if (this.takenUntil === undefined) throw new Error('no batch of samples is under way');
    if (done) this.forgetUntil(Math.max(this.first, this.takenUntil));
    else this.lost += this.lostWhileTaken;
    this.lostWhileTaken = 0;
    this.takenUntil = undefined;
  }

  private chunkOf(row: number): Chunk {
    const firstChunk = Math.floor(this.first / CHUNK_ROWS);
    const chunk = this.chunks[Math.floor(row / CHUNK_ROWS) - firstChunk];
    if (chunk === undefined) throw new Error(`row ${row} is not in the buffer`);
    return chunk;
  }

  private loseOldest(): void {
    if (this.takenUntil !== undefined && this.first < this.takenUntil) this.lostWhileTaken++;
    else this.lost++;
    this.forgetUntil(this.first + 1);
  }

  private forgetUntil(row: number): void {
    const gone = Math.floor(row / CHUNK_ROWS) - Math.floor(this.first / CHUNK_ROWS);
    const [chunk] = this.chunks.splice(0, gone);
    // One is kept, so that a buffer that is written as fast as it fills makes no garbage.
    this.spare ??= chunk;
    this.first = row;
  }
}
