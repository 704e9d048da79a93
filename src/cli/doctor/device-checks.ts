import type { InputConfig } from '../../config/schema.js';
import { type CaptureDevice, listDevices } from '../../encoder/devices.js';
import { type Finding, ok, warning } from './finding.js';

/** What can be captured; a kind that the input asks for and that is not there is worth a warning. */
export async function checkDevices(ffmpegPath: string, input: InputConfig): Promise<Finding[]> {
  const { screens, cameras, microphones } = await listDevices(ffmpegPath);
  const listed = (subject: string, devices: readonly CaptureDevice[], isWanted: boolean): Finding => {
    if (devices.length > 0) {
      return {
        ...ok(subject, String(devices.length)),
        details: devices.map(({ id, name }) => `${id}  ${name}`),
      };
    }
    return isWanted
      ? warning(
          subject,
          'none found, and the input asks for one',
          'Connect one, and check your right to use it.',
        )
      : ok(subject, 'none found here, and the input needs none');
  };
  return [
    listed('screens', screens, input.type === 'screen'),
    listed('cameras', cameras, input.type === 'camera'),
    listed(
      'microphones',
      microphones,
      input.type === 'microphone' || ('microphone' in input && input.microphone !== undefined),
    ),
  ];
}
