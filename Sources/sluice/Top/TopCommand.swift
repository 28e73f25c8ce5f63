import AgentAPI
import AgentConfiguration
import ArgumentParser
import Glibc
import KernelDatapath
import PolicyModel

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows the traffic of this node's pods, and how much of it is denied.",
        discussion: """
            Reads the kernel's counters, with or without a running agent. On a terminal it
            runs until you press q; a, d, f, b and p sort by allowed packets, denied
            packets, new flows, bytes and pod. Otherwise it prints each round as a table.

            Examples:
              sluice top
              sluice top --once --sort denied
              sluice top -n 10 -d 60 -o json
            """)

    @Option(name: [.customShort("d"), .long], help: "Seconds between two rounds; 0.1 to 3600.")
    var delay = 2.0

    @Option(name: [.customShort("n"), .long], help: "The number of rounds to print. (default: unlimited)")
    var rounds: Int?

    @Flag(help: "The same as --rounds 1.")
    var once = false

    @Option(help: "The column to sort by.")
    var sort = PodRates.Order.allowed

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    func validate() throws {
        if !(0.1...3600).contains(delay) { throw ValidationError("--delay \(delay): write 0.1 to 3600") }
        if let rounds, rounds < 1 { throw ValidationError("--rounds \(rounds): write 1 or more") }
    }

    func run() throws {
        try exiting {
            var sampler = try PodSampler(node)
            let rounds = once ? 1 : rounds
            if rounds == nil, output.format == .table, let terminal = Terminal() {
                try live(&sampler, terminal)
            } else {
                try print(&sampler, rounds: rounds)
            }
        }
    }

    private func print(_ sampler: inout PodSampler, rounds: Int?) throws {
        sampler.view.mentionAgent()
        var done = 0
        while done < rounds ?? .max {
            usleep(useconds_t(delay * 1_000_000))
            let rows = PodRates.sorted(try sampler.rates(), by: sort)
            var output = Output()
            switch self.output.format {
            case .json: output.add(try json(rows))
            case .table:
                if done > 0 { output.add("") }
                for line in Self.table(rows).text(width: Page.width) { output.add(line) }
            }
            try output.flush()
            done += 1
        }
    }

    private static func table(_ rows: [PodRates]) -> Table {
        var table = Table(PodRates.header)
        for row in rows { table.add(row.cells) }
        return table
    }

    // MARK: On a terminal

    private func live(_ sampler: inout PodSampler, _ terminal: consuming Terminal) throws {
        var order = sort
        var rows: [PodRates] = []
        // The first numbers come soon.
        var next = KernelClock.now() + 500_000_000
        while !terminal.isInterrupted {
            let now = KernelClock.now()
            if now >= next {
                rows = try sampler.rates()
                next = now + UInt64(delay * 1_000_000_000)
            }
            terminal.draw(screen(sampler.view, rows, order))
            switch terminal.key(within: Int32((next - min(next, KernelClock.now())) / 1_000_000) + 1) {
            case "q": return
            case "a": order = .allowed
            case "d": order = .denied
            case "f": order = .flows
            case "b": order = .bytes
            case "p": order = .pod
            default: break
            }
        }
    }

    private func screen(_ view: NodeView, _ rows: [PodRates], _ order: PodRates.Order) -> [String] {
        let agent = view.agent.map { "sluiced \($0)" } ?? "sluiced does not run"
        let title =
            "sluice top: \((view.snapshot?.node ?? "this node").printable), \(rows.count) pods, by \(order.rawValue), "
            + "every \(delay) s; \(agent); q ends"
        let table = Self.table(PodRates.sorted(rows, by: order))
        return [title, ""] + table.text(width: Terminal.size.columns)
    }
}

extension PodRates.Order: ExpressibleByArgument {}
