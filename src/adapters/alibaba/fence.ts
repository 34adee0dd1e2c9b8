// What the worker must never do: a drill leaves this machine, or a rehearsal changes anything. Knows no SDK.
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import type { Call } from '../../actions/define.ts';

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

function refusal(what: string): Error {
  return Object.assign(new Error(`A drill talks to this machine only; refused: ${what}`), { code: 'EFENCE' });
}

/** Reads the host of `connect(options)`, `connect(port, host)` or the normalised list net makes of either; undefined for a path. */
function hostOf(args: readonly unknown[]): string | undefined {
  const [first, second] = args;
  if (Array.isArray(first)) return hostOf(first);
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { readonly host?: string; readonly path?: string };
    return typeof path === 'string' ? undefined : (host ?? 'localhost');
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) return undefined;
  return typeof second === 'string' ? second : 'localhost';
}

/** Replaces what opens sockets and asks name servers in this thread; it can not be undone. Call before any SDK is loaded. */
export function fence(): void {
  const connect = Reflect.get(net.Socket.prototype, 'connect') as (...args: readonly unknown[]) => net.Socket;
  // Every TCP and TLS connection of Node, fetch included, passes here.
  Reflect.set(net.Socket.prototype, 'connect', function fenced(this: net.Socket, ...args: readonly unknown[]): net.Socket {
    const host = hostOf(args);
    if (host !== undefined && loopback.has(host)) return Reflect.apply(connect, this, args);
    queueMicrotask(() => this.destroy(refusal(host ?? 'a path')));
    return this;
  });

  const { lookup } = dns;
  const refuseName = (name: unknown): never => {
    throw refusal(`name lookup of ${String(name)}`);
  };
  for (const names of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype] as const) {
    for (const verb of Object.keys(Object.getOwnPropertyDescriptors(names))) {
      if (/^(lookup|resolve|reverse)/.test(verb)) Reflect.set(names, verb, refuseName);
    }
  }
  Reflect.set(dns, 'lookup', (name: string, ...rest: readonly unknown[]) => (loopback.has(name) ? Reflect.apply(lookup, dns, [name, ...rest]) : refuseName(name)));
  for (const verb of ['bind', 'connect', 'send'] as const) {
    Reflect.set(dgram.Socket.prototype, verb, () => {
      throw refusal('a datagram');
    });
  }
}

/** Why a rehearsal does not send this call, or undefined. What it says of its effect is not enough: its name has to be one of a read, too. */
export function refusedInRehearsal({ product, action, effect }: Call): string | undefined {
  if (effect === 'read' && /^(Describe|Get|List|Lookup)/.test(action)) return undefined;
  return `${product}:${action} was not sent: a rehearsal changes nothing.`;
}
