import FoundationEssentials
import Glibc

/// Everything that a run found out.
struct BenchmarkReport: Encodable {
    struct Row: Encodable {
        var section: String
        var name: String
        var sample: Sample
    }

    struct Ratio: Encodable {
        var name: String
        var value: Double
        var target: Double
    }

    var machine: String
    var kernel: String
    var rows: [Row] = []
    var ratios: [Ratio] = []
    var controlPlane: ControlPlane?

    init() {
        var names = utsname()
        uname(&names)
        kernel = "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
        let processor = readText("/proc/cpuinfo").split(separator: "\n")
            .first { $0.hasPrefix("model name") }?.split(separator: ":").last ?? "unknown processor"
        machine = "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) ×\(processor)"
    }

    subscript(section: String, name: String) -> Double {
        rows.first { $0.section == section && $0.name == name }?.sample.median ?? .nan
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

/// A C array of characters, up to its end.
private func text<T>(_ characters: T) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
