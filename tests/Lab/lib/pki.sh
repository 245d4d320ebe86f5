# shellcheck shell=bash
# The lab's own certificate authority and ssh keys, made anew at each `up`.

make_pki() {
    mkdir -p -- "$PKI" "$STATE/ssh"
    make_certificate_authority
    make_certificate client "lab client" $'tls_www_client\nencryption_key\nsigning_key'
    # The names that a libvirt client looks for under pkipath.
    mv -- "$PKI/client.pem" "$PKI/clientcert.pem"
    mv -- "$PKI/client.key" "$PKI/clientkey.pem"
    ssh-keygen -q -t ed25519 -N '' -C lab -f "$SSH_KEY"
    write_ssh_command
}

make_certificate_authority() {
    make_key ca
    printf 'cn = "VirtMigrate lab slot %s"\nca\ncert_signing_key\nexpiration_days = 30\n' "${STATE##*/}" >"$PKI/ca.cfg"
    quietly certtool --generate-self-signed --load-privkey "$PKI/ca.key" --template "$PKI/ca.cfg" --outfile "$PKI/cacert.pem"
}

# RSA, because libvirt asks for a certificate that permits key encipherment, which other keys' never do.
make_key() { quietly certtool --generate-privkey --key-type rsa --bits 2048 --outfile "$PKI/$1.key"; }

# make_certificate FILE COMMON-NAME TEMPLATE-LINES
make_certificate() {
    make_key "$1"
    printf 'cn = "%s"\nexpiration_days = 30\n%s\n' "$2" "$3" >"$PKI/$1.cfg"
    quietly certtool --generate-certificate --load-privkey "$PKI/$1.key" --template "$PKI/$1.cfg" \
        --load-ca-certificate "$PKI/cacert.pem" --load-ca-privkey "$PKI/ca.key" --outfile "$PKI/$1.pem"
}

# certtool tells its life on stderr; it matters only when it fails.
quietly() {
    local output
    output=$("$@" 2>&1) || die "$1 failed: $output"
}

make_host_certificate() {
    local name
    name=${NAMES[$1]}
    make_certificate "$name" "$name" \
        "$(printf 'ip_address = "%s"\ndns_name = "%s"\ntls_www_server\ntls_www_client\nencryption_key\nsigning_key' "${ADDRESSES[$1]}" "$name")"
}

# Puts the certificates where libvirtd, its clients and QEMU look for them by default.
install_host_certificates() {
    local name pki
    name=${NAMES[$1]}
    pki=${ROOTS[$1]}/etc/pki
    mkdir -p -- "$pki/CA" "$pki/libvirt/private" "$pki/qemu"
    cp -- "$PKI/cacert.pem" "$pki/CA/cacert.pem"
    cp -- "$PKI/$name.pem" "$pki/libvirt/servercert.pem"
    cp -- "$PKI/$name.key" "$pki/libvirt/private/serverkey.pem"
    cp -- "$PKI/clientcert.pem" "$pki/libvirt/clientcert.pem"
    cp -- "$PKI/clientkey.pem" "$pki/libvirt/private/clientkey.pem"
    cp -- "$PKI/cacert.pem" "$pki/qemu/ca-cert.pem"
    local role
    for role in server client; do
        cp -- "$PKI/$name.pem" "$pki/qemu/$role-cert.pem"
        cp -- "$PKI/$name.key" "$pki/qemu/$role-key.pem"
    done
}

make_host_ssh_key() {
    local ssh
    ssh=${ROOTS[$1]}/etc/ssh
    rm -f -- "$ssh"/ssh_host_*
    ssh-keygen -q -t ed25519 -N '' -C "${NAMES[$1]}" -f "$ssh/ssh_host_ed25519_key"
    printf '%s,%s %s\n' "${ADDRESSES[$1]}" "${NAMES[$1]}" "$(cat -- "$ssh/ssh_host_ed25519_key.pub")"
}

# ssh as libvirt's URIs call it: with the lab's key and host keys only, and nothing of the caller's own.
write_ssh_command() {
    cat >"$SSH_COMMAND" <<SSH
#!/bin/sh
exec ssh -F none -o UserKnownHostsFile=$STATE/ssh/known_hosts -o GlobalKnownHostsFile=/dev/null \\
    -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o IdentitiesOnly=yes -o IdentityAgent=none \\
    -o BatchMode=yes -o ConnectTimeout=10 -i $SSH_KEY "\$@"
SSH
    chmod +x -- "$SSH_COMMAND"
}
