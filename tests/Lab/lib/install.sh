# shellcheck shell=bash
# What the lab needs of the machine: programs, and in out/lab the guest's kernel, initial RAM disk and helpers.

# A program or file, and Debian's package of it.
readonly NEEDS='
qemu-system-x86_64 qemu-system-x86
qemu-img qemu-utils
libvirtd libvirt-daemon
/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so libvirt-daemon-driver-qemu
virsh libvirt-clients
swtpm swtpm
swtpm_setup swtpm-tools
/usr/share/OVMF/OVMF_CODE_4M.fd ovmf
certtool gnutls-bin
ssh openssh-client
ip iproute2
nft nftables
/usr/bin/python3 python3
nc netcat-openbsd
gcc gcc
/usr/include/stdio.h libc6-dev
flock util-linux
hostname hostname
pgrep procps
/usr/lib/*/sasl2/libdigestmd5.so libsasl2-modules
/bin/busybox busybox-static
/usr/lib/*/libwrap.so.0 libwrap0
'
# Packages whose installation would start a service on the machine: a program of theirs is only unpacked.
readonly UNPACKED='
sshd openssh-server
saslpasswd2 sasl2-bin
'
# In the order of their dependencies.
readonly BASE_MODULES='acpi/button input/evdev'
readonly DISK_MODULES='virtio/virtio_ring virtio/virtio virtio/virtio_pci_modern_dev
    virtio/virtio_pci_legacy_dev virtio/virtio_pci block/virtio_blk'
readonly KERNEL_ARGUMENTS='console=ttyS0 quiet loglevel=1 nowatchdog no_timer_check nokaslr mitigations=off init_on_alloc=0 cryptomgr.notests'

