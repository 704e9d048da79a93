import assert from 'node:assert/strict';
import { Container } from 'inversify';
import type { OutputConfig } from '../../../src/config/schema.js';
import type { Output } from '../../../src/core/publish/output.js';
import {
  OutputFactory,
  OutputProtocol,
  OutputProtocols,
} from '../../../src/core/publish/output-protocols.js';
import { RtmpProtocol } from '../../../src/core/publish/rtmp/rtmp-protocol.js';
import { BulkheadError } from '../../../src/protocol/errors.js';

/** A protocol whose outputs say which one has made them. */
const protocolOf = (...schemes: string[]): OutputProtocol => ({
  schemes,
  create: ({ id }) => ({ id: `${id} by ${schemes[0]}` }) as Output,
});
const output = (url: string): OutputConfig => ({ id: 'main', type: 'rtmp', url });
const noStart = () => [];

describe('OutputProtocols', () => {
  const protocols = new OutputProtocols([protocolOf('rtmp', 'rtmps'), protocolOf('srt')]);

  for (const [url, made] of [
    ['rtmp://h/app/k', 'main by rtmp'],
    [' RTMPS://h/app/k', 'main by rtmp'],
    ['srt://h:9000', 'main by srt'],
  ] as const) {
    it(`finds the protocol of ${url}`, () => {
      assert.equal(protocols.create(output(url), noStart).id, made);
    });
  }

  for (const url of ['s3cret://h/app', 's3cret', '', 'rtm://s3cret']) {
    it(`names the schemes there are, and repeats nothing of "${url}"`, () => {
      assert.throws(
        () => protocols.create(output(url), noStart),
        (error) => {
          assert(error instanceof BulkheadError);
          assert.equal(error.code, 'config.invalid');
          assert.equal(error.where, 'outputs.main');
          assert.match(error.remedy ?? '', /rtmp:\/\/, rtmps:\/\/, srt:\/\//);
          assert.doesNotMatch(JSON.stringify(error.toData()), /s3cret/);
          return true;
        },
      );
    });
  }

  it('rejects two protocols for one scheme', () => {
    assert.throws(() => new OutputProtocols([protocolOf('rtmp'), protocolOf('srt', 'rtmp')]), /scheme rtmp/);
  });

  it('has every protocol that a container has', () => {
    const container = new Container({ defaultScope: 'Singleton' });
    container.bind(OutputProtocol).to(RtmpProtocol);
    container.bind(OutputProtocol).toConstantValue(protocolOf('srt'));
    container.bind(OutputProtocols).toSelf();
    container.bind(OutputFactory).toResolvedValue((all) => all.create, [OutputProtocols]);
    const create = container.get<OutputFactory>(OutputFactory);
    assert.equal(create(output('srt://h'), noStart).id, 'main by srt');
    const rtmp = create(output('rtmp://h/app/k'), noStart);
    assert.equal(rtmp.status().url, 'rtmp://h/app/***');
    rtmp.dispose();
  });
});
