import FoundationEssentials
import Glibc

/// What a benchmark ran on.
public enum Machine {
    /// For instance `2 × AMD EPYC`.
    public static var processors: String {
        let model =
            readText("/proc/cpuinfo").split(separator: "\n")
            .first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? " unknown processor"
        return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) ×\(model)"
    }

    /// For instance `Linux 6.18.0 x86_64`.
    public static var kernel: String {
        var names = utsname()
        uname(&names)
        return "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
    }

    /// A C array of characters, up to its end.
    private static func text<T>(_ characters: T) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// A file's text; empty if it cannot be read.
public func readText(_ path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var text: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&bytes, 1, bytes.count, file), count > 0 { text += bytes[..<count] }
    return String(decoding: text, as: UTF8.self)
}

extension Encodable {
    /// For machines: sorted keys, a line each.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
