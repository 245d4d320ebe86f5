# shellcheck shell=bash
# What the lab tells of itself: shell assignments and a table.

command_env() {
    require_up
    local host prefix address
    assign LAB_HOSTS "$HOSTS"
    assign LAB_SLOT "${STATE##*/}"
    assign LAB_SHARED "$SHARED"
    assign LAB_EMULATOR "$EMULATOR"
    assign LAB_PKI "$PKI"
    assign LAB_SSH_KEY "$SSH_KEY"
    assign LAB_SSH_COMMAND "$SSH_COMMAND"
    for ((host = 1; host <= HOSTS; host++)); do
        prefix=LAB_HOST$host
        address=${ADDRESSES[host]}
        assign "${prefix}_NAME" "${NAMES[host]}"
        assign "${prefix}_ADDRESS" "$address"
        assign "${prefix}_TCP" "qemu+tcp://$address/system"
        assign "${prefix}_TLS" "qemu+tls://$address/system?pkipath=$PKI"
        assign "${prefix}_SSH" "qemu+ssh://root@$address/system?keyfile=$SSH_KEY&command=$SSH_COMMAND&no_tty=1"
        assign "${prefix}_LIBSSH2" "qemu+libssh2://root@$address/system?keyfile=$SSH_KEY&known_hosts=$STATE/ssh/known_hosts&sshauth=privkey"
        assign "${prefix}_NETNS" "${NAMESPACES[host]}"
        assign "${prefix}_LINK" "${LINKS[host]}"
        assign "${prefix}_ROOT" "${ROOTS[host]}"
        find_libvirtd "$host" || true
        assign "${prefix}_LIBVIRTD_PID" "$LIBVIRTD"
    done
}

# Exported, so that programs which the caller starts see them as well.
assign() { printf 'export %s=%q\n' "$1" "$2"; }

command_status() {
    if [[ ! -e $STATE/ready ]]; then
        say "no lab is up in slot ${STATE##*/}"
        return 1
    fi
    require_up
    local host troubles
    printf '%-6s %-12s %-14s %-8s %s\n' HOST ADDRESS NETNS GUESTS STATE
    for ((host = 1; host <= HOSTS; host++)); do
        troubles=$(host_troubles "$host")
        find_processes "$host" qemu-system-x86 || true
        printf '%-6s %-12s %-14s %-8s %s\n' "${NAMES[host]}" "${ADDRESSES[host]}" \
            "${NAMESPACES[host]}" "${#PIDS[@]}" "${troubles:-up}"
    done
}
