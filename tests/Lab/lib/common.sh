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
    CACHE=${LAB_DIR%/*/*}/out/lab
    PATH="$PATH:$CACHE/tools/usr/sbin"
}

# shellcheck disable=SC2034 # as above
# Where each host is, by its number. Its own socket works whatever its ports ask for.
name_hosts() {
    local host
    HOSTS=$1
    NAMES=() ADDRESSES=() NAMESPACES=() LINKS=() ROOTS=() URIS=()
    for ((host = 1; host <= HOSTS; host++)); do
        NAMES[host]=kvm$host
        ADDRESSES[host]=$SUBNET.$host
        NAMESPACES[host]=$BRIDGE-kvm$host
        LINKS[host]=${BRIDGE}h$host
        ROOTS[host]=$STORE/kvm$host
        URIS[host]="qemu+unix:///system?socket=$STORE/kvm$host/run/libvirt/libvirt-sock"
    done
}

require_up() {
    [[ -e $STATE/ready ]] || die "no lab is up in slot ${STATE##*/}; start one with: lab up"
    local count
    read -r count <"$STATE/hosts"
    name_hosts "$count"
}

# What follows is called many times in every test, and a process costs more than anything that it does here: answers are
# left in a variable, and the shell reads files itself.

# Sets CHOSEN to the number of the host that is given as a number or as a name.
choose_host() {
    CHOSEN=${1#kvm}
    [[ $CHOSEN =~ ^[1-9][0-9]?$ && $CHOSEN -le $HOSTS ]] ||
        die "there is no host '$1'; the lab has $HOSTS: kvm1 to kvm$HOSTS"
}

# Sets INIT to the host's first process as the root namespace numbers it; ending it ends everything in the host.
find_init() {
    INIT=''
    { read -r INIT <"${ROOTS[$1]}/init.pid"; } 2>/dev/null || return 1
    [[ -n $INIT && /proc/$INIT/ns/net -ef /run/netns/${NAMESPACES[$1]} ]]
}

in_host() {
    find_init "$1" || die "host ${NAMES[$1]} is dead; start it with: lab start $1"
    shift
    nsenter --target "$INIT" --mount --uts --net --pid -- "$@"
}

# Sets PIDS to the root namespace's ids of a host's processes of that name (the kernel's 15 characters of it).
find_processes() {
    local process comm
    PIDS=()
    for process in /proc/[0-9]*; do
        [[ $process/ns/net -ef /run/netns/${NAMESPACES[$1]} ]] || continue
        { read -r comm <"$process/comm"; } 2>/dev/null || continue
        [[ $comm != "$2" ]] || PIDS+=("${process#/proc/}")
    done
    ((${#PIDS[@]} > 0))
}

# Sets LIBVIRTD. libvirtd forks helpers under its own name: the daemon is the one whose pid the host's pid file tells.
find_libvirtd() {
    local inner='' status
    LIBVIRTD=''
    # The file has no line break.
    { read -r inner <"${ROOTS[$1]}/run/libvirtd.pid"; } 2>/dev/null || [[ -n $inner ]] || return 1
    find_processes "$1" libvirtd || return 1
    for LIBVIRTD in "${PIDS[@]}"; do
        status=()
        { mapfile status <"/proc/$LIBVIRTD/status"; } 2>/dev/null
        [[ ${status[*]} != *NSpid:*$'\t'"$inner"$'\n'* ]] || return 0
    done
    LIBVIRTD=''
    return 1
}

# A stuck libvirtd must not hold the lab.
run_virsh() { timeout 30 virsh --quiet "$@" </dev/null; }

# Waits up to so many seconds for a command to succeed.
wait_for() {
    local tries=$(($1 * 20)) never
    shift
    ! "$@" || return 0
    # A pipe that nobody writes to: to wait for it is to sleep, without a process.
    exec {never}<> <(:)
    until "$@"; do
        if ((tries-- == 0)); then
            exec {never}>&-
            return 1
        fi
        read -rt 0.05 -u "$never" || true
    done
    exec {never}>&-
}
