# shellcheck shell=bash
# Bringing the whole lab up and down.

# One `up` or `down` a slot at a time. The lock file goes with the lab, so that its name may by now belong to
# another file than the one that was locked: then try again.
lock_slot() {
    mkdir -p -- "$RUNS"
    local tries=600
    while ((tries-- > 0)); do
        exec 9>"$STATE.lock"
        if flock --nonblock 9; then
            [[ $(stat -L -c %i /proc/self/fd/9) == "$(stat -c %i -- "$STATE.lock" 2>/dev/null)" ]] && return
        elif ((tries == 599)); then
            say "waiting for another 'lab up' or 'lab down' in slot ${STATE##*/}"
        fi
        mkdir -p -- "$RUNS"
        sleep 0.1
    done
    die "another 'lab up' or 'lab down' in slot ${STATE##*/} has not ended for a minute"
}

owner() { cat -- "$STATE/owner" 2>/dev/null || true; }

require_own_slot() {
    local owner
    owner=$(owner)
    [[ -z $owner || $owner == "$LAB_SCRIPT" ]] ||
        die "slot ${STATE##*/} belongs to $owner; use another LAB_SLOT${1:+, or $1}"
}

command_up() {
    local size=${1:-2}
    [[ $# -le 1 && $size =~ ^[1-9][0-9]?$ ]] || die "use: lab up [N], with 1 to 99 hosts"
    ensure_installed
    lock_slot
    clear_dead_lab
    require_own_slot
    if [[ -e $STATE/owner ]]; then
        already_up "$size"
        return
    fi
    trap 'abandon_up' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    bring_up "$size"
    trap - EXIT INT TERM HUP
    say "$size host(s) are up in slot ${STATE##*/} ($SUBNET.0/24)"
}

# A lab none of whose processes lives is nobody's any more: a machine or a run that was killed has left it.
clear_dead_lab() {
    is_dead || return 0
    say "removing what a dead lab of $(owner) left in slot ${STATE##*/}"
    tear_down
    lock_slot
}

is_dead() { [[ -e $STATE/owner && -z $(slot_pids) ]]; }

# Prints a slot for each that is wanted: itself, or the highest one where another's lab or network is in its way.
command_slots() {
    [[ $* =~ ^[0-9](\ [0-9])*$ ]] || die "use: lab slots SLOT..., each a digit"
    local wanted slot chosen=()
    for wanted; do
        for slot in "$wanted" {9..1}; do
            if [[ $slot == "$wanted" || " $* ${chosen[*]} " != *" $slot "* ]] && is_usable "$slot"; then
                chosen+=("$slot")
                continue 2
            fi
        done
        die "no slot is left for a lab: other checkouts' labs or networks are in all of them"
    done
    printf '%s\n' "${chosen[@]}"
}

# Whether this checkout could bring a lab up there, or has.
is_usable() (
    LAB_SLOT=$1
    choose_slot
    [[ $(owner) == "$LAB_SCRIPT" ]] || is_dead || [[ ! -e $STATE/owner && -z $(network_obstacle) ]]
)

already_up() {
    local host troubles=''
    [[ -e $STATE/ready ]] || die "slot ${STATE##*/} holds what a broken 'lab up' left; remove it with: lab down"
    require_up
    [[ $HOSTS == "$1" ]] || die "slot ${STATE##*/} is up with $HOSTS hosts, not $1; run 'lab down' first"
    for ((host = 1; host <= HOSTS; host++)); do
        troubles+=$(host_troubles "$host" | sed "s/^\(.\)/ ${NAMES[host]}: \1/")
    done
    [[ -z $troubles ]] || die "the lab is up, but not whole:$troubles; mend it with 'lab start HOST', or run 'lab down'"
    say "$1 host(s) are up already in slot ${STATE##*/} ($SUBNET.0/24)"
}

bring_up() {
    local host
    name_hosts "$1"
    require_free_network
    rm -rf -- "$STORE"
    mkdir -p -- "$STORE" "$STATE"
    printf '%s\n' "$LAB_SCRIPT" >"$STATE/owner"
    printf '%s\n' "$HOSTS" >"$STATE/hosts"
    [[ -d /run/netns ]] || : >"$STATE/made-netns"
    mkdir -p -- "$SHARED/consoles" "$SHARED/images" "$STORE/boot" "$STORE/stamps"
    # Hosts must find these wherever the checkout lies, and after a rebuild too.
    cp -- "$(command -v sshd)" "$CACHE/vmlinuz" "$CACHE/initrd" "$CACHE/shared.so" "$LAB_DIR/host/qemu-system-x86_64" "$STORE/boot"
    make_pki
    make_bridge
    local jobs=()
    for ((host = 1; host <= HOSTS; host++)); do
        make_host_network "$host"
        prepare_host "$host" &
        jobs+=($!)
    done
    wait_all "${jobs[@]}"
    cat -- "$STATE"/ssh/known_hosts.* >"$STATE/ssh/known_hosts"
    require_hosts_meet
    start_stamp
    : >"$STATE/ready"
}

prepare_host() {
    trap - EXIT
    make_host_directories "$1"
    make_host_certificate "$1"
    make_host_ssh_key "$1" >"$STATE/ssh/known_hosts.$1"
    configure_host "$1"
    start_host "$1"
}

# In a host's network namespace only so that whatever looks for the lab's processes finds it.
start_stamp() {
    setsid ip netns exec "${NAMESPACES[1]}" "$CACHE/stamp" "$SHARED/consoles" "$STORE/stamps" \
        </dev/null >/dev/null 2>&1 9>&- &
}

wait_all() {
    local job
    for job; do
        wait "$job" || die "the lab did not come up"
    done
}

# A firewall of the machine may filter bridged traffic, and migrations would fail for no visible reason.
require_hosts_meet() {
    ((HOSTS > 1)) || return 0
    in_host 1 timeout 5 bash -c "exec 3<>/dev/tcp/${ADDRESSES[2]}/16509" 2>/dev/null ||
        die "kvm1 cannot reach kvm2: does a firewall of this machine filter bridged traffic?"
}

abandon_up() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    local job jobs
    mapfile -t jobs < <(jobs -p)
    # The shell would tell of each job that is killed.
    disown -a
    for job in "${jobs[@]}"; do
        kill_tree "$job"
    done
    wait_for 5 all_gone "${jobs[@]}" || true
    [[ ! -e $STATE/owner ]] || say "removing what 'lab up' had made so far"
    tear_down
    exit "$status"
}

# A job's own children outlive it, and would go on making what is being removed. The parent is stopped first,
# so that it starts no others.
kill_tree() {
    local child children
    kill -STOP "$1" 2>/dev/null || return 0
    children=$(pgrep -P "$1") || true
    kill -KILL "$1" 2>/dev/null || true
    for child in $children; do
        kill_tree "$child"
    done
}

command_down() {
    [[ $# -eq 0 || $# -eq 1 && $1 == --force ]] || die "use: lab down [--force]"
    if [[ ! -e $STATE && ! -e $STORE && ! -e $STATE.lock ]]; then
        say "nothing is up in slot ${STATE##*/}"
        return
    fi
    lock_slot
    [[ ${1:-} == --force ]] || require_own_slot "'lab down --force'"
    if [[ -e $STATE || -e $STORE ]]; then
        tear_down
        say "slot ${STATE##*/} is down"
    else
        remove_lock
        say "nothing is up in slot ${STATE##*/}"
    fi
}

# The state goes last: as long as anything is left, a second `down` finds it.
tear_down() {
    local made_netns=''
    [[ ! -e $STATE/made-netns ]] || made_netns=yes
    if [[ -e $STATE/owner ]]; then
        kill_all
        remove_network
    fi
    [[ -z $made_netns ]] || remove_netns_directory
    # A killed process may close its last file a moment later.
    wait_for 5 rm -rf -- "$STORE" 2>/dev/null || die "cannot remove $STORE"
    rm -rf -- "$STATE"
    rmdir -- "$STORES" 2>/dev/null || true
    remove_lock
}

remove_lock() {
    rm -f -- "$STATE.lock"
    exec 9>&-
    rmdir -- "$RUNS" 2>/dev/null || true
}

# Everything that the lab runs is in one of its network namespaces, so that nothing can be missed.
kill_all() {
    local tries=100
    while kill_once; do
        ((tries-- > 0)) || die "processes of the lab do not end: $(slot_pids | tr '\n' ' ')"
        sleep 0.05
    done
}

kill_once() {
    local pids
    pids=$(slot_pids)
    [[ -n $pids ]] || return 1
    # shellcheck disable=SC2086 # one word a process
    kill -KILL $pids 2>/dev/null || true
}

slot_pids() {
    local name
    for name in $(slot_netns); do
        ip netns pids "$name" 2>/dev/null || true
    done
}

# `ip netns add` made the directory and mounted it on itself; with the last namespace gone it may go as well.
remove_netns_directory() {
    [[ -d /run/netns && -z $(ls -A /run/netns) ]] || return 0
    umount /run/netns 2>/dev/null || true
    rmdir /run/netns 2>/dev/null || true
}
