import { err } from '../../base/result.ts';

/** errno names with the sentences of strerror(3) (glibc 2.36). */
export const STRERROR = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EINTR: 'Interrupted system call',
  ENXIO: 'No such device or address',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENOSPC: 'No space left on device',
  EPIPE: 'Broken pipe',
  EROFS: 'Read-only file system',
  ERANGE: 'Numerical result out of range',
  ESRCH: 'No such process',
  EDESTADDRREQ: 'Destination address required',
  EMSGSIZE: 'Message too long',
  EOPNOTSUPP: 'Operation not supported',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ECONNABORTED: 'Software caused connection abort',
  ECONNRESET: 'Connection reset by peer',
  ENOBUFS: 'No buffer space available',
  EISCONN: 'Transport endpoint is already connected',
  ENOTCONN: 'Transport endpoint is not connected',
  ETIMEDOUT: 'Connection timed out',
  ECONNREFUSED: 'Connection refused',
  EHOSTDOWN: 'Host is down',
  EHOSTUNREACH: 'No route to host',
  EALREADY: 'Operation already in progress',
  EINPROGRESS: 'Operation now in progress',
  EXDEV: 'Invalid cross-device link',
  ELOOP: 'Too many levels of symbolic links',
  ENOPROTOOPT: 'Protocol not available',
  ENONET: 'Machine is not on the network',
  EPROTO: 'Protocol error',
  EPROTONOSUPPORT: 'Protocol not supported',
} as const;

export type Errno = keyof typeof STRERROR;

/** A refused request: errno, and netlink's extended acknowledgement where the kernel sends one ("Error: …" in ip). */
export interface KernelError {
  readonly errno: Errno;
  readonly extack?: string | undefined;
}

export const refuse = (errno: Errno, extack?: string): { readonly ok: false; readonly error: KernelError } => err({ errno, extack });
