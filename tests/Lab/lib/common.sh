# shellcheck shell=bash
# Names, places and small helpers that every part of the lab uses.

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
    say "$@"
    exit 1
}

# shellcheck disable=SC2034 # the other files use what this sets
# The slot decides every name that the lab takes on the machine, so that two labs cannot meet by accident.
choose_slot() {
    local slot=${LAB_SLOT:-0}
    [[ $slot =~ ^[0-9]$ ]] || die "LAB_SLOT is '$slot'; it must be a digit, 0 to 9"
    RUNS=/run/virtmigrate-lab
    STATE=$RUNS/$slot
    # Disks and sockets live apart from /run, which may be small, volatile and without direct I/O.
    STORES=/var/tmp/virtmigrate-lab
    STORE=$STORES/$slot
    SHARED=$STORE/shared
    PKI=$STATE/pki
    SSH_KEY=$STATE/ssh/id_ed25519
    SSH_COMMAND=$STORE/ssh
    EMULATOR=$STORE/boot/qemu-system-x86_64
    SUBNET=10.77.$slot
    BRIDGE=vmlab$slot
    CACHE=$(readlink -m -- "$LAB_DIR/../../out/lab")
    PATH="$PATH:$CACHE/tools/usr/sbin"
}

host_name() { printf 'kvm%s' "$1"; }
host_address() { printf '%s.%s' "$SUBNET" "$1"; }
host_netns() { printf '%s-kvm%s' "$BRIDGE" "$1"; }
host_link() { printf '%sh%s' "$BRIDGE" "$1"; }
host_root() { printf '%s/kvm%s' "$STORE" "$1"; }

host_count() { cat -- "$STATE/hosts" 2>/dev/null || printf '0'; }

require_up() {
    [[ -e $STATE/ready ]] || die "no lab is up in slot ${STATE##*/}; start one with: lab up"
}

# Prints the number of the host that is given as a number or as a name.
host_number() {
    local number=${1#kvm}
    [[ $number =~ ^[1-9][0-9]?$ && $number -le $(host_count) ]] ||
        die "there is no host '$1'; the lab has $(host_count): kvm1 to kvm$(host_count)"
    printf '%s' "$number"
}

# The host's first process as the root namespace numbers it; ending it ends everything in the host.
host_init() {
    local pid
    pid=$(cat -- "$(host_root "$1")/init.pid" 2>/dev/null) || return 1
    [[ -n $pid && $(readlink "/proc/$pid/ns/net" 2>/dev/null) == "$(netns_id "$1")" ]] || return 1
    printf '%s' "$pid"
}

netns_id() { printf 'net:[%s]' "$(stat -L -c %i -- "/run/netns/$(host_netns "$1")" 2>/dev/null)"; }

in_host() {
    local pid
    pid=$(host_init "$1") || die "host $(host_name "$1") is dead; start it with: lab start $1"
    shift
    nsenter --target "$pid" --mount --uts --net --pid -- "$@"
}

# The root namespace's process ids of a host's processes of that name (the kernel's 15 characters of it).
host_pids() {
    local pid comm
    for pid in $(ip netns pids "$(host_netns "$1")" 2>/dev/null); do
        read -r comm 2>/dev/null <"/proc/$pid/comm" || continue
        [[ $comm != "$2" ]] || printf '%s\n' "$pid"
    done
}

# libvirtd forks helpers under its own name: the daemon is the one whose pid the host's pid file tells.
libvirtd_pid() {
    local pid inner
    inner=$(cat -- "$(host_root "$1")/run/libvirtd.pid" 2>/dev/null) || return 1
    for pid in $(host_pids "$1" libvirtd); do
        if grep -qE "^NSpid:.*[[:space:]]$inner\$" "/proc/$pid/status" 2>/dev/null; then
            printf '%s' "$pid"
            return
        fi
    done
    return 1
}

sshd_pid() { host_pids "$1" sshd | head -n 1 | grep .; }

# virsh on the host's own socket: works whatever its ports ask for. A stuck libvirtd must not hold the lab.
host_virsh() {
    local pid
    pid=$(host_init "$1") || return 1
    shift
    timeout 30 nsenter --target "$pid" --mount --uts --net --pid -- virsh --quiet --connect qemu:///system "$@" </dev/null
}

# Waits up to so many seconds for a command to succeed.
wait_for() {
    local tries=$(($1 * 20))
    shift
    until "$@"; do
        ((tries-- > 0)) || return 1
        sleep 0.05
    done
}
