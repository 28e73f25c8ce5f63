package import CSluice
package import VerdictTables

/// What was found in the maps.
package struct ReadTables {
    package var tables = VerdictTables()
    /// Keys of entries that no codec wrote.
    package var strangePods: [UInt64] = []
    package var strangeAddresses: [sluice_address_key] = []
    package var strangeNames: [sluice_name_key] = []
    package var strangeRules: [sluice_rule_key] = []
    package var strangePorts: [sluice_port_key] = []

    package var strange: Int {
        strangePods.count + strangeAddresses.count + strangeNames.count + strangeRules.count
            + strangePorts.count
    }
}

extension DatapathMaps {
    package func readTables() throws(KernelError) -> ReadTables {
        var read = ReadTables()
        try pods.forEach(unreadable: { read.strangePods.append($0) }) {
            read.tables.pods[$0] = $1
        }
        try addresses.forEach(unreadable: { read.strangeAddresses.append($0) }) {
            read.tables.addresses[$0] = $1
        }
        try names.forEach(unreadable: { read.strangeNames.append($0) }) {
            read.tables.names[$0] = $1
        }
        try rules.forEach(unreadable: { read.strangeRules.append($0) }) {
            read.tables.rules[$0] = $1
        }
        try ports.forEach(unreadable: { read.strangePorts.append($0) }) {
            read.tables.ports[$0] = $1
        }
        return read
    }

    /// Removes entries that no codec wrote, but for those that have been
    /// written anew since.
    package func removeStrange(_ read: ReadTables, desired: VerdictTables) throws(KernelError) {
        for key in read.strangePods where !PodCodec.wants(key, in: desired.pods) {
            try pods.remove(raw: key)
        }
        for key in read.strangeAddresses where !AddressCodec.wants(key, in: desired.addresses) {
            try addresses.remove(raw: key)
        }
        for key in read.strangeNames where !NameCodec.wants(key, in: desired.names) {
            try names.remove(raw: key)
        }
        for key in read.strangeRules where !RuleCodec.wants(key, in: desired.rules) {
            try rules.remove(raw: key)
        }
        for key in read.strangePorts where !PortCodec.wants(key, in: desired.ports) {
            try ports.remove(raw: key)
        }
    }
}

extension MapCodec {
    fileprivate static func wants(_ key: RawKey, in desired: [Key: Value]) -> Bool {
        decode(key: key).map { desired[$0] != nil } ?? false
    }
}

extension TableDriver {
    /// The cgroups of pods that the kernel knows now, whoever told it.
    package func knownPods() throws(KernelError) -> Set<CgroupID> {
        var known: Set<CgroupID> = []
        try maps.pods.forEach(unreadable: { _ in }) { cgroup, _ in known.insert(cgroup) }
        return known
    }
}
