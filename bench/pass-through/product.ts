import { Bulkhead } from '../../test/support/bulkhead.js';
import { freePorts } from '../../test/support/live-server.js';
import { writeConfig } from '../../test/support/small-broadcast.js';
import { tempDir } from '../../test/support/temp.js';
import type { Contender } from './contender.js';

const KEY = 'bench-ingest-key';

/** `bulkhead live` with an ingest and no plugins, as its user runs it: command, core, live server, encoder process. */
export function product(name: string, outputs: number): Contender {
  return {
    name,
    outputs,
    start: async (urls) => {
      const folder = tempDir('pass-through-product');
      const ports = await freePorts();
      const config = writeConfig(folder.path, {
        input: { type: 'ingest', key: 'env:BENCH_INGEST_KEY' },
        outputs: urls.map((url, n) => ({ id: `output-${n}`, url })),
        liveServer: ports,
      });
      const bulkhead = new Bulkhead(['live', config], { env: { BENCH_INGEST_KEY: KEY } });
      const end = () => bulkhead.end().finally(() => folder.dispose());
      try {
        await bulkhead.until('on air with the fallback', ({ state }) => state === 'live', 30_000);
      } catch (error) {
        await end();
        throw error;
      }
      return { publishUrl: `rtmp://127.0.0.1:${ports.rtmpPort}/ingest/${KEY}`, pid: bulkhead.pid, end };
    },
  };
}
