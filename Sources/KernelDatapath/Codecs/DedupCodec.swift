package import CSluice

/// `recent`: sluice_dedup_key -> sluice_dedup. The programs write it.
package enum DedupCodec: MapCodec {
    package static let map = DatapathMap.eventDedup

    package static func encode(key: RecentFlow) -> sluice_dedup_key { key.raw }
    package static func decode(key raw: sluice_dedup_key) -> RecentFlow? { RecentFlow(raw: raw) }
    package static func encode(value: sluice_dedup) -> sluice_dedup { value }
    package static func decode(value raw: sluice_dedup) -> sluice_dedup? { raw }
}

/// A key of `recent`, compared byte by byte as the kernel does.
package struct RecentFlow: Hashable {
    package var raw: sluice_dedup_key

    package static func == (left: Self, right: Self) -> Bool {
        withUnsafeBytes(of: left.raw) { left in
            withUnsafeBytes(of: right.raw) { left.elementsEqual($0) }
        }
    }

    package func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: raw) { hasher.combine(bytes: $0) }
    }
}