command_install() {
    [[ $# -eq 0 ]] || die "use: lab install"
    ensure_installed
    say "ready: $CACHE (kvm: $(cat -- "$CACHE/kvm"))"
}

# Costs nothing when all is there.
ensure_installed() {
    [[ $HOSTTYPE == x86_64 ]] || die "this machine is $HOSTTYPE; the lab knows x86_64 guests only"
    if [[ -n $(missing_packages) || -n $(stale_files) ]]; then
        mkdir -p -- "$CACHE"
        (
            flock 8
            install_packages
            build_files
        ) 8>"$CACHE/.lock" 9>&-
    fi
}

missing_packages() {
    local need package
    while read -r need package; do
        [[ -z $need ]] || is_present "$need" || printf '%s ' "$package"
    done <<<"$NEEDS"
    unpacked_missing
}

unpacked_missing() {
    local need package
    while read -r need package; do
        [[ -z $need ]] || is_present "$need" || [[ -x $CACHE/tools/usr/sbin/$need ]] || printf '%s ' "$package"
    done <<<"$UNPACKED"
}

is_present() {
    case $1 in
        /*) compgen -G "$1" >/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

install_packages() {
    local missing package packages=()
    missing=$(missing_packages)
    [[ -n $missing ]] || return 0
    command -v apt-get >/dev/null ||
        die "this system is not Debian's; the lab needs what Debian's packages hold, and misses: $missing"
    for package in $missing; do
        case " $(unpacked_missing)" in
            *" $package "*) unpack_package "$package" "$CACHE/tools" ;;
            *) packages+=("$package") ;;
        esac
    done
    [[ ${#packages[@]} -gt 0 ]] || return 0
    say "installing ${packages[*]}"
    apt_install "${packages[@]}" || { apt_update && apt_install "${packages[@]}"; } || die "apt-get could not install ${packages[*]}"
    missing=$(missing_packages)
    [[ -z $missing ]] || die "these packages are installed, but not what the lab needs of them: $missing"
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" >&2; }

apt_update() { apt-get update --quiet >&2; }

# Unpacks a package's files into a directory and installs nothing.
unpack_package() {
    local temporary
    say "fetching $1"
    temporary=$(mktemp -d)
    # apt drops its rights for a download, and must still be able to write there.
    chmod 755 "$temporary"
    ! id _apt >/dev/null 2>&1 || chown _apt "$temporary"
    (
        cd "$temporary"
        apt-get download --quiet "$1" >&2 || { apt_update && apt-get download --quiet "$1" >&2; }
    ) || { rm -rf -- "$temporary"; die "apt-get could not download $1"; }
    mkdir -p -- "$2"
    dpkg-deb -x "$temporary"/*.deb "$2"
    rm -rf -- "$temporary"
}

# Prints a word for each file that is missing or older than what it is made of.
stale_files() {
    is_fresh vmlinuz || printf 'vmlinuz '
    is_fresh guest "$LAB_DIR"/guest/*.[ch] || printf 'guest '
    is_fresh initrd "$CACHE/guest" "$LAB_DIR/guest/init" "$CACHE/vmlinuz" || printf 'initrd '
    is_fresh shared.so "$LAB_DIR/host/shared.c" || printf 'shared.so '
    is_fresh stamp "$LAB_DIR/host/stamp.c" || printf 'stamp '
    is_fresh kvm || printf 'kvm '
}

is_fresh() {
    local file=$CACHE/$1 source
    shift
    [[ -e $file ]] || return 1
    for source; do
        [[ ! $source -nt $file ]] || return 1
    done
}

build_files() {
    local file
    for file in vmlinuz guest initrd shared.so stamp kvm; do
        case " $(stale_files)" in
            *" $file "*) "build_${file%.so}" "$CACHE/$file.new" && mv -- "$CACHE/$file.new" "$CACHE/$file" ;;
        esac
    done
}

build_vmlinuz() {
    command -v apt-get >/dev/null ||
        die "the guest's kernel comes from Debian's linux-image-cloud-amd64, and this system has no apt-get"
    local package
    package=$(newest_kernel) || { apt_update && package=$(newest_kernel); } || die "apt-get knows no linux-image-cloud-amd64"
    rm -rf -- "$CACHE/kernel"
    unpack_package "$package" "$CACHE/kernel"
    cp -- "$CACHE"/kernel/boot/vmlinuz-* "$1"
    keep_modules
}

newest_kernel() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '$1 == "Depends:" { print $2; exit }' | grep .; }

keep_modules() {
    local module
    rm -rf -- "$CACHE/modules"
    mkdir -p -- "$CACHE/modules/base" "$CACHE/modules/disk"
    for module in $BASE_MODULES; do keep_module base "$module"; done
    for module in $DISK_MODULES; do keep_module disk "$module"; done
    rm -rf -- "$CACHE/kernel"
}

# The number before the name makes the guest load them in this order.
keep_module() {
    local directory=$CACHE/modules/$1
    cp -- "$CACHE"/kernel/lib/modules/*/kernel/drivers/"$2.ko" "$directory/$(find "$directory" -type f | wc -l)-${2##*/}.ko"
}

compile() { gcc -O2 -Wall -Wextra -o "$@"; }

build_guest() { compile "$1" -static "$LAB_DIR"/guest/*.c; }

build_shared() { compile "$1" -shared -fPIC "$LAB_DIR/host/shared.c"; }

build_stamp() { compile "$1" "$LAB_DIR/host/stamp.c"; }

build_initrd() {
    local root
    root=$(mktemp -d)
    mkdir -p -- "$root"/{bin,dev,proc,etc/acpi/PWRF}
    cp -- /bin/busybox "$root/bin/busybox"
    cp -- "$CACHE/guest" "$root/guest"
    install -m 755 -- "$LAB_DIR/guest/init" "$root/init"
    cp -r -- "$CACHE/modules" "$root/modules"
    # What busybox's acpid runs when the power button is pressed, as `virsh shutdown` does.
    printf '#!/bin/busybox sh\n/bin/busybox poweroff -f\n' >"$root/etc/acpi/PWRF/00000080"
    chmod +x "$root/etc/acpi/PWRF/00000080"
    (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$1"
    rm -rf -- "$root"
}

# /dev/kvm opens on machines whose processor cannot run a guest: only a guest that ticks proves it.
build_kvm() {
    local console=$1.console pid answer=no
    : >"$console"
    if [[ -w /dev/kvm ]]; then
        qemu-system-x86_64 -accel kvm -machine pc -cpu qemu64 -m 256 -display none -nodefaults -no-reboot \
            -serial "file:$console" -kernel "$CACHE/vmlinuz" -initrd "$CACHE/initrd" \
            -append "$KERNEL_ARGUMENTS lab.set=8" </dev/null >/dev/null 2>&1 8>&- &
        pid=$!
        ! wait_for 10 ticks_or_ended "$console" "$pid" || ! grep --quiet '^tick ' "$console" || answer=yes
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    rm -f -- "$console"
    printf '%s\n' "$answer" >"$1"
}

ticks_or_ended() { grep --quiet '^tick ' "$1" || ! kill -0 "$2" 2>/dev/null; }
