/**
 * What a machine was made and installed as: uname(2), os-release(5), /proc/version and /proc/cpuinfo of it and of its containers.
 * Models: Ubuntu 22.04 on a VM and on a Raspberry Pi 4, kind's node image (Debian 12) and its workstation on WSL 2.
 * Not modelled: serial numbers, flags and caches of a processor (cpuinfo is short), who built a kernel (/proc/version).
 */
export interface System {
  readonly arch: 'amd64' | 'arm64';
  /** uname -r */
  readonly release: string;
  /** uname -v */
  readonly build: string;
  readonly cpus: number;
  readonly osRelease: string;
}

/** `point`: 22.04.4 */
const ubuntu = (point: string): string => `PRETTY_NAME="Ubuntu ${point} LTS"
NAME="Ubuntu"
VERSION_ID="22.04"
VERSION="${point} LTS (Jammy Jellyfish)"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
HOME_URL="https://www.ubuntu.com/"
SUPPORT_URL="https://help.ubuntu.com/"
BUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"
PRIVACY_POLICY_URL="https://www.ubuntu.com/legal/terms-and-policies/privacy-policy"
UBUNTU_CODENAME=jammy
`;

const BOOKWORM = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
SUPPORT_URL="https://www.debian.org/support"
BUG_REPORT_URL="https://bugs.debian.org/"
`;

export const UBUNTU_VM: System = { arch: 'amd64', release: '5.15.0-107-generic', build: '#117-Ubuntu SMP Fri Apr 26 12:26:49 UTC 2024', cpus: 2, osRelease: ubuntu('22.04.4') };
export const RASPBERRY: System = { arch: 'arm64', release: '5.15.0-1014-raspi', build: '#16-Ubuntu SMP PREEMPT Thu Aug 25 09:50:55 UTC 2022', cpus: 4, osRelease: ubuntu('22.04.1') };
const WSL = { arch: 'amd64', release: '5.15.146.1-microsoft-standard-WSL2', build: '#1 SMP Thu Jan 11 04:09:03 UTC 2024', cpus: 2 } as const;
export const WSL_UBUNTU: System = { ...WSL, osRelease: ubuntu('22.04.4') };
/** A container: the workstation's kernel, an image of its own. */
export const KIND_NODE: System = { ...WSL, osRelease: BOOKWORM };

/** uname -m */
export const machineOf = (system: System): string => (system.arch === 'amd64' ? 'x86_64' : 'aarch64');

export const prettyName = (osRelease: string): string => /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? '';

export function cpuinfo({ arch, cpus }: System): string {
  const each = (text: (cpu: number) => string): string => Array.from({ length: cpus }, (_, cpu) => text(cpu)).join('');
  if (arch === 'amd64') {
    return each((cpu) => `processor\t: ${cpu}\nvendor_id\t: GenuineIntel\nphysical id\t: 0\nsiblings\t: ${cpus}\ncore id\t\t: ${cpu}\ncpu cores\t: ${cpus}\n\n`);
  }
  // arch/arm64/kernel/cpuinfo.c; a BCM2711: Cortex-A72, 54 MHz timer.
  return `${each((cpu) => `processor\t: ${cpu}\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n`)}Hardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B\n`;
}
