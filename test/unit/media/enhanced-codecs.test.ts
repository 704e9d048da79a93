import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { av1Config, parseTemporalUnit } from '../../../src/media/av1.js';
import {
  hevcConfig,
  isDelimiter,
  isDisposableHevc,
  isParameterSet,
  isRandomAccess,
} from '../../../src/media/hevc.js';
import { splitByteStream, withLengths } from '../../../src/media/nal-units.js';
import { type TempDir, tempDir } from '../../support/temp.js';

/** Of a HEVCDecoderConfigurationRecord: what encoders leave open, so that two writers may differ. */
const SEGMENTATION = { from: 13, to: 16 };
const TEMPORAL_DELIMITER = Buffer.from([0x12, 0]);
/** Of an OBU with a frame and a size. */
const FRAME_HEADER = Buffer.from([0x32]);

describe("a decoder's configuration, beside the one that ffmpeg writes", function () {
  this.timeout(60_000);
  let folder: TempDir;
  before(() => {
    folder = tempDir('codecs');
  });
  after(() => folder.dispose());

  /** Encodes with ffmpeg. @returns the bytes as an encoder delivers them, and the box that ffmpeg makes of them in MP4 */
  function encoded(format: string, box: string, encoder: readonly string[], pixels = 'yuv420p') {
    const [stream, mp4] = [join(folder.path, `a.${format}`), join(folder.path, 'a.mp4')];
    const source = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30', '-frames:v', '4', '-pix_fmt', pixels];
    ffmpeg([...source, ...encoder, '-f', format, stream]);
    ffmpeg(['-f', format, '-i', stream, '-c', 'copy', mp4]);
    const file = readFileSync(mp4);
    const at = file.indexOf(box, 0, 'latin1');
    assert.ok(at > 0, `no ${box}`);
    return { bytes: readFileSync(stream), config: file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4)) };
  }

  for (const [profile, pixels] of [
    ['main', 'yuv420p'],
    ['main10', 'yuv420p10le'],
    ['main422-10', 'yuv422p10le'],
    ['main444-8', 'yuv444p'],
  ] as const) {
    it(`of HEVC, profile ${profile}`, () => {
      const encoder = ['-c:v', 'libx265', '-preset', 'ultrafast', '-profile:v', profile];
      const { bytes, config } = encoded(
        'hevc',
        'hvcC',
        [...encoder, '-x265-params', 'log-level=error'],
        pixels,
      );
      const made = hevcConfig(splitByteStream(bytes).filter(isParameterSet));
      assert.ok(made !== undefined);
      const fields = (record: Buffer) =>
        Buffer.concat([record.subarray(0, SEGMENTATION.from), record.subarray(SEGMENTATION.to, 22)]);
      assert.deepEqual(fields(made).toString('hex'), fields(config).toString('hex'));
      // The same parameter sets, in the same order.
      for (const set of splitByteStream(bytes).filter(isParameterSet)) {
        assert.ok(made.includes(set), 'a parameter set is missing');
        assert.ok(config.includes(set), 'ffmpeg has another parameter set');
      }
    });
  }

  for (const [encoder, pixels] of [
    ['libaom-av1', 'yuv420p'],
    ['libaom-av1', 'yuv420p10le'],
    ['libaom-av1', 'yuv444p'],
    ['libaom-av1', 'yuv422p'],
    ['libaom-av1', 'yuv420p12le'],
    ['libaom-av1', 'gray'],
    ['libsvtav1', 'yuv420p'],
  ] as const) {
    it(`of AV1, by ${encoder} from ${pixels}`, () => {
      const options = encoder === 'libsvtav1' ? ['-preset', '12'] : ['-usage', 'realtime', '-cpu-used', '8'];
      const { bytes, config } = encoded('obu', 'av1C', ['-c:v', encoder, ...options], pixels);
      const second = bytes.indexOf(Buffer.concat([TEMPORAL_DELIMITER, FRAME_HEADER]), 2);
      const frame = parseTemporalUnit(bytes.subarray(0, second));
      assert.ok(frame?.sequenceHeader !== undefined && frame.isKeyframe);
      assert.equal(av1Config(frame.sequenceHeader)?.toString('hex'), config.toString('hex'));
      const next = parseTemporalUnit(bytes.subarray(second));
      assert.deepEqual([next?.isKeyframe, next?.sequenceHeader], [false, undefined]);
    });
  }
});

