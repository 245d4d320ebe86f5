# shellcheck shell=bash
# Password authentication on a host's TCP port.

command_auth() {
    [[ $# -eq 3 && $2 == tcp && $3 =~ ^(none|sasl)$ ]] || die "use: lab auth HOST tcp none|sasl"
    require_up
    ensure_installed
    local host etc
    choose_host "$1"
    host=$CHOSEN
    etc=${ROOTS[host]}/etc
    [[ $3 == none ]] || make_password "$etc"
    sed -i "s/^auth_tcp = .*/auth_tcp = \"$3\"/" "$etc/libvirt/libvirtd.conf"
    restart_libvirtd "$host"
}

make_password() {
    mkdir -p -- "$1/sasl2"
    printf 'mech_list: digest-md5\nsasldb_path: /etc/libvirt/passwd.db\n' >"$1/sasl2/libvirt.conf"
    rm -f -- "$1/libvirt/passwd.db"
    printf '%s' lab-password | saslpasswd2 -p -c -a libvirt -u "${NAMES[host]}" -f "$1/libvirt/passwd.db" lab
}

restart_libvirtd() {
    if find_libvirtd "$1"; then
        kill -TERM "$LIBVIRTD"
        wait_for 20 all_gone "$LIBVIRTD" || die "libvirtd of ${NAMES[$1]} does not end"
    fi
    start_host "$1"
}
