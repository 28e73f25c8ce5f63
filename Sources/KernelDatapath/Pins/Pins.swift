import CSluice
import LinuxBase
package import VerdictTables

/// Where everything that outlives the agent is pinned.
///
///     <directory>/layout-<N>/maps/<map>
///     <directory>/layout-<N>/programs/<program>
///     <directory>/links/<cgroup id>/<program>
///
/// Links stand beside the layouts: an upgrade swaps the program in a link and
/// leaves the link where it is.
public struct Pins: Hashable, Sendable {
    public static let defaultDirectory = "/sys/fs/bpf/sluice"
    /// SLUICE_LAYOUT, the layout that this build knows.
    public static let currentLayout = UInt32(SLUICE_LAYOUT)

    public let directory: String
    public let layout: UInt32

    public init(directory: String = Pins.defaultDirectory, layout: UInt32 = Pins.currentLayout) {
        self.directory = directory
        self.layout = layout
    }

    var layoutDirectory: String { "\(directory)/layout-\(layout)" }
    var links: String { "\(directory)/links" }
    package func path(_ map: DatapathMap) -> String { "\(layoutDirectory)/maps/\(map.rawValue)" }
    package func path(_ program: DatapathProgram) -> String {
        "\(layoutDirectory)/programs/\(program.rawValue)"
    }
    func linkDirectory(_ cgroup: CgroupID) -> String { "\(links)/\(cgroup.rawValue)" }
    package func path(_ program: DatapathProgram, at cgroup: CgroupID) -> String {
        "\(linkDirectory(cgroup))/\(program.rawValue)"
    }

    /// The packet-socket guard' link, beside those of the datapath's programs.
    package func socketGuardPath(at cgroup: CgroupID) -> String {
        "\(linkDirectory(cgroup))/\(PacketSocketGuard.program)"
    }
    var deniedSocketsPath: String { "\(layoutDirectory)/maps/\(PacketSocketGuard.deniedSocketsMap)" }

    /// Makes the directories, mode 0700; mounts /sys/fs/bpf if nobody has.
    public func prepare() throws(KernelError) {
        try BPFFileSystem.ensure(at: directory)
        for path in ["\(layoutDirectory)/maps", "\(layoutDirectory)/programs", links] {
            try Files.makeDirectories(path)
        }
    }

    /// The numbers of the layouts that are pinned here, ascending.
    public func layouts() throws(KernelError) -> [UInt32] {
        try Files.list(directory).compactMap { entry in
            entry.name.hasPrefix("layout-") ? UInt32(entry.name.dropFirst("layout-".count)) : nil
        }.sorted()
    }
}
