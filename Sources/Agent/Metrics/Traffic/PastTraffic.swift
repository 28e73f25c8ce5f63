import FoundationEssentials
package import KernelDatapath
import LinuxBase
import SystemPackage

/// What pods counted that are gone, kept in a file: without it a new agent's sums would begin below the
/// old one's, and Prometheus would take the difference for traffic.
package struct PastTraffic: Hashable, Sendable {
    /// The counters' map (`KernelTables.countersID`): with another one everything begins at zero.
    package var map: UInt32
    package var namespaces: [String: FlowCounters]

    package init(map: UInt32, namespaces: [String: FlowCounters]) {
        self.map = map
        self.namespaces = namespaces
    }

    package static let fileName = "past-traffic.json"

    /// - Returns: nil if there is none that belongs to the map.
    package static func read(from directory: String, map: UInt32) -> PastTraffic? {
        let path = URL(filePath: "\(directory)/\(fileName)")
        guard let bytes = try? Data(contentsOf: path),
            let past = try? JSONDecoder().decode(PastTraffic.self, from: bytes), past.map == map
        else { return nil }
        return past
    }

    /// - Throws: if the directory cannot be written.
    package func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try FileSystem.write(
            [UInt8](encoder.encode(self)), to: FilePath("\(directory)/\(Self.fileName)"), durably: false)
    }
}

extension PastTraffic: Codable {}
