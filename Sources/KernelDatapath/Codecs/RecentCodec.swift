package import CSluice

/// `recent`: sluice_recent_key -> sluice_recent. The programs write it.
package enum RecentCodec: MapCodec {
    package static let map = DatapathMap.eventDedup

    package static func encode(key: RecentFlow) -> sluice_recent_key { key.raw }
    package static func decode(key raw: sluice_recent_key) -> RecentFlow? { RecentFlow(raw: raw) }
    package static func encode(value: sluice_recent) -> sluice_recent { value }
    package static func decode(value raw: sluice_recent) -> sluice_recent? { raw }
}

/// A key of `recent`, compared byte by byte as the kernel does.
package struct RecentFlow: Hashable {
    package var raw: sluice_recent_key

    package static func == (left: Self, right: Self) -> Bool {
        withUnsafeBytes(of: left.raw) { left in
            withUnsafeBytes(of: right.raw) { left.elementsEqual($0) }
        }
    }

    package func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: raw) { hasher.combine(bytes: $0) }
    }
}
