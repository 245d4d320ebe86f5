# shellcheck shell=bash
# What of the hosts a test must leave as it was, since every later one meets it.

# Run in a host. Each line says what it is about, so that one that is new or gone tells by itself what was left.
# shellcheck disable=SC2016 # the host's shell reads this
LOOK='
sed "s/^/name: /" /proc/sys/kernel/hostname
sed "s/^/tcp_syn_retries: /" /proc/sys/net/ipv4/tcp_syn_retries
ip -brief link | sed "s/  */ /g; s/ $//; s/^/link: /"
ip -brief -4 address | sed "s/  */ /g; s/ $//; s/^/address: /"
tc qdisc show dev eth0 | sed "s/^/limit: /"
nft list tables | sed "s/^/firewall: /"
ls -A /var/lib/libvirt/images | sed "s/^/image: /"
find /etc/hosts /etc/pki /etc/libvirt/*.conf /etc/libvirt/hooks -type f -exec sha256sum {} + 2>/dev/null | sort -k 2 | sed "s/^/file: /"
grep -v " nsfs " /proc/self/mounts | cut -d " " -f 2,3 | sed "s/^/mount: /"
'

command_state() {
    [[ $# -eq 0 ]] || die "use: lab state"
    require_up
    local host
    for ((host = 1; host <= HOSTS; host++)); do
        host_state "$host" | sed "s/^/${NAMES[host]}: /"
    done
    find "$SHARED/images" -mindepth 1 -printf 'shared image: %P\n' | sort
}

host_state() {
    find_init "$1" || { printf 'dead\n'; return; }
    libvirt_state "$1"
    in_host "$1" sh -c "$LOOK"
    local device=/sys/class/net/${LINKS[$1]}
    tc qdisc show dev "${LINKS[$1]}" | sed 's/^/limit of its cable: /'
    printf 'cable: %s %s\n' "$(<"$device/flags")" "$(<"$device/operstate")"
}

# The answer is the daemon's too, which may be dead or stopped.
libvirt_state() {
    local answer
    if answer=$(run_virsh --connect "${URIS[$1]}" 'list --all --name; net-list --all; pool-list --all; secret-list' 2>&1); then
        sed 's/  */ /g; s/^ //; s/ $//; /^$/d; s/^/virsh: /' <<<"$answer"
    else
        printf 'virsh: no answer\n'
    fi
}
