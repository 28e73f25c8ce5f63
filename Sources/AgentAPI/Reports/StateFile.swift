import FoundationEssentials
import LinuxBase
import SystemPackage

/// What the agent writes for the tool in its state directory, whole each time.
package protocol StateFile: Codable {
    static var fileName: String { get }
}

extension StateFile {
    /// - Throws: if the directory cannot be written.
    package func write(to directory: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try FileSystem.write(
            [UInt8](encoder.encode(self)), to: FilePath("\(directory)/\(Self.fileName)"), durably: false)
    }

    /// What an agent wrote last; nil if none did.
    package static func read(from directory: String) throws -> Self? {
        let path = "\(directory)/\(fileName)"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
