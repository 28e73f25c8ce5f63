import ArgumentParser
import KernelDatapath
import VerdictTables

struct ConfigMap: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The node's settings in the kernel.",
        discussion: "Example: sluice maps config -o json")

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Row: MapRow {
        static let header = ["SETTING", "VALUE"]
        var setting: String
        var value: String
        var cells: [String] { [setting, value] }
    }

    func run() throws {
        try exiting {
            let config = try NodeView(node).config
            let flags = config.settings.flags
            try output.format.show([
                Row(setting: "layout", value: String(config.layout)),
                Row(setting: "generation", value: String(config.generation)),
                Row(setting: "enforcement", value: flags.contains(.audit) ? "audit" : "enforce"),
                Row(setting: "denied calls", value: flags.contains(.failFast) ? "fail fast" : "time out"),
                Row(setting: "startup posture", value: config.settings.posture.rawValue),
                Row(setting: "reply window", value: "\(config.settings.replyWindow / 1_000_000_000) s"),
                Row(
                    setting: "pods' depths",
                    value: config.settings.levels.sorted().map { String($0) }.joined(separator: ", ")),
            ])
        }
    }
}
