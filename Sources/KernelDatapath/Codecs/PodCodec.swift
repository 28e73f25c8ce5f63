package import CSluice
import PolicyModel
package import VerdictTables

/// `pods`: cgroup id -> sluice_pod.
package enum PodCodec: MapCodec {
    package static let map = DatapathMap.pods

    package static func encode(key: CgroupID) -> UInt64 { key.rawValue }
    package static func decode(key raw: UInt64) -> CgroupID? { CgroupID(rawValue: raw) }

    package static func encode(value: PodEntry) -> sluice_pod {
        var raw = sluice_pod()
        raw.policy_set.0 = value.policySet.rawValue
        raw.flags = value.flags.rawValue
        raw.slot = value.slot
        value.ownIPv4?.store(in: &raw.own_v4)
        value.ownIPv6?.store(in: &raw.own_v6)
        return raw
    }

    package static func decode(value raw: sluice_pod) -> PodEntry? {
        // Traffic into pods is not judged: nobody has a policy set for it.
        guard raw.slot < UInt32(SLUICE_MAX_SLOTS), raw.policy_set.1 == 0 else { return nil }
        return PodEntry(
            policySet: PolicySetID(rawValue: raw.policy_set.0), flags: PodFlags(rawValue: raw.flags),
            ownIPv4: IPAddress(ifPresent: raw.own_v4), ownIPv6: IPAddress(ifPresent: raw.own_v6),
            slot: raw.slot)
    }
}
