import { err, ok, done, type Result } from '../../base/result.ts';
import type { Errno } from '../../engine/uapi/errno.ts';
import { utf8 } from '../../engine/wire/bytes.ts';
import type { FileStatus, FileSystem } from '../host.ts';

type Node =
  | { readonly kind: 'directory'; readonly children: Map<string, Node>; mode: number; mtime: number }
  | { readonly kind: 'file'; text: string; mode: number; mtime: number }
  | { readonly kind: 'computed'; readonly read: () => string; readonly write: ((text: string) => Result<undefined, Errno>) | undefined };

/** A tree that computes itself: names below a mount point. Paths are relative, '' is its root. */
export interface Mount {
  read(path: string): Result<string, Errno>;
  write(path: string, text: string): Result<undefined, Errno>;
  list(path: string): Result<readonly string[], Errno>;
  kind(path: string): 'file' | 'directory' | undefined;
}

/** A folder of another tree seen here (mount --bind). */
interface Bind {
  readonly fs: FileSystem;
  readonly dir: string;
  readonly readOnly: boolean;
}

/** mkdir(1) and open(2) under umask 022. */
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

const directory = (mtime: number): Extract<Node, { kind: 'directory' }> => ({ kind: 'directory', children: new Map(), mode: FOLDER_MODE, mtime });

/** Homes belong to their users, all else to root: who wrote a file is not recorded. */
const ownerOf = (path: string): string => /^\/home\/([^/]+)/.exec(path)?.[1] ?? 'root';

export class MemoryFileSystem implements FileSystem {
  readonly #now: () => number;
  readonly #root: Extract<Node, { kind: 'directory' }>;
  readonly #mounts = new Map<string, Mount>();
  readonly #binds = new Map<string, Bind>();

  /** `now`: the wall clock in milliseconds, for times of change. */
  constructor(files: Readonly<Record<string, string>> = {}, now: () => number = () => 0) {
    this.#now = now;
    this.#root = directory(now());
    for (const path of ['/bin', '/dev', '/etc', '/home', '/proc', '/root', '/run', '/sys', '/tmp', '/usr/bin', '/usr/sbin', '/var/log', '/var/lib']) this.mkdirs(path);
    this.provide('/dev/null', () => '', () => done);
    this.provide('/dev/zero', () => '', () => done);
    for (const [path, text] of Object.entries(files)) this.put(path, text);
  }

  /** Writes a file, making the folders above it. */
  put(path: string, text: string): void {
    this.mkdirs(path.slice(0, path.lastIndexOf('/')));
    this.write(path, text);
    if (text.startsWith('#!')) this.chmod(path, 0o755); // a script that the world brings can be run
  }

