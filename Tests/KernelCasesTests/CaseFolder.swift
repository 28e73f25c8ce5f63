import FoundationEssentials
import Glibc

/// Where the shared cases lie: Tests/Cases, or where SLUICE_CASES says.
enum CaseFolder {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "no cases in \(path); set SLUICE_CASES to the folder that has them" }
    }

    static var root: String {
        if let path = getenv("SLUICE_CASES") { return String(cString: path) }
        return #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
            .joined(separator: "/") + "/Cases"
    }

    /// The files of a folder, by name, so that steps of one cluster follow each other.
    static func contents(of folder: String) throws -> [(name: String, bytes: [UInt8])] {
        let path = "\(root)/\(folder)"
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        let files = (names ?? []).filter { $0.hasSuffix(".json") }.sorted()
        guard !files.isEmpty else { throw Missing(path: path) }
        return try files.map { name in
            (name, [UInt8](try Data(contentsOf: URL(filePath: "\(path)/\(name)"))))
        }
    }

    static func cases(in folder: String) throws -> [CaseFile] {
        try contents(of: folder).map { try CaseFile($0.bytes) }
    }
}
