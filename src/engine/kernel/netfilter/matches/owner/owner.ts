import { err, ok, type Result } from '../../../../../base/result.ts';
import { defineMatch, type Given } from '../../extension.ts';
import { found, parseUint } from '../../options.ts';

interface Ids {
  readonly min: number;
  readonly max: number;
  readonly invert: boolean;
}
interface OwnerOptions {
  readonly uid: Ids | undefined;
  readonly gid: Ids | undefined;
  readonly exists: boolean | undefined;
}

const USERS: Readonly<Record<string, number>> = { root: 0, daemon: 1, bin: 2, sys: 3, nobody: 65534, tty: 5 };

function parseIds(g: Given | undefined, option: string): Result<Ids | undefined, string> {
  if (g === undefined) return ok(undefined);
  const known = USERS[g.value];
  const [min, max] = known === undefined ? g.value.split('-').map((t) => parseUint(t)) : [known];
  if (min === undefined) return err(`owner: bad value for option "--${option}" near "${g.value}"`);
  return ok({ min, max: max ?? min, invert: g.invert });
}
const idText = (ids: Ids): string => (ids.min === ids.max ? `${ids.min}` : `${ids.min}-${ids.max}`);
const nameOf = (ids: Ids, numeric: boolean): string =>
  (numeric || ids.min !== ids.max ? undefined : Object.entries(USERS).find(([, id]) => id === ids.min)?.[0]) ?? idText(ids);

/** Models: xt_owner.c. Only packets with a socket have an owner. */
export const owner = defineMatch<OwnerOptions>({
  name: 'owner', models: 'net/netfilter/xt_owner.c (v6.1), libxt_owner.c 1.8.9', notModelled: '--suppl-groups; gid is the uid of the socket',
  hooks: ['OUTPUT', 'POSTROUTING'],
  options: [
    { name: 'uid-owner', argument: 'userid[-userid]', invert: true, help: 'Match local UID' },
    { name: 'gid-owner', argument: 'groupid[-groupid]', invert: true, help: 'Match local GID' },
    { name: 'socket-exists', invert: true, help: 'Match if socket exists' },
  ],
  parse(given) {
    const uid = parseIds(found(given, 'uid-owner'), 'uid-owner');
    const gid = parseIds(found(given, 'gid-owner'), 'gid-owner');
    if (!uid.ok) return uid;
    if (!gid.ok) return gid;
    const exists = found(given, 'socket-exists');
    if (given.length === 0) return err('owner: At least one of --uid-owner, --gid-owner or --socket-exists is required');
    return ok({ uid: uid.value, gid: gid.value, exists: exists === undefined ? undefined : !exists.invert });
  },
  save(o) {
    const out: string[] = [];
    if (o.exists !== undefined) out.push(`${o.exists ? '' : '! '}--socket-exists`);
    if (o.uid !== undefined) out.push(`${o.uid.invert ? '! ' : ''}--uid-owner ${idText(o.uid)}`);
    if (o.gid !== undefined) out.push(`${o.gid.invert ? '! ' : ''}--gid-owner ${idText(o.gid)}`);
    return out.join(' ');
  },
  list(o, numeric) {
    const out: string[] = [];
    if (o.exists !== undefined) out.push(`${o.exists ? '' : '! '}owner socket exists`);
    if (o.uid !== undefined) out.push(`${o.uid.invert ? '! ' : ''}owner UID match ${nameOf(o.uid, numeric)}`);
    if (o.gid !== undefined) out.push(`${o.gid.invert ? '! ' : ''}owner GID match ${nameOf(o.gid, numeric)}`);
    return out.join(' ');
  },
  nft: (o) => ({
    text: o.uid !== undefined && o.gid === undefined && o.exists === undefined ? `skuid ${o.uid.invert ? '!= ' : ''}${idText(o.uid)}` : 'xt match owner',
  }),
  compile: (o) => (c) => {
    const { socket } = c.skb;
    if (o.exists !== undefined && (socket !== undefined) !== o.exists) return false;
    if (o.uid === undefined && o.gid === undefined) return true;
    if (socket === undefined) return false;
    const id = socket.uid ?? 0;
    const holds = (ids: Ids | undefined): boolean => ids === undefined || (id >= ids.min && id <= ids.max) !== ids.invert;
    return holds(o.uid) && holds(o.gid);
  },
});
