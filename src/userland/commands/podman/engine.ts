/** What podman knows of its containers. */
import type { Host } from '../../host.ts';

export interface PublishedPort {
  /** `0.0.0.0` or `127.0.0.1`. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

export interface EngineContainer {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly host: Host;
  readonly createdMillis: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly PublishedPort[];
  readonly mac: string;
  readonly ip: string;
}

export interface EngineNetwork {
  readonly id: string;
  readonly name: string;
  readonly device: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly prefixLength: number;
}

export interface ContainerEngine {
  readonly containers: readonly EngineContainer[];
  readonly network: EngineNetwork;
}
