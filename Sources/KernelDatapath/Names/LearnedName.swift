package import CSluice
public import PolicyModel
public import VerdictTables

/// A network namespace, by its cookie (bpf_get_netns_cookie): a pod's own.
public struct NetworkNamespaceID: Hashable, Sendable {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A key of `learned` and `heard`: one of the names of an address, in one pod's eyes.
public struct LearnedPlace: Hashable, Sendable {
    public var namespace: NetworkNamespaceID
    public var address: IPAddress
    /// Below SLUICE_NAMES_PER_ADDRESS.
    public var index: UInt32

    public init(_ namespace: NetworkNamespaceID, _ address: IPAddress, index: UInt32) {
        self.namespace = namespace
        self.address = address
        self.index = index
    }
}

/// A value of `learned` and `heard`: what a resolver said.
public struct LearnedName: Hashable, Sendable {
    /// In lower case, without a final dot.
    public var name: String
    /// The pod that asked.
    public var pod: CgroupID
    /// When it was last heard, as `KernelClock.now()` says it.
    public var heard: UInt64
    /// By the same clock.
    public var expires: UInt64
    /// When it last let a flow pass that was still open, by the same clock; 0 if never.
    public var used: UInt64
    /// Whether a CNAME led to it and nobody asked for it: it says nothing where no rule covers it. The maps do not
    /// tell.
    public var isAlias: Bool

    public init(
        name: String, pod: CgroupID, heard: UInt64, expires: UInt64, used: UInt64 = 0, isAlias: Bool = false
    ) {
        self.name = name
        self.pod = pod
        self.heard = heard
        self.expires = expires
        self.used = used
        self.isAlias = isAlias
    }

    /// Until when it counts.
    ///
    /// - Parameter grace: seconds, of the policy that covers it.
    public func counts(grace: UInt64) -> UInt64 {
        used == 0 ? expires : max(expires, used + grace * 1_000_000_000)
    }
}

/// What both maps have in common.
package protocol NamedAddressCodec: MapCodec {}

extension NamedAddressCodec {
    package static func encode(key: LearnedPlace) -> sluice_learned_key {
        var raw = sluice_learned_key()
        raw.netns = key.namespace.rawValue
        key.address.store(in: &raw.address)
        raw.index = key.index
        return raw
    }

    package static func decode(key raw: sluice_learned_key) -> LearnedPlace? {
        guard raw.index < UInt32(SLUICE_NAMES_PER_ADDRESS) else { return nil }
        return LearnedPlace(
            NetworkNamespaceID(rawValue: raw.netns), IPAddress(raw.address), index: raw.index)
    }

    package static func encode(value: LearnedName) -> sluice_learned {
        var raw = sluice_learned()
        raw.expires_ns = value.expires
        raw.heard_ns = value.heard
        raw.used_ns = value.used
        raw.pod = value.pod.rawValue
        raw.hash = NameBytes.hash(value.name)
        raw.name.prefixlen = UInt32(SLUICE_NAME_BYTES) * 8
        NameBytes.store(value.name, in: &raw.name)
        return raw
    }

    package static func decode(value raw: sluice_learned) -> LearnedName? {
        LearnedName(
            name: NameBytes.text(raw.name), pod: CgroupID(rawValue: raw.pod), heard: raw.heard_ns,
            expires: raw.expires_ns, used: raw.used_ns)
    }
}

/// `learned`: sluice_learned_key -> sluice_learned.
package enum LearnedCodec: NamedAddressCodec {
    package static let map = DatapathMap.dnsAllowed
}

/// `heard`: the same.
package enum HeardCodec: NamedAddressCodec {
    package static let map = DatapathMap.dnsSeen
}
