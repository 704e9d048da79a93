const SAMPLE_RATE = 48_000;
const SECONDS = 0.3;
const HZ = 880;

/** A WAV file: one channel of 16 bits. */
export function beep(): Buffer {
  const samples = Math.round(SAMPLE_RATE * SECONDS);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + 2 * samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(SAMPLE_RATE, 24);
  head.writeUInt32LE(2 * SAMPLE_RATE, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(2 * samples, 40);
  const tone = Int16Array.from({ length: samples }, (_, at) => {
    // Without a click at its end.
    const loudness = Math.min(1, at / 500, (samples - at) / 5000);
    return 12_000 * loudness * Math.sin((2 * Math.PI * HZ * at) / SAMPLE_RATE);
  });
  return Buffer.concat([head, Buffer.from(tone.buffer)]);
}
