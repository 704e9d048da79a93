import type { ClientConfiguration } from './client-configuration.js';

const KEY_PLACE = '/{stream_key}';

/** Where the platform wants to have the stream. Its own text: both may hold the key. */
export interface PublishAddress {
  readonly url: string;
  readonly key: string;
}

/**
 * The address of a configuration, with its id in the key's query, by which the platform knows what the tracks are. What the streamer has in the key's
 * query, such as "bandwidthtest", stays.
 *
 * @param secure whether it has to be RTMPS
 * @returns undefined where there is none that can be used
 */
export function publishAddress(
  { ingest_endpoints: endpoints, meta }: ClientConfiguration,
  streamKey: string,
  secure: boolean,
): PublishAddress | undefined {
  const schemes = secure ? ['rtmps'] : ['rtmps', 'rtmp'];
  for (const scheme of schemes) {
    const endpoint = endpoints.find(
      ({ protocol, url_template: template }) =>
        protocol.toLowerCase() === scheme && template.toLowerCase().startsWith(`${scheme}://`),
    );
    if (endpoint === undefined) continue;
    const { url_template: template, authentication } = endpoint;
    const [url = ''] = template.split(KEY_PLACE, 1);
    const [, asked = ''] = parted(template.slice(url.length + KEY_PLACE.length));
    const [ownName, own] = parted(streamKey);
    const id = meta.config_id === '' ? '' : `clientConfigId=${encodeURIComponent(meta.config_id)}`;
    const query = [asked, own, id].filter((part) => part !== '').join('&');
    const name = authentication ? parted(authentication)[0] : ownName;
    return { url: parted(url)[0], key: query === '' ? name : `${name}?${query}` };
  }
  return undefined;
}

function parted(text: string): [string, string] {
  const at = text.indexOf('?');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
