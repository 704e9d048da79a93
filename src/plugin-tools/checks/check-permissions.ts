import { API_PROPOSALS } from '../../protocol/api-proposals.js';
import { scopeFor } from '../../protocol/permissions/network-scope.js';
import { PERMISSIONS, scopesOf } from '../../protocol/permissions/permissions.js';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/** Those to listen to events are checked with the events. */
type Permission = keyof typeof PERMISSIONS;

/** The API calls that each permission covers, or whole namespaces. */
const CALLS: Readonly<Record<Exclude<Permission, 'network'>, readonly string[]>> = {
  'broadcast.control': ['broadcast.start', 'broadcast.stop'],
  'broadcast.marker': ['broadcast.addMarker'],
  audio: ['audio'],
  outputs: ['outputs'],
  overlays: ['overlays'],
  recording: ['recording'],
  replay: ['replay'],
  scenes: ['scenes'],
  sources: ['sources'],
};

/** Modules that cannot connect to anything. */
const HARMLESS =
  /^(@bulkhead\/extension-api(\/.*)?|(node:)?(assert|buffer|crypto|events|fs|os|path|stream|timers|url|util|zlib)(\/.*)?)$/;

/** Node's modules and globals that access the network. */
const NETWORK = /^(node:)?(net|tls|dgram|http|https|http2|dns)(\/|$)/;

interface Use {
  readonly what: string;
  readonly file: string;
  readonly line: number;
}

/** Permissions that the code needs but the manifest does not ask for, and vice versa. */
export function checkPermissions({ plugin, source }: Subject): Finding[] {
  const calls = (paths: readonly string[]): Use[] =>
    source.apiUses
      .filter(({ path }) => paths.some((one) => path === one || path.startsWith(`${one}.`)))
      .map(({ path, ...at }) => ({ what: path, ...at }));
  const network: Use[] = [
    ...source.packages
      .filter(({ specifier }) => NETWORK.test(specifier))
      .map(({ specifier, ...at }) => ({ what: `"${specifier}"`, ...at })),
    ...source.globals.map(({ name, ...at }) => ({ what: name, ...at })),
  ];
  const needs: readonly [Permission, readonly Use[]][] = [
    ...Object.entries(CALLS).map(([name, paths]) => [name as Permission, calls(paths)] as const),
    ['network', network] as const,
  ].map(([name, uses]) => [name, uses]);
  return [
    ...needs.flatMap(([permission, uses]) => {
      const [use] = uses;
      const all = [...plugin.permissions, ...plugin.optionalPermissions];
      const asked =
        all.includes(permission) || (permission === 'network' && scopesOf(all, 'network').length > 0);
      if (use !== undefined && !asked) return [notAsked(permission, use)];
      // The permission may be needed by a package that is not bundled.
      return asked && use === undefined && permission !== 'network' ? [notUsed(permission)] : [];
    }),
    ...wholeNetwork({ plugin, source }),
    ...Object.entries(API_PROPOSALS).flatMap(([proposal, path]) => {
      const [use] = calls([path]);
      if (use === undefined || plugin.enabledApiProposals.some((name) => name === proposal)) return [];
      return [
        {
          severity: 'warning' as const,
          rule: 'permissions' as const,
          file: use.file,
          line: use.line,
          message: `${use.what} is proposed, and "${proposal}" is not in "enabledApiProposals" of package.json`,
        },
      ];
    }),
  ];
}

/** What could ask for hosts instead of the network: code that connects only to those that it names. */
function wholeNetwork({ plugin, source }: Pick<Subject, 'plugin' | 'source'>): Finding[] {
  const { packages, globalCalls, passesGlobals } = source;
  const [first] = globalCalls;
  // Packages that are not bundled may connect by themselves.
  const isAll = !passesGlobals && packages.every(({ specifier }) => HARMLESS.test(specifier));
  if (!plugin.permissions.includes('network') || first === undefined || !isAll) return [];
  const origins = globalCalls.map(({ origin }) => (origin === undefined ? undefined : hostIn(origin)));
  if (origins.includes(undefined)) return [];
  const wanted = [...new Set(origins)].map((scope) => `"network:${scope}"`).join(', ');
  return [
    {
      severity: 'warning',
      rule: 'permissions',
      file: first.file,
      line: first.line,
      message: 'package.json requests the whole "network", but the code connects only to hosts that it names',
      remedy: `Put ${wanted} in its place into "permissions".`,
    },
  ];
}

/** What a permission needs for this origin; undefined if it is none. */
function hostIn(origin: string): string | undefined {
  try {
    const { hostname, port, protocol } = new URL(origin);
    const secure = protocol === 'https:' || protocol === 'wss:';
    return scopeFor(hostname, port === '' ? (secure ? 443 : 80) : Number(port));
  } catch {
    return undefined;
  }
}

function notAsked(permission: Permission, { what, file, line }: Use): Finding {
  return {
    severity: 'warning',
    rule: 'permissions',
    file,
    line,
    message: `${what} needs the permission "${permission}", which package.json does not request`,
    remedy:
      permission === 'network'
        ? 'Add the hosts that it connects to to "permissions", such as "network:api.example.com".'
        : `Add "${permission}" to "permissions".`,
  };
}

function notUsed(permission: Permission): Finding {
  return {
    severity: 'warning',
    rule: 'permissions',
    file: 'package.json',
    message: `permissions: "${permission}" (${PERMISSIONS[permission]}) is requested, but nothing in the code needs it`,
  };
}
