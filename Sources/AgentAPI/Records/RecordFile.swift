import Flows
import FoundationEssentials
import Glibc
public import SystemPackage

/// The file of recorded flows: lines of JSON, so that neither writing nor reading
/// holds it as a whole. The first line is its head, then a record a line.
public enum RecordFile {
    public static let fileName = "flows.jsonl"
    static let version = 1

    private struct Head: Codable {
        var version: Int
        var forgotten: UInt64
        var cluster: RecordedCluster
    }

    /// What is wrong with a file, and where.
    public struct Broken: Error, CustomStringConvertible {
        /// From 1; 0 if no line is to blame.
        public var line: Int
        public var message: String

        public var description: String { line > 0 ? "line \(line): \(message)" : message }
    }

    // MARK: Writing

    /// Writes beside the file and then puts it in the file's place, so that the
    /// file is the old one or the new one at every instant. rename(2)
    package static func write(_ flows: RecordedFlows, to path: String) throws {
        let beside = "\(path).new"
        do {
            let file = try FileDescriptor.open(
                FilePath(beside), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: .ownerReadWrite)
            try file.closeAfter {
                try write(flows, to: file)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard rename(beside, path) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            unlink(beside)
            throw error
        }
    }

    private static func write(_ flows: RecordedFlows, to file: FileDescriptor) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var buffer: [UInt8] = []
        func add(_ value: some Encodable) throws {
            buffer += try encoder.encode(value)
            buffer.append(UInt8(ascii: "\n"))
            guard buffer.count > 1 << 16 else { return }
            _ = try file.writeAll(buffer)
            buffer.removeAll(keepingCapacity: true)
        }
        try add(Head(version: version, forgotten: flows.records.forgotten, cluster: flows.cluster))
        for record in flows.records.unsorted { try add(record) }
        _ = try file.writeAll(buffer)
    }

    // MARK: Reading

    /// - Parameter limit: records to keep.
    /// - Returns: what could be read; and, if the file is broken, how. Lines that
    ///   can be read are read.
    /// - Throws: if there is a file but it cannot be read; nil if there is none.
    public static func read(
        _ path: String, limit: Int = .max
    ) throws(Errno) -> (flows: RecordedFlows, broken: Broken?)? {
        let bytes: [UInt8]
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            bytes = try file.closeAfter { try contents(of: file) }
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            return nil
        } catch {
            throw error as? Errno ?? .ioError
        }
        return parse(bytes, limit: limit)
    }

    public static func parse(
        _ bytes: [UInt8], limit: Int = .max
    ) -> (flows: RecordedFlows, broken: Broken?) {
        let decoder = JSONDecoder()
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), let head = try? decoder.decode(Head.self, from: Data(first)) else {
            let broken = Broken(line: 1, message: "is not the head of a file of recorded flows")
            return (RecordedFlows(records: FlowRecords(limit: limit)), broken)
        }
        guard head.version == version else {
            let broken = Broken(line: 1, message: "is of version \(head.version), of which nothing is known here")
            return (RecordedFlows(records: FlowRecords(limit: limit)), broken)
        }
        var flows = RecordedFlows(
            records: FlowRecords(limit: limit, forgotten: head.forgotten), cluster: head.cluster)
        var broken: Broken?
        if lines.popLast()?.isEmpty != true { broken = Broken(line: lines.count + 2, message: "is cut off") }
        for (index, line) in lines.enumerated() {
            do {
                flows.records.merge(try decoder.decode(FlowRecord.self, from: Data(line)))
            } catch {
                broken = broken ?? Broken(line: index + 2, message: "is no record: \(describe(error))")
            }
        }
        return (flows, broken)
    }

    private static func contents(of file: FileDescriptor) throws -> [UInt8] {
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { return contents }
            contents += buffer[..<count]
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            context.debugDescription
        default: "\(error)"
        }
    }
}
