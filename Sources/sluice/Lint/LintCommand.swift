import AgentAPI
import AgentConfiguration
import ArgumentParser
import Linting
import PolicyCompiler
import PolicyModel

struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Finds probable mistakes in policies, and suggests remedies.",
        discussion: """
            Reads files of objects, and in a directory all .yaml, .yml and .json files at
            any depth. Without --objects it lists the cluster once, with the kubeconfig,
            or in a pod with the pod's account. docs/lint.md explains the checks; --list
            prints one line for each.

            Exit status 0: no findings at or above --severity. 1: findings. 2: the input
            has errors.

            Examples:
              sluice lint --objects cluster.yaml policies/
              sluice lint --context staging -n shop --severity info
              sluice lint --objects cluster.yaml --skip keeps-net-raw -o json
            """)

    @Option(
        parsing: .upToNextOption,
        help: "Files, or directories of files, with the cluster's objects. (default: the cluster)")
    var objects: [String] = []

    @Option(help: "A kubeconfig file. (default: the pod's account, else kubectl's)")
    var kubeconfig: String?

    @Option(help: "A context of the kubeconfig. (default: its current one)")
    var context: String?

    @Option(
        name: [.customShort("n"), .long],
        help: "Show only findings about this namespace's objects; lint reads all objects.")
    var namespace: String?

    @Option(parsing: .upToNextOption, help: "Run only these checks.")
    var check: [Check] = []

    @Option(parsing: .upToNextOption, help: "Skip these checks.")
    var skip: [Check] = []

    @Option(help: "Show findings of this severity or higher: error, warning, info.")
    var severity = Finding.Severity.warning

    @Option(help: "The agent's configuration file, for its guards, exemptions and resolvers.")
    var config: String?

    @Flag(help: "Explain the checks.")
    var list = false

    @OptionGroup var output: FormatOption

    func run() async throws {
        try await exiting {
            if list { return try LintPage.showChecks(output.format) }
            let report = try await report()
            let shown = report.findings(atLeast: severity)
            switch output.format {
            case .json: try printJSON(LintPage.Document(report, shown))
            case .table: LintPage.show(report, shown, severity)
            }
            if !shown.isEmpty { throw ExitCode.failure }
        }
    }

    private func report() async throws -> LintReport {
        let wanted = Set(check.isEmpty ? Check.allCases : check).subtracting(skip)
        if wanted.isEmpty { throw Failure.badInput("--check and --skip leave no check; see sluice lint --list") }
        let configuration = try GuardOptions.configuration(config)
        let names = configuration?.names ?? Configuration.Names()
        let input =
            objects.isEmpty
            ? try await LintInput.cluster(kubeconfig: kubeconfig, context: context)
            : try LintInput.files(objects, isAlsoCluster: kubeconfig != nil || context != nil)
        if let namespace, !input.isKnown(namespace) {
            throw Failure.badInput("--namespace \(namespace): none of the objects is in it")
        }
        return Linter(
            objects: input.objects, diagnostics: input.diagnostics,
            options: configuration?.compilerOptions ?? CompilerOptions(),
            resolvers: Resolvers(services: names.services, addresses: names.resolvers)
        ).report(wanted, namespace: namespace)
    }
}
