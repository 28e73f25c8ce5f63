import PacketLab

/// A program that Debian has.
enum Tool {
    /// What it says first, without colours.
    static func firstLine(_ command: [String]) throws -> String {
        let (status, output) = try Command.run(command[0], Array(command.dropFirst()))
        guard status == 0, let line = output.split(separator: "\n").first else {
            throw LibraryError("\(command.joined(separator: " ")): \(output)")
        }
        return line.split(separator: "\u{1b}").map { part in
            part.hasPrefix("[") ? part.drop { $0 != "m" }.dropFirst() : part
        }.joined()
    }
}
