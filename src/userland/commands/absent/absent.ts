/** Names that are known and have nothing behind them. See README.md. */
import type { Command } from '../../host.ts';
import { fail, NOT_MODELLED } from '../kit.ts';

const absent = (name: string): Command => ({
  name, models: 'its name', notModelled: 'what it does: it says so',
  *run(context) {
    yield* [];
    return fail(context, NOT_MODELLED);
  },
});

const BOTH = ['df', 'du', 'free', 'openssl', 'python3', 'strace', 'top'];

/** Of an installed Ubuntu server 22.04 or Debian 12, and of kind's nodes, which are made like one. */
export const ABSENT_ON_MACHINES: readonly Command[] = [
  ...BOTH, 'crontab', 'dmesg', 'dpkg', 'hostnamectl', 'iptables-apply', 'journalctl', 'loginctl', 'lsblk', 'lscpu', 'lsof', 'man', 'mount', 'mtr', 'netplan', 'networkctl', 'perl',
  'resolvectl', 'rsync', 'service', 'systemctl', 'tc', 'telnet', 'timedatectl', 'ufw', 'umount',
].map(absent);

/** Of nicolaka/netshoot. */
export const ABSENT_IN_NETSHOOT: readonly Command[] = [
  ...BOTH, 'drill', 'fping', 'httpie', 'iftop', 'iperf', 'iperf3', 'ipset', 'ipvsadm', 'mtr', 'ngrep', 'nmap', 'nping', 'scapy', 'socat', 'swaks', 'tc', 'tcptraceroute', 'telnet', 'tshark', 'websocat',
].map(absent);
