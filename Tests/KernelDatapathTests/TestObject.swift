import CLibbpf
import Glibc

/// A program of the folder `bpf`, compiled from the sources that the object is made of, and run in
/// the kernel on packets of the test's own (BPF_PROG_TEST_RUN).
final class TestObject {
    struct Failed: Error { var what: String }

    private let object: OpaquePointer
    private let program: Int32

    /// - Parameters:
    ///   - file: below `bpf`, without `.bpf.c`.
    ///   - program: the function's name.
    init(_ file: String, program name: String) throws {
        guard geteuid() == 0 else { throw NeedsRoot() }
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let compiled = "/tmp/sluice-\(file)-\(getpid()).bpf.o"
        defer { unlink(compiled) }
        let include = "/usr/include/\(Self.machine)-linux-gnu"
        let status = run([
            "/bin/sh", "-c",
            "exec \"${CLANG:-clang}\" -target bpf -mcpu=v3 -O2 -g -idirafter \(include) -c '\(folder)/bpf/\(file).bpf.c' -o \(compiled)",
        ])
        guard status == 0, let object = bpf_object__open_file(compiled, nil) else { throw Failed(what: "compile") }
        let loaded = bpf_object__load(object)
        guard loaded == 0 else {
            bpf_object__close(object)
            throw Failed(what: "load: \(loaded)")
        }
        self.object = object
        program = bpf_program__fd(bpf_object__find_program_by_name(object, name))
    }

    deinit { bpf_object__close(object) }

    /// A map's descriptor, which is open as long as the object is.
    func map(_ name: String) -> Int32 { bpf_object__find_map_fd_by_name(object, name) }

    /// - Parameter packet: with its Ethernet header.
    func start(on packet: [UInt8]) throws {
        var packet = packet
        let size = UInt32(packet.count)
        let result = packet.withUnsafeMutableBytes { bytes in
            var options = bpf_test_run_opts()
            options.sz = MemoryLayout<bpf_test_run_opts>.size
            options.data_in = UnsafeRawPointer(bytes.baseAddress)
            options.data_size_in = size
            options.repeat = 1
            return bpf_prog_test_run_opts(program, &options)
        }
        guard result == 0 else { throw Failed(what: "run: \(result)") }
    }

    private static var machine: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
