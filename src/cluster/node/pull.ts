/** Images of a container: there, fetched, or not to be had. Models: pkg/kubelet/images/image_manager.go (v1.29): policies, events, back-off. */
import { millis, seconds, type Nanos } from '../../engine/sim/time.ts';
import type { Pod } from '../api/kinds.ts';
import { findImage, imageReference, type Image } from './images.ts';
import type { ContainerSlot } from './kubelet-status.ts';

const START_TIME = millis(80);
/** Megabytes a second from the registry, and what the look-up of a manifest costs. */
const PULL_RATE = 40;
const PULL_LOOKUP = 0.6;
export const BACKOFF_FIRST = 10;
export const BACKOFF_MAX = 300;

export interface PullParts {
  /** `name:tag` of what the node has. */
  readonly pulled: Set<string>;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  readonly later: (delay: Nanos, step: (pod: Pod) => void) => void;
  readonly status: () => void;
  readonly run: (pod: Pod, image: Image) => void;
  readonly again: () => void;
}

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(`^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\\d+)?)/)?${COMPONENT}(?:/${COMPONENT})*(?::\\w[\\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$`);

/** What distribution/reference 0.5 says of a name that is none. */
function badReference(image: string): string | undefined {
  if (REFERENCE.test(image)) return undefined;
  const name = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  if (!REFERENCE.test(name.toLowerCase())) return 'invalid reference format';
  return `invalid reference format: repository name (${name.includes('/') ? name : `library/${name}`}) must be lowercase`;
}

export function pull(slot: ContainerSlot, parts: PullParts): void {
  const { container } = slot;
  const { pulled, event, later, status, run } = parts;
  const malformed = badReference(container.image);
  if (malformed !== undefined) {
    const message = `Failed to apply default image tag "${container.image}": couldn't parse image name "${container.image}": ${malformed}`;
    event('Warning', 'InspectFailed', message);
    event('Warning', 'Failed', 'Error: InvalidImageName');
    slot.waiting = { reason: 'InvalidImageName', message };
    return status();
  }
  const image = findImage(container.image);
  const ref = imageReference(container.image);
  const key = `${ref.name}:${ref.tag}`;
  if (pulled.has(key) && container.imagePullPolicy !== 'Always' && image !== undefined) {
    event('Normal', 'Pulled', `Container image "${container.image}" already present on machine`);
    return later(START_TIME, (pod) => run(pod, image));
  }
  if (container.imagePullPolicy === 'Never') {
    const message = `Container image "${container.image}" is not present with pull policy of Never`;
    event('Warning', 'ErrImageNeverPull', message);
    slot.waiting = { reason: 'ErrImageNeverPull', message };
    return status();
  }
  event('Normal', 'Pulling', `Pulling image "${container.image}"`);
  if (image === undefined) return later(seconds(PULL_LOOKUP), () => refused(slot, key, parts));
  const took = pulled.has(key) ? PULL_LOOKUP : PULL_LOOKUP + image.megabytes / PULL_RATE;
  return later(seconds(took), () => {
    pulled.add(key);
    const text = goDuration(Math.round(took * 1000));
    event('Normal', 'Pulled', `Successfully pulled image "${container.image}" in ${text} (${text} including waiting)`);
    later(START_TIME, (pod) => run(pod, image));
  });
}

/** time.Duration of whole milliseconds as Go prints it: 600ms, 2.45s, 1m2.5s. */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`;
  const [minutes, rest] = [Math.floor(ms / 60_000), (ms % 60_000) / 1000];
  return `${minutes >= 60 ? `${Math.floor(minutes / 60)}h` : ''}${minutes > 0 ? `${minutes % 60}m` : ''}${Number(rest.toFixed(3))}s`;
}

function refused(slot: ContainerSlot, key: string, { event, later, status, again }: PullParts): void {
  const { image } = slot.container;
  const message = `failed to pull and unpack image "${key}": failed to resolve reference "${key}": pull access denied, repository does not exist or may require authorization (this lab has no such image)`;
  event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
  event('Warning', 'Failed', 'Error: ErrImagePull');
  slot.waiting = { reason: slot.backoff === 0 ? 'ErrImagePull' : 'ImagePullBackOff', message };
  status();
  slot.backoff = Math.min(BACKOFF_MAX, slot.backoff === 0 ? BACKOFF_FIRST : slot.backoff * 2);
  later(seconds(2), () => {
    slot.waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` };
    event('Normal', 'BackOff', `Back-off pulling image "${image}"`);
    event('Warning', 'Failed', 'Error: ImagePullBackOff');
    status();
  });
  later(seconds(slot.backoff), again);
}
