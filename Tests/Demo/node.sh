# shellcheck shell=bash disable=SC2034 # scripts that read this file use its names
# A throw-away node for the demo: network namespaces joined by a bridge in one of their own, pods'
# cgroups as kubelet names them, and an agent. They lie below "pods" and not "kubepods", or an agent
# of the machine itself would find and enforce them. Nothing here sends a packet outside its namespaces.

NAME=sluice-demo
CGROUPS=$(findmnt -rnt cgroup2 -o TARGET | head -1)/$NAME
BPFFS=/sys/fs/bpf/$NAME
STATE=/run/$NAME
METADATA=169.254.169.254
WEBSITE=203.0.113.10
PARTNER=203.0.113.20
PARTNER_NAME=api.partner.example
STRANGER_NAME=www.stranger.example
RESOLVER=10.244.0.53

declare -A CGROUP NETNS

# --- pods ---------------------------------------------------------------------------------------

# namespace SHORT: an empty network namespace with loopback.
namespace() {
	ip netns add "$NAME-$1"
	ip -n "$NAME-$1" link set lo up
}

# make_node: the host's side of the node (bridge, address of its own) and the world outside it.
make_node() {
	namespace node
	namespace outside
	ip -n $NAME-node link add br0 type bridge
	ip -n $NAME-node address add 10.244.0.1/24 dev br0
	ip -n $NAME-node link set br0 up
	ip -n $NAME-node link add eth0 type veth peer name eth0 netns $NAME-outside
	ip -n $NAME-node address add 192.0.2.10/24 dev eth0
	ip -n $NAME-node link set eth0 up
	ip -n $NAME-outside address add 192.0.2.1/24 dev eth0
	ip -n $NAME-outside link set eth0 up
	ip -n $NAME-outside address add $METADATA/32 dev lo
	ip -n $NAME-outside address add $WEBSITE/32 dev lo
	ip -n $NAME-outside address add $PARTNER/32 dev lo
	ip -n $NAME-node route add default via 192.0.2.1
	ip -n $NAME-outside route add 10.244.0.0/24 via 192.0.2.10
	ip netns exec $NAME-node sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# pod NAMESPACE/NAME ADDRESS LABEL [PORT-NAME:NUMBER]: network namespace, cgroup, manifest.
# The address "host" makes a host-network pod.
pod() {
	local key=$1 address=$2 label=$3 port=${4:-} short=${1/\//-} uid ports=
	uid=$(cat /proc/sys/kernel/random/uuid)
	[ -z "$port" ] || ports="{ name: ${port%:*}, containerPort: ${port#*:} }"
	CGROUP[$key]=$CGROUPS/pods/burstable/pod$uid
	mkdir -p "${CGROUP[$key]}"
	if [ "$address" = host ]; then
		NETNS[$key]=$NAME-node
	else
		NETNS[$key]=$NAME-$short
		namespace "$short"
		ip -n "$NAME-$short" link add eth0 type veth peer name "p${address##*.}" netns $NAME-node
		ip -n $NAME-node link set "p${address##*.}" master br0 up
		ip -n "$NAME-$short" address add "$address/24" dev eth0
		ip -n "$NAME-$short" link set eth0 up
		ip -n "$NAME-$short" route add default via 10.244.0.1
		mkdir -p "/etc/netns/$NAME-$short"
		printf 'nameserver %s\nsearch %s.svc.cluster.local\n' $RESOLVER "${key%/*}" \
			>"/etc/netns/$NAME-$short/resolv.conf"
	fi
	cat >"$WORK/manifests/pod-$short.yaml" <<-EOF
		apiVersion: v1
		kind: Pod
		metadata: { name: ${key#*/}, namespace: ${key%/*}, uid: $uid, labels: { ${label/=/: } } }
		spec:
		  nodeName: demo
		  hostNetwork: $([ "$address" = host ] && echo true || echo false)
		  containers:
		    - name: main
		      ports: [$ports]
		status:
		  phase: Running
		  podIPs: [{ ip: $([ "$address" = host ] && echo 192.0.2.10 || echo "$address") }]
	EOF
}

# in_pod NAMESPACE/NAME COMMAND…: runs it in the pod's cgroup and network namespace.
in_pod() {
	local key=$1
	shift
	in_cgroup "${CGROUP[$key]}" ip netns exec "${NETNS[$key]}" "$@"
}

# outside COMMAND…: runs it beyond the node, where no policy applies.
outside() {
	in_cgroup "$CGROUPS/outside" ip netns exec $NAME-outside "$@"
}

in_cgroup() {
	# A background job or a substitution is a shell of its own, which becomes the command.
	if [ "$BASHPID" = $$ ]; then (become "$@"); else become "$@"; fi
}

become() {
	local cgroup=$1
	shift
	exec 9>&- # the demo's own lock
	mkdir -p "$cgroup"
	echo "$BASHPID" >"$cgroup/cgroup.procs"
	exec "$@"
}

# --- the agent ----------------------------------------------------------------------------------

start_agent() {
	in_cgroup "$CGROUPS/agent" "$BIN/sluiced" --config manifests/base/config.yaml \
		--health-address '' --source "$WORK/manifests" --node-name demo --pods-cgroup $NAME/pods \
		--bpffs $BPFFS --state-dir $STATE >>"$WORK/log" 2>&1 &
	AGENT=$!
	wait_for "the agent's start" agent_is_ready
}

agent_is_ready() {
	kill -0 "$AGENT" 2>/dev/null || { cat "$WORK/log" >&2; fail "the agent did not start"; }
	sluice status >/dev/null 2>&1
}

# stop_agent SIGNAL: and waits for its end, whose status it returns.
stop_agent() {
	kill -"$1" "$AGENT"
	wait "$AGENT" 2>/dev/null
}

# sluice COMMAND…: the tool, pointed at the demo's agent.
sluice() {
	COLUMNS=90 "$BIN/sluice" "$@" --bpffs $BPFFS --state-dir $STATE
}

# Those commands that ask the agent, or what it has written down, and not the kernel.
sluice_asks() {
	COLUMNS=90 "$BIN/sluice" "$@" --state-dir $STATE
}

# --- waiting, and leaving nothing behind ----------------------------------------------------------

# wait_for WHAT COMMAND…: until the command succeeds, fifteen seconds at most.
wait_for() {
	local what=$1 deadline=$((SECONDS + 15))
	shift
	until "$@"; do
		((SECONDS < deadline)) || fail "waited in vain for $what"
		sleep 0.1
	done
}

# sweep: removes everything a demo makes, whether this one made it or one that was killed.
sweep() {
	local file pids signal
	disown -a # their ends are no news
	for signal in TERM KILL; do
		for _ in {1..30}; do
			pids=$(find "$CGROUPS" -name cgroup.procs -exec cat {} + 2>/dev/null) || true
			[ -n "$pids" ] || break
			# Word by word: each is a process of a cgroup that only demos make.
			# shellcheck disable=SC2086 # a list of processes
			kill -$signal $pids 2>/dev/null || true
			sleep 0.1
		done
	done
	if [ -d $BPFFS ] && [ -x "$BIN/sluice" ]; then sluice cleanup >/dev/null 2>&1 || true; fi
	for file in /run/netns/$NAME-*; do
		if [ -e "$file" ]; then ip netns del "${file##*/}"; fi
	done
	if [ -d "$CGROUPS" ]; then find "$CGROUPS" -depth -type d -exec rmdir {} +; fi
	rm -rf /etc/netns/$NAME-* $STATE "${TMPDIR:-/tmp}"/$NAME.??????
	rmdir /etc/netns 2>/dev/null || true
}

# leftovers: what a sweep should have removed.
leftovers() {
	ls -d /run/netns/$NAME-* /etc/netns/$NAME-* "$CGROUPS" $BPFFS $STATE 2>/dev/null || true
}