describe('HEVC', () => {
  const unit = (type: number, ...rest: number[]) => Buffer.from([type << 1, 1, ...rest]);
  const [vps, sps, pps, idr, cra, trailing, leading] = [32, 33, 34, 19, 21, 1, 8].map((type) =>
    unit(type, 0x80),
  );

  it('knows its NAL units', () => {
    assert.deepEqual(
      [31, 32, 33, 34, 35].map((type) => isParameterSet(unit(type))),
      [false, true, true, true, false],
    );
    assert.deepEqual([isDelimiter(unit(35)), isDelimiter(unit(34))], [true, false]);
    assert.deepEqual(
      [15, 16, 19, 20, 21, 22].map((type) => isRandomAccess([unit(39), unit(type)])),
      [false, true, true, true, true, false],
    );
  });

  it('may drop a frame that no other refers to, and only such a one', () => {
    const disposable = (...units: Buffer[]) => isDisposableHevc(withLengths(units), 0);
    assert.ok(leading && trailing && idr && cra && sps);
    assert.equal(disposable(leading), true);
    assert.equal(disposable(unit(0, 0x80)), true, 'TRAIL_N');
    assert.equal(disposable(unit(39, 0x80), leading, leading), true, 'with SEI');
    assert.equal(disposable(leading, trailing), false);
    for (const other of [trailing, idr, cra, unit(9, 0x80), unit(15, 0x80)])
      assert.equal(disposable(other), false);
    assert.equal(disposable(sps), false, 'no slice');
    assert.equal(disposable(), false, 'nothing');
    assert.equal(isDisposableHevc(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x10]), 0), true, 'cut off');
  });

  it('has no configuration without all of its parameter sets, or with an SPS that cannot be read', () => {
    assert.ok(vps && sps && pps);
    for (const sets of [[], [vps, pps], [vps, sps], [sps, pps], [vps, sps, pps]])
      assert.equal(hevcConfig(sets), undefined);
  });

  it('reads any bytes without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (units) => {
        const bytes = units.map((unit) => Buffer.from(unit));
        hevcConfig(bytes);
        isRandomAccess(bytes);
        isDisposableHevc(Buffer.concat(bytes), 0);
      }),
    );
  });
});

describe('AV1', () => {
  /** An OBU with a size. */
  const obu = (type: number, ...payload: number[]) =>
    Buffer.from([(type << 3) | 2, payload.length, ...payload]);
  const sequence = obu(1, 0, 0, 0);
  const keyframe = obu(6, 0x10, 1);

  it('leaves out what FLV does not carry', () => {
    const unit = Buffer.concat([obu(2), sequence, obu(15, 1, 2), keyframe, obu(8, 3)]);
    const frame = parseTemporalUnit(unit);
    assert.equal(frame?.bytes.toString('hex'), Buffer.concat([sequence, keyframe]).toString('hex'));
    assert.deepEqual(frame?.sequenceHeader, sequence);
    assert.equal(frame?.isKeyframe, true);
  });

  it('takes for a keyframe what begins a sequence and is shown', () => {
    const isKeyframe = (...obus: Buffer[]) => parseTemporalUnit(Buffer.concat(obus))?.isKeyframe;
    assert.equal(isKeyframe(keyframe), false, 'without a sequence header');
    assert.equal(isKeyframe(sequence), false, 'without a frame');
    assert.equal(isKeyframe(sequence, obu(6, 0x00)), false, 'not shown');
    assert.equal(isKeyframe(sequence, obu(6, 0x30)), false, 'an interframe');
    assert.equal(isKeyframe(sequence, obu(6, 0x90)), false, 'one that was shown before');
    assert.equal(isKeyframe(sequence, obu(3, 0x10), obu(4, 1)), true, 'a frame header of its own');
  });

  it('reads sizes of several bytes, an extension, and a last OBU without a size', () => {
    const long = Buffer.concat([Buffer.from([0x32, 0x80, 0x01]), Buffer.alloc(128)]);
    const extended = Buffer.from([0x36, 0x08, 1, 0x10]);
    const open = Buffer.from([0x30, 0x10, 5]);
    for (const bytes of [long, extended, open])
      assert.deepEqual(parseTemporalUnit(Buffer.concat([TEMPORAL_DELIMITER, bytes]))?.bytes, bytes);
  });

  it('refuses what is cut off, and a forbidden bit', () => {
    for (const bytes of [[0x32], [0x32, 5, 1], [0x36], [0x32, 0x80], [0xb2, 0], Array(12).fill(0xff)])
      assert.equal(parseTemporalUnit(Buffer.from(bytes)), undefined, String(bytes));
  });

  it('has no configuration without a whole sequence header', () => {
    for (const bytes of [Buffer.alloc(0), keyframe, obu(1), sequence])
      assert.equal(av1Config(bytes), undefined, bytes.toString('hex'));
  });

  it('reads any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        parseTemporalUnit(Buffer.from(bytes));
        av1Config(obu(1, ...bytes));
      }),
    );
  });
});

function ffmpeg(args: readonly string[]): void {
  const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-y', ...args], {
    env: { ...process.env, SVT_LOG: '1' },
  });
  assert.equal(status, 0, stderr.toString());
}
