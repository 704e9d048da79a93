import assert from 'node:assert/strict';
import { Container } from 'inversify';
import { VideoSchema } from '../../../src/config/encoding-schema.js';
import type { OutputConfig } from '../../../src/config/schema.js';
import { DelayRings } from '../../../src/core/publish/delay/delay-rings.js';
import type { Output } from '../../../src/core/publish/output.js';
import {
  OutputFactory,
  OutputProtocol,
  OutputProtocols,
} from '../../../src/core/publish/output-protocols.js';
import { RtmpProtocol } from '../../../src/core/publish/rtmp/rtmp-protocol.js';
import { BulkheadError } from '../../../src/protocol/errors.js';

type Type = OutputConfig['type'];

/** A protocol whose outputs say which one has made them. */
const protocolOf = (...types: Type[]): OutputProtocol => ({
  types,
  create: ({ id }, _, { ffmpeg }) => ({ id: `${id} by ${types[0]} with ${ffmpeg}` }) as Output,
});
const output = (type: Type) => ({ id: 'main', type, url: `${type}://s3cret` }) as OutputConfig;
const noStart = () => [];
const context = {
  ffmpeg: '/ffmpeg',
  video: VideoSchema.parse({}),
  encodes: { spare: 4, request: () => ({ dispose: () => {} }) },
  notify: () => {},
};

describe('OutputProtocols', () => {
  const protocols = new OutputProtocols([protocolOf('rtmp', 'hls'), protocolOf('srt')], new DelayRings());

  for (const [type, made] of [
    ['rtmp', 'main by rtmp with /ffmpeg'],
    ['hls', 'main by rtmp with /ffmpeg'],
    ['srt', 'main by srt with /ffmpeg'],
  ] as const) {
    it(`finds the protocol of ${type}`, () => {
      assert.equal(protocols.create(output(type), noStart, context).id, made);
    });
  }

  it('names the types there are, and repeats no address', () => {
    assert.throws(
      () => protocols.create(output('udp'), noStart, context),
      (error) => {
        assert(error instanceof BulkheadError);
        assert.equal(error.code, 'config.invalid');
        assert.equal(error.where, 'outputs.main');
        assert.match(error.remedy ?? '', /"rtmp", "hls", "srt"/);
        assert.doesNotMatch(JSON.stringify(error.toData()), /s3cret/);
        return true;
      },
    );
  });

  it('rejects two protocols for one type', () => {
    assert.throws(
      () => new OutputProtocols([protocolOf('rtmp'), protocolOf('srt', 'rtmp')], new DelayRings()),
      /type rtmp/,
    );
  });

  it('has every protocol that a container has', () => {
    const container = new Container({ defaultScope: 'Singleton' });
    container.bind(OutputProtocol).to(RtmpProtocol);
    container.bind(OutputProtocol).toConstantValue(protocolOf('srt'));
    container.bind(DelayRings).toConstantValue(new DelayRings());
    container.bind(OutputProtocols).toSelf();
    container.bind(OutputFactory).toResolvedValue((all) => all.create, [OutputProtocols]);
    const create = container.get<OutputFactory>(OutputFactory);
    assert.equal(create(output('srt'), noStart, context).id, 'main by srt with /ffmpeg');
    const rtmp = create({ id: 'main', type: 'rtmp', url: 'rtmp://h/app/k' }, noStart, context);
    assert.equal(rtmp.status().url, 'rtmp://h/app/***');
    rtmp.dispose();
  });
});
