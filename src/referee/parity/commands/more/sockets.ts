/** ss and netstat: tables, families, filters. */
import { SOCKETS, group } from '../group.ts';

export const sockets = [
  ...group('nginx-deployment-7c79c4bf97-5j5bv', SOCKETS, `
    ss -t
    ss -u
    ss -6
    ss -ta
    ss -tl
    ss -tn
    ss -tna
    ss -tan
    ss -tanp
    ss -tlnp
    ss -tlno
    ss -tano
    ss -tlnO
    ss -tulpn
    ss -tuln
    ss -tunap
    ss -lntu
    ss -natu
    ss -H
    ss -Htan
    ss -ltnH
    ss -w
    ss -wan
    ss -d
    ss -S
    ss -Sa
    ss -0
    ss -f inet -tln
    ss -f inet6 -tln
    ss -f unix
    ss -f nosuch
    ss -A tcp -ln
    ss -A inet -ln
    ss -A udp -an
    ss -A nosuch
    ss -A tcp,udp -ln
    ss -4 -l -n -t
    ss -r -tl
    ss -tn state listening
    ss -tn state all
    ss -tn state connected
    ss -tan exclude listening
    ss state established
    ss -o state established
    ss -tn state big
    ss -tn state bucket
    ss -tn state synchronized
    ss -tn state fin-wait-1
    ss -tn state closed
    ss -tn state
    ss -tln sport 80
    ss -tln sport eq :80
    ss -tln sport ge :80
    ss -tln 'sport > :1024'
    ss -tln '( sport = :80 or sport = :81 )'
    ss -tln 'sport != :80'
    ss -tln src 127.0.0.1
    ss -tln src 0.0.0.0
    ss -tln src :80
    ss -tln src 10.0.0.0/8
    ss -tln dst 10.0.0.0/8
    ss -tln dport = :80
    ss -tln 'not sport = :80'
    ss -tln 'sport = :http'
    ss -tln sport = http
    ss -tln sport = 80
    ss -tln 'sport = '
    ss -tln '( sport = :80'
    ss -tln autobound
    ss -tln fwmark = 1
    ss -N nosuch
    ss -h | head -5
    ss --help | tail -3
    ss -Z
    ss -M -a
    ss --tcp --listening --numeric
    ss --tcp --listening --numeric --no-header
    ss --all --tcp
    ss --nosuchlong
    ss extra
    ss -tln extra extra
    netstat
    netstat -a
    netstat -an
    netstat -ant
    netstat -anu
    netstat -tuln
    netstat -tulpn
    netstat -plnt
    netstat -lnt
    netstat -ln
    netstat -l
    netstat -at
    netstat -t
    netstat -u
    netstat -tnl4
    netstat -4tln
    netstat -6tln
    netstat -tlno
    netstat -tlnW
    netstat -r
    netstat -nr -v
    netstat -re
    netstat -ree
    netstat -rne
    netstat -rnee
    netstat -I=lo
    netstat -I lo
    netstat -M
    netstat -w
    netstat -wan
    netstat -x
    netstat -A inet -tln
    netstat -A nosuch
    netstat --inet -tln
    netstat --tcp --listening --numeric
    netstat -h
    netstat --help | head -4
    netstat -V | head -3
    netstat nosuch
    netstat -Q
    netstat --nosuch
    netstat -F -rn
    netstat -C -rn
  `),
];
