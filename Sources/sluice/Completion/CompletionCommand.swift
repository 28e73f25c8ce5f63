import ArgumentParser

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Prints a shell's completions for this tool's commands and options.",
        discussion: """
            Examples:
              sluice completion bash > /etc/bash_completion.d/sluice
              sluice completion zsh > "${fpath[1]}/_sluice"
              sluice completion fish > ~/.config/fish/completions/sluice.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let script =
            switch shell {
            case .bash: Sluice.completionScript(for: .bash)
            case .zsh: Sluice.completionScript(for: .zsh)
            case .fish: Sluice.completionScript(for: .fish)
            }
        print(script)
    }
}
