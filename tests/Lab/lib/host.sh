# shellcheck shell=bash
# One host: its directories and configuration, and starting and killing what runs in it.

make_host_directories() {
    local root
    root=${ROOTS[$1]}
    mkdir -p -- "$root/run/sshd" "$root/var/tmp" "$root/var/log/libvirt" "$root/var/cache/libvirt" \
        "$root/var/lib/libvirt/images"
    chmod 755 "$root/run/sshd"
    chmod 1777 "$root/var/tmp"
    ln -s /run "$root/var/run"
    cp -a -- /etc "$root/etc"
    rm -rf -- "$root/etc/libvirt" "$root/etc/pki"
    mkdir -p -- "$root/etc/libvirt"
}

configure_host() {
    local host=$1
    configure_names "$host"
    configure_libvirt "$host"
    configure_sshd "$host"
    configure_ssh "$host"
    install_host_certificates "$host"
}

configure_names() {
    local etc other
    etc=${ROOTS[$1]}/etc
    rm -f -- "$etc/hosts" "$etc/nsswitch.conf" "$etc/hostname" "$etc/shadow"
    printf '%s' "${NAMES[$1]}" >"$etc/hostname"
    {
        printf '127.0.0.1 localhost\n'
        for ((other = 1; other <= HOSTS; other++)); do
            printf '%s %s\n' "${ADDRESSES[other]}" "${NAMES[other]}"
        done
    } >"$etc/hosts"
    # Without this every look-up of a name would wait for a DNS server that the host cannot reach.
    printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >"$etc/nsswitch.conf"
    # sshd refuses keys for a locked root; "*" is no password, but not locked.
    printf 'root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n' >"$etc/shadow"
    chmod 600 "$etc/shadow"
    # Who logs in finds no login scripts of this machine's root, which would cost every ssh command their time.
    mkdir -p -- "${ROOTS[$1]}/var/lib/root"
    sed -i 's|^\(root:.*\):/root:|\1:/var/lib/root:|' "$etc/passwd"
    # The user of sshd's unprivileged half, which its package makes where it is installed.
    grep -q '^sshd:' "$etc/passwd" || printf 'sshd:x:64054:65534::/run/sshd:/usr/sbin/nologin\n' >>"$etc/passwd"
    # Debian's libvirt looks this user up even when it is configured to run guests as another.
    grep -q '^libvirt-qemu:' "$etc/passwd" || printf 'libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin\n' >>"$etc/passwd"
    grep -q '^libvirt-qemu:' "$etc/group" || printf 'libvirt-qemu:x:64055:\n' >>"$etc/group"
}

configure_libvirt() {
    local etc uuid
    etc=${ROOTS[$1]}/etc/libvirt
    uuid=$(</proc/sys/kernel/random/uuid)
    cat >"$etc/libvirtd.conf" <<CONF
host_uuid = "$uuid"
listen_tcp = 1
listen_tls = 1
listen_addr = "${ADDRESSES[$1]}"
auth_tcp = "none"
auth_tls = "none"
auth_unix_ro = "none"
auth_unix_rw = "none"
log_filters = "2:qemu.qemu_migration 3:*"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
CONF
    # Everything here is root in its own namespaces: what libvirt would add on top only gets in the way. Without the
    # capability that is filtered, libvirt reads a started guest's processor by 2 QMP commands instead of 398 (a qom-get for
    # each feature), with the same result; QEMU reads its monitor a byte at a time.
    cat >"$etc/qemu.conf" <<'CONF'
user = "root"
group = "root"
swtpm_user = "root"
swtpm_group = "root"
security_driver = "none"
namespaces = [ ]
cgroup_controllers = [ ]
stdio_handler = "file"
capability_filters = [ "cpu-unavailable-features" ]
CONF
    # With the pool, libvirt makes a migrated guest's missing local disks by itself. It has a UUID of its own: a daemon that
    # is started again would give it another one, and take the pool that is active for one without a definition.
    mkdir -p -- "$etc/storage/autostart"
    uuid=$(</proc/sys/kernel/random/uuid)
    printf '<pool type="dir"><name>default</name><uuid>%s</uuid><target><path>/var/lib/libvirt/images</path></target></pool>\n' \
        "$uuid" >"$etc/storage/default.xml"
    ln -s /etc/libvirt/storage/default.xml "$etc/storage/autostart/default.xml"
}

