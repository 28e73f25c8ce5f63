import FoundationEssentials
import PolicyModel

/// A JSON array of probes, as files hold it.
enum ProbeFile {
    private struct Record: Decodable {
        var pod: String
        var to: String
        var port: Int?
        var `protocol`: String?
        var expect: String?
        var direction: String?
        var unknown: String?

        private enum CodingKeys: String, CodingKey, CaseIterable { case pod, to, port, `protocol`, expect, direction }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            pod = try fields.decode(String.self, forKey: .pod)
            to = try fields.decode(String.self, forKey: .to)
            port = try fields.decodeIfPresent(Int.self, forKey: .port)
            `protocol` = try fields.decodeIfPresent(String.self, forKey: .protocol)
            expect = try fields.decodeIfPresent(String.self, forKey: .expect)
            direction = try fields.decodeIfPresent(String.self, forKey: .direction)
            // What files of cases say beside it changes no verdict.
            let known = Set(CodingKeys.allCases.map(\.stringValue)).union(["added", "changed", "class"])
            unknown = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
                .first { !known.contains($0) }
        }
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// - Parameter names: those whose addresses are known.
    /// - Throws: `Failure` naming the file, the probe's place and the field.
    static func read(_ bytes: [UInt8], file: String, names: Set<DomainName>) throws -> [Probe] {
        let records: [Record]
        do {
            records = try JSONDecoder().decode([Record].self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Failure.badInput("\(file): \(describe(error))")
        } catch {
            throw Failure.badInput("\(file): not JSON: \(error)")
        }
        return try records.enumerated().map { index, record in
            func wrong(_ field: String, _ message: String) -> Failure {
                .badInput("\(file): probe \(index), field \(field): \(message)")
            }
            // One that is misspelt would leave its default in force unseen.
            if let field = record.unknown {
                throw wrong(field, "is not known; there are pod, to, port, protocol and expect")
            }
            if let direction = record.direction, direction != "egress" {
                throw wrong("direction", "\"\(direction)\" is not egress: no other traffic is judged")
            }
            guard let pod = NamespacedName(record.pod) else {
                throw wrong("pod", "\"\(record.pod)\" is not namespace/name")
            }
            guard let host = Host(record.to) else {
                throw wrong("to", "\"\(record.to)\" is not an IP address or a domain name")
            }
            if case .name(let name) = host, !names.contains(name) {
                throw wrong("to", "\"\(record.to)\" is no IP address, and no file named with --dns has it")
            }
            let name = record.protocol ?? "TCP"
            guard let `protocol` = ProbeProtocol(rawValue: name) else {
                throw wrong("protocol", "\"\(name)\" is not TCP, UDP, SCTP or ICMP")
            }
            guard let port = UInt16(exactly: record.port ?? 0), port > 0 || `protocol` == .icmp else {
                throw wrong("port", "\(record.port.map { String($0) } ?? "nothing") is not a port, 1 to 65535")
            }
            var expect: Probe.Expectation?
            if let text = record.expect {
                expect = Probe.Expectation(rawValue: text)
                if expect == nil { throw wrong("expect", "\"\(text)\" is neither allow nor deny") }
            }
            return Probe(pod: pod, to: host, port: port, protocol: `protocol`, expect: expect)
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            guard let index = context.codingPath.first?.intValue else { return "" }
            let fields = context.codingPath.dropFirst().map(\.stringValue).joined(separator: ".")
            return "probe \(index)" + (fields.isEmpty ? ": " : ", field \(fields): ")
        }
        return switch error {
        case .keyNotFound(let key, let context): "\(place(context))field \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(place(context))\(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }
}
