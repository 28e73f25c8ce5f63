import FoundationEssentials
import Logging
import SystemPackage

/// One JSON object per line on standard error.
struct JSONLogHandler: LogHandler {
    private struct Line: Encodable {
        var time: String
        var level: String
        var message: String
        var metadata: [String: String]?
    }

    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = Line(
            time: Date().ISO8601Format(), level: event.level.rawValue, message: event.message.description,
            metadata: all.isEmpty ? nil : all.mapValues(\.description))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(line) else { return }
        _ = try? FileDescriptor.standardError.writeAll(bytes + [UInt8(ascii: "\n")])
    }
}
