# shellcheck shell=bash
# Guests: defining, booting and removing them.

# Sets GUEST_UUID, which follows from the guest's name: its domain, and its QEMU when libvirtd is dead, are found by it
# on every host. virsh would take a name such as "7" for an id.
find_uuid() {
    local sum
    sum=$(printf 'virtmigrate-lab %s' "$1" | md5sum)
    GUEST_UUID=${sum:0:8}-${sum:8:4}-4${sum:13:3}-8${sum:17:3}-${sum:20:12}
}

# Sets PIDS to the QEMU processes on a host of the guest with that UUID, as the root namespace numbers them.
find_qemus() {
    local pid words qemus=()
    find_processes "$1" qemu-system-x86 || return 1
    for pid in "${PIDS[@]}"; do
        words=()
        { mapfile -d '' words <"/proc/$pid/cmdline"; } 2>/dev/null
        [[ " ${words[*]} " != *" $GUEST_UUID "* ]] || qemus+=("$pid")
    done
    PIDS=("${qemus[@]}")
    ((${#PIDS[@]} > 0))
}

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
    local off='' lifetime=persistent replace='' corrupt=0 console=$SHARED/consoles/$name.log
    read_guest_options "$@"
    choose_host "$host"
    host=$CHOSEN
    check_guest_options
    find_uuid "$name"
    require_no_guest
    rm -f -- "$console" "$STORE/stamps/$name.log"
    make_disk
    define_guest
    [[ -z $off ]] || return 0
    wait_for 90 guest_ticks || die "guest '$name' was started but does not tick; see $console"
}

read_guest_options() {
    while (($# > 0)); do
        case $1 in
            --off) off=yes; shift; continue ;;
            --replace) replace=yes; shift; continue ;;
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

# libvirt keeps a file of each domain that is defined, and of each that is active.
require_no_guest() {
    local other root
    for ((other = 1; other <= HOSTS; other++)); do
        root=${ROOTS[other]}
        [[ -e $root/etc/libvirt/qemu/$name.xml || -e $root/run/libvirt/qemu/$name.xml ]] || find_qemus "$other" || continue
        [[ -n $replace ]] || die "guest '$name' exists already on ${NAMES[other]}; remove it with: lab destroy"
        command_destroy "$name"
        return
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
    [[ $disk != local ]] || file=${ROOTS[host]}$file
    qemu-img create -q -f "$disk_format" "$file" 64M
}

define_guest() {
    local file=$STORE/domain.$$.xml commands output
    domain_xml >"$file"
    if [[ $lifetime == transient ]]; then
        commands="create --file $file"
    else
        commands="define --file $file"
        [[ -n $off ]] || commands+="; start --domain $GUEST_UUID"
    fi
    output=$(run_virsh --connect "${URIS[host]}" "$commands" 2>&1) || die "libvirt refuses the guest '$name': $output"
    rm -f -- "$file"
}

# Sets XML to a text as XML has it.
escape_xml() {
    XML=${1//&/&amp;}
    XML=${XML//</&lt;}
    XML=${XML//>/&gt;}
    XML=${XML//\"/&quot;}
}

domain_xml() {
    local type=qemu has_disk=0 kvm xml_name xml_console
    read -r kvm <"$CACHE/kvm"
    [[ $kvm != yes ]] || type=kvm
    [[ $disk == none ]] || has_disk=1
    escape_xml "$name"
    xml_name=$XML
    escape_xml "$console"
    xml_console=$XML
    cat <<XML
<domain type="$type">
  <name>$xml_name</name>
  <uuid>$GUEST_UUID</uuid>
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
    <serial type="file"><source path="$xml_console" append="on"/></serial>
    <memballoon model="none"/>
  </devices>
</domain>
XML
}

disk_xml() {
    [[ $disk != none ]] || return 0
    escape_xml "$(disk_path)"
    cat <<XML
    <disk type="file" device="disk">
      <driver name="qemu" type="$disk_format" cache="none"/>
      <source file="$XML"/>
      <target dev="vda" bus="virtio"/>
    </disk>
XML
}

guest_ticks() {
    local lines line
    [[ -e $console ]] || return 1
    mapfile lines <"$console"
    for line in "${lines[@]}"; do
        [[ $line != 'tick '[2-9]' '* ]] || return 0
    done
    return 1
}

command_destroy() {
    [[ $# -eq 1 ]] || die "use: lab destroy NAME"
    require_up
    require_guest_name "$1"
    find_uuid "$1"
    local host alive=() format files=("$SHARED/consoles/$1.log" "$STORE/stamps/$1.log")
    for ((host = 1; host <= HOSTS; host++)); do
        if find_libvirtd "$host"; then
            alive+=("$host")
        else
            say "libvirtd of ${NAMES[host]} is dead: a definition of '$1' stays there"
        fi
    done
    destroy_domain "${alive[@]}"
    # What libvirtd does not end, or does not know, or could not be asked of because of another that is stuck.
    if kill_qemus || ((DESTROYED == TIMED_OUT)); then
        for host in "${alive[@]}"; do
            destroy_domain "$host"
        done
    fi
    for format in raw qcow2; do
        files+=("$SHARED/images/$1.$format" "$STORE"/kvm*/var/lib/libvirt/images/"$1.$format")
    done
    rm -f -- "${files[@]}"
}

# One virsh for all of the hosts; sets DESTROYED to how it ended.
readonly TIMED_OUT=124
destroy_domain() {
    local host commands=''
    DESTROYED=0
    for host; do
        commands+="connect ${URIS[host]}; destroy --domain $GUEST_UUID; undefine --domain $GUEST_UUID --managed-save"
        commands+=" --snapshots-metadata --checkpoints-metadata --nvram; "
    done
    run_virsh "$commands" >/dev/null 2>&1 || DESTROYED=$?
}

# Fails where there was none.
kill_qemus() {
    local host pids=()
    for ((host = 1; host <= HOSTS; host++)); do
        ! find_qemus "$host" || pids+=("${PIDS[@]}")
    done
    ((${#pids[@]} > 0)) || return 1
    kill -KILL "${pids[@]}" 2>/dev/null || true
    wait_for 10 all_gone "${pids[@]}" || true
}
