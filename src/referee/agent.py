"""The referee's hand in the real kernel: one process, one thread of clients, one of servers, sockets in every namespace.

Reads one JSON request a line, answers one JSON line each. Watches frames (AF_PACKET, every device, both directions),
conntrack events and nf_tables traces (one netlink socket a namespace); sends flows; serves.
"""
import ctypes, errno, json, os, selectors, socket, struct, subprocess, sys, threading, time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SOL_PACKET, PACKET_AUXDATA = 263, 8
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
NETLINK_NETFILTER = 12
CT, NFT = 1, 10
PREFIX = ""
handles = {}


def enter(ns):
    if ns not in handles:
        handles[ns] = os.open("/run/netns/" + PREFIX + ns, os.O_RDONLY)
    if libc.setns(handles[ns], CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns " + ns)


def offload(ns, dev):
    """A card between machines finishes checksums: so must the veth that stands for it (ETHTOOL_STXCSUM off)."""
    import array, fcntl
    enter(ns)
    value = array.array("B", struct.pack("II", 0x17, 0))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(s, 0x8946, struct.pack("16sP", dev.encode(), value.buffer_info()[0]))
    s.close()


# --- servers -------------------------------------------------------------------------------------------------------
selector = selectors.DefaultSelector()
wake_r, wake_w = os.pipe()
os.set_blocking(wake_r, False)
selector.register(wake_r, selectors.EVENT_READ, ("wake", None))
pending = []


def serve_loop():
    while True:
        for key, _ in selector.select():
            what, kind = key.data
            if what == "wake":
                try:
                    os.read(wake_r, 4096)
                except BlockingIOError:
                    pass
                while pending:
                    selector.register(*pending.pop())
                continue
            s = key.fileobj
            try:
                if what == "listen":
                    c, _ = s.accept()
                    selector.register(c, selectors.EVENT_READ, ("conn", kind))
                elif what == "udp":
                    data, peer = s.recvfrom(65536)
                    s.sendto(b"r" + data[1:], peer)
                else:
                    data = s.recv(65536)
                    if data and kind != "reset":
                        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        s.sendall(b"r" + data[1:])
                        continue
                    if data:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    selector.unregister(s)
                    s.close()
            except OSError:
                if what == "conn":
                    selector.unregister(s)
                    s.close()


def serve(r):
    enter(r["ns"])
    tcp = r["protocol"] == "tcp"
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((r.get("address", "0.0.0.0"), r["port"]))
    if tcp:
        s.listen(64)
    pending.append((s, selectors.EVENT_READ, ("listen" if tcp else "udp", r["kind"])))
    os.write(wake_w, b"x")


# --- watching ------------------------------------------------------------------------------------------------------
watched = {}


def watch(names):
    for ns in names:
        enter(ns)
        p = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        p.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        p.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        p.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        p.setblocking(False)
        n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        n.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        n.bind((0, 0x107))
        n.setblocking(False)
        watched[ns] = (p, n, {i: name for i, name in socket.if_nameindex()})


def attributes(data):
    at, out = 0, []
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            break
        out.append((kind & 0x3FFF, data[at + 4:at + length]))
        at += (length + 3) & ~3
    return out


def tuple_of(data):
    t = {}
    for kind, value in attributes(data):
        for k, v in attributes(value):
            if kind == 1 and k in (1, 2):
                t["src" if k == 1 else "dst"] = socket.inet_ntoa(v)
            elif kind == 2:
                t[{1: "protocol", 2: "sport", 3: "dport", 4: "id", 5: "type", 6: "code"}.get(k, "x")] = int.from_bytes(v, "big")
    return t


def conntrack_of(data):
    e = {"mark": 0, "zone": 0}
    for kind, value in attributes(data):
        if kind == 1:
            e["original"] = tuple_of(value)
        elif kind == 2:
            e["reply"] = tuple_of(value)
        elif kind == 3:
            e["status"] = int.from_bytes(value, "big")
        elif kind == 4:
            for k, v in attributes(value):
                for kk, vv in attributes(v):
                    if k == 1 and kk == 1:
                        e["state"] = vv[0]
        elif kind == 7:
            e["timeout"] = int.from_bytes(value, "big")
        elif kind == 8:
            e["mark"] = int.from_bytes(value, "big")
    return e


def text(v):
    return v.rstrip(b"\0").decode()


def trace_of(data):
    t = {}
    for kind, v in attributes(data):
        if kind == 1: t["table"] = text(v)
        elif kind == 2: t["chain"] = text(v)
        elif kind == 3: t["handle"] = int.from_bytes(v, "big")
        elif kind == 4: t["type"] = int.from_bytes(v, "big")
        elif kind == 5:
            for k, vv in attributes(v):
                if k == 1: t["verdict"] = struct.unpack(">i", vv)[0]
                elif k == 2: t["to"] = text(vv)
        elif kind == 6: t["id"] = int.from_bytes(v, "big")
        elif kind == 8: t["network"] = v.hex()
        elif kind == 9: t["transport"] = v.hex()
        elif kind == 10: t["iif"] = int.from_bytes(v, "big")
        elif kind == 12: t["oif"] = int.from_bytes(v, "big")
        elif kind == 14: t["mark"] = int.from_bytes(v, "big")
        elif kind == 16: t["policy"] = int.from_bytes(v, "big")
    return t


def messages(data):
    at = 0
    while at + 16 <= len(data):
        length, kind, flags, _, _ = struct.unpack_from("=IHHII", data, at)
        if length < 16:
            return
        yield kind, flags, data[at + 16:at + length]
        at += (length + 3) & ~3


def drain():
    out = {}
    for ns, (p, n, names) in watched.items():
        frames, events = [], []
        while True:
            try:
                data, anc, _, addr = p.recvmsg(65536, 256)
            except BlockingIOError:
                break
            stamp, partial = 0, False
            for level, kind, value in anc:
                if level == SOL_PACKET and kind == PACKET_AUXDATA:
                    partial = bool(struct.unpack_from("=I", value)[0] & 8)
                elif level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    sec, nsec = struct.unpack_from("=qq", value)
                    stamp = sec * 1000000000 + nsec
            if addr[1] in (0x0800, 0x0806):
                frames.append({"dev": addr[0], "out": addr[2] == 4, "t": stamp, "partial": partial, "data": data.hex()})
        while True:
            try:
                data = n.recv(1 << 18)
            except BlockingIOError:
                break
            except OSError as e:
                events.append({"lost": e.strerror})
                continue
            for kind, flags, body in messages(data):
                system, op = kind >> 8, kind & 255
                if system == CT and op in (0, 2):
                    e = conntrack_of(body[4:])
                    e["event"] = "DESTROY" if op == 2 else "NEW" if flags & 0x600 else "UPDATE"
                    events.append({"ct": e})
                elif system == NFT and op == 17:
                    events.append({"trace": trace_of(body[4:])})
        out[ns] = {"frames": frames, "events": events}
    return out


# Who asks for whom, and when it began: an ARP request that nobody answered yet. Three requests a second apart, then an error.
asking = {}
# Seconds, and what the timer wheel adds.
ARP_GIVES_UP = 3.15


def note_arp(ns, frame):
    b = bytes.fromhex(frame["data"])
    if b[12:14] != b"\x08\x06" or len(b) < 42:
        return
    op, sender, target = b[21], b[28:32], b[38:42]
    if op == 1 and b[:6] == b"\xff" * 6 and sender != target:
        asking.setdefault((ns, sender, target), frame["t"] / 1e9)
    elif op == 2:
        asking.pop((ns, target, sender), None)


def quiet(ms):
    """Until no socket had anything new for a while, and no ARP request waits for its answer: what a flow leads to is seen with it."""
    result = {ns: {"frames": [], "events": []} for ns in watched}
    last = time.monotonic()
    end = last + 8
    while time.monotonic() < end:
        now = time.monotonic()
        for key in [k for k, since in asking.items() if time.time() - since > ARP_GIVES_UP]:
            del asking[key]
        if now - last >= ms / 1000 and not asking:
            break
        time.sleep(0.02)
        for ns, more in drain().items():
            if more["frames"] or more["events"]:
                result[ns]["frames"] += more["frames"]
                result[ns]["events"] += more["events"]
                for frame in more["frames"]:
                    note_arp(ns, frame)
                last = time.monotonic()
    return result


def trust(ns, settings):
    enter(ns)
    for dev in os.listdir("/proc/sys/net/ipv4/neigh"):
        for key, value in settings.items():
            with open("/proc/sys/net/ipv4/neigh/%s/%s" % (dev, key), "w") as f:
                f.write(value)


def neighbours(ns):
    """Learned and lasting ones: device, address, link address, state."""
    r = subprocess.run(["ip", "-n", PREFIX + ns, "-4", "-j", "neigh"], capture_output=True, timeout=30, check=True)
    return [[n["dev"], n["dst"], n.get("lladdr", ""), n["state"][0]] for n in json.loads(r.stdout or b"[]")]


def dump(ns, kind, body):
    enter(ns)
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    s.send(struct.pack("=IHHII", 16 + len(body), kind, 0x301, 1, 0) + body)
    while True:
        for k, _, b in messages(s.recv(1 << 18)):
            if k in (2, 3):
                s.close()
                return
            yield b


def table(ns):
    return [conntrack_of(b[4:]) for b in dump(ns, CT << 8 | 1, struct.pack("=BBH", 2, 0, 0))]


def rules(ns):
    out = []
    for b in dump(ns, NFT << 8 | 7, struct.pack("=BBH", 2, 0, 0)):
        r = dict((k, v) for k, v in attributes(b[4:]) if k in (1, 2, 3))
        out.append([text(r[1]), text(r[2]), int.from_bytes(r[3], "big")])
    return out


# --- clients -------------------------------------------------------------------------------------------------------
held = []


def name_of(e):
    if isinstance(e, (TimeoutError, socket.timeout)) or e.errno in (errno.ETIMEDOUT, errno.EAGAIN):
        return "timeout"
    return errno.errorcode.get(e.errno, str(e))


def payload(a):
    return (a["tag"] + "." * a["size"])[:max(a["size"], len(a["tag"]))].encode()


def tcp(a):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s.settimeout(a["timeout"] / 1000)
    try:
        s.bind(("0.0.0.0", a["sport"]))
        s.connect((a["dst"], a["dport"]))
        s.sendall(payload(a))
        data = s.recv(65536)
        if a.get("end") == "reset":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if a.get("end") == "hold":
            held.append(s)
        else:
            s.close()
        return "reply" if data else "eof"
    except OSError as e:
        s.close()
        return name_of(e)


def udp(a):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(a["timeout"] / 1000)
    try:
        s.setsockopt(socket.IPPROTO_IP, 10, 2 if a["df"] else 0)
        s.bind(("0.0.0.0", a["sport"]))
        s.connect((a["dst"], a["dport"]))
        s.send(payload(a))
        return "reply" if s.recv(65536) else "empty"
    except OSError as e:
        return name_of(e)
    finally:
        s.close()


def checksum(b):
    n = sum(struct.unpack("!%dH" % (len(b) // 2), b[:len(b) & ~1])) + ((b[-1] << 8) if len(b) & 1 else 0)
    while n >> 16:
        n = (n & 0xFFFF) + (n >> 16)
    return ~n & 0xFFFF


def ping(a):
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    try:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, a["ttl"])
        s.setsockopt(socket.IPPROTO_IP, 10, 2 if a["df"] else 0)
        body = payload(a)
        head = struct.pack("!BBHHH", 8, 0, 0, a["id"], 1)
        s.sendto(struct.pack("!BBHHH", 8, 0, checksum(head + body), a["id"], 1) + body, (a["dst"], 0))
        end = time.monotonic() + a["timeout"] / 1000
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return "timeout"
            s.settimeout(left)
            data, peer = s.recvfrom(65536)
            at = (data[0] & 15) * 4
            kind, code, _, ident = struct.unpack_from("!BBHH", data, at)
            if kind == 0 and ident == a["id"]:
                return "reply from %s ttl %d" % (peer[0], data[8])
            if kind in (3, 11) and data[at + 8 + 9] == 1 and struct.unpack_from("!H", data, at + 8 + 20 + 4)[0] == a["id"]:
                return "icmp %d/%d from %s" % (kind, code, peer[0])
    except OSError as e:
        return name_of(e)
    finally:
        s.close()


KINDS = {"tcp": tcp, "udp": udp, "ping": ping}


def act(actions):
    """What each client saw, and when each began (the last: when what was held was let go)."""
    out, starts, zero = [], [], time.monotonic()
    for a in actions:
        enter(a["ns"])
        starts.append((time.monotonic() - zero) * 1000)
        out.append(KINDS[a["kind"]](a))
        time.sleep(0.01)
    starts.append((time.monotonic() - zero) * 1000)
    while held:
        held.pop(0).close()
        time.sleep(0.01)
    return out, starts


def handle(r):
    global PREFIX
    op = r["op"]
    if op == "prefix": PREFIX = r["prefix"]
    elif op == "serve": serve(r)
    elif op == "watch": watch(r["namespaces"])
    elif op == "devices": return {ns: {str(i): n for i, n in names.items()} for ns, (_, _, names) in watched.items()}
    elif op == "rules": return rules(r["ns"])
    elif op == "table": return table(r["ns"])
    elif op == "neighbours": return neighbours(r["ns"])
    elif op == "trust": trust(r["ns"], r["settings"])
    elif op == "quiet": return quiet(r["ms"])
    elif op == "flow":
        drain()
        zero = time.monotonic()
        results, starts = act(r["actions"])
        seen = quiet(r["ms"])
        return {"results": results, "starts": starts, "seen": seen, "took": (time.monotonic() - zero) * 1000}
    elif op == "card": offload(r["ns"], r["dev"])
    return None


threading.Thread(target=serve_loop, daemon=True).start()
for line in sys.stdin:
    try:
        reply = {"ok": handle(json.loads(line))}
    except Exception as e:
        reply = {"error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(reply), flush=True)
