import FoundationEssentials
import Glibc
import PacketLab
import TestHarness

/// A directory for promtool, removed at the end.
final class Scratch {
    let lab: Lab
    let path: String

    init() throws {
        lab = try Lab()
        path = "\(Leftovers.directory)/\(Leftovers.prefix)\(lab.name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        lab.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    /// What promtool says, on both channels.
    func promtool(_ words: String...) throws -> String {
        let output = "\(path)/output"
        try "".write(toFile: output, atomically: false, encoding: .utf8)
        let command = "cd \(path) && exec promtool \(words.joined(separator: " "))"
        let program = try lab.launch(
            ["/bin/bash", "-c", command], in: lab.cgroup("tool"), lab.namespace("tool"), output: output)
        try blockUntil("promtool has ended", within: .seconds(60)) { program.hasEnded }
        return try String(contentsOfFile: output, encoding: .utf8)
    }
}