configure_sshd() {
    local address
    address=${ADDRESSES[$1]}
    # No subsystem, no PAM: key authentication for root is all that libvirt's ssh transport needs.
    cat >"${ROOTS[$1]}/etc/ssh/sshd_config" <<CONF
ListenAddress $address:22
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile $SSH_KEY.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
MaxStartups 100
MaxSessions 100
PidFile none
# Whoever asks the host itself sees the same file systems as its libvirtd.
SetEnv LD_PRELOAD=$STORE/boot/shared.so LAB_SHARED=$SHARED
CONF
}

# A host reaches the others as hosts that exchange VMs do: by keys of its own, which no URI has to name.
configure_ssh() {
    cat >"${ROOTS[$1]}/etc/ssh/ssh_config" <<CONF
IdentityFile $SSH_KEY
GlobalKnownHostsFile $STATE/ssh/known_hosts
UserKnownHostsFile /dev/null
StrictHostKeyChecking yes
UpdateHostKeys no
CONF
}

# Starts what is dead of a host; a host that is whole stays as it is.
start_host() {
    find_init "$1" || start_init "$1"
    find_processes "$1" sshd || start_sshd "$1"
    find_libvirtd "$1" || start_libvirtd "$1"
    wait_for 20 host_answers "$1" || die "${NAMES[$1]} does not answer; see ${ROOTS[$1]}/var/log/libvirt/libvirtd.log"
}

start_init() {
    local root
    root=${ROOTS[$1]}
    rm -f -- "$root/init.pid" "$root/run/libvirtd.pid"
    # Its own session, so that Ctrl+C on the lab's terminal never reaches the hosts.
    # `ip netns exec` also gives a /sys without the machine's cgroups, which libvirtd must not touch.
    setsid ip netns exec "${NAMESPACES[$1]}" unshare --mount --uts --pid --fork --kill-child -- \
        bash "$LAB_DIR/host/init" "${NAMES[$1]}" "$root" "$STATE" "$STORE" \
        </dev/null >"$root/init.log" 2>&1 9>&- &
    wait_for 10 find_init "$1" || die "${NAMES[$1]} did not start: $(tail -n 3 -- "$root/init.log")"
}

start_sshd() { in_host "$1" "$STORE/boot/sshd" -f /etc/ssh/sshd_config 9>&- || die "sshd of ${NAMES[$1]} did not start"; }

start_libvirtd() {
    local root
    root=${ROOTS[$1]}
    in_host "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LD_PRELOAD="$STORE/boot/shared.so" LAB_SHARED="$SHARED" \
        libvirtd --daemon --listen --pid-file /run/libvirtd.pid >"$root/libvirtd.out" 2>&1 9>&- ||
        die "libvirtd of ${NAMES[$1]} did not start: $(tail -n 3 -- "$root/libvirtd.out")"
}

# libvirtd listens before its drivers are ready, so that only an answer to a call counts.
host_answers() {
    (exec 3<>"/dev/tcp/${ADDRESSES[$1]}/22") 2>/dev/null && run_virsh --connect "${URIS[$1]}" hostname >/dev/null 2>&1
}

# Prints what is dead of a host, a word each; nothing when it is whole.
host_troubles() {
    find_init "$1" || { printf 'dead'; return; }
    find_processes "$1" sshd || printf 'sshd-dead '
    find_libvirtd "$1" || { printf 'libvirtd-dead'; return; }
    host_answers "$1" || printf 'unreachable'
}

command_start() {
    [[ $# -eq 1 ]] || die "use: lab start HOST"
    require_up
    choose_host "$1"
    start_host "$CHOSEN"
}

command_kill() {
    [[ ${2:-} == libvirtd && $# -eq 2 || ${2:-} == qemu && $# -eq 3 ]] ||
        die "use: lab kill HOST libvirtd | lab kill HOST qemu NAME"
    require_up
    choose_host "$1"
    if [[ $2 == libvirtd ]]; then
        find_libvirtd "$CHOSEN" || die "libvirtd of ${NAMES[CHOSEN]} is dead already"
        PIDS=("$LIBVIRTD")
    else
        find_uuid "$3"
        find_qemus "$CHOSEN" || die "${NAMES[CHOSEN]} has no QEMU of guest '$3'"
    fi
    kill -KILL "${PIDS[@]}"
    wait_for 10 all_gone "${PIDS[@]}" || die "these processes do not end: ${PIDS[*]}"
}

all_gone() {
    local pid
    for pid; do
        [[ ! -e /proc/$pid ]] || return 1
    done
}

command_exec() {
    [[ $# -ge 2 ]] || die "use: lab exec HOST COMMAND [ARGUMENT...]"
    require_up
    choose_host "$1"
    shift
    in_host "$CHOSEN" "$@"
}
