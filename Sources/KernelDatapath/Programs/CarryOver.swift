import CLibbpf
import Glibc
import LinuxBase
import VerdictTables

/// What programs of another layout have learned from packets and the agent cannot work out again:
/// whom pods may reply to, what they asked, which names stand behind addresses.
///
/// A map is carried over only where both kernels' descriptions of it are equal (`MapFormat`); else its
/// contents are as lost as what sockets remember, and are learned anew.
struct CarryOver {
    static let maps: [DatapathMap] = [
        .replies, .dnsQueries, .queryRing, .dnsAllowed, .allowedRing, .dnsSeen, .seenRing,
    ]

    private let from: Pins
    private let to: Pins

    /// nil unless the cgroup's links run another layout's programs. (A layout may be there that nothing runs
    /// on: an agent was killed before it had filled it.)
    init?(at cgroup: CgroupID, to pins: Pins) throws(KernelError) {
        guard let link = try CgroupLink(pinnedAt: pins.path(.egress, at: cgroup)) else { return nil }
        let running = try link.info().programID
        for layout in try pins.layouts() where layout != pins.layout {
            let other = Pins(directory: pins.directory, layout: layout)
            guard Files.exists(other.path(.egress)),
                try Descriptor(program: .egress, of: other).programID(.egress) == running
            else { continue }
            from = other
            to = pins
            return
        }
        return nil
    }

    enum Precedence {
        /// Nothing runs on the new maps yet.
        case theirs
        /// The new programs do already; what they wrote stands.
        case ours
    }

    func copy(_ precedence: Precedence) throws(KernelError) {
        for map in Self.maps where Files.exists(from.path(map)) {
            let source = try Descriptor(map: map, of: from, readOnly: true)
            let target = try Descriptor(map: map, of: to, readOnly: false)
            let info = try MapInfo(source, map)
            guard let format = MapFormat(info), format == MapFormat(try MapInfo(target, map)) else { continue }
            let flags = precedence == .theirs ? BPF_ANY : BPF_NOEXIST
            try copy(source, target, info, UInt64(flags), "map \(map.rawValue)")
        }
    }

    private func copy(
        _ source: borrowing Descriptor, _ target: borrowing Descriptor, _ info: MapInfo, _ flags: UInt64,
        _ name: String
    ) throws(KernelError) {
        let value = UnsafeMutableRawPointer.allocate(byteCount: Int(info.valueSize), alignment: 8)
        defer { value.deallocate() }
        try source.forEachKey(
            size: Int(info.keySize), atMost: 2 * UInt64(info.capacity), name
        ) { (key) throws(KernelError) in
            guard bpf_map_lookup_elem(source.raw, key, value) == 0 else { return }
            let written = bpf_map_update_elem(target.raw, key, value, flags)
            if -written != EEXIST { try KernelError.check(written, .write, name) }
        }
    }
}
