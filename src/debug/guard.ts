/** Who may ask: requests whose `Host` no web site could have made the browser send. */

/** The name in a Host header or URL, without its port; IPv6 in brackets. */
export function hostName(host: string): string {
  const [, bracketed, plain] = /^(?:(\[[^\]]*\])|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase().replace(/\.$/, '');
}

const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;
const IPV6 = /^\[?[\da-f.]*:[\da-f:.]*\]?$/;

/**
 * Whether a request with this `Host` header is answered. DNS rebinding needs a name whose address its owner changes, so
 * addresses are fine, and so are `localhost` and the names that are allowed.
 */
export function isAllowedHost(
  host: string | null | undefined,
  allowed: ReadonlySet<string>,
): boolean {
  if (host === null || host === undefined) return false;
  const name = hostName(host);
  if (name === 'localhost' || name.endsWith('.localhost') || allowed.has(name)) return true;
  return IPV4.test(name) || (name.startsWith('[') && IPV6.test(name));
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase();
  if (name === 'localhost' || name === '::1' || name === '[::1]') return true;
  return IPV4.test(name) && name.startsWith('127.');
}
