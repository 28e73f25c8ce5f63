import BenchmarkSupport
import PacketLab
import PolicyModel

/// The CIDRs as a set in the router's kernel, put there by a tool, for rules to ask.
struct LoadedSet {
    let name: String
    let prefixes: Int
    let loading: DatapathReport.Loading
    let router: Router

    /// - Parameters:
    ///   - tool: reads a file whose path comes after these words.
    ///   - file: what that says, from the set's name and its entries.
    init(
        prefixes count: Int, router: Router, directory: String, tool: [String],
        file text: (String, LazyMapSequence<Range<Int>, Prefix>) -> String
    ) throws {
        name = "allowed_\(count)"
        prefixes = count
        self.router = router
        let file = try TextFile(
            "\(directory)/\(name).\(tool[0])", text(name, (0..<count).lazy.map { PrefixList.entry($0) }))
        let begun = secondsNow()
        try router.run(tool + [file.path])
        loading = .init(apply: secondsNow() - begun)
    }
}
