# shellcheck shell=bash
# Guests: defining, booting and removing them.

# A guest's UUID follows from its name: its domain, and its QEMU when libvirtd is dead, are found by it on every
# host. virsh would take a name such as "7" for an id.
guest_uuid() {
    local sum
    sum=$(printf 'virtmigrate-lab %s' "$1" | md5sum)
    printf '%s-%s-4%s-8%s-%s' "${sum:0:8}" "${sum:8:4}" "${sum:13:3}" "${sum:17:3}" "${sum:20:12}"
}

guest_console() { printf '%s/consoles/%s.log' "$SHARED" "$1"; }

# The guest's QEMU processes on a host, as the root namespace numbers them.
guest_pids() {
    local uuid pid
    uuid=$(guest_uuid "$2")
    for pid in $(host_pids "$1" qemu-system-x86); do
        ! tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep --quiet --line-regexp --fixed-strings -e "$uuid" ||
            printf '%s\n' "$pid"
    done
}

guest_domstate() { host_virsh "$1" domstate "$(guest_uuid "$2")" 2>/dev/null | grep .; }

require_guest_name() {
    [[ -n $1 && $1 != */* && $1 != *$'\n'* && $1 =~ [^[:space:]] ]] ||
        die "'$1' is no name for a guest: libvirt takes no empty one, and none with a slash or a line break"
    [[ ${#1} -le 200 ]] || die "the guest's name is longer than 200 bytes"
}

command_guest() {
    [[ $# -ge 1 ]] || die "use: lab guest NAME [OPTION...]; lab --help lists the options"
    require_up
    local name=$1
    shift
    require_guest_name "$name"
    local host=1 memory=256 vcpus=1 dirty=0 working_set='' pattern=uniform disk=none disk_format=raw
    local off='' lifetime=persistent corrupt=0
    read_guest_options "$@"
    host=$(host_number "$host")
    check_guest_options
    require_no_guest "$name"
    ensure_installed
    rm -f -- "$(guest_console "$name")" "$STORE/stamps/$name.log"
    make_disk
    define_guest
    [[ -z $off ]] || return 0
    wait_for 90 guest_ticks "$name" || die "guest '$name' was started but does not tick; see $(guest_console "$name")"
}

read_guest_options() {
    while (($# > 0)); do
        case $1 in
            --off) off=yes; shift; continue ;;
            --persistent | --transient) lifetime=${1#--}; shift; continue ;;
        esac
        [[ $# -ge 2 ]] || die "lab guest: the option '$1' is unknown or lacks its value"
        case $1 in
            --host) host=$2 ;;
            --memory) memory=$2 ;;
            --vcpus) vcpus=$2 ;;
            --dirty) dirty=$2 ;;
            --working-set) working_set=$2 ;;
            --pattern) pattern=$2 ;;
            --disk) disk=$2 ;;
            --disk-format) disk_format=$2 ;;
            # Not in the usage: lets the guest break its own memory, to prove that the check sees it.
            --corrupt-at-tick) corrupt=$2 ;;
            *) die "lab guest knows no option '$1'; lab --help lists them" ;;
        esac
        shift 2
    done
}

check_guest_options() {
    # What the guest's own kernel and its initial RAM disk take of the memory.
    local own=112
    : "${working_set:=$((dirty * 2 > 32 ? dirty * 2 : 32))}"
    require_number --memory "$memory"
    require_number --vcpus "$vcpus"
    require_number --dirty "$dirty"
    require_number --working-set "$working_set"
    require_number --corrupt-at-tick "$corrupt"
    ((memory >= 192)) || die "--memory $memory is too little for the guest to boot; give at least 192"
    ((vcpus >= 1)) || die "--vcpus must be at least 1"
    ((working_set >= 1)) || die "--working-set must be at least 1"
    ((working_set <= memory - own)) ||
        die "--working-set $working_set does not fit in --memory $memory: the most is $((memory - own)); give --memory $((working_set + own))"
    [[ $pattern =~ ^(uniform|hot|saw)$ ]] || die "--pattern is uniform, hot or saw, not '$pattern'"
    [[ $disk =~ ^(none|shared|local)$ ]] || die "--disk is none, shared or local, not '$disk'"
    [[ $disk_format =~ ^(raw|qcow2)$ ]] || die "--disk-format is raw or qcow2, not '$disk_format'"
    [[ -z $off || $lifetime == persistent ]] || die "a transient guest cannot be off"
}

require_number() { [[ $2 =~ ^(0|[1-9][0-9]{0,6})$ ]] || die "$1 takes a whole number, not '$2'"; }

require_no_guest() {
    local other
    for other in $(seq "$(host_count)"); do
        [[ -z $(guest_domstate "$other" "$1") ]] ||
            die "guest '$1' exists already on $(host_name "$other"); remove it with: lab destroy"
    done
}

# As the guest's own host sees it: a local path is the same on every host.
disk_path() {
    case $disk in
        shared) printf '%s/images/%s.%s' "$SHARED" "$name" "$disk_format" ;;
        local) printf '/var/lib/libvirt/images/%s.%s' "$name" "$disk_format" ;;
    esac
}

make_disk() {
    [[ $disk != none ]] || return 0
    local file
    file=$(disk_path)
    [[ $disk != local ]] || file=$(host_root "$host")$file
    qemu-img create -q -f "$disk_format" "$file" 64M
}

define_guest() {
    local file
    file=$(mktemp -- "$STORE/domain.XXXXXX")
    domain_xml >"$file"
    if [[ $lifetime == transient ]]; then
        run_virsh create --file "$file"
    else
        run_virsh define --file "$file"
        [[ -n $off ]] || run_virsh start --domain "$(guest_uuid "$name")"
    fi
    rm -f -- "$file"
}

run_virsh() {
    local output
    output=$(host_virsh "$host" "$@" 2>&1) || die "libvirt refuses the guest '$name': $output"
}

escape_xml() {
    printf '%s' "$1" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'
}

domain_xml() {
    local type=qemu has_disk=0
    [[ $(cat -- "$CACHE/kvm") != yes ]] || type=kvm
    [[ $disk == none ]] || has_disk=1
    cat <<XML
<domain type="$type">
  <name>$(escape_xml "$name")</name>
  <uuid>$(guest_uuid "$name")</uuid>
  <memory unit="MiB">$memory</memory>
  <vcpu>$vcpus</vcpu>
  <os>
    <type arch="x86_64" machine="pc">hvm</type>
    <kernel>$STORE/boot/vmlinuz</kernel>
    <initrd>$STORE/boot/initrd</initrd>
    <cmdline>$KERNEL_ARGUMENTS lab.rate=$dirty lab.set=$working_set lab.pattern=$pattern lab.disk=$has_disk lab.corrupt=$corrupt</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode="custom" match="exact" check="none"><model fallback="forbid">qemu64</model></cpu>
  <devices>
    <emulator>$EMULATOR</emulator>
$(disk_xml)
    <controller type="usb" model="none"/>
    <serial type="file"><source path="$(escape_xml "$(guest_console "$name")")" append="on"/></serial>
    <memballoon model="none"/>
  </devices>
</domain>
XML
}

disk_xml() {
    [[ $disk != none ]] || return 0
    cat <<XML
    <disk type="file" device="disk">
      <driver name="qemu" type="$disk_format" cache="none"/>
      <source file="$(escape_xml "$(disk_path)")"/>
      <target dev="vda" bus="virtio"/>
    </disk>
XML
}

guest_ticks() { grep --quiet '^tick [2-9] ' -- "$(guest_console "$1")" 2>/dev/null; }

command_destroy() {
    [[ $# -eq 1 ]] || die "use: lab destroy NAME"
    require_up
    require_guest_name "$1"
    local host format
    for host in $(seq "$(host_count)"); do
        destroy_on_host "$host" "$1"
    done
    for format in raw qcow2; do
        rm -f -- "$SHARED/images/$1.$format" "$STORE"/kvm*/var/lib/libvirt/images/"$1.$format"
    done
    rm -f -- "$(guest_console "$1")" "$STORE/stamps/$1.log"
}

destroy_on_host() {
    local uuid pids
    uuid=$(guest_uuid "$2")
    libvirtd_pid "$1" >/dev/null || say "libvirtd of $(host_name "$1") is dead: a definition of '$2' stays there"
    host_virsh "$1" destroy --domain "$uuid" >/dev/null 2>&1 || true
    pids=$(guest_pids "$1" "$2")
    # shellcheck disable=SC2086 # one word a process
    [[ -z $pids ]] || { kill -KILL $pids 2>/dev/null || true; wait_for 10 all_gone $pids; } || true
    host_virsh "$1" undefine --domain "$uuid" --managed-save --snapshots-metadata --checkpoints-metadata --nvram >/dev/null 2>&1 || true
}
