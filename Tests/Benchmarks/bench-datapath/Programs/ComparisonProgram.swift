import CLibbpf
import Glibc

/// A program of Tests/Benchmarks/bpf, compiled now.
final class ComparisonProgram: Candidate {
    let name: String
    private let object: OpaquePointer
    private let program: Int32
    private var link: Int32 = -1

    private static var folder: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/") + "/bpf"
    }

    /// - Parameters:
    ///   - source: without `.bpf.c`.
    ///   - directory: for the compiled object.
    ///   - map: a pinned map to use in place of the object's own `addresses`.
    init(_ name: String, source: String, in directory: String, sharing map: String? = nil) throws {
        let file = "\(directory)/\(source).bpf.o"
        try Shell.run(["\(Self.folder)/build.sh", "\(source).bpf.c", file])
        guard let object = bpf_object__open_file(file, nil) else {
            throw LibraryError("open \(file)", code: errno)
        }
        if let map {
            let shared = try LibraryError.check(bpf_obj_get(map), map)
            defer { close(shared) }
            let own = bpf_object__find_map_by_name(object, "addresses")
            try LibraryError.check(bpf_map__reuse_fd(own, shared), "reuse \(map)")
        }
        try LibraryError.check(bpf_object__load(object), "load \(file)")
        program = bpf_program__fd(bpf_object__find_program_by_name(object, "compared"))
        self.name = name
        self.object = object
    }

    deinit {
        if link >= 0 { close(link) }
        bpf_object__close(object)
    }

    func attach(to cgroup: String) throws -> [String: ProgramClock] {
        let directory = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw LibraryError(cgroup, code: errno) }
        defer { close(directory) }
        link = try LibraryError.check(
            bpf_link_create(program, directory, BPF_CGROUP_INET_EGRESS, nil), "attach \(name)")
        return [egressClock: ProgramClock(program)]
    }

    /// An unpinned link goes with its descriptor.
    func detach() {
        close(link)
        link = -1
    }
}
