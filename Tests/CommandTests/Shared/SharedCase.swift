import FoundationEssentials
import Glibc
import TestHarness

/// A cluster with questions and the answers that the API's text demands.
struct SharedCase: Sendable, CustomStringConvertible {
    struct Probe: Codable, Hashable, Sendable {
        var pod: String
        var to: String
        var port: Int?
        var `protocol`: String
        var expect: String
    }

    /// `undefined_probes` are left out: the API leaves their answers open.
    private struct Record: Decodable {
        var probes: [Probe]?
        var service_probes: [Probe]?
        var conformance_service_probes: [Probe]?
    }

    let path: String

    var name: String { String(path.split(separator: "/").last ?? "") }
    var description: String { name }
    var contents: [UInt8] { TemporaryDirectory.bytes(path) }

    func probes() throws -> [Probe] {
        let record = try JSONDecoder().decode(Record.self, from: Data(contents))
        return (record.probes ?? []) + (record.service_probes ?? []) + (record.conformance_service_probes ?? [])
    }

    // MARK: Which there are

    /// The cases beside these tests, or those of the folder SLUICE_CASES.
    static var folder: String {
        if let other = getenv("SLUICE_CASES") { return String(cString: other) }
        let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return tests.joined(separator: "/") + "/Cases"
    }

    static let all = cases(in: "fixed") + cases(in: "random")
    static let invalid = cases(in: "invalid")

    private static func cases(in part: String) -> [SharedCase] {
        TemporaryDirectory.names("\(folder)/\(part)").filter { $0.hasSuffix(".json") }
            .map { SharedCase(path: "\(folder)/\(part)/\($0)") }
    }

    /// The steps of each changing cluster, in order: files named seq-NNN-sK.
    static let sequences: [[SharedCase]] = {
        var steps: [String: [(Int, SharedCase)]] = [:]
        for one in all {
            guard let match = one.name.wholeMatch(of: /(seq-\d+)-s(\d+)\.json/), let step = Int(match.2) else {
                continue
            }
            steps[String(match.1), default: []].append((step, one))
        }
        return steps.sorted { $0.key < $1.key }.map { $0.value.sorted { $0.0 < $1.0 }.map(\.1) }
    }()
}
