/**
 * Read first: podman-ps(1), podman-exec(1), podman-inspect(1).
 * Models: podman 4.9: ps, exec, inspect, port, network ls. Not modelled: everything that makes or ends containers; Go templates beyond paths.
 */
import type { Program } from '../../../engine/sim/process.ts';
import type { Command, Context } from '../../host.ts';
import { catching, Exit, print } from '../kit.ts';
import type { ContainerEngine, EngineContainer, PublishedPort } from './engine.ts';
import { humanDuration } from './human-duration.ts';

const SHORT_ID = 12;

const fail = (text: string, code = 125): Exit => new Exit(code, `Error: ${text}\n`);

/** Columns are as wide as their widest cell and two blanks. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
  return rows.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd((widths[i] ?? 0) + 2))).join('')}\n`).join('');
}

const published = (p: PublishedPort): string => `${p.hostIp}:${p.hostPort}->${p.containerPort}/${p.protocol}`;

function find(engine: ContainerEngine, word: string): EngineContainer {
  const found = engine.containers.find((c) => c.name === word || (word !== '' && c.id.startsWith(word)));
  if (found === undefined) throw fail(`no container with name or ID "${word}" found: no such container`);
  return found;
}

interface Parsed {
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
}

/** Letters of `valued` take a value; `stop`: options end at the first operand (exec). */
function parse(words: readonly string[], command: string, spec: { readonly flags: string; readonly valued: string; readonly long: Readonly<Record<string, string>>; readonly stop?: boolean }): Parsed {
  const flags = new Map<string, readonly string[]>();
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      if (spec.stop === true) {
        rest.push(...words.slice(i + 1));
        break;
      }
      continue;
    }
    const [, long, , given] = /^--([a-z-]+)(=(.*))?$/.exec(word) ?? [];
    const letters = long === undefined ? word.slice(1) : (spec.long[long] ?? '');
    if (long !== undefined && letters === '') throw fail(`unknown flag: --${long}\nSee 'podman ${command} --help'`);
    for (const [at, letter] of [...letters].entries()) {
      if (spec.valued.includes(letter)) {
        const glued = long === undefined ? letters.slice(at + 1) : given;
        const value = glued === undefined || (long === undefined && glued === '') ? words[++i] : glued;
        if (value === undefined) throw fail(`flag needs an argument: '${letter}' in ${word}\nSee 'podman ${command} --help'`);
        flags.set(letter, [...(flags.get(letter) ?? []), value]);
        break;
      }
      if (!spec.flags.includes(letter)) throw fail(`unknown shorthand flag: '${letter}' in ${word}\nSee 'podman ${command} --help'`);
      flags.set(letter, []);
    }
  }
  return { flags, rest };
}

function ps(engine: ContainerEngine, context: Context, words: readonly string[]): number {
  const { flags } = parse(words, 'ps', { flags: 'aq', valued: 'F', long: { all: 'a', quiet: 'q', format: 'F' } });
  if (flags.has('F')) throw fail('ps --format is not modelled in this lab');
  if (flags.has('q')) {
    print(context, engine.containers.map((c) => `${c.id.slice(0, SHORT_ID)}\n`).join(''));
    return 0;
  }
  const now = context.kernel.clock.wallMillis();
  const rows = engine.containers.map((c) => {
    const age = humanDuration((now - c.createdMillis) / 1000);
    return [c.id.slice(0, SHORT_ID), c.image, '', `${age} ago`, `Up ${age}`, c.ports.map(published).join(', '), c.name];
  });
  print(context, table([['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'], ...rows]));
  return 0;
}

function* exec(engine: ContainerEngine, context: Context, words: readonly string[]): Program {
  const { flags, rest } = parse(words, 'exec', { flags: 'it', valued: 'uwe', stop: true, long: { interactive: 'i', tty: 't', user: 'u', workdir: 'w', env: 'e' } });
  const [name, ...command] = rest;
  if (name === undefined) throw fail('exec requires the name or ID of a container or the --latest flag');
  const { host, env } = find(engine, name);
  if (command.length === 0) throw fail('must provide a non-empty command to start an exec session: invalid argument');
  const [program = ''] = command;
  if (host.command(program) === undefined) {
    throw fail(`crun: executable file \`${program}\` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found`, 127);
  }
  const given = (flags.get('e') ?? []).map((pair): [string, string] => [pair.replace(/=.*/s, ''), pair.includes('=') ? pair.replace(/^[^=]*=/, '') : (context.env.get(pair) ?? '')]);
  return yield* context.exec(command, {
    host, kernel: host.kernel, user: flags.get('u')?.at(-1) ?? 'root', cwd: flags.get('w')?.at(-1) ?? '/', tty: flags.has('t') && context.tty,
    env: new Map([...host.env, ...Object.entries(env), ...given]), stdout: context.stdout, stderr: context.stderr,
    stdin: flags.has('i') ? context.stdin : { read: () => 'eof', readable: context.stdin.readable },
  });
}

