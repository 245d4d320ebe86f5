# shellcheck shell=bash
# The bridge, the hosts' network namespaces and the links between them.

# Refuses to share a subnet or a device name with something that the lab did not make.
require_free_network() {
    local obstacle
    obstacle=$(network_obstacle)
    [[ -z $obstacle ]] || die "$obstacle; choose another LAB_SLOT"
}

# Why the slot's network can't be made, or nothing.
network_obstacle() {
    local routes
    if ip link show dev "$BRIDGE" >/dev/null 2>&1; then
        printf '%s' "a network device $BRIDGE exists already and is not the lab's"
        return
    fi
    routes=$(ip -4 -o route show table all root "$SUBNET.0/24" 2>/dev/null | head -n 1)
    if [[ -n $routes ]]; then
        printf '%s' "the subnet $SUBNET.0/24 is in use already ($routes)"
        return
    fi
    routes=$(ip -4 -o route show match "$SUBNET.0/24" | grep -E '^10\.[0-9.]+/(1[6-9]|2[0-4]) ' | head -n 1) || true
    [[ -z $routes ]] || printf '%s' "the subnet $SUBNET.0/24 lies in a network that is in use already ($routes)"
}

make_bridge() {
    ip link add "$BRIDGE" type bridge stp_state 0
    ip address add "$SUBNET.254/24" dev "$BRIDGE"
    ip link set "$BRIDGE" up
}

make_host_network() {
    local host=$1 netns link
    netns=${NAMESPACES[host]}
    link=${LINKS[host]}
    ip netns add "$netns"
    ip link add "$link" type veth peer name eth0 netns "$netns"
    ip link set "$link" master "$BRIDGE" up
    ip -n "$netns" link set lo up
    ip -n "$netns" address add "${ADDRESSES[host]}/24" dev eth0
    ip -n "$netns" link set eth0 up
}

# Whatever is left of the slot's network, however far an earlier `up` came.
remove_network() {
    local name
    for name in $(slot_netns); do
        ip netns delete "$name" 2>/dev/null || true
    done
    for name in $(ip -o link show | sed -nE "s/^[0-9]+: (${BRIDGE}h[0-9]+)[@:].*/\1/p") "$BRIDGE"; do
        ip link delete "$name" 2>/dev/null || true
    done
}

slot_netns() { ip netns list 2>/dev/null | sed -nE "s/^($BRIDGE-kvm[0-9]+)( .*)?$/\1/p"; }

command_link() {
    [[ $# -ge 2 ]] || die "use: lab link HOST --rate RATE | --clear | --down | --up"
    require_up
    local host link
    choose_host "$1"
    host=$CHOSEN
    link=${LINKS[host]}
    case $2 in
        --rate) limit_link "$host" "${3:?"lab: --rate needs a rate such as 200mbit"}" ;;
        --clear)
            tc qdisc delete dev "$link" root 2>/dev/null || true
            tc -n "${NAMESPACES[host]}" qdisc delete dev eth0 root 2>/dev/null || true
            ;;
        --down | --up) ip link set "$link" "${2#--}" ;;
        *) die "lab link knows --rate, --clear, --down and --up, not '$2'" ;;
    esac
}

# A link's rate limit lies at its senders: the host's end for what it sends, the bridge's for what it receives.
# The burst holds several of the large segments that TCP hands to a veth, so that the rate is reached.
limit_link() {
    local host=$1 rate=$2
    if ! tc qdisc replace dev "${LINKS[host]}" root tbf rate "$rate" burst 512kb latency 50ms ||
        ! tc -n "${NAMESPACES[host]}" qdisc replace dev eth0 root tbf rate "$rate" burst 512kb latency 50ms; then
        die "tc does not take the rate '$rate'; give one such as 200mbit"
    fi
}
