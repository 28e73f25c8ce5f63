import BenchmarkSupport
import CLibbpf
import Glibc
import KernelDatapath
import PacketLab

/// Programs of Tests/Benchmarks/bpf, compiled now: for egress, and for ingress where there is one.
final class ComparisonProgram: Candidate {
    let design: Design
    let prefixes: Int?
    private(set) var clocks: [ProgramRole: ProgramClock] = [:]
    private let cgroup: String
    private let file: String
    /// A pinned map to use in place of the object's own `addresses`.
    private let sharedMap: String?
    private var object: OpaquePointer?
    private var programs: [(program: Int32, hook: bpf_attach_type)] = []
    private var links: [Int32] = []

    private static var folder: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/") + "/bpf"
    }

    /// The least that a program can be.
    static func empty(_ node: BenchmarkNode) throws -> ComparisonProgram {
        try ComparisonProgram(.empty, node)
    }

    /// Looks every packet up in the trie that a Sluice has filled: the same entries.
    static func trie(beside sluice: SluiceProgram, _ node: BenchmarkNode) throws -> ComparisonProgram {
        try ComparisonProgram(.trie, node, prefixes: sluice.prefixes, sharing: sluice.pins.path(.addresses))
    }

    private init(_ design: Design, _ node: BenchmarkNode, prefixes: Int? = nil, sharing map: String? = nil) throws {
        self.design = design
        self.prefixes = prefixes
        cgroup = node.kubepods.directory
        file = "\(node.lab.directory)/\(design.rawValue).bpf.o"
        sharedMap = map
        let built = try Command.run("\(Self.folder)/build.sh", ["\(design.rawValue).bpf.c", file])
        guard built.status == 0 else { throw LibraryError("\(design.rawValue).bpf.c: \(built.output)") }
        try reload()
    }

    deinit {
        detach()
        bpf_object__close(object)
    }

    func reload() throws {
        bpf_object__close(object)
        object = bpf_object__open_file(file, nil)
        guard let object else { throw LibraryError("open \(file)", code: errno) }
        if let sharedMap {
            let shared = try LibraryError.check(bpf_obj_get(sharedMap), sharedMap)
            defer { close(shared) }
            let own = bpf_object__find_map_by_name(object, "addresses")
            try LibraryError.check(bpf_map__reuse_fd(own, shared), "reuse \(sharedMap)")
        }
        try LibraryError.check(bpf_object__load(object), "load \(file)")
        programs = []
        for (name, role, hook) in [
            ("compared", ProgramRole.egress, BPF_CGROUP_INET_EGRESS),
            ("compared_ingress", .ingress, BPF_CGROUP_INET_INGRESS),
        ] {
            guard let found = bpf_object__find_program_by_name(object, name) else { continue }
            programs.append((bpf_program__fd(found), hook))
            clocks[role] = try ProgramClock(owning: LibraryError.check(dup(bpf_program__fd(found)), "dup"))
        }
    }

    func attach() throws {
        let directory = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw LibraryError(cgroup, code: errno) }
        defer { close(directory) }
        for (program, hook) in programs {
            links.append(
                try LibraryError.check(bpf_link_create(program, directory, hook, nil), "attach \(title)"))
        }
    }

    /// An unpinned link goes with its descriptor.
    func detach() {
        for link in links { close(link) }
        links = []
    }
}