function details(c: EngineContainer, { network }: ContainerEngine): Readonly<Record<string, unknown>> {
  const ports: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const p of c.ports) (ports[`${p.containerPort}/${p.protocol}`] ??= []).push({ HostIp: p.hostIp, HostPort: String(p.hostPort) });
  return {
    Id: c.id, Created: new Date(c.createdMillis).toISOString(), State: { Status: 'running', Running: true }, ImageName: c.image, Name: c.name,
    NetworkSettings: {
      Gateway: '', IPAddress: '', IPPrefixLen: 0, MacAddress: '', Ports: ports,
      Networks: { [network.name]: { Gateway: network.gateway, IPAddress: c.ip, IPPrefixLen: network.prefixLength, MacAddress: c.mac, NetworkID: network.name, Aliases: [c.id.slice(0, SHORT_ID), c.name] } },
    },
    Config: { Hostname: c.name, Labels: c.labels, Env: Object.entries(c.env).map(([k, v]) => `${k}=${v}`) },
  };
}

/** A path of a Go template: `{{.State.Status}}`. */
function atPath(object: unknown, path: string): string {
  let value: unknown = object;
  for (const key of path.split('.').filter((k) => k !== '')) {
    if (typeof value !== 'object' || value === null || !(key in value)) throw fail(`template: inspect:1: can't evaluate field ${key}`);
    value = Reflect.get(value, key);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function inspect(engine: ContainerEngine, context: Context, words: readonly string[]): number {
  const { flags, rest } = parse(words, 'inspect', { flags: '', valued: 'ft', long: { format: 'f', type: 't' } });
  if (rest.length === 0) throw fail('no containers, images, pods, volumes or networks specified');
  const found = rest.map((name) => details(find(engine, name), engine));
  const format = flags.get('f')?.at(-1);
  if (format === undefined) {
    print(context, `${JSON.stringify(found, undefined, 5)}\n`);
    return 0;
  }
  for (const one of found) {
    const text = format.replaceAll(/\{\{\s*(\.[\w.]*)\s*\}\}/g, (_, path: string) => atPath(one, path));
    if (text.includes('{{')) throw fail(`${format}: templates beyond paths are not modelled in this lab`);
    print(context, `${text}\n`);
  }
  return 0;
}

function port(engine: ContainerEngine, context: Context, [name]: readonly string[]): number {
  if (name === undefined) throw fail('you must supply a running container name or id');
  print(context, find(engine, name).ports.map((p) => `${p.containerPort}/${p.protocol} -> ${p.hostIp}:${p.hostPort}\n`).join(''));
  return 0;
}

function network(engine: ContainerEngine, context: Context, [verb, name]: readonly string[]): number {
  const { network: own } = engine;
  if (verb === 'ls') print(context, table([['NETWORK ID', 'NAME', 'DRIVER'], [own.id.slice(0, SHORT_ID), own.name, 'bridge']]));
  else if (verb === 'inspect') {
    if (name !== own.name) throw fail(`network ${name ?? ''}: unable to find network with name or ID ${name ?? ''}: network not found`);
    const shown = { name: own.name, id: own.id, driver: 'bridge', network_interface: own.device, subnets: [{ subnet: own.subnet, gateway: own.gateway }], ipv6_enabled: false, internal: false, dns_enabled: true, ipam_options: { driver: 'host-local' } };
    print(context, `${JSON.stringify([shown], undefined, 5)}\n`);
  } else throw fail(`podman network ${verb ?? ''} is not modelled in this lab`);
  return 0;
}

function* run(engine: ContainerEngine, context: Context): Program {
  const [verb, ...rest] = context.args.slice(1).filter((w, i) => !(i === 0 && w === 'container'));
  switch (verb) {
    case 'ps': return ps(engine, context, rest);
    case 'exec': return yield* exec(engine, context, rest);
    case 'inspect': return inspect(engine, context, rest);
    case 'port': return port(engine, context, rest);
    case 'network': return network(engine, context, rest);
    case undefined: throw fail("missing command 'podman COMMAND'");
    default: throw fail(`podman ${verb} is not modelled in this lab`);
  }
}

export const podman = (engine: ContainerEngine): Command => ({
  name: 'podman', models: 'podman 4.9: ps, exec, inspect, port, network ls and inspect', notModelled: 'making, starting, stopping and removing containers; images; Go templates beyond paths',
  complete: (_host, words) => (words.length <= 2 ? ['ps', 'exec', 'inspect', 'port', 'network'] : engine.containers.map((c) => c.name)),
  *run(context) {
    return yield* catching(context, run(engine, context));
  },
});
