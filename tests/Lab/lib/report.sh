# shellcheck shell=bash
# What the lab tells of itself: shell assignments and a table.

command_env() {
    require_up
    local host prefix address
    assign LAB_HOSTS "$(host_count)"
    assign LAB_SLOT "${STATE##*/}"
    assign LAB_SHARED "$SHARED"
    assign LAB_EMULATOR "$EMULATOR"
    assign LAB_PKI "$PKI"
    assign LAB_SSH_KEY "$SSH_KEY"
    assign LAB_SSH_COMMAND "$SSH_COMMAND"
    for host in $(seq "$(host_count)"); do
        prefix=LAB_HOST$host
        address=$(host_address "$host")
        assign "${prefix}_NAME" "$(host_name "$host")"
        assign "${prefix}_ADDRESS" "$address"
        assign "${prefix}_TCP" "qemu+tcp://$address/system"
        assign "${prefix}_TLS" "qemu+tls://$address/system?pkipath=$PKI"
        assign "${prefix}_SSH" "qemu+ssh://root@$address/system?keyfile=$SSH_KEY&command=$SSH_COMMAND&no_tty=1"
        assign "${prefix}_LIBSSH2" "qemu+libssh2://root@$address/system?keyfile=$SSH_KEY&known_hosts=$STATE/ssh/known_hosts&sshauth=privkey"
        assign "${prefix}_NETNS" "$(host_netns "$host")"
        assign "${prefix}_LINK" "$(host_link "$host")"
        assign "${prefix}_ROOT" "$(host_root "$host")"
        assign "${prefix}_LIBVIRTD_PID" "$(libvirtd_pid "$host" || true)"
    done
}

# Exported, so that programs which the caller starts see them as well.
assign() { printf 'export %s=%q\n' "$1" "$2"; }

command_status() {
    if [[ ! -e $STATE/ready ]]; then
        say "no lab is up in slot ${STATE##*/}"
        return 1
    fi
    local host troubles running
    printf '%-6s %-12s %-14s %-8s %s\n' HOST ADDRESS NETNS GUESTS STATE
    for host in $(seq "$(host_count)"); do
        troubles=$(host_troubles "$host")
        running=$(host_pids "$host" qemu-system-x86 | wc -l)
        printf '%-6s %-12s %-14s %-8s %s\n' "$(host_name "$host")" "$(host_address "$host")" \
            "$(host_netns "$host")" "$running" "${troubles:-up}"
    done
}
