import CLibbpf
import CSluice
import Glibc
import KernelDatapath
import PolicyModel

/// bpf/read_answer.bpf.c, compiled from the sources that the object is made of, and run in the
/// kernel on packets of the test's own (BPF_PROG_TEST_RUN).
final class AnswerProgram {
    struct Failed: Error { var what: String }

    struct Result: Equatable {
        /// enum sluice_reading
        var outcome: UInt32
        var found: UInt32
    }

    private let object: OpaquePointer
    private let program: Int32
    private let results: Int32
    private let place: Int32
    private let heard: Int32

    init() throws {
        guard geteuid() == 0 else { throw NeedsRoot() }
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let file = "/tmp/sluice-read-answer-\(getpid()).bpf.o"
        defer { unlink(file) }
        let include = "/usr/include/\(Self.machine)-linux-gnu"
        let status = run([
            "/bin/sh", "-c",
            "exec \"${CLANG:-clang}\" -target bpf -mcpu=v3 -O2 -g -idirafter \(include) -c '\(folder)/bpf/read_answer.bpf.c' -o \(file)",
        ])
        guard status == 0, let object = bpf_object__open_file(file, nil) else { throw Failed(what: "compile") }
        var config: Int32 = -1
        let loaded = bpf_object__load(object)
        guard loaded == 0 else {
            bpf_object__close(object)
            throw Failed(what: "load: \(loaded)")
        }
        self.object = object
        program = bpf_program__fd(bpf_object__find_program_by_name(object, "read_one"))
        results = bpf_object__find_map_fd_by_name(object, "results")
        place = bpf_object__find_map_fd_by_name(object, "place")
        heard = bpf_object__find_map_fd_by_name(object, "heard")
        config = bpf_object__find_map_fd_by_name(object, "config")
        var zero: UInt32 = 0
        var settings = sluice_config()
        settings.ttl_floor = 60
        settings.ttl_ceiling = 3600
        guard bpf_map_update_elem(config, &zero, &settings, 0) == 0 else { throw Failed(what: "config") }
    }

    deinit { bpf_object__close(object) }

    /// - Parameter namespace: in whose name addresses are noted.
    func read(_ packet: [UInt8], in namespace: UInt64) throws -> Result {
        var zero: UInt32 = 0
        var namespace = namespace
        guard bpf_map_update_elem(place, &zero, &namespace, 0) == 0 else { throw Failed(what: "place") }
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
        var outcome: (UInt32, UInt32) = (0, 0)
        guard bpf_map_lookup_elem(results, &zero, &outcome) == 0 else { throw Failed(what: "results") }
        return Result(outcome: outcome.0, found: outcome.1)
    }

    /// The name that was noted for an address, and for how many nanoseconds.
    func name(of address: IPAddress, in namespace: UInt64) -> (text: String, lifetime: UInt64)? {
        var key = HeardCodec.encode(
            key: LearnedPlace(NetworkNamespaceID(rawValue: namespace), address, index: 0))
        var value = sluice_learned()
        guard bpf_map_lookup_elem(heard, &key, &value) == 0, let name = HeardCodec.decode(value: value) else {
            return nil
        }
        return (name.name, name.expires - name.heard)
    }

    private static var machine: String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
