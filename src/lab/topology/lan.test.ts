import { describe, expect, it } from 'vitest';
import { openFromDisk } from '../../cli/scenarios.ts';
import { topologyView } from './view.ts';

describe('preset lan', () => {
  const lab = openFromDisk('warsaw-flannel-same-pod', { trace: false });
  const said = (on: string, line: string): string => {
    const { stdout, stderr, code } = lab.exec(on, line);
    return `${stdout}${stderr}${code}`;
  };

  it.each<[string, string, string, RegExp]>([
    ['machines know each other by name', 'xubulab', 'ping -c1 kpi093', /^PING kpi093 \(192\.168\.1\.40\)[^]*1 received/],
    ['the router is gateway and DNS', 'kpi092', 'ip route', /^default via 192\.168\.1\.1 dev eth0 proto dhcp src 192\.168\.1\.39 metric 100/],
    ['the router tells no search domain', 'kpi092', 'cat /run/systemd/resolve/resolv.conf', /search \.\n/],
    ['ssh goes to the nodes as their user', 'xubulab', 'ssh kpi094 whoami', /^ubuntu\n0$/],
    ['roles, architecture and taint of the server', 'xubulab', "kubectl get node kpi091 -o jsonpath='{.status.nodeInfo.architecture} {.spec.taints[0].key}={.spec.taints[0].value}:{.spec.taints[0].effect}'", /^arm64 CriticalAddonsOnly=true:NoExecute0$/],
    ['a Raspberry Pi says what it is', 'kpi091', 'uname -srm; grep ^PRETTY /etc/os-release; grep -c ^processor /proc/cpuinfo', /^Linux 5\.15\.0-1014-raspi aarch64\nPRETTY_NAME="Ubuntu 22\.04\.1 LTS"\n4\n/],
    ['and its Node says the same', 'xubulab', "kubectl get node kpi091 -o jsonpath='{.status.nodeInfo.kernelVersion} {.status.nodeInfo.osImage} {.status.nodeInfo.containerRuntimeVersion} {.status.capacity.cpu}'", /^5\.15\.0-1014-raspi Ubuntu 22\.04\.1 LTS containerd:\/\/1\.6\.6-k3s1 40$/],
    ['the management host is no Raspberry Pi', 'xubulab', 'uname -a', /^Linux xubulab 5\.15\.0-\d+-generic #\d+-Ubuntu SMP .* x86_64 x86_64 x86_64 GNU\/Linux\n0$/],
    ['its containers run on its kernel', 'xubulab', "kubectl exec $(kubectl get pods -o jsonpath='{.items[0].metadata.name}') -- uname -m", /^aarch64\n0$/],
    ['namespaces of pods are files', 'kpi093', 'ip netns list | sed "s/ .*//" | sort > /tmp/a; ls /var/run/netns > /tmp/b; grep -c cni- /tmp/b; diff /tmp/a /tmp/b', /^[1-9]\d*\n0$/],
    ['pod networks in the order of joining', 'xubulab', "kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.podCIDR},{end}'", /kpi092 10\.42\.2\.0\/24,/],
  ])('%s', (_name, on, line, expected) => {
    expect(said(on, line)).toMatch(expected);
  });

  it('wlan0 is plugged into nothing', () => {
    const devices = topologyView(lab).machines.flatMap((m) => m.namespaces.filter((n) => n.kind === 'root').flatMap((n) => n.devices));
    expect(new Set(devices.filter((d) => d.name === 'wlan0').map((d) => d.segment))).toEqual(new Set([undefined]));
    expect(new Set(devices.filter((d) => d.name === 'eth0').map((d) => d.segment))).toEqual(new Set(['lan']));
  });
});
