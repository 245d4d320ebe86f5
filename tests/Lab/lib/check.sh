# shellcheck shell=bash
# Says whether a guest is whole: alive in one place, and with everything that it had.

command_check() {
    [[ $# -eq 1 ]] || die "use: lab check NAME"
    require_up
    require_guest_name "$1"
    PROBLEMS=()
    RUNS_ON=()
    NOTES=()
    SUMMARY=''
    local name=$1 host line
    find_uuid "$name"
    ask_states
    for ((host = 1; host <= HOSTS; host++)); do
        examine_host "$host"
    done
    [[ ${#RUNS_ON[@]} -gt 0 ]] || problem "it runs on no host"
    [[ ${#RUNS_ON[@]} -le 1 ]] || problem "it has a QEMU on more than one host: ${RUNS_ON[*]}"
    examine_console
    if [[ ${#PROBLEMS[@]} -gt 0 ]]; then
        for line in "${PROBLEMS[@]}"; do
            say "guest '$name': $line"
        done
        exit 1
    fi
    printf "guest '%s' is whole on %s: %s%s\n" "$name" "${RUNS_ON[0]}" "$SUMMARY" "${NOTES[*]:+ (${NOTES[*]})}"
}

problem() { PROBLEMS+=("$*"); }

# Sets STATES to what libvirt says on each host whose libvirtd lives, of the guest with that UUID.
ask_states() {
    local host alive=()
    STATES=()
    for ((host = 1; host <= HOSTS; host++)); do
        ! find_libvirtd "$host" || alive+=("$host")
    done
    ask_state "${alive[@]}"
    # Behind a libvirtd that is stuck the others were not asked.
    for host in "${alive[@]}"; do
        [[ -v STATES[$host] ]] || ask_state "$host"
        : "${STATES[host]:=absent}"
    done
}

# One virsh for all of the hosts: to start one costs more than what it is asked. It says "1/running/2//" of a guest on the
# first host, with line breaks in between.
ask_state() {
    local host state commands=''
    for host; do
        commands+="connect ${URIS[host]}; echo $host/; domstate $GUEST_UUID; echo /; "
    done
    while IFS= read -rd / host && IFS= read -rd / state; do
        host=${host//$'\n'/} state=${state//$'\n'/}
        STATES[host]=${state:-absent}
    done < <(run_virsh "$commands" 2>/dev/null)
}

# libvirt's view of a host and the processes' must agree; with libvirtd dead the processes alone decide.
examine_host() {
    local host_name=${NAMES[$1]} state list count
    find_qemus "$1" || true
    list=${PIDS[*]}
    count=${#PIDS[@]}
    ((count == 0)) || RUNS_ON+=("$host_name")
    ((count <= 1)) || problem "$host_name has $count QEMU processes of it: $list"
    state=${STATES[$1]:-}
    if [[ -z $state ]]; then
        NOTES+=("libvirtd of $host_name is dead")
        return
    fi
    case $state:$count in
        running:0) problem "libvirt on $host_name calls it running, but it has no QEMU there" ;;
        running:* | absent:0 | "shut off":0 | crashed:0) ;;
        *:0) problem "libvirt on $host_name calls it '$state', but it has no QEMU there" ;;
        absent:*) problem "$host_name has a QEMU of it (process $list) that libvirt does not know" ;;
        *) problem "it is not running on $host_name but '$state' (QEMU process $list)" ;;
    esac
}

examine_console() {
    local console before line
    console=$SHARED/consoles/$name.log
    if [[ ! -e $console ]]; then
        problem "it has no console log $console"
        return
    fi
    find_last_tick
    before=$TICK
    wait_for 5 has_ticked_since "$before" || problem "it does not tick: no tick came in 5 s after tick ${before:-0}"
    while IFS= read -r line; do
        case $line in
            "summary "*) SUMMARY=${line#summary } ;;
            *) problem "$line" ;;
        esac
    done < <(audit_console "$console" "$STORE/stamps/$name.log")
}

# Sets TICK to the number of the last one, or nothing. A line still being written does not count.
find_last_tick() {
    local lines at
    TICK=''
    mapfile lines <"$console"
    for ((at = ${#lines[@]} - 1; at >= 0; at--)); do
        if [[ ${lines[at]} =~ ^tick\ ([0-9]+)\ .*$'\n'$ ]]; then
            TICK=${BASH_REMATCH[1]}
            return
        fi
    done
}

has_ticked_since() {
    find_last_tick
    [[ -n $TICK && $TICK -ge $((${1:-0} + 2)) ]]
}

# Reads the ticks since the last boot, and prints a line for each kind of trouble, and a summary.
audit_console() {
    local stamps=$2
    [[ -e $stamps ]] || stamps=/dev/null
    # The last line may be in the middle of being written.
    sed '$d' -- "$1" | STAMPS=$stamps awk '
        function trouble(kind, text) { if (!(kind in found)) { found[kind] = 1; troubles[++count] = text } }
        BEGIN { offset = 0 }
        /^lab-guest boot pages=[0-9]+ / {
            boots++; boot = offset; seen = last = longest = count = 0; delete found
        }
        { offset += length($0) + 1 }
        !boots || /^lab-guest boot / { next }
        $0 !~ /^tick [0-9]+ t=[0-9]+\.[0-9][0-9][0-9] (ok|FAIL .*) pages=[0-9]+ written=[0-9]+ swept=[0-9]+ disk=([0-9]+|off)$/ {
            trouble("garbled", "a console line after tick " last " is garbled: \"" $0 "\"")
            next
        }
        {
            time = substr($3, 3) + 0
            if ($2 <= last) trouble("repeated", "tick " $2 " came again after tick " last)
            else if ($2 != last + 1) trouble("missing", "tick " last + 1 " is missing: tick " $2 " came after tick " last)
            if (seen && time - before > longest) longest = time - before
            if ($4 == "FAIL") trouble("data", "it found its data wrong: " $0)
            last = $2 + 0; before = time; seen++
        }
        END {
            if (!boots) { print "its console shows no boot"; exit }
            for (i = 1; i <= count; i++) print troubles[i]
            while ((getline line < ENVIRON["STAMPS"]) > 0) {
                split(line, field, " ")
                if (field[2] < boot) continue
                if (stamped && field[1] - stamped > silence) silence = field[1] - stamped
                stamped = field[1]
            }
            printf "summary %d ticks, last t=%.3f, longest gap %.3f s in the guest", seen, before, longest
            if (stamped) printf ", %.3f s on this machine", silence / 1000
            if (boots > 1) printf ", boot %d", boots
            print ""
        }'
}