  mkdirs(path: string): void {
    let node = this.#root;
    for (const part of parts(path)) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = directory(this.#now());
        node.children.set(part, child);
      }
      if (child.kind !== 'directory') return;
      node = child;
    }
  }

  mount(path: string, mount: Mount): void {
    this.mkdirs(path);
    this.#mounts.set(path, mount);
  }

  bind(path: string, fs: FileSystem, dir: string, readOnly: boolean): void {
    this.mkdirs(path);
    this.#binds.set(path, { fs, dir, readOnly });
  }

  provide(path: string, content: () => string, write?: (text: string) => Result<undefined, Errno>): void {
    this.mkdirs(path.slice(0, path.lastIndexOf('/')));
    const at = this.#parent(path);
    if (at.ok) at.value.folder.children.set(at.value.name, { kind: 'computed', read: content, write });
  }

  read(path: string): Result<string, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.fs.read(bound.path);
    const mounted = this.#mounted(path);
    if (mounted !== undefined) return mounted.mount.read(mounted.path);
    const node = this.#find(path);
    if (!node.ok) return node;
    switch (node.value.kind) {
      case 'directory': return err('EISDIR');
      case 'file': return ok(node.value.text);
      case 'computed': return ok(node.value.read());
    }
  }

  write(path: string, text: string, mode: 'truncate' | 'append' = 'truncate'): Result<undefined, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.readOnly ? err('EROFS') : bound.fs.write(bound.path, text, mode);
    const mounted = this.#mounted(path);
    if (mounted !== undefined) {
      if (text !== '') return mounted.mount.write(mounted.path, text);
      return mounted.mount.kind(mounted.path) === 'file' ? done : err(mounted.mount.kind(mounted.path) === 'directory' ? 'EISDIR' : 'ENOENT');
    }
    const at = this.#parent(path);
    if (!at.ok) return at;
    const { folder, name } = at.value;
    const node = folder.children.get(name);
    if (node === undefined) {
      folder.children.set(name, { kind: 'file', text, mode: FILE_MODE, mtime: this.#now() });
      folder.mtime = this.#now();
      return done;
    }
    if (node.kind === 'directory') return err('EISDIR');
    if (node.kind === 'computed') return node.write === undefined ? err('EACCES') : text === '' ? done : node.write(text);
    node.text = mode === 'append' ? node.text + text : text;
    node.mtime = this.#now();
    return done;
  }

  /** A file, or an empty folder. */
  remove(path: string): Result<undefined, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.readOnly ? err('EROFS') : this.#binds.has(path) ? err('EBUSY') : bound.fs.remove(bound.path);
    if (this.#mounted(path) !== undefined) return err('EPERM');
    const at = this.#parent(path);
    if (!at.ok) return at;
    const node = at.value.folder.children.get(at.value.name);
    if (node === undefined) return err('ENOENT');
    if (node.kind === 'directory' && node.children.size > 0) return err('EBUSY');
    at.value.folder.children.delete(at.value.name);
    at.value.folder.mtime = this.#now();
    return done;
  }

  mkdir(path: string): Result<undefined, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.readOnly ? err('EROFS') : bound.fs.mkdir(bound.path);
    const at = this.#parent(path);
    if (!at.ok) return at;
    if (at.value.folder.children.has(at.value.name)) return err('EEXIST');
    at.value.folder.children.set(at.value.name, directory(this.#now()));
    at.value.folder.mtime = this.#now();
    return done;
  }

  list(path: string): Result<readonly string[], Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.fs.list(bound.path);
    const mounted = this.#mounted(path);
    if (mounted !== undefined) return mounted.mount.list(mounted.path);
    const node = this.#find(path);
    if (!node.ok) return node;
    return node.value.kind === 'directory' ? ok([...node.value.children.keys()].sort()) : err('ENOTDIR');
  }

  kind(path: string): 'file' | 'directory' | undefined {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.fs.kind(bound.path);
    const mounted = this.#mounted(path);
    if (mounted !== undefined) return mounted.mount.kind(mounted.path);
    const node = this.#find(path);
    if (!node.ok) return undefined;
    return node.value.kind === 'directory' ? 'directory' : 'file';
  }

  stat(path: string): Result<FileStatus, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.fs.stat(bound.path);
    const mounted = this.#mounted(path);
    const computed = { owner: 'root', mtimeMillis: this.#now(), links: 1 };
    if (mounted !== undefined) {
      const kind = mounted.mount.kind(mounted.path);
      return kind === undefined ? err('ENOENT') : ok({ ...computed, kind, mode: kind === 'directory' ? 0o555 : FILE_MODE, size: 0 });
    }
    const found = this.#find(path);
    if (!found.ok) return found;
    const node = found.value;
    if (node.kind === 'computed') return ok({ ...computed, kind: 'file', mode: node.write === undefined ? 0o444 : FILE_MODE, size: 0 });
    const shared = { mode: node.mode, owner: ownerOf(path), mtimeMillis: node.mtime };
    if (node.kind === 'file') return ok({ ...shared, kind: 'file', size: utf8(node.text).length, links: 1 });
    return ok({ ...shared, kind: 'directory', size: 4096, links: 2 + [...node.children.values()].filter((c) => c.kind === 'directory').length });
  }

  chmod(path: string, mode: number): Result<undefined, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.readOnly ? err('EROFS') : bound.fs.chmod(bound.path, mode);
    if (this.#mounted(path) !== undefined) return err('EPERM');
    const node = this.#find(path);
    if (!node.ok) return node;
    if (node.value.kind === 'computed') return err('EPERM');
    node.value.mode = mode;
    return done;
  }

  touch(path: string): Result<undefined, Errno> {
    const bound = this.#bound(path);
    if (bound !== undefined) return bound.readOnly ? err('EROFS') : bound.fs.touch(bound.path);
    if (this.#mounted(path) !== undefined) return done;
    const node = this.#find(path);
    if (!node.ok) return node;
    if (node.value.kind !== 'computed') node.value.mtime = this.#now();
    return done;
  }

  /** The innermost bind above a path. */
  #bound(path: string): { readonly fs: FileSystem; readonly path: string; readonly readOnly: boolean } | undefined {
    let best: string | undefined;
    for (const at of this.#binds.keys()) if ((path === at || path.startsWith(`${at}/`)) && at.length > (best?.length ?? 0)) best = at;
    const bind = best === undefined ? undefined : this.#binds.get(best);
    return best === undefined || bind === undefined ? undefined : { fs: bind.fs, path: bind.dir + path.slice(best.length), readOnly: bind.readOnly };
  }

  #mounted(path: string): { readonly mount: Mount; readonly path: string } | undefined {
    for (const [at, mount] of this.#mounts) if (path === at || path.startsWith(`${at}/`)) return { mount, path: path.slice(at.length + 1) };
    return undefined;
  }

  #find(path: string): Result<Node, Errno> {
    let node: Node = this.#root;
    for (const part of parts(path)) {
      if (node.kind !== 'directory') return err('ENOTDIR');
      const child = node.children.get(part);
      if (child === undefined) return err('ENOENT');
      node = child;
    }
    return ok(node);
  }

  #parent(path: string): Result<{ readonly folder: Extract<Node, { kind: 'directory' }>; readonly name: string }, Errno> {
    const all = parts(path);
    const name = all.pop();
    if (name === undefined) return err('EISDIR');
    const folder = this.#find(`/${all.join('/')}`);
    if (!folder.ok) return folder;
    return folder.value.kind === 'directory' ? ok({ folder: folder.value, name }) : err('ENOTDIR');
  }
}

const parts = (path: string): string[] => path.split('/').filter((p) => p !== '');
