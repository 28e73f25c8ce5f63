import CLibbpf
import CSluice
import Glibc
import LinuxBase
import VerdictTables

/// A program of somebody else's that Sluice's meet on their cgroup, or above it.
public struct OtherProgram: Codable, Hashable, Sendable {
    public enum Effect: String, Codable, Hashable, Sendable {
        /// Attached without BPF_F_ALLOW_MULTI: the kernel lets nothing be attached beside or below.
        case keepsOut = "keeps others out"
        /// Asked when a pod connects or sends, it may put another address in place of the pod's.
        case mayTranslate = "may translate addresses"
    }

    /// The kernel's number: `bpftool prog show id …`.
    public var id: UInt32
    /// Nil where this process may not ask: that needs CAP_SYS_ADMIN.
    public var name: String?
    /// In seconds since 1970.
    public var loadedAt: Int?
    /// The directory of the cgroup that it is attached to.
    public var cgroup: String
    /// The kernel's name of what it is asked about.
    public var hook: String
    public var effect: Effect

    /// What a program that may translate does to verdicts.
    public var note: String {
        "\(description), may translate service addresses before Sluice sees them: then the endpoints' addresses are judged"
    }

    public var description: String {
        let title = name.map { "\($0) (id \(id))" } ?? "id \(id), see bpftool prog show id \(id)"
        return "program \(title) on \(cgroup), \(hook)"
    }
}

/// What others have attached where Sluice attaches.
public struct OtherPrograms: Sendable {
    private let root: String
    private let own: Set<UInt32>

    /// - Parameters:
    ///   - root: where cgroup v2 is mounted; what is above cannot be seen.
    ///   - attachments: those that are Sluice's own.
    public init(root: String, _ attachments: Attachments) throws(KernelError) {
        self.root = root
        own = try attachments.programs()
    }

    /// Those that concern a cgroup.
    ///
    /// - Parameter path: of its directory, below the root.
    public func concerning(_ path: String) throws(KernelError) -> [OtherProgram] {
        var found: [OtherProgram] = []
        var directory = path
        while directory.utf8.count >= root.utf8.count {
            for program in DatapathProgram.allCases {
                found += try programs(of: program, on: directory, isAbove: directory != path)
            }
            guard let slash = directory.lastIndex(of: "/") else { break }
            directory = String(directory[..<slash])
        }
        return found
    }

    private func programs(
        of program: DatapathProgram, on directory: String, isAbove: Bool
    ) throws(KernelError) -> [OtherProgram] {
        let cgroup = try Descriptor(path: directory, flags: O_RDONLY | O_DIRECTORY)
        var ids = [UInt32](repeating: 0, count: 64)
        var count = UInt32(ids.count)
        var flags: UInt32 = 0
        let result = bpf_prog_query(cgroup.raw, program.attachType, 0, &flags, &ids, &count)
        try KernelError.check(result, .query, directory)
        // Of several that agree to share, each has the flag.
        let keepsOut =
            isAbove
            ? flags & UInt32(BPF_F_ALLOW_MULTI | BPF_F_ALLOW_OVERRIDE) == 0
            : flags & UInt32(BPF_F_ALLOW_MULTI) == 0
        guard keepsOut || program.seesAddresses else { return [] }
        return ids.prefix(Int(count)).filter { !own.contains($0) }.map { id in
            let info = Self.info(id)
            return OtherProgram(
                id: id, name: info?.name, loadedAt: info?.loadedAt, cgroup: directory, hook: program.hookName,
                effect: keepsOut ? .keepsOut : .mayTranslate)
        }
    }

    private static func info(_ id: UInt32) -> (name: String, loadedAt: Int)? {
        let raw = bpf_prog_get_fd_by_id(id)
        guard raw >= 0 else { return nil }
        let program = Descriptor(owning: raw)
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        guard bpf_obj_get_info_by_fd(program.raw, &info, &size) == 0 else { return nil }
        let name = withUnsafeBytes(of: info.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let age = KernelClock.now() / 1_000_000_000
        return (name, time(nil) - Int(age) + Int(info.load_time / 1_000_000_000))
    }
}

extension Attachments {
    /// The programs that Sluice's own links hold, by the kernel's numbers.
    func programs() throws(KernelError) -> Set<UInt32> {
        var ids: Set<UInt32> = []
        for cgroup in try cgroups() {
            for program in DatapathProgram.allCases {
                if let link = try CgroupLink(pinnedAt: pins.path(program, at: cgroup)) {
                    ids.insert(try link.info().programID)
                }
            }
        }
        return ids
    }
}

extension KernelError {
    /// What else is known of a refusal to attach: who keeps others out, and what to do.
    func explained(by others: [OtherProgram]) -> KernelError {
        let obstacles = others.filter { $0.effect == .keepsOut }
        guard operation == .attach, code == EPERM, !obstacles.isEmpty else { return self }
        var error = self
        error.code = EBUSY
        var told: Set<UInt32> = []
        error.context += obstacles.filter { told.insert($0.id).inserted }.map { other in
            "\(other.description) keeps others out: it is attached without BPF_F_ALLOW_MULTI; "
                + "detach it (bpftool cgroup detach), or have its owner attach it with that flag or by a link"
        }
        return error
    }
}
